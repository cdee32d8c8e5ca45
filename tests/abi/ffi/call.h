// Calls in both directions with nothing but a name and a description of types.
#ifndef TESTS_ABI_FFI_CALL_H_
#define TESTS_ABI_FFI_CALL_H_

#include <ffi.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "abi/ffi/description.h"

namespace foreign {

// An argument or a result: a number, negative ones extended, or a pointer.
using Word = uint64_t;

template <typename T>
Word Pointer(T* pointer) {
  return reinterpret_cast<Word>(pointer);
}

// Calls a function of the library. Throws if there is none of that name, or it takes another number
// of arguments.
Word Call(const std::string& function, std::vector<Word> arguments);

// A function made at run time, which the library calls through a pointer. It must outlive the last
// call.
class Closure {
 public:
  using Body = std::function<Word(const std::vector<Word>&)>;

  // The name is that of a callback in the description.
  Closure(const std::string& callback, Body body);
  ~Closure() { ffi_closure_free(closure_); }
  Closure(const Closure&) = delete;
  Closure& operator=(const Closure&) = delete;

  Word code() const { return Pointer(code_); }

 private:
  static void Enter(ffi_cif* cif, void* result, void** arguments, void* self);

  const Signature& signature_;
  Body body_;
  ffi_cif cif_{};
  std::vector<ffi_type*> types_;  // those of cif_
  void* code_ = nullptr;
  ffi_closure* closure_;
};

}  // namespace foreign

#endif  // TESTS_ABI_FFI_CALL_H_

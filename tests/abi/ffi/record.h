// A struct of the library's, made of what the description says about it.
#ifndef TESTS_ABI_FFI_RECORD_H_
#define TESTS_ABI_FFI_RECORD_H_

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "abi/ffi/call.h"
#include "abi/ffi/description.h"

namespace foreign {

// Exactly as many bytes as the struct has, all 0, on the heap: where a sanitizer sees what goes
// beyond them.
class Record {
 public:
  explicit Record(const std::string& type)
      : struct_(Description::Get().structs.at(type)),
        bytes_(std::make_unique<unsigned char[]>(struct_.size)) {
    if (struct_.fields.front().name == "struct_size") Set("struct_size", struct_.size);
  }

  Word address() const { return Pointer(bytes_.get()); }
  size_t size() const { return struct_.size; }
  const Struct& type() const { return struct_; }

  // Where a field stands; a struct in it is filled by whoever gets this.
  unsigned char* place(const std::string& field) const { return bytes_.get() + Find(field).offset; }

  void Set(const std::string& field, Word value) {
    std::memcpy(place(field), &value, Description::Get().Passed(Find(field).type)->size);
  }
  Word Get(const std::string& field) const {
    Word word = 0;
    std::memcpy(&word, place(field), Description::Get().Passed(Find(field).type)->size);
    return word;
  }

 private:
  const Field& Find(const std::string& name) const {
    for (const Field& each : struct_.fields) {
      if (each.name == name) return each;
    }
    throw std::runtime_error("no field " + name);
  }

  const Struct& struct_;
  std::unique_ptr<unsigned char[]> bytes_;
};

}  // namespace foreign

#endif  // TESTS_ABI_FFI_RECORD_H_

#include "abi/ffi/call.h"

#include <dlfcn.h>

#include <bit>
#include <cstring>
#include <stdexcept>

#ifndef NETSTACK_LIBRARY
#error "NETSTACK_LIBRARY is the path of the shared library"
#endif

namespace foreign {

namespace {

// A number's low bytes come first, so it can be read and written in place, however wide it is.
static_assert(std::endian::native == std::endian::little);

std::vector<ffi_type*> Prepare(const Signature& signature, ffi_cif* cif) {
  const Description& description = Description::Get();
  std::vector<ffi_type*> types;
  for (const Parameter& each : signature.parameters) {
    types.push_back(description.Passed(each.type));
  }
  if (ffi_prep_cif(cif, FFI_DEFAULT_ABI, static_cast<unsigned>(types.size()),
                   description.Passed(signature.returns), types.data()) != FFI_OK) {
    throw std::runtime_error("libffi refuses the types");
  }
  return types;
}

// What is in memory as a value of this type, as a word.
Word Read(const void* from, const ffi_type& type) {
  Word word = 0;
  std::memcpy(&word, from, type.size);
  const bool is_signed = type.type == FFI_TYPE_SINT8 || type.type == FFI_TYPE_SINT16 ||
                         type.type == FFI_TYPE_SINT32 || type.type == FFI_TYPE_INT;
  if (!is_signed) return word;
  const unsigned unused = 64 - 8 * static_cast<unsigned>(type.size);
  return static_cast<Word>(static_cast<int64_t>(word << unused) >> unused);
}

void (*Find(const std::string& function))() {
  static void* const library = dlopen(NETSTACK_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  void* const found = dlsym(library, function.c_str());
  if (found == nullptr) throw std::runtime_error(dlerror());
  return reinterpret_cast<void (*)()>(found);
}

}  // namespace

Word Call(const std::string& function, std::vector<Word> arguments) {
  const Signature& signature = Description::Get().functions.at(function);
  if (arguments.size() != signature.parameters.size()) {
    throw std::runtime_error(function + " takes another number of arguments");
  }
  ffi_cif cif;
  const std::vector<ffi_type*> types = Prepare(signature, &cif);
  std::vector<void*> places;
  for (Word& each : arguments) places.push_back(&each);
  Word result = 0;
  ffi_call(&cif, Find(function), &result, places.data());
  return signature.returns == "void" ? 0 : Read(&result, *cif.rtype);
}

Closure::Closure(const std::string& callback, Body body)
    : signature_(Description::Get().callbacks.at(callback)),
      body_(std::move(body)),
      types_(Prepare(signature_, &cif_)),
      closure_(static_cast<ffi_closure*>(ffi_closure_alloc(sizeof(ffi_closure), &code_))) {
  if (closure_ == nullptr ||
      ffi_prep_closure_loc(closure_, &cif_, &Closure::Enter, this, code_) != FFI_OK) {
    throw std::runtime_error("libffi makes no closure");
  }
}

void Closure::Enter(ffi_cif* cif, void* result, void** arguments, void* self) {
  std::vector<Word> words;
  for (unsigned i = 0; i < cif->nargs; ++i) {
    words.push_back(Read(arguments[i], *cif->arg_types[i]));
  }
  const Word word = static_cast<Closure*>(self)->body_(words);
  // libffi wants a whole register.
  if (cif->rtype != &ffi_type_void) std::memcpy(result, &word, sizeof word);
}

}  // namespace foreign

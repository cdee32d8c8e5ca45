// The description of the C ABI: all that these tests know of the library. They include none of its
// headers.
#ifndef TESTS_ABI_FFI_DESCRIPTION_H_
#define TESTS_ABI_FFI_DESCRIPTION_H_

#include <ffi.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace foreign {

struct Parameter {
  std::string name;  // callbacks have none
  std::string type;  // as C writes it
};

struct Signature {
  std::string returns;
  std::vector<Parameter> parameters;
};

struct Field {
  std::string name;
  std::string type;
  size_t offset;
};

struct Struct {
  size_t size;
  std::vector<Field> fields;
};

struct Description {
  std::map<std::string, Signature> functions;
  std::map<std::string, Signature> callbacks;
  std::map<std::string, Struct> structs;
  std::map<std::string, std::string> handles;  // each with the function that gives it back
  std::map<std::string, std::string> types;
  std::map<std::string, uint64_t> constants;

  // The baseline's. Throws if it can't be read.
  static const Description& Get();

  // The struct, handle or scalar that "const ns_address *" or "ns_error **" points to; empty: no
  // pointer.
  static std::string Pointee(const std::string& type);

  // How libffi passes a type. Throws for one that nobody has described.
  ffi_type* Passed(const std::string& type) const;

  uint64_t constant(const std::string& name) const { return constants.at(name); }
};

}  // namespace foreign

#endif  // TESTS_ABI_FFI_DESCRIPTION_H_

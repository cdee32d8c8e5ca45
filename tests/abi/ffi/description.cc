#include "abi/ffi/description.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#ifndef NETSTACK_DESCRIPTION
#error "NETSTACK_DESCRIPTION is the path of the baseline's description"
#endif

namespace foreign {

namespace {

using Json = nlohmann::json;

Signature ReadSignature(const Json& json) {
  Signature signature{json.at("returns"), {}};
  for (const Json& each : json.at("parameters")) {
    if (each.is_string()) {
      signature.parameters.push_back({"", each});
    } else {
      signature.parameters.push_back({each.at("name"), each.at("type")});
    }
  }
  return signature;
}

Struct ReadStruct(const Json& json) {
  Struct found{json.at("size"), {}};
  for (const Json& each : json.at("fields")) {
    found.fields.push_back({each.at("name"), each.at("type"), each.at("offset")});
  }
  return found;
}

Description Read(const char* path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string("no description ") + path);
  const Json json = Json::parse(file);
  Description found;
  for (const auto& [name, each] : json.at("functions").items()) {
    found.functions[name] = ReadSignature(each);
  }
  for (const auto& [name, each] : json.at("callbacks").items()) {
    found.callbacks[name] = ReadSignature(each);
  }
  for (const auto& [name, each] : json.at("structs").items()) {
    found.structs[name] = ReadStruct(each);
  }
  for (const auto& [name, each] : json.at("handles").items()) {
    const std::string free = name + "_free";
    found.handles[name] = found.functions.contains(free) ? free : name + "_unref";
  }
  for (const auto& [name, each] : json.at("types").items()) found.types[name] = each.at("is");
  for (const auto& [name, each] : json.at("constants").items()) {
    const Json& value = each.at("value");
    found.constants[name] = value.is_number_unsigned()
                                ? value.get<uint64_t>()
                                : static_cast<uint64_t>(value.get<int64_t>());
  }
  return found;
}

}  // namespace

const Description& Description::Get() {
  static const Description description = Read(NETSTACK_DESCRIPTION);
  return description;
}

std::string Description::Pointee(const std::string& type) {
  if (!type.ends_with('*')) return "";
  const size_t begin = type.starts_with("const ") ? 6 : 0;
  return type.substr(begin, type.find(' ', begin) - begin);
}

ffi_type* Description::Passed(const std::string& type) const {
  static const std::map<std::string, ffi_type*> scalars = {
      {"void", &ffi_type_void},       {"char", &ffi_type_schar},
      {"int", &ffi_type_sint},        {"int8_t", &ffi_type_sint8},
      {"uint8_t", &ffi_type_uint8},   {"int16_t", &ffi_type_sint16},
      {"uint16_t", &ffi_type_uint16}, {"int32_t", &ffi_type_sint32},
      {"uint32_t", &ffi_type_uint32}, {"int64_t", &ffi_type_sint64},
      {"uint64_t", &ffi_type_uint64}, {"size_t", &ffi_type_uint64}};
  static_assert(sizeof(size_t) == sizeof(uint64_t));
  if (type.ends_with('*') || callbacks.contains(type)) return &ffi_type_pointer;
  const auto scalar = scalars.find(types.contains(type) ? types.at(type) : type);
  if (scalar == scalars.end()) throw std::runtime_error("nobody has described " + type);
  return scalar->second;
}

}  // namespace foreign

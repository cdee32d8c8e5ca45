// Structs that grow: the caller's may be shorter or longer than ours.
#ifndef NETSTACK_CAPI_SRC_OPTIONS_H_
#define NETSTACK_CAPI_SRC_OPTIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "netstack/base/status.h"
#include "netstack/base/user_data.h"

namespace netstack::capi {

// No struct of ours will be longer: more is a mistake of the caller's.
inline constexpr size_t kLongestStruct = 4'096;

// Copies the caller's options over `*ours`, which holds the defaults. A shorter
// struct leaves the rest; in a longer one the rest must be 0.
template <typename Options>
base::Error ReadOptions(const Options* theirs, const char* type, Options* ours) {
  static_assert(std::is_trivially_copyable_v<Options>);
  if (theirs == nullptr) return {};
  uint32_t size = 0;
  std::memcpy(&size, theirs, sizeof size);
  if (size < sizeof size || size > kLongestStruct) {
    return base::Invalid(std::string(type) + ".struct_size is " + std::to_string(size) +
                         "; start from the INIT macro or the _init function");
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(theirs);
  for (size_t i = sizeof(Options); i < size; ++i) {
    if (bytes[i] != 0) {
      return {base::Status::kUnsupported,
              std::string(type) + " has a field that this version of the library does not know"};
    }
  }
  std::memcpy(ours, theirs, std::min<size_t>(size, sizeof(Options)));
  return {};
}

// For the _init functions: `size` is the struct's as the caller knows it.
template <typename Options>
void InitOptions(Options* options, size_t size, const Options& defaults) noexcept {
  if (options == nullptr || size < sizeof(uint32_t) || size > kLongestStruct) return;
  std::memset(static_cast<void*>(options), 0, size);
  std::memcpy(static_cast<void*>(options), &defaults, std::min(size, sizeof(Options)));
  const auto told = static_cast<uint32_t>(size);
  std::memcpy(static_cast<void*>(options), &told, sizeof told);
}

// What the caller gave away with options of `Options`, which need not make sense
// otherwise. Only fields that the caller says are there are looked at.
template <typename Options>
base::UserData TakeUserData(const Options* options) noexcept {
  if (options == nullptr) return {};
  constexpr size_t kDataEnd = offsetof(Options, user_data) + sizeof options->user_data;
  constexpr size_t kDestroyEnd = offsetof(Options, destroy) + sizeof options->destroy;
  if (options->struct_size < kDataEnd) return {};
  return {options->user_data, options->struct_size < kDestroyEnd ? nullptr : options->destroy};
}

// Whether there is a struct of `size` bytes for the library to fill.
template <typename Info>
bool CanFill(const Info* to, size_t size) noexcept {
  return to != nullptr && size != 0 && size <= kLongestStruct;
}

// What a library-filled struct's first `size` bytes are.
template <typename Info>
void FillInfo(const Info& from, Info* to, size_t size) noexcept {
  if (size == sizeof(Info)) {  // as nearly always: no loop is needed then
    std::memcpy(static_cast<void*>(to), &from, sizeof(Info));
    return;
  }
  std::memset(static_cast<void*>(to), 0, size);
  std::memcpy(static_cast<void*>(to), &from, std::min(size, sizeof(Info)));
}

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_OPTIONS_H_

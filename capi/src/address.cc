#include <netstack/address.h>

#include <array>
#include <cstring>

#include "convert.h"
#include "netstack/wire/text.h"

namespace {

namespace wire = netstack::wire;
using netstack::capi::FromC;
using netstack::capi::ToC;

static_assert(NS_ADDRESS_TEXT_SIZE > wire::kMaximumText);

// Text to the caller's buffer, with the terminating 0, all or nothing.
ns_status Copy(const char* text, size_t length, char* buffer, size_t capacity) noexcept {
  if (buffer == nullptr && capacity != 0) return NS_ERR_INVALID_ARGUMENT;
  if (capacity <= length) return NS_ERR_TOO_SMALL;
  std::memcpy(buffer, text, length);
  buffer[length] = '\0';
  return NS_OK;
}

}  // namespace

ns_status ns_address_parse(const char* text, ns_address* out_address) noexcept {
  if (text == nullptr || out_address == nullptr) return NS_ERR_INVALID_ARGUMENT;
  const auto parsed = wire::ParseAddress(text);
  if (!parsed) return NS_ERR_INVALID_ARGUMENT;
  *out_address = ToC(parsed->family, parsed->address);
  return NS_OK;
}

ns_status ns_address_format(const ns_address* address, char* buffer, size_t capacity) noexcept {
  if (address == nullptr) return NS_ERR_INVALID_ARGUMENT;
  const auto parsed = FromC(*address);
  if (!parsed) return NS_ERR_INVALID_ARGUMENT;
  std::array<char, wire::kMaximumText> text;
  const size_t length = wire::Format(parsed->family, parsed->address, text.data());
  return Copy(text.data(), length, buffer, capacity);
}

ns_status ns_prefix_parse(const char* text, ns_prefix* out_prefix) noexcept {
  if (text == nullptr || out_prefix == nullptr) return NS_ERR_INVALID_ARGUMENT;
  const auto prefix = wire::ParsePrefix(text);
  if (!prefix) return NS_ERR_INVALID_ARGUMENT;
  *out_prefix = ToC(*prefix);
  return NS_OK;
}

ns_status ns_prefix_format(const ns_prefix* prefix, char* buffer, size_t capacity) noexcept {
  if (prefix == nullptr) return NS_ERR_INVALID_ARGUMENT;
  const auto ours = FromC(*prefix);
  if (!ours) return NS_ERR_INVALID_ARGUMENT;
  std::array<char, wire::kMaximumText> text;
  const size_t length = wire::Format(*ours, text.data());
  return Copy(text.data(), length, buffer, capacity);
}

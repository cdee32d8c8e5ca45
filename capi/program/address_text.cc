#include "address_text.h"

#include <cstring>

namespace program {

std::optional<ns_address> ParseAddress(const std::string& text) {
  ns_address address{};
  if (ns_address_parse(text.c_str(), &address) != NS_OK) return std::nullopt;
  return address;
}

std::optional<ns_prefix> ParsePrefix(const std::string& text) {
  ns_prefix prefix{};
  if (ns_prefix_parse(text.c_str(), &prefix) != NS_OK) return std::nullopt;
  return prefix;
}

std::string Text(const ns_address& address) {
  char text[NS_ADDRESS_TEXT_SIZE];
  return ns_address_format(&address, text, sizeof text) == NS_OK ? text : "?";
}

std::string Text(const ns_prefix& prefix) {
  char text[NS_ADDRESS_TEXT_SIZE];
  return ns_prefix_format(&prefix, text, sizeof text) == NS_OK ? text : "?";
}

bool IsSame(const ns_address& a, const ns_address& b) noexcept {
  return a.family == b.family && std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

ns_prefix Network(const ns_prefix& prefix) noexcept {
  ns_prefix network = prefix;
  for (uint32_t i = 0; i < sizeof network.address.bytes; ++i) {
    const uint32_t kept = prefix.length <= 8 * i ? 0 : prefix.length - 8 * i;
    if (kept < 8) {
      network.address.bytes[i] = static_cast<uint8_t>(network.address.bytes[i] & (0xff00U >> kept));
    }
  }
  return network;
}

}  // namespace program

// Bytes as tests write them.
#ifndef NETSTACK_TESTING_HEX_H_
#define NETSTACK_TESTING_HEX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netstack::testing {

using Bytes = std::vector<uint8_t>;

// "45 00 001c": pairs of digits, with space between pairs where it helps.
inline Bytes FromHex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    const size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) {
      if ((c == ' ' || c == '\n') && high < 0) continue;
      throw std::invalid_argument("not hex: " + std::string(text));
    }
    const int value = static_cast<int>(digit < 16 ? digit : digit - 6);
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) throw std::invalid_argument("half a byte: " + std::string(text));
  return bytes;
}

inline std::string ToHex(std::span<const uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    text.push_back("0123456789abcdef"[byte >> 4]);
    text.push_back("0123456789abcdef"[byte & 15]);
  }
  return text;
}

// The characters of `text`, without a 0 at the end.
inline Bytes FromText(std::string_view text) { return {text.begin(), text.end()}; }

// So many bytes, no two neighbours alike: 0, 1, 2, ...
inline Bytes CountingBytes(size_t length) {
  Bytes bytes(length);
  for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<uint8_t>(i);
  return bytes;
}

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_HEX_H_

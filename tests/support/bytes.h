// Bytes as the tests write them: hexadecimal text, plain text, zeros.
#ifndef NETSTACK_TESTS_SUPPORT_BYTES_H_
#define NETSTACK_TESTS_SUPPORT_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support {

using Bytes = std::vector<uint8_t>;

inline unsigned HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>(c - 'a') + 10;
}

// Lower-case digits only, two for each byte.
inline Bytes FromHex(std::string_view text) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(HexDigit(text[i]) * 16 + HexDigit(text[i + 1])));
  }
  return bytes;
}

inline std::string ToHex(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t b : bytes) {
    text += kDigits[b >> 4];
    text += kDigits[b & 15];
  }
  return text;
}

inline Bytes FromText(std::string_view text) { return {text.begin(), text.end()}; }

inline void Append16(Bytes* bytes, unsigned value) {
  bytes->push_back(static_cast<uint8_t>(value >> 8));
  bytes->push_back(static_cast<uint8_t>(value & 255));
}

inline void Set16(Bytes* bytes, size_t at, unsigned value) {
  bytes->at(at) = static_cast<uint8_t>(value >> 8);
  bytes->at(at + 1) = static_cast<uint8_t>(value & 255);
}

inline unsigned Get16(const Bytes& bytes, size_t at) {
  return bytes.at(at) * 256u + bytes.at(at + 1);
}

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_BYTES_H_

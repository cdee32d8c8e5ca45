#include "netstack/wire/text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

namespace {

constexpr size_t kGroups = 8;

// The functions named Take move what they read off the front of `text`.
bool TakeChar(std::string_view* text, char wanted) noexcept {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<uint32_t> TakeDecimal(std::string_view* text, uint32_t largest) noexcept {
  uint32_t value = 0;
  size_t digits = 0;
  while (digits < text->size() && (*text)[digits] >= '0' && (*text)[digits] <= '9') {
    if (digits > 0 && value == 0) return std::nullopt;
    value = value * 10 + static_cast<uint32_t>((*text)[digits] - '0');
    if (value > largest) return std::nullopt;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text->remove_prefix(digits);
  return value;
}

std::optional<uint32_t> HexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A') + 10;
  return std::nullopt;
}

std::optional<uint16_t> TakeGroup(std::string_view* text) noexcept {
  uint32_t value = 0;
  size_t digits = 0;
  while (digits < text->size()) {
    const std::optional<uint32_t> digit = HexDigit((*text)[digits]);
    if (!digit) break;
    if (++digits > 4) return std::nullopt;
    value = value << 4 | *digit;
  }
  if (digits == 0) return std::nullopt;
  text->remove_prefix(digits);
  return static_cast<uint16_t>(value);
}

std::optional<Address> ParseIpv4(std::string_view text) noexcept {
  uint32_t value = 0;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0 && !TakeChar(&text, '.')) return std::nullopt;
    const std::optional<uint32_t> number = TakeDecimal(&text, 255);
    if (!number) return std::nullopt;
    value = value << 8 | *number;
  }
  if (!text.empty()) return std::nullopt;
  return Address::Ipv4(value);
}

std::optional<Address> ParseIpv6(std::string_view text) noexcept {
  std::array<uint8_t, 16> bytes{};
  size_t count = 0;
  std::optional<size_t> gap;  // where "::" stands
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (count == bytes.size()) return std::nullopt;
    if (const std::optional<Address> tail = ParseIpv4(text)) {
      if (count > bytes.size() - 4) return std::nullopt;
      tail->ToIpv4(bytes.data() + count);
      count += 4;
      break;
    }
    const std::optional<uint16_t> group = TakeGroup(&text);
    if (!group) return std::nullopt;
    base::Store16(bytes.data() + count, *group);
    count += 2;
    if (text.empty()) break;
    if (!TakeChar(&text, ':')) return std::nullopt;
    if (TakeChar(&text, ':')) {
      if (gap) return std::nullopt;
      gap = count;
    } else if (text.empty()) {
      return std::nullopt;
    }
  }
  // "::" stands for at least one group.
  if (gap.has_value() == (count == bytes.size())) return std::nullopt;
  if (gap) std::rotate(bytes.data() + *gap, bytes.data() + count, bytes.data() + bytes.size());
  return Address::FromIpv6(bytes.data());
}

// Writes into a buffer that is known to be large enough.
class Writer {
 public:
  explicit Writer(char* buffer) noexcept : begin_(buffer), end_(buffer) {}

  void Text(std::string_view text) noexcept {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  void Number(uint32_t number, uint32_t radix) noexcept {
    char* const first = end_;
    do {
      *end_++ = "0123456789abcdef"[number % radix];
      number /= radix;
    } while (number != 0);
    std::reverse(first, end_);
  }
  [[nodiscard]] size_t size() const noexcept { return static_cast<size_t>(end_ - begin_); }

 private:
  char* begin_;
  char* end_;
};

void WriteIpv4(uint32_t address, Writer* out) noexcept {
  for (uint32_t shift = 32; shift > 0; shift -= 8) {
    if (shift < 32) out->Text(".");
    out->Number(address >> (shift - 8) & 0xff, 10);
  }
}

struct Run {
  size_t first = 0;
  size_t length = 0;
};

// The zeros to be left out (RFC 5952 4.2): the longest run of groups, the first
// of equals, never a single group.
Run LongestZeros(const std::array<uint16_t, kGroups>& groups) noexcept {
  Run longest;
  Run run;
  for (size_t i = 0; i < kGroups; ++i) {
    if (groups[i] != 0) {
      run = {};
      continue;
    }
    if (run.length++ == 0) run.first = i;
    if (run.length > longest.length) longest = run;
  }
  return longest.length > 1 ? longest : Run{kGroups, 0};
}

void WriteIpv6(Address address, Writer* out) noexcept {
  if (IsIpv4Mapped(address)) {
    out->Text("::ffff:");
    WriteIpv4(static_cast<uint32_t>(address.low), out);
    return;
  }
  std::array<uint16_t, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) {
    const uint64_t half = i < 4 ? address.high : address.low;
    groups[i] = static_cast<uint16_t>(half >> (48 - 16 * (i % 4)));
  }
  const Run zeros = LongestZeros(groups);
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == zeros.first) {
      out->Text("::");
      i += zeros.length - 1;
      continue;
    }
    if (i > 0 && i != zeros.first + zeros.length) out->Text(":");
    out->Number(groups[i], 16);
  }
}

}  // namespace

std::optional<ParsedAddress> ParseAddress(std::string_view text) noexcept {
  if (const std::optional<Address> ipv4 = ParseIpv4(text)) {
    return ParsedAddress{Family::kIpv4, *ipv4};
  }
  if (const std::optional<Address> ipv6 = ParseIpv6(text)) {
    return ParsedAddress{Family::kIpv6, *ipv6};
  }
  return std::nullopt;
}

std::optional<Prefix> ParsePrefix(std::string_view text) noexcept {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<ParsedAddress> parsed = ParseAddress(text.substr(0, slash));
  if (!parsed) return std::nullopt;
  text.remove_prefix(slash + 1);
  const std::optional<uint32_t> length = TakeDecimal(&text, AddressBits(parsed->family));
  if (!length || !text.empty()) return std::nullopt;
  return Prefix{parsed->family, static_cast<uint8_t>(*length), parsed->address};
}

size_t Format(Family family, Address address, char* buffer) noexcept {
  Writer out(buffer);
  if (family == Family::kIpv4) {
    WriteIpv4(address.ipv4(), &out);
  } else {
    WriteIpv6(address, &out);
  }
  return out.size();
}

size_t Format(const Prefix& prefix, char* buffer) noexcept {
  const size_t address = Format(prefix.family, prefix.address, buffer);
  Writer out(buffer + address);
  out.Text("/");
  out.Number(prefix.length, 10);
  return address + out.size();
}

std::string Format(Family family, Address address) {
  std::array<char, kMaximumText> text;
  return {text.data(), Format(family, address, text.data())};
}

std::string Format(const Prefix& prefix) {
  std::array<char, kMaximumText> text;
  return {text.data(), Format(prefix, text.data())};
}

}  // namespace netstack::wire

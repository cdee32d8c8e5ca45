// Values of options, from text to what they mean.
#ifndef CAPI_PROGRAM_OPTION_VALUES_H_
#define CAPI_PROGRAM_OPTION_VALUES_H_

#include <netstack/address.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace program {

constexpr uint32_t kMinimumMtu = 68;        // RFC 791
constexpr uint32_t kMinimumIpv6Mtu = 1280;  // RFC 8200 5

// Throws a Failure that names the option and its value.
[[noreturn]] void Refuse(const std::string& option, const std::string& text,
                         const std::string& why);

// The whole text as a number, or false.
template <typename Number>
bool ParseNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

// These throw a Failure if a text makes no sense.

// Addresses in their subnets, or networks. Each once: what is said twice is a
// mistake that the library would find only when some of it was done.
[[nodiscard]] std::vector<ns_prefix> ParsePrefixes(const std::string& option,
                                                   const std::vector<std::string>& texts,
                                                   bool networks);

[[nodiscard]] uint32_t ParseMtu(const std::string& text, uint32_t minimum);

// `parameter` is the part of `text` in question.
void CheckDelay(const std::string& option, const std::string& text, std::string_view parameter);
void CheckRejectKind(const std::string& option, const std::string& text,
                     std::string_view parameter);

}  // namespace program

#endif  // CAPI_PROGRAM_OPTION_VALUES_H_

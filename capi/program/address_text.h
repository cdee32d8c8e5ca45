// Addresses and prefixes between text and what the library takes.
#ifndef CAPI_PROGRAM_ADDRESS_TEXT_H_
#define CAPI_PROGRAM_ADDRESS_TEXT_H_

#include <netstack/address.h>

#include <optional>
#include <string>

namespace program {

[[nodiscard]] std::optional<ns_address> ParseAddress(const std::string& text);
[[nodiscard]] std::optional<ns_prefix> ParsePrefix(const std::string& text);

[[nodiscard]] std::string Text(const ns_address& address);
[[nodiscard]] std::string Text(const ns_prefix& prefix);

[[nodiscard]] bool IsSame(const ns_address& a, const ns_address& b) noexcept;

// The prefix without the bits behind its length.
[[nodiscard]] ns_prefix Network(const ns_prefix& prefix) noexcept;

}  // namespace program

#endif  // CAPI_PROGRAM_ADDRESS_TEXT_H_

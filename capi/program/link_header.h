// Link headers: what stands before the IP packet in a captured frame.
#ifndef CAPI_PROGRAM_LINK_HEADER_H_
#define CAPI_PROGRAM_LINK_HEADER_H_

#include <cstdint>
#include <span>

namespace program {

// Raw IP, Ethernet or Linux cooked; `link_type` is one of libpcap's DLT_ numbers.
[[nodiscard]] bool IsLinkTypeOfIp(int link_type) noexcept;

// The IP packet of a frame. Empty where the frame is of another protocol. Where
// it holds something else than the IP version that its header names, the first
// byte of a packet of that version: malformed for every stack.
[[nodiscard]] std::span<const uint8_t> WithoutLinkHeader(int link_type,
                                                         std::span<const uint8_t> frame) noexcept;

}  // namespace program

#endif  // CAPI_PROGRAM_LINK_HEADER_H_

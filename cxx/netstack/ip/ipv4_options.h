// The options of an IPv4 header (RFC 791 3.1, RFC 781, RFC 2113): checked, and
// filled in where they ask for it (reference, 1.9).
#ifndef NETSTACK_IP_IPV4_OPTIONS_H_
#define NETSTACK_IP_IPV4_OPTIONS_H_

#include <array>
#include <cstdint>

#include "netstack/ip/configuration.h"
#include "netstack/packet/packet.h"
#include "netstack/wire/ipv4_options.h"

namespace netstack::ip {

enum class OptionUse : uint8_t {
  kVerify,   // of fragments: nothing is filled in
  kReceive,  // for an upper layer
  kForward,
  kEcho,  // for the reply to an Echo Request
};

struct Ipv4Options {
  std::array<uint8_t, wire::kIpv4MaximumOptions> bytes{};
  uint8_t length = 0;  // a multiple of 4

  enum class Outcome : uint8_t {
    kFine,
    kProblem,    // to be answered with a Parameter Problem
    kNoAddress,  // there is none of ours to fill in: to be dropped
  };
  Outcome outcome = Outcome::kFine;
  uint8_t pointer = 0;  // where the problem is, in the header
};

// Of a packet whose header is longer than 20 bytes. Counts the options. The
// packet stays as it is.
[[gnu::cold, gnu::noinline]] Ipv4Options ProcessIpv4Options(const Context& context,
                                                            const packet::Packet& packet,
                                                            OptionUse use) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_IPV4_OPTIONS_H_

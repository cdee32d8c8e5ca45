// The bytes of an Echo Reply, composed anew from a request that was cut to its
// length, with checksums over all of it.
#ifndef NETSTACK_TESTS_REFERENCE_REPLY_H_
#define NETSTACK_TESTS_REFERENCE_REPLY_H_

#include <cstddef>
#include <cstdint>

#include "support/bytes.h"
#include "support/icmp_packet.h"

namespace reference {

using support::Bytes;
using support::operator+;

// Reference 3.3: the request's first 20 bytes with addresses, TTL, length and
// checksum of their own.
inline Bytes Ipv4Reply(const Bytes& request, size_t header_length, const Bytes& source,
                       uint8_t ttl) {
  Bytes message = support::Part(request, header_length, request.size() - header_length);
  message[0] = 0;
  support::Set16(&message, 2, 0);
  support::Set16(&message, 2, support::InternetChecksum(message));
  Bytes header =
      support::Part(request, 0, 8) + Bytes{ttl, 1, 0, 0} + source + support::Part(request, 12, 4);
  support::Set16(&header, 2, static_cast<unsigned>(header.size() + message.size()));
  support::FixIpv4Header(&header);
  return header + message;
}

// A header of its own, with the request's traffic class and flow label 0.
inline Bytes Ipv6Reply(const Bytes& request, const Bytes& source, uint8_t hop_limit) {
  const Bytes destination = support::Part(request, 8, 16);
  Bytes message = support::Part(request, 40, request.size() - 40);
  message[0] = 129;
  support::Set16(&message, 2, 0);
  const Bytes covered = support::PseudoHeader(source, destination, message.size()) + message;
  support::Set16(&message, 2, support::InternetChecksum(covered));
  const unsigned traffic_class = support::Get16(request, 0) >> 4 & 255;
  Bytes header;
  support::Append16(&header, 0x6000 | traffic_class << 4);
  support::Append16(&header, 0);
  support::Append16(&header, static_cast<unsigned>(message.size()));
  return header + Bytes{58, hop_limit} + source + destination + message;
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_REPLY_H_

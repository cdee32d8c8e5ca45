// The stack's own Echo Reply, composed in one place per family for whoever
// asked for it, straight into the buffer that the link sends.
#ifndef NETSTACK_IP_ECHO_REPLY_H_
#define NETSTACK_IP_ECHO_REPLY_H_

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// `packet` is a checked Echo Request. kNoRoute: no way to its source, or no
// address to answer from; else kOk, which includes that the link was full.
base::Status SendIpv4EchoReply(const Context& context, const packet::Packet& packet) noexcept;
base::Status SendIpv6EchoReply(const Context& context, const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ECHO_REPLY_H_

// What is counted, and its names. Each NIC has one block; what the stack as a
// whole reports is the sum over its NICs, so a packet pays for each count once.
#ifndef NETSTACK_IP_COUNTERS_H_
#define NETSTACK_IP_COUNTERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "netstack/base/counters.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

// nic.<id>.<name>
#define NETSTACK_NIC_COUNTERS(X)                                          \
  X(kRxPackets, "rx.packets")                                             \
  X(kRxBytes, "rx.bytes")                                                 \
  X(kRxUnclaimed, "rx.unclaimed")                                         \
  X(kTxPackets, "tx.packets")                                             \
  X(kTxBytes, "tx.bytes")                                                 \
  X(kTxPacketsDroppedNoBufferSpace, "tx_packets_dropped_no_buffer_space") \
  X(kDisabledRxPackets, "disabled_rx.packets")                            \
  X(kDisabledRxBytes, "disabled_rx.bytes")                                \
  X(kUnknownL3ProtocolReceived, "unknown_l3_protocol_rcvd_packets")

// ip.<name>, both families together; nic.<id>.ip.v4.<name> and v6 apart. What is
// forwarded is counted where it came in.
#define NETSTACK_IP_COUNTERS(X)                                                     \
  X(kPacketsReceived, "packets_received")                                           \
  X(kValidPacketsReceived, "valid_packets_received")                                \
  X(kDisabledPacketsReceived, "disabled_packets_received")                          \
  X(kInvalidDestinationAddressesReceived, "invalid_destination_addresses_received") \
  X(kInvalidSourceAddressesReceived, "invalid_source_addresses_received")           \
  X(kPacketsDelivered, "packets_delivered")                                         \
  X(kPacketsSent, "packets_sent")                                                   \
  X(kOutgoingPacketErrors, "outgoing_packet_errors")                                \
  X(kMalformedPacketsReceived, "malformed_packets_received")                        \
  X(kMalformedFragmentsReceived, "malformed_fragments_received")                    \
  X(kOptionTimestampReceived, "option_timestamp_received")                          \
  X(kOptionRecordRouteReceived, "option_record_route_received")                     \
  X(kOptionRouterAlertReceived, "option_router_alert_received")                     \
  X(kOptionUnknownReceived, "option_unknown_received")                              \
  X(kForwardingPackets, "forwarding.packets")                                       \
  X(kForwardingErrors, "forwarding.errors")                                         \
  X(kForwardingUnrouteable, "forwarding.unrouteable")                               \
  X(kForwardingExhaustedTtl, "forwarding.exhausted_ttl")                            \
  X(kForwardingInitializingSource, "forwarding.initializing_source")                \
  X(kForwardingLinkLocalSource, "forwarding.link_local_source")                     \
  X(kForwardingLinkLocalDestination, "forwarding.link_local_destination")           \
  X(kForwardingPacketTooBig, "forwarding.packet_too_big")                           \
  X(kForwardingExtensionHeaderProblem, "forwarding.extension_header_problem")       \
  X(kForwardingNoBufferSpace, "forwarding.outgoing_device_no_buffer_space")         \
  X(kForwardingClosedForSend, "forwarding.outgoing_device_closed_for_send")

// icmp.v4.received.<name>, icmp.v4.sent.<name>
#define NETSTACK_ICMPV4_COUNTERS(X)     \
  X(kEchoRequest, "echo_request")       \
  X(kEchoReply, "echo_reply")           \
  X(kDstUnreachable, "dst_unreachable") \
  X(kSrcQuench, "src_quench")           \
  X(kRedirect, "redirect")              \
  X(kTimeExceeded, "time_exceeded")     \
  X(kParamProblem, "param_problem")     \
  X(kTimestamp, "timestamp")            \
  X(kTimestampReply, "timestamp_reply") \
  X(kInfoRequest, "info_request")       \
  X(kInfoReply, "info_reply")           \
  X(kInvalid, "invalid")                \
  X(kDropped, "dropped")                \
  X(kRateLimited, "rate_limited")

// icmp.v6.received.<name>, icmp.v6.sent.<name>
#define NETSTACK_ICMPV6_COUNTERS(X)                                         \
  X(kEchoRequest, "echo_request")                                           \
  X(kEchoReply, "echo_reply")                                               \
  X(kDstUnreachable, "dst_unreachable")                                     \
  X(kPacketTooBig, "packet_too_big")                                        \
  X(kTimeExceeded, "time_exceeded")                                         \
  X(kParamProblem, "param_problem")                                         \
  X(kRouterSolicit, "router_solicit")                                       \
  X(kRouterAdvert, "router_advert")                                         \
  X(kNeighborSolicit, "neighbor_solicit")                                   \
  X(kNeighborAdvert, "neighbor_advert")                                     \
  X(kRedirectMsg, "redirect_msg")                                           \
  X(kMulticastListenerQuery, "multicast_listener_query")                    \
  X(kMulticastListenerReport, "multicast_listener_report")                  \
  X(kMulticastListenerReportV2, "multicast_listener_report_v2")             \
  X(kMulticastListenerDone, "multicast_listener_done")                      \
  X(kUnrecognized, "unrecognized")                                          \
  X(kInvalid, "invalid")                                                    \
  X(kRouterOnlyPacketsDroppedByHost, "router_only_packets_dropped_by_host") \
  X(kDropped, "dropped")                                                    \
  X(kRateLimited, "rate_limited")

// forwarder.<name>: what became of the packets that handlers saw.
#define NETSTACK_FORWARDER_COUNTERS(X) \
  X(kRequests, "requests")             \
  X(kEchoReplies, "echo_replies")      \
  X(kConsumed, "consumed")             \
  X(kDeclined, "declined")             \
  X(kFailed, "failed")                 \
  X(kReplied, "replied")               \
  X(kNoRoute, "no_route")

// reassembly.<name>: fragments that came in for us, and their datagrams.
#define NETSTACK_REASSEMBLY_COUNTERS(X) \
  X(kFragments, "fragments")            \
  X(kCompleted, "completed")            \
  X(kTimedOut, "timed_out")             \
  X(kEvicted, "evicted")                \
  X(kDiscarded, "discarded")

// path_mtu.<name>: what Packet Too Big and Fragmentation Needed told of the ways
// of our packets.
#define NETSTACK_PATH_MTU_COUNTERS(X) \
  X(kTaken, "taken")                  \
  X(kRefused, "refused")              \
  X(kEvicted, "evicted")

// Under these names: what came for sockets. `dropped_packets` is gVisor's sum of
// what a socket matched and did not take.
#define NETSTACK_SOCKET_COUNTERS(X)              \
  X(kPingReceived, "ping_sockets.received")      \
  X(kPingQueueFull, "ping_sockets.queue_full")   \
  X(kPingNotReplies, "ping_sockets.not_replies") \
  X(kRawReceived, "raw_sockets.received")        \
  X(kRawQueueFull, "raw_sockets.queue_full")     \
  X(kDroppedPackets, "dropped_packets")

#define NETSTACK_ENUMERATOR(name, text) name,
enum class NicCounter : size_t { NETSTACK_NIC_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class IpCounter : size_t { NETSTACK_IP_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class Icmpv4Counter : size_t { NETSTACK_ICMPV4_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class Icmpv6Counter : size_t { NETSTACK_ICMPV6_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class ForwarderCounter : size_t { NETSTACK_FORWARDER_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class ReassemblyCounter : size_t { NETSTACK_REASSEMBLY_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class PathMtuCounter : size_t { NETSTACK_PATH_MTU_COUNTERS(NETSTACK_ENUMERATOR) kCount };
enum class SocketCounter : size_t { NETSTACK_SOCKET_COUNTERS(NETSTACK_ENUMERATOR) kCount };
#undef NETSTACK_ENUMERATOR

enum class Direction : size_t { kReceived, kSent };

// Where each group begins in a block.
inline constexpr size_t kIpCounters = static_cast<size_t>(NicCounter::kCount);
inline constexpr size_t kIcmpv4Counters = kIpCounters + 2 * static_cast<size_t>(IpCounter::kCount);
inline constexpr size_t kIcmpv6Counters =
    kIcmpv4Counters + 2 * static_cast<size_t>(Icmpv4Counter::kCount);
inline constexpr size_t kForwarderCounters =
    kIcmpv6Counters + 2 * static_cast<size_t>(Icmpv6Counter::kCount);
inline constexpr size_t kReassemblyCounters =
    kForwarderCounters + static_cast<size_t>(ForwarderCounter::kCount);
inline constexpr size_t kPathMtuCounters =
    kReassemblyCounters + static_cast<size_t>(ReassemblyCounter::kCount);
inline constexpr size_t kSocketCounters =
    kPathMtuCounters + static_cast<size_t>(PathMtuCounter::kCount);
inline constexpr size_t kUnknownProtocolCounters =
    kSocketCounters + static_cast<size_t>(SocketCounter::kCount);
inline constexpr size_t kCounterCount = kUnknownProtocolCounters + 256;

constexpr size_t At(NicCounter c) noexcept { return static_cast<size_t>(c); }
constexpr size_t At(wire::Family family, IpCounter c) noexcept {
  return kIpCounters + wire::Index(family) * static_cast<size_t>(IpCounter::kCount) +
         static_cast<size_t>(c);
}
constexpr size_t At(Direction d, Icmpv4Counter c) noexcept {
  return kIcmpv4Counters + static_cast<size_t>(d) * static_cast<size_t>(Icmpv4Counter::kCount) +
         static_cast<size_t>(c);
}
constexpr size_t At(Direction d, Icmpv6Counter c) noexcept {
  return kIcmpv6Counters + static_cast<size_t>(d) * static_cast<size_t>(Icmpv6Counter::kCount) +
         static_cast<size_t>(c);
}
constexpr size_t At(ForwarderCounter c) noexcept {
  return kForwarderCounters + static_cast<size_t>(c);
}
constexpr size_t At(ReassemblyCounter c) noexcept {
  return kReassemblyCounters + static_cast<size_t>(c);
}
constexpr size_t At(PathMtuCounter c) noexcept { return kPathMtuCounters + static_cast<size_t>(c); }
constexpr size_t At(SocketCounter c) noexcept { return kSocketCounters + static_cast<size_t>(c); }
// nic.<id>.unknown_l4_protocol_rcvd_packet_counts.<protocol>
constexpr size_t AtUnknownProtocol(uint8_t protocol) noexcept {
  return kUnknownProtocolCounters + protocol;
}

using NicCounters = base::CounterBlock<kCounterCount>;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_COUNTERS_H_

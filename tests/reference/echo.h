// What a stack does with a packet, done again as plainly as can be: from the
// configuration, the bytes and what the handler decides, to the bytes of the
// answer and the counters that rise. Slow, and nothing in it is the library's.
//
// What it does not know (options, extension headers, fragments that come or go,
// errors) it says it does not: such a packet counts as not received. NDP is
// counted; its bodies are not looked into, nor are those of errors: what is made
// at random quotes no packet of ours.
#ifndef NETSTACK_TESTS_REFERENCE_ECHO_H_
#define NETSTACK_TESTS_REFERENCE_ECHO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/configuration.h"
#include "reference/destination.h"
#include "reference/icmp_names.h"
#include "reference/outcome.h"
#include "reference/reply.h"
#include "reference/source_selection.h"
#include "support/bytes.h"
#include "support/icmp_packet.h"

namespace reference {

using support::Get16;
using support::Part;
using support::Set16;

constexpr int kOk = 0;             // NS_OK
constexpr int kNotReplyable = -4;  // NS_ERR_NOT_REPLYABLE
constexpr int kNoRoute = -5;       // NS_ERR_NO_ROUTE

class Stack {
 public:
  // Counts are added to `counts`.
  Stack(const Configuration& configuration, Counts* counts)
      : configuration_(configuration), counts_(*counts) {}

  // Nothing: beyond this reference.
  std::optional<Outcome> Receive(const Bytes& packet, Decision decision) {
    outcome_ = {};
    counted_.clear();
    beyond_ = false;
    decision_ = decision;
    ReceivePacket(packet);
    if (beyond_) return std::nullopt;
    for (const auto& [name, count] : counted_) counts_[name] += count;
    return outcome_;
  }

 private:
  void Count(std::string name, uint64_t count = 1) {
    counted_.emplace_back(std::move(name), count);
  }
  void CountIp(const char* name) {
    Count(std::string(family_ == kIpv4 ? "ip.v4." : "ip.v6.") + name);
  }
  void CountIcmp(const std::string& name) {
    Count((family_ == kIpv4 ? "icmp.v4." : "icmp.v6.") + name);
  }

  void ReceivePacket(const Bytes& packet) {
    if (configuration_.disabled) {
      Count("disabled_rx.packets");
      return Count("disabled_rx.bytes", packet.size());
    }
    Count("rx.packets");
    Count("rx.bytes", packet.size());
    const int version = packet.empty() ? 0 : packet[0] >> 4;
    if (version == 4) return ReceiveIpv4(packet);
    if (version == 6) return ReceiveIpv6(packet);
    Count("unknown_l3_protocol_rcvd_packets");
  }

  // Reference 1.2 to 1.4.
  void ReceiveIpv4(const Bytes& bytes) {
    family_ = kIpv4;
    CountIp("packets_received");
    if (bytes.size() < 20) return CountIp("malformed_packets_received");
    header_ = (bytes[0] & 15u) * 4u;
    const size_t total = Get16(bytes, 2);
    if (header_ < 20 || header_ > total || total > bytes.size() ||
        support::OnesComplementSum(Part(bytes, 0, header_)) != 0xffff) {
      return CountIp("malformed_packets_received");
    }
    packet_ = Part(bytes, 0, total);
    source_ = Part(packet_, 12, 4);
    destination_ = Part(packet_, 16, 4);
    if (!configuration_.allow_loopback) {
      if (IsLoopback(source_)) return CountIp("invalid_source_addresses_received");
      if (IsLoopback(destination_)) return CountIp("invalid_destination_addresses_received");
    }
    if (configuration_.check_local_source && (FindAssigned(configuration_, source_) != nullptr ||
                                              IsBroadcast(configuration_, source_))) {
      return CountIp("invalid_source_addresses_received");
    }
    CountIp("valid_packets_received");
    if (IsMulticast(source_) || IsBroadcast(configuration_, source_)) {
      return CountIp("invalid_source_addresses_received");
    }
    if (!Classify()) return CountIp("invalid_destination_addresses_received");
    const bool is_fragment = (Get16(packet_, 6) & 0x3fff) != 0;
    if (is_fragment || packet_[9] != 1) return SayBeyond();
    CountIp("packets_delivered");
    ReceiveIcmpv4();
  }

  // Reference 2.1 to 2.4.
  void ReceiveIpv6(const Bytes& bytes) {
    family_ = kIpv6;
    header_ = 40;
    CountIp("packets_received");
    if (bytes.size() < 40 || Get16(bytes, 4) > bytes.size() - 40) {
      return CountIp("malformed_packets_received");
    }
    packet_ = Part(bytes, 0, 40 + Get16(bytes, 4));
    source_ = Part(packet_, 8, 16);
    destination_ = Part(packet_, 24, 16);
    if (IsMapped(source_)) CountIp("invalid_source_addresses_received");
    if (IsMapped(destination_)) CountIp("invalid_destination_addresses_received");
    if (IsMapped(source_) || IsMapped(destination_)) return;
    if (!configuration_.allow_loopback) {
      if (IsLoopback(source_)) return CountIp("invalid_source_addresses_received");
      if (IsLoopback(destination_)) return CountIp("invalid_destination_addresses_received");
    }
    if (configuration_.check_local_source && FindAssigned(configuration_, source_) != nullptr) {
      return CountIp("invalid_source_addresses_received");
    }
    CountIp("valid_packets_received");
    if (IsMulticast(source_)) return CountIp("invalid_source_addresses_received");
    if (!Classify()) return CountIp("invalid_destination_addresses_received");
    if (packet_[6] == 59) return;  // no next header
    if (packet_[6] != 58) return SayBeyond();
    CountIp("packets_delivered");
    ReceiveIcmpv6();
  }

  void SayBeyond() { beyond_ = true; }

  // False: the destination is nothing to us.
  bool Classify() {
    const std::optional<Destination> kind = KindOf(configuration_, destination_);
    if (kind) kind_ = *kind;
    return kind.has_value();
  }

  [[nodiscard]] Bytes Message() const { return Part(packet_, header_, packet_.size() - header_); }

  // Reference 3.1, and contract 5: a wrong checksum is invalid for everybody.
  void ReceiveIcmpv4() {
    const Bytes message = Message();
    if (message.size() < 8 || support::OnesComplementSum(message) != 0xffff) {
      return CountIcmp("received.invalid");
    }
    if (header_ != 20) return SayBeyond();
    const uint8_t type = message[0];
    const std::string name = NameOfIcmpv4(type);
    if (name.empty()) return CountIcmp("received.invalid");
    CountIcmp("received." + name);
    if (type == 3 && message[1] == 4) return Count("path_mtu.refused");
    if (type == 8) return ReceiveEchoRequest();
    if (type == 0) ReceiveEchoReply();
  }

  // Reference 3.2. MLD needs a Router Alert, which is an extension header.
  void ReceiveIcmpv6() {
    const Bytes message = Message();
    if (message.size() < 8) return CountIcmp("received.invalid");
    Bytes covered = support::PseudoHeader(source_, destination_, message.size()) + message;
    Set16(&covered, 40 + 2, 0);
    if (Get16(message, 2) != support::InternetChecksum(covered)) {
      return CountIcmp("received.invalid");
    }
    const uint8_t type = message[0];
    const std::string name = NameOfIcmpv6(type);
    if (name.empty()) return CountIcmp("received.unrecognized");
    CountIcmp("received." + name);
    const bool mld = (type >= 130 && type <= 132) || type == 143;
    const bool ndp = type >= 133 && type <= 137;
    const bool from_the_link = packet_[7] == 255 && message[1] == 0;
    if (mld || (ndp && !from_the_link)) return CountIcmp("received.invalid");
    if (type == 2) return Count("path_mtu.refused");
    if (type == 133) CountIcmp("received.router_only_packets_dropped_by_host");
    if (type == 128) return ReceiveEchoRequest();
    if (type == 129) ReceiveEchoReply();
  }

  // Contract 2: two independent decisions, and one answer.
  void ReceiveEchoRequest() {
    bool declined = true;
    bool answered = false;
    if (configuration_.handler[family_]) {
      outcome_.asked = kind_;
      Count("forwarder.requests");
      for (int i = 0; i < decision_.replies; ++i) {
        if (!answered) outcome_.statuses.assign(static_cast<size_t>(decision_.replies), Reply());
        if (!answered) {
          Count(outcome_.statuses[0] == kOk ? "forwarder.replied" : "forwarder.no_route");
        }
        answered = true;
      }
      declined = CountVerdict();
    }
    if (declined && !answered && AnswersByItself()) Reply();
  }

  void ReceiveEchoReply() {
    if (!configuration_.handler[family_] || !configuration_.echo_replies) return;
    outcome_.asked = kind_;
    outcome_.statuses.assign(static_cast<size_t>(decision_.replies), kNotReplyable);
    Count("forwarder.echo_replies");
    CountVerdict();
  }

  bool CountVerdict() {
    const char* const names[] = {"forwarder.declined", "forwarder.consumed"};
    const bool known = decision_.verdict == 0 || decision_.verdict == 1;
    Count(known ? names[decision_.verdict] : "forwarder.failed");
    return decision_.verdict == 0;
  }

  // The column "declined" of contract 2's table, and the options beside it.
  [[nodiscard]] bool AnswersByItself() const {
    switch (kind_) {
      case Destination::kAssigned:
        return true;
      case Destination::kTemporary:
        if (configuration_.temporary_policy[family_] == Policy::kDefault) {
          return family_ == kIpv6 && configuration_.spoofing;
        }
        return configuration_.temporary_policy[family_] == Policy::kReply;
      default:
        if (configuration_.group_policy[family_] == Policy::kDefault) return family_ == kIpv6;
        return configuration_.group_policy[family_] == Policy::kReply;
    }
  }

  // Contract 2, rule 4.
  [[nodiscard]] bool HasRouteTo(const Bytes& remote) const {
    if (!configuration_.strict_routes) return true;
    // Reference 7.4, step 3: what is on the link by definition.
    if (IsLimitedBroadcast(remote) || IsLinkLocal(remote) || IsLoopback(remote)) return true;
    for (const Subnet& each : configuration_.addresses) {
      if (each.length < each.address.size() * 8 && Covers(each, remote)) return true;
    }
    return AnyCovers(configuration_.routes, remote);
  }

  int Reply() {
    std::optional<Bytes> source = destination_;
    if (kind_ == Destination::kBroadcast || kind_ == Destination::kMulticast) {
      source = ChooseSource(configuration_, source_);
    }
    if (!source || !HasRouteTo(source_)) return kNoRoute;
    Send(family_ == kIpv4 ? Ipv4Reply(packet_, header_, *source, configuration_.ttl)
                          : Ipv6Reply(packet_, *source, configuration_.hop_limit));
    return kOk;
  }

  // Reference 1.11 and 2.7.
  void Send(const Bytes& packet) {
    const size_t smallest = family_ == kIpv4 ? 68 : 1280;
    if (configuration_.mtu < smallest) {
      CountIp("outgoing_packet_errors");
      return CountIcmp("sent.dropped");
    }
    if (packet.size() > configuration_.mtu) return SayBeyond();
    outcome_.reply = packet;
    CountIcmp("sent.echo_reply");
    CountIp("packets_sent");
    Count("tx.packets");
    Count("tx.bytes", packet.size());
  }

  const Configuration& configuration_;
  Counts& counts_;
  // Of the packet at hand.
  std::vector<std::pair<std::string, uint64_t>> counted_;
  bool beyond_ = false;
  Decision decision_;
  Outcome outcome_;
  Family family_ = kIpv4;
  Bytes packet_;  // cut to what its header says
  size_t header_ = 0;
  Bytes source_;
  Bytes destination_;
  Destination kind_ = Destination::kAssigned;
};

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_ECHO_H_

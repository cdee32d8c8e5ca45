// Packets into a stack that takes every address and answers by a handler.
//
// An input is a byte of Options and packets, each behind its length in two
// bytes. After each packet: it was counted once, by where it ended, and what
// came out, if anything, is the right Echo Reply, by a checker of its own. Of
// options, extension headers, fragments and errors it wants to know no more than
// that what comes out is in order, and one answer at most.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/icmp/request.h"
#include "netstack/ip/path_mtus.h"
#include "netstack/stack/change.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"
#include "netstack/testing/scripted_forwarder.h"
#include "netstack/testing/stack_scene.h"

namespace {

using netstack::testing::Bytes;
using netstack::testing::Counts;
using netstack::testing::FakeLink;
using netstack::testing::Parse;
using netstack::testing::ParsedPacket;
using netstack::testing::ScriptedForwarder;
using netstack::testing::StackScene;

enum Options : uint8_t {
  kReplies = 1,   // the handler asks for a reply
  kConsumes = 2,  // and what it returns
  kFails = 4,     // a verdict out of range instead
  kNoHandler = 8,
  kUnicastOnly = 16,  // not promiscuous: only the addresses that are assigned
  kSpoofing = 32,
  kRepair = 64,  // checksums are made right, so that more gets past them
};
constexpr size_t kMaximumPackets = 16;

void Require(bool right, const char* rule, const Bytes& packet) {
  if (right) return;
  std::fprintf(stderr, "%s: %s\n", rule, netstack::testing::ToHex(packet).c_str());
  std::abort();
}

size_t Number16(const Bytes& bytes, size_t at) { return size_t{bytes[at]} << 8 | bytes[at + 1]; }

// The packet without what its own length does not count.
Bytes Cut(const Bytes& packet) {
  size_t length = packet.size();
  if (length >= 20 && packet[0] >> 4 == 4) length = std::min(length, Number16(packet, 2));
  if (length >= 40 && packet[0] >> 4 == 6) length = std::min(length, 40 + Number16(packet, 4));
  return {packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length)};
}

void Repair(Bytes* packet) {
  const size_t length = Cut(*packet).size();
  const auto put = [&](size_t at, uint16_t checksum) {
    (*packet)[at] = static_cast<uint8_t>(checksum >> 8);
    (*packet)[at + 1] = static_cast<uint8_t>(checksum);
  };
  const auto message = [&](size_t at) { return std::span(*packet).subspan(at, length - at); };
  if (length >= 20 && (*packet)[0] >> 4 == 4) {
    const size_t header = size_t{4} * ((*packet)[0] & 15u);
    if (header < 20 || header > length) return;
    netstack::testing::FixHeaderChecksum(packet);
    if ((*packet)[9] != 1 || length < header + 4) return;
    put(header + 2, 0);
    put(header + 2, netstack::testing::SlowChecksum(message(header)));
  } else if (length >= 44 && (*packet)[0] >> 4 == 6) {
    put(42, 0);
    put(42, netstack::testing::SlowChecksum6(std::span(*packet).subspan(8, 16),
                                             std::span(*packet).subspan(24, 16), 58, message(40)));
  }
}

// One stack, its counters, and what the handler does.
class Target {
 public:
  explicit Target(uint8_t options)
      : link_(scene_.AddNic(1, {"192.168.0.1/24", "a::1/64", "fe80::1/64"})),
        forwarder_([options](uint64_t request) { return Handle(options, request); }) {
    const netstack::base::Entry entry;
    netstack::stack::NicFlags flags;
    flags.promiscuous = (options & kUnicastOnly) == 0;
    flags.spoofing = (options & kSpoofing) != 0;
    Require(scene_->SetNicFlags(1, flags).ok(), "flags", {});
    if ((options & kNoHandler) == 0) {
      Require(scene_->SetForwarder(true, true, forwarder_.get()).ok(), "handler", {});
    }
    counters_ = netstack::stack::Change(*scene_).FindNic(1)->counters();
  }

  // What it changed in the counters; what was sent goes to `sent`.
  Counts Receive(const Bytes& packet, std::vector<Bytes>* sent) {
    link_->Inject(packet);
    *sent = link_->TakeSent();
    Counts now = netstack::testing::NonzeroCounts(*counters_);
    Counts changed = now;
    for (const auto& [name, count] : before_) {
      if ((changed[name] -= count) == 0) changed.erase(name);
    }
    before_ = std::move(now);
    return changed;
  }

 private:
  static int32_t Handle(uint8_t options, uint64_t request) {
    if ((options & kReplies) != 0) {
      const auto first = netstack::icmp::Reply(request);
      Require(netstack::icmp::Reply(request) == first, "the second outcome differs", {});
    }
    if ((options & kFails) != 0) return -7;
    return (options & kConsumes) != 0 ? 1 : 0;
  }

  StackScene scene_;
  FakeLink::Pointer link_;
  ScriptedForwarder forwarder_;
  std::shared_ptr<netstack::ip::NicCounters> counters_;
  Counts before_;
};

bool Mapped(const Bytes& packet, size_t at) {
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kMapped.begin(), kMapped.end(), packet.begin() + static_cast<ptrdiff_t>(at));
}

// ICMPv6 messages whose type is counted before they are looked at further.
bool IsOfTheLink(std::string_view counter) {
  constexpr std::string_view kPrefix = "icmp.received.";
  for (const std::string_view name :
       {"multicast_listener_", "router_solicit", "router_advert", "neighbor_", "redirect_msg"}) {
    if (counter.substr(kPrefix.size()).starts_with(name)) return true;
  }
  return false;
}

// How many of the counters where a packet can end have changed.
uint64_t Ends(const Counts& changed) {
  uint64_t ends = 0;
  uint64_t of_the_link = 0;
  for (const auto& [name, count] : changed) {
    const bool icmp = name.starts_with("icmp.received.");
    const bool dropped =
        name.starts_with("ip.invalid_") || name == "ip.malformed_packets_received" ||
        name == "nic.unknown_l3_protocol_rcvd_packets" || name.starts_with("unknown_protocol.");
    if (icmp || dropped) ends += count;
    if (icmp && IsOfTheLink(name)) of_the_link += count;
  }
  const auto second = [&](const char* name) {
    return of_the_link == 1 && changed.contains(name) ? 1u : 0u;
  };
  return ends - second("icmp.received.invalid") -
         second("icmp.received.router_only_packets_dropped_by_host");
}

void CheckCounts(const Bytes& packet, const Counts& changed) {
  uint64_t wanted = 1;
  if (packet.size() >= 40 && packet[0] >> 4 == 6) {
    const bool both = Mapped(packet, 8) && Mapped(packet, 24);
    if (both && changed.contains("ip.invalid_source_addresses_received")) wanted = 2;
    const bool nothing_inside = packet[6] == 59 && changed.contains("ip.valid_packets_received") &&
                                !changed.contains("ip.invalid_source_addresses_received") &&
                                !changed.contains("ip.invalid_destination_addresses_received");
    if (nothing_inside) wanted = 0;
  }
  Require(Ends(changed) == wanted, "not counted once by where it ended", packet);
  Require(changed.at("nic.rx.packets") == 1, "not received once", packet);
}

bool IsGroup(const ParsedPacket& request) {
  const std::string& to = request.destination;
  if (request.family == 6) return to.starts_with("ff") && to.find(':') == 4;
  return to == "255.255.255.255" || to == "192.168.0.255" || to == "224.0.0.1";
}

// Whether an ICMP message stands right behind the header, all of it, and a reply
// to it needs no fragments on a way with that MTU.
bool IsPlain(const Bytes& packet, uint32_t mtu) {
  if (Cut(packet).size() > mtu) return false;
  if (packet.size() >= 20 && packet[0] >> 4 == 4) {
    return packet[0] == 0x45 && (Number16(packet, 6) & 0x3fff) == 0 && packet[9] == 1;
  }
  if (packet.size() >= 40 && packet[0] >> 4 == 6) return packet[6] == 58 || packet[6] == 59;
  return true;
}

void CheckOutput(const Bytes& packet, const std::vector<Bytes>& sent, const Counts& changed) {
  uint64_t answers = 0;
  for (const auto& [name, count] : changed) {
    const bool kept = name == "icmp.sent.dropped" || name == "icmp.sent.rate_limited";
    if (name.starts_with("icmp.sent.") && !kept) answers += count;
  }
  Require(answers <= 1, "more than one answer", packet);
  Require(answers == 1 || sent.empty(), "sent and not counted", packet);
  for (const Bytes& each : sent) {
    const ParsedPacket parsed = Parse(each);
    Require(parsed.problem.empty(), parsed.problem.c_str(), each);
  }
}

void CheckReply(const Bytes& packet, const std::vector<Bytes>& sent, const Counts& changed) {
  const auto count = [&](const char* name) {
    return changed.contains(name) ? changed.at(name) : uint64_t{0};
  };
  Require(sent.size() == count("icmp.sent.echo_reply"), "not counted as sent", packet);
  Require(sent.size() + count("icmp.sent.dropped") <= 1, "more than one reply", packet);
  if (sent.empty()) return;
  const ParsedPacket request = Parse(Cut(packet));
  const ParsedPacket reply = Parse(sent[0]);
  const bool v4 = request.family == 4;
  Require(request.problem.empty() && request.icmp, "a bad request was answered", packet);
  Require(request.type == (v4 ? 8 : 128), "no request was answered", packet);
  Require(reply.problem.empty() && reply.icmp, reply.problem.c_str(), sent[0]);
  Require(reply.family == request.family, "the other family", sent[0]);
  Require(reply.type == (v4 ? 0 : 129) && reply.code == request.code, "type or code", sent[0]);
  Require(reply.identifier == request.identifier && reply.sequence == request.sequence &&
              reply.payload == request.payload,
          "the message differs", sent[0]);
  Require(reply.destination == request.source, "not to its sender", sent[0]);
  const bool from_us =
      reply.source == "192.168.0.1" || reply.source == "a::1" || reply.source == "fe80::1";
  Require(IsGroup(request) ? from_us : reply.source == request.destination, "source", sent[0]);
  Require(reply.ttl == 64 && reply.tos == request.tos && reply.flow_label == 0, "header", sent[0]);
  Require(!v4 || (reply.identification == request.identification &&
                  reply.dont_fragment == request.dont_fragment && !reply.more_fragments),
          "ID or flags", sent[0]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t options = data[0];
  Target target(options);
  uint32_t mtu = netstack::link::kDefaultMtu;
  size_t at = 1;
  for (size_t i = 0; i < kMaximumPackets && at + 2 <= size; ++i) {
    const size_t told = size_t{data[at]} << 8 | data[at + 1];
    at += 2;
    const size_t length = std::min(told, size - at);
    Bytes packet(data + at, data + at + length);
    at += length;
    if ((options & kRepair) != 0) Repair(&packet);
    std::vector<Bytes> sent;
    const Counts changed = target.Receive(packet, &sent);
    CheckOutput(packet, sent, changed);
    if (changed.contains("path_mtu.taken")) {
      mtu = netstack::ip::LeastPathMtu(netstack::wire::Family::kIpv4);
    }
    if (!IsPlain(packet, mtu)) continue;
    CheckCounts(packet, changed);
    CheckReply(packet, sent, changed);
  }
  return 0;
}

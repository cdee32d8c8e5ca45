// Random chains of extension headers against a walker in the plainest way, which
// looks at each byte through at(): what is not there throws. Under a sanitizer a
// read beyond the packet ends the test, for each has memory of just its size.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::Extension;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv6;

struct Outcome {
  Fate fate = Fate::kMalformed;
  bool fragment = false;     // not an atomic one: another's business
  size_t header_length = 0;  // of a packet that came up
  unsigned router_alerts = 0;
  int unknown_protocol = -1;
};

class PlainWalker {
 public:
  explicit PlainWalker(Bytes packet) : packet_(std::move(packet)) {}

  Outcome Walk() {
    try {
      unsigned protocol = packet_.at(6);
      size_t at = 40;
      for (int headers = 0;; ++headers) {
        const bool options = protocol == 0 || protocol == 60;
        if (!options && protocol != 43 && protocol != 44 && protocol != 253) {
          Finish(protocol, at);
          return outcome_;
        }
        if (headers == 32) throw Fate::kMalformed;
        const bool fixed = protocol == 44 || protocol == 253;
        const size_t length = fixed ? 8 : 8 + size_t{8} * packet_.at(at + 1);
        const Bytes header = Cut(at, length);
        if (protocol == 0 && headers > 0) throw Fate::kHeaderProblem;
        if (protocol == 43 && header.at(3) != 0) throw Fate::kHeaderProblem;
        if (protocol == 44 && ((header.at(2) << 8 | header.at(3)) & 0xfff9) != 0) {
          outcome_.fragment = true;
          return outcome_;
        }
        if (options) WalkOptions(header, protocol == 0);
        protocol = header.at(0);
        at += length;
      }
    } catch (const std::out_of_range&) {
      outcome_.fate = Fate::kMalformed;
    } catch (const Fate fate) {
      outcome_.fate = fate;
    }
    return outcome_;
  }

 private:
  [[nodiscard]] Bytes Cut(size_t at, size_t length) const {
    Bytes bytes;
    while (bytes.size() < length) bytes.push_back(packet_.at(at + bytes.size()));
    return bytes;
  }

  void WalkOptions(const Bytes& header, bool hop_by_hop) {
    for (size_t at = 2; at < header.size();) {
      const unsigned type = header[at];
      if (type == 0) {
        at += 1;
        continue;
      }
      const size_t end = at + 2 + header.at(at + 1);
      if (end > header.size()) throw Fate::kMalformed;
      if (type != 1 && ++options_ > 64) throw Fate::kMalformed;
      if (type == 5) {
        if (end - at != 4) throw Fate::kMalformed;
        if (hop_by_hop && ++outcome_.router_alerts == 2) {
          outcome_.router_alerts = 1;
          throw Fate::kMalformed;
        }
      } else if (type >= 64) {
        throw Fate::kOptionProblem;
      }
      at = end;
    }
  }

  void Finish(unsigned protocol, size_t at) {
    outcome_.header_length = at;
    if (protocol == 59) throw Fate::kNotWanted;
    if (protocol != 58) {
      outcome_.unknown_protocol = static_cast<int>(protocol);
      throw Fate::kUnknownProtocol;
    }
    const std::span<const uint8_t> all(packet_);
    const bool right =
        packet_.size() - at >= 8 &&
        testing::SlowChecksum6(all.subspan(8, 16), all.subspan(24, 16), 58, all.subspan(at)) == 0;
    throw right ? Fate::kConsumed : Fate::kInvalidIcmp;
  }

  const Bytes packet_;
  Outcome outcome_;
  int options_ = 0;
};

// Mostly right, so that many chains are walked to their end.
class Generator {
 public:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  bool Rarely() { return Below(12) == 0; }

  Bytes Packet() {
    Ipv6 ip;
    const size_t headers = Rarely() ? 28 + Below(8) : Below(6);
    for (size_t i = 0; i < headers; ++i) ip.extensions.push_back(Header(i == 0));
    if (Below(4) == 0) ip.next_header = static_cast<uint8_t>(Rarely() ? Below(256) : 59);
    Bytes packet = Build(ip, Icmp{.payload = Bytes(Below(9), 7)});
    const size_t changes = Below(3) == 0 ? 1 + Below(3) : 0;
    for (size_t i = 0; i < changes && packet.size() > 48; ++i) {
      packet[40 + Below(packet.size() - 48)] = static_cast<uint8_t>(Below(256));
    }
    if (Rarely()) packet.resize(40 + Below(packet.size() - 40));
    const size_t length = packet.size() - 40;
    packet[4] = static_cast<uint8_t>(length >> 8);
    packet[5] = static_cast<uint8_t>(length);
    packet.shrink_to_fit();
    return packet;
  }

 private:
  Extension Header(bool first) {
    static constexpr uint8_t kNumbers[] = {60, 60, 43, 44, 253, 0};
    const uint8_t number = kNumbers[Below(first || Rarely() ? 6 : 5)];
    Bytes bytes(8);
    for (size_t i = 4; i < 8; ++i) bytes[i] = static_cast<uint8_t>(Below(256));
    if (number == 43) {
      bytes[1] = static_cast<uint8_t>(Below(3));
      bytes.resize(8 + size_t{8} * bytes[1]);
      if (Rarely()) bytes[3] = 1;
    } else if (number == 44) {
      bytes[3] = static_cast<uint8_t>(Rarely() ? Below(256) : Below(4) * 2);
    } else if (number != 253) {
      bytes = Options();
    }
    return {number, bytes};
  }

  Bytes Options() {
    Bytes bytes{0, 0};
    const size_t options = Rarely() ? 30 + Below(10) : Below(4);
    for (size_t i = 0; i < options; ++i) {
      static constexpr uint8_t kTypes[] = {0, 1, 5, 0x1e, 0x3f};
      const auto type = Rarely() ? static_cast<uint8_t>(Below(256)) : kTypes[Below(5)];
      bytes.push_back(type);
      if (type == 0) continue;
      const size_t length = type == 5 && !Rarely() ? 2 : Below(7);
      bytes.push_back(static_cast<uint8_t>(length));
      for (size_t j = 0; j < length; ++j) bytes.push_back(static_cast<uint8_t>(Below(256)));
    }
    bytes.resize((bytes.size() + 7) / 8 * 8);
    bytes[1] = static_cast<uint8_t>(bytes.size() / 8 - 1);
    return bytes;
  }

  std::mt19937 random_{20'170'701};  // RFC 8200 is of July 2017
};

Counts CountsOf(const Outcome& outcome) {
  Counts counts{{"ip.packets_received", 1}, {"ip.valid_packets_received", 1}};
  if (outcome.router_alerts != 0) {
    counts["ip.option_router_alert_received"] = outcome.router_alerts;
  }
  switch (outcome.fate) {
    case Fate::kMalformed:
      counts["ip.malformed_packets_received"] = 1;
      break;
    case Fate::kConsumed:
      counts["ip.packets_delivered"] = 1;
      counts["icmp.received.echo_request"] = 1;
      break;
    case Fate::kInvalidIcmp:
      counts["ip.packets_delivered"] = 1;
      counts["icmp.received.invalid"] = 1;
      break;
    case Fate::kUnknownProtocol:
      counts["ip.packets_delivered"] = 1;
      counts["unknown_protocol." + std::to_string(outcome.unknown_protocol)] = 1;
      break;
    default:
      break;
  }
  return counts;
}

TEST(Ipv6HeadersRandomTest, AreTakenAsAPlainWalkerTakesThem) {
  IpScene scene;
  scene.Assign("a::1/64");
  scene.configuration().strict_routes = true;  // no way back: errors are not looked at here
  size_t header_length = 0;
  scene.SetUpperLayer([&](Echo& echo) {
    header_length = echo.packet().header_length;
    return Verdict::kConsumed;
  });
  Generator generator;
  std::map<Fate, int> seen;
  for (int i = 0; i < 8'000; ++i) {
    const Bytes packet = generator.Packet();
    const Outcome expected = PlainWalker(packet).Walk();
    const Fate fate = scene.Receive(packet);
    const Counts counts = scene.TakeCounts();
    if (expected.fragment) continue;
    ASSERT_EQ(fate, expected.fate) << testing::ToHex(packet);
    ASSERT_EQ(counts, CountsOf(expected)) << testing::ToHex(packet);
    if (fate == Fate::kConsumed) {
      ASSERT_EQ(header_length, expected.header_length);
    }
    ++seen[fate];
  }
  for (const Fate fate : {Fate::kConsumed, Fate::kMalformed, Fate::kOptionProblem,
                          Fate::kHeaderProblem, Fate::kNotWanted, Fate::kUnknownProtocol}) {
    EXPECT_GT(seen[fate], 50) << static_cast<int>(fate);
  }
}

}  // namespace
}  // namespace netstack::ip

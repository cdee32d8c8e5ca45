// Valid ICMP packets, and what can become of them on the way.
#ifndef NETSTACK_TESTS_REFERENCE_RANDOM_PACKET_H_
#define NETSTACK_TESTS_REFERENCE_RANDOM_PACKET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "reference/configuration.h"
#include "reference/random.h"
#include "reference/random_configuration.h"
#include "support/bytes.h"
#include "support/icmp_packet.h"

namespace reference {

using support::operator+;

class PacketMaker {
 public:
  PacketMaker(Random* random, const Configuration& configuration)
      : random_(*random),
        mtu_(configuration.mtu),
        addresses_{InterestingAddresses(configuration, kIpv4),
                   InterestingAddresses(configuration, kIpv6)},
        own_{OwnAddresses(configuration, kIpv4), OwnAddresses(configuration, kIpv6)} {}

  // A valid packet, changed in some ways or none, its checksums right or wrong.
  Bytes Make() {
    const Family family = random_.OneIn(2) ? kIpv4 : kIpv6;
    Bytes packet = Valid(family);
    for (size_t changes = random_.Below(4); changes > 0; --changes) Change(family, &packet);
    if (!random_.OneIn(4)) RepairHeader(&packet);
    if (!random_.OneIn(4)) RepairMessage(&packet);
    if (random_.OneIn(30)) AimChecksum(&packet);
    return packet;
  }

 private:
  const Bytes& Address(Family family) { return random_.Of(addresses_[family]); }
  // Most packets come from somebody ordinary and go to an address of ours.
  const Bytes& Source(Family family) {
    static const std::vector<Bytes> kPeers[2] = {
        {{192, 168, 0, 77}, {10, 9, 9, 9}, {203, 0, 113, 77}},
        {support::AddressBytes("a::77"), support::AddressBytes("fe80::7"),
         support::AddressBytes("d::77")}};
    return random_.OneIn(3) ? Address(family) : random_.Of(kPeers[family]);
  }
  const Bytes& Destination(Family family) {
    return random_.OneIn(2) || own_[family].empty() ? Address(family) : random_.Of(own_[family]);
  }

  size_t PayloadSize(size_t header) {
    if (random_.OneIn(500)) return 65'535 - header - 8 - random_.Below(3);  // the largest
    if (random_.OneIn(20) && mtu_ >= header + 10 && mtu_ < 9'000) {         // around the MTU
      return mtu_ - header - 10 + random_.Below(4);
    }
    return random_.Below(random_.OneIn(10) ? 200 : 12);
  }

  Bytes Valid(Family family) {
    const size_t header = family == kIpv4 ? 20 : 40;
    Bytes message = {static_cast<uint8_t>(family == kIpv4 ? 8 : 128), 0, 0, 0};
    if (random_.OneIn(8)) message[0] = family == kIpv4 ? 0 : 129;
    message.resize(8 + PayloadSize(header));
    for (size_t i = 4; i < std::min<size_t>(message.size(), 64); ++i) message[i] = random_.Byte();
    const Bytes addresses = Source(family) + Destination(family);
    Bytes packet;
    if (family == kIpv4) {
      packet = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0};
    } else {
      packet = {0x60, 0, 0, 0, 0, 0, 58, 64};
    }
    packet = packet + addresses + message;
    support::Set16(&packet, family == kIpv4 ? 2 : 4,
                   static_cast<unsigned>(family == kIpv4 ? packet.size() : message.size()));
    RepairHeader(&packet);
    RepairMessage(&packet);
    return packet;
  }

  // One change. What does not fit a packet that was cut short changes nothing.
  void Change(Family family, Bytes* packet) {
    if (packet->empty()) return;
    switch (random_.Below(13)) {
      case 0:
        packet->at(random_.Below(packet->size())) ^= static_cast<uint8_t>(1 << random_.Below(8));
        break;
      case 1:
        packet->at(random_.Below(packet->size())) = AnyByte();
        break;
      case 2:
        packet->resize(random_.Below(packet->size()));
        break;
      case 3:  // padding, which no length counts
        for (size_t more = 1 + random_.Below(46); more > 0; --more) packet->push_back(AnyByte());
        break;
      case 4:
        SetLength(family, packet);
        break;
      case 5:
        SetAddress(family, packet);
        break;
      case 6:  // TTL or Hop Limit
        Set(packet, family == kIpv4 ? 8 : 7, random_.OneIn(2) ? 255 : AnyByte());
        break;
      case 7:  // TOS or Traffic Class and Flow Label
        Set(packet, 1 + random_.Below(family == kIpv4 ? 1 : 3), AnyByte());
        break;
      case 8:
        SetProtocol(family, packet);
        break;
      case 9:
        SetType(family, packet);
        break;
      case 10:
        SetFragment(family, packet);
        break;
      case 11:
        AddOptions(family, packet);
        break;
      default:  // a checksum of an extreme value
        SetExtreme(packet, random_.OneIn(2) && family == kIpv4 ? 10 : MessageAt(*packet) + 2);
        break;
    }
  }

  uint8_t AnyByte() {
    static const std::vector<uint8_t> kExtremes = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    return random_.OneIn(2) ? random_.Of(kExtremes) : random_.Byte();
  }

  static void Set(Bytes* packet, size_t at, uint8_t value) {
    if (at < packet->size()) packet->at(at) = value;
  }

  void SetExtreme(Bytes* packet, size_t at) {
    const uint8_t value = random_.OneIn(2) ? 0 : 0xff;
    Set(packet, at, value);
    Set(packet, at + 1, value);
  }

  void SetLength(Family family, Bytes* packet) {
    if (packet->size() < 6) return;
    const size_t at = family == kIpv4 ? 2 : 4;
    const size_t now = support::Get16(*packet, at);
    const size_t wanted[] = {now + 1, now - 1, packet->size(),  random_.Below(64),
                             0,       0xffff,  now + AnyByte(), random_.Below(0x10000)};
    support::Set16(packet, at, static_cast<unsigned>(wanted[random_.Below(8)] & 0xffff));
  }

  void SetAddress(Family family, Bytes* packet) {
    const Bytes address = Address(family);
    const size_t first = family == kIpv4 ? 12 : 8;
    const size_t at = first + (random_.OneIn(2) ? address.size() : 0);
    for (size_t i = 0; i < address.size(); ++i) Set(packet, at + i, address[i]);
  }

  void SetProtocol(Family family, Bytes* packet) {
    static const std::vector<uint8_t> kNumbers = {0,  1,  2,  6,  17, 43,  44,
                                                  50, 51, 58, 59, 60, 253, 255};
    Set(packet, family == kIpv4 ? 9 : 6, random_.OneIn(4) ? AnyByte() : random_.Of(kNumbers));
  }

  // ICMP type and code; NDP also as it comes from the link.
  void SetType(Family family, Bytes* packet) {
    uint8_t type = AnyByte();
    if (!random_.OneIn(4)) {
      const size_t first = family == kIpv6 && random_.OneIn(2) ? 125 : 0;
      type = static_cast<uint8_t>(first + random_.Below(20));
    }
    const size_t at = MessageAt(*packet);
    Set(packet, at, type);
    Set(packet, at + 1, random_.OneIn(2) ? AnyByte() : 0);
    if (random_.OneIn(2)) Set(packet, family == kIpv4 ? 8 : 7, 255);
  }

  void SetFragment(Family family, Bytes* packet) {
    if (family == kIpv6 || packet->size() < 8) return;
    static const std::vector<unsigned> kFields = {0x2000, 0x4000, 0x8000, 0xc000, 0x0001,
                                                  0x1fff, 0x3fff, 0xffff, 0x6001};
    support::Set16(packet, 6, random_.Of(kFields));
    support::Set16(packet, 4, static_cast<unsigned>(random_.Below(0x10000)));
  }

  // IPv4 options, of which nothing is right but the room that they take.
  void AddOptions(Family family, Bytes* packet) {
    if (family == kIpv6 || packet->size() < 20) return;
    const size_t words = 1 + random_.Below(10);
    Bytes options(words * 4);
    for (uint8_t& byte : options) byte = AnyByte();
    packet->insert(packet->begin() + 20, options.begin(), options.end());
    packet->at(0) = static_cast<uint8_t>(0x45 + words);
    support::Set16(packet, 2,
                   (support::Get16(*packet, 2) + static_cast<unsigned>(options.size())) & 0xffff);
  }

  static size_t MessageAt(const Bytes& packet) {
    if (packet.empty() || packet[0] >> 4 == 6) return 40;
    return (packet[0] & 15u) * 4u;
  }

  // The end of the packet as its header tells it, where it can be.
  static size_t EndOf(const Bytes& packet) {
    if (packet.size() < 6) return packet.size();
    const size_t end =
        packet[0] >> 4 == 6 ? size_t{40} + support::Get16(packet, 4) : support::Get16(packet, 2);
    return std::min(end, packet.size());
  }

  static void RepairHeader(Bytes* packet) {
    if (packet->size() < 20 || packet->at(0) >> 4 != 4) return;
    const size_t header = MessageAt(*packet);
    if (header >= 20 && header <= packet->size()) support::FixIpv4Header(packet);
  }

  static void RepairMessage(Bytes* packet) {
    if (packet->empty()) return;
    const bool v6 = packet->at(0) >> 4 == 6;
    const size_t at = MessageAt(*packet);
    const size_t end = EndOf(*packet);
    if (at < 20 || end < at + 4) return;
    support::Set16(packet, at + 2, 0);
    Bytes covered = support::Part(*packet, at, end - at);
    if (v6) {
      covered = support::PseudoHeader(support::Part(*packet, 8, 16), support::Part(*packet, 24, 16),
                                      end - at) +
                covered;
    }
    support::Set16(packet, at + 2, support::InternetChecksum(covered));
  }

  // Chooses the identifier such that the checksum, the request's or its
  // answer's, is at or beside one of the two zeros of ones' complement.
  void AimChecksum(Bytes* packet) {
    const size_t at = packet->empty() ? 0 : MessageAt(*packet);
    if (at < 20 || EndOf(*packet) < at + 8) return;
    if (random_.OneIn(4)) {  // a message that is nothing but zeros
      std::fill(packet->begin() + static_cast<ptrdiff_t>(at) + 1, packet->end(), uint8_t{0});
    }
    static const std::vector<unsigned> kTargets = {0,      1,      0xfffe, 0xf7fe, 0xf7ff,
                                                   0xf800, 0x00ff, 0x0100, 0x0101};
    RepairMessage(packet);
    const unsigned more = support::Get16(*packet, at + 2) + 0xffff - random_.Of(kTargets);
    support::Set16(packet, at + 4, (support::Get16(*packet, at + 4) + more) % 0xffff);
    RepairMessage(packet);
    // The other zero, which only IPv4 takes for the same.
    if (support::Get16(*packet, at + 2) == 0 && random_.OneIn(2)) {
      support::Set16(packet, at + 2, 0xffff);
    }
  }

  Random& random_;
  const size_t mtu_;
  const std::vector<Bytes> addresses_[2];  // by family
  const std::vector<Bytes> own_[2];
};

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_RANDOM_PACKET_H_

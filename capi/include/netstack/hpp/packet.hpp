/**
 * @file
 * Packets: what one was, and a copy of it to keep.
 */
#ifndef NETSTACK_HPP_PACKET_HPP
#define NETSTACK_HPP_PACKET_HPP

#include <netstack/packet.h>

#include <cstddef>
#include <cstdint>
#include <netstack/hpp/address.hpp>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>

namespace netstack {

/** What there is to know of an ICMP packet. A copy: valid for ever. */
class PacketInfo {
 public:
  explicit PacketInfo(const ns_packet_info& info) noexcept : info_(info) {}

  /** Where it came from. */
  [[nodiscard]] Address source() const noexcept { return Address(info_.source); }
  /** Where it went to. */
  [[nodiscard]] Address destination() const noexcept { return Address(info_.destination); }
  [[nodiscard]] Family family() const noexcept { return source().family(); }
  /** The NIC that it came in on. */
  [[nodiscard]] std::uint32_t nic() const noexcept { return info_.nic; }
  /** Nobody assigned the destination: promiscuous mode or a local prefix. */
  [[nodiscard]] bool is_temporary() const noexcept { return Has(NS_PACKET_TEMPORARY); }
  /** To the limited broadcast address, or a subnet's. */
  [[nodiscard]] bool is_broadcast() const noexcept { return Has(NS_PACKET_BROADCAST); }
  /** To a joined group. */
  [[nodiscard]] bool is_multicast() const noexcept { return Has(NS_PACKET_MULTICAST); }
  /** The ICMP checksum is wrong. Only raw sockets get to see such a packet. */
  [[nodiscard]] bool has_bad_checksum() const noexcept { return Has(NS_PACKET_BAD_CHECKSUM); }
  /** Bytes of the whole packet, from the IP header on. */
  [[nodiscard]] std::uint32_t length() const noexcept { return info_.length; }
  /** Where the ICMP message begins, in bytes. */
  [[nodiscard]] std::uint32_t icmp_offset() const noexcept { return info_.icmp_offset; }
  /** Where the echo data begins, in bytes; it ends with the packet. */
  [[nodiscard]] std::uint32_t payload_offset() const noexcept { return info_.payload_offset; }
  [[nodiscard]] std::uint16_t identifier() const noexcept { return info_.identifier; }
  [[nodiscard]] std::uint16_t sequence() const noexcept { return info_.sequence; }
  /** ICMP type: 8 or 128 for an Echo Request, 0 or 129 for a Reply. */
  [[nodiscard]] std::uint8_t type() const noexcept { return info_.type; }
  /** ICMP code, as it came. */
  [[nodiscard]] std::uint8_t code() const noexcept { return info_.code; }
  /** TTL or Hop Limit, as it came. */
  [[nodiscard]] std::uint8_t ttl() const noexcept { return info_.ttl; }
  /** TOS or Traffic Class, as it came. */
  [[nodiscard]] std::uint8_t tos() const noexcept { return info_.tos; }
  /** As the C ABI has it. */
  [[nodiscard]] const ns_packet_info& get() const noexcept { return info_; }

 private:
  [[nodiscard]] bool Has(std::uint32_t flag) const noexcept { return (info_.flags & flag) != 0; }

  ns_packet_info info_;
};

/** A packet that is kept: read-only, without any right to answer, usable on any thread. */
class Packet : public Owner<ns_packet, ns_packet_unref> {
 public:
  using Owner::Owner;

  /** One more owner of the same packet, without a copy of its bytes. */
  [[nodiscard]] Packet Share() const noexcept { return Packet(ns_packet_ref(get())); }

  /**
   * What there is to know of it.
   *
   * @throws Error kInvalidArgument: this is empty
   */
  [[nodiscard]] PacketInfo info() const {
    ns_packet_info info{};
    Check(ns_packet_get_info(get(), &info, sizeof info), nullptr, "Packet::info");
    return PacketInfo(info);
  }

  /**
   * Its bytes, from the IP header on; valid as long as there is an owner of the packet.
   *
   * @throws Error kInvalidArgument: this is empty
   */
  [[nodiscard]] ByteView bytes() const {
    const std::uint8_t* bytes = nullptr;
    std::size_t length = 0;
    Check(ns_packet_borrow_bytes(get(), &bytes, &length), nullptr, "Packet::bytes");
    return {bytes, length};
  }

  /** Its echo data; valid as bytes() are. */
  [[nodiscard]] ByteView payload() const { return bytes().Skip(info().payload_offset()); }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_PACKET_HPP

/**
 * @file
 * Addresses and prefixes as values.
 */
#ifndef NETSTACK_HPP_ADDRESS_HPP
#define NETSTACK_HPP_ADDRESS_HPP

#include <netstack/address.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/error.hpp>
#include <string>

namespace netstack {

/** An IPv4 or IPv6 address, or none. Text becomes one wherever one is asked for. */
class Address {
 public:
  /** No address. */
  Address() noexcept = default;
  explicit Address(const ns_address& address) noexcept : address_(address) {}
  /**
   * Reads "192.0.2.1" or "2001:db8::1".
   *
   * @throws Error kInvalidArgument
   */
  Address(const std::string& text) {  // NOLINT(google-explicit-constructor)
    if (ns_address_parse(detail::Text(text, "the address"), &address_) != NS_OK) {
      throw Error(Status::kInvalidArgument, '"' + text + "\" is not an IPv4 or IPv6 address");
    }
  }
  Address(const char* text) : Address(std::string(text)) {}  // NOLINT(google-explicit-constructor)

  /** kIpv4 or kIpv6; kAny: this is no address. */
  [[nodiscard]] Family family() const noexcept { return static_cast<Family>(address_.family); }
  /** Whether this is an address at all. */
  explicit operator bool() const noexcept { return address_.family != NS_FAMILY_ANY; }
  /** 4 or 16 bytes in network byte order, borrowed from this value; none of no address. */
  [[nodiscard]] ByteView bytes() const noexcept {
    return {address_.bytes, family() == Family::kIpv4 ? 4u : family() == Family::kIpv6 ? 16u : 0u};
  }
  /** The NIC on whose link an IPv6 link-local address or group is meant; 0: not told. */
  [[nodiscard]] std::uint32_t scope() const noexcept { return address_.scope; }
  void set_scope(std::uint32_t nic) noexcept { address_.scope = nic; }

  /** The text, IPv6 as RFC 5952 wants it, without the scope; empty for no address. */
  [[nodiscard]] std::string ToString() const {
    char text[NS_ADDRESS_TEXT_SIZE] = "";
    if (*this) Check(ns_address_format(&address_, text, sizeof text), nullptr, "Address::ToString");
    return text;
  }
  /** For calls of the C ABI. */
  [[nodiscard]] const ns_address& get() const noexcept { return address_; }

  friend bool operator==(const Address& a, const Address& b) noexcept { return Compare(a, b) == 0; }
  friend bool operator!=(const Address& a, const Address& b) noexcept { return Compare(a, b) != 0; }
  /** No address, IPv4, IPv6; each by its bytes, then its scope. */
  friend bool operator<(const Address& a, const Address& b) noexcept { return Compare(a, b) < 0; }

 private:
  static int Compare(const Address& a, const Address& b) noexcept {
    if (a.address_.family != b.address_.family) {
      return a.address_.family < b.address_.family ? -1 : 1;
    }
    const int order = std::memcmp(a.address_.bytes, b.address_.bytes, sizeof a.address_.bytes);
    if (order != 0 || a.scope() == b.scope()) return order;
    return a.scope() < b.scope() ? -1 : 1;
  }

  ns_address address_{};
};

/** An address with a prefix length: a network, or an address in its subnet. */
class Prefix {
 public:
  explicit Prefix(const ns_prefix& prefix) noexcept : prefix_(prefix) {}
  Prefix(const Address& address, std::uint32_t length) noexcept : prefix_{address.get(), length} {}
  /**
   * Reads "192.0.2.1/24" or "2001:db8::1/64".
   *
   * @throws Error kInvalidArgument
   */
  Prefix(const std::string& text) {  // NOLINT(google-explicit-constructor)
    if (ns_prefix_parse(detail::Text(text, "the prefix"), &prefix_) != NS_OK) {
      throw Error(
          Status::kInvalidArgument,
          '"' + text +
              "\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64");
    }
  }
  Prefix(const char* text) : Prefix(std::string(text)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] Address address() const noexcept { return Address(prefix_.address); }
  [[nodiscard]] std::uint32_t length() const noexcept { return prefix_.length; }
  [[nodiscard]] Family family() const noexcept { return address().family(); }

  /**
   * The text, "address/length".
   *
   * @throws Error kInvalidArgument: it was made of no address, or of too large a length.
   */
  [[nodiscard]] std::string ToString() const {
    char text[NS_ADDRESS_TEXT_SIZE] = "";
    Check(ns_prefix_format(&prefix_, text, sizeof text), nullptr, "Prefix::ToString");
    return text;
  }
  /** For calls of the C ABI. */
  [[nodiscard]] const ns_prefix& get() const noexcept { return prefix_; }

  friend bool operator==(const Prefix& a, const Prefix& b) noexcept {
    return a.address() == b.address() && a.length() == b.length();
  }
  friend bool operator!=(const Prefix& a, const Prefix& b) noexcept { return !(a == b); }
  /** By the address, then by the length. */
  friend bool operator<(const Prefix& a, const Prefix& b) noexcept {
    return a.address() != b.address() ? a.address() < b.address() : a.length() < b.length();
  }

 private:
  ns_prefix prefix_{};
};

}  // namespace netstack

#endif  // NETSTACK_HPP_ADDRESS_HPP

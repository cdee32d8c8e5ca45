/**
 * @file
 * Links: how packets enter and leave a stack.
 */
#ifndef NETSTACK_HPP_LINK_HPP
#define NETSTACK_HPP_LINK_HPP

#include <netstack/link.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <netstack/hpp/address.hpp>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace netstack {

/** Called when something that was empty has a packet to read or receive, on the thread that
 *  brought the packet. Calls may overlap. */
using Notify = std::function<void()>;

/** Sends one packet on behalf of the stack. On any thread, calls may overlap; the bytes are
 *  borrowed for the call. Returns kOk, or a failure (kWouldBlock: for want of room); that and an
 *  exception count as not sent. */
using Transmit = std::function<Status(ByteView packet)>;

/** Options of Link::Channel(). */
struct LinkChannelOptions {
  std::uint32_t mtu = 0;      /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
  std::uint32_t capacity = 0; /**< Packets that wait to be read, at most 65,536; 0: 256. */
  Notify notify;              /**< The queue was empty and has a packet. May be empty. */
};

/** Options of Link::Callback(). */
struct LinkCallbackOptions {
  std::uint32_t mtu = 0; /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
};

/** What stands before each IP packet on a descriptor. */
enum class PacketInformation : ns_packet_information {
  kNone = NS_PACKET_INFORMATION_NONE,
  kLinux = NS_PACKET_INFORMATION_LINUX,
  kUtun = NS_PACKET_INFORMATION_UTUN
};

/** Options of Link::Fd(). */
struct LinkFdOptions {
  std::uint32_t mtu = 0; /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
  PacketInformation packet_information = PacketInformation::kNone; /**< Both ways. */
};

/** Options of Link::Tun(). */
struct LinkTunOptions {
  std::uint32_t mtu = 0; /**< Sets the device's MTU, 68 to NS_MTU_MAX; 0: leaves it. */
  /** What the host calls itself on this network, each with its subnet's length: given to the
   *  device, which is then brought up. */
  std::vector<Prefix> host_addresses;
};

namespace detail {

// The C ABI's array of what the veneer has as values.
template <typename C, typename Value>
std::vector<C> ArrayOf(const std::vector<Value>& values) {
  std::vector<C> array;
  array.reserve(values.size());
  for (const Value& value : values) array.push_back(value.get());
  return array;
}

inline void CallNotify(void* notify) noexcept {
  Contain(0, [notify] {
    (*static_cast<Notify*>(notify))();
    return 0;
  });
}

inline ns_status CallTransmit(void* transmit, const std::uint8_t* packet,
                              std::size_t length) noexcept {
  return Contain<ns_status>(NS_ERR_INTERNAL, [&] {
    return static_cast<ns_status>((*static_cast<Transmit*>(transmit))(ByteView(packet, length)));
  });
}

// Sets the three fields that the options of the C ABI have for a notify.
template <typename Options>
void SetNotify(Options* options, Notify notify) {
  if (!notify) return;
  options->user_data = new Notify(std::move(notify));
  options->notify = &CallNotify;
  options->destroy = &Destroy<Notify>;
}

}  // namespace detail

/**
 * A way in and out for packets, whole IP packets from the IP header on. It becomes useful as part
 * of a NIC (Stack::AddNic()), which shares it: a link may be gone as soon as it was added.
 */
class Link : public Owner<ns_link, ns_link_free> {
 public:
  using Owner::Owner;

  /**
   * Opens a TUN device by name and makes it if it does not exist. Linux. [any thread]
   *
   * @param name    1 to 15 characters, such as "tun0"; a "%d" in it becomes the first free number.
   * @param options Its options.
   * @throws Error kInvalidArgument: a bad name or option, or another kind of device; kBusy:
   *         somebody else has it open; kNotFound: the system has no TUN; kUnsupported: not allowed,
   *         or not Linux; kNoMemory. The sentence says what to do.
   */
  static Link Tun(const std::string& name, const LinkTunOptions& options = {}) {
    const auto host_addresses = detail::ArrayOf<ns_prefix>(options.host_addresses);
    ns_link_tun_options c_options;
    ns_link_tun_options_init(&c_options, sizeof c_options);
    c_options.mtu = options.mtu;
    c_options.host_addresses = host_addresses.data();
    c_options.host_address_count = host_addresses.size();
    return detail::Make<Link>("Link::Tun", ns_link_tun_new, detail::Text(name, "the name"),
                              &c_options);
  }

  /**
   * Makes a link out of an open descriptor that keeps packets apart: a TUN device, a datagram or
   * sequenced-packet socket. [any thread]
   *
   * The link works on a duplicate: the caller keeps the descriptor and may close it. It is made
   * non-blocking, which the caller's shares.
   *
   * @throws Error kInvalidArgument, kUnsupported, kNoMemory
   */
  static Link Fd(int descriptor, const LinkFdOptions& options = {}) {
    ns_link_fd_options c_options;
    ns_link_fd_options_init(&c_options, sizeof c_options);
    c_options.mtu = options.mtu;
    c_options.packet_information = static_cast<ns_packet_information>(options.packet_information);
    return detail::Make<Link>("Link::Fd", ns_link_fd_new, descriptor, &c_options);
  }

  /**
   * Makes a link in memory: what the stack sends waits in a bounded queue for Read(), what it shall
   * receive comes by Inject(). [any thread]
   *
   * A packet that finds the queue full is dropped and counted.
   *
   * @throws Error kInvalidArgument, kNoMemory
   */
  static Link Channel(LinkChannelOptions options = {}) {
    ns_link_channel_options c_options;
    ns_link_channel_options_init(&c_options, sizeof c_options);
    c_options.mtu = options.mtu;
    c_options.capacity = options.capacity;
    detail::SetNotify(&c_options, std::move(options.notify));
    return detail::Make<Link>("Link::Channel", ns_link_channel_new, &c_options);
  }

  /**
   * Makes a link out of the embedder's own way to send; what the stack shall receive comes by
   * Inject(). [any thread]
   *
   * @throws Error kInvalidArgument: an option, or `transmit` is empty; kNoMemory
   */
  static Link Callback(Transmit transmit, const LinkCallbackOptions& options = {}) {
    if (!transmit) throw Error(Status::kInvalidArgument, "the transmit function is empty");
    ns_link_callback_options c_options;
    ns_link_callback_options_init(&c_options, sizeof c_options);
    c_options.mtu = options.mtu;
    return detail::Make<Link>("Link::Callback", ns_link_callback_new, &c_options,
                              &detail::CallTransmit, new Transmit(std::move(transmit)),
                              &detail::Destroy<Transmit>);
  }

  /**
   * Gives the stack a packet as if it had come in on this link. [any thread]
   *
   * Handlers run, and answers are sent, before it returns. From inside a callback the packet is
   * handled at once, nested up to 8 deep.
   *
   * @param packet One IP packet. Borrowed for the call.
   * @return False only on a NIC with NS_NIC_SIDE_BY_SIDE: nothing here takes the packet.
   * @throws Error kClosed: no NIC has this link; kBusy: nested too deep; kInvalidArgument;
   *         kNoMemory. What the first callback beneath it threw.
   */
  bool Inject(ByteView packet) {
    const ns_status status = detail::Enter(ns_link_inject, get(), packet.data(), packet.size());
    if (status < 0) detail::Throw(static_cast<Status>(status), "Link::Inject");
    return status != NS_UNCLAIMED;
  }

  /**
   * Takes the oldest packet out of a channel's queue. [any thread]
   *
   * @return Nothing, if none waits.
   * @throws Error kUnsupported: the link is no channel; kInvalidArgument
   */
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> Read() {
    std::vector<std::uint8_t> packet(mtu());
    std::size_t length = 0;
    ns_status status = NS_OK;
    while ((status = ReadRaw(packet.data(), packet.size(), &length)) == NS_ERR_TOO_SMALL) {
      packet.resize(length);
    }
    if (status != NS_OK) return std::nullopt;
    packet.resize(length);
    return packet;
  }

  /**
   * The same without a copy of its own: into `buffer`. [any thread]
   *
   * @return The packet's length; nothing, if none waits.
   * @throws Error kTooSmall: the packet stays where it is; kUnsupported, kInvalidArgument
   */
  [[nodiscard]] std::optional<std::size_t> ReadInto(std::uint8_t* buffer, std::size_t capacity) {
    std::size_t length = 0;
    const ns_status status = ReadRaw(buffer, capacity, &length);
    if (status == NS_OK) return length;
    if (status == NS_ERR_WOULD_BLOCK) return std::nullopt;
    throw Error(Status::kTooSmall, "Link::ReadInto: the packet has " + std::to_string(length) +
                                       " bytes, the buffer " + std::to_string(capacity));
  }

  /** The link's MTU in bytes; 0, if this is empty. [any thread] */
  [[nodiscard]] std::uint32_t mtu() const noexcept { return ns_link_get_mtu(get()); }

  /**
   * The name of the device behind a TUN link. [any thread]
   *
   * @throws Error kUnsupported: there is no device; kInvalidArgument
   */
  [[nodiscard]] std::string device() const {
    char name[16] = "";
    Check(ns_link_get_device(get(), name, sizeof name), nullptr, "Link::device");
    return name;
  }

 private:
  // NS_OK, NS_ERR_WOULD_BLOCK or NS_ERR_TOO_SMALL.
  ns_status ReadRaw(std::uint8_t* buffer, std::size_t capacity, std::size_t* length) {
    const ns_status status = ns_link_read(get(), buffer, capacity, length);
    if (status != NS_ERR_WOULD_BLOCK && status != NS_ERR_TOO_SMALL) {
      Check(status, nullptr, "Link::Read");
    }
    return status;
  }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_LINK_HPP

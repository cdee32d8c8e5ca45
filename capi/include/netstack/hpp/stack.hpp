/**
 * @file
 * The stack: made, configured, driven, ended.
 *
 * The library starts no threads. Packets are dealt with inside Link::Inject(), Stack::Poll() and
 * Stack::Run(), on the thread that calls them; timers inside the latter two. callback.hpp says
 * where exceptions of callbacks go.
 */
#ifndef NETSTACK_HPP_STACK_HPP
#define NETSTACK_HPP_STACK_HPP

#include <netstack/stack.h>
#include <netstack/stats.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <netstack/hpp/address.hpp>
#include <netstack/hpp/capture.hpp>
#include <netstack/hpp/clock.hpp>
#include <netstack/hpp/icmp.hpp>
#include <netstack/hpp/link.hpp>
#include <netstack/hpp/nic.hpp>
#include <netstack/hpp/owner.hpp>
#include <netstack/hpp/ping.hpp>
#include <netstack/hpp/random.hpp>
#include <netstack/hpp/route.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netstack {

/** Options of Stack. */
struct StackOptions {
  std::uint32_t flags = 0;             /**< NS_STACK_ bits. */
  std::uint32_t default_ttl = 0;       /**< Of what it sends by IPv4, 1 to 255; 0: 64. */
  std::uint32_t default_hop_limit = 0; /**< By IPv6, 1 to 255; 0: 64. */
  const Clock* clock = nullptr;        /**< Shared with the stack. Null: the system's. */
  const Random* random = nullptr;      /**< Shared with the stack. Null: the system's. */
  /** Bytes that fragments may hold in each family; 0: 4 MiB. stack.h says what datagrams take. */
  std::size_t reassembly_high = 0;
  /** Down to which datagrams are given up above that; not more; 0: three quarters of it. */
  std::size_t reassembly_low = 0;
};

/** Called for one counter; the name is borrowed for the call. True: go on; false: end the walk. */
using CounterVisitor = std::function<bool(std::string_view name, std::uint64_t value)>;

/**
 * A stack. Its destructor closes it at once, for everyone: loops return, links are let go. It waits
 * for nobody: running callbacks finish, and is allowed inside the stack's own callbacks.
 *
 * What changes a stack is done whole or not at all, throws Error, and may be called on any thread,
 * also inside callbacks. Beside what is named: kInvalidArgument, kClosed, kNoMemory; where a NIC is
 * named, kNotFound: there is none of that id.
 */
class Stack : public Owner<ns_stack, ns_stack_free> {
 public:
  /** Makes a stack without NICs. Throws Error; kLimited: no descriptors are left. */
  explicit Stack(const StackOptions& options = {});
  /** Takes over a stack that the caller owned. */
  explicit Stack(ns_stack* owned) noexcept : Owner(owned) {}

  /**
   * Reads devices, delivers packets and runs timers until Stop().
   * [any thread, not inside a callback of this stack]
   *
   * Several threads may call it: the first runs the timers and serves every device that no other
   * call serves, each further one takes one device over.
   *
   * @param on_error Takes each exception of a callback, on the thread and inside the callback, and
   *                 the run goes on. Empty, or throws itself: the stack is stopped, and this throws
   *                 the exception.
   * @throws Error kBusy: no device is left for this call; kClosed: the stack is gone, or a device
   *         is, and the sentence says which, and running again serves the others; kUnsupported: the
   *         stack's clock can't wait. What the clock's ClockWait threw.
   */
  void Run(const ErrorHandler& on_error = nullptr);
  /** Makes every Run() return, now and from now on. [any thread, also signal handlers] */
  void Stop() noexcept { ns_stack_stop(get()); }
  /**
   * For loops of the embedder's own: runs the timers that are due, reads what the devices have, and
   * returns without waiting. [any thread]
   *
   * @return How many packets were read.
   * @throws Error kClosed: the stack is gone, or a device is. What the first callback threw.
   */
  std::size_t Poll();
  /** Readable when Poll() has something to do; it stays the stack's: only wait for it. -1: closed.
   *  [any thread] */
  [[nodiscard]] int descriptor() const noexcept { return ns_stack_get_descriptor(get()); }
  /** When Poll() must be called though the descriptor is not readable, by the stack's clock; never,
   *  if nothing. [any thread] */
  [[nodiscard]] std::optional<Nanoseconds> next_deadline() const noexcept {
    return detail::DeadlineFromC(ns_stack_get_next_deadline(get()));
  }

  /** Adds a NIC with an id from 1 and a link, which the stack shares. Throws Error; kBusy: id, link
   *  or address in use; kUnsupported: unknown flag. */
  void AddNic(std::uint32_t nic, const Link& link, const NicOptions& options = {});
  /** Removes a NIC with its addresses and routes, and lets its link go. */
  void RemoveNic(std::uint32_t nic);
  /** Sets and clears NS_NIC_ bits. Throws Error; kUnsupported: unknown bit. */
  void SetNicFlags(std::uint32_t nic, std::uint32_t set, std::uint32_t clear = 0);
  /** Captures what passes a NIC from now on, instead of what captured it before. */
  void SetCapture(std::uint32_t nic, const Capture& capture);
  /** Ends the capture of what passes a NIC. */
  void RemoveCapture(std::uint32_t nic);

  /** Assigns "192.168.0.1/24", with the subnet's broadcast address and on-link route. Throws Error;
   *  kBusy: assigned on this NIC already. */
  void AddAddress(std::uint32_t nic, const std::string& address);
  /** Assigns many addresses, each with its subnet's length, all or none. */
  void AddAddresses(std::uint32_t nic, const std::vector<Prefix>& addresses);
  /** Takes "192.168.0.1" away. Throws Error; kNotFound: not assigned on it. */
  void RemoveAddress(std::uint32_t nic, const std::string& address);
  /** Takes many addresses away, all or none. */
  void RemoveAddresses(std::uint32_t nic, const std::vector<Address>& addresses);
  /** Makes every unicast address of "10.7.0.0/16" ours, at the same cost however large it is.
   *  Throws Error; kBusy: local already. */
  void AddLocalPrefix(std::uint32_t nic, const std::string& prefix);
  /** Makes many prefixes local, all or none. */
  void AddLocalPrefixes(std::uint32_t nic, const std::vector<Prefix>& prefixes);
  /** Takes a local prefix away, written as it was added. Throws Error; kNotFound: not local. */
  void RemoveLocalPrefix(std::uint32_t nic, const std::string& prefix);
  /** Takes many local prefixes away, all or none. */
  void RemoveLocalPrefixes(std::uint32_t nic, const std::vector<Prefix>& prefixes);
  /** Takes packets to the multicast group "224.1.2.3" from now on. Throws Error; kBusy: joined. */
  void JoinGroup(std::uint32_t nic, const std::string& group);
  /** Leaves a group that was joined. Throws Error; kNotFound: not joined. */
  void LeaveGroup(std::uint32_t nic, const std::string& group);

  /** Adds a route to "0.0.0.0/0" by a NIC; no gateway: on the link. Throws Error; kBusy: added
   *  already. */
  void AddRoute(const std::string& destination, std::uint32_t nic,
                const std::optional<std::string>& gateway = std::nullopt);
  /** Adds many routes, all or none. */
  void AddRoutes(const std::vector<Route>& routes);
  /** Removes a route that was added. Throws Error; kNotFound */
  void RemoveRoute(const std::string& destination, std::uint32_t nic,
                   const std::optional<std::string>& gateway = std::nullopt);
  /** Removes many routes, all or none. */
  void RemoveRoutes(const std::vector<Route>& routes);

  /**
   * Installs a handler for Echo Requests, instead of the one that was there. [any thread]
   *
   * Called outside callbacks it waits: when it returns, the former handler is not running and never
   * runs again. Called inside any callback it returns at once: no new call of the former handler
   * starts, running ones finish.
   */
  void OnEcho(EchoHandler handler, Family family = Family::kAny);
  /** The same with a forwarder that the stack shares, and that others may have as well. */
  void SetIcmpForwarder(const IcmpForwarder& forwarder, Family family = Family::kAny);
  /** Takes the handler away; waits as OnEcho() does. */
  void RemoveIcmpForwarder(Family family = Family::kAny);
  /** Sets what the stack does by itself: turns silence into a reply, or a reply into silence. */
  void SetEchoPolicy(Family family, EchoDestination destination, EchoPolicy policy);
  /** Sets how many limited ICMP messages it sends, on all NICs and in both families together: so
   *  many a second, kUnlimitedIcmpRate: all, and `burst` at once. At first 1000 and 50. What it did
   *  not send it counts as icmp.v4.sent.rate_limited or icmp.v6.sent.rate_limited. */
  void SetIcmpRate(std::uint32_t per_second, std::uint32_t burst);
  /** Sets whether messages of a type are limited, an error's or an Echo Reply's, of one family.
   *  icmp.h says which are at first. */
  void SetIcmpLimited(Family family, std::uint32_t type, bool limited);

  /**
   * Sends one Echo Request and waits for its reply. [any thread]
   *
   * Meanwhile it reads devices and runs timers as Poll() does. See ping.h for pings inside
   * callbacks.
   *
   * @throws Error kTimedOut: no reply in time; kNoRoute; kWouldBlock: the link was full;
   *         kUnsupported: the clock can't wait, or the packet is longer than IP packets can be;
   *         kNotFound: nobody assigned the source; kClosed: the stack was closed or stopped, or a
   *         device is gone; kLimited: no identifier or descriptor is free. What the first callback
   *         threw.
   */
  PingReply Ping(const Address& destination, const PingOptions& options = {});

  /** Calls `visit` for every counter, always in the same order, and throws what it throws. */
  void ForEachCounter(const CounterVisitor& visit) const;
  /** Every counter by its name, such as "ip.packets_received". */
  [[nodiscard]] std::map<std::string, std::uint64_t> Counters() const;
  /** One counter. Throws Error; kNotFound: there is none of that name. */
  [[nodiscard]] std::uint64_t Counter(const std::string& name) const;
};

}  // namespace netstack

#include <netstack/hpp/stack_calls.hpp>

#endif  // NETSTACK_HPP_STACK_HPP

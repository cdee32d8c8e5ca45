/**
 * @file
 * The ICMP echo forwarder: a handler for Echo Requests.
 */
#ifndef NETSTACK_HPP_ICMP_HPP
#define NETSTACK_HPP_ICMP_HPP

#include <netstack/icmp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>
#include <netstack/hpp/request.hpp>
#include <utility>

namespace netstack {

/**
 * Called for each valid Echo Request to an address, group or prefix of the stack, on the thread
 * that delivered the packet. Calls overlap if packets are delivered on several threads.
 *
 * Returns true: consumed, nothing more happens; false: declined, the stack goes on as if there were
 * no handler, but sends no second reply. An exception: it failed, nothing more is sent; see
 * callback.hpp for where the exception goes.
 */
using EchoHandler = std::function<bool(Request& request)>;

/** Options of IcmpForwarder. */
struct IcmpForwarderOptions {
  /** The handler also sees Echo Replies that nobody else wanted; see PacketInfo::type(). */
  bool echo_replies = false;
};

namespace detail {

inline ns_verdict CallHandler(void* handler, ns_request value) noexcept {
  // Neither declined nor consumed: the handler failed.
  constexpr ns_verdict kFailed = -1;
  return Contain(kFailed, [handler, value]() -> ns_verdict {
    Request request(value);
    return (*static_cast<EchoHandler*>(handler))(request) ? NS_VERDICT_CONSUMED
                                                          : NS_VERDICT_DECLINED;
  });
}

}  // namespace detail

/**
 * A handler, to be installed in one stack or several (Stack::SetIcmpForwarder()), which share it.
 *
 * The handler itself ends when this and the last of them are done with it.
 */
class IcmpForwarder : public Owner<ns_icmp_forwarder, ns_icmp_forwarder_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a forwarder. [any thread]
   *
   * @throws Error kInvalidArgument: `handler` is empty; kNoMemory
   */
  explicit IcmpForwarder(EchoHandler handler, const IcmpForwarderOptions& options = {})
      : Owner(New(std::move(handler), options)) {}

 private:
  static ns_icmp_forwarder* New(EchoHandler handler, const IcmpForwarderOptions& options) {
    if (!handler) throw Error(Status::kInvalidArgument, "the handler is empty");
    ns_icmp_forwarder_options c_options;
    ns_icmp_forwarder_options_init(&c_options, sizeof c_options);
    if (options.echo_replies) c_options.flags |= NS_ICMP_FORWARDER_ECHO_REPLIES;
    return detail::Make<IcmpForwarder>("IcmpForwarder", ns_icmp_forwarder_new, &c_options,
                                       &detail::CallHandler, new EchoHandler(std::move(handler)),
                                       &detail::Destroy<EchoHandler>)
        .release();
  }
};

/** What the stack does by itself with an Echo Request that nobody consumed. */
enum class EchoPolicy : ns_echo_policy {
  kDefault = NS_ECHO_POLICY_DEFAULT, /**< As EchoDestination says. */
  kReply = NS_ECHO_POLICY_REPLY,     /**< Answer. */
  kSilent = NS_ECHO_POLICY_SILENT    /**< Be silent. Request::Reply() works all the same. */
};

/** The kinds of destination that have a policy. An assigned address always answers. */
enum class EchoDestination : ns_echo_destination {
  /** An address that nobody assigned. Default: silent; IPv6 on a NIC with spoofing: answer. */
  kTemporary = NS_ECHO_DESTINATION_TEMPORARY,
  /** Broadcast and multicast. Default: IPv4 silent, IPv6 answer. */
  kGroup = NS_ECHO_DESTINATION_GROUP
};

/** For Stack::SetIcmpRate(): no limit. */
inline constexpr std::uint32_t kUnlimitedIcmpRate = NS_ICMP_RATE_UNLIMITED;

}  // namespace netstack

#endif  // NETSTACK_HPP_ICMP_HPP

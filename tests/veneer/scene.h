// A stack with one NIC, made by the veneer, and what the tests say about calls that throw.
#ifndef NETSTACK_TESTS_VENEER_SCENE_H_
#define NETSTACK_TESTS_VENEER_SCENE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <netstack/netstack.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/icmp_packet.h"
#include "support/wire.h"

namespace veneer {

using netstack::Status;
using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoRequestTo;

// What an exception is: "NS_ERR_BUSY: <sentence>" of ours, the text of another, or "?" if it is
// none of the standard library's.
inline std::string Describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const netstack::Error& e) {
    return std::string(netstack::StatusName(e.status())) + ": " + e.what();
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "?";
  }
}

// What `body` throws; empty if nothing.
template <typename Body>
std::string Thrown(Body body) {
  try {
    body();
    return "";
  } catch (...) {
    return Describe(std::current_exception());
  }
}

// The status alone.
template <typename Body>
std::string ThrownStatus(Body body) {
  const std::string thrown = Thrown(body);
  return thrown.substr(0, thrown.find(':'));
}

// A stack whose time stands still, with 192.168.0.1/24 and a::1/64 on a NIC.
class Scene {
 public:
  explicit Scene(netstack::Link nic = netstack::Link::Channel(), uint32_t flags = 0)
      : link(std::move(nic)) {
    netstack::StackOptions options;
    options.clock = &clock;
    stack = netstack::Stack(options);
    netstack::NicOptions nic_options;
    nic_options.flags = flags;
    nic_options.addresses = {"192.168.0.1/24", "a::1/64"};
    stack.AddNic(1, link, nic_options);
  }

  // Delivers an Echo Request.
  bool Ask(const std::string& destination = "192.168.0.1") {
    return link.Inject(Build(EchoRequestTo(destination)));
  }
  // How many packets wait in the channel; they are gone then.
  size_t Sent() { return support::Drain(link.get()).size(); }
  [[nodiscard]] uint64_t Failed() const { return stack.Counter("forwarder.failed"); }

  netstack::Clock clock = netstack::Clock::Manual(std::chrono::seconds(1));
  netstack::Link link;
  netstack::Stack stack{nullptr};
};

}  // namespace veneer

#endif  // NETSTACK_TESTS_VENEER_SCENE_H_

// A file of vectors as this runner has it; ../README.md describes it.
#ifndef NETSTACK_TESTS_VECTORS_CXX_FILE_H_
#define NETSTACK_TESTS_VECTORS_CXX_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <netstack/netstack.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vectors {

// A file is not as it should be.
class NotUnderstood : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Packet {
  std::string name;
  std::vector<std::uint8_t> bytes;
  std::optional<std::string> seen;
};
using Packets = std::map<std::string, Packet>;

struct Route {
  std::string to;
  std::uint32_t nic = 0;
  std::optional<std::string> gateway;
};

struct Nic {
  std::uint32_t number = 0;
  std::uint32_t mtu = 0;
  std::uint32_t capacity = 0;
  std::vector<std::string> groups;
  netstack::NicOptions options;
};

struct Policy {
  netstack::Family family;
  netstack::EchoDestination destination;
  netstack::EchoPolicy policy;
};

struct Rate {
  std::uint32_t per_second = 0;
  std::uint32_t burst = 0;
};

struct Limited {
  netstack::Family family;
  std::uint8_t type = 0;
  bool limited = false;
};

struct Socket {
  netstack::Family family;
  std::uint16_t identifier = 0;
  netstack::Address address;
};

struct Action {
  enum class Kind { kReply, kReplyElsewhere, kReplyKept, kKeep, kInject, kRoute };

  Kind kind;
  std::string result = "ok";  // of kKeep: what is kept
  Packet packet;
  Route route;
};

struct Handler {
  enum class Then { kConsumed, kDeclined, kFails };

  netstack::Family family;
  bool echo_replies = false;
  std::vector<Action> does;
  Then then;
};

struct Step {
  std::optional<std::vector<Handler>> handlers;
  std::optional<std::vector<Socket>> sockets;
  std::int64_t advance = 0;
  std::optional<Packet> inject;
  std::uint32_t nic = 1;
  std::string result = "ok";
  std::vector<Packet> sees;
  std::vector<Packet> out;
  std::string kept;  // "reply", "reply elsewhere", "packet" or nothing
  std::optional<Packet> packet;
};

struct Vector {
  std::string name;
  netstack::StackOptions stack;
  std::vector<Nic> nics;
  std::vector<Route> routes;
  std::vector<Policy> policies;
  std::optional<Rate> icmp_rate;
  std::vector<Limited> icmp_limited;
  std::vector<Socket> sockets;
  std::vector<Handler> handlers;
  std::vector<Step> steps;
  std::map<std::string, std::uint64_t> counters;
};

struct File {
  std::string path;
  std::string group;
  std::vector<Vector> vectors;
};

// Throws NotUnderstood.
File ReadFile(const std::string& path);

}  // namespace vectors

#endif  // NETSTACK_TESTS_VECTORS_CXX_FILE_H_

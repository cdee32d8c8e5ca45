// One vector under way: a stack as it says, its handlers, and what they have noted.
#ifndef NETSTACK_TESTS_VECTORS_CXX_SCENE_H_
#define NETSTACK_TESTS_VECTORS_CXX_SCENE_H_

#include <cstdint>
#include <map>
#include <netstack/netstack.hpp>
#include <optional>
#include <string>
#include <vector>

#include "file.h"

namespace vectors {

class Scene {
 public:
  // Makes everything that the vector's configuration says.
  explicit Scene(const Vector& vector);

  // Runs all steps; what differs, or nothing.
  std::string Run();

 private:
  void AddNic(const Nic& nic);
  void AddRoute(const Route& route);
  void OpenSockets(const std::vector<Socket>& sockets);
  void Install(const std::vector<Handler>& handlers);

  bool Handle(const Handler& handler, const netstack::Request& request);
  void Act(const Action& action, const netstack::Request& request);
  std::string Inject(const Packet& packet);

  void RunStep(const Step& step);
  void CompareSent(const Step& step);
  void CompareCounters();

  // Notes what differs, with the step; only the first difference counts.
  void Differ(const std::string& text);
  void Compare(const std::string& what, const std::string& got, const std::string& wanted);
  void CompareBytes(const std::string& what, netstack::ByteView got, const Packet& wanted);

  const Vector& vector_;
  netstack::Clock clock_ = netstack::Clock::Manual();
  netstack::Random random_ = netstack::Random::Seeded(1);
  std::map<std::uint32_t, netstack::Link> wires_;
  netstack::Stack stack_;
  std::vector<netstack::PingSocket> sockets_;

  std::string place_;  // of the step
  const Step* step_ = nullptr;
  std::size_t seen_ = 0;  // how many requests of the step handlers have seen
  std::optional<netstack::Request> kept_;
  netstack::Packet kept_packet_;
  std::string difference_;
};

}  // namespace vectors

#endif  // NETSTACK_TESTS_VECTORS_CXX_SCENE_H_

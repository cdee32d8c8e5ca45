#include "scene.h"

#include <chrono>
#include <thread>
#include <utility>

namespace vectors {
namespace {

using netstack::Status;

// What a handler throws.
struct Failure {};

std::string Hex(netstack::ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte / 16];
    text += kDigits[byte % 16];
  }
  return text;
}

std::string ResultOf(Status status) {
  switch (status) {
    case Status::kOk:
      return "ok";
    case Status::kExpired:
      return "expired";
    case Status::kNoRoute:
      return "no route";
    case Status::kNotReplyable:
      return "not replyable";
    default:
      return StatusName(status);
  }
}

// Calls what throws where the request is expired.
template <typename Use>
std::string ResultOfUsing(Use&& use) try {
  return ResultOf(use());
} catch (const netstack::Error& error) {
  return ResultOf(error.status());
}

std::string ReplyTo(const netstack::Request& request) {
  return ResultOfUsing([&] { return request.Reply(); });
}

std::string ReplyElsewhere(const netstack::Request& request) {
  std::string result;
  std::thread([&] { result = ReplyTo(request); }).join();
  return result;
}

std::string CopyOf(const netstack::Request& request) {
  return ResultOfUsing([&] {
    static_cast<void>(request.CopyPacket());
    return Status::kOk;
  });
}

// What a handler sees, as the vectors write it.
std::string Describe(const netstack::Request& request) {
  const netstack::PacketInfo info = request.info();
  std::string kind;
  if (info.is_temporary()) kind += " temporary";
  if (info.is_broadcast()) kind += " broadcast";
  if (info.is_multicast()) kind += " multicast";
  if (kind.empty()) kind = " assigned";
  const std::string data = Hex(request.BorrowPacket().Skip(info.payload_offset()));
  const auto text = [](unsigned value) { return std::to_string(value); };
  return "from " + info.source().ToString() + " to " + info.destination().ToString() + kind +
         ", nic " + text(info.nic()) + ", type " + text(info.type()) + " code " +
         text(info.code()) + ", ttl " + text(info.ttl()) + " tos " + text(info.tos()) + ", id " +
         text(info.identifier()) + " seq " + text(info.sequence()) + ", data " +
         (data.empty() ? "-" : data);
}

netstack::StackOptions With(netstack::StackOptions options, const netstack::Clock& clock,
                            const netstack::Random& random) {
  options.clock = &clock;
  options.random = &random;
  return options;
}

}  // namespace

Scene::Scene(const Vector& vector) : vector_(vector), stack_(With(vector.stack, clock_, random_)) {
  for (const Nic& nic : vector.nics) AddNic(nic);
  for (const Route& route : vector.routes) AddRoute(route);
  for (const Policy& each : vector.policies) {
    stack_.SetEchoPolicy(each.family, each.destination, each.policy);
  }
  if (vector.icmp_rate) {
    stack_.SetIcmpRate(vector.icmp_rate->per_second, vector.icmp_rate->burst);
  }
  for (const Limited& each : vector.icmp_limited) {
    stack_.SetIcmpLimited(each.family, each.type, each.limited);
  }
  OpenSockets(vector.sockets);
  Install(vector.handlers);
}

void Scene::AddNic(const Nic& nic) {
  netstack::LinkChannelOptions options;
  options.mtu = nic.mtu;
  options.capacity = nic.capacity;
  netstack::Link& wire = wires_.emplace(nic.number, netstack::Link::Channel(options)).first->second;
  stack_.AddNic(nic.number, wire, nic.options);
  for (const std::string& group : nic.groups) stack_.JoinGroup(nic.number, group);
}

void Scene::AddRoute(const Route& route) { stack_.AddRoute(route.to, route.nic, route.gateway); }

void Scene::OpenSockets(const std::vector<Socket>& sockets) {
  sockets_.clear();
  for (const Socket& each : sockets) {
    sockets_.emplace_back(stack_, each.family).Bind(each.address, each.identifier);
  }
}

void Scene::Install(const std::vector<Handler>& handlers) {
  stack_.RemoveIcmpForwarder();
  for (const Handler& handler : handlers) {
    netstack::IcmpForwarderOptions options;
    options.echo_replies = handler.echo_replies;
    const auto handle = [this, handler](const netstack::Request& request) {
      return Handle(handler, request);
    };
    stack_.SetIcmpForwarder(netstack::IcmpForwarder(handle, options), handler.family);
  }
}

bool Scene::Handle(const Handler& handler, const netstack::Request& request) {
  const bool expected = seen_ < step_->sees.size();
  Compare("sees", Describe(request),
          expected ? step_->sees[seen_].seen.value_or("anything") : "anything");
  ++seen_;
  for (const Action& action : handler.does) Act(action, request);
  if (handler.then == Handler::Then::kFails) throw Failure();
  return handler.then == Handler::Then::kConsumed;
}

void Scene::Act(const Action& action, const netstack::Request& request) {
  switch (action.kind) {
    case Action::Kind::kReply:
      return Compare("reply", ReplyTo(request), action.result);
    case Action::Kind::kReplyElsewhere:
      return Compare("reply elsewhere", ReplyElsewhere(request), action.result);
    case Action::Kind::kReplyKept:
      return Compare("reply kept", ReplyTo(kept_.value()), action.result);
    case Action::Kind::kKeep:
      if (action.result == "request") {
        kept_ = request;
      } else {
        kept_packet_ = request.Keep();
      }
      return;
    case Action::Kind::kInject:
      return Compare("inject, nested", Inject(action.packet), action.result);
    case Action::Kind::kRoute:
      return AddRoute(action.route);
  }
}

std::string Scene::Inject(const Packet& packet) try {
  return wires_.at(step_->nic).Inject(packet.bytes) ? "ok" : "unclaimed";
} catch (const Failure&) {
  return "fails";
}

std::string Scene::Run() {
  std::size_t number = 0;
  for (const Step& step : vector_.steps) {
    place_ = "step " + std::to_string(++number) + ": ";
    RunStep(step);
  }
  place_.clear();
  CompareCounters();
  return difference_;
}

void Scene::RunStep(const Step& step) {
  step_ = &step;
  seen_ = 0;
  if (step.handlers) Install(*step.handlers);
  if (step.sockets) OpenSockets(*step.sockets);
  if (step.advance > 0) {
    clock_.Advance(std::chrono::seconds(step.advance));
    stack_.Poll();
  }
  if (step.inject) {
    Compare("result", Inject(*step.inject), step.result);
    Compare("sees", std::to_string(seen_) + " requests",
            std::to_string(step.sees.size()) + " requests");
  }
  if (step.kept == "reply") Compare("kept", ReplyTo(kept_.value()), step.result);
  if (step.kept == "reply elsewhere") {
    Compare("kept", ReplyElsewhere(kept_.value()), step.result);
  }
  if (step.kept == "packet") Compare("kept", CopyOf(kept_.value()), step.result);
  if (step.packet) CompareBytes("packet", kept_packet_.bytes(), *step.packet);
  CompareSent(step);
}

// What waits in the links: the answers that the step says, by the NIC that had the packet, and
// nothing else.
void Scene::CompareSent(const Step& step) {
  for (auto& [number, wire] : wires_) {
    const std::vector<Packet> wanted = number == step.nic ? step.out : std::vector<Packet>();
    std::size_t count = 0;
    while (const auto sent = wire.Read()) {
      CompareBytes("out", *sent, count < wanted.size() ? wanted[count] : Packet{"nothing", {}, {}});
      ++count;
    }
    if (count < wanted.size()) {
      Differ("out: " + std::to_string(count) + " packets, not " + std::to_string(wanted.size()));
    }
  }
}

void Scene::CompareCounters() {
  std::map<std::string, std::uint64_t> all = stack_.Counters();
  for (const auto& [name, value] : vector_.counters) all.emplace(name, 0);
  for (const auto& [name, value] : all) {
    const auto wanted = vector_.counters.find(name);
    Compare("counter " + name, std::to_string(value),
            std::to_string(wanted == vector_.counters.end() ? 0 : wanted->second));
  }
}

void Scene::Differ(const std::string& text) {
  if (difference_.empty()) difference_ = place_ + text;
}

void Scene::Compare(const std::string& what, const std::string& got, const std::string& wanted) {
  if (got != wanted) Differ(what + ": " + got + ", not " + wanted);
}

void Scene::CompareBytes(const std::string& what, netstack::ByteView got, const Packet& wanted) {
  const std::string bytes = Hex(got);
  const std::string other = Hex(wanted.bytes);
  if (bytes != other)
    Differ(what + ": " + bytes + ", not " + other + ", which is \"" + wanted.name + '"');
}

}  // namespace vectors

#include "abi/ffi/world.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace foreign {

namespace {

// An Echo Request from 10.7.0.9 to 10.7.1.1.
constexpr std::array<uint8_t, 32> kRequest = {
    0x45, 0x00, 0x00, 0x20, 0x00, 0x01, 0x00, 0x00, 0x3d, 0x01, 0x68, 0xc5, 0x0a, 0x07, 0x00, 0x09,
    0x0a, 0x07, 0x01, 0x01, 0x08, 0x00, 0x20, 0xfe, 0x12, 0x34, 0x00, 0x07, 'a',  'b',  'c',  'd'};
constexpr size_t kRoom = 256;

void Must(const char* what, Word status) {
  if (status != 0) throw std::runtime_error(std::string(what) + " failed in the world");
}

void Must(const char* function, std::vector<Word> arguments) {
  Must(function, Call(function, std::move(arguments)));
}

}  // namespace

World::World() {
  MakeStack();
  MakeSocketsAndPacket();
  Must("socketpair", static_cast<Word>(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends_)));
}

void World::Free() {
  for (const auto& [type, handle] : handles_) {
    Call(Description::Get().handles.at(type), {handle});
  }
  handles_.clear();
  Call("ns_link_free", {std::exchange(free_link_, 0)});
  for (int& each : ends_) {
    if (each >= 0) close(std::exchange(each, -1));
  }
}

void World::MakeStack() {
  Must("ns_clock_manual_new", {5, Pointer(&handles_["ns_clock"])});
  Must("ns_random_seeded_new", {1, Pointer(&handles_["ns_random"])});
  Must("ns_capture_file_new", {Pointer("/dev/null"), Pointer(&handles_["ns_capture"]), 0});
  Must("ns_link_channel_new", {0, Pointer(&handles_["ns_link"]), 0});
  Must("ns_link_channel_new", {0, Pointer(&free_link_), 0});
  Record options("ns_stack_options");
  options.Set("clock", handles_["ns_clock"]);
  options.Set("random", handles_["ns_random"]);
  Must("ns_stack_new", {options.address(), Pointer(&handles_["ns_stack"]), 0});
  const Word stack = handles_["ns_stack"];
  Must("ns_stack_add_nic", {stack, 1, handles_["ns_link"], 0, 0});
  Must("ns_stack_add_address", {stack, 1, Pointer("10.0.0.1/24"), 0});
  Must("ns_stack_add_local_prefix", {stack, 1, Pointer("10.7.0.0/16"), 0});
  Must("ns_stack_add_route", {stack, Pointer("10.8.0.0/16"), 0, 1, 0});
  Must("ns_stack_join_group", {stack, 1, Pointer("224.0.0.9"), 0});
  handler_ = std::make_unique<Closure>("ns_icmp_request_fn", [this](const std::vector<Word>& each) {
    if (on_request_) on_request_(each.at(1));
    return Description::Get().constant("NS_VERDICT_CONSUMED");
  });
  Must("ns_icmp_forwarder_new",
       {0, handler_->code(), 0, 0, Pointer(&handles_["ns_icmp_forwarder"]), 0});
  Must("ns_stack_set_icmp_forwarder", {stack, 0, handles_["ns_icmp_forwarder"], 0});
}

void World::MakeSocketsAndPacket() {
  const Word stack = handles_["ns_stack"];
  Must("ns_ping_socket_new", {stack, 4, 0, Pointer(&handles_["ns_ping_socket"]), 0});
  Must("ns_raw_socket_new", {stack, 4, 0, Pointer(&handles_["ns_raw_socket"]), 0});
  Deliver(handles_["ns_link"], [this](Word request) {
    Must("ns_request_ref_packet", {request, Pointer(&handles_["ns_packet"])});
  });
  Call("ns_stack_add_address", {stack, 1, Pointer("nothing"), Pointer(&handles_["ns_error"])});
  for (const auto& [type, free] : Description::Get().handles) {
    if (handles_[type] == 0) throw std::runtime_error("the world has no live " + type);
  }
}

void World::Deliver(Word link, const std::function<void(Word request)>& handler) {
  on_request_ = handler;
  Must("ns_link_inject", {link, Pointer(kRequest.data()), kRequest.size()});
  on_request_ = nullptr;
}

Word World::CallLive(const std::string& function, const Round& round) {
  const Signature& signature = Description::Get().functions.at(function);
  const bool takes_request = std::ranges::any_of(
      signature.parameters, [](const Parameter& each) { return each.type == "ns_request"; });
  if (!takes_request) return CallWith(function, round, 0);
  Word result = 0;
  Deliver(handles_["ns_link"], [&](Word request) { result = CallWith(function, round, request); });
  return result;
}

Word World::CallWith(const std::string& function, const Round& round, Word request) {
  const Signature& signature = Description::Get().functions.at(function);
  std::vector<Word> arguments;
  for (const Parameter& each : signature.parameters) {
    arguments.push_back(Argument(each, round, request));
  }
  const Word result = Call(function, arguments);
  // A reference more, of what is live already.
  const std::string returned = Description::Pointee(signature.returns);
  if (Description::Get().handles.contains(returned)) made_.emplace_back(returned, nullptr);
  TakeBack(function, round);
  return result;
}

void World::TakeBack(const std::string& function, const Round& round) {
  const Description& description = Description::Get();
  for (const auto& [type, place] : made_) {
    Call(description.handles.at(type), {place == nullptr ? handles_.at(type) : *place});
  }
  made_.clear();
  // What the function itself took.
  for (const auto& [type, free] : description.handles) {
    if (free == function) Live(type, round) = 0;
  }
}

Word& World::Live(const std::string& type, const Round& round) {
  return type == "ns_link" && round.link_is_free ? free_link_ : handles_.at(type);
}

Word World::Argument(const Parameter& parameter, const Round& round, Word request) {
  const std::string& type = parameter.type;
  if (type == "ns_request") return request;
  if (Description::Get().handles.contains(Description::Pointee(type)) && !type.ends_with("**")) {
    return Live(Description::Pointee(type), round);
  }
  if (round.only_handles) return 0;
  if (type.ends_with('*')) return PointerArgument(parameter, round);
  if (Description::Get().callbacks.contains(type)) return CallbackArgument(type);
  if (parameter.name == "capacity") return kRoom;
  if (parameter.name == "length") return kRequest.size();
  if (parameter.name == "size") return records_.back().size();
  if (parameter.name == "count") return 1;
  if (parameter.name == "descriptor") return static_cast<Word>(ends_[0]);
  if (type == "ns_family") return Description::Get().constant("NS_FAMILY_IPV4");
  return round.number;
}

Word World::PointerArgument(const Parameter& parameter, const Round& round) {
  const std::string& type = parameter.type;
  const std::string pointee = Description::Pointee(type);
  if (parameter.name == "user_data") return Pointer(this);
  if (parameter.name == "gateway") return 0;
  if (parameter.name == "path") return Pointer("/dev/null");
  // Neither is ever a device's: nothing of the machine's is touched.
  if (parameter.name == "name") return Pointer("ip.packets_received");
  if (type == "const char *") return Pointer(round.text.c_str());
  if (Description::Get().structs.contains(pointee)) {
    return RecordArgument(pointee, round, type.starts_with("const "));
  }
  if (type.ends_with("**")) {
    auto* const place = reinterpret_cast<Word*>(Bytes(sizeof(Word)));
    if (Description::Get().handles.contains(pointee)) made_.emplace_back(pointee, place);
    return Pointer(place);
  }
  if (parameter.name.starts_with("out_")) {
    return Pointer(Bytes(Description::Get().Passed(pointee)->size));
  }
  if (!type.starts_with("const ")) return Pointer(Bytes(kRoom));
  unsigned char* const packet = Bytes(kRequest.size());
  std::ranges::copy(kRequest, packet);
  return Pointer(packet);
}

unsigned char* World::Bytes(size_t count) {
  return bytes_.emplace_back(std::make_unique<unsigned char[]>(count)).get();
}

Word World::RecordArgument(const std::string& type, const Round& round, bool is_read) {
  Record& record = records_.emplace_back(type);
  if (!is_read) return record.address();
  if (type == "ns_address") {
    Call("ns_address_parse", {Pointer(round.text.c_str()), record.address()});
  } else if (type == "ns_prefix") {
    Call("ns_prefix_parse", {Pointer(round.text.c_str()), record.address()});
  } else {
    Fill(record, round);
  }
  return record.address();
}

void World::Fill(Record& record, const Round& round) {
  for (const Field& field : record.type().fields) {
    if (field.type == "ns_prefix") {
      Call("ns_prefix_parse", {Pointer(round.text.c_str()), Pointer(record.place(field.name))});
    } else if (Description::Get().callbacks.contains(field.type)) {
      record.Set(field.name, CallbackArgument(field.type));
    } else if (field.name == "user_data") {
      record.Set(field.name, Pointer(this));
    } else if (field.name == "nic") {
      record.Set(field.name, round.number);
    }
  }
}

Word World::CallbackArgument(const std::string& type) {
  if (type == "ns_destroy_fn") ++expected_;
  auto made = std::make_unique<Closure>(type, [this, type](const std::vector<Word>&) -> Word {
    if (type == "ns_destroy_fn") ++destroyed_;
    return 0;
  });
  return closures_.emplace_back(std::move(made))->code();
}

}  // namespace foreign

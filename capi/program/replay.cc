#include "replay.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "capture_reader.h"
#include "capture_writer.h"
#include "counters.h"
#include "handles.h"
#include "output_file.h"
#include "stop_signals.h"
#include "virtual_time.h"

namespace program {

namespace {

constexpr uint32_t kNic = 1;
constexpr uint64_t kRunOut = 120'000'000'000;  // 120 s, in nanoseconds

// Writes what the stack sends, at the time it is sent.
struct Recorder {
  const VirtualTime& time;
  CaptureWriter& writer;

  static ns_status Transmit(void* self, const uint8_t* packet, size_t length) noexcept {
    const auto* const recorder = static_cast<Recorder*>(self);
    recorder->writer.Add(recorder->time.Now(), {packet, length});
    return NS_OK;
  }
};

StackHandle MakeStack(const ReplayOptions& options, const VirtualTime& time) {
  ns_random* raw = nullptr;
  const ns_status status = ns_random_seeded_new(options.seed, &raw);
  if (status != NS_OK) throw Failure(kExitFailed, ns_status_name(status));
  const RandomHandle random(raw);
  ns_stack_options stack = NS_STACK_OPTIONS_INIT;
  stack.clock = time.clock();
  stack.random = random.get();
  return Make<StackHandle>(ns_stack_new, &stack);
}

LinkHandle MakeLink(const ReplayOptions& options, Recorder* recorder) {
  ns_link_callback_options link = NS_LINK_CALLBACK_OPTIONS_INIT;
  link.mtu = options.mtu;
  return Make<LinkHandle>(ns_link_callback_new, &link, Recorder::Transmit, recorder, nullptr);
}

void AddNic(ns_stack* stack, ns_link* link, const ReplayOptions& options) {
  ns_nic_options nic = NS_NIC_OPTIONS_INIT;
  if (options.promiscuous) nic.flags |= NS_NIC_PROMISCUOUS;
  if (options.spoofing) nic.flags |= NS_NIC_SPOOFING;
  if (options.forwarding) nic.flags |= NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6;
  nic.addresses = options.addresses.data();
  nic.address_count = options.addresses.size();
  nic.local_prefixes = options.prefixes.data();
  nic.local_prefix_count = options.prefixes.size();
  Call(ns_stack_add_nic, stack, kNic, link, &nic);
  for (const char* const everything : {"0.0.0.0/0", "::/0"}) {
    Call(ns_stack_add_route, stack, everything, nullptr, kNic);
  }
}

PingSocketHandle Bind(ns_stack* stack, const PingSocketAt& at) {
  auto socket =
      Make<PingSocketHandle>(ns_ping_socket_new, stack, ns_family{at.address.family}, nullptr);
  Call(ns_ping_socket_bind, socket.get(), &at.address, at.identifier);
  return socket;
}

// The stack and what the command line put into it.
class Network {
 public:
  Network(const ReplayOptions& options, const VirtualTime& time, Recorder* recorder)
      : stack_(MakeStack(options, time)), link_(MakeLink(options, recorder)) {
    AddNic(stack_.get(), link_.get(), options);
    Install(options.handler, stack_.get());
    for (const PingSocketAt& at : options.ping_sockets) {
      sockets_.push_back(Bind(stack_.get(), at));
    }
  }

  [[nodiscard]] ns_stack* stack() const noexcept { return stack_.get(); }

  void Inject(std::span<const uint8_t> packet) const {
    const ns_status status = ns_link_inject(link_.get(), packet.data(), packet.size());
    if (status != NS_OK) throw Failure(kExitFailed, ns_status_name(status));
  }

 private:
  StackHandle stack_;
  LinkHandle link_;
  std::vector<PingSocketHandle> sockets_;
};

// Nothing outside takes part in setting up a network: what is wrong with it came
// from the command line.
std::unique_ptr<Network> SetUp(const ReplayOptions& options, const VirtualTime& time,
                               Recorder* recorder) {
  try {
    return std::make_unique<Network>(options, time, recorder);
  } catch (const Failure& failure) {
    throw Failure(kExitBadArguments, failure.what());
  }
}

std::string Json(ns_stack* stack) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Counter& counter : Counters(stack)) json[counter.name] = counter.value;
  return json.dump(2) + '\n';
}

bool IsSameFile(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::path(a).lexically_normal() ==
             std::filesystem::path(b).lexically_normal() ||
         std::filesystem::equivalent(a, b, error);
}

// A slip of the hand must not cost a capture.
void CheckFiles(const ReplayOptions& options) {
  if (IsSameFile(options.in, options.out)) {
    throw Failure(kExitBadArguments, fmt::format("\"{}\" is both IN and OUT", options.in));
  }
  if (options.stats.empty()) return;
  for (const std::string& other : {options.in, options.out}) {
    if (!IsSameFile(options.stats, other)) continue;
    throw Failure(kExitBadArguments, fmt::format("--stats \"{}\" is IN or OUT", options.stats));
  }
}

// What was written becomes a file at the end of this, and only there.
void Run(const ReplayOptions& options) {
  CaptureReader capture(options.in);
  CapturedPacket packet;
  bool more = capture.Next(&packet);
  const VirtualTime time(packet.time_ns);

  OutputFile out(options.out);
  CaptureWriter writer(out);
  std::unique_ptr<OutputFile> stats;
  if (!options.stats.empty()) stats = std::make_unique<OutputFile>(options.stats);

  Recorder recorder{time, writer};
  const auto network = SetUp(options, time, &recorder);
  ns_stack* const stack = network->stack();
  for (; more && !StopSignals::Caught(); more = capture.Next(&packet)) {
    time.RunUntil(stack, packet.time_ns);
    network->Inject(packet.packet);
  }
  if (StopSignals::Caught()) throw Failure(kExitFailed, "interrupted");
  time.RunOut(stack, kRunOut);

  writer.Finish();
  if (stats) stats->Write(Json(stack));
  out.Commit();
  if (stats) stats->Commit();
}

}  // namespace

ExitStatus Replay(const ReplayOptions& options) {
  CheckFiles(options);
  const StopSignals signals(nullptr);  // nobody waits for the stack
  try {
    Run(options);
  } catch (const Failure&) {
    // A signal may have made a file fail.
    if (!StopSignals::Caught()) throw;
    throw Failure(kExitFailed, "interrupted; nothing was written");
  }
  return kExitOk;
}

}  // namespace program

#include "serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "address_text.h"
#include "counters.h"
#include "handles.h"
#include "live_line.h"
#include "stack_loop.h"
#include "stop_signals.h"

namespace program {

namespace {

constexpr uint32_t kNic = 1;
constexpr uint64_t kSecond = 1'000'000'000;

void AddNic(ns_stack* stack, ns_link* link, const ServeOptions& options) {
  ns_nic_options nic = NS_NIC_OPTIONS_INIT;
  nic.addresses = options.addresses.data();
  nic.address_count = options.addresses.size();
  nic.local_prefixes = options.prefixes.data();
  nic.local_prefix_count = options.prefixes.size();
  Call(ns_stack_add_nic, stack, kNic, link, &nic);
}

// Tries the addresses and prefixes on a link in memory: what is wrong with them
// is said before any device is touched, and as a matter of arguments.
void CheckAddresses(const ServeOptions& options) {
  const auto stack = Make<StackHandle>(ns_stack_new, nullptr);
  const auto link = Make<LinkHandle>(ns_link_channel_new, nullptr);
  try {
    AddNic(stack.get(), link.get(), options);
  } catch (const Failure& failure) {
    throw Failure(kExitBadArguments, failure.what());
  }
}

LinkHandle OpenTun(const ServeOptions& options) {
  ns_link_tun_options tun = NS_LINK_TUN_OPTIONS_INIT;
  tun.mtu = options.mtu;
  tun.host_addresses = options.host_addresses.data();
  tun.host_address_count = options.host_addresses.size();
  return Make<LinkHandle>(ns_link_tun_new, options.tun.c_str(), &tun);
}

// The stack and what it works with.
class Service {
 public:
  explicit Service(const ServeOptions& options)
      : policies_(options.policies),
        stack_(Make<StackHandle>(ns_stack_new, nullptr)),
        signals_(stack_.get()),
        link_(OpenTun(options)) {
    AddNic(stack_.get(), link_.get(), options);
    if (!options.pcap.empty()) {
      capture_ = Make<CaptureHandle>(ns_capture_file_new, options.pcap.c_str());
      Call(ns_stack_set_capture, stack_.get(), kNic, capture_.get());
    }
    const auto forwarder = Make<ForwarderHandle>(ns_icmp_forwarder_new, nullptr,
                                                 PolicyTable::OnRequest, &policies_, nullptr);
    Call(ns_stack_set_icmp_forwarder, stack_.get(), ns_family{NS_FAMILY_ANY}, forwarder.get());
  }

  [[nodiscard]] ns_stack* stack() const noexcept { return stack_.get(); }
  [[nodiscard]] ns_link* link() const noexcept { return link_.get(); }
  [[nodiscard]] const PolicyTable& policies() const noexcept { return policies_; }
  [[nodiscard]] uint64_t lost_records() const noexcept {
    return ns_capture_get_lost(capture_.get());
  }

 private:
  PolicyTable policies_;  // outlives the stack, which calls it
  StackHandle stack_;
  StopSignals signals_;  // before the device: who sees it come up may end us at once
  LinkHandle link_;
  CaptureHandle capture_;
};

std::string Greeting(const Service& service, const ServeOptions& options) {
  std::vector<std::string> ours;
  for (const ns_prefix& address : options.addresses) ours.push_back(Text(address.address));
  for (const ns_prefix& prefix : options.prefixes) ours.push_back(Text(prefix));
  char device[16] = "";
  static_cast<void>(ns_link_get_device(service.link(), device, sizeof device) == NS_OK);
  return fmt::format(
      "{} (MTU {}): {}. Ctrl-C ends it.\n", device, ns_link_get_mtu(service.link()),
      ours.empty() ? "no address and no prefix" : fmt::format("{}", fmt::join(ours, ", ")));
}

std::string LiveCounters(const Service& service, uint64_t elapsed_ns) {
  uint64_t received = 0;
  uint64_t sent = 0;
  for (const Counter& counter : NonZeroCounters(service.stack())) {
    if (counter.name == "nic.1.rx.packets") received = counter.value;
    if (counter.name == "nic.1.tx.packets") sent = counter.value;
  }
  const PolicyTable& policies = service.policies();
  return fmt::format(
      "{:.1f} s  packets: {} in, {} out  echo requests: {} replied, {} dropped, {} declined",
      static_cast<double>(elapsed_ns) / static_cast<double>(kSecond), received, sent,
      policies.CountOf(Answer::kReply).requests, policies.CountOf(Answer::kDrop).requests,
      policies.CountOf(Answer::kDecline).requests);
}

void Run(const Service& service, uint64_t interval_ns, bool terminal) {
  LiveLine line(terminal);
  std::array<pollfd, 1> descriptors{};
  const uint64_t begin = Now();
  uint64_t next = interval_ns == 0 ? NS_TIME_NEVER : begin + interval_ns;
  while (!StopSignals::Caught()) {
    Step(service.stack(), descriptors, next);
    if (Now() < next) continue;
    line.Show(LiveCounters(service, Now() - begin));
    // Where a line took longer than the interval, the missed ones are left out.
    next = std::max(next + interval_ns, Now());
  }
}

void PrintPolicies(const PolicyTable& policies) {
  std::vector<std::pair<std::string, Answer>> rows;
  for (const Policy& policy : policies.policies())
    rows.emplace_back(Text(policy.prefix), policy.answer);
  rows.emplace_back("everything else", Answer::kDecline);
  size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  fmt::print("policies\n");
  for (size_t i = 0; i < rows.size(); ++i) {
    const PolicyTable::Count count = policies.CountOf(i);
    fmt::print("  {:<{}}  {:<7}  {:>8}", rows[i].first, width, Name(rows[i].second),
               count.requests);
    if (count.failed != 0) fmt::print("  {} without a way back", count.failed);
    fmt::print("\n");
  }
}

void PrintSummary(const Service& service) {
  fmt::print("counters\n{}", Table(NonZeroCounters(service.stack())));
  PrintPolicies(service.policies());
  const PolicyTable& policies = service.policies();
  const auto replied = policies.CountOf(Answer::kReply);
  fmt::print("echo requests: {} replied, {} dropped, {} declined\n",
             replied.requests - replied.failed, policies.CountOf(Answer::kDrop).requests,
             policies.CountOf(Answer::kDecline).requests);
  std::fflush(stdout);
}

}  // namespace

ExitStatus Serve(const ServeOptions& options) {
  CheckAddresses(options);
  const Service service(options);
  fmt::print("{}", Greeting(service, options));
  std::fflush(stdout);

  const bool terminal = isatty(STDOUT_FILENO) != 0;
  try {
    Run(service, options.interval_ns.value_or(terminal ? kSecond : 0), terminal);
  } catch (const Failure&) {
    PrintSummary(service);
    throw;
  }
  PrintSummary(service);
  if (service.lost_records() != 0) {
    throw Failure(kExitFailed, fmt::format("{}: {} packets could not be written; is the disk full?",
                                           options.pcap, service.lost_records()));
  }
  return kExitOk;
}

}  // namespace program

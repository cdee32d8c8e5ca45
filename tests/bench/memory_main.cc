// What stacks and addresses weigh, and how long it takes to configure many.
#include <fmt/core.h>
#include <netstack/netstack.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "allocations.h"
#include "handles.h"
#include "workload.h"

namespace {

using bench::Family;
using Clock = std::chrono::steady_clock;

constexpr size_t kMillion = 1'000'000;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double CpuSeconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

const char* NameOf(Family family) { return family == Family::kIpv6 ? "IPv6" : "IPv4"; }

void PrintRow(const std::string& what, double value, const char* unit) {
  fmt::print("{:<80} {:>12.1f} {}\n", what, value, unit);
}

// A stack with a NIC whose link sends nowhere.
struct Subject {
  Subject() : stack(bench::NewStack()) {
    ns_link* made = nullptr;
    ns_error* error = nullptr;
    bench::Check(ns_link_callback_new(
                     nullptr, [](void*, const uint8_t*, size_t) -> ns_status { return NS_OK; },
                     nullptr, nullptr, &made, &error),
                 "ns_link_callback_new", error);
    link.reset(made);
    bench::AddNic(stack.get(), link.get());
  }

  bench::StackHandle stack;
  bench::LinkHandle link;
};

void MeasureStack() {
  constexpr size_t kStacks = 100;
  std::vector<Subject> stacks;
  stacks.reserve(kStacks);
  // The first also makes what all stacks of a process share.
  const Subject first;
  const size_t before = bench::HeapInUse();
  for (size_t n = 0; n < kStacks; ++n) stacks.emplace_back();
  PrintRow("heap of a stack with one NIC",
           static_cast<double>(bench::HeapInUse() - before) / kStacks, "B");
}

void MeasureBulk(Family family) {
  const std::vector<ns_prefix> addresses = bench::LocalAddresses(family, kMillion);
  const Subject subject;
  const size_t before = bench::HeapInUse();
  const auto start = Clock::now();
  bench::AddAddresses(subject.stack.get(), addresses);
  const double seconds = Since(start);
  const double bytes = static_cast<double>(bench::HeapInUse() - before);
  const std::string name = NameOf(family);
  PrintRow(name + ": a million addresses in bulk", seconds * 1e3, "ms");
  PrintRow(name + ": heap of each of a million addresses", bytes / kMillion, "B");
}

void MeasureOneByOne(Family family) {
  constexpr size_t kAddresses = 10'000;
  const std::vector<ns_prefix> addresses = bench::LocalAddresses(family, kAddresses);
  const Subject subject;
  const size_t before = bench::HeapInUse();
  const auto start = Clock::now();
  for (const ns_prefix& address : addresses) bench::AddAddresses(subject.stack.get(), {address});
  const double seconds = Since(start);
  const double bytes = static_cast<double>(bench::HeapInUse() - before);
  const std::string name = NameOf(family);
  PrintRow(name + ": each of 10,000 addresses, one by one", seconds * 1e6 / kAddresses, "us");
  PrintRow(name + ": heap of each of 10,000 addresses, one by one", bytes / kAddresses, "B");
}

void MeasurePrefix(Family family) {
  const Subject subject;
  const auto start = Clock::now();
  bench::Check(ns_stack_add_local_prefix(subject.stack.get(), 1, bench::LocalPrefix(family).c_str(),
                                         nullptr),
               "ns_stack_add_local_prefix");
  PrintRow(fmt::format("{}: a prefix of millions of addresses", NameOf(family)), Since(start) * 1e6,
           "us");
}

void MeasurePrefixes(Family family) {
  constexpr size_t kPrefixes = 1'000;
  std::vector<ns_prefix> prefixes = bench::LocalAddresses(family, kPrefixes);
  // The n-th address becomes a network of its own, 256 addresses apart.
  for (ns_prefix& prefix : prefixes) {
    uint8_t* const end = prefix.address.bytes + prefix.length / 8;
    std::copy(end - 3, end, end - 4);
    end[-1] = 0;
    prefix.length -= 8;
  }
  const Subject subject;
  const size_t before = bench::HeapInUse();
  bench::Check(ns_stack_add_local_prefixes(subject.stack.get(), 1, prefixes.data(), prefixes.size(),
                                           nullptr),
               "ns_stack_add_local_prefixes");
  PrintRow(fmt::format("{}: heap of each of 1,000 prefixes", NameOf(family)),
           static_cast<double>(bench::HeapInUse() - before) / kPrefixes, "B");
}

// Injects one echo request again and again until it is told to stop.
class Traffic {
 public:
  explicit Traffic(Subject* subject)
      : workload_(bench::Scenario{}), thread_([this, subject] { Run(subject->link.get()); }) {}
  ~Traffic() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] uint64_t echoes() const { return echoes_; }

 private:
  void Run(ns_link* link) {
    const auto request = workload_.Request(0);
    while (!stop_) {
      ns_link_inject(link, request.data(), request.size());
      echoes_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  bench::Workload workload_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> echoes_{0};
  std::thread thread_;
};

void MeasureOneMore(Family family) {
  constexpr size_t kMore = 20'000;
  std::vector<ns_prefix> addresses = bench::LocalAddresses(family, kMillion + kMore);
  const std::vector<ns_prefix> more(addresses.end() - kMore, addresses.end());
  addresses.resize(kMillion);
  Subject subject;
  // Where the traffic goes to, whatever the family.
  bench::AddAddresses(subject.stack.get(),
                      bench::LocalAddresses(Family::kIpv4, family == Family::kIpv6 ? 1 : 0));
  bench::AddAddresses(subject.stack.get(), addresses);
  const Traffic traffic(&subject);
  while (traffic.echoes() < 1000) std::this_thread::yield();

  std::vector<double> microseconds;
  std::vector<double> cpu;
  const uint64_t echoes = traffic.echoes();
  const auto all = Clock::now();
  for (const ns_prefix& address : more) {
    const auto start = Clock::now();
    const double used = CpuSeconds();
    bench::AddAddresses(subject.stack.get(), {address});
    cpu.push_back((CpuSeconds() - used) * 1e6);
    microseconds.push_back(Since(start) * 1e6);
  }
  const double busy = Since(all);
  const auto answered = static_cast<double>(traffic.echoes() - echoes);
  std::sort(microseconds.begin(), microseconds.end());
  const std::string name = NameOf(family);
  PrintRow(name + ": one more beside a million while packets flow, median", microseconds[kMore / 2],
           "us");
  PrintRow(name + ": the same, slowest of 20,000", microseconds.back(), "us");
  PrintRow(name + ": the same, CPU time of the slowest", *std::max_element(cpu.begin(), cpu.end()),
           "us");
  PrintRow(name + ": echoes meanwhile", answered / busy / 1e6, "M/s");
}

}  // namespace

int main() {
  try {
    MeasureStack();
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      MeasurePrefix(family);
      MeasurePrefixes(family);
      MeasureOneByOne(family);
      MeasureBulk(family);
      MeasureOneMore(family);
    }
    return EXIT_SUCCESS;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "netstack_bench_memory: {}\n", failure.what());
    return EXIT_FAILURE;
  }
}

// The bench of the echo over a device, in a network namespace of its own.
//   netstack_bench_tun [ROUNDS]
#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "echo_client.h"
#include "tun_server.h"

namespace {

struct Case {
  const char* name;
  bool is_ipv6;
  size_t payload;
  size_t window;
  bool has_two_cores;
  size_t echoes;
};

// Few echoes each time, many times: so that some rounds pass undisturbed.
constexpr Case kCases[] = {
    {"window 1, same core", false, 56, 1, false, 2'000},
    {"window 32, same core", false, 56, 32, false, 4'000},
    {"window 1, two cores", false, 56, 1, true, 1'000},
    {"window 32, two cores", false, 56, 32, true, 4'000},
    {"window 1, same core, IPv6", true, 56, 1, false, 2'000},
    {"window 32, same core, IPv6", true, 56, 32, false, 4'000},
    {"window 32, same core, 1,400 B", false, 1400, 32, false, 4'000},
};

struct Result {
  std::vector<double> nanoseconds;  // per echo, an entry each round
  std::vector<double> client_cpu;   // what the processes used, likewise
  std::vector<double> server_cpu;
  std::vector<uint32_t> round_trip;

  [[nodiscard]] double Minimum() const {
    return *std::min_element(nanoseconds.begin(), nanoseconds.end());
  }
};

template <typename T>
T Quantile(std::vector<T> values, double quantile) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(quantile * static_cast<double>(values.size() - 1))];
}

void WriteFile(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const bool is_written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!is_written) throw std::system_error(errno, std::generic_category(), path);
  close(file);
}

void EnterNetworkNamespace() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    throw std::system_error(errno, std::generic_category(), "a network namespace of our own");
  }
  WriteFile("/proc/self/setgroups", "deny");
  WriteFile("/proc/self/uid_map", "0 " + user + " 1");
  WriteFile("/proc/self/gid_map", "0 " + group + " 1");
}

void PinSelfTo(unsigned core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
  }
}

uint64_t CpuTimeOfSelf() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(used.tv_nsec);
}

void Measure(const Case& what, const bench::TunServer& server, Result* result) {
  constexpr size_t kWarmUp = 200;
  PinSelfTo(1);
  server.PinTo(what.has_two_cores ? 0 : 1);
  bench::EchoClient client(server.Address(what.is_ipv6), what.payload);
  client.Run(what.window, kWarmUp);
  const uint64_t server_before = server.CpuTime();
  const uint64_t client_before = CpuTimeOfSelf();
  const bench::EchoRun run = client.Run(what.window, what.echoes);
  const uint64_t client_after = CpuTimeOfSelf();
  const uint64_t server_after = server.CpuTime();
  const auto echoes = static_cast<double>(what.echoes);
  result->nanoseconds.push_back(static_cast<double>(run.nanoseconds) / echoes);
  result->client_cpu.push_back(static_cast<double>(client_after - client_before) / echoes);
  result->server_cpu.push_back(static_cast<double>(server_after - server_before) / echoes);
  result->round_trip.insert(result->round_trip.end(), run.round_trip.begin(), run.round_trip.end());
}

// "0.95 1.02", of minima and of medians.
std::string Ratio(const Result& result, const Result& unit) {
  return fmt::format("{:5.2f} {:5.2f}", result.Minimum() / unit.Minimum(),
                     Quantile(result.nanoseconds, 0.5) / Quantile(unit.nanoseconds, 0.5));
}

void PrintRow(const bench::TunServer& server, const Result& result, const Result& floor,
              const Result& kernel) {
  fmt::print("{:<34} {:7.0f} {:7.0f}  {}  {}  {:6.1f}  {:6.1f} {:6.1f}  {:6.0f} {:>6}\n",
             server.name(), result.Minimum(), Quantile(result.nanoseconds, 0.5),
             Ratio(result, kernel), Ratio(result, floor), 1e6 / result.Minimum(),
             Quantile(result.round_trip, 0.5) / 1e3, Quantile(result.round_trip, 0.99) / 1e3,
             Quantile(result.client_cpu, 0.5),
             server.HasProcess() ? fmt::format("{:.0f}", Quantile(result.server_cpu, 0.5)) : "-");
}

void PrintHead() {
  fmt::print("{:<34} {:^15}  {:^11}  {:^11}  {:>6}  {:^13}  {:^13}\n", "", "ns per echo",
             "x kernel", "x loop", "k/s", "round trip us", "ns of CPU");
  fmt::print("{:<34} {:>7} {:>7}  {:>5} {:>5}  {:>5} {:>5}  {:>6}  {:>6} {:>6}  {:>6} {:>6}\n", "",
             "min", "median", "min", "med", "min", "med", "best", "p50", "p99", "client", "server");
}

// At window 32 at or above the kernel's own rate, at window 1 within 5 % of the plain loop.
void PrintGoal(const Case& what, const Result& ours, const Result& floor, const Result& kernel) {
  if (what.has_two_cores && what.window == 1) return;
  const double bound = what.window == 1 ? 1.05 : 1.0;
  const Result& unit = what.window == 1 ? floor : kernel;
  const double ratio = ours.Minimum() / unit.Minimum();
  fmt::print("goal, by minima: {:.2f} x {}, at most {:.2f}: {}\n", ratio,
             what.window == 1 ? "the plain loop" : "the kernel", bound,
             ratio <= bound ? "met" : "MISSED");
}

void Run(size_t rounds) {
  std::vector<bench::TunServer> servers;
  servers.push_back(bench::TunServer::Kernel(1));
  servers.push_back(bench::TunServer::Floor(2));
  servers.push_back(bench::TunServer::Netstack(3));
  PrintHead();
  for (const Case& what : kCases) {
    std::vector<Result> results(servers.size());
    for (size_t round = 0; round < rounds; ++round) {
      for (size_t n = 0; n < servers.size(); ++n) {
        try {
          Measure(what, servers[n], &results[n]);
        } catch (const std::exception& failure) {
          throw std::runtime_error(
              fmt::format("{}, {}: {}", what.name, servers[n].name(), failure.what()));
        }
      }
    }
    fmt::print("\n{}\n", what.name);
    for (size_t n = 0; n < servers.size(); ++n) {
      PrintRow(servers[n], results[n], results[1], results[0]);
    }
    PrintGoal(what, results[2], results[1], results[0]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const long rounds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 30;
    if (argc > 2 || rounds < 1) throw std::runtime_error("usage: netstack_bench_tun [ROUNDS]");
    EnterNetworkNamespace();
    Run(static_cast<size_t>(rounds));
    return EXIT_SUCCESS;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "netstack_bench_tun: {}\n", failure.what());
    return EXIT_FAILURE;
  }
}

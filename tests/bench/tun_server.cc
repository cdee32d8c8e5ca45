#include "tun_server.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netstack/netstack.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "floor.h"
#include "handles.h"

namespace bench {

namespace {

[[noreturn]] void Fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void Ip(const std::string& arguments) {
  if (std::system(("ip " + arguments).c_str()) != 0) {
    throw std::runtime_error("failed: ip " + arguments);
  }
}

std::string Ipv4(unsigned network, unsigned host) {
  return fmt::format("10.77.{}.{}", network, host);
}
std::string Ipv6(unsigned network, unsigned host) {
  return fmt::format("fd77:{}::{}", network, host);
}

void SetUp(const std::string& device, unsigned network, unsigned host) {
  Ip(fmt::format("address add {}/24 dev {}", Ipv4(network, host), device));
  Ip(fmt::format("address add {}/64 dev {} nodad", Ipv6(network, host), device));
  Ip(fmt::format("link set {} up", device));
}

void ServeFloor(unsigned network, const std::function<void()>& is_ready) {
  const int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (tun < 0) Fail("/dev/net/tun");
  ifreq request{};
  const std::string device = fmt::format("bench{}", network);
  device.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun, TUNSETIFF, &request) != 0) Fail(device);
  SetUp(device, network, 1);
  is_ready();
  std::array<uint8_t, 2048> packet;
  std::array<uint8_t, 2048> reply;
  for (;;) {
    const ssize_t length = read(tun, packet.data(), packet.size());
    if (length < 0) Fail("read");
    const size_t answer =
        default_target::OnePassFloor(packet.data(), static_cast<size_t>(length), reply.data());
    if (answer > 0 && write(tun, reply.data(), answer) < 0) Fail("write");
  }
}

ns_prefix Prefix(const std::string& text) {
  ns_prefix prefix{};
  Check(ns_prefix_parse(text.c_str(), &prefix), text.c_str());
  return prefix;
}

ns_verdict Reply(void* /*user_data*/, ns_request request) {
  ns_request_reply(request);
  return NS_VERDICT_CONSUMED;
}

void ServeNetstack(unsigned network, const std::function<void()>& is_ready) {
  const std::array<ns_prefix, 2> host = {Prefix(Ipv4(network, 1) + "/24"),
                                         Prefix(Ipv6(network, 1) + "/64")};
  ns_link_tun_options options = NS_LINK_TUN_OPTIONS_INIT;
  options.host_addresses = host.data();
  options.host_address_count = host.size();
  ns_link* made = nullptr;
  ns_error* error = nullptr;
  Check(ns_link_tun_new(fmt::format("bench{}", network).c_str(), &options, &made, &error),
        "ns_link_tun_new", error);
  const LinkHandle link(made);
  const StackHandle stack = NewStack();
  AddNic(stack.get(), link.get());
  AddAddresses(stack.get(), {Prefix(Ipv4(network, 2) + "/24"), Prefix(Ipv6(network, 2) + "/64")});
  SetHandler(stack.get(), Reply);
  is_ready();
  Check(ns_stack_run(stack.get(), &error), "ns_stack_run", error);
}

// Becomes the network namespace of the far end and leaves the answering to the kernel.
void ServeKernel(unsigned network, const std::function<void()>& is_ready) {
  if (unshare(CLONE_NEWNET) != 0) Fail("unshare");
  is_ready();
  const std::string device = fmt::format("peer{}", network);
  while (std::system(fmt::format("ip link show {} >/dev/null 2>&1", device).c_str()) != 0) {
    usleep(10'000);
  }
  SetUp(device, network, 2);
  pause();
}

}  // namespace

TunServer::TunServer(std::string name, unsigned network, const Serve& serve)
    : name_(std::move(name)), network_(network) {
  std::array<int, 2> ready{};
  if (pipe2(ready.data(), O_CLOEXEC) != 0) Fail("pipe");
  child_ = fork();
  if (child_ < 0) Fail("fork");
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      serve([&ready] {
        if (write(ready[1], "", 1) != 1) Fail("pipe");
      });
    } catch (const std::exception& failure) {
      fmt::print(stderr, "{}: {}\n", name_, failure.what());
    }
    _exit(EXIT_FAILURE);
  }
  close(ready[1]);
  char byte = 0;
  const ssize_t got = read(ready[0], &byte, 1);
  close(ready[0]);
  if (got != 1) throw std::runtime_error(name_ + " did not start");
}

TunServer::TunServer(TunServer&& other) noexcept
    : name_(std::move(other.name_)),
      network_(other.network_),
      has_process_(other.has_process_),
      child_(std::exchange(other.child_, -1)) {}

TunServer::~TunServer() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

TunServer TunServer::Kernel(unsigned network) {
  TunServer server("kernel's own answer (veth pair)", network,
                   [network](const auto& is_ready) { ServeKernel(network, is_ready); });
  server.has_process_ = false;
  const std::string device = fmt::format("bench{}", network);
  Ip(fmt::format("link add {} type veth peer name peer{} netns {}", device, network,
                 server.child_));
  SetUp(device, network, 1);
  return server;
}

TunServer TunServer::Floor(unsigned network) {
  return {"read, answer, write", network,
          [network](const auto& is_ready) { ServeFloor(network, is_ready); }};
}

TunServer TunServer::Netstack(unsigned network) {
  return {"netstack", network,
          [network](const auto& is_ready) { ServeNetstack(network, is_ready); }};
}

std::string TunServer::Address(bool is_ipv6) const {
  return is_ipv6 ? Ipv6(network_, 2) : Ipv4(network_, 2);
}

void TunServer::PinTo(unsigned core) const {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(child_, sizeof cores, &cores) != 0) Fail("sched_setaffinity");
}

uint64_t TunServer::CpuTime() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(child_, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    Fail(name_ + " has ended");
  }
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(used.tv_nsec);
}

}  // namespace bench

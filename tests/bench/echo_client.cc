#include "echo_client.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support/icmp_packet.h"

namespace bench {

namespace {

constexpr uint16_t kIdentifier = 0x6e73;
constexpr size_t kIcmpHeader = 8;
constexpr size_t kIpv4Header = 20;
constexpr int kPatience = 5;

// From linux/icmp.h, whose other names clash with those of netinet/ip_icmp.h.
constexpr int kIcmpFilter = 1;

uint64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

[[noreturn]] void Fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

EchoClient::EchoClient(const std::string& destination, size_t payload)
    : is_ipv6_(support::IsIpv6(destination)), reply_(65'536) {
  support::IcmpPacket request = support::EchoRequestTo(destination);
  request.identifier = kIdentifier;
  request.sequence = 0;
  request.payload = support::Bytes(payload, 0x5a);
  // For IPv6 the kernel adds the checksum, over addresses that it knows.
  request_ = support::IcmpMessage(request);
  Open(destination);
}

EchoClient::~EchoClient() { close(socket_); }

void EchoClient::Open(const std::string& destination) {
  socket_ = socket(is_ipv6_ ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC,
                   is_ipv6_ ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP});
  if (socket_ < 0) Fail("a raw socket");
  // Nothing but Echo Replies, and none of them lost for want of room.
  const uint32_t mask = ~(1u << ICMP_ECHOREPLY);
  icmp6_filter filter{};
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
  const int filtered =
      is_ipv6_ ? setsockopt(socket_, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter)
               : setsockopt(socket_, SOL_RAW, kIcmpFilter, &mask, sizeof mask);
  const int room = 1 << 20;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  // A second is what the kernel waits for a neighbour before it asks once more.
  const timeval patience{.tv_sec = kPatience, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_storage peer{};
  void* const address = is_ipv6_
                            ? static_cast<void*>(&reinterpret_cast<sockaddr_in6*>(&peer)->sin6_addr)
                            : &reinterpret_cast<sockaddr_in*>(&peer)->sin_addr;
  peer.ss_family = is_ipv6_ ? AF_INET6 : AF_INET;
  inet_pton(peer.ss_family, destination.c_str(), address);
  const socklen_t length = is_ipv6_ ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (filtered != 0 || connect(socket_, reinterpret_cast<sockaddr*>(&peer), length) != 0) {
    const int error = errno;
    close(socket_);
    errno = error;
    Fail(destination);
  }
}

void EchoClient::Send(size_t sequence) {
  const auto old_sequence = static_cast<uint16_t>(request_[6] << 8 | request_[7]);
  const auto new_sequence = static_cast<uint16_t>(sequence);
  // RFC 1624: HC' = ~(~HC + ~m + m').
  const auto checksum = static_cast<uint32_t>(request_[2] << 8 | request_[3]);
  uint32_t sum = (~checksum & 0xffff) + (~uint32_t{old_sequence} & 0xffff) + new_sequence;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
  request_[2] = static_cast<uint8_t>(sum >> 8);
  request_[3] = static_cast<uint8_t>(sum & 255);
  request_[6] = static_cast<uint8_t>(new_sequence >> 8);
  request_[7] = static_cast<uint8_t>(new_sequence & 255);
  if (send(socket_, request_.data(), request_.size(), 0) < 0) Fail("send");
}

uint16_t EchoClient::Receive() {
  const size_t header = is_ipv6_ ? 0 : kIpv4Header;
  const ssize_t length = recv(socket_, reply_.data(), reply_.size(), 0);
  if (length < 0) Fail(errno == EAGAIN ? fmt::format("no reply within {} s", kPatience) : "recv");
  const uint8_t* const icmp = reply_.data() + header;
  // The kernel has checked the sums; what came must be what was sent.
  if (static_cast<size_t>(length) != header + request_.size() ||
      std::memcmp(icmp + 4, request_.data() + 4, 2) != 0 ||
      std::memcmp(icmp + kIcmpHeader, request_.data() + kIcmpHeader,
                  request_.size() - kIcmpHeader) != 0) {
    throw std::runtime_error("a reply that is not the answer");
  }
  return static_cast<uint16_t>(icmp[6] << 8 | icmp[7]);
}

EchoRun EchoClient::Run(size_t window, size_t echoes) {
  EchoRun run;
  run.round_trip.reserve(echoes);
  std::vector<uint64_t> sent_at(65'536, 0);
  const uint64_t start = Now();
  size_t sent = 0;
  const auto send_next = [&] {
    sent_at[sent & 0xffff] = Now();
    Send(sent++);
  };
  while (sent < std::min(window, echoes)) send_next();
  while (run.round_trip.size() < echoes) {
    uint64_t& began = sent_at[Receive()];
    if (began == 0) throw std::runtime_error("a reply that nobody waits for");
    run.round_trip.push_back(static_cast<uint32_t>(Now() - began));
    began = 0;
    if (sent < echoes) send_next();
  }
  run.nanoseconds = Now() - start;
  return run;
}

}  // namespace bench

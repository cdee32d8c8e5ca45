// Pings through the kernel with a raw socket, keeping a window of requests on
// their way, and takes the time of each.
#ifndef NETSTACK_TESTS_BENCH_ECHO_CLIENT_H_
#define NETSTACK_TESTS_BENCH_ECHO_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct EchoRun {
  uint64_t nanoseconds = 0;          // from the first request to the last reply
  std::vector<uint32_t> round_trip;  // of each echo, in nanoseconds
};

class EchoClient {
 public:
  // Throws where the system refuses a raw socket.
  EchoClient(const std::string& destination, size_t payload);
  EchoClient(const EchoClient&) = delete;
  EchoClient& operator=(const EchoClient&) = delete;
  ~EchoClient();

  // Throws when a reply is wrong or stays away for a second.
  EchoRun Run(size_t window, size_t echoes);

 private:
  void Open(const std::string& destination);
  void Send(size_t sequence);
  // The sequence number, as far as 16 bits have it, of the next reply.
  uint16_t Receive();

  bool is_ipv6_ = false;
  int socket_ = -1;
  std::vector<uint8_t> request_;
  std::vector<uint8_t> reply_;
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_ECHO_CLIENT_H_

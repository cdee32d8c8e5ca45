// smoltcp, one packet per poll, through the C interface in the folder smoltcp.
#ifndef NETSTACK_TESTS_BENCH_SMOLTCP_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_SMOLTCP_CONTESTANT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>

#include "contestant.h"
#include "support/bytes.h"
#include "workload.h"

extern "C" {
struct SmoltcpEcho;
SmoltcpEcho* smoltcp_echo_new(const uint8_t* address, size_t length);
size_t smoltcp_echo_one(SmoltcpEcho* echo, const uint8_t* request, size_t length,
                        const uint8_t** reply);
void smoltcp_echo_free(SmoltcpEcho* echo);
}

namespace bench {

class SmoltcpContestant final : public Contestant {
 public:
  void Prepare(const Workload& workload) override {
    if (workload.scenario().addresses != 1) throw std::runtime_error("smoltcp has one address");
    const support::Bytes address = LocalAddressBytes(workload.scenario().family, 0);
    echo_.reset(smoltcp_echo_new(address.data(), address.size()));
  }
  void Echo(std::span<const uint8_t> request) override {
    length_ = smoltcp_echo_one(echo_.get(), request.data(), request.size(), &reply_);
  }
  std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) override {
    Echo(request);
    return {reply_, length_};
  }

 private:
  struct Free {
    void operator()(SmoltcpEcho* echo) const { smoltcp_echo_free(echo); }
  };

  std::unique_ptr<SmoltcpEcho, Free> echo_;
  const uint8_t* reply_ = nullptr;
  size_t length_ = 0;
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_SMOLTCP_CONTESTANT_H_

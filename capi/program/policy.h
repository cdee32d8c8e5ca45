// Policies: which answer the echoes to a prefix get.
#ifndef CAPI_PROGRAM_POLICY_H_
#define CAPI_PROGRAM_POLICY_H_

#include <netstack/netstack.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace program {

enum class Answer : uint8_t { kReply, kDrop, kDecline };

// "reply", "drop" or "decline".
[[nodiscard]] const char* Name(Answer answer) noexcept;

struct Policy {
  ns_prefix prefix;
  Answer answer;
};

// Reads "10.7.1.0/24=reply". Throws a Failure that names `text` if it makes no
// sense or asks for an answer that this version does not have.
[[nodiscard]] Policy ParsePolicy(const std::string& text);

// A handler made of policies. The longest prefix decides; where none matches the
// request is declined. Any number of threads may call it.
class PolicyTable {
 public:
  struct Count {
    uint64_t requests = 0;
    uint64_t failed = 0;  // replies that found no way back
  };

  // Throws a Failure if two policies contradict each other.
  explicit PolicyTable(std::vector<Policy> policies);

  // An ns_icmp_request_fn; `user_data` is the table.
  static ns_verdict OnRequest(void* user_data, ns_request request) noexcept;

  // In order: IPv4 first, longest prefix first.
  [[nodiscard]] const std::vector<Policy>& policies() const noexcept { return policies_; }
  // What became of the requests that policy number `at` decided about;
  // policies().size() stands for those that none matched.
  [[nodiscard]] Count CountOf(size_t at) const noexcept;
  // Of all policies with this answer; those that none matched were declined.
  [[nodiscard]] Count CountOf(Answer answer) const noexcept;

 private:
  // Policies of one family and length stand together, in order of their address.
  struct Group {
    uint32_t family;
    uint32_t length;
    size_t begin;
    size_t end;
  };
  struct AtomicCount {
    std::atomic<uint64_t> requests{0};
    std::atomic<uint64_t> failed{0};
  };

  [[nodiscard]] size_t Find(const ns_address& destination) const noexcept;
  ns_verdict Decide(ns_request request) noexcept;

  std::vector<Policy> policies_;
  std::vector<Group> groups_;
  std::unique_ptr<AtomicCount[]> counts_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_POLICY_H_

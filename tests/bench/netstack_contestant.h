// Our own stack, through the shared library and its C ABI, as users call it.
#ifndef NETSTACK_TESTS_BENCH_NETSTACK_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_NETSTACK_CONTESTANT_H_

#include <netstack/netstack.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "contestant.h"
#include "handles.h"
#include "workload.h"

namespace bench {

enum class Handler { kNone, kReplies, kConsumes, kDeclines };
enum class Carrier { kCallback, kChannel };
enum class Locals { kAssigned, kPrefix };

class NetstackContestant final : public Contestant {
 public:
  struct Options {
    Handler handler = Handler::kReplies;
    Carrier carrier = Carrier::kCallback;
    Locals locals = Locals::kAssigned;
  };

  explicit NetstackContestant(const Options& options) : options_(options) {}

  void Prepare(const Workload& workload) override;
  void Echo(std::span<const uint8_t> request) override;
  std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) override;
  [[nodiscard]] bool IsToReply() const override { return options_.handler != Handler::kConsumes; }

 private:
  static ns_status Transmit(void* self, const uint8_t* packet, size_t length);

  void MakeLink();

  const Options options_;
  StackHandle stack_;
  LinkHandle link_;
  // What was sent: counted, and copied only while somebody looks.
  uint64_t sent_ = 0;
  bool is_shown_ = false;
  size_t length_ = 0;
  std::array<uint8_t, 2048> reply_{};
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_NETSTACK_CONTESTANT_H_

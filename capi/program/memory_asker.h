// Asks with packets of our own, over a link in memory.
#ifndef CAPI_PROGRAM_MEMORY_ASKER_H_
#define CAPI_PROGRAM_MEMORY_ASKER_H_

#include "asker.h"
#include "demo_network.h"

namespace program {

class MemoryAsker : public Asker {
 public:
  // `network` is on a channel and outlives the asker.
  explicit MemoryAsker(const DemoNetwork& network) noexcept : network_(network) {}

  [[nodiscard]] bool CanAsk(const DemoCase& /*demo_case*/) const override { return true; }
  [[nodiscard]] std::string AskedText(const DemoCase& demo_case) const override;
  [[nodiscard]] std::string WithText(const DemoCase& demo_case) const override;
  [[nodiscard]] std::vector<Reply> Ask(std::span<const DemoCase> cases) override;

 private:
  [[nodiscard]] Reply AskOne(const DemoCase& demo_case);

  const DemoNetwork& network_;
  uint16_t sequence_ = 0;
};

}  // namespace program

#endif  // CAPI_PROGRAM_MEMORY_ASKER_H_

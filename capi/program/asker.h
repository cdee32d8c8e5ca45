// Who asks the demo's network.
#ifndef CAPI_PROGRAM_ASKER_H_
#define CAPI_PROGRAM_ASKER_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "demo_case.h"

namespace program {

// What came back, as far as the asker can tell.
struct Reply {
  std::optional<ns_address> from;  // nothing: silence
  double milliseconds = 0;
  std::string trouble;  // why the answer is no good; empty: it is
};

class Asker {
 public:
  Asker() = default;
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  virtual ~Asker() = default;

  // Whether it can ask that.
  [[nodiscard]] virtual bool CanAsk(const DemoCase& demo_case) const = 0;

  // The address as it is given to the tool, and the tool's other arguments.
  [[nodiscard]] virtual std::string AskedText(const DemoCase& demo_case) const = 0;
  [[nodiscard]] virtual std::string WithText(const DemoCase& demo_case) const = 0;

  // Asks all of `cases`, at once if it can, and returns a reply for each.
  [[nodiscard]] virtual std::vector<Reply> Ask(std::span<const DemoCase> cases) = 0;
};

}  // namespace program

#endif  // CAPI_PROGRAM_ASKER_H_

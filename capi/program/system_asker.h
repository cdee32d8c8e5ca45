// Asks with the system's own ping and traceroute, over a TUN device.
#ifndef CAPI_PROGRAM_SYSTEM_ASKER_H_
#define CAPI_PROGRAM_SYSTEM_ASKER_H_

#include <string>
#include <vector>

#include "asker.h"
#include "demo_network.h"

namespace program {

class SystemAsker : public Asker {
 public:
  // `network` is on a TUN device and outlives the asker. Throws a Failure if no
  // usable ping is installed.
  explicit SystemAsker(const DemoNetwork& network);

  // Such as "iputils 20221126".
  [[nodiscard]] const std::string& ping_version() const noexcept { return ping_version_; }
  [[nodiscard]] bool has_traceroute() const noexcept { return has_traceroute_; }
  [[nodiscard]] const std::string& device() const noexcept { return device_; }

  [[nodiscard]] bool CanAsk(const DemoCase& demo_case) const override;
  [[nodiscard]] std::string AskedText(const DemoCase& demo_case) const override;
  [[nodiscard]] std::string WithText(const DemoCase& demo_case) const override;
  [[nodiscard]] std::vector<Reply> Ask(std::span<const DemoCase> cases) override;

 private:
  [[nodiscard]] std::string Run(const std::vector<std::string>& arguments, bool* succeeded) const;
  [[nodiscard]] std::vector<std::string> Options(const DemoCase& demo_case) const;
  [[nodiscard]] std::vector<std::string> CommandFor(const DemoCase& demo_case) const;

  const DemoNetwork& network_;
  std::string device_;
  std::string ping_version_;
  bool has_traceroute_ = false;
};

}  // namespace program

#endif  // CAPI_PROGRAM_SYSTEM_ASKER_H_

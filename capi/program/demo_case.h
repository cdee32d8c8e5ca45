// What the demo asks, and which answer is promised.
#ifndef CAPI_PROGRAM_DEMO_CASE_H_
#define CAPI_PROGRAM_DEMO_CASE_H_

#include <netstack/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace program {

enum class Tool : uint8_t { kPing, kTraceroute };

struct DemoCase {
  ns_address asked{};
  std::optional<ns_address> answerer;  // who must answer; nothing: silence is promised
  std::optional<ns_address> from;      // which of the host's addresses asks; nothing: the usual one
  Tool tool = Tool::kPing;
  bool group = false;  // broadcast or multicast
  size_t size = 56;    // bytes of echo data, as ping counts
  bool dont_fragment = false;
  uint8_t tos = 0;
};

// Cases with one thing in common.
struct DemoChapter {
  std::string title;
  std::vector<DemoCase> cases;
};

// All cases, some with addresses chosen at random. `mtu` is the link's.
[[nodiscard]] std::vector<DemoChapter> DemoChapters(uint32_t mtu);

// How a case is asked in memory: "1400 bytes".
[[nodiscard]] std::string WithText(const DemoCase& demo_case);
// What is promised: "reply from itself".
[[nodiscard]] std::string PromisedText(const DemoCase& demo_case);

}  // namespace program

#endif  // CAPI_PROGRAM_DEMO_CASE_H_

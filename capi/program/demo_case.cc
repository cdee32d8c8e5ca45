#include "demo_case.h"

#include <fmt/format.h>

#include <random>

#include "address_text.h"
#include "demo_network.h"

namespace program {

namespace {

constexpr size_t kPingSize = 56;
constexpr size_t kIpv4Headers = 20 + 8;
constexpr size_t kIpv6Headers = 40 + 8;
constexpr uint8_t kExpeditedForwarding = 0xb8;  // RFC 3246, as voice calls bear it

ns_address At(const std::string& text) { return ParseAddress(text).value(); }

// Answers for itself.
DemoCase Replies(const std::string& address) {
  return {.asked = At(address), .answerer = At(address), .from = {}};
}

DemoCase IsSilent(const std::string& address) {
  return {.asked = At(address), .answerer = {}, .from = {}};
}

DemoCase RepliesToSize(const std::string& address, size_t size, bool dont_fragment) {
  DemoCase demo_case = Replies(address);
  demo_case.size = size;
  demo_case.dont_fragment = dont_fragment;
  return demo_case;
}

DemoCase RepliesToTos(const std::string& address, uint8_t tos) {
  DemoCase demo_case = Replies(address);
  demo_case.tos = tos;
  return demo_case;
}

DemoCase IsTraced(const std::string& address) {
  DemoCase demo_case = Replies(address);
  demo_case.tool = Tool::kTraceroute;
  return demo_case;
}

// A group, and who answers for it: nobody if that is empty.
DemoCase Group(const std::string& address, const std::string& answerer,
               const std::string& from = {}) {
  DemoCase demo_case{.asked = At(address), .answerer = {}, .from = {}};
  if (!answerer.empty()) demo_case.answerer = At(answerer);
  if (!from.empty()) demo_case.from = At(from);
  demo_case.group = true;
  return demo_case;
}

DemoChapter RandomChapter() {
  std::random_device random;
  // Apart from the addresses of other cases and the host's own in room 1.
  std::uniform_int_distribution<int> low(2, 126);
  std::uniform_int_distribution<int> high(127, 253);
  std::uniform_int_distribution<int> hextet(0x100, 0xffff);
  return {"Nobody assigned these: the handler has the stack reply, and consumes the request.",
          {Replies("10.7.1.1"), Replies(fmt::format("10.7.1.{}", low(random))),
           Replies(fmt::format("10.7.1.{}", high(random))), Replies("fd07::1:1"),
           Replies(fmt::format("fd07::1:{:x}", hextet(random)))}};
}

}  // namespace

std::vector<DemoChapter> DemoChapters(uint32_t mtu) {
  return {
      {"An assigned address: the handler declines, so the stack replies by itself.",
       {Replies(kAddressIpv4), Replies(kAddressIpv6)}},
      RandomChapter(),
      {"The same, but declined after the reply: still one reply.",
       {Replies("10.7.2.1"), Replies("fd07::2:1")}},
      {"Silence: consumed without a reply, or declined and nobody assigned it.",
       {IsSilent("10.7.3.1"), IsSilent("fd07::3:1"), IsSilent("10.7.4.1"), IsSilent("fd07::4:1")}},
      {"Broadcast: declined, then delegated. Multicast: declined, so the stack replies by itself.",
       {Group("10.7.255.255", ""), Group("10.7.255.255", kAddressIpv4, kHostInRoom1),
        Group("ff02::1", kAddressIpv6)}},
      {fmt::format("Sizes, up to the MTU of {}.", mtu),
       {RepliesToSize("10.7.1.1", 1400, false), RepliesToSize("10.7.1.1", mtu - kIpv4Headers, true),
        RepliesToSize("fd07::1:1", 1400, false),
        RepliesToSize("fd07::1:1", mtu - kIpv6Headers, true)}},
      {"The reply bears the request's TOS or traffic class.",
       {RepliesToTos("10.7.1.1", kExpeditedForwarding),
        RepliesToTos("fd07::1:1", kExpeditedForwarding)}},
      {"The way there: one hop, although the probe comes with a TTL of 1.",
       {IsTraced("10.7.1.1"), IsTraced("fd07::1:1")}},
  };
}

std::string WithText(const DemoCase& demo_case) {
  std::string text;
  if (demo_case.tool == Tool::kTraceroute) text += "TTL 1";
  if (demo_case.from) text += "from " + Text(*demo_case.from);
  if (demo_case.size != kPingSize) text += fmt::format("{} bytes", demo_case.size);
  if (demo_case.dont_fragment) text += ", DF";
  if (demo_case.tos != 0) text += fmt::format("TOS {:#x}", demo_case.tos);
  return text;
}

std::string PromisedText(const DemoCase& demo_case) {
  if (!demo_case.answerer) return "silence";
  if (demo_case.tool == Tool::kTraceroute) return "one hop, itself";
  if (demo_case.tos != 0) {
    const bool ipv4 = demo_case.asked.family == NS_FAMILY_IPV4;
    return fmt::format("reply, {} {:#x}", ipv4 ? "TOS" : "class", demo_case.tos);
  }
  if (IsSame(*demo_case.answerer, demo_case.asked)) return "reply from itself";
  return "reply from " + Text(*demo_case.answerer);
}

}  // namespace program

#include "demo.h"

#include <fmt/format.h>
#include <netstack/netstack.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "address_text.h"
#include "counters.h"
#include "demo_case.h"
#include "demo_handler.h"
#include "demo_network.h"
#include "handles.h"
#include "memory_asker.h"
#include "sandbox.h"
#include "system_asker.h"

namespace program {

namespace {

// One line of the table.
constexpr const char* kRow = "{:<13}  {:<17}  {:<20}  {:<13}  {:>8}  {}\n";

// Colours, on a terminal that has some.
class Palette {
 public:
  Palette() {
    const char* const terminal = std::getenv("TERM");
    colours_ = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr &&
               terminal != nullptr && std::string_view(terminal) != "dumb";
  }
  [[nodiscard]] std::string Bold(const std::string& text) const { return Dress("1", text); }
  [[nodiscard]] std::string Good(const std::string& text) const { return Dress("32", text); }
  [[nodiscard]] std::string Bad(const std::string& text) const { return Dress("1;31", text); }

 private:
  [[nodiscard]] std::string Dress(const char* code, const std::string& text) const {
    return colours_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }

  bool colours_ = false;
};

// The network and who asks it.
struct Stage {
  std::unique_ptr<DemoNetwork> network;
  std::unique_ptr<Asker> asker;
  std::string introduction;
};

Stage SystemStage() {
  EnterSandbox();
  Stage stage;
  stage.network = std::make_unique<DemoNetwork>(OpenDemoTun("tun0"));
  auto asker = std::make_unique<SystemAsker>(*stage.network);
  stage.introduction = fmt::format(
      "The system's own ping ({}) asks it through {}, in a network namespace of our own.",
      asker->ping_version(), asker->device());
  if (!asker->has_traceroute()) {
    stage.introduction += "\nNo usable traceroute is installed; it is left out.";
  }
  stage.asker = std::move(asker);
  return stage;
}

Stage MemoryStage(const std::string& why) {
  Stage stage;
  stage.network = std::make_unique<DemoNetwork>(Make<LinkHandle>(ns_link_channel_new, nullptr));
  stage.asker = std::make_unique<MemoryAsker>(*stage.network);
  stage.introduction = fmt::format(
      "No system ping ran: {}.\nInstead, packets that this program makes ask it, in memory.", why);
  return stage;
}

Stage MakeStage(const DemoOptions& options) {
  if (options.in_memory) return MemoryStage("--in-memory was given");
  try {
    return SystemStage();
  } catch (const Failure& failure) {
    return MemoryStage(failure.what());
  }
}

class Performance {
 public:
  Performance(const Stage& stage, const Palette& palette) : stage_(stage), palette_(palette) {}

  [[nodiscard]] int asked() const noexcept { return asked_; }
  [[nodiscard]] int as_promised() const noexcept { return as_promised_; }

  void Play(const DemoChapter& chapter) {
    std::vector<DemoCase> cases;
    std::copy_if(chapter.cases.begin(), chapter.cases.end(), std::back_inserter(cases),
                 [&](const DemoCase& each) { return stage_.asker->CanAsk(each); });
    if (cases.empty()) return;
    fmt::print("\n{}\n", palette_.Bold(chapter.title));
    const bool silent = std::none_of(
        cases.begin(), cases.end(), [](const DemoCase& each) { return each.answerer.has_value(); });
    // Silence takes its time, so it is listened to all at once.
    const size_t at_once = silent ? cases.size() : 1;
    for (size_t i = 0; i < cases.size(); i += at_once) {
      const auto some = std::span(cases).subspan(i, at_once);
      const size_t begin = stage_.network->witness().now();
      const std::vector<Reply> replies = stage_.asker->Ask(some);
      for (size_t j = 0; j < some.size(); ++j) Judge(some[j], replies[j], begin);
      std::fflush(stdout);
    }
  }

 private:
  void Judge(const DemoCase& wanted, const Reply& reply, size_t begin) {
    std::string trouble = reply.trouble;
    if (trouble.empty()) trouble = stage_.network->witness().Judge(wanted, begin);
    if (trouble.empty() && wanted.answerer && !reply.from) trouble = "the reply did not arrive";
    if (trouble.empty() && reply.from &&
        (!wanted.answerer || !IsSame(*reply.from, *wanted.answerer))) {
      trouble = "somebody else answered";
    }
    ++asked_;
    if (trouble.empty()) ++as_promised_;
    fmt::print(kRow, stage_.asker->AskedText(wanted), stage_.asker->WithText(wanted),
               PromisedText(wanted), reply.from ? Text(*reply.from) : "nobody",
               reply.from ? fmt::format("{:.3f} ms", reply.milliseconds) : "-",
               trouble.empty() ? palette_.Good("ok") : palette_.Bad("FAILED"));
    if (!trouble.empty()) fmt::print("    {}\n", palette_.Bad(trouble));
  }

  const Stage& stage_;
  const Palette& palette_;
  int asked_ = 0;
  int as_promised_ = 0;
};

void PrintHandler(const Palette& palette) {
  fmt::print("\n{}\n", palette.Bold("The handler, which is all there is of this network:"));
  std::istringstream lines(kHandlerText);
  for (std::string line; std::getline(lines, line);) fmt::print("  {}\n", line);
}

// What tells about echoes; the rest would be the host's chatter on a new device.
void PrintCounters(ns_stack* stack, const Palette& palette) {
  std::vector<Counter> shown;
  for (Counter& counter : NonZeroCounters(stack)) {
    const bool stack_wide =
        counter.name.starts_with("icmp.") && counter.name.find("echo") != std::string::npos;
    if (stack_wide || counter.name.starts_with("forwarder.")) shown.push_back(std::move(counter));
  }
  fmt::print("\n{}\n{}", palette.Bold("Counters:"), Table(shown, 2));
}

}  // namespace

ExitStatus Demo(const DemoOptions& options) {
  const Palette palette;
  const Stage stage = MakeStage(options);
  fmt::print(
      "netstack {}: every address of {} and {} lives in one handler and nowhere else.\n{}\n"
      "A capture checks each reply: that there is one, its source, TTL 64, TOS, data, "
      "checksums.\n\n",
      ns_version_string(), kPrefixIpv4, kPrefixIpv6, stage.introduction);
  fmt::print(kRow, "asked", "with", "promised", "answered by", "time", "result");
  std::fflush(stdout);

  Performance performance(stage, palette);
  for (const DemoChapter& chapter : DemoChapters(stage.network->mtu())) performance.Play(chapter);
  PrintHandler(palette);
  PrintCounters(stage.network->stack(), palette);

  const bool all = performance.as_promised() == performance.asked();
  const std::string verdict =
      fmt::format("{} of {} answers as promised", performance.as_promised(), performance.asked());
  fmt::print("\n{}\n", all ? palette.Good(verdict) : palette.Bad(verdict));
  return all ? kExitOk : kExitFailed;
}

}  // namespace program

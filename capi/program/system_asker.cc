#include "system_asker.h"

#include <fmt/format.h>

#include <cstdlib>

#include "address_text.h"
#include "failure.h"
#include "ping_output.h"
#include "process.h"
#include "stack_loop.h"

namespace program {

namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kToolPatience = 10 * kSecond;
constexpr size_t kPingSize = 56;  // what ping sends by itself

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// Tools that speak English, also those of which users are not told.
void PrepareEnvironment() {
  const char* const path = std::getenv("PATH");
  const std::string wider = std::string(path != nullptr ? path : "") +
                            ":/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
  setenv("PATH", wider.c_str(), 1);
  setenv("LC_ALL", "C", 1);
}

}  // namespace

SystemAsker::SystemAsker(const DemoNetwork& network) : network_(network) {
  char device[16] = "";
  if (ns_link_get_device(network.link(), device, sizeof device) != NS_OK) {
    throw Failure(kExitFailed, "the link is no device");
  }
  device_ = device;
  PrepareEnvironment();
  bool succeeded = false;
  // "ping from iputils 20221126", formerly "ping utility, iputils-s20161105".
  const std::string version = FirstLine(Run({"ping", "-V"}, &succeeded));
  const size_t name = version.find("iputils");
  if (name == std::string::npos) {
    throw Failure(kExitFailed, "the installed ping is not the one of iputils");
  }
  ping_version_ = version.substr(name);
  // Where the system lets ping run at all, it can ask itself.
  for (const char* self : {"127.0.0.1", "::1"}) {
    const std::string text = Run({"ping", "-n", "-c", "1", "-W", "2", self}, &succeeded);
    if (!succeeded) {
      throw Failure(kExitFailed, fmt::format("ping can't ask {} here: {}", self, FirstLine(text)));
    }
  }
  try {
    has_traceroute_ =
        Run({"traceroute", "--version"}, &succeeded).find("Modern traceroute for Linux") !=
        std::string::npos;
  } catch (const Failure&) {
    has_traceroute_ = false;
  }
}

std::string SystemAsker::Run(const std::vector<std::string>& arguments, bool* succeeded) const {
  Process process(arguments);
  WaitForAll(network_.stack(), {&process, 1}, Now() + kToolPatience);
  *succeeded = process.succeeded();
  return process.text();
}

bool SystemAsker::CanAsk(const DemoCase& demo_case) const {
  return demo_case.tool == Tool::kPing || has_traceroute_;
}

std::string SystemAsker::AskedText(const DemoCase& demo_case) const {
  const std::string text = Text(demo_case.asked);
  const bool needs_device = demo_case.group && demo_case.asked.family == NS_FAMILY_IPV6;
  return needs_device ? text + "%" + device_ : text;
}

std::vector<std::string> SystemAsker::Options(const DemoCase& demo_case) const {
  std::vector<std::string> options;
  if (demo_case.tool == Tool::kTraceroute) options.insert(options.end(), {"-I"});
  if (demo_case.group) {
    // The host is a member of the group as well, and is not meant.
    options.emplace_back(demo_case.asked.family == NS_FAMILY_IPV4 ? "-b" : "-L");
  }
  if (demo_case.from) options.insert(options.end(), {"-I", Text(*demo_case.from)});
  if (demo_case.size != kPingSize) {
    options.insert(options.end(), {"-s", std::to_string(demo_case.size)});
  }
  if (demo_case.dont_fragment) options.insert(options.end(), {"-M", "do"});
  if (demo_case.tos != 0)
    options.insert(options.end(), {"-Q", fmt::format("{:#x}", demo_case.tos)});
  return options;
}

std::string SystemAsker::WithText(const DemoCase& demo_case) const {
  const char* const tool = demo_case.tool == Tool::kTraceroute ? "traceroute " : "";
  return fmt::format("{}{}", tool, fmt::join(Options(demo_case), " "));
}

std::vector<std::string> SystemAsker::CommandFor(const DemoCase& demo_case) const {
  std::vector<std::string> command;
  if (demo_case.tool == Tool::kTraceroute) {
    command = {"traceroute", "-n", "-q", "1", "-N", "1", "-w", "1", "-m", "4"};
    if (demo_case.asked.family == NS_FAMILY_IPV6) command.emplace_back("-6");
  } else {
    command = {"ping", "-n", "-c", "1", "-W", demo_case.answerer ? "3" : "1"};
  }
  for (std::string& option : Options(demo_case)) command.push_back(std::move(option));
  command.push_back(AskedText(demo_case));
  return command;
}

std::vector<Reply> SystemAsker::Ask(std::span<const DemoCase> cases) {
  std::vector<Process> processes;
  for (const DemoCase& demo_case : cases) processes.emplace_back(CommandFor(demo_case));
  WaitForAll(network_.stack(), processes, Now() + kToolPatience);
  std::vector<Reply> replies;
  for (size_t i = 0; i < cases.size(); ++i) {
    const bool traced = cases[i].tool == Tool::kTraceroute;
    replies.push_back(traced ? ReadTraceroute(processes[i].text()) : ReadPing(processes[i].text()));
  }
  return replies;
}

}  // namespace program

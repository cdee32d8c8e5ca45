#include "command_line.h"

#include <fmt/format.h>
#include <netstack/netstack.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "add_option.h"
#include "option_values.h"
#include "replay_command_line.h"

namespace program {

namespace {

constexpr size_t kMaximumDeviceName = 15;
constexpr double kMaximumInterval = 24 * 60 * 60;

constexpr const char* kServeFooter =
    "Answers of a policy: reply, drop (silence), decline (as if there were no policy).\n"
    "The longest prefix decides; where none matches the request is declined.\n"
    "Example:\n"
    "  netstack serve --tun tun0 --host-address 10.7.255.254/16 --prefix 10.7.0.0/16 \\\n"
    "      --policy 10.7.1.0/24=reply --policy 10.7.0.0/16=drop --pcap out.pcap";

// What `serve` was given, as text.
struct ServeTexts {
  std::string tun;
  bool tun_given = false;
  std::string mtu;
  std::string interval;
  std::string pcap;
  std::vector<std::string> host_addresses;
  std::vector<std::string> addresses;
  std::vector<std::string> prefixes;
  std::vector<std::string> policies;
};

std::optional<uint64_t> ParseInterval(const std::string& text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  // Written so that "nan" is refused too.
  if (!ParseNumber(text, &seconds) || !(seconds >= 0 && seconds <= kMaximumInterval)) {
    Refuse("--interval", text,
           fmt::format("no interval; use seconds from 0 (none) to {}", kMaximumInterval));
  }
  return static_cast<uint64_t>(seconds * 1e9);
}

ServeOptions Parse(const ServeTexts& texts) {
  ServeOptions options;
  if (!texts.tun_given) throw Failure(kExitBadArguments, "--tun is required");
  if (texts.tun.empty() || texts.tun.size() > kMaximumDeviceName) {
    Refuse("--tun", texts.tun, "a device's name has 1 to 15 characters, such as tun0");
  }
  options.tun = texts.tun;
  if (!texts.mtu.empty()) options.mtu = ParseMtu(texts.mtu, kMinimumMtu);
  options.host_addresses = ParsePrefixes("--host-address", texts.host_addresses, false);
  options.addresses = ParsePrefixes("--address", texts.addresses, false);
  options.prefixes = ParsePrefixes("--prefix", texts.prefixes, true);
  for (const std::string& text : texts.policies) options.policies.push_back(ParsePolicy(text));
  static_cast<void>(PolicyTable(options.policies));  // refuses what contradicts itself
  options.pcap = texts.pcap;
  options.interval_ns = ParseInterval(texts.interval);
  return options;
}

CLI::App* AddServe(CLI::App* app, ServeTexts* texts) {
  CLI::App* const serve = app->add_subcommand("serve", "Answer on a TUN device until Ctrl-C");
  AddOption(serve, "--tun", &texts->tun, "NAME",
            "The device (required); made if it does not exist");
  AddOption(serve, "--host-address", &texts->host_addresses, "A/LEN",
            "The host's address on it, which is then brought up (repeatable)");
  AddOption(serve, "--mtu", &texts->mtu, "N", "Sets the device's MTU, in bytes");
  AddOption(serve, "--address", &texts->addresses, "A/LEN",
            "An address that the stack has (repeatable)");
  AddOption(serve, "--prefix", &texts->prefixes, "P/LEN",
            "Makes all its addresses ours, assigns none (repeatable)");
  AddOption(serve, "--policy", &texts->policies, "PREFIX=ANSWER",
            "How its echo requests are answered (repeatable)");
  AddOption(serve, "--pcap", &texts->pcap, "FILE",
            "Captures all packets, for Wireshark or tcpdump");
  AddOption(serve, "--interval", &texts->interval, "SECONDS",
            "Between live counters; on a terminal 1, elsewhere none");
  serve->footer(kServeFooter);
  return serve;
}

// CLI11 speaks in terms of its own, and not always in one line.
std::string OneLine(const CLI::ParseError& error) {
  std::string line = error.what();
  const std::string option = line.substr(0, line.find(':'));
  if (line.find("At Most") != std::string::npos) return option + " is given more than once";
  if (line.find("missing") != std::string::npos) return option + " needs a value";
  std::replace(line.begin(), line.end(), '\n', ' ');
  const auto text = line.find_last_not_of(' ');
  return text == std::string::npos ? error.get_name() : line.substr(0, text + 1);
}

void Parse(CLI::App* app, int argc, const char* const* argv) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::CallForVersion&) {
    throw;
  } catch (const CLI::ExtrasError&) {
    throw Failure(kExitBadArguments,
                  fmt::format("unexpected argument \"{}\"", app->remaining(true).at(0)));
  } catch (const CLI::ParseError& error) {
    throw Failure(kExitBadArguments, OneLine(error));
  }
}

}  // namespace

Command ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("A user-space IP stack that answers ping as you decide.", "netstack");
  app.set_version_flag("--version", fmt::format("netstack {}", ns_version_string()));
  app.get_formatter()->column_width(34);
  app.require_subcommand(0, 1);  // a file may bear the name of another command

  DemoOptions demo;
  CLI::App* const demo_command =
      app.add_subcommand("demo", "Show a network that exists only in a handler; needs no root");
  demo_command
      ->add_flag("--in-memory", demo.in_memory,
                 "Without a device, a namespace and the system's ping")
      ->disable_flag_override();
  ServeTexts texts;
  CLI::App* const serve_command = AddServe(&app, &texts);
  ReplayTexts replay;
  CLI::App* const replay_command = AddReplay(&app, &replay);

  try {
    Parse(&app, argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return Done{};
  }
  if (demo_command->parsed()) return demo;
  if (replay_command->parsed()) return Parse(replay);
  texts.tun_given = serve_command->count("--tun") > 0;
  if (serve_command->parsed()) return Parse(texts);
  throw Failure(kExitBadArguments, "no command; use demo, serve or replay, or see netstack --help");
}

}  // namespace program

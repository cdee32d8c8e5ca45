// The command line of `netstack replay`.
#ifndef CAPI_PROGRAM_REPLAY_COMMAND_LINE_H_
#define CAPI_PROGRAM_REPLAY_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "replay.h"

namespace program {

// What it was given, as text.
struct ReplayTexts {
  std::string in;
  std::string out;
  std::vector<std::string> addresses;
  std::vector<std::string> prefixes;
  bool promiscuous = false;
  bool spoofing = false;
  bool forwarding = false;
  std::string mtu = "1500";
  std::string seed = "0";
  std::string handler = "none";
  std::vector<std::string> ping_sockets;
  std::string stats;
  bool stats_given = false;
};

CLI::App* AddReplay(CLI::App* app, ReplayTexts* texts);

// Throws a Failure that says in one line what is wrong.
[[nodiscard]] ReplayOptions Parse(const ReplayTexts& texts);

}  // namespace program

#endif  // CAPI_PROGRAM_REPLAY_COMMAND_LINE_H_

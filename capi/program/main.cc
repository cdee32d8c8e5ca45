// The `netstack` command.
#include <netstack/version.h>

#include <cstdio>
#include <exception>
#include <string>
#include <variant>

#include "command_line.h"
#include "demo.h"
#include "failure.h"
#include "replay.h"
#include "serve.h"

namespace program {

namespace {

ExitStatus Run(const Done& /*nothing*/) { return kExitOk; }
ExitStatus Run(const DemoOptions& options) { return Demo(options); }
ExitStatus Run(const ServeOptions& options) { return Serve(options); }
ExitStatus Run(const ReplayOptions& options) { return Replay(options); }

// Before 1.0 every minor version has an ABI of its own.
void CheckLibrary() {
  if (ns_abi_version() == NS_ABI_VERSION) return;
  throw Failure(kExitFailed, std::string("this program was made for libnetstack ") +
                                 NS_VERSION_STRING + ", but runs with " + ns_version_string());
}

ExitStatus Main(int argc, const char* const* argv) {
  CheckLibrary();
  return std::visit([](const auto& options) { return Run(options); }, ParseCommandLine(argc, argv));
}

ExitStatus Say(ExitStatus status, const char* sentence) {
  std::fflush(stdout);
  std::fprintf(stderr, "netstack: %s\n", sentence);
  return status;
}

}  // namespace

}  // namespace program

int main(int argc, char** argv) {
  try {
    return program::Main(argc, argv);
  } catch (const program::Failure& failure) {
    return program::Say(failure.status(), failure.what());
  } catch (const std::exception& exception) {
    return program::Say(program::kExitFailed, exception.what());
  }
}

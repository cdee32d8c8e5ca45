// The command line: what the user asked for.
#ifndef CAPI_PROGRAM_COMMAND_LINE_H_
#define CAPI_PROGRAM_COMMAND_LINE_H_

#include <variant>

#include "demo.h"
#include "replay.h"
#include "serve.h"

namespace program {

// Nothing is left to do: help or the version was asked for, and is printed.
struct Done {};

using Command = std::variant<Done, DemoOptions, ServeOptions, ReplayOptions>;

// Throws a Failure that says in one line what is wrong.
[[nodiscard]] Command ParseCommandLine(int argc, const char* const* argv);

}  // namespace program

#endif  // CAPI_PROGRAM_COMMAND_LINE_H_

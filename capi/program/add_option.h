// Options of a command line, the way all of ours are.
#ifndef CAPI_PROGRAM_ADD_OPTION_H_
#define CAPI_PROGRAM_ADD_OPTION_H_

#include <CLI/CLI.hpp>
#include <string>

namespace program {

// An option that takes one value each time it is given.
template <typename Value>
CLI::Option* AddOption(CLI::App* app, const std::string& name, Value* value,
                       const std::string& type, const std::string& help) {
  return app->add_option(name, *value, help)->type_name(type)->allow_extra_args(false);
}

}  // namespace program

#endif  // CAPI_PROGRAM_ADD_OPTION_H_

// Why the program ends without having done what it was asked to.
#ifndef CAPI_PROGRAM_FAILURE_H_
#define CAPI_PROGRAM_FAILURE_H_

#include <stdexcept>
#include <string>

namespace program {

enum ExitStatus : int {
  kExitOk = 0,
  kExitFailed = 1,        // something outside went wrong
  kExitBadArguments = 2,  // what was asked for makes no sense
};

// One sentence for the user, and the exit status.
class Failure : public std::runtime_error {
 public:
  Failure(ExitStatus status, const std::string& sentence)
      : std::runtime_error(sentence), status_(status) {}

  [[nodiscard]] ExitStatus status() const noexcept { return status_; }

 private:
  ExitStatus status_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_FAILURE_H_

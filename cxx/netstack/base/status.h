// What became of a call. The values are those of the C ABI, so that no table
// translates between the two.
#ifndef NETSTACK_BASE_STATUS_H_
#define NETSTACK_BASE_STATUS_H_

#include <cstdint>
#include <string>
#include <utility>

namespace netstack::base {

enum class Status : int32_t {
  kUnclaimed = 1,
  kOk = 0,
  kInvalidArgument = -1,
  kNoMemory = -2,
  kExpired = -3,
  kNotReplyable = -4,
  kNoRoute = -5,
  kLimited = -6,
  kBusy = -7,
  kUnsupported = -8,
  kTooSmall = -9,
  kNotFound = -10,
  kClosed = -11,
  kAnswered = -12,
  kTimedOut = -13,
  kWouldBlock = -14,
  kInternal = -99,
};

// A status with a sentence that names what was wrong. For configuration, where
// a caller wants to read it; the data path returns a bare Status.
class [[nodiscard]] Error {
 public:
  Error() noexcept = default;
  Error(Status status, std::string message) : status_(status), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const noexcept { return status_ == Status::kOk; }
  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 private:
  Status status_ = Status::kOk;
  std::string message_;
};

inline Error Invalid(std::string message) { return {Status::kInvalidArgument, std::move(message)}; }

}  // namespace netstack::base

#endif  // NETSTACK_BASE_STATUS_H_

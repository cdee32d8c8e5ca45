/**
 * @file
 * Statuses, and failures as exceptions.
 */
#ifndef NETSTACK_HPP_ERROR_HPP
#define NETSTACK_HPP_ERROR_HPP

#include <netstack/base.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace netstack {

/** What became of a call, as in base.h. A value without a name is a failure if it is negative. */
enum class Status : ns_status {
  kOk = NS_OK,
  kUnclaimed = NS_UNCLAIMED,
  kInvalidArgument = NS_ERR_INVALID_ARGUMENT,
  kNoMemory = NS_ERR_NO_MEMORY,
  kExpired = NS_ERR_EXPIRED,
  kNotReplyable = NS_ERR_NOT_REPLYABLE,
  kNoRoute = NS_ERR_NO_ROUTE,
  kLimited = NS_ERR_LIMITED,
  kBusy = NS_ERR_BUSY,
  kUnsupported = NS_ERR_UNSUPPORTED,
  kTooSmall = NS_ERR_TOO_SMALL,
  kNotFound = NS_ERR_NOT_FOUND,
  kClosed = NS_ERR_CLOSED,
  kAnswered = NS_ERR_ANSWERED,
  kTimedOut = NS_ERR_TIMED_OUT,
  kWouldBlock = NS_ERR_WOULD_BLOCK,
  kInternal = NS_ERR_INTERNAL
};

/** A status's constant as text, such as "NS_ERR_EXPIRED"; valid for ever. */
inline const char* StatusName(Status status) noexcept {
  return ns_status_name(static_cast<ns_status>(status));
}

/** IPv4, IPv6 or both. */
enum class Family : ns_family {
  kAny = NS_FAMILY_ANY,
  kIpv4 = NS_FAMILY_IPV4,
  kIpv6 = NS_FAMILY_IPV6
};

/** What every failing call of this veneer throws; what() is a sentence that names what is wrong. */
class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}

  /** Which of the statuses of base.h it is. */
  [[nodiscard]] Status status() const noexcept { return status_; }

 private:
  Status status_;
};

namespace detail {

// For calls of the C ABI that give a status and no sentence.
inline const char* Sentence(Status status) noexcept {
  switch (status) {
    case Status::kInvalidArgument:
      return "an argument makes no sense";
    case Status::kNoMemory:
      return "no memory";
    case Status::kExpired:
      return "the request's handler has returned, or this is not its thread";
    case Status::kNotReplyable:
      return "not an Echo Request";
    case Status::kNoRoute:
      return "no way to the peer, or no address to answer from";
    case Status::kLimited:
      return "a bound is reached";
    case Status::kBusy:
      return "in use by somebody else, or nested too deep";
    case Status::kUnsupported:
      return "this library, system or configuration cannot do it";
    case Status::kTooSmall:
      return "the buffer is too small";
    case Status::kNotFound:
      return "there is no such thing";
    case Status::kClosed:
      return "the stack, link or device is gone";
    case Status::kAnswered:
      return "the request was answered in another way";
    case Status::kTimedOut:
      return "the deadline has passed";
    case Status::kWouldBlock:
      return "nothing there now";
    case Status::kInternal:
      return "a fault of the library";
    default:
      return StatusName(status);
  }
}

struct FreeError {
  void operator()(ns_error* error) const noexcept { ns_error_free(error); }
};

[[noreturn]] inline void Throw(Status status, const std::string& what) {
  throw Error(status, what + ": " + Sentence(status));
}

[[noreturn]] inline void Throw(ns_status status, ns_error* error, const char* what) {
  const std::unique_ptr<ns_error, FreeError> owned(error);
  if (owned == nullptr) Throw(static_cast<Status>(status), what);
  throw Error(static_cast<Status>(ns_error_status(error)), ns_error_message(error));
}

// Text for the C ABI, which would end at a 0 inside it and believe the rest away.
inline const char* Text(const std::string& text, const char* what) {
  if (text.find('\0') != std::string::npos) {
    throw Error(Status::kInvalidArgument, std::string(what) + " has a 0 character inside");
  }
  return text.c_str();
}

}  // namespace detail

/**
 * Turns what a function of the C ABI returned into an exception.
 *
 * @param status Negative: it throws.
 * @param error  What the function's out_error received. Taken over and freed; may be null.
 * @param what   Begins the sentence where `error` is null.
 * @throws Error
 */
inline void Check(ns_status status, ns_error* error = nullptr, const char* what = "netstack") {
  if (status < 0) detail::Throw(status, error, what);
  ns_error_free(error);
}

}  // namespace netstack

#endif  // NETSTACK_HPP_ERROR_HPP

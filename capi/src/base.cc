#include <netstack/base.h>

#include "guard.h"

ns_status ns_error_status(const ns_error* error) noexcept {
  return error != nullptr ? netstack::capi::ToC(error->status) : NS_OK;
}

const char* ns_error_message(const ns_error* error) noexcept {
  return error != nullptr ? error->message.c_str() : "no error";
}

void ns_error_free(ns_error* error) noexcept { delete error; }

const char* ns_status_name(ns_status status) noexcept {
  switch (status) {
    case NS_OK:
      return "NS_OK";
    case NS_UNCLAIMED:
      return "NS_UNCLAIMED";
    case NS_ERR_INVALID_ARGUMENT:
      return "NS_ERR_INVALID_ARGUMENT";
    case NS_ERR_NO_MEMORY:
      return "NS_ERR_NO_MEMORY";
    case NS_ERR_EXPIRED:
      return "NS_ERR_EXPIRED";
    case NS_ERR_NOT_REPLYABLE:
      return "NS_ERR_NOT_REPLYABLE";
    case NS_ERR_NO_ROUTE:
      return "NS_ERR_NO_ROUTE";
    case NS_ERR_LIMITED:
      return "NS_ERR_LIMITED";
    case NS_ERR_BUSY:
      return "NS_ERR_BUSY";
    case NS_ERR_UNSUPPORTED:
      return "NS_ERR_UNSUPPORTED";
    case NS_ERR_TOO_SMALL:
      return "NS_ERR_TOO_SMALL";
    case NS_ERR_NOT_FOUND:
      return "NS_ERR_NOT_FOUND";
    case NS_ERR_CLOSED:
      return "NS_ERR_CLOSED";
    case NS_ERR_ANSWERED:
      return "NS_ERR_ANSWERED";
    case NS_ERR_TIMED_OUT:
      return "NS_ERR_TIMED_OUT";
    case NS_ERR_WOULD_BLOCK:
      return "NS_ERR_WOULD_BLOCK";
    case NS_ERR_INTERNAL:
      return "NS_ERR_INTERNAL";
    default:
      return "NS_ERR_UNKNOWN";
  }
}

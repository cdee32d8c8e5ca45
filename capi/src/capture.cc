#include "netstack/link/capture.h"

#include <netstack/capture.h>

#include <utility>

#include "guard.h"
#include "handles.h"
#include "netstack/base/user_data.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::capi::FromC;
using netstack::capi::Guard;
using netstack::capi::ToC;
using netstack::link::Capture;

constexpr const char* kNoOutCapture = "out_capture is NULL; pass a place for the capture";

}  // namespace

extern "C" {

ns_status ns_capture_file_new(const char* path, ns_capture** out_capture,
                              ns_error** out_error) NS_NOEXCEPT {
  if (out_capture != nullptr) *out_capture = nullptr;
  return Guard(out_error, [&]() -> Error {
    if (path == nullptr) return Invalid("path is NULL; name a file");
    if (out_capture == nullptr) return Invalid(kNoOutCapture);
    Capture* capture = nullptr;
    Error error = Capture::ToFile(path, &capture);
    *out_capture = ToC(capture);
    return error;
  });
}

ns_status ns_capture_callback_new(ns_capture_write_fn write, void* user_data, ns_destroy_fn destroy,
                                  ns_capture** out_capture, ns_error** out_error) NS_NOEXCEPT {
  netstack::base::UserData owned(user_data, destroy);
  if (out_capture != nullptr) *out_capture = nullptr;
  return Guard(out_error, [&]() -> Error {
    if (out_capture == nullptr) return Invalid(kNoOutCapture);
    Capture* capture = nullptr;
    Error error = Capture::ToFunction(write, std::move(owned), &capture);
    *out_capture = ToC(capture);
    return error;
  });
}

uint64_t ns_capture_get_lost(const ns_capture* capture) NS_NOEXCEPT {
  return capture == nullptr ? 0 : FromC(capture)->lost();
}

void ns_capture_free(ns_capture* capture) NS_NOEXCEPT {
  if (capture != nullptr) FromC(capture)->Unref();
}

}  // extern "C"

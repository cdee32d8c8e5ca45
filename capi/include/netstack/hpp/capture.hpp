/**
 * @file
 * Captures: what passes a NIC, both ways, in the pcap format (raw IP, link type 101, microseconds).
 */
#ifndef NETSTACK_HPP_CAPTURE_HPP
#define NETSTACK_HPP_CAPTURE_HPP

#include <netstack/capture.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>
#include <string>
#include <utility>

namespace netstack {

/** Takes the next bytes of a capture: first the file header, then one whole record a call. Calls do
 *  not overlap; the bytes are borrowed for the call. An exception changes nothing in the capture.
 */
using CaptureWrite = std::function<void(ByteView bytes)>;

namespace detail {

inline void CallWrite(void* write, const std::uint8_t* bytes, std::size_t length) noexcept {
  Contain(0, [&] {
    (*static_cast<CaptureWrite*>(write))(ByteView(bytes, length));
    return 0;
  });
}

}  // namespace detail

/** A capture being written. A NIC that captures (Stack::SetCapture()) shares it. */
class Capture : public Owner<ns_capture, ns_capture_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a capture that writes a file, each record at once. What the file held is lost.
   * [any thread]
   *
   * @throws Error kNotFound or kUnsupported: the file can't be made; kInvalidArgument; kNoMemory
   */
  static Capture File(const std::string& path) {
    return detail::Make<Capture>("Capture::File", ns_capture_file_new,
                                 detail::Text(path, "the path"));
  }

  /**
   * Makes a capture that hands its bytes to a function, on the thread that delivers or sends a
   * packet. [any thread]
   *
   * @throws Error kInvalidArgument: `write` is empty; kNoMemory
   */
  static Capture Callback(CaptureWrite write) {
    if (!write) throw Error(Status::kInvalidArgument, "the capture's function is empty");
    return detail::Make<Capture>("Capture::Callback", ns_capture_callback_new, &detail::CallWrite,
                                 new CaptureWrite(std::move(write)),
                                 &detail::Destroy<CaptureWrite>);
  }

  /** How many records could not be written, because the file refused them. [any thread] */
  [[nodiscard]] std::uint64_t lost() const noexcept { return ns_capture_get_lost(get()); }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_CAPTURE_HPP

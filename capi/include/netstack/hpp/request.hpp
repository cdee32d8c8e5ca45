/**
 * @file
 * Requests: what a handler gets, and what it may do with it.
 */
#ifndef NETSTACK_HPP_REQUEST_HPP
#define NETSTACK_HPP_REQUEST_HPP

#include <netstack/request.h>

#include <cstddef>
#include <cstdint>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/packet.hpp>
#include <vector>

namespace netstack {

/**
 * One packet on its way through a handler.
 *
 * A value that keeps nothing alive, and may be copied. It is usable on the thread that runs the
 * handler, until the handler returns, also in callbacks nested inside; anywhere else, for ever,
 * every function of it throws Error (kExpired). What info(), CopyPacket() and Keep() gave stays.
 */
class Request {
 public:
  explicit Request(ns_request request) noexcept : request_(request) {}

  /**
   * Asks for the stack's own Echo Reply. [callback thread]
   *
   * It leaves before this returns. One is sent however often it is called, and declining the
   * request afterwards sends no second one, nor one after an exception.
   *
   * @return kOk: accepted, though a full link may still drop it; kNoRoute: no way back, or no
   *         address to answer from; kNotReplyable: not an Echo Request. At every later call what
   *         the first one returned.
   * @throws Error kExpired, and nothing else: an exception of a Transmit function that the reply
   *         leaves by comes out of the call that brought the request.
   */
  Status Reply() const {
    const auto status = static_cast<Status>(ns_request_reply(request_));
    if (status == Status::kExpired) detail::Throw(status, "Request::Reply");
    return status;
  }

  /**
   * What there is to know of the packet. [callback thread]
   *
   * @throws Error kExpired
   */
  [[nodiscard]] PacketInfo info() const {
    ns_packet_info info{};
    Check(ns_request_get_info(request_, &info, sizeof info), nullptr, "Request::info");
    return PacketInfo(info);
  }

  /**
   * The packet's bytes, from the IP header on, without a copy: valid until the handler returns and
   * not a moment longer. [callback thread]
   *
   * @throws Error kExpired
   */
  [[nodiscard]] ByteView BorrowPacket() const {
    const std::uint8_t* bytes = nullptr;
    std::size_t length = 0;
    Check(ns_request_borrow_packet(request_, &bytes, &length), nullptr, "Request::BorrowPacket");
    return {bytes, length};
  }

  /**
   * A copy of the packet's bytes, from the IP header on. [callback thread]
   *
   * @throws Error kExpired
   */
  [[nodiscard]] std::vector<std::uint8_t> CopyPacket() const {
    std::vector<std::uint8_t> packet(BorrowPacket().size());
    std::size_t length = 0;
    Check(ns_request_copy_packet(request_, packet.data(), packet.size(), &length), nullptr,
          "Request::CopyPacket");
    return packet;
  }

  /**
   * Keeps a copy of the packet beyond the handler; it carries no right to answer. [callback thread]
   *
   * @throws Error kExpired, kNoMemory
   */
  [[nodiscard]] Packet Keep() const {
    ns_packet* packet = nullptr;
    Check(ns_request_ref_packet(request_, &packet), nullptr, "Request::Keep");
    return Packet(packet);
  }

  /** For calls of the C ABI. Values never repeat. */
  [[nodiscard]] ns_request get() const noexcept { return request_; }

 private:
  ns_request request_;
};

}  // namespace netstack

#endif  // NETSTACK_HPP_REQUEST_HPP

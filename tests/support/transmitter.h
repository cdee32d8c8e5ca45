// A link whose transmit function is any function object.
#ifndef NETSTACK_TESTS_SUPPORT_TRANSMITTER_H_
#define NETSTACK_TESTS_SUPPORT_TRANSMITTER_H_

#include <gtest/gtest.h>
#include <netstack/link.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "support/bytes.h"
#include "support/handles.h"

namespace support {

class Transmitter {
 public:
  using Body = std::function<ns_status(const Bytes& packet)>;

  explicit Transmitter(Body body, uint32_t mtu = 0) : body_(std::move(body)) {
    ns_link_callback_options options = NS_LINK_CALLBACK_OPTIONS_INIT;
    options.mtu = mtu;
    const auto transmit = [](void* self, const uint8_t* packet, size_t length) -> ns_status {
      return static_cast<Transmitter*>(self)->body_(Bytes(packet, packet + length));
    };
    ns_link* made = nullptr;
    EXPECT_EQ(ns_link_callback_new(&options, transmit, this, nullptr, &made, nullptr), NS_OK);
    link_.reset(made);
  }
  Transmitter(const Transmitter&) = delete;
  Transmitter& operator=(const Transmitter&) = delete;

  [[nodiscard]] ns_link* link() const { return link_.get(); }

 private:
  Body body_;
  LinkHandle link_;
};

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_TRANSMITTER_H_

// A link that sends through a function of the embedder's.
#ifndef NETSTACK_LINK_CALLBACK_LINK_H_
#define NETSTACK_LINK_CALLBACK_LINK_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/status.h"
#include "netstack/base/thread_record.h"
#include "netstack/base/user_data.h"
#include "netstack/link/link.h"

namespace netstack::link {

class CallbackLink final : public Link {
 public:
  // Returns a status as a number; below 0 the packet was not sent.
  using TransmitFunction = int32_t (*)(void* user_data, const uint8_t* packet, size_t length);

  // `mtu` 0: kDefaultMtu. `*out` receives a reference that the caller owns.
  static base::Error Make(uint32_t mtu, TransmitFunction transmit, base::UserData user_data,
                          CallbackLink** out);

  OutputBuffer Reserve(base::ThreadRecord& thread, size_t length) noexcept override;
  base::Status Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept override;

 private:
  CallbackLink(uint32_t mtu, TransmitFunction transmit, base::UserData user_data) noexcept;
  ~CallbackLink() override = default;

  // Of this thread at this depth.
  [[gnu::cold, gnu::noinline]] OutputBuffer ReserveFirst(base::ThreadRecord& thread,
                                                         size_t length) noexcept;

  const TransmitFunction transmit_;
  const base::UserData user_data_;
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_CALLBACK_LINK_H_

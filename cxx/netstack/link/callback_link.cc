#include "netstack/link/callback_link.h"

#include <utility>

#include "netstack/base/user_call.h"

namespace netstack::link {

base::Error CallbackLink::Make(uint32_t mtu, TransmitFunction transmit, base::UserData user_data,
                               CallbackLink** out) {
  if (transmit == nullptr) return base::Invalid("transmit is NULL; pass a function that sends");
  if (base::Error error = ReadMtuOption(mtu, &mtu); !error.ok()) return error;
  *out = new CallbackLink(mtu, transmit, std::move(user_data));
  return {};
}

CallbackLink::CallbackLink(uint32_t mtu, TransmitFunction transmit,
                           base::UserData user_data) noexcept
    : Link(mtu), transmit_(transmit), user_data_(std::move(user_data)) {}

OutputBuffer CallbackLink::Reserve(base::ThreadRecord& thread, size_t length) noexcept {
  if (length > mtu()) [[unlikely]]
    return {};
  if (!thread.HasScratch()) [[unlikely]]
    return ReserveFirst(thread, length);
  return {thread.PushScratch(), static_cast<uint32_t>(length), 0};
}

OutputBuffer CallbackLink::ReserveFirst(base::ThreadRecord& thread, size_t length) noexcept {
  uint8_t* const data = thread.PushScratch();
  return {data, static_cast<uint32_t>(length), 0};
}

base::Status CallbackLink::Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept {
  int32_t result = static_cast<int32_t>(base::Status::kBusy);
  {
    const base::UserCall call(thread);
    if (call) result = transmit_(user_data_.get(), buffer.data, buffer.length);
  }
  thread.PopScratch();
  return result < 0 ? static_cast<base::Status>(result) : base::Status::kOk;
}

}  // namespace netstack::link

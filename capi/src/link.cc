#include "netstack/link/link.h"

#include <netstack/link.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert.h"
#include "guard.h"
#include "handles.h"
#include "netstack/base/user_data.h"
#include "netstack/link/callback_link.h"
#include "netstack/link/channel.h"
#include "netstack/link/descriptor_link.h"
#include "netstack/link/tun.h"
#include "options.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::base::UserData;
using netstack::capi::FromC;
using netstack::capi::Guard;
using netstack::capi::InitOptions;
using netstack::capi::ReadOptions;
using netstack::capi::TakeUserData;
using netstack::capi::ToC;
using netstack::link::CallbackLink;
using netstack::link::Channel;
using netstack::link::DescriptorLink;
using netstack::link::Link;
using netstack::link::PacketInformation;
using netstack::wire::Prefix;

// More is a mistake.
constexpr size_t kMaximumHostAddresses = 1'024;

template <typename Options>
constexpr Options Defaults() noexcept {
  Options options{};
  options.struct_size = sizeof options;
  return options;
}

// Makes a link with `make`, which fills in the pointer that it gets.
template <typename Make>
ns_status NewLink(ns_link** out_link, ns_error** out_error, Make&& make) noexcept {
  if (out_link != nullptr) *out_link = nullptr;
  return Guard(out_error, [&]() -> Error {
    if (out_link == nullptr) return Invalid("out_link is NULL; pass a place for the link");
    Link* made = nullptr;
    Error error = make(&made);
    *out_link = ToC(made);
    return error;
  });
}

Error ReadHostAddresses(const ns_link_tun_options& options, std::vector<Prefix>* out) {
  if (options.host_addresses == nullptr && options.host_address_count != 0) {
    return Invalid("host_addresses is NULL, but host_address_count is " +
                   std::to_string(options.host_address_count));
  }
  if (options.host_address_count > kMaximumHostAddresses) {
    return Invalid("host_address_count is " + std::to_string(options.host_address_count) +
                   "; a device takes up to " + std::to_string(kMaximumHostAddresses));
  }
  for (size_t i = 0; i < options.host_address_count; ++i) {
    const std::optional<Prefix> address = FromC(options.host_addresses[i]);
    if (!address) {
      return Invalid("host_addresses[" + std::to_string(i) +
                     "] is no address with a prefix length; fill it with ns_prefix_parse()");
    }
    out->push_back(*address);
  }
  return {};
}

}  // namespace

extern "C" {

void ns_link_channel_options_init(ns_link_channel_options* options, size_t size) NS_NOEXCEPT {
  InitOptions(options, size, Defaults<ns_link_channel_options>());
}

ns_status ns_link_channel_new(const ns_link_channel_options* options, ns_link** out_link,
                              ns_error** out_error) NS_NOEXCEPT {
  UserData user_data = TakeUserData(options);
  return NewLink(out_link, out_error, [&](Link** out) -> Error {
    auto told = Defaults<ns_link_channel_options>();
    Error error = ReadOptions(options, "ns_link_channel_options", &told);
    if (!error.ok()) return error;
    if (told.reserved != 0) {
      return {Status::kUnsupported,
              "ns_link_channel_options.reserved is not 0; a newer version of "
              "the library may know what it means"};
    }
    Channel* channel = nullptr;
    error = Channel::Make({told.mtu, told.capacity, told.notify}, std::move(user_data), &channel);
    *out = channel;
    return error;
  });
}

ns_status ns_link_read(ns_link* link, uint8_t* buffer, size_t capacity,
                       size_t* out_length) NS_NOEXCEPT {
  if (out_length != nullptr) *out_length = 0;
  if (link == nullptr || out_length == nullptr || (buffer == nullptr && capacity != 0)) {
    return NS_ERR_INVALID_ARGUMENT;
  }
  if (FromC(link)->inherited()) return NS_ERR_CLOSED;
  return ToC(FromC(link)->Read({buffer, capacity}, out_length));
}

void ns_link_callback_options_init(ns_link_callback_options* options, size_t size) NS_NOEXCEPT {
  InitOptions(options, size, Defaults<ns_link_callback_options>());
}

ns_status ns_link_callback_new(const ns_link_callback_options* options,
                               ns_link_transmit_fn transmit, void* user_data, ns_destroy_fn destroy,
                               ns_link** out_link, ns_error** out_error) NS_NOEXCEPT {
  UserData owned(user_data, destroy);
  return NewLink(out_link, out_error, [&](Link** out) -> Error {
    auto told = Defaults<ns_link_callback_options>();
    Error error = ReadOptions(options, "ns_link_callback_options", &told);
    if (!error.ok()) return error;
    CallbackLink* made = nullptr;
    error = CallbackLink::Make(told.mtu, transmit, std::move(owned), &made);
    *out = made;
    return error;
  });
}

void ns_link_fd_options_init(ns_link_fd_options* options, size_t size) NS_NOEXCEPT {
  InitOptions(options, size, Defaults<ns_link_fd_options>());
}

ns_status ns_link_fd_new(int descriptor, const ns_link_fd_options* options, ns_link** out_link,
                         ns_error** out_error) NS_NOEXCEPT {
  return NewLink(out_link, out_error, [&](Link** out) -> Error {
    auto told = Defaults<ns_link_fd_options>();
    Error error = ReadOptions(options, "ns_link_fd_options", &told);
    if (!error.ok()) return error;
    DescriptorLink* made = nullptr;
    error = DescriptorLink::Make(
        descriptor, {told.mtu, static_cast<PacketInformation>(told.packet_information)}, &made);
    *out = made;
    return error;
  });
}

void ns_link_tun_options_init(ns_link_tun_options* options, size_t size) NS_NOEXCEPT {
  InitOptions(options, size, Defaults<ns_link_tun_options>());
}

ns_status ns_link_tun_new(const char* name, const ns_link_tun_options* options, ns_link** out_link,
                          ns_error** out_error) NS_NOEXCEPT {
  return NewLink(out_link, out_error, [&](Link** out) -> Error {
    if (name == nullptr) return Invalid("name is NULL; name a device, such as \"tun0\"");
    auto told = Defaults<ns_link_tun_options>();
    Error error = ReadOptions(options, "ns_link_tun_options", &told);
    if (!error.ok()) return error;
    std::vector<Prefix> host_addresses;
    error = ReadHostAddresses(told, &host_addresses);
    if (!error.ok()) return error;
    return netstack::link::OpenTun(name, {told.mtu, host_addresses}, out);
  });
}

ns_status ns_link_get_device(const ns_link* link, char* buffer, size_t capacity) NS_NOEXCEPT {
  if (link == nullptr || (buffer == nullptr && capacity != 0)) return NS_ERR_INVALID_ARGUMENT;
  if (FromC(link)->inherited()) return NS_ERR_CLOSED;
  const char* const device = FromC(link)->device();
  if (device == nullptr) return NS_ERR_UNSUPPORTED;
  const size_t size = std::strlen(device) + 1;
  if (size > capacity) return NS_ERR_TOO_SMALL;
  std::memcpy(buffer, device, size);
  return NS_OK;
}

uint32_t ns_link_get_mtu(const ns_link* link) NS_NOEXCEPT {
  return link == nullptr ? 0 : FromC(link)->mtu();
}

ns_status ns_link_inject(ns_link* link, const uint8_t* packet, size_t length) NS_NOEXCEPT {
  if (link == nullptr || (packet == nullptr && length != 0)) return NS_ERR_INVALID_ARGUMENT;
  if (FromC(link)->inherited()) return NS_ERR_CLOSED;
  return ToC(FromC(link)->Inject({packet, length}));
}

void ns_link_free(ns_link* link) NS_NOEXCEPT {
  if (link != nullptr) FromC(link)->Unref();
}

}  // extern "C"

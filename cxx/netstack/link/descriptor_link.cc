#include "netstack/link/descriptor_link.h"

#include <utility>

#if defined(NETSTACK_HAS_DESCRIPTORS)
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "netstack/base/byte_order.h"
#include "netstack/link/system_text.h"
#endif

namespace netstack::link {

#if defined(NETSTACK_HAS_DESCRIPTORS)

namespace {

constexpr size_t kInformationSize = 4;
// Before a packet that is being composed; keeps the packet's words aligned.
constexpr size_t kHeadroom = 16;
static_assert(kHeadroom + kMaximumMtu <= base::kScratchSize);

#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

base::Error CheckKind(int descriptor, bool* is_socket) {
  const std::string name = "descriptor " + std::to_string(descriptor);
  struct stat info {};
  if (descriptor < 0 || fstat(descriptor, &info) != 0) {
    return base::Invalid(name + " is not open; pass an open TUN device or socket");
  }
  *is_socket = S_ISSOCK(info.st_mode);
  if (*is_socket) {
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM) {
      return base::Invalid(name +
                           " is a stream socket, which does not keep packets apart; use a "
                           "datagram or sequenced-packet socket");
    }
    return {};
  }
  if (!S_ISCHR(info.st_mode)) {
    return base::Invalid(name +
                         " is a file, directory or pipe, which does not keep packets apart; pass "
                         "an open TUN device or socket");
  }
  if ((fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDWR) {
    return base::Invalid(name + " is open for one direction only; open it for reading and writing");
  }
  return {};
}

void WriteInformation(PacketInformation kind, const uint8_t* packet,
                      uint8_t* information) noexcept {
  const bool ipv6 = (packet[0] >> 4) == 6;
  const uint32_t ether_type = ipv6 ? 0x86dd : 0x0800;
  const uint32_t bsd_family = ipv6 ? 30 : 2;
  base::Store32(information, kind == PacketInformation::kUtun ? bsd_family : ether_type);
}

base::Status StatusOfWriteError(int error) noexcept {
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
      return base::Status::kWouldBlock;
    case EINVAL:
    case EMSGSIZE:
      return base::Status::kInvalidArgument;
    default:  // a device that is down (EIO) or gone, a peer that is
      return base::Status::kClosed;
  }
}

}  // namespace

base::Error DescriptorLink::Make(int descriptor, const DescriptorOptions& options,
                                 DescriptorLink** out) {
  uint32_t mtu = 0;
  if (base::Error error = ReadMtuOption(options.mtu, &mtu); !error.ok()) return error;
  if (options.packet_information > PacketInformation::kUtun) {
    return base::Invalid("packet_information is " +
                         std::to_string(static_cast<uint32_t>(options.packet_information)) +
                         "; use 0 for none, 1 for Linux or 2 for utun");
  }
  bool is_socket = false;
  if (base::Error error = CheckKind(descriptor, &is_socket); !error.ok()) return error;

  Descriptor duplicate(fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
  if (!duplicate.open()) {
    return {base::Status::kNoMemory, "descriptor " + std::to_string(descriptor) +
                                         " can't be duplicated: " + SystemText(errno) +
                                         "; raise the limit of open files"};
  }
  // Last, because the caller's descriptor changes with it.
  const int number = duplicate.get();
  auto* const link =
      new DescriptorLink(std::move(duplicate), is_socket, mtu, options.packet_information, {});
  if (fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) != 0) {
    const int error = errno;
    link->Unref();
    return base::Invalid("descriptor " + std::to_string(descriptor) +
                         " can't be made non-blocking: " + SystemText(error));
  }
  *out = link;
  return {};
}

DescriptorLink* DescriptorLink::Adopt(Descriptor descriptor, uint32_t mtu, std::string device) {
  return new DescriptorLink(std::move(descriptor), false, mtu, PacketInformation::kNone,
                            std::move(device));
}

DescriptorLink::DescriptorLink(Descriptor descriptor, bool is_socket, uint32_t mtu,
                               PacketInformation packet_information, std::string device) noexcept
    : Link(mtu),
      descriptor_(std::move(descriptor)),
      is_socket_(is_socket),
      packet_information_(packet_information),
      information_size_(packet_information == PacketInformation::kNone ? 0 : kInformationSize),
      device_(std::move(device)) {}

OutputBuffer DescriptorLink::Reserve(base::ThreadRecord& thread, size_t length) noexcept {
  if (length > mtu()) return {};
  uint8_t* const scratch = thread.PushScratch();
  if (scratch == nullptr) return {};
  return {scratch + kHeadroom, static_cast<uint32_t>(length), 0};
}

base::Status DescriptorLink::Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept {
  // The child of a fork inside a callback leaves the device to its parent.
  if (inherited()) {
    thread.PopScratch();
    return base::Status::kClosed;
  }
  uint8_t* const start = buffer.data - information_size_;
  const size_t size = size_t{buffer.length} + information_size_;
  if (information_size_ != 0) WriteInformation(packet_information_, buffer.data, start);
  ssize_t written = 0;
  do {
    written = is_socket_ ? send(descriptor_.get(), start, size, kSendFlags)
                         : write(descriptor_.get(), start, size);
  } while (written < 0 && errno == EINTR);
  const base::Status status = written >= 0 ? base::Status::kOk : StatusOfWriteError(errno);
  thread.PopScratch();
  return status;
}

base::Status DescriptorLink::ReadPackets(base::ThreadRecord& thread, size_t budget,
                                         size_t* count) noexcept {
  *count = 0;
  if (failure()[0] != 0) return base::Status::kClosed;
  uint8_t* const buffer = thread.PushScratch();
  if (buffer == nullptr) return base::Status::kNoMemory;
  Next next = Next::kPacket;
  // What is read and dropped counts too, so that the budget always ends it.
  for (; *count < budget && !inherited(); ++*count) {
    size_t length = 0;
    next = ReadPacket(buffer, &length);
    if (next == Next::kEmpty || next == Next::kClosed) break;
    if (next == Next::kRetry || length < information_size_) continue;
    static_cast<void>(Deliver(thread, {buffer + information_size_, length - information_size_}));
  }
  thread.PopScratch();
  return next == Next::kClosed ? base::Status::kClosed : base::Status::kOk;
}

DescriptorLink::Next DescriptorLink::ReadPacket(uint8_t* buffer, size_t* length) noexcept {
  const ssize_t got = read(descriptor_.get(), buffer, base::kScratchSize);
  if (got < 0) return AfterReadError(errno);
  if (got == 0 && AtEnd()) {
    Fail(is_socket_ ? "the other end of the socket was closed" : "the device has ended",
         "make a new link from an open one");
    return Next::kClosed;
  }
  *length = static_cast<size_t>(got);
  return Next::kPacket;
}

DescriptorLink::Next DescriptorLink::AfterReadError(int error) noexcept {
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
      return Next::kEmpty;
    case EINTR:
      return Next::kRetry;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
      // About a packet sent earlier; reading has cleared it.
      if (is_socket_) return Next::kRetry;
      break;
    default:
      break;
  }
  std::array<char, 96> what{};
  if (is_socket_) {
    std::snprintf(what.data(), what.size(), "reading the socket failed (errno %d)", error);
    Fail(what.data(), "make a new link from an open one");
  } else if (device_.empty()) {
    std::snprintf(what.data(), what.size(), "the device behind the descriptor is gone (errno %d)",
                  error);
    Fail(what.data(), "open it anew and make a new link from it");
  } else {
    std::snprintf(what.data(), what.size(), "TUN device %s was removed (errno %d)", device(),
                  error);
    Fail(what.data(), "make it and a link for it anew");
  }
  return Next::kClosed;
}

// An empty datagram reads like the end of a connection.
bool DescriptorLink::AtEnd() const noexcept {
  if (!is_socket_) return true;
#if defined(POLLRDHUP)
  constexpr int16_t kPeerClosed = POLLHUP | POLLRDHUP;
#else
  constexpr int16_t kPeerClosed = POLLHUP;
#endif
  pollfd state{descriptor_.get(), kPeerClosed, 0};
  return poll(&state, 1, 0) > 0 && (state.revents & kPeerClosed) != 0;
}

void DescriptorLink::Fail(const char* what, const char* advice) noexcept {
  std::snprintf(failure_text_.data(), failure_text_.size(), "%s; %s", what, advice);
  failure_.store(failure_text_.data(), std::memory_order_release);
}

#else

base::Error DescriptorLink::Make(int, const DescriptorOptions&, DescriptorLink**) {
  return {base::Status::kUnsupported, "this system has no descriptors; use a callback link"};
}

#endif  // NETSTACK_HAS_DESCRIPTORS

}  // namespace netstack::link

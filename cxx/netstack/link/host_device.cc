#include "netstack/link/host_device.h"

#include "netstack/wire/text.h"

#if defined(__linux__)
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "netstack/base/byte_order.h"
#include "netstack/link/system_text.h"
#endif

namespace netstack::link {

base::Error CheckHostAddress(const wire::Prefix& address) {
  const wire::Address a = address.address;
  const bool ipv6 = address.family == wire::Family::kIpv6;
  if (a.unspecified() || wire::IsMulticast(address.family, a) ||
      a == (ipv6 ? wire::kIpv6Loopback : wire::kIpv4Broadcast)) {
    return base::Invalid("host address " + wire::Format(address) +
                         " is no address of a host; use a unicast address such as " +
                         (ipv6 ? "2001:db8::1/64" : "192.0.2.1/24"));
  }
  return {};
}

#if defined(__linux__)

namespace {

// Header, message, and two attributes of an IPv6 address.
constexpr size_t kRequestSize = NLMSG_HDRLEN + sizeof(ifaddrmsg) + 2 * (sizeof(rtattr) + 16);

size_t ComposeRequest(bool add, const wire::Prefix& address, uint32_t index,
                      uint8_t* out) noexcept {
  const bool ipv6 = address.family == wire::Family::kIpv6;
  const size_t address_size = ipv6 ? 16 : 4;
  size_t length = NLMSG_HDRLEN + sizeof(ifaddrmsg);
  for (const uint16_t type : {uint16_t{IFA_LOCAL}, uint16_t{IFA_ADDRESS}}) {
    rtattr attribute{};
    attribute.rta_type = type;
    attribute.rta_len = static_cast<uint16_t>(sizeof attribute + address_size);
    std::memcpy(out + length, &attribute, sizeof attribute);
    uint8_t* const value = out + length + sizeof attribute;
    if (ipv6) {
      address.address.ToIpv6(value);
    } else {
      address.address.ToIpv4(value);
    }
    length += attribute.rta_len;
  }

  ifaddrmsg message{};
  message.ifa_family = ipv6 ? AF_INET6 : AF_INET;
  message.ifa_prefixlen = address.length;
  message.ifa_index = index;
  // A link with two ends has nobody else who could own the address.
  if (ipv6) message.ifa_flags = IFA_F_NODAD;
  std::memcpy(out + NLMSG_HDRLEN, &message, sizeof message);

  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(length);
  header.nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (add) header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  std::memcpy(out, &header, sizeof header);
  return length;
}

ifreq RequestFor(const std::string& name) noexcept {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

}  // namespace

HostDevice::~HostDevice() {
  for (const wire::Prefix& address : added_) static_cast<void>(ChangeAddress(false, address));
  if (old_mtu_ != 0) static_cast<void>(ChangeMtu(old_mtu_));
}

base::Error HostDevice::Open() {
  socket_ = Descriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket_.open()) return Failed("can't be configured", errno);
  index_ = if_nametoindex(name_.c_str());
  if (index_ == 0) return Failed("can't be configured", errno);
  return {};
}

base::Error HostDevice::GetMtu(uint32_t* mtu) const {
  const int error = ReadMtu(mtu);
  return error == 0 ? base::Error() : Failed("does not tell its MTU", error);
}

base::Error HostDevice::SetMtu(uint32_t mtu) {
  uint32_t old = 0;
  int error = ReadMtu(&old);
  if (error == 0 && old != mtu) error = ChangeMtu(mtu);
  if (error != 0) return Failed("does not take the MTU " + std::to_string(mtu), error);
  if (old_mtu_ == 0) old_mtu_ = old;
  return {};
}

base::Error HostDevice::AddAddress(const wire::Prefix& address) {
  added_.push_back(address);  // first, because it may find no memory
  const int error = ChangeAddress(true, address);
  if (error == 0) return {};
  added_.pop_back();
  if (error == EEXIST) return {};
  return Failed("does not take the host address " + wire::Format(address), error);
}

base::Error HostDevice::BringUp() {
  ifreq request = RequestFor(name_);
  if (ioctl(socket_.get(), SIOCGIFFLAGS, &request) == 0) {
    if ((request.ifr_flags & IFF_UP) != 0) return {};
    request.ifr_flags = static_cast<int16_t>(request.ifr_flags | IFF_UP);
    if (ioctl(socket_.get(), SIOCSIFFLAGS, &request) == 0) return {};
  }
  return Failed("can't be brought up", errno);
}

int HostDevice::ReadMtu(uint32_t* mtu) const noexcept {
  ifreq request = RequestFor(name_);
  if (ioctl(socket_.get(), SIOCGIFMTU, &request) != 0) return errno;
  *mtu = static_cast<uint32_t>(request.ifr_mtu);
  return 0;
}

int HostDevice::ChangeMtu(uint32_t mtu) const noexcept {
  ifreq request = RequestFor(name_);
  request.ifr_mtu = static_cast<int>(mtu);
  return ioctl(socket_.get(), SIOCSIFMTU, &request) == 0 ? 0 : errno;
}

int HostDevice::ChangeAddress(bool add, const wire::Prefix& address) const noexcept {
  std::array<uint8_t, kRequestSize> request{};
  const size_t length = ComposeRequest(add, address, index_, request.data());
  if (send(socket_.get(), request.data(), length, 0) < 0) return errno;
  std::array<uint8_t, 1024> answer{};
  ssize_t got = 0;
  do {
    got = recv(socket_.get(), answer.data(), answer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno;
  if (static_cast<size_t>(got) < NLMSG_HDRLEN + sizeof(nlmsgerr)) return EPROTO;
  const auto error = base::LoadNative<nlmsgerr>(answer.data() + NLMSG_HDRLEN);
  return -error.error;
}

base::Error HostDevice::Failed(const std::string& what, int error) const {
  const std::string sentence = "device " + name_ + " " + what + ": " + SystemText(error);
  switch (error) {
    case EPERM:
      return {base::Status::kUnsupported, sentence + "; run with CAP_NET_ADMIN"};
    case EACCES:
    case EAFNOSUPPORT:
    case EOPNOTSUPP:
      return {base::Status::kUnsupported, sentence + "; enable IPv6 on the device and the system"};
    case ENODEV:
    case ENXIO:
      return {base::Status::kNotFound, sentence + "; somebody has just removed it, try again"};
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
      return {base::Status::kNoMemory, sentence + "; free some memory or descriptors"};
    default:
      return base::Invalid(sentence + "; choose another value");
  }
}

#endif  // defined(__linux__)

}  // namespace netstack::link

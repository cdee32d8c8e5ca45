#include "netstack/link/tun.h"

#if defined(__linux__)
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "netstack/link/descriptor_link.h"
#include "netstack/link/host_device.h"
#include "netstack/link/system_text.h"
#endif

namespace netstack::link {

#if defined(__linux__)

namespace {

constexpr const char* kTunPath = "/dev/net/tun";

base::Error CheckName(std::string_view name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return base::Invalid("name has " + std::to_string(name.size()) +
                         " characters; a device's name has 1 to 15, such as \"tun0\"");
  }
  const bool plain = std::all_of(
      name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~' && c != '/' && c != ':'; });
  if (!plain || name == "." || name == "..") {
    return base::Invalid(
        "name \"" + std::string(name) +
        "\" is no device's name; use letters, digits and signs other than / and :, "
        "such as \"tun0\"");
  }
  const size_t percent = name.find('%');
  if (percent != std::string_view::npos &&
      (name.substr(percent, 2) != "%d" || name.find('%', percent + 1) != std::string_view::npos)) {
    return base::Invalid(
        "name \"" + std::string(name) +
        "\" has a % in it; only one %d may stand there, for the first free number");
  }
  return {};
}

base::Error CheckOptions(const TunOptions& options) {
  if (options.mtu != 0 && (options.mtu < kMinimumTunMtu || options.mtu > kMaximumMtu)) {
    return base::Invalid("mtu is " + std::to_string(options.mtu) + "; use " +
                         std::to_string(kMinimumTunMtu) + " to " + std::to_string(kMaximumMtu) +
                         ", or 0 to leave the device's");
  }
  for (const wire::Prefix& address : options.host_addresses) {
    if (base::Error error = CheckHostAddress(address); !error.ok()) return error;
  }
  return {};
}

base::Error OpenFailed(int error) {
  const std::string sentence = std::string(kTunPath) + " can't be opened: " + SystemText(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
      return {base::Status::kNotFound,
              sentence +
                  "; load the kernel module with \"modprobe tun\", or give the container "
                  "the device"};
    case EACCES:
    case EPERM:
      return {base::Status::kUnsupported,
              sentence + "; run as root, or allow this user to read and write it"};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return {base::Status::kNoMemory, sentence + "; free some memory or descriptors"};
    default:
      return {base::Status::kUnsupported, sentence};
  }
}

base::Error AttachFailed(const std::string& name, int error) {
  const std::string sentence = "device " + name + " can't be opened: " + SystemText(error);
  switch (error) {
    case EPERM:
    case EACCES:
      return {base::Status::kUnsupported,
              sentence +
                  "; run with CAP_NET_ADMIN, or let root make the device for this user with "
                  "\"ip tuntap add mode tun user NAME\""};
    case EBUSY:
      return {base::Status::kBusy,
              sentence + "; another program has it open: stop that, or use another name"};
    case EINVAL:
      if (if_nametoindex(name.c_str()) == 0) {
        return base::Invalid(sentence + "; the system refuses this name, use another");
      }
      return base::Invalid(sentence +
                           "; it exists and is no TUN device for one program, use another name");
    case ENOMEM:
    case ENOBUFS:
      return {base::Status::kNoMemory, sentence};
    default:
      return {base::Status::kUnsupported, sentence};
  }
}

base::Error Attach(std::string_view name, Descriptor* descriptor, std::string* device) {
  *descriptor = Descriptor(open(kTunPath, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor->open()) return OpenFailed(errno);
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(descriptor->get(), TUNSETIFF, &request) != 0) {
    return AttachFailed(std::string(name), errno);
  }
  *device = request.ifr_name;
  return {};
}

// All but bringing it up, which nothing takes back.
base::Error Configure(const TunOptions& options, HostDevice* host, uint32_t* mtu) {
  if (base::Error error = host->Open(); !error.ok()) return error;
  if (options.mtu != 0) {
    if (base::Error error = host->SetMtu(options.mtu); !error.ok()) return error;
  }
  if (base::Error error = host->GetMtu(mtu); !error.ok()) return error;
  for (const wire::Prefix& address : options.host_addresses) {
    if (address.family == wire::Family::kIpv6 && *mtu < kMinimumIpv6Mtu) {
      return base::Invalid("the device's MTU is " + std::to_string(*mtu) +
                           "; an IPv6 host address needs at least " +
                           std::to_string(kMinimumIpv6Mtu));
    }
    if (base::Error error = host->AddAddress(address); !error.ok()) return error;
  }
  return {};
}

}  // namespace

base::Error OpenTun(std::string_view name, const TunOptions& options, Link** out) {
  if (base::Error error = CheckName(name); !error.ok()) return error;
  if (base::Error error = CheckOptions(options); !error.ok()) return error;

  Descriptor descriptor;
  std::string device;
  if (base::Error error = Attach(name, &descriptor, &device); !error.ok()) return error;
  HostDevice host(device);
  uint32_t mtu = 0;
  if (base::Error error = Configure(options, &host, &mtu); !error.ok()) return error;
  Link* const link = DescriptorLink::Adopt(std::move(descriptor), mtu, std::move(device));
  if (!options.host_addresses.empty()) {
    if (base::Error error = host.BringUp(); !error.ok()) {
      link->Unref();
      return error;
    }
  }
  host.Keep();
  *out = link;
  return {};
}

#else

base::Error OpenTun(std::string_view, const TunOptions&, Link**) {
  return {base::Status::kUnsupported,
          "TUN devices by name exist on Linux only; open one and use a descriptor link"};
}

#endif  // defined(__linux__)

}  // namespace netstack::link

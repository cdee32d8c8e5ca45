#include "netstack/link/tun.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/testing/network_namespace.h"
#include "netstack/wire/text.h"

#if defined(__linux__)

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

#include "netstack/link/descriptor.h"
#include "netstack/testing/fake_receiver.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::InNetworkNamespace;

std::vector<wire::Prefix> Prefixes(std::initializer_list<const char*> texts) {
  std::vector<wire::Prefix> prefixes;
  for (const char* const text : texts) prefixes.push_back(wire::ParsePrefix(text).value());
  return prefixes;
}

// What the host says about a device.
class Host {
 public:
  static bool Exists(const std::string& name) { return if_nametoindex(name.c_str()) != 0; }
  static uint32_t Mtu(const std::string& name) {
    return static_cast<uint32_t>(Ask(name, SIOCGIFMTU).ifr_mtu);
  }
  static bool IsUp(const std::string& name) {
    return (Ask(name, SIOCGIFFLAGS).ifr_flags & IFF_UP) != 0;
  }
  static void SetUp(const std::string& name, bool up) {
    ifreq request = Ask(name, SIOCGIFFLAGS);
    request.ifr_flags =
        static_cast<int16_t>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    const Descriptor any(socket(AF_UNIX, SOCK_DGRAM, 0));
    ASSERT_EQ(ioctl(any.get(), SIOCSIFFLAGS, &request), 0);
  }
  // With prefix lengths, without link-local ones.
  static std::set<std::string> Addresses(const std::string& name) {
    std::set<std::string> addresses;
    ifaddrs* list = nullptr;
    EXPECT_EQ(getifaddrs(&list), 0);
    for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
      if (i->ifa_name != name || i->ifa_addr == nullptr) continue;
      const std::string text = Text(i->ifa_addr);
      if (text.empty() || text.starts_with("fe80")) continue;
      addresses.insert(text + "/" + std::to_string(Ones(i->ifa_netmask)));
    }
    freeifaddrs(list);
    return addresses;
  }
  // As "ip tuntap add" does: a device that outlives its descriptor.
  static void AddPersistent(const std::string& name, int16_t kind) {
    const Descriptor tun(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = kind;
    ASSERT_EQ(ioctl(tun.get(), TUNSETIFF, &request), 0);
    ASSERT_EQ(ioctl(tun.get(), TUNSETPERSIST, 1), 0);
  }
  static void Delete(const std::string& name) {
    ASSERT_EQ(std::system(("ip link delete " + name).c_str()), 0);
  }
  static void Configure(const std::string& path, const char* value) {
    std::ofstream file(path);
    file << value << std::flush;
    ASSERT_TRUE(file.good()) << path;
  }

 private:
  static ifreq Ask(const std::string& name, unsigned long what) {
    const Descriptor any(socket(AF_UNIX, SOCK_DGRAM, 0));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    EXPECT_EQ(ioctl(any.get(), what, &request), 0) << name;
    return request;
  }
  static std::string Text(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                sizeof text);
    } else if (address->sa_family == AF_INET6) {
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
                sizeof text);
    }
    return text;
  }
  static int Ones(const sockaddr* mask) {
    const bool ipv6 = mask->sa_family == AF_INET6;
    const auto* const bytes = ipv6 ? reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr.s6_addr
                                   : reinterpret_cast<const uint8_t*>(
                                         &reinterpret_cast<const sockaddr_in*>(mask)->sin_addr);
    int ones = 0;
    for (int i = 0; i < (ipv6 ? 16 : 4); ++i) ones += std::popcount(bytes[i]);
    return ones;
  }
};

class TunTest : public ::testing::Test {
 protected:
  ~TunTest() override { Close(); }

  base::Error Open(const char* name, const TunOptions& options = {}) {
    Close();
    return OpenTun(name, options, &link_);
  }
  void Close() {
    if (link_ == nullptr) return;
    link_->Detach();
    link_->Unref();
    link_ = nullptr;
  }
  Status ReadPackets() { return link_->ReadPackets(entry_.thread(), 100, &count_); }

  base::Entry entry_;
  testing::FakeReceiver receiver_;
  Link* link_ = nullptr;
  size_t count_ = 0;
};

void ExpectError(const base::Error& error, Status status,
                 std::initializer_list<const char*> words) {
  EXPECT_EQ(error.status(), status) << error.message();
  for (const char* const word : words) {
    EXPECT_NE(error.message().find(word), std::string::npos) << word << " in " << error.message();
  }
}

TEST_F(TunTest, MakesADeviceThatVanishesWithTheLink) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    const base::Error error = Open("tun7");
    ASSERT_TRUE(error.ok()) << error.message();
    EXPECT_STREQ(link_->device(), "tun7");
    EXPECT_TRUE(Host::Exists("tun7"));
    EXPECT_FALSE(Host::IsUp("tun7"));
    EXPECT_EQ(link_->mtu(), Host::Mtu("tun7"));
    EXPECT_EQ(fcntl(link_->descriptor(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    EXPECT_EQ(fcntl(link_->descriptor(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    Close();
    EXPECT_FALSE(Host::Exists("tun7"));
  }));
}

TEST_F(TunTest, PercentDBecomesTheFirstFreeNumber) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    Host::AddPersistent("net0", IFF_TUN);
    const base::Error error = Open("net%d");
    ASSERT_TRUE(error.ok()) << error.message();
    EXPECT_STREQ(link_->device(), "net1");
    EXPECT_TRUE(Host::Exists("net1"));
  }));
}

TEST_F(TunTest, GivesTheDeviceItsMtuAddressesAndBringsItUp) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    const auto addresses = Prefixes({"192.0.2.1/24", "198.51.100.7/32", "2001:db8::1/64"});
    const base::Error error = Open("tun0", {1'400, addresses});
    ASSERT_TRUE(error.ok()) << error.message();
    EXPECT_EQ(link_->mtu(), 1'400u);
    EXPECT_EQ(Host::Mtu("tun0"), 1'400u);
    EXPECT_TRUE(Host::IsUp("tun0"));
    EXPECT_EQ(Host::Addresses("tun0"),
              (std::set<std::string>{"192.0.2.1/24", "198.51.100.7/32", "2001:db8::1/64"}));
  }));
}

TEST_F(TunTest, PacketsPassBetweenHostAndLink) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    const auto addresses = Prefixes({"192.0.2.1/24"});
    ASSERT_TRUE(Open("tun0", {0, addresses}).ok());
    ASSERT_TRUE(link_->Attach(&receiver_));
    const Descriptor udp(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(7);
    peer.sin_addr.s_addr = inet_addr("192.0.2.2");
    ASSERT_EQ(connect(udp.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer), 0);
    ASSERT_EQ(send(udp.get(), "ask", 3, 0), 3);
    ASSERT_EQ(ReadPackets(), Status::kOk);
    const auto asked = std::find_if(receiver_.packets.begin(), receiver_.packets.end(),
                                    [](const auto& packet) { return packet[0] == 0x45; });
    ASSERT_NE(asked, receiver_.packets.end());

    // The same datagram with its two ends exchanged is an answer; and with no
    // checksum in UDP, the one in IP stays right.
    testing::Bytes answer = *asked;
    std::swap_ranges(answer.begin() + 12, answer.begin() + 16, answer.begin() + 16);
    std::swap_ranges(answer.begin() + 20, answer.begin() + 22, answer.begin() + 22);
    answer[26] = answer[27] = 0;
    const OutputBuffer buffer = link_->Reserve(entry_.thread(), answer.size());
    std::copy(answer.begin(), answer.end(), buffer.data);
    EXPECT_EQ(link_->Transmit(entry_.thread(), buffer), Status::kOk);
    char got[8] = "";
    EXPECT_EQ(recv(udp.get(), got, sizeof got, MSG_DONTWAIT), 3);
    EXPECT_STREQ(got, "ask");
  }));
}

TEST_F(TunTest, DeviceThatIsDownIsNotGone) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    ASSERT_TRUE(Open("tun0").ok());
    EXPECT_EQ(ReadPackets(), Status::kOk);
    Host::SetUp("tun0", true);
    EXPECT_EQ(ReadPackets(), Status::kOk);
    Host::SetUp("tun0", false);
    EXPECT_EQ(ReadPackets(), Status::kOk);
    EXPECT_STREQ(link_->failure(), "");
  }));
}

TEST_F(TunTest, DeviceThatWasDeletedCloses) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    ASSERT_TRUE(Open("tun0").ok());
    Host::Delete("tun0");
    pollfd wait{link_->descriptor(), POLLIN, 0};
    EXPECT_EQ(poll(&wait, 1, 0), 1) << "whoever waits for the device wakes up";
    EXPECT_EQ(ReadPackets(), Status::kClosed);
    EXPECT_NE(std::string(link_->failure()).find("tun0 was removed"), std::string::npos)
        << link_->failure();
    const OutputBuffer buffer = link_->Reserve(entry_.thread(), 20);
    std::memset(buffer.data, 0x45, 20);
    EXPECT_EQ(link_->Transmit(entry_.thread(), buffer), Status::kClosed);
  }));
}

TEST_F(TunTest, DeviceOfAnotherProgramIsBusy) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    ASSERT_TRUE(Open("tun0").ok());
    Link* second = nullptr;
    ExpectError(OpenTun("tun0", {}, &second), Status::kBusy, {"tun0", "another program"});
    EXPECT_EQ(second, nullptr);
  }));
}

TEST_F(TunTest, DeviceOfAnotherKindIsRefused) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    Host::AddPersistent("tap0", IFF_TAP);
    for (const char* const name : {"tap0", "lo"}) {
      ExpectError(Open(name), Status::kInvalidArgument, {name, "no TUN device"});
    }
    ExpectError(Open("all"), Status::kInvalidArgument, {"all", "refuses this name"});
  }));
}

TEST_F(TunTest, DeviceThatExistsIsUsedAndStays) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    Host::AddPersistent("tun0", IFF_TUN | IFF_NO_PI);
    const auto addresses = Prefixes({"192.0.2.1/24", "2001:db8::1/64"});
    for (int round = 0; round < 2; ++round) {  // has the addresses the second time
      const base::Error error = Open("tun0", {0, addresses});
      ASSERT_TRUE(error.ok()) << error.message();
    }
    Close();
    EXPECT_TRUE(Host::Exists("tun0"));
    EXPECT_EQ(Host::Addresses("tun0"), (std::set<std::string>{"192.0.2.1/24", "2001:db8::1/64"}));
  }));
}

TEST_F(TunTest, FailureLeavesAnExistingDeviceAsItWas) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    Host::AddPersistent("tun0", IFF_TUN | IFF_NO_PI);
    const auto before = Prefixes({"192.0.2.1/24"});
    ASSERT_TRUE(Open("tun0", {1'300, before}).ok());
    Host::SetUp("tun0", false);
    Close();
    Host::Configure("/proc/sys/net/ipv6/conf/tun0/disable_ipv6", "1");
    const auto after = Prefixes({"192.0.2.1/24", "203.0.113.1/24", "2001:db8::1/64"});
    ExpectError(Open("tun0", {1'400, after}), Status::kUnsupported,
                {"tun0", "2001:db8::1/64", "IPv6"});
    EXPECT_EQ(Host::Mtu("tun0"), 1'300u);
    EXPECT_FALSE(Host::IsUp("tun0"));
    EXPECT_EQ(Host::Addresses("tun0"), (std::set<std::string>{"192.0.2.1/24"}));
    EXPECT_TRUE(Open("tun0").ok()) << "and nobody has it open";
  }));
}

TEST_F(TunTest, FailureLeavesNoNewDevice) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    const auto addresses = Prefixes({"192.0.2.1/24", "2001:db8::1/64"});
    ExpectError(Open("tun0", {1'279, addresses}), Status::kInvalidArgument, {"1279", "1280"});
    EXPECT_FALSE(Host::Exists("tun0"));
  }));
}

void DropCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{};
  ASSERT_EQ(syscall(SYS_capset, &header, none), 0);
}

TEST_F(TunTest, WithoutCapabilityTheErrorNamesIt) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    DropCapabilities();
    ExpectError(Open("tun0"), Status::kUnsupported, {"tun0", "CAP_NET_ADMIN"});
  }));
}

TEST_F(TunTest, SystemWithoutTunIsNotFoundAndClosedOneUnsupported) {
  EXPECT_TRUE(InNetworkNamespace([&] {
    ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(mount("none", "/dev/net", "tmpfs", 0, nullptr), 0) << std::strerror(errno);
    ExpectError(Open("tun0"), Status::kNotFound, {"/dev/net/tun", "modprobe tun"});
    ASSERT_TRUE(Descriptor(open("/dev/net/tun", O_CREAT | O_WRONLY, 0)).open());
    DropCapabilities();
    ExpectError(Open("tun0"), Status::kUnsupported, {"/dev/net/tun", "root"});
  }));
}

TEST_F(TunTest, NamesThatNoDeviceCanHaveAreRefused) {
  for (const char* const name : {"", ".", "..", "a/b", "a b", "a:b", "tun\n", "t\tn", "\xff",
                                 "sixteen_letters_", "a%s", "%", "%d%d", "%dx%", "a%%d"}) {
    ExpectError(Open(name), Status::kInvalidArgument, {"name"});
  }
}

TEST_F(TunTest, OptionsThatMakeNoSenseAreRefused) {
  ExpectError(Open("tun0", {67, {}}), Status::kInvalidArgument, {"mtu", "67", "68"});
  ExpectError(Open("tun0", {65'536, {}}), Status::kInvalidArgument, {"mtu", "65536"});
  const auto multicast = Prefixes({"192.0.2.1/24", "224.0.0.1/24"});
  ExpectError(Open("tun0", {0, multicast}), Status::kInvalidArgument, {"224.0.0.1/24"});
}

}  // namespace
}  // namespace netstack::link

#endif  // defined(__linux__)

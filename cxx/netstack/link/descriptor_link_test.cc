#include "netstack/link/descriptor_link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/testing/fake_receiver.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::Bytes;
using testing::FromHex;

const Bytes kIpv4 = FromHex("45 00 0014");
const Bytes kIpv6 = FromHex("60 00 0000");

class DescriptorLinkTest : public ::testing::Test {
 protected:
  ~DescriptorLinkTest() override {
    if (link_ == nullptr) return;
    link_->Detach();
    link_->Unref();
  }

  // A link over one end of a pair of sockets; the test has the other.
  void Make(int type, const DescriptorOptions& options = {}) {
    std::array<int, 2> ends{-1, -1};
    ASSERT_EQ(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Descriptor mine(ends[0]);  // closed at once: the link has its own
    peer_ = Descriptor(ends[1]);
    const base::Error error = DescriptorLink::Make(mine.get(), options, &link_);
    ASSERT_TRUE(error.ok()) << error.message();
    ASSERT_TRUE(link_->Attach(&receiver_));
  }
  base::ThreadRecord& thread() { return entry_.thread(); }

  Status Send(const Bytes& packet) {
    const OutputBuffer buffer = link_->Reserve(thread(), packet.size());
    if (buffer.data == nullptr) return Status::kTooSmall;
    std::memcpy(buffer.data, packet.data(), packet.size());
    return link_->Transmit(thread(), buffer);
  }
  Bytes PeerReads() {
    Bytes bytes(kMaximumMtu + 10);
    const ssize_t got = recv(peer_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return bytes;
  }
  void PeerWrites(const Bytes& bytes) {
    ASSERT_EQ(send(peer_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  Status ReadPackets(size_t budget = 100) { return link_->ReadPackets(thread(), budget, &count_); }

  base::Entry entry_;
  Descriptor peer_;
  testing::FakeReceiver receiver_;
  DescriptorLink* link_ = nullptr;
  size_t count_ = 0;
};

TEST_F(DescriptorLinkTest, PacketsPassBothWaysWithTheirInformation) {
  const struct {
    PacketInformation information;
    const char* ipv4;
    const char* ipv6;
  } cases[] = {
      {PacketInformation::kNone, "", ""},
      {PacketInformation::kLinux, "0000 0800", "0000 86dd"},
      {PacketInformation::kUtun, "00000002", "0000001e"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(static_cast<uint32_t>(c.information));
    Make(SOCK_DGRAM, {0, c.information});
    for (const bool ipv6 : {false, true}) {
      const Bytes& packet = ipv6 ? kIpv6 : kIpv4;
      Bytes framed = FromHex(ipv6 ? c.ipv6 : c.ipv4);
      framed.insert(framed.end(), packet.begin(), packet.end());
      EXPECT_EQ(Send(packet), Status::kOk);
      EXPECT_EQ(PeerReads(), framed);
      PeerWrites(framed);
      EXPECT_EQ(ReadPackets(), Status::kOk);
      EXPECT_EQ(count_, 1u);
      EXPECT_EQ(receiver_.packets, std::vector<Bytes>{packet});
      receiver_.packets.clear();
    }
    link_->Detach();
    link_->Unref();
    link_ = nullptr;
  }
}

TEST_F(DescriptorLinkTest, PacketShorterThanItsInformationIsDropped) {
  Make(SOCK_DGRAM, {0, PacketInformation::kLinux});
  PeerWrites({0, 0, 8});
  PeerWrites({0, 0, 8, 0, 0x45});
  EXPECT_EQ(ReadPackets(), Status::kOk);
  EXPECT_EQ(count_, 2u);
  EXPECT_EQ(receiver_.packets, (std::vector<Bytes>{{0x45}}));
}

TEST_F(DescriptorLinkTest, LargestPacketPassesBothWays) {
  for (const PacketInformation information :
       {PacketInformation::kNone, PacketInformation::kLinux}) {
    Make(SOCK_DGRAM, {kMaximumMtu, information});
    Bytes packet = testing::CountingBytes(kMaximumMtu);
    packet[0] = 0x45;
    EXPECT_EQ(Send(packet), Status::kOk);
    const Bytes framed = PeerReads();
    PeerWrites(framed);
    EXPECT_EQ(ReadPackets(), Status::kOk);
    EXPECT_EQ(receiver_.packets, std::vector<Bytes>{packet});
    receiver_.packets.clear();
    link_->Detach();
    link_->Unref();
    link_ = nullptr;
  }
}

TEST_F(DescriptorLinkTest, BudgetEndsReading) {
  Make(SOCK_DGRAM);
  for (uint8_t i = 1; i <= 5; ++i) PeerWrites({i});
  EXPECT_EQ(ReadPackets(2), Status::kOk);
  EXPECT_EQ(count_, 2u);
  EXPECT_EQ(receiver_.packets, (std::vector<Bytes>{{1}, {2}}));
  EXPECT_EQ(ReadPackets(0), Status::kOk);
  EXPECT_EQ(count_, 0u);
  EXPECT_EQ(ReadPackets(100), Status::kOk);
  EXPECT_EQ(count_, 3u);
  EXPECT_EQ(ReadPackets(100), Status::kOk);
  EXPECT_EQ(count_, 0u);
}

TEST_F(DescriptorLinkTest, FullSocketWouldBlock) {
  Make(SOCK_DGRAM);
  Status status = Status::kOk;
  for (int i = 0; i < 100'000 && status == Status::kOk; ++i) status = Send(kIpv4);
  EXPECT_EQ(status, Status::kWouldBlock);
}

TEST_F(DescriptorLinkTest, PeerThatIsGoneCloses) {
  Make(SOCK_SEQPACKET);
  PeerWrites(kIpv4);
  peer_ = Descriptor();
  EXPECT_EQ(ReadPackets(), Status::kClosed);
  EXPECT_EQ(receiver_.packets, std::vector<Bytes>{kIpv4});
  EXPECT_NE(std::string(link_->failure()).find("closed"), std::string::npos) << link_->failure();
  EXPECT_EQ(ReadPackets(), Status::kClosed);
  EXPECT_EQ(count_, 0u);
  EXPECT_EQ(Send(kIpv4), Status::kClosed);  // and no SIGPIPE
}

TEST_F(DescriptorLinkTest, DatagramPeerThatIsGoneIsToldBySendingOnly) {
  Make(SOCK_DGRAM);
  peer_ = Descriptor();
  EXPECT_EQ(Send(kIpv4), Status::kClosed);
  EXPECT_EQ(ReadPackets(), Status::kOk);
}

TEST_F(DescriptorLinkTest, EmptyDatagramIsAPacketAndNoEnd) {
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    Make(type);
    PeerWrites({});
    PeerWrites({0x45});
    EXPECT_EQ(ReadPackets(), Status::kOk);
    EXPECT_EQ(count_, 2u);
    EXPECT_EQ(receiver_.packets, (std::vector<Bytes>{{}, {0x45}}));
    EXPECT_STREQ(link_->failure(), "");
    receiver_.packets.clear();
    link_->Detach();
    link_->Unref();
    link_ = nullptr;
  }
}

TEST_F(DescriptorLinkTest, ErrorsOfEarlierDatagramsAreNoEnd) {
  // A port of the loopback interface that nobody listens to any more.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  const Descriptor udp(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  {
    const Descriptor listener(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(listener.get(), name, size), 0);
    ASSERT_EQ(getsockname(listener.get(), name, &size), 0);
  }
  ASSERT_EQ(connect(udp.get(), name, size), 0);
  ASSERT_TRUE(DescriptorLink::Make(udp.get(), {}, &link_).ok());
  ASSERT_EQ(Send(kIpv4), Status::kOk);
  pollfd wait{udp.get(), POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 10'000), 1);  // the ICMP error is there
  EXPECT_EQ(ReadPackets(), Status::kOk);
  EXPECT_STREQ(link_->failure(), "");
}

TEST_F(DescriptorLinkTest, DeviceAtItsEndCloses) {
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(DescriptorLink::Make(null.get(), {}, &link_).ok());
  EXPECT_EQ(ReadPackets(), Status::kClosed);
  EXPECT_STRNE(link_->failure(), "");
}

TEST_F(DescriptorLinkTest, UnconnectedSocketFailsToRead) {
  const Descriptor socket_of_nobody(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(DescriptorLink::Make(socket_of_nobody.get(), {}, &link_).ok());
  EXPECT_EQ(ReadPackets(), Status::kClosed);
  EXPECT_NE(std::string(link_->failure()).find("errno"), std::string::npos) << link_->failure();
}

TEST_F(DescriptorLinkTest, WorksOnADuplicateThatIsClosedOnExec) {
  Make(SOCK_DGRAM);
  EXPECT_EQ(fcntl(link_->descriptor(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_EQ(fcntl(link_->descriptor(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  const int number = link_->descriptor();
  link_->Detach();
  link_->Unref();
  link_ = nullptr;
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST_F(DescriptorLinkTest, PacketLongerThanTheMtuHasNoRoom) {
  Make(SOCK_DGRAM, {100, PacketInformation::kNone});
  EXPECT_EQ(link_->Reserve(thread(), 101).data, nullptr);
  EXPECT_EQ(Send(Bytes(100, 0x45)), Status::kOk);
}

TEST_F(DescriptorLinkTest, ScratchMemoryIsGivenBack) {
  Make(SOCK_DGRAM);
  for (uint32_t i = 0; i < 3 * base::kMaxFrames; ++i) {
    ASSERT_EQ(Send(kIpv4), Status::kOk);
    EXPECT_EQ(PeerReads(), kIpv4);
    ASSERT_EQ(ReadPackets(), Status::kOk);
  }
}

TEST(DescriptorLinkMakeTest, RefusesWhatKeepsNoPacketsApart) {
  std::array<int, 2> stream{-1, -1};
  std::array<int, 2> pipe_ends{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, stream.data()), 0);
  ASSERT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
  const std::array<Descriptor, 8> open_ones = {
      Descriptor(stream[0]),
      Descriptor(stream[1]),
      Descriptor(pipe_ends[0]),
      Descriptor(pipe_ends[1]),
      Descriptor(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      Descriptor(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)),
      Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      Descriptor(open("/dev/null", O_WRONLY | O_CLOEXEC)),
  };
  std::vector<int> refused = {-1, INT32_MIN, INT32_MAX};
  for (const Descriptor& descriptor : open_ones) {
    ASSERT_TRUE(descriptor.open());
    refused.push_back(descriptor.get());
  }
  DescriptorLink* link = nullptr;
  for (const int descriptor : refused) {
    const base::Error error = DescriptorLink::Make(descriptor, {}, &link);
    EXPECT_EQ(error.status(), Status::kInvalidArgument) << descriptor;
    const std::string name = "descriptor " + std::to_string(descriptor);
    EXPECT_EQ(error.message().substr(0, name.size()), name) << error.message();
    EXPECT_EQ(link, nullptr);
    if (descriptor >= 0 && descriptor != INT32_MAX) {
      EXPECT_EQ(fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0) << "left as it was";
    }
  }
}

TEST(DescriptorLinkMakeTest, RefusesOptionsThatMakeNoSense) {
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  DescriptorLink* link = nullptr;
  base::Error error = DescriptorLink::Make(null.get(), {65'536, PacketInformation::kNone}, &link);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("mtu"), std::string::npos) << error.message();
  error = DescriptorLink::Make(null.get(), {0, static_cast<PacketInformation>(3)}, &link);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("packet_information"), std::string::npos) << error.message();
  EXPECT_EQ(link, nullptr);
}

}  // namespace
}  // namespace netstack::link

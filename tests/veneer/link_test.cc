// Links, clocks and captures of the veneer.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "veneer/scene.h"

namespace {

using netstack::ByteView;
using netstack::Link;
using veneer::AnswerTo;
using veneer::Build;
using veneer::EchoRequestTo;
using veneer::Scene;
using veneer::Status;
using veneer::Thrown;
using veneer::ThrownStatus;

TEST(VeneerLink, ChannelHoldsWhatTheStackSends) {
  int notified = 0;
  netstack::LinkChannelOptions options;
  options.mtu = 1400;
  options.capacity = 2;
  options.notify = [&notified] { ++notified; };
  Scene scene(Link::Channel(std::move(options)));
  EXPECT_EQ(scene.link.mtu(), 1400u);
  EXPECT_FALSE(scene.link.Read());
  for (int i = 0; i < 3; ++i) scene.Ask();
  EXPECT_EQ(notified, 1);
  const auto packet = scene.link.Read();
  ASSERT_TRUE(packet);
  EXPECT_EQ(support::Read(*packet), AnswerTo(EchoRequestTo("192.168.0.1")));
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerLink, ReadIntoLeavesWhatIsTooLong) {
  Scene scene;
  support::Bytes buffer(32);
  EXPECT_FALSE(scene.link.ReadInto(buffer.data(), buffer.size()));
  scene.Ask();
  EXPECT_EQ(Thrown([&] { (void)scene.link.ReadInto(buffer.data(), 31); }),
            "NS_ERR_TOO_SMALL: Link::ReadInto: the packet has 32 bytes, the buffer 31");
  EXPECT_EQ(scene.link.ReadInto(buffer.data(), buffer.size()), 32u);
  EXPECT_EQ(support::Read(buffer), AnswerTo(EchoRequestTo("192.168.0.1")));
}

TEST(VeneerLink, CallbackSends) {
  std::vector<support::Bytes> sent;
  Status status = Status::kOk;
  Scene scene(Link::Callback([&](ByteView packet) {
    sent.push_back(packet.Copy());
    return status;
  }));
  EXPECT_EQ(scene.link.mtu(), 1500u);
  scene.Ask();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(support::Read(sent[0]), AnswerTo(EchoRequestTo("192.168.0.1")));
  status = Status::kWouldBlock;
  netstack::PingSocket socket(scene.stack, netstack::Family::kIpv4);
  EXPECT_FALSE(socket.SendTo("192.168.0.2", 1));
  status = Status::kNoRoute;
  EXPECT_EQ(ThrownStatus([&] { socket.SendTo("192.168.0.2", 1); }), "NS_ERR_NO_ROUTE");
  EXPECT_EQ(ThrownStatus([&] { (void)scene.link.Read(); }), "NS_ERR_UNSUPPORTED");
}

TEST(VeneerLink, InjectSaysWhatNobodyTakes) {
  Scene scene(Link::Channel(), NS_NIC_SIDE_BY_SIDE);
  EXPECT_TRUE(scene.Ask("192.168.0.1"));
  EXPECT_FALSE(scene.Ask("192.168.0.77"));
}

TEST(VeneerLink, InjectRefusesToNestTooDeep) {
  Scene scene;
  int depth = 0;
  scene.stack.OnEcho([&](netstack::Request&) {
    ++depth;
    return scene.Ask();
  });
  EXPECT_EQ(ThrownStatus([&] { scene.Ask(); }), "NS_ERR_BUSY");
  EXPECT_EQ(depth, 9);  // the packet from outside, and eight inside
}

TEST(VeneerLink, FdReadsAndWritesPackets) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  netstack::LinkFdOptions options;
  options.packet_information = netstack::PacketInformation::kLinux;
  Scene scene(Link::Fd(ends[0], options));
  close(ends[0]);
  support::Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  const support::Bytes information = {0, 0, 8, 0};
  packet.insert(packet.begin(), information.begin(), information.end());
  ASSERT_EQ(write(ends[1], packet.data(), packet.size()), static_cast<ssize_t>(packet.size()));
  EXPECT_EQ(scene.stack.Poll(), 1u);
  support::Bytes answer(100);
  const ssize_t length = read(ends[1], answer.data(), answer.size());
  close(ends[1]);
  ASSERT_EQ(length, static_cast<ssize_t>(packet.size()));
  EXPECT_EQ(support::Part(answer, 0, 4), information);
  EXPECT_EQ(ThrownStatus([&] { scene.stack.Poll(); }), "NS_ERR_CLOSED");  // the peer hung up
  EXPECT_EQ(ThrownStatus([] { Link::Fd(-1); }), "NS_ERR_INVALID_ARGUMENT");
}

TEST(VeneerLink, TunRefusesBadNames) {
  EXPECT_EQ(ThrownStatus([] { Link::Tun(""); }), "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(ThrownStatus([] { Link::Tun("a name that is too long"); }), "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(Thrown([] { Link::Tun(std::string("tun0\0x", 6)); }),
            "NS_ERR_INVALID_ARGUMENT: the name has a 0 character inside");
  netstack::LinkTunOptions options;
  options.mtu = 67;
  EXPECT_EQ(ThrownStatus([&] { Link::Tun("tun0", options); }), "NS_ERR_INVALID_ARGUMENT");
}

TEST(VeneerClock, ManualMovesByHand) {
  netstack::Clock clock = netstack::Clock::Manual(netstack::Nanoseconds(5));
  EXPECT_EQ(clock.Now().count(), 5);
  clock.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(clock.Now().count(), 1'000'005);
}

TEST(VeneerClock, CallbackIsReadAndDoesNotAdvance) {
  int64_t now = 7;
  netstack::Clock clock = netstack::Clock::Callback([&now] { return netstack::Nanoseconds(now); });
  EXPECT_EQ(clock.Now().count(), 7);
  now = 9;
  EXPECT_EQ(clock.Now().count(), 9);
  EXPECT_EQ(ThrownStatus([&] { clock.Advance(std::chrono::seconds(1)); }), "NS_ERR_UNSUPPORTED");
  netstack::StackOptions options;
  options.clock = &clock;
  EXPECT_EQ(ThrownStatus([&] { netstack::Stack(options).Run(); }), "NS_ERR_UNSUPPORTED");
}

TEST(VeneerClock, WallTimeStampsCaptures) {
  netstack::ClockOptions clock_options;
  clock_options.wall_now = [] { return netstack::Nanoseconds(std::chrono::seconds(0x01020304)); };
  const auto clock =
      netstack::Clock::Callback([] { return netstack::Nanoseconds(1); }, std::move(clock_options));
  netstack::StackOptions options;
  options.clock = &clock;
  netstack::Stack stack(options);
  Link link = Link::Channel();
  stack.AddNic(1, link);
  std::vector<support::Bytes> records;
  stack.SetCapture(1, netstack::Capture::Callback(
                          [&records](ByteView bytes) { records.push_back(bytes.Copy()); }));
  link.Inject(Build(EchoRequestTo("192.168.0.1")));
  ASSERT_EQ(records.size(), 2u);  // the file header, the packet
  EXPECT_EQ(records[0].size(), 24u);
  ASSERT_EQ(records[1].size(), 16u + 32u);
  support::Bytes stamp = support::Part(records[1], 0, 4);
  if (stamp[0] == 4) stamp = {stamp[3], stamp[2], stamp[1], stamp[0]};
  EXPECT_EQ(stamp, (support::Bytes{1, 2, 3, 4}));
}

TEST(VeneerCapture, WritesAFile) {
  const std::string path = testing::TempDir() + "/veneer_capture.pcap";
  Scene scene;
  const auto capture = netstack::Capture::File(path);
  scene.stack.SetCapture(1, capture);
  scene.Ask();
  scene.stack.RemoveCapture(1);
  scene.Ask();
  EXPECT_EQ(capture.lost(), 0u);
  std::array<char, 4096> text{};
  FILE* file = fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(fread(text.data(), 1, text.size(), file), 24u + 2 * (16 + 32));
  fclose(file);
  EXPECT_EQ(remove(path.c_str()), 0);
  EXPECT_EQ(ThrownStatus([] { netstack::Capture::File("/nowhere/at/all"); }), "NS_ERR_NOT_FOUND");
}

TEST(VeneerRandom, SeedsMakeStacksAlike) {
  const auto identifier = [](const netstack::Random& random) {
    netstack::StackOptions options;
    options.random = &random;
    const netstack::Stack stack(options);
    netstack::PingSocket socket(stack, netstack::Family::kIpv4);
    socket.Bind();
    return socket.name().identifier;
  };
  EXPECT_EQ(identifier(netstack::Random::Seeded(7)), identifier(netstack::Random::Seeded(7)));
  EXPECT_NE(identifier(netstack::Random::Seeded(7)), identifier(netstack::Random::Seeded(8)));
}

}  // namespace

// Handlers, and the requests that they get.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "veneer/scene.h"

namespace {

using netstack::EchoDestination;
using netstack::EchoPolicy;
using netstack::Family;
using netstack::Request;
using support::EchoReplyTo;
using veneer::Build;
using veneer::EchoRequestTo;
using veneer::Scene;
using veneer::Status;
using veneer::Thrown;

TEST(VeneerHandler, DecidesWhoOwnsThePacket) {
  Scene scene;
  const struct {
    bool reply;
    bool consumed;
    size_t sent;
  } rows[] = {{false, false, 1}, {false, true, 0}, {true, false, 1}, {true, true, 1}};
  for (const auto& row : rows) {
    scene.stack.OnEcho([&row](Request& request) {
      if (row.reply) {
        EXPECT_EQ(request.Reply(), Status::kOk);
        EXPECT_EQ(request.Reply(), Status::kOk);
      }
      return row.consumed;
    });
    for (const char* address : {"192.168.0.1", "a::1"}) {
      EXPECT_TRUE(scene.Ask(address));
      EXPECT_EQ(scene.Sent(), row.sent) << row.reply << row.consumed << address;
    }
  }
}

TEST(VeneerHandler, IsOfOneFamilyOrBoth) {
  Scene scene;
  int calls = 0;
  scene.stack.OnEcho([&calls](Request&) { return ++calls > 0; }, Family::kIpv6);
  scene.Ask("192.168.0.1");
  EXPECT_EQ(calls, 0);
  scene.Ask("a::1");
  EXPECT_EQ(calls, 1);
  scene.stack.RemoveIcmpForwarder(Family::kIpv4);
  scene.Ask("a::1");
  EXPECT_EQ(calls, 2);
  scene.stack.RemoveIcmpForwarder(Family::kIpv6);
  scene.Ask("a::1");
  EXPECT_EQ(calls, 2);
}

TEST(VeneerHandler, SeesEchoRepliesIfItWants) {
  Scene scene;
  std::vector<int> types;
  std::vector<Status> replies;
  netstack::IcmpForwarderOptions options;
  options.echo_replies = true;
  const netstack::IcmpForwarder forwarder(
      [&](Request& request) {
        types.push_back(request.info().type());
        replies.push_back(request.Reply());
        return true;
      },
      options);
  scene.stack.SetIcmpForwarder(forwarder);
  scene.link.Inject(Build(EchoReplyTo("192.168.0.1")));
  EXPECT_EQ(types, std::vector<int>{0});
  EXPECT_EQ(replies, std::vector<Status>{Status::kNotReplyable});
  EXPECT_EQ(scene.Sent(), 0u);
}

TEST(VeneerHandler, SeesWhatThereIsToKnow) {
  Scene scene;
  support::IcmpPacket packet = EchoRequestTo("192.168.0.1");
  packet.ttl = 7;
  packet.tos = 12;
  std::optional<netstack::PacketInfo> info;
  support::Bytes borrowed;
  support::Bytes copied;
  netstack::Packet kept;
  scene.stack.OnEcho([&](Request& request) {
    info = request.info();
    borrowed = request.BorrowPacket().Copy();
    copied = request.CopyPacket();
    kept = request.Keep();
    return true;
  });
  scene.link.Inject(Build(packet));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->source(), "192.168.0.2");
  EXPECT_EQ(info->destination(), "192.168.0.1");
  EXPECT_EQ(info->family(), Family::kIpv4);
  EXPECT_EQ(info->nic(), 1u);
  EXPECT_EQ(info->type(), 8);
  EXPECT_EQ(info->code(), 0);
  EXPECT_EQ(info->identifier(), 1234);
  EXPECT_EQ(info->sequence(), 1);
  EXPECT_EQ(info->ttl(), 7);
  EXPECT_EQ(info->tos(), 12);
  EXPECT_EQ(info->length(), 32u);
  EXPECT_EQ(info->icmp_offset(), 20u);
  EXPECT_EQ(info->payload_offset(), 28u);
  EXPECT_FALSE(info->is_temporary() || info->is_broadcast() || info->is_multicast() ||
               info->has_bad_checksum());
  EXPECT_EQ(borrowed, Build(packet));
  EXPECT_EQ(copied, Build(packet));
  // What is kept stays, also without the stack and for two owners.
  scene.stack.reset();
  const netstack::Packet shared = kept.Share();
  kept.reset();
  EXPECT_EQ(shared.bytes().Copy(), Build(packet));
  EXPECT_EQ(shared.payload().Copy(), packet.payload);
  EXPECT_EQ(shared.info().identifier(), 1234);
}

TEST(VeneerHandler, TellsKindsOfDestinationApart) {
  Scene scene;
  scene.stack.AddLocalPrefix(1, "10.7.0.0/16");
  scene.stack.JoinGroup(1, "224.1.2.3");
  std::string kinds;
  scene.stack.OnEcho([&](Request& request) {
    const netstack::PacketInfo info = request.info();
    kinds += info.is_temporary()   ? 't'
             : info.is_broadcast() ? 'b'
             : info.is_multicast() ? 'm'
                                   : '-';
    return true;
  });
  for (const char* address : {"192.168.0.1", "10.7.1.1", "192.168.0.255", "224.1.2.3"}) {
    scene.Ask(address);
  }
  EXPECT_EQ(kinds, "-tbm");
}

TEST(VeneerHandler, PoliciesTurnSilenceIntoAReplyAndBack) {
  Scene scene;
  scene.stack.AddLocalPrefix(1, "10.7.0.0/16");
  scene.Ask("10.7.1.1");
  EXPECT_EQ(scene.Sent(), 0u);
  scene.stack.SetEchoPolicy(Family::kIpv4, EchoDestination::kTemporary, EchoPolicy::kReply);
  scene.Ask("10.7.1.1");
  EXPECT_EQ(scene.Sent(), 1u);
  scene.stack.SetEchoPolicy(Family::kAny, EchoDestination::kGroup, EchoPolicy::kSilent);
  scene.Ask("ff02::1");
  EXPECT_EQ(scene.Sent(), 0u);
  scene.stack.SetEchoPolicy(Family::kAny, EchoDestination::kGroup, EchoPolicy::kDefault);
  scene.Ask("ff02::1");
  EXPECT_EQ(scene.Sent(), 1u);
}

constexpr char kExpired[] = "the request's handler has returned, or this is not its thread";

// Every function that takes a request.
void ExpectExpired(const Request& request) {
  const auto says = [](const std::string& function) {
    return "NS_ERR_EXPIRED: Request::" + function + ": " + kExpired;
  };
  EXPECT_EQ(Thrown([&] { request.Reply(); }), says("Reply"));
  EXPECT_EQ(Thrown([&] { (void)request.info(); }), says("info"));
  EXPECT_EQ(Thrown([&] { (void)request.BorrowPacket(); }), says("BorrowPacket"));
  EXPECT_EQ(Thrown([&] { (void)request.Keep(); }), says("Keep"));
  // It looks how long the packet is before it copies.
  EXPECT_EQ(Thrown([&] { (void)request.CopyPacket(); }), says("BorrowPacket"));
}

TEST(VeneerRequest, EndsWithItsHandler) {
  Scene scene;
  std::vector<Request> requests;
  for (const bool fail : {false, true}) {
    scene.stack.OnEcho([&](Request& request) {
      requests.push_back(request);
      if (fail) throw std::runtime_error("bang");
      return false;
    });
    EXPECT_EQ(Thrown([&] { scene.Ask(); }), fail ? "bang" : "");
    ExpectExpired(requests.back());
  }
  EXPECT_NE(requests[0].get(), requests[1].get());
  scene.stack.reset();
  ExpectExpired(requests[0]);
  ExpectExpired(Request(0));
}

TEST(VeneerRequest, IsOfItsThreadAlone) {
  Scene scene;
  scene.stack.OnEcho([&](Request& request) {
    std::thread([request] { ExpectExpired(request); }).join();
    EXPECT_EQ(request.Reply(), Status::kOk);
    return true;
  });
  scene.Ask();
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerRequest, LivesInCallbacksNestedInside) {
  Scene scene;
  std::optional<Request> outer;
  scene.stack.OnEcho([&](Request& request) {
    if (!outer) {
      outer = request;
      scene.Ask("a::1");
      return true;
    }
    EXPECT_EQ(outer->Reply(), Status::kOk);
    return true;
  });
  scene.Ask();
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerHandler, ReplacesItself) {
  Scene scene;
  const auto token = std::make_shared<int>();
  std::string calls;
  scene.stack.OnEcho([&, token](Request&) {
    scene.stack.OnEcho([&](Request&) {
      calls += 'b';
      return true;
    });
    calls += 'a';
    EXPECT_EQ(token.use_count(), 2);  // it lives until it returns
    return true;
  });
  scene.Ask();
  EXPECT_EQ(token.use_count(), 1);
  scene.Ask();
  EXPECT_EQ(calls, "ab");
}

TEST(VeneerHandler, RemovesItselfAndThrows) {
  Scene scene;
  const auto token = std::make_shared<int>();
  scene.stack.OnEcho([&, token](Request&) -> bool {
    scene.stack.RemoveIcmpForwarder();
    throw std::runtime_error("gone");
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "gone");
  EXPECT_EQ(token.use_count(), 1);
  scene.Ask();
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerHandler, ClosesTheStackInInject) {
  for (const bool fail : {false, true}) {
    Scene scene;
    const auto token = std::make_shared<int>();
    scene.stack.OnEcho([&, token](Request&) {
      scene.stack.reset();
      if (fail) throw std::runtime_error("bang");
      return true;
    });
    EXPECT_EQ(Thrown([&] { scene.Ask(); }), fail ? "bang" : "");
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_EQ(veneer::ThrownStatus([&] { scene.Ask(); }), "NS_ERR_CLOSED");
  }
}

TEST(VeneerHandler, ClosesTheStackInRun) {
  for (const bool fail : {false, true}) {
    netstack::Stack stack;
    netstack::Link link = netstack::Link::Channel();
    stack.AddNic(1, link, {0, {"192.168.0.1/24"}, {}});
    stack.OnEcho([&](Request&) {
      stack.reset();
      if (fail) throw std::runtime_error("bang");
      return true;
    });
    const std::string thrown = Thrown([&] {
      std::array<int, 2> ends{};
      ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
      const support::Bytes packet = Build(EchoRequestTo("192.168.1.1"));
      EXPECT_EQ(write(ends[1], packet.data(), packet.size()), static_cast<ssize_t>(packet.size()));
      stack.AddNic(2, netstack::Link::Fd(ends[0]), {0, {"192.168.1.1/24"}, {}});
      close(ends[0]);
      const int peer = ends[1];
      struct Closed {
        int fd;
        ~Closed() { close(fd); }
      } const closed{peer};
      stack.Run();
    });
    EXPECT_EQ(thrown.substr(0, 13), fail ? "bang" : "NS_ERR_CLOSED");
  }
}

}  // namespace

// Ping sockets: reference, sections 4.4 and 4.5; contract, section 2.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <poll.h>

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>

#include "sockets/sockets.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Address;
using support::Bytes;
using support::Error;
using support::Handler;
using support::IcmpPacket;
using support::NewPingSocket;
using support::PacketHandle;
using support::PingSocketHandle;
using support::ReceiveAll;
using support::Wire;
using support::WireOptions;

struct Family {
  const char* name;
  ns_family family;
  const char* ours;
  const char* peer;
  const char* stranger;  // on the link too
  const char* temporary;
  const char* nobodys;  // no route leads there
  uint8_t request;
  uint8_t reply;
};
std::ostream& operator<<(std::ostream& out, const Family& each) { return out << each.name; }

constexpr Family kFamilies[] = {
    {"Ipv4", NS_FAMILY_IPV4, "192.168.0.1", "192.168.0.2", "192.168.0.3", "10.7.0.9", "203.0.113.1",
     8, 0},
    {"Ipv6", NS_FAMILY_IPV6, "a::1", "a::2", "a::3", "fd07::9", "b::1", 128, 129},
};

class PingSocket : public testing::TestWithParam<Family> {
 protected:
  static WireOptions Options() { return {.local_prefixes = {"10.7.0.0/16", "fd07::/64"}}; }
  [[nodiscard]] static IcmpPacket Echo(uint8_t type, uint16_t identifier) {
    return {.source = GetParam().peer,
            .destination = GetParam().ours,
            .type = type,
            .identifier = identifier};
  }
  [[nodiscard]] static IcmpPacket Reply(uint16_t identifier) {
    return Echo(GetParam().reply, identifier);
  }
  [[nodiscard]] static IcmpPacket Request(uint16_t identifier) {
    return Echo(GetParam().request, identifier);
  }
  PingSocketHandle Open(const ns_ping_socket_options* options = nullptr) {
    return NewPingSocket(wire_.stack(), GetParam().family, options);
  }
  PingSocketHandle Bound(uint16_t identifier, const std::string& address = "") {
    PingSocketHandle socket = Open();
    EXPECT_EQ(Bind(socket, address, identifier), NS_OK);
    return socket;
  }
  void Deliver(const IcmpPacket& packet) {
    EXPECT_EQ(support::Inject(wire_.link(), Build(packet)), NS_OK);
  }
  [[nodiscard]] std::string SentCounter(const char* name) const {
    return std::string(GetParam().family == NS_FAMILY_IPV4 ? "icmp.v4.sent." : "icmp.v6.sent.") +
           name;
  }

  Wire wire_{Options()};
};

TEST_P(PingSocket, SendsAnEchoRequestWithItsIdentifier) {
  const PingSocketHandle socket = Bound(777);
  ASSERT_EQ(Send(socket, GetParam().peer, 5, support::FromText("hello")), NS_OK);
  const auto sent = support::Drain(wire_.link());
  ASSERT_EQ(sent.size(), 1u);
  auto packet = support::Read(sent[0]);
  ASSERT_TRUE(packet);
  if (GetParam().family == NS_FAMILY_IPV4) {
    EXPECT_NE(packet->id, 0);
    packet->id = 0;  // random
  }
  EXPECT_EQ(*packet, (IcmpPacket{.source = GetParam().ours,
                                 .destination = GetParam().peer,
                                 .type = GetParam().request,
                                 .identifier = 777,
                                 .sequence = 5,
                                 .payload = support::FromText("hello")}));
  EXPECT_EQ(wire_.Counter(SentCounter("echo_request")), 1u);
  EXPECT_EQ(wire_.Counter("ip.packets_sent"), 1u);
}

TEST_P(PingSocket, SendsWithItsTtlAndTos) {
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.ttl = 3;
  options.tos = 0xb8;
  const PingSocketHandle socket = Open(&options);
  ASSERT_EQ(Send(socket, GetParam().peer), NS_OK);
  const auto sent = support::Drain(wire_.link());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(support::Read(sent[0])->ttl, 3);
  EXPECT_EQ(support::Read(sent[0])->tos, 0xb8);
}

TEST_P(PingSocket, ReceivesRepliesWithTheirSenderTtlAndTos) {
  const PingSocketHandle socket = Bound(777);
  IcmpPacket reply = Reply(777);
  reply.ttl = 17;
  reply.tos = 0x20;
  reply.sequence = 9;
  Deliver(reply);
  ns_packet* raw = nullptr;
  ASSERT_EQ(ns_ping_socket_receive(socket.get(), &raw), NS_OK);
  const PacketHandle packet(raw);
  EXPECT_EQ(support::BytesOf(packet), Build(reply));
  const ns_packet_info info = support::InfoOf(packet);
  EXPECT_EQ(support::Text(info.source), GetParam().peer);
  EXPECT_EQ(support::Text(info.destination), GetParam().ours);
  EXPECT_EQ(info.type, GetParam().reply);
  EXPECT_EQ(info.identifier, 777);
  EXPECT_EQ(info.sequence, 9);
  EXPECT_EQ(info.ttl, 17);
  EXPECT_EQ(info.tos, 0x20);
  EXPECT_EQ(info.nic, 1u);
  EXPECT_EQ(wire_.Counter("ping_sockets.received"), 1u);
  EXPECT_EQ(ns_ping_socket_receive(socket.get(), &raw), NS_ERR_WOULD_BLOCK);
  EXPECT_EQ(raw, nullptr);
}

TEST_P(PingSocket, KeepsTheOrderOfReplies) {
  const PingSocketHandle socket = Bound(777);
  std::vector<Bytes> expected;
  for (uint16_t sequence = 1; sequence <= 5; ++sequence) {
    IcmpPacket reply = Reply(777);
    reply.sequence = sequence;
    Deliver(reply);
    expected.push_back(Build(reply));
  }
  EXPECT_EQ(ReceiveAll(socket), expected);
}

TEST_P(PingSocket, LeavesRepliesWithAnotherIdentifierAlone) {
  const PingSocketHandle socket = Bound(777);
  Deliver(Reply(778));
  EXPECT_TRUE(ReceiveAll(socket).empty());
  EXPECT_EQ(wire_.Counter("dropped_packets"), 0u);
}

// Rule 4: a request that bears its identifier is swallowed, and answered.
TEST_P(PingSocket, TakesARequestFromTheHandlerButNotItsAnswer) {
  const PingSocketHandle socket = Bound(777);
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire_.stack());
  EXPECT_EQ(wire_.Answers(Request(777)), 1u);
  EXPECT_EQ(handler.calls(), 0);
  EXPECT_TRUE(ReceiveAll(socket).empty());
  EXPECT_EQ(wire_.Counter("ping_sockets.not_replies"), 1u);
  EXPECT_EQ(wire_.Counter("dropped_packets"), 1u);
  EXPECT_EQ(wire_.Answers(Request(778)), 0u);
  EXPECT_EQ(handler.calls(), 1);
}

TEST_P(PingSocket, ComesBeforeAHandlerThatSeesReplies) {
  const PingSocketHandle socket = Bound(777);
  const Handler handler([](ns_request) { return NS_VERDICT_CONSUMED; },
                        NS_ICMP_FORWARDER_ECHO_REPLIES);
  handler.InstallIn(wire_.stack());
  Deliver(Reply(777));
  EXPECT_EQ(handler.calls(), 0);
  Deliver(Reply(778));
  EXPECT_EQ(handler.calls(), 1);
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
}

TEST_P(PingSocket, AtOneAddressHearsOnlyWhatCameForIt) {
  const PingSocketHandle socket = Bound(777, GetParam().ours);
  IcmpPacket other = Reply(777);
  other.destination = GetParam().temporary;
  Deliver(other);
  EXPECT_TRUE(ReceiveAll(socket).empty());
  Deliver(Reply(777));
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
}

TEST_P(PingSocket, ConnectedHearsOnlyItsPeer) {
  const PingSocketHandle socket = Open();
  ASSERT_EQ(Connect(socket, GetParam().peer), NS_OK);
  const uint16_t identifier = IdentifierOf(socket);
  EXPECT_NE(identifier, 0);
  ns_address local{};
  ASSERT_EQ(ns_ping_socket_get_name(socket.get(), &local, nullptr), NS_OK);
  EXPECT_EQ(support::Text(local), GetParam().ours);
  IcmpPacket stranger = Reply(identifier);
  stranger.source = GetParam().stranger;
  Deliver(stranger);
  EXPECT_TRUE(ReceiveAll(socket).empty());
  Deliver(Reply(identifier));
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
  ASSERT_EQ(Send(socket, ""), NS_OK);
  EXPECT_EQ(support::Read(support::Drain(wire_.link()).at(0))->destination, GetParam().peer);
  // Again, to somebody else.
  ASSERT_EQ(Connect(socket, GetParam().stranger), NS_OK);
  EXPECT_EQ(IdentifierOf(socket), identifier);
  Deliver(stranger);
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
}

TEST_P(PingSocket, WithoutANameTakesAFreeOne) {
  const PingSocketHandle one = Open();
  const PingSocketHandle other = Open();
  EXPECT_EQ(ns_ping_socket_get_name(one.get(), nullptr, nullptr), NS_ERR_NOT_FOUND);
  ASSERT_EQ(Send(one, GetParam().peer), NS_OK);
  ASSERT_EQ(Bind(other, "", 0), NS_OK);
  EXPECT_NE(IdentifierOf(one), IdentifierOf(other));
  ns_address local = Address("1.2.3.4");
  ASSERT_EQ(ns_ping_socket_get_name(one.get(), &local, nullptr), NS_OK);
  EXPECT_EQ(support::Text(local), GetParam().family == NS_FAMILY_IPV4 ? "0.0.0.0" : "::");
}

TEST_P(PingSocket, HasItsIdentifierAlone) {
  const PingSocketHandle wildcard = Bound(777);
  const PingSocketHandle here = Bound(778, GetParam().ours);
  const PingSocketHandle late = Open();
  EXPECT_EQ(Bind(late, "", 777), NS_ERR_BUSY);
  EXPECT_EQ(Bind(late, GetParam().ours, 777), NS_ERR_BUSY);
  EXPECT_EQ(Bind(late, "", 778), NS_ERR_BUSY);
  EXPECT_EQ(Bind(late, GetParam().ours, 778), NS_ERR_BUSY);
  EXPECT_EQ(Bind(late, "", 779), NS_OK);
  EXPECT_EQ(Bind(late, "", 780), NS_ERR_BUSY);  // it has one
}

TEST_P(PingSocket, LeavesItsIdentifierToTheNext) {
  Bound(777);
  const PingSocketHandle next = Bound(777);
  Deliver(Reply(777));
  EXPECT_EQ(ReceiveAll(next).size(), 1u);
}

TEST_P(PingSocket, TheOneThatSaysMostGetsTheReply) {
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 1,
                                 GetParam().family == NS_FAMILY_IPV4 ? "192.168.0.9/24" : "a::9/64",
                                 nullptr),
            NS_OK);
  const PingSocketHandle nine =
      Bound(777, GetParam().family == NS_FAMILY_IPV4 ? "192.168.0.9" : "a::9");
  const PingSocketHandle one = Bound(777, GetParam().ours);
  Deliver(Reply(777));
  EXPECT_EQ(ReceiveAll(one).size(), 1u);
  EXPECT_TRUE(ReceiveAll(nine).empty());
}

TEST_P(PingSocket, OnOneNicHearsOnlyWhatComesInThere) {
  const support::LinkHandle second = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(wire_.stack(), 2, second.get(), nullptr, nullptr), NS_OK);
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.nic = 2;
  const PingSocketHandle on_two = Open(&options);
  ASSERT_EQ(Bind(on_two, "", 777), NS_OK);
  Deliver(Reply(777));
  EXPECT_TRUE(ReceiveAll(on_two).empty());
  options.nic = 1;
  const PingSocketHandle on_one = Open(&options);
  ASSERT_EQ(Bind(on_one, "", 777), NS_OK);
  Deliver(Reply(777));
  EXPECT_EQ(ReceiveAll(on_one).size(), 1u);
  EXPECT_EQ(Send(on_two, GetParam().peer), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Send(on_one, GetParam().peer), NS_OK);
}

// Two links on which fe80::2 is somebody, and nobody the same.
class ScopedPingSocket : public testing::Test {
 protected:
  ScopedPingSocket() {
    EXPECT_EQ(ns_stack_add_nic(wire_.stack(), 2, second_.get(), nullptr, nullptr), NS_OK);
    for (const uint32_t nic : {1u, 2u}) {
      EXPECT_EQ(ns_stack_add_address(wire_.stack(), nic, "fe80::1/64", nullptr), NS_OK);
    }
  }
  static ns_address Scoped(const char* text, uint32_t nic) {
    ns_address address = Address(text);
    address.scope = nic;
    return address;
  }
  ns_status SendTo(const PingSocketHandle& socket, const ns_address& to) {
    return ns_ping_socket_send(socket.get(), &to, 1, nullptr, 0);
  }
  PingSocketHandle Open(uint32_t nic = 0) {
    ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
    options.nic = nic;
    return NewPingSocket(wire_.stack(), NS_FAMILY_IPV6, &options);
  }
  static size_t Sent(ns_link* link) { return support::Drain(link).size(); }
  static void Reply(ns_link* link, uint16_t identifier) {
    EXPECT_EQ(support::Inject(link, support::Build({.source = "fe80::2",
                                                    .destination = "fe80::1",
                                                    .type = 129,
                                                    .identifier = identifier})),
              NS_OK);
  }

  Wire wire_;
  const support::LinkHandle second_ = support::NewChannel();
};

TEST_F(ScopedPingSocket, SendsWhereTheScopeSays) {
  const PingSocketHandle socket = Open();
  EXPECT_EQ(SendTo(socket, Scoped("fe80::2", 0)), NS_ERR_NO_ROUTE);
  EXPECT_EQ(SendTo(socket, Scoped("fe80::2", 3)), NS_ERR_NO_ROUTE);
  EXPECT_EQ(SendTo(socket, Scoped("fe80::2", 2)), NS_OK);
  EXPECT_EQ(Sent(second_.get()), 1u);
  EXPECT_EQ(SendTo(socket, Scoped("ff02::1", 1)), NS_OK);
  EXPECT_EQ(Sent(wire_.link()), 1u);
  // It means nothing on any other address.
  EXPECT_EQ(SendTo(socket, Scoped("a::2", 2)), NS_OK);
  EXPECT_EQ(Sent(wire_.link()), 1u);
  EXPECT_EQ(SendTo(Open(1), Scoped("fe80::2", 2)), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Sent(second_.get()), 0u);
}

TEST_F(ScopedPingSocket, ConnectedHearsItsPeerOnThatLinkAlone) {
  const PingSocketHandle socket = Open();
  const ns_address peer = Scoped("fe80::2", 2);
  ASSERT_EQ(ns_ping_socket_connect(socket.get(), &peer, nullptr), NS_OK);
  ASSERT_EQ(Send(socket, ""), NS_OK);
  EXPECT_EQ(Sent(second_.get()), 1u);
  const uint16_t identifier = IdentifierOf(socket);
  Reply(wire_.link(), identifier);
  EXPECT_TRUE(ReceiveAll(socket).empty());
  Reply(second_.get(), identifier);
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
}

TEST_F(ScopedPingSocket, BoundIsAtTheAddressOfThatNic) {
  const ns_address one = Scoped("fe80::1", 1);
  const ns_address two = Scoped("fe80::1", 2);
  const ns_address three = Scoped("fe80::1", 3);
  const PingSocketHandle here = Open();
  const PingSocketHandle there = Open();
  EXPECT_EQ(ns_ping_socket_bind(here.get(), &three, 777, nullptr), NS_ERR_NOT_FOUND);
  EXPECT_EQ(ns_ping_socket_bind(Open(1).get(), &two, 777, nullptr), NS_ERR_NOT_FOUND);
  ASSERT_EQ(ns_ping_socket_bind(here.get(), &one, 777, nullptr), NS_OK);
  ASSERT_EQ(ns_ping_socket_bind(there.get(), &two, 777, nullptr), NS_OK);
  ns_address name{};
  ASSERT_EQ(ns_ping_socket_get_name(there.get(), &name, nullptr), NS_OK);
  EXPECT_EQ(name.scope, 2u);
  EXPECT_EQ(SendTo(there, Address("fe80::2")), NS_OK);
  EXPECT_EQ(Sent(second_.get()), 1u);
  Reply(second_.get(), 777);
  EXPECT_TRUE(ReceiveAll(here).empty());
  EXPECT_EQ(ReceiveAll(there).size(), 1u);
}

// So whom a packet came from can be asked back without more ado.
TEST_F(ScopedPingSocket, PacketsTellTheScopeOfLinkLocalAddresses) {
  const PingSocketHandle socket = Open();
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  Reply(second_.get(), 777);
  ns_packet* raw = nullptr;
  ASSERT_EQ(ns_ping_socket_receive(socket.get(), &raw), NS_OK);
  const ns_packet_info info = support::InfoOf(PacketHandle(raw));
  EXPECT_EQ(info.source.scope, 2u);
  EXPECT_EQ(info.destination.scope, 2u);
  EXPECT_EQ(SendTo(socket, info.source), NS_OK);
  EXPECT_EQ(Sent(second_.get()), 1u);
  EXPECT_EQ(support::Inject(
                wire_.link(),
                support::Build(
                    {.source = "a::2", .destination = "a::1", .type = 129, .identifier = 777})),
            NS_OK);
  ASSERT_EQ(ns_ping_socket_receive(socket.get(), &raw), NS_OK);
  EXPECT_EQ(support::InfoOf(PacketHandle(raw)).source.scope, 0u);
}

TEST_P(PingSocket, DropsWhatFindsItsQueueFull) {
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.receive_bytes = 1'000;
  const PingSocketHandle socket = Open(&options);
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  for (int i = 0; i < 100; ++i) Deliver(Reply(777));
  const uint64_t received = wire_.Counter("ping_sockets.received");
  EXPECT_GT(received, 0u);
  EXPECT_LT(received, 100u);
  EXPECT_EQ(wire_.Counter("ping_sockets.queue_full"), 100 - received);
  EXPECT_EQ(wire_.Counter("dropped_packets"), 100 - received);
  EXPECT_EQ(ReceiveAll(socket).size(), received);
  Deliver(Reply(777));
  EXPECT_EQ(ReceiveAll(socket).size(), 1u);
}

TEST_P(PingSocket, MakesTheStacksDescriptorReadable) {
  const PingSocketHandle socket = Bound(777);
  pollfd descriptor{ns_stack_get_descriptor(wire_.stack()), POLLIN, 0};
  ASSERT_EQ(ns_stack_poll(wire_.stack(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(poll(&descriptor, 1, 0), 0);
  Deliver(Reply(777));
  EXPECT_EQ(poll(&descriptor, 1, 0), 1);
  ASSERT_EQ(ns_stack_poll(wire_.stack(), nullptr, nullptr), NS_OK);
  EXPECT_EQ(poll(&descriptor, 1, 0), 0);
}

TEST_P(PingSocket, NotifiesWhenItsQueueIsNoLongerEmpty) {
  int notified = 0;
  int destroyed = 0;
  struct Counts {
    int* notified;
    int* destroyed;
  } counts{&notified, &destroyed};
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.notify = [](void* data) { ++*static_cast<Counts*>(data)->notified; };
  options.destroy = [](void* data) { ++*static_cast<Counts*>(data)->destroyed; };
  options.user_data = &counts;
  PingSocketHandle socket = Open(&options);
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  Deliver(Reply(777));
  Deliver(Reply(777));
  EXPECT_EQ(notified, 1);
  EXPECT_EQ(ReceiveAll(socket).size(), 2u);
  Deliver(Reply(777));
  EXPECT_EQ(notified, 2);
  EXPECT_EQ(destroyed, 0);
  socket.reset();
  EXPECT_EQ(destroyed, 1);
}

// Options that end before `destroy` have a notify and its user data all the same.
TEST_P(PingSocket, NotifiesWithTheUserDataOfShorterOptions) {
  int notified = 0;
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.struct_size = offsetof(ns_ping_socket_options, destroy);
  options.notify = [](void* count) {
    ASSERT_NE(count, nullptr);
    ++*static_cast<int*>(count);
  };
  options.user_data = &notified;
  const PingSocketHandle socket = Open(&options);
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  Deliver(Reply(777));
  EXPECT_EQ(notified, 1);
}

// The socket of a notify may be read and freed inside it.
TEST_P(PingSocket, MayBeFreedInsideItsNotify) {
  PingSocketHandle socket;
  std::vector<Bytes> received;
  struct State {
    PingSocketHandle* socket;
    std::vector<Bytes>* received;
    int destroyed;
  } state{&socket, &received, 0};
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.notify = [](void* data) {
    auto* const s = static_cast<State*>(data);
    *s->received = ReceiveAll(*s->socket);
    s->socket->reset();
  };
  options.destroy = [](void* data) { ++static_cast<State*>(data)->destroyed; };
  options.user_data = &state;
  socket = Open(&options);
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  Deliver(Reply(777));
  EXPECT_EQ(received.size(), 1u);
  EXPECT_EQ(state.destroyed, 1);
}

TEST_P(PingSocket, SaysWhenTheLinkIsFull) {
  const Wire narrow({.capacity = 1});
  const PingSocketHandle socket = NewPingSocket(narrow.stack(), GetParam().family);
  EXPECT_EQ(Send(socket, GetParam().peer), NS_OK);
  EXPECT_EQ(Send(socket, GetParam().peer), NS_ERR_WOULD_BLOCK);
  EXPECT_EQ(narrow.Counter(SentCounter("dropped")), 1u);
  EXPECT_EQ(support::Drain(narrow.link()).size(), 1u);
  EXPECT_EQ(Send(socket, GetParam().peer), NS_OK);
}

TEST_P(PingSocket, RefusesWhatItCanNotSend) {
  const PingSocketHandle socket = Open();
  EXPECT_EQ(Send(socket, GetParam().nobodys), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Send(socket, ""), NS_ERR_INVALID_ARGUMENT);  // no peer
  EXPECT_EQ(Send(socket, GetParam().family == NS_FAMILY_IPV4 ? "a::2" : "192.168.0.2"),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_ping_socket_get_name(socket.get(), nullptr, nullptr), NS_ERR_NOT_FOUND);
  const Bytes longest(NS_MTU_MAX);
  EXPECT_EQ(Send(socket, GetParam().peer, 1, longest), NS_ERR_UNSUPPORTED);
  EXPECT_TRUE(support::Drain(wire_.link()).empty());
}

// Such a length and the headers' come to a small number.
TEST_P(PingSocket, RefusesLengthsThatNoPacketHas) {
  const PingSocketHandle socket = Open();
  const ns_address to = Address(GetParam().peer);
  const uint8_t byte = 0;
  for (size_t length = SIZE_MAX; length > SIZE_MAX - 64; --length) {
    ASSERT_EQ(ns_ping_socket_send(socket.get(), &to, 1, &byte, length), NS_ERR_UNSUPPORTED)
        << length;
  }
  EXPECT_TRUE(support::Drain(wire_.link()).empty());
}

TEST_P(PingSocket, RefusesAddressesThatAreNotOurs) {
  const PingSocketHandle socket = Open();
  EXPECT_EQ(Bind(socket, GetParam().peer, 777), NS_ERR_NOT_FOUND);
  EXPECT_EQ(Bind(socket, GetParam().temporary, 777), NS_ERR_NOT_FOUND);
  const bool v4 = GetParam().family == NS_FAMILY_IPV4;
  EXPECT_EQ(Bind(socket, v4 ? "224.0.0.1" : "ff02::1", 777), NS_ERR_INVALID_ARGUMENT);
  if (v4) {
    EXPECT_EQ(Bind(socket, "192.168.0.255", 777), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(Bind(socket, "255.255.255.255", 777), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(Connect(socket, "192.168.0.255"), NS_ERR_INVALID_ARGUMENT);
  }
  EXPECT_EQ(Bind(socket, v4 ? "a::1" : "192.168.0.1", 777), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(Connect(socket, GetParam().nobodys), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Connect(socket, v4 ? "255.255.255.255" : "ff02::1"), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(Connect(socket, v4 ? "0.0.0.0" : "::"), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_ping_socket_get_name(socket.get(), nullptr, nullptr), NS_ERR_NOT_FOUND);
  EXPECT_EQ(Bind(socket, v4 ? "0.0.0.0" : "::", 777), NS_OK);
}

TEST(PingSockets, OfTwoFamiliesMayHaveOneIdentifier) {
  const Wire wire;
  const PingSocketHandle v4 = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  const PingSocketHandle v6 = NewPingSocket(wire.stack(), NS_FAMILY_IPV6);
  EXPECT_EQ(Bind(v4, "", 777), NS_OK);
  EXPECT_EQ(Bind(v6, "", 777), NS_OK);
}

TEST(PingSockets, DoNotSendToBroadcastAddresses) {
  const Wire wire;
  const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  EXPECT_EQ(Send(socket, "192.168.0.255"), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(Send(socket, "255.255.255.255"), NS_ERR_INVALID_ARGUMENT);
  EXPECT_TRUE(support::Drain(wire.link()).empty());
}

// Whatever the routes say. RFC 1122 3.2.1.3 g, RFC 4291 2.5.3 and 2.5.5.2.
TEST(PingSockets, DoNotSendToAddressesThatStayInAHost) {
  const Wire wire;
  ASSERT_EQ(ns_stack_add_route(wire.stack(), "0.0.0.0/0", nullptr, 1, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_route(wire.stack(), "::/0", nullptr, 1, nullptr), NS_OK);
  const PingSocketHandle v4 = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  const PingSocketHandle v6 = NewPingSocket(wire.stack(), NS_FAMILY_IPV6);
  ASSERT_EQ(Bind(v4, "192.168.0.1", 777), NS_OK);
  ASSERT_EQ(Bind(v6, "a::1", 777), NS_OK);
  EXPECT_EQ(Send(v4, "127.0.0.1"), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Connect(v4, "127.0.0.1"), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Send(v6, "::1"), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Send(v6, "::ffff:192.168.0.2"), NS_ERR_NO_ROUTE);
  EXPECT_EQ(Connect(v6, "::ffff:192.168.0.2"), NS_ERR_NO_ROUTE);
  EXPECT_TRUE(support::Drain(wire.link()).empty());
}

TEST(PingSockets, SendToLoopbackAddressesWhereTheStackTakesThem) {
  const Wire wire({.stack_flags = NS_STACK_ALLOW_LOOPBACK});
  const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  ASSERT_EQ(Bind(socket, "192.168.0.1", 777), NS_OK);
  EXPECT_EQ(Send(socket, "127.0.0.1"), NS_OK);
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);
}

// A group is on every link: it takes a NIC, and anybody may answer.
TEST(PingSockets, AskAGroupOverTheirNic) {
  const Wire wire;
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  const PingSocketHandle anywhere = NewPingSocket(wire.stack(), NS_FAMILY_IPV6);
  EXPECT_EQ(Send(anywhere, "ff02::1"), NS_ERR_NO_ROUTE);
  options.nic = 1;
  const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV6, &options);
  ASSERT_EQ(Bind(socket, "", 777), NS_OK);
  ASSERT_EQ(Send(socket, "ff02::1"), NS_OK);
  EXPECT_EQ(support::Read(support::Drain(wire.link()).at(0))->source, "a::1");
  for (const char* const neighbour : {"a::5", "a::6"}) {
    const IcmpPacket reply{
        .source = neighbour, .destination = "a::1", .type = 129, .identifier = 777};
    ASSERT_EQ(support::Inject(wire.link(), Build(reply)), NS_OK);
  }
  EXPECT_EQ(ReceiveAll(socket).size(), 2u);
}

// What an embedder's random source is: its numbers, and what it does meanwhile.
struct Source {
  uint64_t number = 0;
  std::function<void()> action;
};

support::StackHandle StackWith(Source* source) {
  ns_random* random = nullptr;
  const auto next = [](void* data) {
    const auto* const from = static_cast<const Source*>(data);
    if (from->action) from->action();
    return from->number;
  };
  EXPECT_EQ(ns_random_callback_new(next, source, nullptr, &random), NS_OK);
  const support::RandomHandle owned(random);
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.random = random;
  ns_stack* stack = nullptr;
  EXPECT_EQ(ns_stack_new(&options, &stack, nullptr), NS_OK);
  return support::StackHandle(stack);
}

// A source that gives one number for ever is a bad one, and no reason to wait.
TEST(PingSockets, SendWithARandomSourceThatOnlyGivesZeros) {
  Source zeros;
  const support::StackHandle stack = StackWith(&zeros);
  const support::LinkHandle link = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link.get(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  const PingSocketHandle socket = NewPingSocket(stack.get(), NS_FAMILY_IPV4);
  ASSERT_EQ(Send(socket, "192.168.0.2"), NS_OK);
  const auto sent = support::Drain(link.get());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(support::Read(sent[0])->id, 0);
}

// No lock is held while user code runs: it may configure the stack.
TEST(PingSockets, BindWithARandomSourceThatConfiguresTheStack) {
  Source source;
  const support::StackHandle stack = StackWith(&source);
  const support::LinkHandle link = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link.get(), nullptr, nullptr), NS_OK);
  const PingSocketHandle socket = NewPingSocket(stack.get(), NS_FAMILY_IPV4);
  ns_status configured = NS_ERR_INTERNAL;
  source.action = [&] {
    configured = ns_stack_add_address(stack.get(), 1, "10.0.0.1/8", nullptr);
    source.action = nullptr;
  };
  EXPECT_EQ(Bind(socket, "", 0), NS_OK);
  EXPECT_EQ(configured, NS_OK);
}

TEST_P(PingSocket, EndsWithTheStack) {
  const PingSocketHandle socket = Bound(777);
  Deliver(Reply(777));
  wire_.FreeStack();
  ns_packet* packet = nullptr;
  EXPECT_EQ(ns_ping_socket_receive(socket.get(), &packet), NS_ERR_CLOSED);
  EXPECT_EQ(packet, nullptr);
  EXPECT_EQ(Send(socket, GetParam().peer), NS_ERR_CLOSED);
  EXPECT_EQ(Connect(socket, GetParam().peer), NS_ERR_CLOSED);
  EXPECT_EQ(Bind(socket, "", 778), NS_ERR_CLOSED);
  EXPECT_EQ(ns_ping_socket_get_name(socket.get(), nullptr, nullptr), NS_ERR_CLOSED);
}

TEST_P(PingSocket, TakesWhatStandsSideBySide) {
  wire_.SetNicFlags(NS_NIC_SIDE_BY_SIDE);
  EXPECT_EQ(support::Inject(wire_.link(), Build(Reply(777))), NS_UNCLAIMED);
  const PingSocketHandle socket = Bound(777);
  EXPECT_EQ(support::Inject(wire_.link(), Build(Reply(777))), NS_OK);
  EXPECT_EQ(support::Inject(wire_.link(), Build(Request(777))), NS_OK);
}

TEST_P(PingSocket, TellsOfUnknownOptions) {
  ns_ping_socket* socket = nullptr;
  Error error;
  ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
  options.ttl = 256;
  EXPECT_EQ(ns_ping_socket_new(wire_.stack(), GetParam().family, &options, &socket, error.out()),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_NE(error.message().find("ttl is 256"), std::string::npos) << error.message();
  options.ttl = 0;
  options.tos = 1'000;
  EXPECT_EQ(ns_ping_socket_new(wire_.stack(), GetParam().family, &options, &socket, error.out()),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(socket, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Family, PingSocket, testing::ValuesIn(kFamilies),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace

#include "netstack/icmp/socket_table.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/base/byte_order.h"
#include "netstack/testing/ip_scene.h"

namespace netstack::icmp {
namespace {

using testing::AddressOf;
using wire::Family;

wire::Address Any() { return {}; }

class SocketTableTest : public ::testing::Test {
 protected:
  Socket* Add(const std::string& name, std::string_view local, std::string_view remote,
              uint32_t nic = 0) {
    SocketOptions options;
    options.nic = nic;
    auto* const socket = new Socket(options, {});
    sockets_.emplace_back(socket);
    socket->Unref();
    names_[socket] = name;
    table_.Bind(socket, {777, local.empty() ? Any() : AddressOf(local),
                         remote.empty() ? Any() : AddressOf(remote)});
    return socket;
  }
  std::string Find(std::string_view local, std::string_view remote, uint32_t nic = 1,
                   uint16_t identifier = 777) {
    std::array<uint8_t, wire::kIcmpHeader> message{};
    base::Store16(message.data() + 4, identifier);
    packet::Packet packet;
    packet.bytes = message.data();
    packet.length = message.size();
    packet.destination = AddressOf(local);
    packet.source = AddressOf(remote);
    packet.nic = nic;
    const Socket* const found = table_.FindPing(packet);
    return found == nullptr ? "" : names_.at(found);
  }
  bool Overlaps(std::string_view local, uint32_t nic = 0) {
    SocketOptions options;
    options.nic = nic;
    auto* const socket = new Socket(options, {});
    const base::Ref<Socket> owned(socket);
    socket->Unref();
    return table_.Overlaps(*socket, {777, local.empty() ? Any() : AddressOf(local), Any()});
  }

  SocketTable table_;
  std::vector<base::Ref<Socket>> sockets_;
  std::map<const Socket*, std::string> names_;
};

// Reference, 4.4: the whole id, then without the local address, then without the
// remote one, then the identifier alone; of alike ones that with a NIC.
TEST_F(SocketTableTest, TheBindingThatSaysMostWins) {
  Add("identifier", "", "");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "identifier");
  Add("local", "10.0.0.1", "");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "local");
  Add("remote", "", "10.0.0.2");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "remote");
  Add("both", "10.0.0.1", "10.0.0.2");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "both");
  Add("both on NIC 1", "10.0.0.1", "10.0.0.2", 1);
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "both on NIC 1");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2", 2), "both");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.3"), "local");
  EXPECT_EQ(Find("10.0.0.9", "10.0.0.2"), "remote");
  EXPECT_EQ(Find("10.0.0.9", "10.0.0.3"), "identifier");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2", 1, 778), "");
}

TEST_F(SocketTableTest, OneOnAnotherNicDoesNotShadowTheHandler) {
  Add("elsewhere", "", "", 2);
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "");
}

TEST_F(SocketTableTest, AClosedOneMatchesNothingAndIsInNobodysWay) {
  Add("closed", "", "")->Close();
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "");
  EXPECT_FALSE(Overlaps(""));
}

TEST_F(SocketTableTest, OverlapIsWhereBothWouldHaveAnEcho) {
  Add("here", "10.0.0.1", "", 1);
  EXPECT_TRUE(Overlaps(""));
  EXPECT_TRUE(Overlaps("10.0.0.1"));
  EXPECT_TRUE(Overlaps("10.0.0.1", 1));
  EXPECT_FALSE(Overlaps("10.0.0.1", 2));
  EXPECT_FALSE(Overlaps("10.0.0.9"));
}

TEST_F(SocketTableTest, BindingAgainReplacesAndUnbindingEmpties) {
  Socket* const socket = Add("one", "10.0.0.1", "");
  table_.Bind(socket, {777, Any(), AddressOf("10.0.0.2")});
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.3"), "");
  EXPECT_EQ(Find("10.0.0.1", "10.0.0.2"), "one");
  const SocketTable before = table_;
  table_.Unbind(socket, 777);
  EXPECT_TRUE(table_.empty());
  EXPECT_FALSE(before.empty());
  table_.AddRaw(socket);
  EXPECT_FALSE(table_.empty());
  EXPECT_EQ(table_.raw(Family::kIpv4).size(), 1u);
  EXPECT_TRUE(table_.raw(Family::kIpv6).empty());
  table_.RemoveRaw(socket);
  EXPECT_TRUE(table_.empty());
}

}  // namespace
}  // namespace netstack::icmp

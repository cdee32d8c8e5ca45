#include "netstack/stack/change.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/registry.h"
#include "netstack/base/user_data.h"
#include "netstack/link/callback_link.h"
#include "netstack/link/capture.h"
#include "netstack/testing/allocations.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/scripted_forwarder.h"
#include "netstack/testing/stack_scene.h"

namespace netstack::stack {
namespace {

using base::Error;
using base::Status;
using testing::AddressesOf;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::Ipv4;
using testing::PrefixesOf;
using testing::RouteOf;
using testing::StackScene;

// Each step as a call from outside: with an Entry of its own.
Status Do(const std::function<Error()>& step) {
  const base::Entry entry;
  return step().status();
}

class ChangeTest : public ::testing::Test {
 protected:
  ChangeTest() : link_(scene_.AddNic(1, {"192.168.0.1/24"})) {}

  size_t Replies(std::string_view destination, std::string_view source = "192.168.0.2") {
    link_->Inject(Build(Ipv4{.source = source, .destination = destination}, Icmp{}));
    return link_->TakeSent().size();
  }
  Status AddRoute(const RouteEntry& route) {
    return Do([&] { return scene_->AddRoutes({&route, 1}); });
  }
  Status RemoveRoute(const RouteEntry& route) {
    return Do([&] { return scene_->RemoveRoutes({&route, 1}); });
  }

  StackScene scene_;
  testing::FakeLink::Pointer link_;
};

TEST_F(ChangeTest, WithoutCommitEverythingIsAsItWas) {
  const base::Entry entry;
  {
    Change change(*scene_);
    Nic* const nic = change.FindNic(1);
    ASSERT_NE(nic, nullptr);
    EXPECT_EQ(change.FindNic(2), nullptr);
    ip::Interface& interface = change.Edit(*nic);
    EXPECT_EQ(&change.Edit(*nic), &interface);  // one draft
    interface.promiscuous = true;
    ASSERT_TRUE(nic->AddAddress(PrefixesOf({"10.0.0.1/8"})[0], &interface).ok());
    change.AddOnLinkRoute(1, PrefixesOf({"10.0.0.1/8"})[0]);
    change.draft().strict_routes = true;
    EXPECT_EQ(Replies("10.0.0.1"), 0u);  // packets see nothing of it
  }
  EXPECT_EQ(Replies("10.0.0.1"), 0u);
  EXPECT_EQ(Replies("192.168.0.1", "203.0.113.1"), 1u);
  EXPECT_EQ(scene_->AddAddresses(1, PrefixesOf({"10.0.0.1/8"})).status(), Status::kOk);
}

// An error anywhere in a bulk change takes all of it back.
TEST_F(ChangeTest, BulkChangesAreWholeOrNotAtAll) {
  const auto addresses = [&](std::initializer_list<std::string_view> texts) {
    return Do([&] { return scene_->AddAddresses(1, PrefixesOf(texts)); });
  };
  EXPECT_EQ(addresses({"10.0.0.1/8", "10.0.0.2/8", "192.168.0.1/24"}), Status::kBusy);
  EXPECT_EQ(addresses({"10.0.0.1/8", "10.0.0.1/8"}), Status::kBusy);
  EXPECT_EQ(addresses({"10.0.0.1/8", "224.0.0.1/8"}), Status::kInvalidArgument);
  EXPECT_EQ(Replies("10.0.0.1"), 0u);
  EXPECT_EQ(Replies("10.255.255.255"), 0u);
  EXPECT_EQ(addresses({"10.0.0.1/8", "10.0.0.2/8"}), Status::kOk);
  EXPECT_EQ(Replies("10.0.0.2"), 1u);
  EXPECT_EQ(Do([&] {
              return scene_->RemoveAddresses(1, AddressesOf({"10.0.0.1", "10.0.0.3"}));
            }),
            Status::kNotFound);
  EXPECT_EQ(Replies("10.0.0.1"), 1u);
  const auto routes = std::vector{RouteOf("172.16.0.0/12", 1), RouteOf("172.16.0.0/12", 2)};
  EXPECT_EQ(Do([&] { return scene_->AddRoutes(routes); }), Status::kNotFound);
  EXPECT_EQ(RemoveRoute(routes[0]), Status::kNotFound);
  EXPECT_EQ(Do([&] {
              return scene_->AddLocalPrefixes(1, PrefixesOf({"1.0.0.0/8", "1.0.0.1/8"}));
            }),
            Status::kInvalidArgument);
  EXPECT_EQ(Do([&] { return scene_->RemoveLocalPrefixes(1, PrefixesOf({"1.0.0.0/8"})); }),
            Status::kNotFound);
}

// Contract, section 2, rule 4: adding an address adds its on-link route. It
// goes with the last address that has it, and never with the user's own.
TEST_F(ChangeTest, OnLinkRoutesComeAndGoWithAddresses) {
  StackOptions options;
  options.strict_routes = true;
  StackScene strict(options);
  const auto link = strict.AddNic(1, {"10.0.0.1/24", "10.0.0.2/24", "10.9.0.1/32"});
  const auto answers = [&](std::string_view source) {
    link->Inject(Build(Ipv4{.source = source, .destination = "10.9.0.1"}, Icmp{}));
    return link->TakeSent().size() == 1;
  };
  const auto remove = [&](std::string_view address) {
    return Do([&] { return strict->RemoveAddresses(1, AddressesOf({address})); });
  };
  const RouteEntry route = RouteOf("10.0.0.0/24", 1);
  const auto add_route = [&] { return Do([&] { return strict->AddRoutes({&route, 1}); }); };
  const auto remove_route = [&] { return Do([&] { return strict->RemoveRoutes({&route, 1}); }); };

  EXPECT_TRUE(answers("10.0.0.9"));
  EXPECT_FALSE(answers("10.9.0.9"));             // a whole address alone has nobody on its link
  EXPECT_EQ(remove_route(), Status::kNotFound);  // it came with an address
  EXPECT_EQ(remove("10.0.0.1"), Status::kOk);
  EXPECT_TRUE(answers("10.0.0.9"));
  EXPECT_EQ(add_route(), Status::kOk);
  EXPECT_EQ(add_route(), Status::kBusy);
  EXPECT_EQ(remove("10.0.0.2"), Status::kOk);
  EXPECT_TRUE(answers("10.0.0.9"));  // the user's
  EXPECT_EQ(remove_route(), Status::kOk);
  EXPECT_FALSE(answers("10.0.0.9"));
  EXPECT_EQ(Do([&] { return strict->AddAddresses(1, PrefixesOf({"10.0.0.1/24"})); }), Status::kOk);
  EXPECT_EQ(add_route(), Status::kOk);
  EXPECT_EQ(remove_route(), Status::kOk);
  EXPECT_TRUE(answers("10.0.0.9"));  // the address's
}

TEST_F(ChangeTest, RoutesOfOnePrefixDifferByNicAndGateway) {
  const auto other = scene_.AddNic(2);
  const RouteEntry routes[] = {RouteOf("10.0.0.0/8", 1), RouteOf("10.0.0.0/8", 2),
                               RouteOf("10.0.0.0/8", 1, "192.168.0.9")};
  for (const RouteEntry& route : routes) EXPECT_EQ(AddRoute(route), Status::kOk);
  for (const RouteEntry& route : routes) EXPECT_EQ(AddRoute(route), Status::kBusy);
  EXPECT_EQ(RemoveRoute(routes[1]), Status::kOk);
  EXPECT_EQ(RemoveRoute(routes[1]), Status::kNotFound);
  EXPECT_EQ(RemoveRoute(routes[2]), Status::kOk);
  EXPECT_EQ(RemoveRoute(routes[0]), Status::kOk);
  EXPECT_EQ(AddRoute(RouteOf("10.0.0.1/8", 1)), Status::kInvalidArgument);
}

TEST_F(ChangeTest, RoutesGoWithTheirNic) {
  const auto other = scene_.AddNic(2, {"172.16.0.1/16"});
  EXPECT_EQ(AddRoute(RouteOf("10.0.0.0/8", 2)), Status::kOk);
  EXPECT_EQ(AddRoute(RouteOf("10.0.0.0/8", 1)), Status::kOk);
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(2); }), Status::kOk);
  EXPECT_EQ(RemoveRoute(RouteOf("10.0.0.0/8", 2)), Status::kNotFound);
  EXPECT_EQ(RemoveRoute(RouteOf("10.0.0.0/8", 1)), Status::kOk);
}

// What ends: counted by the destroy functions of the things themselves.
struct Ends {
  int links = 0;
  int captures = 0;
};

void AddCallbackNic(StackScene* scene, Ends* ends) {
  link::CallbackLink* link = nullptr;
  base::UserData data(ends, [](void* e) { ++static_cast<Ends*>(e)->links; });
  ASSERT_TRUE(link::CallbackLink::Make(
                  0, [](void*, const uint8_t*, size_t) { return 0; }, std::move(data), &link)
                  .ok());
  link::Capture* capture = nullptr;
  base::UserData capture_data(ends, [](void* e) { ++static_cast<Ends*>(e)->captures; });
  ASSERT_TRUE(link::Capture::ToFunction([](void*, const uint8_t*, size_t) {},
                                        std::move(capture_data), &capture)
                  .ok());
  EXPECT_EQ(Do([&] { return (*scene)->AddNic(1, link, {}); }), Status::kOk);
  EXPECT_EQ(Do([&] { return (*scene)->SetCapture(1, capture); }), Status::kOk);
  link->Unref();
  capture->Unref();
}

TEST(RetirementTest, ARemovedNicEndsItsLinkAndCaptureWhenNobodyIsInside) {
  Ends ends;
  StackScene scene;
  AddCallbackNic(&scene, &ends);
  {
    const base::Entry reader;  // may be looking at the old configuration
    EXPECT_EQ(Do([&] { return scene->RemoveNic(1); }), Status::kOk);
    EXPECT_EQ(ends.links, 0);
    EXPECT_EQ(ends.captures, 0);
  }
  EXPECT_EQ(ends.links, 1);
  EXPECT_EQ(ends.captures, 1);
}

TEST(RetirementTest, ACaptureThatIsTakenAwayEndsAtOnce) {
  Ends ends;
  StackScene scene;
  AddCallbackNic(&scene, &ends);
  EXPECT_EQ(Do([&] { return scene->SetCapture(1, nullptr); }), Status::kOk);
  EXPECT_EQ(ends.captures, 1);
  EXPECT_EQ(ends.links, 0);
}

TEST(RetirementTest, AFreedStackEndsEverything) {
  Ends ends;
  testing::ScriptedForwarder forwarder([](uint64_t) { return 1; });
  {
    StackScene scene;
    AddCallbackNic(&scene, &ends);
    EXPECT_EQ(Do([&] { return scene->SetForwarder(true, true, forwarder.get()); }), Status::kOk);
    forwarder.LetGo();
    EXPECT_EQ(forwarder.destroyed(), 0);
  }
  EXPECT_EQ(ends.links, 1);
  EXPECT_EQ(ends.captures, 1);
  EXPECT_EQ(forwarder.destroyed(), 1);
}

// However often NICs come and go, nothing adds up, read statistics or not.
TEST(RetirementTest, NothingIsLeftOfManyChanges) {
  StackScene scene;
  const auto cycle = [&] {
    const auto link = scene.AddNic(1, {"10.0.0.1/8", "a::1/64"});
    EXPECT_EQ(Do([&] { return scene->AddLocalPrefixes(1, PrefixesOf({"172.16.0.0/12"})); }),
              Status::kOk);
    link->Inject(Build(Ipv4{.source = "10.0.0.2", .destination = "10.0.0.1"}, Icmp{}));
    EXPECT_EQ(Do([&] { return scene->RemoveAddresses(1, AddressesOf({"a::1"})); }), Status::kOk);
    EXPECT_EQ(Do([&] { return scene->RemoveNic(1); }), Status::kOk);
  };
  for (int i = 0; i < 10; ++i) cycle();
  const int64_t before = testing::LiveAllocations();
  for (int i = 0; i < 100; ++i) cycle();
  EXPECT_LT(testing::LiveAllocations() - before, 20);
  EXPECT_EQ(scene.Count("ip.packets_received"), 110u);
}

TEST(RetirementTest, AddressesThatComeAndGoLeaveNothing) {
  StackScene scene;
  const auto link = scene.AddNic(1);
  const auto cycle = [&] {
    EXPECT_EQ(Do([&] { return scene->AddAddresses(1, PrefixesOf({"10.0.0.1/8"})); }), Status::kOk);
    EXPECT_EQ(Do([&] { return scene->RemoveAddresses(1, AddressesOf({"10.0.0.1"})); }),
              Status::kOk);
  };
  for (int i = 0; i < 100; ++i) cycle();
  const int64_t before = testing::LiveAllocations();
  for (int i = 0; i < 1000; ++i) cycle();
  // Configurations that wait to be freed are bounded.
  EXPECT_LT(testing::LiveAllocations() - before, 1000);
}

// Packets on two threads, all kinds of changes on a third: each packet sees one
// configuration whole. The address and its twin change places in each change.
TEST_F(ChangeTest, PacketsNeverStopAndSeeAWholeConfiguration) {
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> delivered{0};
  const auto inject = [&] {
    while (!stop.load()) {
      link_->Inject(Build(Ipv4{.source = "192.168.0.9", .destination = "192.168.0.1"}, Icmp{}));
      delivered.fetch_add(1);
      delivered.notify_one();
    }
  };
  std::thread one(inject);
  std::thread two(inject);
  for (int i = 0; i < 100; ++i) {
    delivered.wait(delivered.load());
    const bool even = i % 2 == 0;
    EXPECT_EQ(Do([&] {
                return even ? scene_->AddAddresses(1, PrefixesOf({"10.0.0.1/8", "a::1/64"}))
                            : scene_->RemoveAddresses(1, AddressesOf({"10.0.0.1", "a::1"}));
              }),
              Status::kOk);
    const RouteEntry route = RouteOf("172.16.0.0/12", 1);
    EXPECT_EQ(even ? AddRoute(route) : RemoveRoute(route), Status::kOk);
    EXPECT_EQ(Do([&] { return scene_->SetForwarder(true, true, nullptr); }), Status::kOk);
  }
  stop.store(true);
  one.join();
  two.join();
  EXPECT_EQ(link_->TakeSent().size(), delivered.load());
  EXPECT_EQ(scene_.Count("icmp.v4.sent.echo_reply"), delivered.load());
}

}  // namespace
}  // namespace netstack::stack

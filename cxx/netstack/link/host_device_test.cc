#include "netstack/link/host_device.h"

#include <gtest/gtest.h>

#include <string>

#include "netstack/testing/network_namespace.h"
#include "netstack/wire/text.h"

namespace netstack::link {
namespace {

using base::Status;

wire::Prefix Parse(const char* text) { return wire::ParsePrefix(text).value(); }

TEST(HostDeviceTest, HostAddressIsAUnicastAddress) {
  for (const char* const text : {"192.0.2.1/24", "10.0.0.0/8", "192.0.2.1/32", "2001:db8::1/64",
                                 "fe80::1/64", "2001:db8::/128"}) {
    EXPECT_TRUE(CheckHostAddress(Parse(text)).ok()) << text;
  }
  for (const char* const text : {"0.0.0.0/0", "224.0.0.1/24", "239.255.255.255/32",
                                 "255.255.255.255/32", "::/64", "::1/128", "ff02::1/64"}) {
    const base::Error error = CheckHostAddress(Parse(text));
    EXPECT_EQ(error.status(), Status::kInvalidArgument) << text;
    EXPECT_NE(error.message().find(text), std::string::npos) << error.message();
  }
}

#if defined(__linux__)

// The one device that every network has.
TEST(HostDeviceTest, TakesBackWhatItChangedUnlessKept) {
  EXPECT_TRUE(testing::InNetworkNamespace([] {
    uint32_t before = 0;
    uint32_t after = 0;
    for (const bool keep : {false, true}) {
      HostDevice device("lo");
      ASSERT_TRUE(device.Open().ok());
      ASSERT_TRUE(device.GetMtu(&before).ok());
      EXPECT_TRUE(device.SetMtu(4'000).ok());
      EXPECT_TRUE(device.SetMtu(3'000).ok());
      EXPECT_TRUE(device.AddAddress(Parse("192.0.2.1/24")).ok());
      if (keep) device.Keep();
    }
    HostDevice device("lo");
    ASSERT_TRUE(device.Open().ok());
    ASSERT_TRUE(device.GetMtu(&after).ok());
    EXPECT_EQ(before, 65'536u) << "taken back the first time";
    EXPECT_EQ(after, 3'000u);
  }));
}

TEST(HostDeviceTest, ErrorsNameTheDeviceAndTheValue) {
  EXPECT_TRUE(testing::InNetworkNamespace([] {
    const base::Error none = HostDevice("nosuch0").Open();
    EXPECT_EQ(none.status(), Status::kNotFound);
    EXPECT_NE(none.message().find("nosuch0"), std::string::npos) << none.message();

    HostDevice device("lo");
    ASSERT_TRUE(device.Open().ok());
    const base::Error refused = device.AddAddress(Parse("ff02::1/64"));
    EXPECT_EQ(refused.status(), Status::kInvalidArgument);
    EXPECT_NE(refused.message().find("lo does not take the host address ff02::1/64"),
              std::string::npos)
        << refused.message();
    EXPECT_TRUE(device.BringUp().ok());
    EXPECT_TRUE(device.BringUp().ok());
  }));
}

#endif  // defined(__linux__)

}  // namespace
}  // namespace netstack::link

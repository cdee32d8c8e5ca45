#include <gtest/gtest.h>
#include <netstack/version.h>

#include <string>

namespace {

TEST(Version, OfTheLibraryIsThatOfItsHeaders) {
  EXPECT_EQ(ns_abi_version(), NS_ABI_VERSION);
  EXPECT_STREQ(ns_version_string(), NS_VERSION_STRING);
}

TEST(Version, OfTheAbiIsMajorAndMinor) {
  EXPECT_EQ(ns_abi_version() >> 16, uint32_t{NS_VERSION_MAJOR});
  EXPECT_EQ(ns_abi_version() & 0xffff, uint32_t{NS_VERSION_MINOR});
}

TEST(Version, AsTextIsItsThreeNumbers) {
  EXPECT_EQ(std::to_string(NS_VERSION_MAJOR) + "." + std::to_string(NS_VERSION_MINOR) + "." +
                std::to_string(NS_VERSION_PATCH),
            ns_version_string());
}

}  // namespace

#include "netstack/ip/path_mtus.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace netstack::ip {
namespace {

using wire::Address;
using wire::Family;
using Outcome = PathMtus::Outcome;

constexpr uint32_t kLink = 1500;
constexpr uint64_t kSecond = 1'000'000'000;

PathMtus::Way WayTo(uint32_t host, uint32_t nic = 1) { return {nic, Address::Ipv4(host)}; }

class PathMtusTest : public ::testing::TestWithParam<Family> {
 protected:
  Outcome Lower(const PathMtus::Way& way, uint32_t mtu, uint64_t now = 0) {
    return mtus_.Lower(GetParam(), way, mtu, kLink, now);
  }
  uint32_t Find(const PathMtus::Way& way, uint64_t now = 0) {
    return mtus_.Find(GetParam(), way, kLink, now);
  }

  PathMtus mtus_{{}};
};

TEST_P(PathMtusTest, AWayIsAsWideAsItsLinkUntilSomebodyTells) {
  EXPECT_TRUE(mtus_.empty(GetParam()));
  EXPECT_EQ(Find(WayTo(1)), kLink);
  EXPECT_EQ(Lower(WayTo(1), 1400), Outcome::kTaken);
  EXPECT_FALSE(mtus_.empty(GetParam()));
  EXPECT_EQ(Find(WayTo(1)), 1400u);
  EXPECT_EQ(Find(WayTo(2)), kLink);
  EXPECT_EQ(Find(WayTo(1, 2)), kLink) << "another NIC";
  EXPECT_EQ(mtus_.Find(GetParam(), WayTo(1), 1300, 0), 1300u) << "a narrower link";
}

TEST_P(PathMtusTest, FamiliesHaveWaysOfTheirOwn) {
  const Family other = GetParam() == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4;
  EXPECT_EQ(Lower(WayTo(1), 1400), Outcome::kTaken);
  EXPECT_TRUE(mtus_.empty(other));
  EXPECT_EQ(mtus_.Find(other, WayTo(1), kLink, 0), kLink);
}

// RFC 1191 3, RFC 8201 4: no error makes a way wider.
TEST_P(PathMtusTest, OnlyLowerOnesAreTaken) {
  EXPECT_EQ(Lower(WayTo(1), kLink), Outcome::kNotLower);
  EXPECT_EQ(Lower(WayTo(1), kLink + 1), Outcome::kNotLower);
  EXPECT_TRUE(mtus_.empty(GetParam()));
  EXPECT_EQ(Lower(WayTo(1), 1400), Outcome::kTaken);
  EXPECT_EQ(Lower(WayTo(1), 1400), Outcome::kNotLower);
  EXPECT_EQ(Lower(WayTo(1), 1450), Outcome::kNotLower);
  EXPECT_EQ(Find(WayTo(1)), 1400u);
  EXPECT_EQ(Lower(WayTo(1), 1399), Outcome::kTaken);
  EXPECT_EQ(Find(WayTo(1)), 1399u);
  EXPECT_EQ(mtus_.held(GetParam()), 1u);
}

// RFC 1191 6.3, RFC 8201 4.
TEST_P(PathMtusTest, AfterTenMinutesItIsForgotten) {
  EXPECT_EQ(Lower(WayTo(1), 1400, 5), Outcome::kTaken);
  EXPECT_EQ(Lower(WayTo(2), 1400, kSecond), Outcome::kTaken);
  EXPECT_EQ(Find(WayTo(1), 0), 1400u) << "a clock that another thread read earlier";
  EXPECT_EQ(Find(WayTo(1), 5 + 600 * kSecond - 1), 1400u);
  EXPECT_EQ(Find(WayTo(1), 5 + 600 * kSecond), kLink);
  EXPECT_EQ(mtus_.held(GetParam()), 1u);
  EXPECT_EQ(Lower(WayTo(1), 1450, 600 * kSecond + 5), Outcome::kTaken) << "it may be wider now";
  // The time counts from what was told last.
  EXPECT_EQ(Lower(WayTo(2), 1390, 600 * kSecond + 6), Outcome::kTaken);
  EXPECT_EQ(Find(WayTo(2), 1200 * kSecond + 5), 1390u);
  EXPECT_EQ(Find(WayTo(2), UINT64_MAX), kLink);
  EXPECT_TRUE(mtus_.empty(GetParam()));
}

TEST_P(PathMtusTest, AtTheEndOfTimeNothingIsForgottenTooEarly) {
  EXPECT_EQ(Lower(WayTo(1), 1400, UINT64_MAX - 5), Outcome::kTaken);
  EXPECT_EQ(Find(WayTo(1), UINT64_MAX - 1), 1400u);
}

// Contract 6: what strangers can make us hold is bounded.
TEST_P(PathMtusTest, OfMoreThanThereIsRoomForThoseToldOfLastStay) {
  constexpr size_t kMost = PathMtus::Options{}.most;
  EXPECT_EQ(kMost, 1024u);
  for (uint32_t host = 0; host < kMost; ++host) {
    ASSERT_EQ(Lower(WayTo(host), 1400, host), Outcome::kTaken);
  }
  EXPECT_EQ(Lower(WayTo(0), 1399, kMost), Outcome::kTaken) << "not the oldest any more";
  for (uint32_t host = kMost; host < 5 * kMost; ++host) {
    ASSERT_EQ(Lower(WayTo(host), 1400, host), Outcome::kTakenForAnother);
    ASSERT_EQ(mtus_.held(GetParam()), kMost);
    ASSERT_EQ(Find(WayTo(host), host), 1400u) << "there is always room for one more";
    if (host == 2 * kMost - 2) {
      ASSERT_EQ(Find(WayTo(0), host), 1399u);
    }
  }
  EXPECT_EQ(Find(WayTo(0), 5 * kMost), kLink);
  EXPECT_EQ(Find(WayTo(4 * kMost - 1), 5 * kMost), kLink);
  EXPECT_EQ(Find(WayTo(4 * kMost), 5 * kMost), 1400u);
}

TEST_P(PathMtusTest, WithoutRoomForAnyNothingIsRemembered) {
  PathMtus none({.most = 0});
  none.Lower(GetParam(), WayTo(1), 1400, kLink, 0);
  EXPECT_TRUE(none.empty(GetParam()));
}

TEST_P(PathMtusTest, AnyThreadMayAskAndTell) {
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint32_t i = 0; i < 3000; ++i) {
        const PathMtus::Way way = WayTo(i, thread);
        Lower(way, 1280 + i % 100, i);
        const uint32_t mtu = Find(WayTo(i, (thread + 1) % 4), i);
        EXPECT_TRUE(mtu == kLink || mtu == 1280 + i % 100);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(mtus_.held(GetParam()), 1024u);
}

INSTANTIATE_TEST_SUITE_P(Of, PathMtusTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& each) {
                           return each.param == Family::kIpv4 ? "Ipv4" : "Ipv6";
                         });

}  // namespace
}  // namespace netstack::ip

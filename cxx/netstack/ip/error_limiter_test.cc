// The token bucket: reference, end of section 3.4.
#include "netstack/ip/error_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace netstack::ip {
namespace {

using wire::Family;

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kLastTime = UINT64_MAX - 1;

// Takes tokens until there are none, `most` at most.
uint32_t TakeAll(ErrorLimiter* limiter, uint64_t now, uint32_t most = 100'000) {
  uint32_t taken = 0;
  while (taken < most && limiter->Allow(Family::kIpv4, 3, 2, now)) ++taken;
  return taken;
}

TEST(ErrorLimiterTest, StartsFullAndRefillsAtWhateverTimeTheClockBegins) {
  for (const uint64_t start :
       {uint64_t{0}, uint64_t{1}, kSecond, UINT64_MAX / 2, UINT64_MAX - kSecond}) {
    ErrorLimiter limiter({});
    EXPECT_EQ(TakeAll(&limiter, start), 50u) << start;
    EXPECT_EQ(TakeAll(&limiter, start + kMillisecond - 1), 0u) << start;
    EXPECT_EQ(TakeAll(&limiter, start + kMillisecond), 1u) << start;
    EXPECT_EQ(TakeAll(&limiter, start + 11 * kMillisecond), 10u) << start;
    EXPECT_EQ(TakeAll(&limiter, start + 61 * kMillisecond - 1), 49u) << start;
    EXPECT_EQ(TakeAll(&limiter, start + 400 * kMillisecond), 50u) << start;
  }
}

TEST(ErrorLimiterTest, TheLastTimeOfAllHasABucketToo) {
  for (const uint64_t time : {kLastTime, UINT64_MAX}) {
    ErrorLimiter limiter({});
    EXPECT_EQ(TakeAll(&limiter, time), 50u);
    EXPECT_EQ(TakeAll(&limiter, time), 0u);
  }
  ErrorLimiter jumped({});
  EXPECT_EQ(TakeAll(&jumped, 0), 50u);
  EXPECT_EQ(TakeAll(&jumped, kLastTime), 50u);
  EXPECT_EQ(TakeAll(&jumped, kLastTime), 0u);
  ErrorLimiter largest({.per_second = 1, .burst = UINT32_MAX});
  EXPECT_EQ(TakeAll(&largest, kLastTime, 1000), 1000u);
}

// A time that another thread read a little earlier gives nothing, and takes nothing.
TEST(ErrorLimiterTest, AnEarlierTimeFindsWhatIsLeft) {
  ErrorLimiter limiter({.per_second = 1000, .burst = 2});
  EXPECT_TRUE(limiter.Allow(Family::kIpv4, 3, 2, kSecond));
  EXPECT_FALSE(limiter.Allow(Family::kIpv4, 3, 2, kSecond - 1));
  EXPECT_FALSE(limiter.Allow(Family::kIpv4, 3, 2, 0));
  EXPECT_TRUE(limiter.Allow(Family::kIpv4, 3, 2, kSecond));
  EXPECT_FALSE(limiter.Allow(Family::kIpv4, 3, 2, kSecond));
}

// Each token as soon as it is due, over a long time.
TEST(ErrorLimiterTest, DoesNotDrift) {
  const struct {
    uint32_t per_second;
    uint64_t interval;
  } rates[] = {{1, kSecond},     {2, kSecond / 2},   {3, 333'333'334},   {1000, kMillisecond},
               {999'999'999, 2}, {1'000'000'000, 1}, {4'000'000'000, 1}, {UINT32_MAX - 1, 1}};
  for (const auto& rate : rates) {
    ErrorLimiter limiter({.per_second = rate.per_second, .burst = 1});
    uint64_t now = 12'345;
    ASSERT_TRUE(limiter.Allow(Family::kIpv4, 3, 2, now)) << rate.per_second;
    for (int i = 0; i < 20'000; ++i) {
      ASSERT_FALSE(limiter.Allow(Family::kIpv4, 3, 2, now + rate.interval - 1)) << rate.per_second;
      now += rate.interval;
      ASSERT_TRUE(limiter.Allow(Family::kIpv4, 3, 2, now)) << rate.per_second;
    }
  }
}

TEST(ErrorLimiterTest, RatesOfNoneAndAny) {
  EXPECT_EQ(TakeAll(std::make_unique<ErrorLimiter>(ErrorLimiter::Options{0, 50}).get(), 0), 0u);
  EXPECT_EQ(TakeAll(std::make_unique<ErrorLimiter>(ErrorLimiter::Options{1000, 0}).get(), kSecond),
            0u);
  for (const uint32_t burst : {0u, 1u, UINT32_MAX}) {
    ErrorLimiter limiter({ErrorLimiter::kUnlimited, burst});
    EXPECT_EQ(TakeAll(&limiter, 0), 100'000u);
  }
}

TEST(ErrorLimiterTest, ANewRateBeginsWithAFullBucket) {
  ErrorLimiter limiter({});
  EXPECT_EQ(TakeAll(&limiter, kSecond), 50u);
  limiter.SetRate(10, 3);
  EXPECT_EQ(TakeAll(&limiter, kSecond), 3u);
  EXPECT_EQ(TakeAll(&limiter, kSecond + 100 * kMillisecond - 1), 0u);
  EXPECT_EQ(TakeAll(&limiter, kSecond + 100 * kMillisecond), 1u);
  limiter.SetRate(0, 3);
  EXPECT_EQ(TakeAll(&limiter, kLastTime), 0u);
  limiter.SetRate(ErrorLimiter::kUnlimited, 0);
  EXPECT_EQ(TakeAll(&limiter, 0), 100'000u);
}

// Types that cost a token, found out with an empty bucket.
std::set<int> LimitedTypes(ErrorLimiter* limiter, Family family, uint8_t code) {
  std::set<int> types;
  for (int type = 0; type < 256; ++type) {
    if (!limiter->Allow(family, static_cast<uint8_t>(type), code, 0)) types.insert(type);
  }
  return types;
}

TEST(ErrorLimiterTest, WhichTypesAreLimitedAtFirst) {
  ErrorLimiter limiter({0, 0});
  EXPECT_EQ(LimitedTypes(&limiter, Family::kIpv4, 0), (std::set<int>{3, 4, 11, 12}));
  EXPECT_EQ(LimitedTypes(&limiter, Family::kIpv4, 4), (std::set<int>{4, 11, 12}));
  std::set<int> errors;
  for (int type = 0; type < 128; ++type) {
    if (type != 2) errors.insert(type);
  }
  EXPECT_EQ(LimitedTypes(&limiter, Family::kIpv6, 0), errors);
  EXPECT_EQ(LimitedTypes(&limiter, Family::kIpv6, 4), errors);
}

TEST(ErrorLimiterTest, EveryTypeCanBeSetForItsFamilyAlone) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const Family other = family == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4;
    ErrorLimiter limiter({0, 0});
    const std::set<int> others = LimitedTypes(&limiter, other, 0);
    for (int type = 0; type < 256; ++type) {
      std::set<int> expected = LimitedTypes(&limiter, family, 0);
      for (const bool limited : {true, false}) {
        limiter.SetLimited(family, static_cast<uint8_t>(type), limited);
        if (limited) {
          expected.insert(type);
        } else {
          expected.erase(type);
        }
        ASSERT_EQ(LimitedTypes(&limiter, family, 0), expected) << type;
      }
    }
    EXPECT_EQ(LimitedTypes(&limiter, other, 0), others);
  }
  ErrorLimiter limiter({0, 0});
  limiter.SetLimited(Family::kIpv4, 3, true);
  EXPECT_TRUE(limiter.Allow(Family::kIpv4, 3, 4, 0)) << "never Fragmentation Needed";
}

TEST(ErrorLimiterTest, WhatIsNotLimitedCostsNothing) {
  ErrorLimiter limiter({});
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(limiter.Allow(Family::kIpv4, 3, 4, 0));
    ASSERT_TRUE(limiter.Allow(Family::kIpv4, 0, 0, 0));
    ASSERT_TRUE(limiter.Allow(Family::kIpv6, 2, 0, 0));
    ASSERT_TRUE(limiter.Allow(Family::kIpv6, 129, 0, 0));
  }
  EXPECT_EQ(TakeAll(&limiter, 0), 50u);
}

TEST(ErrorLimiterTest, BothFamiliesTakeFromOneBucket) {
  ErrorLimiter limiter({});
  for (int i = 0; i < 25; ++i) {
    ASSERT_TRUE(limiter.Allow(Family::kIpv4, 11, 0, 0));
    ASSERT_TRUE(limiter.Allow(Family::kIpv6, 4, 1, 0));
  }
  EXPECT_FALSE(limiter.Allow(Family::kIpv4, 12, 0, 0));
  EXPECT_FALSE(limiter.Allow(Family::kIpv6, 1, 4, 0));
}

TEST(ErrorLimiterTest, ThreadsTogetherGetNoMoreAndNoLess) {
  constexpr uint32_t kThreads = 4;
  constexpr uint64_t kTimes = 2000;
  ErrorLimiter limiter({.per_second = 1000, .burst = 10});
  std::atomic<uint64_t> now{kSecond};
  std::atomic<uint64_t> allowed{0};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const uint64_t time = now.load();
        if (time > kSecond + kTimes * kMillisecond) return;
        if (limiter.Allow(Family::kIpv4, 3, 2, time)) {
          ++allowed;
        } else {
          uint64_t expected = time;
          now.compare_exchange_strong(expected, time + kMillisecond);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 10 + kTimes);
}

}  // namespace
}  // namespace netstack::ip

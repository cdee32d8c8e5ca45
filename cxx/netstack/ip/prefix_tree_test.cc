#include "netstack/ip/prefix_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <optional>
#include <random>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/wire/address.h"

namespace netstack::ip {
namespace {

using testing::AddressOf;
using testing::PrefixOf;
using wire::Address;
using wire::Family;

using Tree = PrefixTree<int>;

// Longest, as long as the value is not 0.
const int* Longest(const Tree& tree, std::string_view address) {
  return tree.Longest(AddressOf(address), [](int value) { return value != 0; });
}

void Set(Tree* tree, std::string_view text, int value, uint32_t order = 0) {
  const wire::Prefix prefix = PrefixOf(text);
  tree->Set(prefix.address, prefix.length, value, order);
}

// The same by going through a list.
class SlowTree {
 public:
  struct Entry {
    Address prefix;
    uint32_t length;
    int value;
    uint32_t order;
  };

  void Set(Address prefix, uint32_t length, int value, uint32_t order) {
    Erase(prefix, length);
    entries_.push_back({prefix, length, value, order});
  }
  bool Erase(Address prefix, uint32_t length) {
    return std::erase_if(entries_, [&](const Entry& e) {
             return e.prefix == prefix && e.length == length;
           }) != 0;
  }
  [[nodiscard]] const int* Find(Address prefix, uint32_t length) const {
    for (const Entry& e : entries_) {
      if (e.prefix == prefix && e.length == length) return &e.value;
    }
    return nullptr;
  }
  template <typename Accepts>
  [[nodiscard]] const int* Longest(Address address, Accepts accepts) const {
    const Entry* best = nullptr;
    for (const Entry& e : entries_) {
      if (wire::Masked(address, e.length) != e.prefix || !accepts(e.value)) continue;
      if (best == nullptr || e.length > best->length) best = &e;
    }
    return best != nullptr ? &best->value : nullptr;
  }
  [[nodiscard]] std::optional<Entry> Nearest(Address address) const {
    std::optional<Entry> best;
    for (const Entry& e : entries_) {
      const auto rank = [&](const Entry& x) {
        return std::tuple(128 - wire::CommonPrefix(address, x.prefix), x.order);
      };
      if (!best || rank(e) < rank(*best)) best = e;
    }
    return best;
  }
  // In order of prefixes, the shorter first.
  [[nodiscard]] std::vector<Entry> Sorted() const {
    std::vector<Entry> sorted = entries_;
    std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.prefix, a.length) < std::tie(b.prefix, b.length);
    });
    return sorted;
  }
  [[nodiscard]] const Entry& entry(size_t index) const { return entries_[index]; }
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

std::vector<std::tuple<Address, uint32_t, int>> Contents(const Tree& tree) {
  std::vector<std::tuple<Address, uint32_t, int>> contents;
  tree.ForEach([&](Address prefix, uint32_t length, int value) {
    contents.emplace_back(prefix, length, value);
  });
  return contents;
}
std::vector<std::tuple<Address, uint32_t, int>> Contents(const SlowTree& tree) {
  std::vector<std::tuple<Address, uint32_t, int>> contents;
  for (const auto& e : tree.Sorted()) contents.emplace_back(e.prefix, e.length, e.value);
  return contents;
}

class Numbers {
 public:
  explicit Numbers(uint64_t seed) : engine_(seed) {}
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(engine_() % limit); }
  // Few different bits, so that addresses share long prefixes.
  Address NextAddress(Family family) {
    Address address;
    for (uint32_t i = 0; i < wire::AddressBits(family); ++i) {
      const uint64_t bit = Below(4) == 0 ? 1 : 0;
      (i < 64 ? address.high : address.low) |= bit << (63 - (i & 63));
    }
    return address;
  }
  // Mostly an address near one that is there.
  Address Near(Family family, const SlowTree& tree) {
    if (tree.size() == 0 || Below(4) == 0) return NextAddress(family);
    Address address = tree.entry(Below(static_cast<uint32_t>(tree.size()))).prefix;
    const uint32_t bit = Below(wire::AddressBits(family));
    (bit < 64 ? address.high : address.low) ^= uint64_t{1} << (63 - (bit & 63));
    return address;
  }

 private:
  std::mt19937_64 engine_;
};

TEST(PrefixTreeTest, AnEmptyTreeHasNothing) {
  const Tree tree;
  EXPECT_TRUE(tree.empty());
  EXPECT_EQ(tree.Find({}, 0), nullptr);
  EXPECT_EQ(Longest(tree, "192.0.2.1"), nullptr);
  EXPECT_FALSE(tree.Holds({}));
  EXPECT_FALSE(tree.Nearest({}).has_value());
  EXPECT_FALSE(tree.Lowest().has_value());
  EXPECT_TRUE(Contents(tree).empty());
}

TEST(PrefixTreeTest, TheLongestPrefixThatHoldsTheAddressWins) {
  Tree tree;
  Set(&tree, "10.0.0.0/8", 8);
  Set(&tree, "10.1.0.0/16", 16);
  Set(&tree, "10.1.2.0/24", 24);
  Set(&tree, "10.1.2.3/32", 32);
  const struct {
    const char* address;
    int value;  // 0: none
  } cases[] = {{"10.1.2.3", 32}, {"10.1.2.4", 24}, {"10.1.3.3", 16},     {"10.2.2.3", 8},
               {"11.1.2.3", 0},  {"0.0.0.0", 0},   {"10.255.255.255", 8}};
  for (const auto& c : cases) {
    const int* const found = Longest(tree, c.address);
    EXPECT_EQ(found != nullptr ? *found : 0, c.value) << c.address;
  }
}

TEST(PrefixTreeTest, APrefixThatIsNotAcceptedGivesWayToAShorterOne) {
  Tree tree;
  Set(&tree, "2001:db8::/32", 1);
  Set(&tree, "2001:db8:1::/48", 0);  // Longest() below does not take it
  EXPECT_EQ(*Longest(tree, "2001:db8:1::1"), 1);
}

TEST(PrefixTreeTest, PrefixOfLengthZeroHoldsEverything) {
  Tree tree;
  Set(&tree, "::/0", 5);
  EXPECT_TRUE(tree.Holds({}));
  EXPECT_TRUE(tree.Holds({UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(*tree.Find({}, 0), 5);
  EXPECT_TRUE(tree.Erase({}, 0));
  EXPECT_TRUE(tree.empty());
}

TEST(PrefixTreeTest, BothEndsOfTheLengthAreTold) {
  Tree tree;
  Set(&tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 1);
  Set(&tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128", 2);
  Set(&tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 3);
  EXPECT_EQ(*Longest(tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 1);
  EXPECT_EQ(*Longest(tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"), 2);
  EXPECT_EQ(tree.size(), 3u);
  EXPECT_TRUE(tree.Erase(AddressOf("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 128));
  EXPECT_EQ(*Longest(tree, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 3);
}

TEST(PrefixTreeTest, SetReplacesAndEraseTellsWhetherItWasThere) {
  Tree tree;
  Set(&tree, "192.0.2.0/24", 1);
  Set(&tree, "192.0.2.0/24", 2);
  EXPECT_EQ(tree.size(), 1u);
  EXPECT_EQ(*tree.Find(AddressOf("192.0.2.0"), 24), 2);
  EXPECT_FALSE(tree.Erase(AddressOf("192.0.2.0"), 25));
  EXPECT_FALSE(tree.Erase(AddressOf("192.0.3.0"), 24));
  EXPECT_TRUE(tree.Erase(AddressOf("192.0.2.0"), 24));
  EXPECT_FALSE(tree.Erase(AddressOf("192.0.2.0"), 24));
  EXPECT_TRUE(tree.empty());
}

// The node that parts two prefixes is no entry.
TEST(PrefixTreeTest, AForkIsNoEntry) {
  Tree tree;
  Set(&tree, "10.0.0.0/24", 1);
  Set(&tree, "10.0.1.0/24", 2);
  EXPECT_EQ(tree.Find(AddressOf("10.0.0.0"), 23), nullptr);
  EXPECT_FALSE(tree.Erase(AddressOf("10.0.0.0"), 23));
  Set(&tree, "10.0.0.0/23", 3);
  EXPECT_TRUE(tree.Erase(AddressOf("10.0.0.0"), 23));
  EXPECT_EQ(tree.Find(AddressOf("10.0.0.0"), 23), nullptr);
  EXPECT_EQ(Contents(tree).size(), 2u);
}

TEST(PrefixTreeTest, NearestSharesTheMostBitsAndOfEqualsTheLowestOrder) {
  Tree tree;
  const auto set = [&](std::string_view address, uint32_t order) {
    tree.Set(AddressOf(address), 128, 0, order);
  };
  set("10.0.0.9", 3);
  set("10.0.0.1", 2);
  set("192.168.0.1", 1);
  EXPECT_EQ(tree.Nearest(AddressOf("10.0.0.8"))->address, AddressOf("10.0.0.9"));
  EXPECT_EQ(tree.Nearest(AddressOf("10.0.0.2"))->address, AddressOf("10.0.0.1"));
  EXPECT_EQ(tree.Nearest(AddressOf("10.0.0.128"))->address, AddressOf("10.0.0.1"));
  EXPECT_EQ(tree.Nearest(AddressOf("172.16.0.1"))->address, AddressOf("192.168.0.1"));
  EXPECT_EQ(tree.Nearest(AddressOf("10.0.0.9"))->common, 128u);
}

TEST(PrefixTreeTest, TheLowestOrderIsKnownAtTheTop) {
  Tree tree;
  Set(&tree, "10.0.0.0/8", 1, 5);
  EXPECT_EQ(tree.Lowest(), AddressOf("10.0.0.0"));
  Set(&tree, "10.1.2.3/32", 1, 3);
  Set(&tree, "192.0.2.0/24", 1, 4);
  EXPECT_EQ(tree.Lowest(), AddressOf("10.1.2.3"));
  Set(&tree, "192.0.2.0/24", 1, 2);
  EXPECT_EQ(tree.Lowest(), AddressOf("192.0.2.0"));
  const Tree copy = tree;
  const wire::Prefix lowest = PrefixOf("192.0.2.0/24");
  EXPECT_TRUE(tree.Erase(lowest.address, lowest.length));
  EXPECT_EQ(tree.Lowest(), AddressOf("10.1.2.3"));
  EXPECT_EQ(copy.Lowest(), AddressOf("192.0.2.0"));
}

TEST(PrefixTreeTest, NearestForgetsWhoWasErased) {
  Tree tree;
  tree.Set(AddressOf("a::1"), 128, 0, 1);
  tree.Set(AddressOf("a::2"), 128, 0, 2);
  tree.Set(AddressOf("a::3"), 128, 0, 3);
  EXPECT_EQ(tree.Nearest(AddressOf("b::"))->address, AddressOf("a::1"));
  tree.Erase(AddressOf("a::1"), 128);
  EXPECT_EQ(tree.Nearest(AddressOf("b::"))->address, AddressOf("a::2"));
  tree.Set(AddressOf("a::2"), 128, 0, 9);
  EXPECT_EQ(tree.Nearest(AddressOf("b::"))->address, AddressOf("a::3"));
}

class RandomPrefixes : public ::testing::TestWithParam<std::tuple<Family, uint64_t>> {
 protected:
  Family family() const { return std::get<0>(GetParam()); }
  uint64_t seed() const { return std::get<1>(GetParam()); }

  static void ExpectSameAnswers(const Tree& tree, const SlowTree& slow, Address address) {
    const auto same = [](const int* a, const int* b) {
      return a == nullptr || b == nullptr ? a == b : *a == *b;
    };
    const auto all = [](int) { return true; };
    const auto odd = [](int value) { return value % 2 == 1; };
    EXPECT_TRUE(same(tree.Longest(address, all), slow.Longest(address, all)));
    EXPECT_TRUE(same(tree.Longest(address, odd), slow.Longest(address, odd)));
    EXPECT_EQ(tree.Holds(address), slow.Longest(address, all) != nullptr);
  }
};

TEST_P(RandomPrefixes, AnswerLikeAList) {
  Numbers numbers(seed());
  Tree tree;
  SlowTree slow;
  for (int step = 0; step < 800; ++step) {
    const uint32_t length = numbers.Below(wire::AddressBits(family()) + 1u);
    const Address prefix = wire::Masked(numbers.Near(family(), slow), length);
    if (numbers.Below(3) == 0) {
      ASSERT_EQ(tree.Erase(prefix, length), slow.Erase(prefix, length));
    } else {
      tree.Set(prefix, length, step, 0);
      slow.Set(prefix, length, step, 0);
    }
    if (numbers.Below(20) == 0 && slow.size() != 0) {  // one that is there
      const auto gone = slow.entry(numbers.Below(static_cast<uint32_t>(slow.size())));
      ASSERT_TRUE(tree.Erase(gone.prefix, gone.length));
      slow.Erase(gone.prefix, gone.length);
    }
    ASSERT_EQ(tree.size(), slow.size());
    const int* const found = tree.Find(prefix, length);
    const int* const expected = slow.Find(prefix, length);
    ASSERT_EQ(found != nullptr, expected != nullptr);
    if (found != nullptr) {
      ASSERT_EQ(*found, *expected);
    }
    ExpectSameAnswers(tree, slow, numbers.Near(family(), slow));
  }
  EXPECT_EQ(Contents(tree), Contents(slow));
}

TEST_P(RandomPrefixes, WholeAddressesAreFoundByNearnessLikeInAList) {
  Numbers numbers(seed());
  Tree tree;
  SlowTree slow;
  for (uint32_t step = 0; step < 800; ++step) {
    const Address address = numbers.Near(family(), slow);
    if (numbers.Below(3) == 0 && slow.size() > 1) {
      const Address gone = slow.entry(numbers.Below(static_cast<uint32_t>(slow.size()))).prefix;
      tree.Erase(gone, 128);
      slow.Erase(gone, 128);
    } else {
      const uint32_t order = (step * 7919) % 1009;  // all different, not rising
      tree.Set(address, 128, 0, order);
      slow.Set(address, 128, 0, order);
    }
    const Address remote = numbers.Near(family(), slow);
    const auto nearest = tree.Nearest(remote);
    const auto expected = slow.Nearest(remote);
    ASSERT_TRUE(nearest.has_value());
    EXPECT_EQ(nearest->address, expected->prefix);
    EXPECT_EQ(nearest->order, expected->order);
    EXPECT_EQ(nearest->common, wire::CommonPrefix(remote, expected->prefix));
  }
}

// Every twentieth version is kept, and looked at again at the end.
TEST_P(RandomPrefixes, OldCopiesNeverChange) {
  Numbers numbers(seed());
  Tree tree;
  SlowTree slow;
  std::vector<std::pair<Tree, SlowTree>> snapshots;
  for (int step = 0; step < 500; ++step) {
    const uint32_t length = numbers.Below(wire::AddressBits(family()) + 1u);
    const Address prefix = wire::Masked(numbers.Near(family(), slow), length);
    if (numbers.Below(3) == 0) {
      tree.Erase(prefix, length);
      slow.Erase(prefix, length);
    } else {
      tree.Set(prefix, length, step);
      slow.Set(prefix, length, step, 0);
    }
    if (step % 20 == 0) snapshots.emplace_back(tree, slow);
  }
  tree = Tree();
  for (const auto& [then, slow_then] : snapshots) {
    ASSERT_EQ(then.size(), slow_then.size());
    ASSERT_EQ(Contents(then), Contents(slow_then));
    for (int i = 0; i < 20; ++i) {
      ExpectSameAnswers(then, slow_then, numbers.Near(family(), slow_then));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothWidths, RandomPrefixes,
                         ::testing::Combine(::testing::Values(Family::kIpv4, Family::kIpv6),
                                            ::testing::Values(1u, 2u, 3u)));

// A value that counts how often one was copied.
struct Copied {
  explicit Copied(int* c) : count(c) {}
  Copied(const Copied& other) : count(other.count) { ++*count; }
  Copied(Copied&& other) = default;
  Copied& operator=(const Copied&) = delete;
  Copied& operator=(Copied&&) = default;
  ~Copied() = default;
  int* count;
};

TEST(PrefixTreeTest, WhatNobodyElseSeesIsChangedInPlace) {
  int copies = 0;
  PrefixTree<Copied> tree;
  for (uint32_t i = 0; i < 1000; ++i) tree.Set(Address::Ipv4(i << 8), 24, Copied(&copies));
  for (uint32_t i = 0; i < 500; ++i) tree.Erase(Address::Ipv4(i << 8), 24);
  EXPECT_EQ(copies, 0);
}

TEST(PrefixTreeTest, AChangeOfASharedTreeCopiesOnlyTheWayDown) {
  int copies = 0;
  PrefixTree<Copied> tree;
  // Each prefix holds the next: the way to the last is all of them.
  for (uint32_t length = 1; length <= 32; ++length) tree.Set({}, length, Copied(&copies));
  // And many that are not on it.
  for (uint32_t i = 0; i < 1000; ++i) {
    tree.Set(Address::Ipv4(0x8000'0000u | i << 8), 24, Copied(&copies));
  }
  const PrefixTree<Copied> old = tree;
  tree.Set({}, 32, Copied(&copies));
  EXPECT_GE(copies, 31);
  EXPECT_LE(copies, 32);
  EXPECT_EQ(old.size(), tree.size());
}

// Throws when it is copied too often, as if memory were short.
struct Fragile {
  explicit Fragile(int* l) : left(l) {}
  Fragile(const Fragile& other) : left(other.left) {
    if ((*left)-- == 0) throw std::bad_alloc();
  }
  Fragile(Fragile&& other) = default;
  Fragile& operator=(Fragile&&) = default;
  Fragile& operator=(const Fragile&) = delete;
  ~Fragile() = default;
  int* left;
};

TEST(PrefixTreeTest, OldCopiesSurviveAChangeThatFailsHalfway) {
  for (int allowed = 0; allowed < 5; ++allowed) {
    int left = 1000;
    PrefixTree<Fragile> tree;
    for (uint32_t length = 20; length <= 28; ++length) tree.Set({}, length, Fragile(&left));
    const PrefixTree<Fragile> old = tree;
    left = allowed;
    EXPECT_THROW(tree.Set({}, 30, Fragile(&left)), std::bad_alloc);
    left = 1000;
    tree = old;
    for (uint32_t length = 20; length <= 28; ++length) EXPECT_NE(tree.Find({}, length), nullptr);
    tree.Set({}, 30, Fragile(&left));
    EXPECT_EQ(tree.size(), 10u);
  }
}

TEST(PrefixTreeTest, AMillionAddressesAreBuiltAndFound) {
#if defined(NETSTACK_BASE_THREAD_SANITIZER)
  constexpr uint32_t kCount = 100'000;
#else
  constexpr uint32_t kCount = 1'000'000;
#endif
  const auto nth = [](uint32_t i) { return Address::Ipv4(i * 2'654'435'761u); };  // a permutation
  Tree tree;
  for (uint32_t i = 0; i < kCount; ++i) tree.Set(nth(i), 32, static_cast<int>(i), i);
  EXPECT_EQ(tree.size(), kCount);
  const Tree copy = tree;
  for (uint32_t i = 0; i < kCount; i += 1000) EXPECT_TRUE(tree.Erase(nth(i), 32));
  for (uint32_t i = 0; i < kCount; i += 500) {
    EXPECT_EQ(tree.Holds(nth(i)), i % 1000 != 0);
    EXPECT_EQ(*copy.Find(nth(i), 32), static_cast<int>(i));
  }
}

}  // namespace
}  // namespace netstack::ip

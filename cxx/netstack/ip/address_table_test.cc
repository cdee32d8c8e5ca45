#include "netstack/ip/address_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/registry.h"
#include "netstack/testing/allocations.h"
#include "netstack/testing/ip_scene.h"

namespace netstack::ip {
namespace {

using testing::AddressOf;
using wire::Address;

constexpr uint8_t kAssigned = AddressFacts::kAssigned;
constexpr uint8_t kBroadcast = AddressFacts::kBroadcast;
constexpr uint8_t kJoined = AddressFacts::kJoined;

AddressFacts Facts(uint8_t flags, uint8_t length = 24) { return {flags, length}; }
Address Nth(uint32_t i) { return Address::Ipv4(0x0a00'0000u + i); }

using Contents = std::map<Address, AddressFacts>;

Contents Of(const AddressTable& table) {
  Contents contents;
  table.ForEach([&](Address address, AddressFacts facts) {
    EXPECT_TRUE(contents.emplace(address, facts).second) << "twice";
  });
  return contents;
}
// Of a view, which can only be asked: the addresses below `limit`.
Contents Of(const AddressTable::View& view, uint32_t limit) {
  Contents contents;
  for (uint32_t i = 0; i < limit; ++i) {
    const AddressFacts facts = view.Find(Nth(i));
    if (facts.flags != 0) contents.emplace(Nth(i), facts);
  }
  return contents;
}

// The table as a map, with its counts of references.
struct Slow {
  struct Entry {
    AddressFacts facts;
    uint32_t references = 0;
  };
  std::map<Address, Entry> entries;

  void Set(Address address, AddressFacts facts) {
    if (facts.flags == 0) {
      entries.erase(address);
    } else {
      entries[address].facts = facts;
    }
  }
  void AddReference(Address address, uint8_t flag) {
    entries[address].facts.flags |= flag;
    ++entries[address].references;
  }
  void DropReference(Address address, uint8_t flag) {
    Entry& entry = entries[address];
    if (--entry.references != 0) return;
    entry.facts.flags = static_cast<uint8_t>(entry.facts.flags & ~flag);
    if (entry.facts.flags == 0) entries.erase(address);
  }
  [[nodiscard]] Contents contents() const {
    Contents all;
    for (const auto& [address, entry] : entries) all.emplace(address, entry.facts);
    return all;
  }
};

TEST(AddressFactsTest, AnAssignedAddressIsABroadcastAddressOnlyOfItsOwnSubnet) {
  const struct {
    uint8_t flags;
    bool broadcast;
  } cases[] = {
      {kBroadcast, true},
      {kAssigned, false},
      {kAssigned | kBroadcast, false},  // another subnet's
      {kAssigned | AddressFacts::kOwnBroadcast | kBroadcast, true},
      {AddressFacts::kGroup, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Facts(c.flags).broadcast(), c.broadcast) << int{c.flags};
  }
}

// Whoever keeps a view stays in the Entry in which it was taken.
class AddressTableTest : public ::testing::Test {
 private:
  const base::Entry entry_;
};

TEST_F(AddressTableTest, AViewOfNothingFindsNothing) {
  EXPECT_EQ(AddressTable::View().Find({}).flags, 0);
  AddressTable table(1);
  EXPECT_EQ(table.view().Find({}).flags, 0);
  EXPECT_TRUE(Of(table).empty());
}

// All bits 0 is an address like any other: it must not look like a free slot.
TEST_F(AddressTableTest, TheUnspecifiedAddressIsAKeyLikeAnyOther) {
  AddressTable table(1);
  table.Set(AddressOf("192.0.2.1"), Facts(kAssigned));
  table.Commit();
  EXPECT_EQ(table.view().Find({}).flags, 0);
  table.Set({}, Facts(kJoined));
  table.Commit();
  EXPECT_EQ(table.view().Find({}).flags, kJoined);
}

TEST_F(AddressTableTest, ChangesShowAfterCommitAndInLaterViewsOnly) {
  AddressTable table(1);
  const Address address = AddressOf("192.0.2.1");
  const auto before = table.view();
  table.Set(address, Facts(kAssigned));
  EXPECT_EQ(table.FindPending(address), Facts(kAssigned));
  const auto during = table.view();
  EXPECT_EQ(during.Find(address).flags, 0);
  table.Commit();
  const auto after = table.view();
  EXPECT_EQ(after.Find(address), Facts(kAssigned));
  table.Set(address, {});
  table.Commit();
  EXPECT_EQ(table.view().Find(address).flags, 0);
  EXPECT_EQ(before.Find(address).flags, 0);
  EXPECT_EQ(during.Find(address).flags, 0);
  EXPECT_EQ(after.Find(address), Facts(kAssigned));
}

TEST_F(AddressTableTest, RollbackBringsBackWhatWasRemovedChangedOrAdded) {
  AddressTable table(1);
  table.Set(Nth(1), Facts(kAssigned));
  table.Set(Nth(2), Facts(kAssigned));
  table.Commit();
  const Contents before = Of(table);
  table.Set(Nth(1), {});
  table.Set(Nth(2), Facts(kAssigned | kBroadcast, 8));
  table.Set(Nth(2), Facts(kAssigned, 9));
  table.Set(Nth(3), Facts(kJoined));
  table.Set(Nth(3), {});
  table.Set(Nth(1), Facts(kJoined));
  table.Rollback();
  EXPECT_EQ(Of(table), before);
  EXPECT_EQ(table.FindPending(Nth(1)), Facts(kAssigned));
  EXPECT_EQ(table.FindPending(Nth(2)), Facts(kAssigned));
  EXPECT_EQ(table.FindPending(Nth(3)).flags, 0);
  table.Commit();  // of nothing
  EXPECT_EQ(Of(table), before);
}

// 20 addresses are more than any first table holds: it grows on the way.
TEST_F(AddressTableTest, RollbackAfterTheTableGrewInTheMiddle) {
  for (uint32_t count = 0; count < 40; ++count) {
    AddressTable table(count);
    table.Set(Nth(0), Facts(kAssigned));
    table.AddReference(Nth(1), kBroadcast);
    table.Commit();
    const Contents before = Of(table);
    const auto view = table.view();
    table.Set(Nth(0), {});
    table.AddReference(Nth(1), kBroadcast);
    for (uint32_t i = 2; i < count; ++i) table.Set(Nth(i), Facts(kJoined));
    table.DropReference(Nth(1), kBroadcast);
    table.DropReference(Nth(1), kBroadcast);
    EXPECT_EQ(table.FindPending(Nth(1)).flags, 0);
    table.Rollback();
    EXPECT_EQ(Of(table), before) << count;
    EXPECT_EQ(Of(view, 50), before) << count;
    // The count of references is back as well: one.
    table.DropReference(Nth(1), kBroadcast);
    table.Commit();
    EXPECT_EQ(table.view().Find(Nth(1)).flags, 0) << count;
  }
}

TEST_F(AddressTableTest, TheFlagGoesWithTheLastReference) {
  AddressTable table(1);
  table.AddReference(Nth(1), kBroadcast);
  table.AddReference(Nth(1), kBroadcast);
  table.Commit();
  table.DropReference(Nth(1), kBroadcast);
  table.Commit();
  EXPECT_EQ(table.view().Find(Nth(1)).flags, kBroadcast);
  table.DropReference(Nth(1), kBroadcast);
  table.Commit();
  EXPECT_EQ(table.view().Find(Nth(1)).flags, 0);
}

TEST_F(AddressTableTest, HostBitsTellWhatIsNoBroadcastAddress) {
  AddressTable table(1);
  table.AddReference(AddressOf("255.255.255.255"), kBroadcast);
  table.Set(AddressOf("10.0.0.2"), Facts(kAssigned, 32));
  table.Commit();
  const AddressTable::View limited = table.view();
  table.AddReference(AddressOf("10.0.0.255"), kBroadcast);
  table.Commit();
  const AddressTable::View of_24 = table.view();
  table.AddReference(AddressOf("203.0.113.131"), kBroadcast);
  table.Commit();
  const AddressTable::View of_30 = table.view();
  const struct {
    const char* address;
    bool limited;
    bool of_24;
    bool of_30;
  } cases[] = {
      {"255.255.255.255", true, true, true}, {"10.0.0.255", false, true, true},
      {"192.0.2.255", false, true, true},    {"203.0.113.131", false, false, true},
      {"192.0.2.127", false, false, true},   {"10.0.0.2", false, false, false},
      {"10.0.0.254", false, false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(limited.MayBeBroadcast(AddressOf(c.address)), c.limited) << c.address;
    EXPECT_EQ(of_24.MayBeBroadcast(AddressOf(c.address)), c.of_24) << c.address;
    EXPECT_EQ(of_30.MayBeBroadcast(AddressOf(c.address)), c.of_30) << c.address;
  }
}

TEST_F(AddressTableTest, ALargeTableFindsWhatItHoldsAndNothingElse) {
  constexpr uint32_t kMany = 60'000;
  AddressTable table(1);
  for (uint32_t i = 0; i < kMany; ++i) table.Set(Nth(i), Facts(kAssigned));
  table.Commit();
  const AddressTable::View all = table.view();
  for (uint32_t i = 0; i < kMany; i += 3) table.Set(Nth(i), {});
  for (uint32_t i = 1; i < kMany; i += 3) table.Set(Nth(i), Facts(kJoined));
  table.Commit();
  const AddressTable::View changed = table.view();
  const AddressFacts expected[] = {{}, Facts(kJoined), Facts(kAssigned)};
  for (uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(all.Find(Nth(i)), Facts(kAssigned)) << i;
    ASSERT_EQ(changed.Find(Nth(i)), expected[i % 3]) << i;
    ASSERT_EQ(changed.Find(Nth(kMany + i)), AddressFacts{}) << i;
  }
}

TEST_F(AddressTableTest, ReferencesOutliveSet) {
  AddressTable table(1);
  table.AddReference(Nth(1), kBroadcast);
  table.AddReference(Nth(1), kBroadcast);
  table.Set(Nth(1), Facts(kAssigned | kBroadcast));
  table.Commit();
  table.DropReference(Nth(1), kBroadcast);
  table.Set(Nth(1), Facts(kBroadcast));
  table.Commit();
  EXPECT_EQ(table.view().Find(Nth(1)).flags, kBroadcast);
  table.DropReference(Nth(1), kBroadcast);
  table.Commit();
  EXPECT_EQ(table.view().Find(Nth(1)).flags, 0);
}

TEST_F(AddressTableTest, RollbackRestoresReferencesOfACommittedEntry) {
  AddressTable table(1);
  table.AddReference(Nth(1), kBroadcast);
  table.Commit();
  for (int i = 0; i < 3; ++i) {
    table.AddReference(Nth(1), kBroadcast);
    table.Set(Nth(1), Facts(kAssigned | kBroadcast));
    table.AddReference(Nth(1), kBroadcast);
    table.Rollback();
  }
  table.DropReference(Nth(1), kBroadcast);
  table.Rollback();
  table.DropReference(Nth(1), kBroadcast);
  table.Commit();
  EXPECT_EQ(table.view().Find(Nth(1)).flags, 0);
}

class RandomChanges : public ::testing::TestWithParam<uint32_t> {
 protected:
  static constexpr uint32_t kAddresses = 60;

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(engine_() % limit); }

  void ChangeSomething() {
    // Those that are counted, and those that are set, as a NIC does: an address
    // with references keeps its flag.
    const Address address = Nth(Below(kAddresses));
    const auto entry = slow_.entries.find(address);
    const uint32_t references = entry == slow_.entries.end() ? 0 : entry->second.references;
    const uint8_t kept = references != 0 ? kBroadcast : uint8_t{0};
    switch (Below(4)) {
      case 0:
        table_.AddReference(address, kBroadcast);
        slow_.AddReference(address, kBroadcast);
        break;
      case 1:
        if (references == 0) break;
        table_.DropReference(address, kBroadcast);
        slow_.DropReference(address, kBroadcast);
        break;
      default: {
        const auto flags = static_cast<uint8_t>(kept | (Below(2) != 0 ? kAssigned : 0));
        const AddressFacts facts = flags == 0 ? AddressFacts{} : Facts(flags, 0);
        table_.Set(address, facts);
        slow_.Set(address, facts);
        break;
      }
    }
    EXPECT_EQ(table_.FindPending(address),
              slow_.entries.contains(address) ? slow_.entries[address].facts : AddressFacts{});
  }

  const base::Entry entry_;  // as long as the views
  std::mt19937_64 engine_{GetParam()};
  AddressTable table_{GetParam()};
  Slow slow_;
};

TEST_P(RandomChanges, AnswerLikeAMapAndViewsNeverChange) {
  std::vector<std::pair<AddressTable::View, Contents>> views;
  for (int step = 0; step < 600; ++step) {
    const Slow before = slow_;
    const uint32_t changes = Below(step % 50 == 0 ? 200 : 4);  // now and then enough to grow
    for (uint32_t i = 0; i < changes; ++i) ChangeSomething();
    if (Below(3) == 0) {
      table_.Rollback();
      slow_ = before;
    } else {
      table_.Commit();
    }
    ASSERT_EQ(Of(table_), slow_.contents()) << step;
    views.emplace_back(table_.view(), slow_.contents());
  }
  for (const auto& [view, contents] : views) ASSERT_EQ(Of(view, kAddresses), contents);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomChanges, ::testing::Range(1u, 9u));

// Nobody reads the past of an address, so its slots are used again: changes cost
// no memory, however many they are.
TEST(AddressTableSlotsTest, FlappingOneAddressTakesNoMemory) {
  AddressTable table(3);
  for (uint32_t i = 1; i < 1000; ++i) table.Set(Nth(i), Facts(kAssigned));
  table.Commit();
  const uint64_t before = testing::AllocationsOfThread();
  constexpr uint32_t kFlaps = 20'000;
  for (uint32_t i = 0; i < kFlaps; ++i) {
    const base::Entry entry;
    table.Set(Nth(0), Facts(kAssigned));
    table.Commit();
    table.Set(Nth(0), {});
    table.Commit();
  }
  EXPECT_LT(testing::AllocationsOfThread() - before, kFlaps / 1000);
  EXPECT_EQ(Of(table).size(), 999u);
}

// Somebody who stays inside keeps the past alive; then the table is built anew,
// now and then and not at every step.
TEST_F(AddressTableTest, FlappingOneAddressWhileSomebodyReadsIsStillBounded) {
  AddressTable table(3);
  for (uint32_t i = 1; i < 20; ++i) table.Set(Nth(i), Facts(kAssigned));
  table.Commit();
  const auto view = table.view();
  const uint64_t before = testing::AllocationsOfThread();
  constexpr uint32_t kFlaps = 5'000;
  for (uint32_t i = 0; i < kFlaps; ++i) {
    table.Set(Nth(0), Facts(kAssigned));
    table.Commit();
    table.Set(Nth(0), {});
    table.Commit();
  }
  EXPECT_EQ(Of(table).size(), 19u);
  EXPECT_EQ(Of(view, 100).size(), 19u);
  EXPECT_LT(testing::AllocationsOfThread() - before, kFlaps);
}

TEST_F(AddressTableTest, RollbackManyTimesIsForgottenToo) {
  AddressTable table(3);
  table.AddReference(Nth(0), kBroadcast);
  table.Commit();
  for (uint32_t i = 0; i < 10'000; ++i) {
    table.DropReference(Nth(0), kBroadcast);
    table.Set(Nth(1), Facts(kAssigned));
    table.Rollback();
  }
  EXPECT_EQ(Of(table), (Contents{{Nth(0), {kBroadcast, 0}}}));
  table.DropReference(Nth(0), kBroadcast);
  table.Commit();
  EXPECT_TRUE(Of(table).empty());
}

TEST_F(AddressTableTest, AllOfABulkChangeAppearsAtOnce) {
  constexpr uint32_t kCount = 100'000;
  AddressTable table(5);
  for (uint32_t i = 0; i < kCount; ++i) table.Set(Nth(i), Facts(kAssigned));
  const auto before = table.view();
  table.Commit();
  const auto after = table.view();
  for (uint32_t i = 0; i < kCount; i += 97) {
    EXPECT_EQ(before.Find(Nth(i)).flags, 0);
    EXPECT_EQ(after.Find(Nth(i)).flags, kAssigned);
  }
  EXPECT_EQ(after.Find(Nth(kCount)).flags, 0);
}

// What a configuration is to a packet: the newest view, under a number.
class Published {
 public:
  explicit Published(size_t limit) { views_.reserve(limit); }
  void Publish(AddressTable::View view) {
    views_.push_back(std::move(view));
    count_.store(views_.size(), std::memory_order_seq_cst);
  }
  // Inside an Entry.
  const AddressTable::View& Newest(size_t* number) const {
    *number = count_.load(std::memory_order_acquire) - 1;
    return views_[*number];
  }

 private:
  std::vector<AddressTable::View> views_;
  std::atomic<size_t> count_{0};
};

// Each change moves one address's facts to another: a packet sees it at exactly
// one of them, and others as they always were, whatever the writer does
// meanwhile with the slots that it may use again.
TEST(AddressTableSlotsTest, ReadersSeeTheirVersionWholeWhileTheWriterGoesOn) {
  constexpr size_t kViews = 3000;
  constexpr uint32_t kPlaces = 5;
  AddressTable table(11);
  Published published(kViews + 1);
  for (uint32_t i = 0; i < 100; ++i) table.Set(Nth(1000 + i), Facts(kAssigned, 9));
  table.Set(Nth(0), Facts(kAssigned, 0));
  table.Commit();
  published.Publish(table.view());

  const auto read = [&] {
    for (size_t number = 0; number < kViews;) {
      const base::Entry entry;
      const AddressTable::View& view = published.Newest(&number);
      for (int again = 0; again < 3; ++again) {
        for (uint32_t place = 0; place < kPlaces; ++place) {
          const bool here = number % kPlaces == place;
          const AddressFacts wanted =
              here ? Facts(kAssigned, static_cast<uint8_t>(number)) : AddressFacts{};
          ASSERT_EQ(view.Find(Nth(place)), wanted) << number << " " << place;
        }
        ASSERT_EQ(view.Find(Nth(1050)), Facts(kAssigned, 9));
      }
    }
  };
  std::thread one(read);
  std::thread two(read);
  for (uint32_t i = 1; i <= kViews; ++i) {
    const auto move = [&] {
      table.Set(Nth((i - 1) % kPlaces), {});
      table.Set(Nth(i % kPlaces), Facts(kAssigned, static_cast<uint8_t>(i)));
    };
    move();
    if (i % 7 == 0) {
      table.Rollback();
      move();
    }
    table.Commit();
    published.Publish(table.view());
  }
  one.join();
  two.join();
}

}  // namespace
}  // namespace netstack::ip

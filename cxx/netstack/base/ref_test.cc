#include "netstack/base/ref.h"

#include <gtest/gtest.h>

#include <utility>

namespace netstack::base {
namespace {

struct Counted {
  void Ref() { ++references; }
  void Unref() { --references; }
  int references = 1;
};

TEST(Ref, SharesWhatItIsMadeOfAndGivesItBack) {
  Counted object;
  {
    const Ref<Counted> ref(&object);
    EXPECT_TRUE(ref);
    EXPECT_EQ(ref.get(), &object);
    EXPECT_EQ(ref->references, 2);
  }
  EXPECT_EQ(object.references, 1);
}

TEST(Ref, OfNothingIsFalseAndCountsNothing) {
  const Ref<Counted> none;
  EXPECT_FALSE(none);
  const Ref<Counted> null(nullptr);
  EXPECT_EQ(null.get(), nullptr);
}

TEST(Ref, CopiedCountsTwiceMovedCountsOnce) {
  Counted object;
  Ref<Counted> first(&object);
  {
    const Ref<Counted> copy = first;
    EXPECT_EQ(object.references, 3);
  }
  const Ref<Counted> moved = std::move(first);
  EXPECT_EQ(object.references, 2);
  EXPECT_EQ(moved.get(), &object);
}

TEST(Ref, AssignedLetsGoOfWhatItHad) {
  Counted a;
  Counted b;
  Ref<Counted> ref(&a);
  ref = Ref<Counted>(&b);
  EXPECT_EQ(a.references, 1);
  EXPECT_EQ(b.references, 2);
  const Ref<Counted>& same = ref;
  ref = same;
  EXPECT_EQ(b.references, 2);
  ref = {};
  EXPECT_EQ(b.references, 1);
}

}  // namespace
}  // namespace netstack::base

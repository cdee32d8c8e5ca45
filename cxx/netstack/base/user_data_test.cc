#include "netstack/base/user_data.h"

#include <gtest/gtest.h>

#include <utility>

namespace netstack::base {
namespace {

void Count(void* data) { ++*static_cast<int*>(data); }

TEST(UserData, IsDestroyedOnceWhenItsOwnerEnds) {
  int destroyed = 0;
  {
    const UserData data(&destroyed, &Count);
    EXPECT_EQ(data.get(), &destroyed);
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
}

TEST(UserData, MovedOnIsDestroyedByTheNewOwnerAlone) {
  int destroyed = 0;
  {
    UserData second;
    {
      UserData first(&destroyed, &Count);
      UserData moved(std::move(first));
      EXPECT_EQ(moved.get(), &destroyed);
      second = std::move(moved);
      EXPECT_EQ(second.get(), &destroyed);
    }
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
}

TEST(UserData, OverwrittenIsDestroyedOnceToo) {
  int destroyed = 0;
  int other = 0;
  {
    UserData data(&destroyed, &Count);
    data = UserData(&other, &Count);
    EXPECT_EQ(data.get(), &other);
  }
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(other, 1);
}

TEST(UserData, NeedsNoDestroyFunction) {
  int kept = 0;
  const UserData data(&kept, nullptr);
  EXPECT_EQ(data.get(), &kept);
  EXPECT_EQ(UserData().get(), nullptr);
}

}  // namespace
}  // namespace netstack::base

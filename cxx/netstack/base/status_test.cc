#include "netstack/base/status.h"

#include <gtest/gtest.h>

namespace netstack::base {
namespace {

TEST(Error, IsOkWithoutAnythingSaid) {
  const Error error;
  EXPECT_TRUE(error.ok());
  EXPECT_EQ(error.status(), Status::kOk);
  EXPECT_EQ(error.message(), "");
}

TEST(Error, KeepsItsStatusAndSentence) {
  const Error error(Status::kBusy, "the device is in use");
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.status(), Status::kBusy);
  EXPECT_EQ(error.message(), "the device is in use");
}

TEST(Error, InvalidIsAnInvalidArgument) {
  const Error error = Invalid("mtu is 67");
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_EQ(error.message(), "mtu is 67");
}

}  // namespace
}  // namespace netstack::base

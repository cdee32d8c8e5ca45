#include "netstack/base/byte_order.h"

#include <gtest/gtest.h>

#include <array>

namespace netstack::base {
namespace {

TEST(ByteOrder, SwapTurnsBytesAround) {
  EXPECT_EQ(Swap16(0x0102), 0x0201);
  EXPECT_EQ(Swap32(0x01020304), 0x04030201u);
  EXPECT_EQ(Swap64(0x0102030405060708), 0x0807060504030201u);
}

TEST(ByteOrder, LoadReadsTheFirstByteAsTheHighestAtAnyAlignment) {
  std::array<uint8_t, 16> bytes{};
  for (size_t at = 0; at < 8; ++at) {
    bytes.fill(0xee);
    for (size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<uint8_t>(0xf1 + i);
    EXPECT_EQ(Load16(bytes.data() + at), 0xf1f2) << at;
    EXPECT_EQ(Load32(bytes.data() + at), 0xf1f2f3f4u) << at;
    EXPECT_EQ(Load64(bytes.data() + at), 0xf1f2f3f4f5f6f7f8u) << at;
  }
}

TEST(ByteOrder, StoreWritesWhatLoadReadsAndNothingBeside) {
  for (size_t at = 1; at < 8; ++at) {
    std::array<uint8_t, 17> bytes{};
    Store16(bytes.data() + at, 0xf1f2);
    EXPECT_EQ(Load16(bytes.data() + at), 0xf1f2);
    EXPECT_EQ(bytes[at], 0xf1);
    EXPECT_EQ(bytes[at - 1] | bytes[at + 2], 0);
    bytes.fill(0);
    Store32(bytes.data() + at, 0xf1f2f3f4);
    EXPECT_EQ(Load32(bytes.data() + at), 0xf1f2f3f4u);
    EXPECT_EQ(bytes[at - 1] | bytes[at + 4], 0);
    bytes.fill(0);
    Store64(bytes.data() + at, 0xf1f2f3f4f5f6f7f8);
    EXPECT_EQ(Load64(bytes.data() + at), 0xf1f2f3f4f5f6f7f8u);
    EXPECT_EQ(bytes[at - 1] | bytes[at + 8], 0);
  }
}

TEST(ByteOrder, NativeIsTheOrderOfMemory) {
  std::array<uint8_t, 4> bytes{};
  StoreNative<uint32_t>(bytes.data(), 0x01020304);
  EXPECT_EQ(LoadNative<uint32_t>(bytes.data()), 0x01020304u);
  EXPECT_EQ(bytes[0], kLittleEndian ? 4 : 1);
}

}  // namespace
}  // namespace netstack::base

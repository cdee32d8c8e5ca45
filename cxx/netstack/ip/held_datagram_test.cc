// The rules of holes: RFC 815, RFC 5722, reference, section 1.6.
#include "netstack/ip/held_datagram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "netstack/testing/hex.h"

namespace netstack::ip {
namespace {

using testing::Bytes;
using Outcome = HeldDatagram::Outcome;

constexpr uint32_t kHeader = 20;

struct Piece {
  uint32_t offset;
  uint32_t length;
  bool more;
  uint8_t fill = 0;  // of its data; 0: the datagram's own bytes
  uint32_t nic = 1;
};

uint8_t ByteAt(uint32_t offset) { return static_cast<uint8_t>(offset * 7 + (offset >> 8)); }

Outcome Add(HeldDatagram* datagram, const Piece& piece) {
  Bytes bytes(kHeader + piece.length, 0xee);
  for (uint32_t i = 0; i < piece.length; ++i) {
    bytes[kHeader + i] = piece.fill != 0 ? piece.fill : ByteAt(piece.offset + i);
  }
  packet::Packet packet;
  packet.bytes = bytes.data();
  packet.length = static_cast<uint32_t>(bytes.size());
  packet.nic = piece.nic;
  return datagram->Add({packet, kHeader, piece.offset, piece.more});
}

Bytes DataOf(const HeldDatagram& datagram) {
  Bytes data(datagram.length());
  datagram.CopyData(data.data());
  return data;
}

Bytes Expected(uint32_t length) {
  Bytes data(length);
  for (uint32_t i = 0; i < length; ++i) data[i] = ByteAt(i);
  return data;
}

struct Case {
  const char* name;
  std::vector<Piece> before;  // each is taken
  Piece piece;
  Outcome outcome;
  bool whole = false;
};

const Case kCases[] = {
    {"the first of two", {}, {0, 16, true}, Outcome::kTaken},
    {"the last of two", {{0, 16, true}}, {16, 5, false}, Outcome::kTaken, true},
    {"the last one first", {{16, 5, false}}, {0, 16, true}, Outcome::kTaken, true},
    {"the middle at the end", {{0, 8, true}, {16, 8, false}}, {8, 8, true}, Outcome::kTaken, true},
    {"a hole stays", {{0, 8, true}, {24, 8, false}}, {8, 8, true}, Outcome::kTaken},
    {"two holes", {{16, 8, true}}, {32, 8, true}, Outcome::kTaken},
    {"one alone that says to be the last", {}, {0, 8, false}, Outcome::kTaken, true},

    {"the first one twice", {{0, 16, true}}, {0, 16, true}, Outcome::kDuplicate},
    {"the last one twice", {{16, 8, false}}, {16, 8, false}, Outcome::kDuplicate},
    {"a middle one twice", {{16, 8, true}}, {16, 8, true}, Outcome::kDuplicate},
    {"the last one, then not the last", {{16, 8, false}}, {16, 8, true}, Outcome::kDuplicate},
    {"not the last, then the last", {{16, 8, true}}, {16, 8, false}, Outcome::kConflict},

    {"into one from its left", {{8, 16, true}}, {0, 16, true}, Outcome::kConflict},
    {"into one from its right", {{0, 16, true}}, {8, 16, true}, Outcome::kConflict},
    {"one byte into the next", {{8, 8, true}}, {0, 9, true}, Outcome::kConflict},
    {"one byte of the one before", {{0, 9, true}}, {8, 8, true}, Outcome::kConflict},
    {"around one", {{8, 8, true}}, {0, 24, true}, Outcome::kConflict},
    {"within one", {{0, 24, true}}, {8, 8, true}, Outcome::kConflict},
    {"within one at its start", {{0, 24, true}}, {0, 8, true}, Outcome::kConflict},
    {"within one at its end", {{0, 24, true}}, {16, 8, true}, Outcome::kConflict},
    {"longer than one", {{0, 8, true}}, {0, 16, true}, Outcome::kConflict},
    {"across two", {{0, 8, true}, {16, 8, true}}, {0, 24, true}, Outcome::kConflict},

    {"behind the end", {{8, 8, false}}, {16, 8, true}, Outcome::kConflict},
    {"far behind the end", {{8, 8, false}}, {64, 8, false}, Outcome::kConflict},
    {"an end before another", {{16, 8, true}}, {0, 8, false}, Outcome::kConflict},
    {"a second end", {{16, 8, false}}, {24, 8, false}, Outcome::kConflict},
    {"an earlier end", {{16, 8, false}}, {8, 8, false}, Outcome::kConflict},
    {"another length of the end", {{16, 8, false}}, {16, 5, false}, Outcome::kConflict},
};

TEST(HeldDatagram, KeepsTheRulesOfHoles) {
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    HeldDatagram datagram;
    for (const Piece& piece : test.before) EXPECT_EQ(Add(&datagram, piece), Outcome::kTaken);
    EXPECT_FALSE(datagram.whole());
    const size_t bytes = datagram.bytes();
    EXPECT_EQ(Add(&datagram, test.piece), test.outcome);
    EXPECT_EQ(datagram.whole(), test.whole);
    EXPECT_EQ(datagram.bytes() > bytes, test.outcome == Outcome::kTaken);
    if (test.whole) {
      EXPECT_EQ(DataOf(datagram), Expected(datagram.length()));
    }
  }
}

TEST(HeldDatagram, TheFirstCopyOfAFragmentStays) {
  HeldDatagram datagram;
  EXPECT_EQ(Add(&datagram, {0, 8, true}), Outcome::kTaken);
  EXPECT_EQ(Add(&datagram, {0, 8, true, 0xbb}), Outcome::kDuplicate);
  EXPECT_EQ(Add(&datagram, {8, 8, false}), Outcome::kTaken);
  EXPECT_EQ(DataOf(datagram), Expected(16));
}

TEST(HeldDatagram, KeepsTheFirstFragmentAsItWasReceivedAndWhereItCameIn) {
  HeldDatagram datagram;
  Add(&datagram, {8, 8, true, 0, 3});
  EXPECT_EQ(datagram.first(), nullptr);
  EXPECT_EQ(datagram.nic(), 3u) << "of the one that came before all others";
  Add(&datagram, {16, 8, true, 0, 4});
  EXPECT_EQ(datagram.nic(), 3u);
  Add(&datagram, {0, 8, true, 0, 5});
  EXPECT_EQ(datagram.nic(), 5u);
  ASSERT_NE(datagram.first(), nullptr);
  const packet::Packet& first = *datagram.first();
  Bytes expected(kHeader, 0xee);
  for (uint32_t i = 0; i < 8; ++i) expected.push_back(ByteAt(i));
  EXPECT_EQ(Bytes(first.bytes, first.bytes + first.length), expected);
  EXPECT_EQ(first.nic, 5u);
  EXPECT_EQ(datagram.first_data_at(), kHeader);
}

TEST(HeldDatagram, CountsItsMemory) {
  HeldDatagram datagram;
  EXPECT_EQ(datagram.bytes(), HeldDatagram::kOverhead);
  Add(&datagram, {8, 1000, true});
  EXPECT_EQ(datagram.bytes(), HeldDatagram::kOverhead + HeldDatagram::kFragmentOverhead + 1000);
}

// The same rules in the plainest way: each byte knows which fragment brought it.
class SlowDatagram {
 public:
  Outcome Add(const Piece& piece, size_t number) {
    const uint32_t end = piece.offset + piece.length;
    const auto same = std::find_if(taken_.begin(), taken_.end(), [&](const auto& other) {
      return other.offset == piece.offset && other.length == piece.length;
    });
    if (same != taken_.end()) {
      return piece.more || !same->more ? Outcome::kDuplicate : Outcome::kConflict;
    }
    for (uint32_t i = piece.offset; i < end; ++i) {
      if (owners_[i] != 0) return Outcome::kConflict;
    }
    if (end_ != 0 && end > end_) return Outcome::kConflict;
    if (!piece.more && (end_ != 0 || highest_ > end)) return Outcome::kConflict;
    for (uint32_t i = piece.offset; i < end; ++i) owners_[i] = number + 1;
    taken_.push_back(piece);
    highest_ = std::max(highest_, end);
    if (!piece.more) end_ = end;
    return Outcome::kTaken;
  }
  bool whole() const {
    return end_ != 0 && std::all_of(owners_.begin(), owners_.begin() + end_,
                                    [](size_t owner) { return owner != 0; });
  }

 private:
  std::vector<size_t> owners_ = std::vector<size_t>(1024);
  std::vector<Piece> taken_;
  uint32_t end_ = 0;  // not known
  uint32_t highest_ = 0;
};

TEST(HeldDatagram, DoesWithRandomFragmentsWhatAPlainOneDoes) {
  std::mt19937 random(4711);
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  unsigned whole = 0;
  unsigned conflicts = 0;
  for (int round = 0; round < 3000; ++round) {
    // A datagram cut at random, some fragments twice, sometimes a foreign one.
    const uint32_t total = 1 + below(200);
    std::vector<Piece> pieces;
    for (uint32_t at = 0; at < total;) {
      const uint32_t length = std::min(total - at, 8 * (1 + below(6)));
      pieces.push_back({at, length, at + length < total});
      at += length;
    }
    const size_t proper = pieces.size();
    for (uint32_t i = below(3); i > 0; --i) pieces.push_back(pieces[random() % proper]);
    if (below(4) == 0) pieces.push_back({8 * below(30), 8 * (1 + below(4)), below(3) != 0});
    std::shuffle(pieces.begin(), pieces.end(), random);

    HeldDatagram datagram;
    SlowDatagram slow;
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Outcome expected = slow.Add(pieces[i], i);
      ASSERT_EQ(Add(&datagram, pieces[i]), expected) << "round " << round << ", fragment " << i;
      ASSERT_EQ(datagram.whole(), slow.whole()) << "round " << round << ", fragment " << i;
      if (expected == Outcome::kConflict) ++conflicts;
      if (expected == Outcome::kConflict || datagram.whole()) break;
    }
    if (!datagram.whole()) continue;
    ++whole;
    ASSERT_EQ(DataOf(datagram), Expected(datagram.length())) << "round " << round;
  }
  EXPECT_GT(whole, 1000u);
  EXPECT_GT(conflicts, 200u);
}

}  // namespace
}  // namespace netstack::ip

// Reference, section 1.9: the options of an IPv4 header, byte for byte.
#include "netstack/ip/ipv4_options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Bytes;
using testing::Counts;
using testing::FromHex;
using testing::IpScene;
using testing::ToHex;
using Outcome = Ipv4Options::Outcome;

// 12:34:56.789 UTC on some day: 45,296,789 ms, 0x02b32c95.
constexpr uint64_t kNow = (uint64_t{86'400} * 20'000 + 45'296) * 1'000'000'000 + 789'999'999;
constexpr const char* kOurs = "c0a80001";
constexpr const char* kTime = "02b32c95";

class Ipv4OptionsTest : public ::testing::Test {
 protected:
  Ipv4OptionsTest() { scene_.clock().Advance(kNow); }

  // The bytes after Process(), or "problem N", "no address". The packet stands at
  // the end of its memory, where a sanitizer watches, and must stay as it is.
  std::string Process(const Bytes& options, OptionUse use) {
    const Bytes built = testing::Build(testing::Ipv4{.options = options}, Bytes());
    const size_t length = built.size();
    const std::unique_ptr<uint8_t[]> memory(new uint8_t[length]);
    std::copy(built.begin(), built.end(), memory.get());
    packet::Packet packet;
    packet.bytes = memory.get();
    packet.length = static_cast<uint32_t>(length);
    packet.header_length = static_cast<uint16_t>(length);
    packet.destination = testing::AddressOf(destination_);
    packet.arrival = arrival_;
    const Ipv4Options out = ProcessIpv4Options(scene_.context(), packet, use);
    EXPECT_TRUE(std::equal(built.begin(), built.end(), memory.get()));
    if (out.outcome == Outcome::kNoAddress) return "no address";
    if (out.outcome == Outcome::kProblem) return "problem " + std::to_string(out.pointer);
    EXPECT_EQ(out.length % 4, 0);
    EXPECT_LE(out.length, length - 20);
    return ToHex({out.bytes.data(), out.length});
  }
  std::string Process(const std::string& hex, OptionUse use) { return Process(FromHex(hex), use); }

  IpScene scene_;
  const char* destination_ = "192.168.0.1";
  packet::Arrival arrival_;
};

TEST_F(Ipv4OptionsTest, WhatComesOutInEachUse) {
  scene_.Assign("192.168.0.1/24");
  const std::string ours = kOurs;
  const std::string time = kTime;
  const struct {
    const char* name;
    std::string in, verify, receive, echo;
  } rows[] = {
      {"Record Route",
       "07070400000000"
       "00",
       "0707040000000000", "070708" + ours + "00", "070708" + ours + "00"},
      {"Record Route, second slot",
       "070b0801020304"
       "00000000"
       "00",
       "070b08010203040000000000", "070b0c01020304" + ours + "00", "070b0c01020304" + ours + "00"},
      {"Record Route, full", "0707080102030400", "0707080102030400", "0707080102030400",
       "0707080102030400"},
      {"Record Route, odd pointer with room",
       "070b060000000000"
       "00000000",
       "070b06000000000000000000", "070b0a0000" + ours + "000000", "070b0a0000" + ours + "000000"},
      {"times", "4408050000000000", "4408050000000000", "44080900" + time, "44080900" + time},
      {"times with addresses", "440c05010000000000000000", "440c05010000000000000000",
       "440c0d01" + ours + time, "440c0d01" + ours + time},
      {"times of given addresses", "440c0503" + ours + "00000000", "440c0503" + ours + "00000000",
       "440c0d03" + ours + time, "440c0d03" + ours + time},
      {"times of others", "440c0503c0a8000200000000", "440c0503c0a8000200000000",
       "440c0503c0a8000200000000", "440c0503c0a8000200000000"},
      {"times, full: counted, in all uses", "44080900ffffffff", "44080910ffffffff",
       "44080910ffffffff", "44080910ffffffff"},
      {"times with addresses, full", "440c0de1ffffffffffffffff", "440c0df1ffffffffffffffff",
       "440c0df1ffffffffffffffff", "440c0df1ffffffffffffffff"},
      {"times of given addresses, full", "440c0df3ffffffffffffffff", "440c0df3ffffffffffffffff",
       "440c0df3ffffffffffffffff", "440c0df3ffffffffffffffff"},
      {"Router Alert", "94040000", "94040000", "94040000", "94040000"},
      {"unknown",
       "0101"
       "8803"
       "aa"
       "01"
       "0101",
       "01010101"
       "01000000",
       "01018803aa010101", "0101010101000000"},
      {"Experiment", "1e041234", "", "1e041234", ""},
      {"nothing known is left", "8208000000000000", "", "8208000000000000", ""},
      {"what stands behind the end", "0100070304ffffff", "01000000", "01000000", "01000000"},
      {"No Operation, often", "01010101", "01010101", "01010101", "01010101"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Process(row.in, OptionUse::kVerify), row.verify) << row.name;
    EXPECT_EQ(Process(row.in, OptionUse::kReceive), row.receive) << row.name;
    EXPECT_EQ(Process(row.in, OptionUse::kForward), row.receive) << row.name;
    EXPECT_EQ(Process(row.in, OptionUse::kEcho), row.echo) << row.name;
  }
}

TEST_F(Ipv4OptionsTest, ProblemsAndWhereTheyAre) {
  scene_.Assign("192.168.0.1/24");
  const struct {
    const char* name;
    const char* in;
    int pointer;
  } rows[] = {
      {"a type alone at the end", "01010107", 23},
      {"length 0", "01070000", 21},
      {"length 1", "88010000", 20},
      {"longer than what is left", "01880400", 21},
      {"Timestamp of 3 bytes", "01440305", 22},
      {"Record Route of 2 bytes", "07020000", 21},
      {"Record Route of 6 bytes", "0706040000000000", 21},
      {"Router Alert of 3 bytes", "94030000", 21},
      {"Router Alert of 5 bytes", "9405000000000000", 21},
      {"Experiment of 5 bytes", "1e05000000000000", 21},
      {"Router Alert's value", "94040001", 22},
      {"Router Alert's value", "94040100", 22},
      {"Record Route twice",
       "07070400000000"
       "07070400000000"
       "0000",
       27},
      {"an unknown one twice",
       "8804000001880400"
       "00000000",
       25},
      {"Record Route's pointer below its slots", "0707030000000000", 22},
      {"Record Route, not enough room", "0707050000000000", 22},
      {"Timestamp's flag 2", "4408050200000000", 23},
      {"Timestamp's flag 15", "4408050f00000000", 23},
      {"Timestamp's pointer below its slots", "4408040000000000", 22},
      {"times, not enough room", "4408060000000000", 22},
      {"times with addresses, not enough room", "4408050100000000", 22},
      {"times of given addresses, not enough room", "4408050300000000", 22},
      {"counted to the end", "440809f000000000", 23},
  };
  for (const auto& row : rows) {
    for (const OptionUse use :
         {OptionUse::kVerify, OptionUse::kReceive, OptionUse::kForward, OptionUse::kEcho}) {
      EXPECT_EQ(Process(row.in, use), "problem " + std::to_string(row.pointer)) << row.name;
    }
  }
}

TEST_F(Ipv4OptionsTest, EachIsCountedUntilTheProblem) {
  scene_.Assign("192.168.0.1/24");
  const Counts all{{"ip.option_timestamp_received", 1},
                   {"ip.option_record_route_received", 1},
                   {"ip.option_router_alert_received", 1},
                   {"ip.option_unknown_received", 2}};
  for (const OptionUse use : {OptionUse::kVerify, OptionUse::kEcho}) {
    Process(
        "4408050000000000"
        "07070400000000"
        "94040000"
        "1e041234"
        "820300"
        "0000",
        use);
    EXPECT_EQ(scene_.TakeCounts(), all);
  }
  Process(
      "94040001"
      "1e041234",
      OptionUse::kEcho);
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"ip.option_router_alert_received", 1}}));
  Process("8204000082040000", OptionUse::kEcho);
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"ip.option_unknown_received", 1}}));
}

TEST_F(Ipv4OptionsTest, OurFirstAddressIsWrittenWhateverThePacketWasFor) {
  scene_.Assign("192.168.0.200/24");
  scene_.Assign("192.168.0.1/24");
  EXPECT_EQ(Process("0707040000000000", OptionUse::kEcho), "070708c0a800c800");
}

TEST_F(Ipv4OptionsTest, WithoutAnyTheDestinationUnlessItIsAGroup) {
  arrival_.temporary = true;
  destination_ = "10.1.2.3";
  EXPECT_EQ(Process("0707040000000000", OptionUse::kEcho), "0707080a01020300");
  scene_.TakeCounts();
  destination_ = "224.0.0.1";
  arrival_ = {.multicast = true};
  EXPECT_EQ(Process("01010101", OptionUse::kReceive), "no address");
  destination_ = "255.255.255.255";
  arrival_ = {.broadcast = true};
  EXPECT_EQ(Process("01010101", OptionUse::kReceive), "no address");
  EXPECT_EQ(scene_.TakeCounts(), Counts());
}

// The reference once more, in the plainest words, and with other means: bytes are
// appended to a vector, problems are thrown.
std::string Plainly(const Bytes& in, OptionUse use) {
  const bool fills_in = use != OptionUse::kVerify;
  const bool keeps = use == OptionUse::kReceive || use == OptionUse::kForward;
  Bytes out;
  std::set<int> seen;
  try {
    for (size_t at = 0; at < in.size();) {
      if (in[at] <= 1) {
        out.push_back(in[at]);
        if (in[at++] == 0) break;
        continue;
      }
      if (at + 1 == in.size() || in[at + 1] < 2 || at + in[at + 1] > in.size()) throw at;
      Bytes option(in.begin() + static_cast<long>(at),
                   in.begin() + static_cast<long>(at + in[at + 1]));
      const size_t size = option.size();
      const int type = option[0];
      if ((type == 68 && size < 4) || (type == 7 && size < 3) || (type == 148 && size != 4) ||
          (type == 30 && size != 4)) {
        throw at + 1;
      }
      if (!seen.insert(type).second) throw at;
      const auto put = [&](const std::string& hex) {
        const Bytes bytes = FromHex(hex);
        std::copy(bytes.begin(), bytes.end(), option.begin() + option[2] - 1);
        option[2] = static_cast<uint8_t>(option[2] + bytes.size());
      };
      if (type == 148 && (option[2] != 0 || option[3] != 0)) throw at + 2;
      if (type == 7) {
        if (size < 7) throw at + 1;
        if (option[2] < 4 || (option[2] <= size && option[2] + 3u > size)) throw at + 2;
        if (fills_in && option[2] <= size) put(kOurs);
      }
      if (type == 68) {
        const int flag = option[3] & 15;
        const size_t entry = flag == 0 ? 4 : 8;
        if (flag != 0 && flag != 1 && flag != 3) throw at + 3;
        if (option[2] < 5) throw at + 2;
        if (option[2] > size) {
          if (flag != 3 && option[3] >= 0xf0) throw at + 3;
          if (flag != 3) option[3] = static_cast<uint8_t>(option[3] + 16);
        } else if (option[2] + entry - 1 > size) {
          throw at + 2;
        } else if (fills_in) {
          const auto slot = option.begin() + option[2] - 1;
          if (flag == 0) put(kTime);
          if (flag == 1) put(std::string(kOurs) + kTime);
          if (flag == 3 && Bytes(slot, slot + 4) == FromHex(kOurs)) put(std::string(kOurs) + kTime);
        }
      }
      if (keeps || type == 7 || type == 68 || type == 148) {
        out.insert(out.end(), option.begin(), option.end());
      }
      at += size;
    }
  } catch (size_t offset) {
    return "problem " + std::to_string(20 + offset);
  }
  while (out.size() % 4 != 0) out.push_back(0);
  return ToHex(out);
}

// Any bytes, but such that most get past the first checks.
Bytes RandomOptions(std::mt19937& random) {
  const auto below = [&](unsigned n) { return static_cast<uint8_t>(random() % n); };
  Bytes bytes(4u * (1 + below(10)));
  for (uint8_t& byte : bytes) byte = below(4) == 0 ? below(256) : 0;
  for (size_t at = 0; at + 4 <= bytes.size() && below(12) != 0;) {
    const uint8_t types[] = {1, 7, 7, 68, 68, 68, 148, 30, 136, below(256)};
    bytes[at] = types[below(10)];
    const size_t left = bytes.size() - at;
    bytes[at + 1] =
        static_cast<uint8_t>(below(10) == 0 ? below(256) : 2 + below(static_cast<unsigned>(left)));
    if (bytes[at] == 148 || bytes[at] == 30) bytes[at + 1] = 4;
    if (bytes[at] != 148) bytes[at + 2] = below(static_cast<unsigned>(bytes[at + 1]) + 6);
    const uint8_t flags[] = {0, 1, 3, 0xf0, 0xf1, 0xf3, 0x30, below(256)};
    if (bytes[at] == 68) bytes[at + 3] = flags[below(8)];
    if (bytes[at] == 68 && left >= 12 && below(2) == 0) {
      const Bytes ours = FromHex(kOurs);
      std::copy(ours.begin(), ours.end(), bytes.begin() + static_cast<long>(at) + 4);
    }
    at += bytes[at] == 1 ? 1 : std::max<size_t>(bytes[at + 1], 2);
  }
  return bytes;
}

TEST_F(Ipv4OptionsTest, AnyBytesGiveWhatThePlainReferenceSays) {
  scene_.Assign("192.168.0.1/24");
  std::mt19937 random(1);
  size_t fine = 0;
  for (int round = 0; round < 100'000; ++round) {
    const Bytes options = RandomOptions(random);
    const auto use = static_cast<OptionUse>(random() % 4);
    const std::string out = Process(options, use);
    ASSERT_EQ(out, Plainly(options, use)) << ToHex(options) << " use " << static_cast<int>(use);
    fine += out.compare(0, 7, "problem") != 0 ? 1u : 0u;
  }
  EXPECT_GT(fine, 10'000u);  // else it says little
  EXPECT_LT(fine, 90'000u);
}

}  // namespace
}  // namespace netstack::ip

// What errors repeat comes from strangers. Each quote has memory of just its size, so that under
// a sanitizer a read beyond it ends the test.
#include "netstack/wire/quoted_packet.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "netstack/testing/packet_builder.h"
#include "netstack/wire/text.h"

namespace netstack::wire {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Extension;
using testing::Icmp;
using testing::Ipv4;
using testing::Ipv6;

std::string Say(const QuotedPacket& quoted) {
  std::ostringstream text;
  text << quoted.bytes.size() << " of " << quoted.length << " "
       << Format(quoted.family, quoted.source) << ">" << Format(quoted.family, quoted.destination)
       << " " << int{quoted.protocol} << "@" << quoted.header_length;
  if (quoted.cut()) text << " cut";
  if (quoted.later_fragment) text << " later";
  if (quoted.echo) {
    text << (quoted.echo->reply ? " reply " : " request ") << quoted.echo->identifier << "/"
         << quoted.echo->sequence;
  }
  if (quoted.ports) text << " ports " << quoted.ports->source << ">" << quoted.ports->destination;
  return text.str();
}

std::string Read(Family family, const Bytes& bytes) {
  const Bytes exact(bytes.begin(), bytes.end());
  const auto quoted = QuotedPacket::Parse(family, exact);
  return quoted ? Say(*quoted) : "none";
}

// The same in the plainest way: through at(), for which what is not there throws.
class PlainReader {
 public:
  PlainReader(Family family, Bytes bytes) : family_(family), bytes_(std::move(bytes)) {}

  std::string Read() {
    try {
      ReadHeader();
    } catch (const std::out_of_range&) {
      return "none";
    }
    try {
      WalkHeaders();
    } catch (const std::out_of_range&) {  // ends within an extension header
    }
    const size_t there = bytes_.size();
    std::ostringstream text;
    text << there << " of " << length_ << " " << addresses_ << " " << protocol_ << "@" << at_;
    if (there < length_) text << " cut";
    try {
      text << (later_ ? " later" : UpperLayer());
    } catch (const std::out_of_range&) {  // ends within it
    }
    return text.str();
  }

 private:
  [[nodiscard]] unsigned Byte(size_t at) const { return bytes_.at(at); }
  [[nodiscard]] unsigned Word(size_t at) const { return Byte(at) << 8 | Byte(at + 1); }
  [[nodiscard]] std::string AddressAt(size_t at) const {
    Bytes address;
    for (size_t i = 0; i < (family_ == Family::kIpv4 ? 4 : 16); ++i) {
      address.push_back(static_cast<uint8_t>(Byte(at + i)));
    }
    return Format(family_, Address::From(family_, address.data()));
  }

  void ReadHeader() {
    const bool v4 = family_ == Family::kIpv4;
    if (Byte(0) / 16 != (v4 ? 4 : 6)) throw std::out_of_range("version");
    addresses_ = AddressAt(v4 ? 12 : 8) + ">" + AddressAt(v4 ? 16 : 24);
    length_ = v4 ? Word(2) : 40 + Word(4);
    protocol_ = Byte(v4 ? 9 : 6);
    at_ = v4 ? 4 * (Byte(0) % 16) : 40;
    if (at_ < 20 || length_ < at_) throw std::out_of_range("length");
    static_cast<void>(Byte(at_ - 1));
    later_ = v4 && Word(6) % 8192 != 0;
    if (bytes_.size() > length_) bytes_.resize(length_);
  }

  void WalkHeaders() {
    if (family_ == Family::kIpv4) return;
    for (int headers = 0; headers < 32 && !later_; ++headers) {
      const bool fixed = protocol_ == 44 || protocol_ == 253;
      if (!fixed && protocol_ != 0 && protocol_ != 43 && protocol_ != 60) return;
      const size_t end = at_ + 8 + (fixed ? 0 : 8 * Byte(at_ + 1));
      static_cast<void>(Byte(end - 1));
      later_ = protocol_ == 44 && Word(at_ + 2) / 8 != 0;
      protocol_ = Byte(at_);
      at_ = end;
    }
  }

  [[nodiscard]] std::string UpperLayer() const {
    if (protocol_ == 6 || protocol_ == 17) {
      return " ports " + std::to_string(Word(at_)) + ">" + std::to_string(Word(at_ + 2));
    }
    const bool v4 = family_ == Family::kIpv4;
    if (protocol_ != (v4 ? 1 : 58)) return "";
    const std::string message = std::to_string(Word(at_ + 4)) + "/" + std::to_string(Word(at_ + 6));
    if (Byte(at_) == (v4 ? 8 : 128)) return " request " + message;
    if (Byte(at_) == (v4 ? 0 : 129)) return " reply " + message;
    return "";
  }

  const Family family_;
  Bytes bytes_;
  size_t length_ = 0;
  std::string addresses_;
  unsigned protocol_ = 0;
  size_t at_ = 0;
  bool later_ = false;
};

const Bytes kUdp = testing::FromHex("1234 0035 0008 0000");

TEST(QuotedPacketTest, TellsWhatThePacketWas) {
  const Icmp echo{.identifier = 1234, .sequence = 7, .payload = Bytes(4)};
  const Icmp reply4{.type = uint8_t{0}, .identifier = 1234, .sequence = 7};
  const Icmp reply6{.type = uint8_t{129}, .identifier = 1234, .sequence = 7};
  const Icmp error{.type = uint8_t{3}};
  const auto v6 = [](std::vector<Extension> extensions, uint8_t next_header = 58) {
    return Ipv6{.extensions = std::move(extensions), .next_header = next_header};
  };
  const Extension first{44, testing::FromHex("0000 0001 0000 0001")};
  const Extension later{44, testing::FromHex("0000 0509 0000 0001")};
  const Extension options{60, testing::FromHex("00010104 00000000 01060000 00000000")};
  const struct {
    Bytes packet;
    std::string what;
  } cases[] = {
      {Build(Ipv4{}, echo), "32 of 32 192.168.0.2>192.168.0.1 1@20 request 1234/7"},
      {Build(Ipv4{}, reply4), "28 of 28 192.168.0.2>192.168.0.1 1@20 reply 1234/7"},
      {Build(Ipv4{}, error), "28 of 28 192.168.0.2>192.168.0.1 1@20"},
      {Build(Ipv4{}, reply6), "28 of 28 192.168.0.2>192.168.0.1 1@20"},
      {Build(Ipv4{.options = Bytes(8, 1)}, reply4),
       "36 of 36 192.168.0.2>192.168.0.1 1@28 reply 1234/7"},
      {Build(Ipv4{.more_fragments = true}, reply4),
       "28 of 28 192.168.0.2>192.168.0.1 1@20 reply 1234/7"},
      {Build(Ipv4{.fragment_offset = 8}, reply4), "28 of 28 192.168.0.2>192.168.0.1 1@20 later"},
      {Build(Ipv4{.protocol = 17}, kUdp), "28 of 28 192.168.0.2>192.168.0.1 17@20 ports 4660>53"},
      {Build(Ipv4{.protocol = 6}, kUdp), "28 of 28 192.168.0.2>192.168.0.1 6@20 ports 4660>53"},
      {Build(Ipv4{.protocol = 58}, reply6), "28 of 28 192.168.0.2>192.168.0.1 58@20"},
      {Build(Ipv4{.trailer = Bytes(3)}, kUdp), "28 of 28 192.168.0.2>192.168.0.1 1@20"},
      {Build(v6({}), echo), "52 of 52 a::2>a::1 58@40 request 1234/7"},
      {Build(v6({}), reply6), "48 of 48 a::2>a::1 58@40 reply 1234/7"},
      {Build(v6({}), reply4), "48 of 48 a::2>a::1 58@40"},
      {Build(v6({options, first}), reply6), "72 of 72 a::2>a::1 58@64 reply 1234/7"},
      {Build(v6({later}), reply6), "56 of 56 a::2>a::1 58@48 later"},
      {Build(v6({later, options}), reply6), "72 of 72 a::2>a::1 60@48 later"},
      {Build(v6({options}, 17), kUdp), "64 of 64 a::2>a::1 17@56 ports 4660>53"},
      {Build(v6({options}, 59), kUdp), "64 of 64 a::2>a::1 59@56"},
  };
  for (const auto& c : cases) {
    const Family family = c.packet[0] >> 4 == 4 ? Family::kIpv4 : Family::kIpv6;
    EXPECT_EQ(Read(family, c.packet), c.what);
  }
}

TEST(QuotedPacketTest, IsNoneWithoutAWholeHeaderOfItsFamily) {
  const Bytes v4 = Build(Ipv4{}, Icmp{});
  const Bytes v6 = Build(Ipv6{}, Icmp{});
  EXPECT_EQ(Read(Family::kIpv6, v4), "none");
  EXPECT_EQ(Read(Family::kIpv4, v6), "none");
  EXPECT_EQ(Read(Family::kIpv4, Build(Ipv4{.header_words = uint8_t{4}}, Icmp{})), "none");
  EXPECT_EQ(Read(Family::kIpv4, Build(Ipv4{.header_words = uint8_t{15}}, Icmp{})), "none");
  EXPECT_EQ(Read(Family::kIpv4, Build(Ipv4{.total_length = uint16_t{19}}, Icmp{})), "none");
}

// A quote ends anywhere: at each length, what is there is told, and no more.
TEST(QuotedPacketTest, MayEndAnywhere) {
  Extension options{60, Bytes(24)};
  options.bytes[1] = 2;  // 16 bytes more than 8
  const Extension first{44, testing::FromHex("0000 0001 0000 0001")};
  const Bytes packets[] = {
      Build(Ipv4{.options = Bytes(8, 1)}, Icmp{.payload = Bytes(9)}),
      Build(Ipv4{.protocol = 17}, kUdp),
      Build(Ipv6{.extensions = {options, first}}, Icmp{.payload = Bytes(9)}),
      Build(Ipv6{.extensions = {options}, .next_header = 6}, kUdp),
  };
  for (const Bytes& packet : packets) {
    const Family family = packet[0] >> 4 == 4 ? Family::kIpv4 : Family::kIpv6;
    for (size_t length = 0; length <= packet.size(); ++length) {
      const Bytes quote(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length));
      EXPECT_EQ(Read(family, quote), PlainReader(family, quote).Read()) << length;
    }
  }
  EXPECT_EQ(Read(Family::kIpv6, Bytes(packets[2].begin(), packets[2].begin() + 60)),
            "60 of 89 a::2>a::1 60@40 cut");
}

TEST(QuotedPacketTest, NotMoreThan32HeadersAreWalkedOver) {
  for (const size_t headers : {32u, 33u}) {
    const Ipv6 ip{.extensions = std::vector<Extension>(headers, {60, Bytes(8)})};
    const auto quoted = QuotedPacket::Parse(Family::kIpv6, Build(ip, Icmp{}));
    ASSERT_TRUE(quoted);
    EXPECT_EQ(quoted->protocol, headers == 32 ? 58 : 60);
    EXPECT_EQ(quoted->echo.has_value(), headers == 32);
    EXPECT_EQ(quoted->header_length, 40 + 32 * 8u);
  }
}

TEST(QuotedPacketTest, RandomQuotesAreReadAsThePlainReaderDoes) {
  constexpr uint8_t kProtocols[] = {0, 0, 1, 6, 17, 43, 44, 44, 50, 58, 58, 59, 60, 253};
  constexpr uint8_t kTypes[] = {0, 3, 8, 128, 129, 1};
  std::mt19937 random(1191);
  const auto below = [&](size_t n) { return random() % n; };
  size_t echoes = 0;
  for (int i = 0; i < 200'000; ++i) {
    const bool v4 = below(2) == 0;
    Bytes bytes(below(140));
    // Few bits set: short headers, small offsets.
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(below(4) == 0 ? random() : below(3));
    const auto set = [&](size_t at, size_t value) {
      if (at < bytes.size()) bytes[at] = static_cast<uint8_t>(value);
    };
    if (below(20) != 0) set(0, v4 ? 0x40 + below(8) + (below(4) != 0 ? 5 : 0) : 0x60 + below(16));
    set(v4 ? 9 : 6, kProtocols[below(std::size(kProtocols))]);
    set(v4 ? 2 : 4, below(10) == 0 ? 1 : 0);
    set(v4 ? 3 : 5, random());
    for (size_t at = v4 ? 20 : 40; at < bytes.size(); at += 8) {
      set(at, below(2) == 0 ? kTypes[below(std::size(kTypes))]
                            : kProtocols[below(std::size(kProtocols))]);
    }
    const Family family = v4 ? Family::kIpv4 : Family::kIpv6;
    const std::string read = Read(family, bytes);
    ASSERT_EQ(read, PlainReader(family, bytes).Read()) << testing::ToHex(bytes);
    if (read.find("re") != std::string::npos) ++echoes;
  }
  EXPECT_GT(echoes, 1'000u);
}

}  // namespace
}  // namespace netstack::wire

#include "netstack/ip/source_selection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/wire/text.h"

namespace netstack::ip {
namespace {

using testing::AddressOf;
using wire::Family;

Family FamilyOf(const char* text) { return wire::ParseAddress(text)->family; }

// Candidates in the order in which they were assigned.
SourceCandidates Candidates(const std::vector<const char*>& addresses) {
  SourceCandidates candidates;
  uint32_t order = 0;
  for (const char* const address : addresses) {
    candidates.Add(FamilyOf(address), AddressOf(address), order++);
  }
  return candidates;
}

std::string Choice(const SourceCandidates& candidates, const char* remote) {
  const auto chosen = candidates.Choose(FamilyOf(remote), AddressOf(remote));
  return chosen ? wire::Format(FamilyOf(remote), *chosen) : "none";
}

struct Case {
  const char* rule;
  std::vector<const char*> candidates;
  const char* remote;
  const char* chosen;
};

const Case kIpv4Cases[] = {
    {"no candidate", {}, "192.0.2.1", "none"},
    {"the only one, however far", {"10.0.0.1"}, "192.0.2.1", "10.0.0.1"},
    {"the longest common prefix", {"10.0.0.1", "192.0.3.1"}, "192.0.2.1", "192.0.3.1"},
    {"beyond the subnet's prefix", {"192.0.2.129", "192.0.2.2"}, "192.0.2.3", "192.0.2.2"},
    {"of equals the first assigned", {"10.0.0.1", "10.0.0.2"}, "192.0.2.1", "10.0.0.1"},
    {"of equals the first, whatever number", {"10.0.0.9", "10.0.0.2"}, "192.0.2.1", "10.0.0.9"},
    {"the destination itself", {"10.0.0.1", "10.0.0.2"}, "10.0.0.2", "10.0.0.2"},
    {"loopback has no scope of its own", {"127.0.0.1", "10.0.0.1"}, "126.0.0.1", "127.0.0.1"},
};

// RFC 6724 section 5; its examples of section 10.1 are marked.
const Case kIpv6Cases[] = {
    {"no candidate", {}, "2001:db8::1", "none"},
    {"1: the destination itself", {"2001:db8::1", "fe80::1"}, "fe80::1", "fe80::1"},
    {"1 before order", {"2001:db8::1", "2001:db8::2"}, "2001:db8::2", "2001:db8::2"},
    {"2: a global one for a global one",
     {"fe80::1", "2001:db8:1::1"},
     "2001:db8:1::2",
     "2001:db8:1::1"},
    {"2: link-local for link-local", {"2001:db8::1", "fe80::1"}, "fe80::2", "fe80::1"},
    {"10.1: appropriate scope", {"2001:db8:3::1", "fe80::1"}, "ff05::1", "2001:db8:3::1"},
    {"10.1: link-local group", {"2001:db8:3::1", "fe80::1"}, "ff02::1", "fe80::1"},
    {"2: smallest scope that reaches, site-local",
     {"2001:db8::1", "fec0::1", "fe80::1"},
     "ff05::1",
     "fec0::1"},
    {"2: largest scope if none reaches", {"fe80::1", "fec0::1"}, "2001:db8::1", "fec0::1"},
    {"2: interface-local group", {"2001:db8::1", "fe80::1"}, "ff01::1", "fe80::1"},
    {"2: global group", {"fe80::1", "2001:db8::1"}, "ff0e::1", "2001:db8::1"},
    {"6: label before prefix, 6to4",
     {"2001:db8:1::1", "2002:c633:6401::1"},
     "2002:c000:204::1",
     "2002:c633:6401::1"},
    {"6: 6to4 source not for native",
     {"2002:c633:6401::1", "2001:db8:1::1"},
     "2400::1",
     "2001:db8:1::1"},
    {"6: unique local for unique local", {"2001:db8::1", "fd00::1"}, "fc00::1", "fd00::1"},
    {"6: global for global, not unique local",
     {"fd00::1", "2001:db8::1"},
     "2400::1",
     "2001:db8::1"},
    {"6: Teredo for Teredo", {"2001:db8::1", "2001::1"}, "2001:0:1::1", "2001::1"},
    {"6: neither label fits, so rule 8", {"fd00::1", "2002:1::1"}, "2400::1", "2002:1::1"},
    {"2 before 6", {"fd00::1", "fe80::1"}, "fe80::9", "fe80::1"},
    {"10.1: longest matching prefix",
     {"2001:db8:1::2", "2001:db8:3::2"},
     "2001:db8:1::1",
     "2001:db8:1::2"},
    {"8: last bits count", {"2001:db8::8", "2001:db8::2"}, "2001:db8::3", "2001:db8::2"},
    {"ties by order", {"2001:db8::9", "2001:db8::1"}, "2400::1", "2001:db8::9"},
    {"ties by order across labels", {"fd00::1", "fc00::1", "fd00::2"}, "2400::1", "fd00::1"},
};

class SourceSelectionTest : public ::testing::TestWithParam<Case> {};

TEST_P(SourceSelectionTest, Rule) {
  const Case& c = GetParam();
  EXPECT_EQ(Choice(Candidates(c.candidates), c.remote), c.chosen) << c.rule;
}

std::string Name(const ::testing::TestParamInfo<Case>& info) {
  std::string name;
  for (const char* c = info.param.rule; *c != 0; ++c) {
    name.push_back(isalnum(static_cast<unsigned char>(*c)) != 0 ? *c : '_');
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ipv4, SourceSelectionTest, ::testing::ValuesIn(kIpv4Cases), Name);
INSTANTIATE_TEST_SUITE_P(Ipv6, SourceSelectionTest, ::testing::ValuesIn(kIpv6Cases), Name);

TEST(SourceCandidatesTest, RemovedOnesAreNotChosen) {
  SourceCandidates candidates = Candidates({"fe80::1", "2001:db8::1", "2001:db8::2"});
  const SourceCandidates before = candidates;
  candidates.Remove(Family::kIpv6, AddressOf("2001:db8::1"));
  EXPECT_EQ(Choice(candidates, "2001:db8::9"), "2001:db8::2");
  candidates.Remove(Family::kIpv6, AddressOf("2001:db8::2"));
  EXPECT_EQ(Choice(candidates, "2001:db8::9"), "fe80::1");
  candidates.Remove(Family::kIpv6, AddressOf("2001:db8::2"));  // once more
  candidates.Remove(Family::kIpv6, AddressOf("fe80::1"));
  EXPECT_EQ(Choice(candidates, "2001:db8::9"), "none");
  EXPECT_EQ(Choice(before, "2400::1"), "2001:db8::1");
}

// Among many the same as among few: each pair of rule 8's neighbours.
TEST(SourceCandidatesTest, AmongAThousandTheNearestIsChosen) {
  SourceCandidates candidates;
  for (uint32_t i = 0; i < 1000; ++i) {
    candidates.Add(Family::kIpv4, wire::Address::Ipv4(0x0a00'0000u + i * 256), i);
  }
  for (uint32_t i = 0; i < 1000; ++i) {
    const auto chosen =
        candidates.Choose(Family::kIpv4, wire::Address::Ipv4(0x0a00'0000u + i * 256 + 7));
    EXPECT_EQ(chosen->ipv4(), 0x0a00'0000u + i * 256);
  }
}

TEST(SourceCandidatesTest, TheFirstIsTheOldestThatIsStillThere) {
  SourceCandidates candidates = Candidates({"10.0.0.9", "192.0.2.1", "10.0.0.1"});
  const auto first = [&] {
    const auto found = candidates.First();
    return found ? wire::Format(Family::kIpv4, *found) : "none";
  };
  EXPECT_EQ(first(), "10.0.0.9");
  candidates.Remove(Family::kIpv4, AddressOf("10.0.0.9"));
  EXPECT_EQ(first(), "192.0.2.1");
  candidates.Add(Family::kIpv4, AddressOf("10.0.0.9"), 3);
  candidates.Remove(Family::kIpv4, AddressOf("192.0.2.1"));
  EXPECT_EQ(first(), "10.0.0.1");
  candidates.Remove(Family::kIpv4, AddressOf("10.0.0.1"));
  EXPECT_EQ(first(), "10.0.0.9");
  candidates.Remove(Family::kIpv4, AddressOf("10.0.0.9"));
  EXPECT_EQ(first(), "none");
}

}  // namespace
}  // namespace netstack::ip

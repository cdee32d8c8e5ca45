// Mutated packets into stacks of all kinds, against the reference: every answer
// byte for byte, what handlers see and are told, and every counter.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "reference/echo.h"
#include "reference/random.h"
#include "reference/random_configuration.h"
#include "reference/random_packet.h"
#include "reference/subject.h"

namespace reference {

namespace {

// A million where the library is built as it is shipped; fewer in builds for
// debugging and for sanitizers, which are many times slower.
#if defined(NDEBUG)
constexpr size_t kPackets = 1'000'000;
#else
constexpr size_t kPackets = 50'000;
#endif
constexpr size_t kPacketsPerStack = 2'000;
constexpr size_t kPacketsPerCount = 100;  // counters are read after so many

Decision RandomDecision(Random* random) {
  static const std::vector<int> kReplies = {0, 0, 0, 1, 1, 2};
  static const std::vector<int> kVerdicts = {0, 0, 0, 1, 1, 2, -1, 77};
  return {random->Of(kReplies), random->Of(kVerdicts)};
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  out << "reply " << (outcome.reply ? support::ToHex(*outcome.reply) : "none") << ", asked ";
  if (outcome.asked) out << static_cast<int>(*outcome.asked);
  for (const int status : outcome.statuses) out << ' ' << status;
  return out;
}

// What is in one and not, or with another count, in the other.
void WriteDifferences(const Counts& expected, const Counts& actual, std::ostream* out) {
  for (const auto& [name, count] : expected) {
    const auto at = actual.find(name);
    const uint64_t got = at != actual.end() ? at->second : 0;
    if (got != count) *out << name << ' ' << got << ", not " << count << "; ";
  }
  for (const auto& [name, count] : actual) {
    if (!expected.contains(name)) *out << name << ' ' << count << ", not 0; ";
  }
}

// One stack and its packets; what differs, or nothing.
std::string WhatDiffers(uint64_t seed, size_t packets_per_count) {
  Random random(seed);
  const Configuration configuration = RandomConfiguration(&random);
  PacketMaker maker(&random, configuration);
  Counts counts;
  Stack reference(configuration, &counts);
  Subject subject(configuration);
  Subject other(configuration);  // gets what is beyond the reference
  std::vector<Bytes> sent;
  for (size_t i = 1; i <= kPacketsPerStack; ++i) {
    const Bytes packet = maker.Make();
    const Decision decision = RandomDecision(&random);
    const auto expected = reference.Receive(packet, decision);
    if (!expected) {
      // Of what it sends, and counts, other tests know more.
      other.Receive(packet, decision, &sent);
      continue;
    }
    const Outcome actual = subject.Receive(packet, decision, &sent);
    const bool right = sent.size() <= 1 && actual == *expected;
    const bool counted = i % packets_per_count != 0 || EveryName(counts) == subject.Counters();
    if (right && counted) continue;
    std::ostringstream wrong;
    wrong << "packet " << i << ' ' << support::ToHex(packet) << " replies " << decision.replies
          << " verdict " << decision.verdict << "\nexpected " << *expected << "\nactual " << actual
          << " of " << sent.size() << '\n';
    WriteDifferences(EveryName(counts), subject.Counters(), &wrong);
    return wrong.str();
  }
  return "";
}

TEST(Mutations, OfPacketsAreAnsweredAndCountedAsTheReferenceDoes) {
  for (uint64_t seed = 1; seed <= kPackets / kPacketsPerStack; ++seed) {
    const std::string wrong = WhatDiffers(seed, kPacketsPerCount);
    if (wrong.empty() && !HasFailure()) continue;
    FAIL() << "seed " << seed << "\n" << WhatDiffers(seed, 1);
  }
}

}  // namespace

}  // namespace reference

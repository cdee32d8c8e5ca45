// Every function of the description is called through libffi: with zeros, with live handles and
// zeros beside them, and with all that it wants. One that is new is called from the day on that it
// is described.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "abi/ffi/call.h"
#include "abi/ffi/description.h"
#include "abi/ffi/world.h"

namespace {

using foreign::Call;
using foreign::Description;
using foreign::Parameter;
using foreign::Round;
using foreign::Word;
using foreign::World;

std::vector<std::string> Functions() {
  std::vector<std::string> names;
  for (const auto& [name, signature] : Description::Get().functions) names.push_back(name);
  return names;
}

// What a function that returns a status says to zeros.
Word RefusalOfZeros(const std::string& function) {
  if (function == "ns_error_status") return Description::Get().constant("NS_OK");  // no error
  for (const Parameter& each : Description::Get().functions.at(function).parameters) {
    if (each.type == "ns_request") return Description::Get().constant("NS_ERR_EXPIRED");
  }
  return Description::Get().constant("NS_ERR_INVALID_ARGUMENT");
}

// What the functions return for zeros that return no status.
const std::map<std::string, Word>& AnswersToZeros() {
  static const std::map<std::string, Word> answers = {
      {"ns_abi_version", Description::Get().constant("NS_ABI_VERSION")},
      {"ns_capture_get_lost", 0},
      {"ns_clock_get_now", 0},
      {"ns_link_get_mtu", 0},
      {"ns_packet_ref", 0},
      {"ns_stack_get_descriptor", static_cast<Word>(-1)},
      {"ns_stack_get_next_deadline", Description::Get().constant("NS_TIME_NEVER")},
  };
  return answers;
}

const std::map<std::string, std::string>& TextsForZeros() {
  static const std::map<std::string, std::string> texts = {
      {"ns_error_message", "no error"},
      {"ns_status_name", "NS_OK"},
      {"ns_version_string", "0."},
  };
  return texts;
}

// Functions that never return NS_OK to what the rounds give them.
const std::map<std::string, const char*>& NeverDone() {
  static const std::map<std::string, const char*> why = {
      {"ns_error_status", "tells what the error is about"},
      {"ns_link_get_device", "the link is a channel"},
      {"ns_link_read", "nothing was sent"},
      {"ns_link_tun_new", "no device of the machine's is touched"},
      {"ns_ping", "a manual clock can't wait"},
      {"ns_ping_socket_get_name", "the socket is not bound"},
      {"ns_ping_socket_receive", "nothing came"},
      {"ns_stack_run", "a manual clock can't wait"},
      {"ns_stack_set_icmp_limited", "no type is a truth value as well"},
      {"ns_stack_set_nic_flags", "a flag is set and cleared at once"},
  };
  return why;
}

void ExpectStatus(Word result) {
  for (const auto& [name, value] : Description::Get().constants) {
    const bool is_status = name == "NS_OK" || name == "NS_UNCLAIMED" || name.starts_with("NS_ERR_");
    if (is_status && value == result) return;
  }
  ADD_FAILURE() << static_cast<int64_t>(result) << " is no status";
}

class EveryFunctionByFfi : public testing::TestWithParam<std::string> {
 protected:
  const std::string& returns() const { return Description::Get().functions.at(GetParam()).returns; }
};

TEST_P(EveryFunctionByFfi, AnswersZeros) {
  const size_t count = Description::Get().functions.at(GetParam()).parameters.size();
  const Word result = Call(GetParam(), std::vector<Word>(count));
  if (returns() == "ns_status") {
    EXPECT_EQ(result, RefusalOfZeros(GetParam())) << static_cast<int64_t>(result);
  } else if (returns() == "const char *") {
    const std::string text(reinterpret_cast<const char*>(result));
    ASSERT_TRUE(TextsForZeros().contains(GetParam())) << "is not listed";
    EXPECT_TRUE(text.starts_with(TextsForZeros().at(GetParam()))) << text;
  } else if (returns() != "void") {
    ASSERT_TRUE(AnswersToZeros().contains(GetParam())) << "is not listed";
    EXPECT_EQ(result, AnswersToZeros().at(GetParam()));
  }
}

TEST_P(EveryFunctionByFfi, DoesItsWorkWithLiveHandles) {
  bool was_done = false;
  for (const char* const text : {"10.9.0.1/24", "10.9.0.1", "10.9.0.0/16", "10.0.0.1",
                                 "10.7.0.0/16", "10.8.0.0/16", "224.0.0.9", "224.0.0.10"}) {
    for (const uint32_t number : {1u, 2u}) {
      for (const bool link_is_free : {true, false}) {
        World world;
        const Word result = world.CallLive(GetParam(), Round{text, number, link_is_free, false});
        if (returns() == "ns_status") ExpectStatus(result);
        was_done = was_done || result == Description::Get().constant("NS_OK");
        world.Free();
        EXPECT_EQ(world.destroyed(), world.expected());
      }
    }
  }
  if (returns() == "ns_status") {
    EXPECT_EQ(was_done, !NeverDone().contains(GetParam()));
  }
}

TEST_P(EveryFunctionByFfi, SurvivesZerosBesideLiveHandles) {
  World world;
  const Word result = world.CallLive(GetParam(), Round{"", 0, false, true});
  if (returns() == "ns_status") ExpectStatus(result);
}

INSTANTIATE_TEST_SUITE_P(Functions, EveryFunctionByFfi, testing::ValuesIn(Functions()),
                         [](const auto& each) { return each.param; });

}  // namespace

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <climits>
#include <set>
#include <string>

#include "support/handles.h"

namespace {

struct Named {
  ns_status status;
  int32_t number;
  const char* name;
};

// The numbers never change.
constexpr Named kStatuses[] = {
    {NS_UNCLAIMED, 1, "NS_UNCLAIMED"},
    {NS_OK, 0, "NS_OK"},
    {NS_ERR_INVALID_ARGUMENT, -1, "NS_ERR_INVALID_ARGUMENT"},
    {NS_ERR_NO_MEMORY, -2, "NS_ERR_NO_MEMORY"},
    {NS_ERR_EXPIRED, -3, "NS_ERR_EXPIRED"},
    {NS_ERR_NOT_REPLYABLE, -4, "NS_ERR_NOT_REPLYABLE"},
    {NS_ERR_NO_ROUTE, -5, "NS_ERR_NO_ROUTE"},
    {NS_ERR_LIMITED, -6, "NS_ERR_LIMITED"},
    {NS_ERR_BUSY, -7, "NS_ERR_BUSY"},
    {NS_ERR_UNSUPPORTED, -8, "NS_ERR_UNSUPPORTED"},
    {NS_ERR_TOO_SMALL, -9, "NS_ERR_TOO_SMALL"},
    {NS_ERR_NOT_FOUND, -10, "NS_ERR_NOT_FOUND"},
    {NS_ERR_CLOSED, -11, "NS_ERR_CLOSED"},
    {NS_ERR_ANSWERED, -12, "NS_ERR_ANSWERED"},
    {NS_ERR_TIMED_OUT, -13, "NS_ERR_TIMED_OUT"},
    {NS_ERR_WOULD_BLOCK, -14, "NS_ERR_WOULD_BLOCK"},
    {NS_ERR_INTERNAL, -99, "NS_ERR_INTERNAL"},
};

TEST(Status, HasItsNumberAndItsName) {
  for (const Named& named : kStatuses) {
    EXPECT_EQ(named.status, named.number) << named.name;
    EXPECT_STREQ(ns_status_name(named.status), named.name);
  }
}

TEST(Status, ThatDoesNotExistIsUnknown) {
  std::set<ns_status> known;
  for (const Named& named : kStatuses) known.insert(named.status);
  for (ns_status status = -300; status <= 300; ++status) {
    if (known.count(status) != 0) continue;
    EXPECT_STREQ(ns_status_name(status), "NS_ERR_UNKNOWN") << status;
  }
  EXPECT_STREQ(ns_status_name(INT_MIN), "NS_ERR_UNKNOWN");
  EXPECT_STREQ(ns_status_name(INT_MAX), "NS_ERR_UNKNOWN");
}

TEST(Error, OfNothingIsNoError) {
  EXPECT_EQ(ns_error_status(nullptr), NS_OK);
  EXPECT_STREQ(ns_error_message(nullptr), "no error");
  ns_error_free(nullptr);
}

// A call that fails: the MTU is too large.
ns_status Fail(ns_error** out_error) {
  ns_link_channel_options options{};
  ns_link_channel_options_init(&options, sizeof options);
  options.mtu = NS_MTU_MAX + 1;
  ns_link* link = nullptr;
  const ns_status status = ns_link_channel_new(&options, &link, out_error);
  EXPECT_EQ(link, nullptr);
  return status;
}

TEST(Error, HasTheStatusThatWasReturnedAndASentence) {
  ns_error* error = nullptr;
  EXPECT_EQ(Fail(&error), NS_ERR_INVALID_ARGUMENT);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(ns_error_status(error), NS_ERR_INVALID_ARGUMENT);
  const std::string message = ns_error_message(error);
  EXPECT_NE(message.find("65536"), std::string::npos) << message;
  EXPECT_EQ(message, ns_error_message(error)) << "asked again";
  ns_error_free(error);
}

TEST(Error, NeedNotBeAskedFor) { EXPECT_EQ(Fail(nullptr), NS_ERR_INVALID_ARGUMENT); }

TEST(Error, IsNullAfterSuccessWhateverStoodThere) {
  int something = 0;
  auto* error = reinterpret_cast<ns_error*>(&something);
  ns_link* link = nullptr;
  EXPECT_EQ(ns_link_channel_new(nullptr, &link, &error), NS_OK);
  EXPECT_EQ(error, nullptr);
  ns_link_free(link);
}

// What a call says of `text` where it wants a prefix.
std::string MessageAbout(const char* text) {
  ns_stack* stack = nullptr;
  EXPECT_EQ(ns_stack_new(nullptr, &stack, nullptr), NS_OK);
  const support::StackHandle owner(stack);
  ns_error* error = nullptr;
  EXPECT_EQ(ns_stack_add_local_prefix(stack, 1, text, &error), NS_ERR_INVALID_ARGUMENT);
  std::string message = ns_error_message(error);
  ns_error_free(error);
  return message;
}

TEST(Error, QuotesWhatWasPassedAsItIs) {
  for (const char* const text :
       {"10.0.0.0", "Stra\xc3\x9f\x65", "\xe2\x82\xac/24", "\xf0\x9f\x98\x80"}) {
    const std::string message = MessageAbout(text);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  }
}

TEST(Error, IsOneLineOfUtf8WhateverWasPassed) {
  struct Case {
    const char* text;
    const char* shown;
  };
  const Case cases[] = {
      {"{a\nb\r\tc\x1b[31m\x7f}", "{a?b??c?[31m?}"},
      {"{\xff\xfe}", "{??}"},
      {"{\x80}", "{?}"},
      {"{\xc3}", "{?}"},                 // cut off
      {"{\xe2\x82}", "{??}"},            // cut off
      {"{\xc0\xaf}", "{??}"},            // an overlong slash
      {"{\xe0\x80\xaf}", "{???}"},       // another
      {"{\xed\xa0\x80}", "{???}"},       // half a surrogate pair
      {"{\xf4\x90\x80\x80}", "{????}"},  // beyond Unicode
      {"{\xc2\x85}", "{?}"},             // next line
      {"{\xe2\x80\xa8}", "{?}"},         // line separator
      {"{\xe2\x80\xa9}", "{?}"},         // paragraph separator
  };
  for (const Case& c : cases) {
    const std::string message = MessageAbout(c.text);
    EXPECT_NE(message.find(c.shown), std::string::npos) << message << " instead of " << c.shown;
  }
}

}  // namespace

// One public function, and what it must survive.
#ifndef NETSTACK_TESTS_ARGUMENTS_ROW_H_
#define NETSTACK_TESTS_ARGUMENTS_ROW_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <span>
#include <string>

#include "support/handles.h"

namespace arguments {

struct Row {
  const char* function;
  void (*check)();
};

inline std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.function; }

// The call fails as told, and its error says so in a sentence.
inline void ExpectRefused(ns_status expected, ns_status status, const support::Error& error) {
  EXPECT_EQ(status, expected) << error.message();
  EXPECT_EQ(error.status(), expected);
  EXPECT_GT(error.message().size(), 8u);
  EXPECT_EQ(error.message().find('\n'), std::string::npos);
}

// `call` uses `e` as its out_error.
#define EXPECT_REFUSED(expected, call)                         \
  do {                                                         \
    support::Error its_error;                                  \
    ns_error** const e = its_error.out();                      \
    const ns_status its_status = (call);                       \
    arguments::ExpectRefused(expected, its_status, its_error); \
  } while (false)

inline ns_address WithFamily(uint32_t family) {
  ns_address address{};
  address.bytes[0] = 10;
  address.family = family;
  return address;
}

// Those of sockets, which stand in a file of their own.
std::span<const Row> SocketRows();

}  // namespace arguments

#endif  // NETSTACK_TESTS_ARGUMENTS_ROW_H_

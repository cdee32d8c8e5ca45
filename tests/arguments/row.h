// One public function, and what it must survive.
#ifndef NETSTACK_TESTS_ARGUMENTS_ROW_H_
#define NETSTACK_TESTS_ARGUMENTS_ROW_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <algorithm>
#include <array>
#include <cstring>
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

// Options' _init functions write what fits, or nothing.
template <typename Options>
void CheckInit(void (*init)(Options*, size_t), const Options& defaults) {
  init(nullptr, sizeof(Options));
  using Bytes = std::array<unsigned char, sizeof(Options) + 16>;
  for (size_t size = 0; size <= sizeof(Bytes); ++size) {
    alignas(Options) Bytes bytes;
    bytes.fill(0xee);
    void* const memory = bytes.data();
    init(static_cast<Options*>(memory), size);
    Bytes expected;
    expected.fill(0xee);
    if (size >= sizeof(uint32_t)) {
      for (size_t i = 0; i < size; ++i) expected[i] = 0;
      std::memcpy(expected.data(), &defaults, std::min(size, sizeof defaults));
      const auto told = static_cast<uint32_t>(size);
      std::memcpy(expected.data(), &told, sizeof told);
    }
    EXPECT_EQ(bytes, expected) << size;
  }
}

// Those of sockets, which stand in a file of their own.
std::span<const Row> SocketRows();

}  // namespace arguments

#endif  // NETSTACK_TESTS_ARGUMENTS_ROW_H_

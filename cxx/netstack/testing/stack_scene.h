// A stack in which time stands still and every number is the same in each run.
#ifndef NETSTACK_TESTING_STACK_SCENE_H_
#define NETSTACK_TESTING_STACK_SCENE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netstack/base/clock.h"
#include "netstack/base/entry.h"
#include "netstack/base/random.h"
#include "netstack/base/registry.h"
#include "netstack/stack/stack.h"
#include "netstack/testing/fake_link.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/wire/text.h"

namespace netstack::testing {

inline std::vector<wire::Prefix> PrefixesOf(std::initializer_list<std::string_view> texts) {
  std::vector<wire::Prefix> prefixes;
  for (const std::string_view text : texts) prefixes.push_back(PrefixOf(text));
  return prefixes;
}
inline std::vector<wire::ParsedAddress> AddressesOf(std::initializer_list<std::string_view> texts) {
  std::vector<wire::ParsedAddress> addresses;
  for (const std::string_view text : texts) addresses.push_back(*wire::ParseAddress(text));
  return addresses;
}
// "10.0.0.0/8", by a gateway or on the link.
inline stack::RouteEntry RouteOf(std::string_view prefix, uint32_t nic,
                                 std::string_view gateway = {}) {
  return {PrefixOf(prefix), gateway.empty() ? wire::Address{} : AddressOf(gateway), nic};
}

// The stack, with a caller's Entry around each call.
class StackScene {
 public:
  explicit StackScene(stack::StackOptions options = {}) : clock_(new base::ManualClock()) {
    if (options.clock == nullptr) options.clock = clock_;
    options.random = std::make_shared<base::SeededRandom>(1);
    EXPECT_TRUE(stack::Stack::Create(std::move(options), &stack_).ok());
  }
  StackScene(const StackScene&) = delete;
  StackScene& operator=(const StackScene&) = delete;
  // As an embedder's call that frees it.
  ~StackScene() {
    stack_->Close();
    struct Holder final : base::Retired {
      std::shared_ptr<stack::Stack> stack;
    };
    auto last = std::make_unique<Holder>();
    last->stack = std::move(stack_);
    base::Registry::Get().Retire(std::move(last), true);
  }

  stack::Stack& operator*() { return *stack_; }
  stack::Stack* operator->() { return stack_.get(); }
  base::ManualClock& clock() { return *clock_; }

  // A NIC on a fake link, with addresses.
  FakeLink::Pointer AddNic(uint32_t id, std::initializer_list<std::string_view> addresses = {}) {
    auto link = FakeLink::Make();
    const std::vector<wire::Prefix> prefixes = PrefixesOf(addresses);
    stack::NicOptions options;
    options.addresses = prefixes;
    const base::Entry entry;
    const base::Error error = stack_->AddNic(id, link.get(), options);
    EXPECT_TRUE(error.ok()) << error.message();
    return link;
  }

  uint64_t Count(std::string_view name) {
    uint64_t value = UINT64_MAX;
    EXPECT_TRUE(stack_->GetCounter(name, &value).ok()) << name;
    return value;
  }
  std::map<std::string, uint64_t> AllCounts() {
    std::map<std::string, uint64_t> counts;
    stack_->ForEachCounter([&](const char* name, uint64_t value) {
      EXPECT_TRUE(counts.emplace(name, value).second) << name << " comes twice";
      return true;
    });
    return counts;
  }

 private:
  std::shared_ptr<base::ManualClock> clock_;
  std::shared_ptr<stack::Stack> stack_;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_STACK_SCENE_H_

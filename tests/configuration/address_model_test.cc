// Many random changes, each whole or not at all, against a model that keeps
// plain sets and works everything out anew.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Handler;
using support::Wire;
using support::WireOptions;

// Everything happens in 10.0.0.0/27, so that subnets overlap all the time.
constexpr uint32_t kHosts = 32;

std::string Name(uint32_t host) { return "10.0.0." + std::to_string(host); }

class Model {
 public:
  using Entry = std::pair<uint32_t, uint32_t>;  // host and prefix length

  bool Add(const std::vector<Entry>& entries) {
    auto next = assigned_;
    for (const auto& [host, length] : entries) {
      if (!next.emplace(host, length).second) return false;
    }
    assigned_ = next;
    return true;
  }
  bool Remove(const std::vector<Entry>& entries) {
    auto next = assigned_;
    for (const auto& [host, length] : entries) {
      if (next.erase(host) == 0) return false;
    }
    assigned_ = next;
    return true;
  }
  bool AddPrefix(Entry prefix) { return prefixes_.insert(prefix).second; }
  bool RemovePrefix(Entry prefix) { return prefixes_.erase(prefix) != 0; }

  // The flags that a packet to `host` has, or -1.
  [[nodiscard]] int Flags(uint32_t host) const {
    const auto exact = assigned_.find(host);
    if (exact != assigned_.end()) {
      return IsBroadcastOf(host, *exact) ? NS_PACKET_BROADCAST : 0;
    }
    for (const auto& entry : assigned_) {
      if (IsBroadcastOf(host, entry)) return NS_PACKET_BROADCAST;
    }
    for (const auto& [base, length] : prefixes_) {
      if (host >> (32 - length) == base >> (32 - length)) return NS_PACKET_TEMPORARY;
    }
    return -1;
  }

 private:
  static bool IsBroadcastOf(uint32_t host, const std::pair<const uint32_t, uint32_t>& entry) {
    const auto& [address, length] = entry;
    if (length > 30) return false;
    const uint32_t hosts = (1u << (32 - length)) - 1;
    return host == (address | hosts);
  }

  std::map<uint32_t, uint32_t> assigned_;
  std::set<Entry> prefixes_;
};

class ModelTest : public testing::TestWithParam<uint32_t> {
 protected:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  ns_prefix AsPrefix(Model::Entry entry) {
    return support::Prefix(Name(entry.first) + "/" + std::to_string(entry.second));
  }

  void ChangeAddresses() {
    std::vector<Model::Entry> entries(1 + Below(4));
    for (auto& [host, length] : entries) {
      host = 1 + Below(kHosts - 1);
      length = 27 + Below(6);
    }
    if (Below(2) == 0) {
      std::vector<ns_prefix> prefixes;
      for (const auto& entry : entries) prefixes.push_back(AsPrefix(entry));
      const ns_status status =
          ns_stack_add_addresses(wire_.stack(), 1, prefixes.data(), prefixes.size(), nullptr);
      ASSERT_EQ(status, model_.Add(entries) ? NS_OK : NS_ERR_BUSY);
    } else {
      std::vector<ns_address> addresses;
      for (const auto& entry : entries) addresses.push_back(AsPrefix(entry).address);
      const ns_status status =
          ns_stack_remove_addresses(wire_.stack(), 1, addresses.data(), addresses.size(), nullptr);
      ASSERT_EQ(status, model_.Remove(entries) ? NS_OK : NS_ERR_NOT_FOUND);
    }
  }

  void ChangePrefixes() {
    const uint32_t length = 28 + Below(5);
    const Model::Entry entry{Below(kHosts) >> (32 - length) << (32 - length), length};
    const std::string text = Name(entry.first) + "/" + std::to_string(length);
    if (Below(2) == 0) {
      ASSERT_EQ(ns_stack_add_local_prefix(wire_.stack(), 1, text.c_str(), nullptr),
                model_.AddPrefix(entry) ? NS_OK : NS_ERR_BUSY);
    } else {
      ASSERT_EQ(ns_stack_remove_local_prefix(wire_.stack(), 1, text.c_str(), nullptr),
                model_.RemovePrefix(entry) ? NS_OK : NS_ERR_NOT_FOUND);
    }
  }

  std::mt19937 random_{GetParam()};
  Wire wire_{WireOptions{.addresses = {}}};
  Model model_;
};

TEST_P(ModelTest, AgreesAfterEveryChange) {
  int seen = -1;
  const Handler handler([&](ns_request request) {
    seen = static_cast<int>(support::InfoOf(request).flags);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  std::vector<support::Bytes> packets;
  for (uint32_t host = 0; host < kHosts; ++host) {
    packets.push_back(support::Build(support::EchoRequest("172.16.0.1", Name(host))));
  }
  for (int change = 0; change < 400; ++change) {
    if (Below(4) == 0) {
      ChangePrefixes();
    } else {
      ChangeAddresses();
    }
    if (HasFatalFailure()) return;
    for (uint32_t host = 0; host < kHosts; ++host) {
      seen = -1;
      ASSERT_EQ(support::Inject(wire_.link(), packets[host]), NS_OK);
      ASSERT_EQ(seen, model_.Flags(host)) << Name(host) << " after change " << change;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, ModelTest, testing::Range(1u, 9u));

}  // namespace

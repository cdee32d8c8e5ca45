// A stack of any kind, and the addresses that mean something to it.
#ifndef NETSTACK_TESTS_REFERENCE_RANDOM_CONFIGURATION_H_
#define NETSTACK_TESTS_REFERENCE_RANDOM_CONFIGURATION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/configuration.h"
#include "reference/random.h"
#include "support/icmp_packet.h"

namespace reference {

inline Subnet SubnetOf(const std::string& text) {
  const size_t slash = text.find('/');
  return {support::AddressBytes(text.substr(0, slash)),
          static_cast<unsigned>(std::stoul(text.substr(slash + 1)))};
}

// Each of `texts` or not, in a random order.
inline std::vector<Subnet> Some(Random* random, std::vector<std::string> texts, size_t most) {
  std::vector<Subnet> subnets;
  while (!texts.empty() && subnets.size() < most) {
    const size_t at = random->Below(texts.size());
    if (!random->OneIn(3)) subnets.push_back(SubnetOf(texts[at]));
    texts.erase(texts.begin() + static_cast<ptrdiff_t>(at));
  }
  return subnets;
}

// Subnets that overlap, end at every kind of length, and are each other's
// broadcast addresses; every scope and label of IPv6.
inline std::vector<Subnet> RandomAddresses(Random* random) {
  std::vector<Subnet> addresses =
      Some(random,
           {"192.168.0.1/24", "192.168.0.2/25", "192.168.0.127/24", "192.168.0.255/16",
            "10.1.2.3/8", "10.1.2.5/30", "10.1.4.1/30", "10.1.2.8/31", "10.1.2.9/32",
            "172.16.0.1/12", "127.0.0.1/8", "10.255.255.255/8"},
           4);
  const std::vector<Subnet> ipv6 =
      Some(random,
           {"a::1/64", "a::2:1/128", "fe80::1/64", "2001:db8::1/32", "2002:1::1/48", "fc00::1/7",
            "fec0::1/64", "2001:0:1::1/64", "::1/128", "b::ff:1/120"},
           4);
  addresses.insert(addresses.end(), ipv6.begin(), ipv6.end());
  return addresses;
}

inline Policy RandomPolicy(Random* random) {
  return random->OneIn(2) ? Policy::kDefault : static_cast<Policy>(random->Below(3));
}

inline Configuration RandomConfiguration(Random* random) {
  Configuration c;
  c.strict_routes = random->OneIn(3);
  c.check_local_source = random->OneIn(4);
  c.allow_loopback = random->OneIn(4);
  if (random->OneIn(2)) c.ttl = static_cast<uint8_t>(1 + random->Below(255));
  if (random->OneIn(2)) c.hop_limit = static_cast<uint8_t>(1 + random->Below(255));
  for (Policy* const policy :
       {&c.temporary_policy[0], &c.temporary_policy[1], &c.group_policy[0], &c.group_policy[1]}) {
    *policy = RandomPolicy(random);
  }
  c.disabled = random->OneIn(50);
  c.promiscuous = random->OneIn(3);
  c.spoofing = random->OneIn(3);
  static const std::vector<size_t> kMtus = {1,    67,   68,   69,   100,  1279,  1280,
                                            1281, 1500, 1500, 1500, 9000, 65'535};
  c.mtu = random->Of(kMtus);
  c.addresses = RandomAddresses(random);
  c.local_prefixes = Some(random,
                          {"10.0.0.0/8", "0.0.0.0/0", "192.168.0.128/25", "203.0.113.7/32",
                           "a::/16", "::/0", "2001:db8:7::/48", "d::7/128"},
                          3);
  c.groups = {};
  for (const char* const group : {"239.1.2.3", "224.0.0.251", "ff02::fb", "ff0e::7"}) {
    if (random->OneIn(2)) c.groups.push_back(support::AddressBytes(group));
  }
  c.routes = Some(random, {"0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24", "::/0", "d::/16"}, 2);
  c.handler[kIpv4] = !random->OneIn(3);
  c.handler[kIpv6] = !random->OneIn(3);
  c.echo_replies = random->OneIn(3);
  return c;
}

inline std::vector<Bytes> OwnAddresses(const Configuration& configuration, Family family) {
  std::vector<Bytes> own;
  for (const Subnet& each : configuration.addresses) {
    if ((each.address.size() == 4) == (family == kIpv4)) own.push_back(each.address);
  }
  return own;
}

// What addresses in packets are taken from.
inline std::vector<Bytes> InterestingAddresses(const Configuration& configuration, Family family) {
  static const std::vector<std::string> kIpv4Texts = {
      "0.0.0.0",     "0.1.2.3",       "255.255.255.255", "127.0.0.1",       "127.255.255.255",
      "224.0.0.1",   "224.0.0.2",     "239.1.2.3",       "224.0.0.251",     "240.0.0.1",
      "192.168.0.9", "192.168.0.255", "192.168.0.127",   "192.168.255.255", "10.1.2.7",
      "10.1.4.3",    "10.1.2.8",      "10.255.255.255",  "172.31.255.255",  "203.0.113.7",
      "203.0.113.8", "169.254.1.1",   "223.255.255.255", "128.0.0.0",       "10.0.0.0"};
  static const std::vector<std::string> kIpv6Texts = {"::",
                                                      "::1",
                                                      "::ffff:10.0.0.1",
                                                      "::ffff:0.0.0.0",
                                                      "::fffe:10.0.0.1",
                                                      "::10.0.0.1",
                                                      "fe80::1",
                                                      "fe80::77",
                                                      "febf::1",
                                                      "fec0::77",
                                                      "ff02::1",
                                                      "ff02::2",
                                                      "ff02::fb",
                                                      "ff0e::7",
                                                      "ff01::1",
                                                      "ff05::2",
                                                      "a::1",
                                                      "a::2",
                                                      "a::99",
                                                      "ff02::1:ff00:1",
                                                      "d::7",
                                                      "d::8",
                                                      "2001:db8:7::1",
                                                      "fd00::1",
                                                      "2002:2::1",
                                                      "2001:0:2::1",
                                                      "b::ff:ff",
                                                      "ff02::1:ff02:1",
                                                      "2001:db8::2"};
  std::vector<Bytes> all;
  for (const std::string& text : family == kIpv4 ? kIpv4Texts : kIpv6Texts) {
    all.push_back(support::AddressBytes(text));
  }
  const std::vector<Bytes> own = OwnAddresses(configuration, family);
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_RANDOM_CONFIGURATION_H_

/**
 * @file
 * The version of these headers, and of the library that runs.
 */
#ifndef NETSTACK_HPP_VERSION_HPP
#define NETSTACK_HPP_VERSION_HPP

#include <netstack/version.h>

#include <cstdint>
#include <netstack/hpp/error.hpp>
#include <string>

namespace netstack {

/** The ABI of the library that runs: major << 16 | minor. */
inline std::uint32_t AbiVersion() noexcept { return ns_abi_version(); }

/** The version of the library that runs, as "MAJOR.MINOR.PATCH"; valid for ever. */
inline const char* VersionString() noexcept { return ns_version_string(); }

/**
 * Makes sure that the library that runs has the ABI that these headers describe.
 *
 * @throws Error kUnsupported; the sentence names both versions.
 */
inline void CheckVersion() {
  constexpr std::uint32_t kOurs = NS_ABI_VERSION;
  const std::uint32_t theirs = AbiVersion();
  const bool same_major = theirs >> 16 == kOurs >> 16;
  if (kOurs >> 16 == 0 ? theirs == kOurs : same_major && theirs >= kOurs) return;
  throw Error(Status::kUnsupported, std::string("the netstack library is version ") +
                                        VersionString() + ", its headers here are version " +
                                        NS_VERSION_STRING);
}

}  // namespace netstack

#endif  // NETSTACK_HPP_VERSION_HPP

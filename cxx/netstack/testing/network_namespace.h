// Runs a part of a test in a child process with a network of its own, where it
// may do what it likes to devices. Linux.
#ifndef NETSTACK_TESTING_NETWORK_NAMESPACE_H_
#define NETSTACK_TESTING_NETWORK_NAMESPACE_H_

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace netstack::testing {

// False with errno. As root of a new user namespace, or of the present one
// where a sanitizer's own thread forbids that.
inline bool EnterNetworkNamespace() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return geteuid() == 0 && unshare(CLONE_NEWNET | CLONE_NEWNS) == 0;
  }
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return geteuid() == 0;
}

// The body uses EXPECT and ASSERT; what they say is printed by the child.
template <typename Body>
::testing::AssertionResult InNetworkNamespace(Body&& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return ::testing::AssertionFailure() << "fork: " << std::strerror(errno);
  if (child == 0) {
    if (!EnterNetworkNamespace()) {
      std::printf("no network namespace: %s\n", std::strerror(errno));
      std::fflush(nullptr);
      _exit(EXIT_FAILURE);
    }
    body();
    std::fflush(nullptr);
    _exit(::testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) {
    return ::testing::AssertionFailure()
           << "the child in the network namespace ended with wait status " << status
           << "; what it printed says why";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_NETWORK_NAMESPACE_H_

// The child of a fork.
#ifndef NETSTACK_TESTS_SUPPORT_CHILD_H_
#define NETSTACK_TESTS_SUPPORT_CHILD_H_

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace support {

// Runs `body` in a child, where no test framework reports, and returns the
// number of the first of its checks that failed; 0: none.
inline int InAChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body());
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_CHILD_H_

#include "sandbox.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "failure.h"

namespace program {

namespace {

[[noreturn]] void FailWith(const std::string& what, int error) {
  throw Failure(kExitFailed, "the system forbids a network of our own (" + what + ": " +
                                 std::strerror(error) + ")");
}

// 0, or an errno.
int WriteFile(const char* path, const std::string& text) noexcept {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const ssize_t written = write(file, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

// The one user and the one group that we are become root.
void MapIds(uid_t user, gid_t group) {
  // Kernels before 3.19 have no such file and want none.
  if (const int error = WriteFile("/proc/self/setgroups", "deny"); error != 0 && error != ENOENT) {
    FailWith("setgroups", error);
  }
  if (const int error = WriteFile("/proc/self/uid_map", "0 " + std::to_string(user) + " 1")) {
    FailWith("uid_map", error);
  }
  if (const int error = WriteFile("/proc/self/gid_map", "0 " + std::to_string(group) + " 1")) {
    FailWith("gid_map", error);
  }
}

void BringUpLoopback() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) FailWith("socket", errno);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  int error = ioctl(any, SIOCGIFFLAGS, &request) == 0 ? 0 : errno;
  if (error == 0) {
    request.ifr_flags = static_cast<int16_t>(request.ifr_flags | IFF_UP);
    if (ioctl(any, SIOCSIFFLAGS, &request) != 0) error = errno;
  }
  close(any);
  if (error != 0) FailWith("device lo can't be brought up", error);
}

}  // namespace

void EnterSandbox() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWNET) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      FailWith("unshare", errno);
    }
    MapIds(user, group);
  }
  BringUpLoopback();
}

}  // namespace program

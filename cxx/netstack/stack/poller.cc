#include "netstack/stack/poller.h"

#include <cstdint>
#include <cstring>
#include <string>

#if defined(__linux__)
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace netstack::stack {

using base::Error;
using base::Status;

#if defined(__linux__)

namespace {
bool Add(int poll, int descriptor, uint32_t how = 0) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | how;
  event.data.fd = descriptor;
  return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}
}  // namespace

Poller::~Poller() {
  if (wake_ >= 0) close(wake_);
  if (poll_ >= 0) close(poll_);
}

Error Poller::Open() {
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (poll_ < 0 || wake_ < 0 || !Add(poll_, wake_)) {
    return {Status::kLimited,
            std::string("the stack can't get a descriptor to wait for: ") + std::strerror(errno)};
  }
  return {};
}

Status Poller::Watch(int device) noexcept {
  return Add(poll_, device) || errno == EEXIST ? Status::kOk : Status::kUnsupported;
}

void Poller::Unwatch(int device) noexcept { epoll_ctl(poll_, EPOLL_CTL_DEL, device, nullptr); }

void Poller::Wake() const noexcept {
  const int saved = errno;
  const uint64_t one = 1;
  static_cast<void>(!write(wake_, &one, sizeof one));  // full: it is readable already
  errno = saved;
}

void Poller::Quiet() const noexcept {
  uint64_t count = 0;
  static_cast<void>(!read(wake_, &count, sizeof count));
}

bool Poller::ready() const noexcept {
  pollfd state{poll_, POLLIN, 0};
  return ::poll(&state, 1, 0) > 0;
}

int Poller::OpenFor(int device) const noexcept {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) return -1;
  // Every wake counts once: who makes wake_ quiet again is not this loop.
  if (Add(poll, device) && Add(poll, wake_, EPOLLET)) return poll;
  close(poll);
  return -1;
}

void Poller::Looked(int waiting) noexcept {
  epoll_event events[2];
  static_cast<void>(epoll_wait(waiting, events, 2, 0));
}

#else

Poller::~Poller() = default;
Error Poller::Open() { return {}; }
Status Poller::Watch(int) noexcept { return Status::kUnsupported; }
void Poller::Unwatch(int) noexcept {}
void Poller::Wake() const noexcept {}
void Poller::Quiet() const noexcept {}
bool Poller::ready() const noexcept { return false; }
int Poller::OpenFor(int) const noexcept { return -1; }
void Poller::Looked(int) noexcept {}

#endif

}  // namespace netstack::stack

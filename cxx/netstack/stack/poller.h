// One descriptor that is readable whenever the stack has something to do: a
// device has packets, or a loop that waits must look again.
#ifndef NETSTACK_STACK_POLLER_H_
#define NETSTACK_STACK_POLLER_H_

#include "netstack/base/status.h"
#include "netstack/base/waker.h"

namespace netstack::stack {

class Poller final : public base::Waker {
 public:
  Poller() noexcept = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  // Fails where the system has no such thing, or no descriptors left.
  base::Error Open();

  // For poll(2) and its like; -1 before Open().
  [[nodiscard]] int descriptor() const noexcept { return poll_; }

  // Whether `device` counts. [any thread]
  base::Status Watch(int device) noexcept;
  void Unwatch(int device) noexcept;

  // Makes descriptor() readable until Quiet(). [any thread, signal handlers]
  void Wake() const noexcept override;
  void Quiet() const noexcept;
  // Whether descriptor() is readable now.
  [[nodiscard]] bool ready() const noexcept;
  // Readable from Wake() to Quiet(), whatever the devices have.
  [[nodiscard]] int wake_descriptor() const noexcept { return wake_; }

  // A second descriptor, for a loop that serves `device` alone: readable when it
  // is, or after Wake(), until Looked(). The caller closes it. -1: none left.
  [[nodiscard]] int OpenFor(int device) const noexcept;
  static void Looked(int waiting) noexcept;

 private:
  int poll_ = -1;
  int wake_ = -1;
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_POLLER_H_

// Somebody who waits, and can be woken up.
#ifndef NETSTACK_BASE_WAKER_H_
#define NETSTACK_BASE_WAKER_H_

namespace netstack::base {

class Waker {
 public:
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  // [any thread, signal handlers]
  virtual void Wake() const noexcept = 0;

 protected:
  ~Waker() = default;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_WAKER_H_

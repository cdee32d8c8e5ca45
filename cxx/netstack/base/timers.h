// Work to be done at a time. Timers run in the order of their deadlines, those
// with the same deadline in the order in which they were set.
#ifndef NETSTACK_BASE_TIMERS_H_
#define NETSTACK_BASE_TIMERS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace netstack::base {

class Timers {
 public:
  // When it is due is passed as now: a loop that is late does not shift time.
  using Task = std::function<void(uint64_t now)>;
  // Names a timer until it has run; never 0.
  using Id = uint64_t;

  static constexpr uint64_t kNever = UINT64_MAX;

  // [any thread] Throws std::bad_alloc and then has set nothing. `earlier` is
  // set if a waiting loop must wake up sooner than it meant to.
  Id Set(uint64_t deadline, Task task, bool* earlier = nullptr);
  // [any thread] False if it has run, runs now, or never was.
  bool Cancel(Id id) noexcept;
  // Runs what is due at `now`, also what is set meanwhile, and returns how many.
  size_t RunDue(uint64_t now);
  void Clear() noexcept;

  [[nodiscard]] uint64_t next_deadline() const noexcept {
    return next_deadline_.load(std::memory_order_acquire);
  }

 private:
  using Key = std::pair<uint64_t, Id>;

  void UpdateNextDeadline() noexcept;

  std::mutex mutex_;
  std::map<Key, Task> queue_;
  std::map<Id, uint64_t> deadlines_;
  Id next_id_ = 1;
  std::atomic<uint64_t> next_deadline_{kNever};
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_TIMERS_H_

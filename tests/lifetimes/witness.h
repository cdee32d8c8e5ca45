// User data that notes how it is used: calls, and its end, which must come once
// and after the last call.
#ifndef NETSTACK_TESTS_LIFETIMES_WITNESS_H_
#define NETSTACK_TESTS_LIFETIMES_WITNESS_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

namespace support {

// Outlives what the library makes of it, so that a call which comes too late is
// counted and no accident.
class Witness {
 public:
  // Lives while a callback runs.
  class Call {
   public:
    explicit Call(Witness& witness) : witness_(witness) {
      ++witness_.calls_;
      ++witness_.running_;
      if (witness_.destroyed_ != 0) ++witness_.late_;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      if (witness_.destroyed_ != 0) ++witness_.late_;
      --witness_.running_;
    }

   private:
    Witness& witness_;
  };

  // A destroy function.
  static void Destroy(void* data) {
    auto* const witness = static_cast<Witness*>(data);
    if (witness->running_ != 0) ++witness->late_;
    ++witness->destroyed_;
  }

  [[nodiscard]] int calls() const { return calls_; }
  [[nodiscard]] int destroyed() const { return destroyed_; }
  // Calls after destroy, and destroys during a call.
  [[nodiscard]] int late() const { return late_; }

 private:
  std::atomic<int> calls_{0};
  std::atomic<int> running_{0};
  std::atomic<int> destroyed_{0};
  std::atomic<int> late_{0};
};

// Any thread may ask for one.
class Witnesses {
 public:
  Witness* New() {
    const std::lock_guard lock(mutex_);
    return &all_.emplace_back();
  }

  // Once everything was freed and nobody is in the library.
  [[nodiscard]] std::string Complaints() const {
    size_t undestroyed = 0;
    size_t twice = 0;
    size_t late = 0;
    for (const Witness& each : all_) {
      if (each.destroyed() == 0) ++undestroyed;
      if (each.destroyed() > 1) ++twice;
      if (each.late() != 0) ++late;
    }
    if (undestroyed + twice + late == 0) return "";
    return "of " + std::to_string(all_.size()) + ": " + std::to_string(undestroyed) +
           " not destroyed, " + std::to_string(twice) + " more than once, " + std::to_string(late) +
           " called and destroyed at once";
  }
  [[nodiscard]] size_t calls() const {
    size_t calls = 0;
    for (const Witness& each : all_) calls += static_cast<size_t>(each.calls());
    return calls;
  }

 private:
  std::mutex mutex_;
  std::deque<Witness> all_;
};

}  // namespace support

#endif  // NETSTACK_TESTS_LIFETIMES_WITNESS_H_

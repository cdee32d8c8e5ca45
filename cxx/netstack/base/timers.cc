#include "netstack/base/timers.h"

namespace netstack::base {

Timers::Id Timers::Set(uint64_t deadline, Task task, bool* earlier) {
  const std::lock_guard lock(mutex_);
  const Id id = next_id_;
  const auto [at, inserted] = deadlines_.emplace(id, deadline);
  try {
    queue_.emplace(Key{deadline, id}, std::move(task));
  } catch (...) {
    deadlines_.erase(at);
    throw;
  }
  ++next_id_;
  if (earlier != nullptr) *earlier = deadline < next_deadline();
  UpdateNextDeadline();
  return id;
}

bool Timers::Cancel(Id id) noexcept {
  std::map<Key, Task>::node_type cancelled;  // ends after the lock: it may hold a user's data
  const std::lock_guard lock(mutex_);
  const auto at = deadlines_.find(id);
  if (at == deadlines_.end()) return false;
  cancelled = queue_.extract(Key{at->second, id});
  deadlines_.erase(at);
  UpdateNextDeadline();
  return true;
}

size_t Timers::RunDue(uint64_t now) {
  size_t count = 0;
  while (next_deadline() <= now) {
    Task task;
    uint64_t due = 0;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty() || queue_.begin()->first.first > now) break;
      const auto first = queue_.begin();
      due = first->first.first;
      task = std::move(first->second);
      deadlines_.erase(first->first.second);
      queue_.erase(first);
      UpdateNextDeadline();
    }
    task(due);  // without the lock: it may set timers itself
    ++count;
  }
  return count;
}

void Timers::Clear() noexcept {
  std::map<Key, Task> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(queue_);
  deadlines_.clear();
  UpdateNextDeadline();
}

void Timers::UpdateNextDeadline() noexcept {
  next_deadline_.store(queue_.empty() ? kNever : queue_.begin()->first.first,
                       std::memory_order_release);
}

}  // namespace netstack::base

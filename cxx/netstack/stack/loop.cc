// The stack's own loop, and the one step of it for loops of others.
#include <algorithm>
#include <string>

#include "netstack/base/entry.h"
#include "netstack/stack/stack.h"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace netstack::stack {

using base::Error;
using base::Status;

namespace {

// Packets read from one device before others get their turn.
constexpr size_t kFairShare = 256;

// A NIC whose device this thread serves.
class Claim {
 public:
  Claim(Nic& nic, const base::ThreadRecord& thread) noexcept
      : nic_(nic), claimed_(nic.Claim(thread)) {}
  ~Claim() {
    if (claimed_) nic_.Unclaim();
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  explicit operator bool() const noexcept { return claimed_; }

 private:
  Nic& nic_;
  bool claimed_;
};

// Being the loop that runs the timers, also if memory runs out in it.
class MainLoop {
 public:
  explicit MainLoop(std::atomic<bool>& taken) noexcept
      : taken_(taken), mine_(!taken.exchange(true, std::memory_order_acq_rel)) {}
  ~MainLoop() {
    if (mine_) taken_.store(false, std::memory_order_release);
  }
  MainLoop(const MainLoop&) = delete;
  MainLoop& operator=(const MainLoop&) = delete;
  explicit operator bool() const noexcept { return mine_; }

 private:
  std::atomic<bool>& taken_;
  bool mine_;
};

bool HasDevice(const Nic& nic) noexcept {
  return nic.link().descriptor() >= 0 && !nic.device_gone();
}

}  // namespace

std::vector<std::shared_ptr<Nic>> Stack::Nics() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Nic>> nics;
  for (const auto& nic : nics_) {
    if (nic != nullptr) nics.push_back(nic);
  }
  return nics;
}

// Reads until the device is drained or its share is used up.
Error Stack::ServeDevice(base::ThreadRecord& thread, Nic& nic, size_t* packets) {
  size_t count = 0;
  const Status status = nic.link().ReadPackets(thread, kFairShare, &count);
  *packets += count;
  if (status != Status::kClosed) return {};
  nic.SetDeviceGone();
  poller_.Unwatch(nic.link().descriptor());
  return {Status::kClosed, "NIC " + std::to_string(nic.id()) + ": " + nic.link().failure()};
}

// A main loop that waits elsewhere must not miss what it was woken for.
Error Stack::Poll(size_t* packets) {
  return Step(!main_loop_.load(std::memory_order_acquire), packets);
}

Error Stack::Step(bool quiet, size_t* packets) {
  *packets = 0;
  if (closed()) return Closed();
  timers_.RunDue(clock().Now());
  const base::Entry entry;
  if (!entry) return {Status::kNoMemory, "no memory for this thread's record"};
  // As it was at the beginning; a NIC that goes meanwhile only delivers nothing.
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  for (const auto& interface : configuration.interfaces) {
    if (interface == nullptr) continue;
    Nic& nic = static_cast<Nic&>(*interface->owner);
    if (!HasDevice(nic)) continue;
    const Claim claim(nic, entry.thread());
    if (!claim) continue;
    if (Error error = ServeDevice(entry.thread(), nic, packets); !error.ok()) return error;
    if (closed()) break;
  }
  if (quiet && *packets == 0) TakeWake();
  return closed() ? Closed() : Error{};
}

// By a step that finds nothing else to do, so that packets cost no call for it.
// Whoever waits next looks first at what one is woken for: an end, a deadline.
void Stack::TakeWake() noexcept {
  poller_.Quiet();
  // What ends loops stays said, for those that wait elsewhere.
  if (closed() || stopped_.load(std::memory_order_acquire) ||
      loops_to_end_.load(std::memory_order_acquire) != 0) {
    poller_.Wake();
  }
}

Error Stack::Run() {
  if (closed()) return Closed();
  if (!clock().can_wait()) {
    return {Status::kUnsupported,
            "this stack's clock has no wait function, so the stack can't wait for time to pass; "
            "give the clock one, or call poll from a loop of your own"};
  }
  if (stopped_.load(std::memory_order_acquire)) return {};
  if (const MainLoop main(main_loop_); main) return RunMain();
  // Somebody runs the timers and every device that has no loop of its own; one
  // device stays with them.
  std::vector<std::shared_ptr<Nic>> free;
  for (auto& nic : Nics()) {
    if (HasDevice(*nic) && !nic->has_loop()) free.push_back(nic);
  }
  while (free.size() > 1) {
    if (free.back()->TakeLoop()) return RunDevice(free.back());
    free.pop_back();
  }
  return {Status::kBusy, "other calls of run serve every device already"};
}

Error Stack::RunMain() {
  while (!stopped_.load(std::memory_order_acquire)) {
    size_t packets = 0;
    if (Error error = Step(true, &packets); !error.ok()) return error;
    // Returns at once while a device has more: its share was used up, or it got some.
    const Status status = clock().Wait(descriptor(), next_deadline());
    if (status != Status::kOk) return {status, "the clock's wait function failed"};
  }
  return closed() ? Closed() : Error{};
}

Error Stack::RunDevice(const std::shared_ptr<Nic>& nic) {
#if defined(__unix__) || defined(__APPLE__)
  const int device = nic->link().descriptor();
  poller_.Unwatch(device);
  const int waiting = poller_.OpenFor(device);
  Error error;
  if (waiting < 0) error = {Status::kLimited, "no descriptor left to wait for a device"};
  const auto is_over = [this, &nic] {
    return closed() || stopped_.load(std::memory_order_acquire) || !nic->has_loop();
  };
  while (error.ok() && !nic->device_gone() && !is_over()) {
    size_t packets = 0;
    {
      const base::Entry entry;
      if (!entry) {
        error = {Status::kNoMemory, "no memory for this thread's record"};
        break;
      }
      const Claim claim(*nic, entry.thread());
      if (claim) error = ServeDevice(entry.thread(), *nic, &packets);
    }
    if (!error.ok()) break;
    // As Step() does: what it was woken for it looks at afterwards.
    if (packets == 0) Poller::Looked(waiting);
    if (is_over()) break;
    const Status status = clock().Wait(waiting, base::Timers::kNever);
    if (status != Status::kOk) error = {status, "the clock's wait function failed"};
  }
  if (waiting >= 0) close(waiting);
  // Others get it back, unless the NIC was removed.
  if (!closed() && !nic->device_gone() && nic->has_loop()) {
    static_cast<void>(poller_.Watch(device));
  }
  if (!nic->LeaveLoop()) {
    loops_to_end_.fetch_sub(1, std::memory_order_acq_rel);
    poller_.Unwatch(device);
    if (error.ok()) error = {Status::kClosed, "NIC " + std::to_string(nic->id()) + " was removed"};
  }
  return error.ok() && closed() ? Closed() : error;
#else
  nic->LeaveLoop();
  return {Status::kUnsupported, "this system has nothing to wait with"};
#endif
}

void Stack::Stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  poller_.Wake();
}

}  // namespace netstack::stack

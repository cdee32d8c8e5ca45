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

// A role that this call has, if nobody else has it.
class Turn {
 public:
  Turn(base::Role& role, const base::ThreadRecord& thread) noexcept
      : role_(role), mine_(role.Take(thread)) {}
  ~Turn() {
    if (mine_) role_.Leave();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const noexcept { return mine_; }

 private:
  base::Role& role_;
  const bool mine_;
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
Error Stack::Poll(size_t* packets) { return Step(!main_loop_.taken(), packets); }

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
    // The loop of its own did not get to give it back.
    if (nic.loop().FreeIfLeft()) static_cast<void>(poller_.Watch(nic.link().descriptor()));
    const Turn turn(nic.server(), entry.thread());
    if (!turn) continue;
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
  const base::ThreadRecord* const thread = base::Entry::FromCallback();
  if (thread == nullptr) return {Status::kNoMemory, "no memory for this thread's record"};
  if (const Turn main(main_loop_, *thread); main) return RunMain();
  // Somebody runs the timers and every device that has no loop of its own; one
  // device stays with them.
  std::vector<std::shared_ptr<Nic>> free;
  for (auto& nic : Nics()) {
    if (HasDevice(*nic) && !nic->loop().taken()) free.push_back(nic);
  }
  while (free.size() > 1) {
    if (free.back()->loop().Take(*thread)) return RunDevice(free.back());
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
    return closed() || stopped_.load(std::memory_order_acquire) || !nic->loop().taken();
  };
  while (error.ok() && !nic->device_gone() && !is_over()) {
    size_t packets = 0;
    {
      const base::Entry entry;
      if (!entry) {
        error = {Status::kNoMemory, "no memory for this thread's record"};
        break;
      }
      const Turn turn(nic->server(), entry.thread());
      if (turn) error = ServeDevice(entry.thread(), *nic, &packets);
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
  if (!closed() && !nic->device_gone() && nic->loop().taken()) {
    static_cast<void>(poller_.Watch(device));
  }
  if (!nic->loop().Leave()) {
    loops_to_end_.fetch_sub(1, std::memory_order_acq_rel);
    poller_.Unwatch(device);
    if (error.ok()) error = {Status::kClosed, "NIC " + std::to_string(nic->id()) + " was removed"};
  }
  return error.ok() && closed() ? Closed() : error;
#else
  nic->loop().Leave();
  return {Status::kUnsupported, "this system has nothing to wait with"};
#endif
}

void Stack::Stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  poller_.Wake();
}

}  // namespace netstack::stack

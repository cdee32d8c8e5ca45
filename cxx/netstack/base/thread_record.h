// One record per thread that ever entered the library: which configuration it
// may be reading, which user code it is running, and its share of the counters.
//
// A record outlives its thread and is handed to the next one. Only its own
// thread writes it; writers of configuration read the atomics.
#ifndef NETSTACK_BASE_THREAD_RECORD_H_
#define NETSTACK_BASE_THREAD_RECORD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace netstack::base {

// A packet injected from inside a callback is handled at once, this deep.
inline constexpr uint32_t kMaxNestedDeliveries = 8;
// Each delivery may call a handler, which may call a transmit function.
inline constexpr uint32_t kMaxFrames = 32;
// A packet of the largest size, and the four bytes of packet information.
inline constexpr size_t kScratchSize = 65'536 + 64;

// What an entry into the library found, and what leaving it goes back to.
struct EntryMark {
  uint32_t epoch_nesting = 0;
  uint32_t deliveries = 0;
  uint32_t scratch_depth = 0;
};

class UserCall;

// One call of user code that has not returned, as far as this thread knows.
struct CallFrame {
  uintptr_t stack_address = 0;     // these three tell later whether
  const UserCall* call = nullptr;  // the call was left without
  uint64_t serial = 0;             // returning
  uint64_t request = 0;            // 0: not a request's callback
  void* context = nullptr;         // what the request names
  EntryMark inside;                // how things stand while the user code runs
};

class alignas(64) ThreadRecord {
 public:
  ThreadRecord() = default;
  ThreadRecord(const ThreadRecord&) = delete;
  ThreadRecord& operator=(const ThreadRecord&) = delete;

  // The calling thread's record; null if there is no memory for one.
  static ThreadRecord* Current() noexcept {
    ThreadRecord* record = current_;
    return record != nullptr ? record : Register();
  }

  // Where this thread's share of every counter block is; at or above
  // kExclusiveShards it is shared with other threads.
  [[nodiscard]] uint32_t index() const noexcept { return index_; }

  [[nodiscard]] bool InsideCallback() const noexcept { return frame_count_ > 0; }

  // The innermost frame of `request`, or null: expired, foreign or never given out.
  [[nodiscard]] const CallFrame* FindRequest(uint64_t request) const noexcept {
    for (uint32_t i = frame_count_; i > 0; --i) {
      if (frames_[i - 1].request == request && request != 0) return &frames_[i - 1];
    }
    return nullptr;
  }

  // A value that no request of this copy of the library had or will have.
  uint64_t NextRequest() noexcept {
    if (next_request_ == last_request_) TakeRequestBlock();
    return next_request_++;
  }

  // Memory of kScratchSize bytes, last in, first out; null if there is none.
  uint8_t* PushScratch() noexcept;
  void PopScratch() noexcept { --now_.scratch_depth; }

 private:
  friend class Registry;
  friend class Entry;
  friend class UserCall;
  friend class Delivery;

  static ThreadRecord* Register() noexcept;
  static void OnThreadExit(void* leaving) noexcept;
  void TakeRequestBlock() noexcept;
  [[nodiscard]] bool OnOwnStack(uintptr_t address) const noexcept {
    return address >= stack_low_ && address < stack_high_;
  }
  [[nodiscard]] bool IsDead(uint32_t index, uintptr_t stack_address) const noexcept;
  void DropDeadFrames(uintptr_t stack_address) noexcept;
  void PopFramesTo(uint32_t count) noexcept;
  void LeaveEpoch() noexcept;

  static thread_local constinit ThreadRecord* current_;

  // 0: this thread holds no configuration. Else it entered in that epoch.
  std::atomic<uint64_t> epoch_{0};
  EntryMark now_;
  uint32_t frame_count_ = 0;
  uint32_t index_ = 0;
  uint64_t calls_ = 0;  // of user code, ever
  uint64_t next_request_ = 0;
  uint64_t last_request_ = 0;
  uintptr_t stack_low_ = 0;  // bounds of the thread's own stack; 0: not known
  uintptr_t stack_high_ = 0;
  std::array<CallFrame, kMaxFrames> frames_{};
  // Which installed handler each frame runs; scanned by who removes one.
  std::array<std::atomic<const void*>, kMaxFrames> running_{};
  std::array<uint8_t*, kMaxFrames> scratch_{};
  ThreadRecord* next_ = nullptr;  // all records ever made, under the registry's lock
  bool in_use_ = false;           // likewise
};

// Every public function makes one first: while it lives, no configuration that
// this thread reads is freed. Making it clears away callbacks that were left
// without returning, as far as the stack tells; leaving restores what it found.
class Entry {
 public:
  Entry() noexcept;
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // False if there was no memory for this thread's record.
  explicit operator bool() const noexcept { return record_ != nullptr; }
  [[nodiscard]] ThreadRecord& thread() const noexcept { return *record_; }

 private:
  ThreadRecord* record_;
  uint32_t frames_ = 0;
  EntryMark found_;
};

// Lives exactly while one piece of user code runs.
class UserCall {
 public:
  // `running` is what a remover waits for, or null. Whoever names it must ask
  // afterwards whether it was removed: only from here on does a remover wait.
  explicit UserCall(ThreadRecord& thread, uint64_t request = 0, void* context = nullptr,
                    const void* running = nullptr) noexcept;
  ~UserCall();
  UserCall(const UserCall&) = delete;
  UserCall& operator=(const UserCall&) = delete;

  // False: too many calls inside each other; the user code must not be called.
  explicit operator bool() const noexcept { return made_; }

 private:
  friend class ThreadRecord;

  // Whether this is still the object that it was, though its stack frame may be
  // gone and others may have written there.
  [[nodiscard]] bool IsIntact(const ThreadRecord& thread, uint32_t outer,
                              uint64_t serial) const noexcept;

  ThreadRecord& thread_;
  volatile uint64_t serial_;  // no other call has it
  uint32_t outer_;
  bool made_;
};

// Lives while one packet is delivered; false when nested too deep.
class Delivery {
 public:
  explicit Delivery(ThreadRecord& thread) noexcept
      : thread_(thread), allowed_(thread.now_.deliveries <= kMaxNestedDeliveries) {
    if (allowed_) ++thread_.now_.deliveries;
  }
  ~Delivery() {
    if (allowed_) --thread_.now_.deliveries;
  }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  explicit operator bool() const noexcept { return allowed_; }

 private:
  ThreadRecord& thread_;
  bool allowed_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_THREAD_RECORD_H_

// Races that a single run seldom meets. Meant for ThreadSanitizer and
// AddressSanitizer, and bounded so that every run can afford them.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/random.h"
#include "netstack/base/registry.h"
#include "netstack/base/user_call.h"

namespace netstack::base {
namespace {

constexpr uint64_t kAlive = 0xa11fe;

// What readers check and deletion destroys.
struct Snapshot final : Retired {
  explicit Snapshot(std::atomic<int>* deleted_count) : deleted(deleted_count) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() override {
    value = 0;
    deleted->fetch_add(1);
  }

  uint64_t value = kAlive;
  std::atomic<int>* deleted;
};

class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { Join(); }

  template <typename Body>
  void Start(int count, Body body) {
    for (int i = 0; i < count; ++i) threads_.emplace_back(body, i);
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

TEST(RegistryStress, ReadersNeverSeeWhatWasDeletedAndEverythingIsDeletedOnce) {
  constexpr int kWriters = 2;
  constexpr int kChanges = 5'000;
  std::atomic<int> deleted{0};
  std::atomic<const Snapshot*> published{new Snapshot(&deleted)};
  std::atomic<int> writers{kWriters};

  Threads threads;
  threads.Start(3, [&](int) {
    while (writers.load(std::memory_order_relaxed) != 0) {
      const Entry entry;
      const Snapshot* const snapshot = published.load(std::memory_order_acquire);
      for (int i = 0; i < 20; ++i) ASSERT_EQ(snapshot->value, kAlive);
      const Entry nested;
      ASSERT_EQ(published.load(std::memory_order_acquire)->value, kAlive);
    }
  });
  threads.Start(kWriters, [&](int writer) {
    SeededRandom random(static_cast<uint64_t>(writer));
    for (int i = 0; i < kChanges; ++i) {
      const Snapshot* const old =
          published.exchange(new Snapshot(&deleted), std::memory_order_seq_cst);
      Registry::Get().Retire(std::unique_ptr<Retired>(const_cast<Snapshot*>(old)),
                             random.Next() % 4 == 0);
    }
    writers.fetch_sub(1);
  });
  threads.Join();
  Registry::Get().Reclaim();
  EXPECT_EQ(deleted.load(), kWriters * kChanges);
  delete published.load();
}

// Nothing waits for ever for somebody to look after it.
TEST(RegistryStress, WhatIsToBeDeletedSoonIsDeletedByTheLastToLeave) {
  constexpr int kRounds = 3'000;
  constexpr int kReaders = 2;
  std::atomic<int> deleted{0};
  std::atomic<int> inside{0};
  std::atomic<int> go{0};
  std::atomic<int> left{0};
  std::atomic<int> checked{0};
  const auto await = [](const std::atomic<int>& number, int wanted) {
    while (number.load() < wanted) std::this_thread::yield();
  };

  Threads threads;
  threads.Start(kReaders, [&](int reader) {
    SeededRandom random(static_cast<uint64_t>(reader));
    for (int i = 1; i <= kRounds; ++i) {
      {
        const Entry entry;
        inside.fetch_add(1);
        await(go, i);
        for (uint64_t n = random.Next() % 200; n > 0; --n) {
          std::atomic_signal_fence(std::memory_order_seq_cst);
        }
      }
      left.fetch_add(1);
      await(checked, i);
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    await(inside, i * kReaders);
    go.store(i);  // all race out while this is retired
    Registry::Get().Retire(std::make_unique<Snapshot>(&deleted), true);
    await(left, i * kReaders);
    EXPECT_EQ(deleted.load(), i);
    checked.store(i);
  }
}

// A handler with its place in the stack, as icmp::Installation has it.
struct Handler {
  std::atomic<bool> removed{false};
  std::atomic<bool> gone{false};
  uint64_t user_data = kAlive;  // plain, so that a sanitizer sees a call that is too late
};

bool CallHandler(const Entry& entry, const Handler& handler) {
  HandlerCall call(entry.thread(), entry.thread().NextRequest(), nullptr);
  call.Run(&handler);
  if (!call || handler.removed.load(std::memory_order_acquire)) return false;
  EXPECT_EQ(handler.user_data, kAlive);
  EXPECT_FALSE(handler.gone.load(std::memory_order_relaxed));
  return true;
}

TEST(RegistryStress, AHandlerThatWasRemovedIsNotRunningAndNeverRunsAgain) {
  constexpr size_t kHandlers = 1'000;
  std::vector<Handler> handlers(kHandlers);
  std::atomic<size_t> current{0};
  std::atomic<size_t> calls{0};

  Threads threads;
  threads.Start(3, [&](int) {
    size_t mine = 0;
    for (size_t at = 0; (at = current.load(std::memory_order_acquire)) < kHandlers;) {
      const Entry entry;
      if (CallHandler(entry, handlers[at])) ++mine;
    }
    calls.fetch_add(mine);
  });
  for (size_t i = 0; i < kHandlers; ++i) {
    Handler& handler = handlers[i];
    handler.removed.store(true, std::memory_order_release);
    current.store(i + 1, std::memory_order_release);
    Registry::Get().WaitUntilNotRunning(&handler);
    handler.gone.store(true, std::memory_order_relaxed);
    handler.user_data = 0;
    if (i % 16 == 0) std::this_thread::yield();
  }
  threads.Join();
}

TEST(RegistryStress, SeveralWaitForDifferentHandlersAtOnce) {
  constexpr int kRounds = 1'000;
  std::array<Handler, 2> handlers;
  std::atomic<int> removers{2};
  Threads threads;
  threads.Start(2, [&](int) {
    while (removers.load() != 0) {
      const Entry entry;
      HandlerCall outer(entry.thread(), 0, nullptr);
      outer.Run(&handlers[0]);
      const Entry nested;
      HandlerCall inner(nested.thread(), 0, nullptr);
      inner.Run(&handlers[1]);
    }
  });
  threads.Start(2, [&](int i) {
    for (int n = 0; n < kRounds; ++n) {
      Registry::Get().WaitUntilNotRunning(&handlers[static_cast<size_t>(i)]);
    }
    removers.fetch_sub(1);
  });
}

TEST(RegistryStress, ThreadsThatComeAndGoDisturbNobody) {
  constexpr int kRounds = 150;
  std::atomic<int> deleted{0};
  std::atomic<const Snapshot*> published{new Snapshot(&deleted)};
  std::atomic<int> spawners{2};
  Threads threads;
  threads.Start(2, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      std::thread([&] {
        const Entry entry;
        const UserCall call(entry.thread());
        const Entry nested;
        ASSERT_EQ(published.load(std::memory_order_acquire)->value, kAlive);
      }).join();
    }
    spawners.fetch_sub(1);
  });
  int changes = 0;
  while (spawners.load() != 0) {
    const Snapshot* const old =
        published.exchange(new Snapshot(&deleted), std::memory_order_seq_cst);
    Registry::Get().Retire(std::unique_ptr<Retired>(const_cast<Snapshot*>(old)), true);
    ++changes;
  }
  threads.Join();
  Registry::Get().Reclaim();
  EXPECT_EQ(deleted.load(), changes);
  delete published.load();
}

}  // namespace
}  // namespace netstack::base

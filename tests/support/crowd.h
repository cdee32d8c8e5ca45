// Threads that begin at the same moment.
#ifndef NETSTACK_TESTS_SUPPORT_CROWD_H_
#define NETSTACK_TESTS_SUPPORT_CROWD_H_

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace support {

// Runs each in a thread of its own, all at once, and waits for all.
inline void RunAtOnce(const std::vector<std::function<void()>>& all) {
  std::vector<std::thread> threads;
  std::atomic<size_t> ready{0};
  for (const auto& each : all) {
    threads.emplace_back([&] {
      ++ready;
      while (ready != all.size()) std::this_thread::yield();
      each();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_CROWD_H_

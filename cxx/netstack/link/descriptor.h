// An open file descriptor that is closed when its owner goes.
#ifndef NETSTACK_LINK_DESCRIPTOR_H_
#define NETSTACK_LINK_DESCRIPTOR_H_

#if defined(__unix__) || defined(__APPLE__)
#define NETSTACK_HAS_DESCRIPTORS 1
#include <unistd.h>
#endif

#include <utility>

namespace netstack::link {

class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
#if defined(NETSTACK_HAS_DESCRIPTORS)
    if (number_ >= 0) close(number_);
#endif
  }

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] bool open() const noexcept { return number_ >= 0; }

 private:
  int number_ = -1;
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_DESCRIPTOR_H_

// What belongs to the embedder: a pointer that its callbacks get, and what to
// do with it in the end.
#ifndef NETSTACK_BASE_USER_DATA_H_
#define NETSTACK_BASE_USER_DATA_H_

#include <utility>

namespace netstack::base {

// Calls `destroy` exactly once, when the last owner is gone.
class UserData {
 public:
  using Destroy = void (*)(void* data);

  UserData() noexcept = default;
  UserData(void* data, Destroy destroy) noexcept : data_(data), destroy_(destroy) {}
  UserData(UserData&& other) noexcept
      : data_(other.data_), destroy_(std::exchange(other.destroy_, nullptr)) {}
  UserData& operator=(UserData&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(destroy_, other.destroy_);
    return *this;
  }
  UserData(const UserData&) = delete;
  UserData& operator=(const UserData&) = delete;
  ~UserData() {
    if (destroy_ != nullptr) destroy_(data_);
  }

  [[nodiscard]] void* get() const noexcept { return data_; }

 private:
  void* data_ = nullptr;
  Destroy destroy_ = nullptr;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_USER_DATA_H_

// A pointer to something that counts its owners by Ref() and Unref().
#ifndef NETSTACK_BASE_REF_H_
#define NETSTACK_BASE_REF_H_

#include <utility>

namespace netstack::base {

template <typename T>
class Ref {
 public:
  Ref() noexcept = default;
  // Shares `object`; null is allowed.
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_ != nullptr) object_->Ref();
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->Unref();
  }

  [[nodiscard]] T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_REF_H_

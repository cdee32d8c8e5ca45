/**
 * @file
 * What owns an object of the C ABI.
 */
#ifndef NETSTACK_HPP_OWNER_HPP
#define NETSTACK_HPP_OWNER_HPP

#include <netstack/base.h>

#include <memory>

namespace netstack {

/**
 * The sole owner of one object of the C ABI: moves, does not copy, and frees it in the end.
 *
 * Empty after a move from it; calls of an empty one throw Error (kInvalidArgument).
 */
template <typename T, void (*kFree)(T*)>
class Owner {
 public:
  using Object = T; /**< What it owns. */

  /** Takes over an object that the caller owned. */
  explicit Owner(Object* owned = nullptr) noexcept : object_(owned) {}

  /** The object, for calls of the C ABI. It stays this owner's. */
  [[nodiscard]] Object* get() const noexcept { return object_.get(); }
  /** Hands the object out: the caller frees it. Empty from then on. */
  [[nodiscard]] Object* release() noexcept { return object_.release(); }
  /** Frees the object now. Empty from then on. */
  void reset() noexcept { object_.reset(); }
  /** Whether there is an object. */
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  struct Free {
    void operator()(Object* object) const noexcept { kFree(object); }
  };
  std::unique_ptr<Object, Free> object_;
};

}  // namespace netstack

#endif  // NETSTACK_HPP_OWNER_HPP

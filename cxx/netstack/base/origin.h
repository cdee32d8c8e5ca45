// Which process made an object: in the child of a fork what was made before is
// the parent's still.
#ifndef NETSTACK_BASE_ORIGIN_H_
#define NETSTACK_BASE_ORIGIN_H_

#include <cstdint>

#include "netstack/base/registry.h"

namespace netstack::base {

class Origin {
 public:
  // Without a registry nobody would count forks.
  Origin() noexcept
      : generation_((static_cast<void>(Registry::Get()), Registry::fork_generation())) {}

  // Made before a fork, by the parent.
  [[nodiscard]] bool inherited() const noexcept {
    return generation_ != Registry::fork_generation();
  }

 private:
  uint32_t generation_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_ORIGIN_H_

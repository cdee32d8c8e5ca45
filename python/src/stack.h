// The stack.
#ifndef NETSTACK_PYTHON_STACK_H
#define NETSTACK_PYTHON_STACK_H

#include <pybind11/pybind11.h>

#include <memory>
#include <netstack/netstack.hpp>
#include <optional>
#include <set>

#include "callables.h"
#include "clock.h"

namespace netstack::python {

// A stack, with its handlers. Calls that are under way keep it when it is closed.
class StackObject {
 public:
  StackObject(std::uint32_t flags, std::uint32_t default_ttl, std::uint32_t default_hop_limit,
              std::size_t reassembly_high, std::size_t reassembly_low, const ClockObject* clock,
              std::optional<std::uint64_t> seed);

  [[nodiscard]] std::shared_ptr<Stack> Open() const;
  [[nodiscard]] bool closed() const noexcept { return stack_ == nullptr; }
  [[nodiscard]] Nanoseconds Now() const { return clock_->Now(); }

  // At once for everyone, also where calls are under way.
  void Close();
  void Run(const py::object& on_error);
  void SetHandler(const py::object& handler, std::uint32_t family, bool echo_replies);
  // The NICs are known here for Close().
  void AddNic(std::uint32_t nic, const Link& link, const NicOptions& options);
  void RemoveNic(std::uint32_t nic);

  Callables callables;

 private:
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Stack> stack_;
  std::set<std::uint32_t> nics_;
};

void BindStack(py::module_& module);
// What changes addresses, prefixes, groups and routes.
void BindConfiguration(py::class_<StackObject>* stack);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_STACK_H

#include "stack.h"

#include <pybind11/stl.h>

#include <string>
#include <tuple>
#include <utility>

#include "errors.h"
#include "gil.h"
#include "link.h"
#include "packet.h"
#include "request.h"
#include "values.h"

namespace netstack::python {

namespace {

bool Ask(const Slot& handler, const Request& request) {
  // Consumed is silence.
  return InPython(true, [&] {
    const py::object callable = handler.Get();
    if (!callable) return true;
    const py::object argument = py::cast(RequestObject(request));
    const py::object verdict = Call(callable, argument);
    if (verdict.ptr() == Py_True) return true;
    if (verdict.ptr() == Py_False || verdict.is_none()) return false;
    ThrowReturned("the handler", verdict, "True, False or None");
  });
}

// What callbacks raise beneath a run.
class RunErrors {
 public:
  explicit RunErrors(const py::object& on_error) : on_error_(on_error) {}

  // Without the GIL. An Exception goes to who wants it, and the run goes on.
  void Take(const std::exception_ptr& error) {
    InPython(0, [&] {
      const py::error_already_set raised = AsRaised(error);
      if (!raised.matches(PyExc_Exception)) {
        End(error);
      } else if (on_error_.is_none()) {
        ReportUnraisable(error);
      } else {
        Hand(raised.value());
      }
      return 0;
    });
  }
  // For one that came too late to be found by a wait.
  void Rethrow() { end_.Rethrow(); }

 private:
  void Hand(const py::object& exception) {
    try {
      Call(on_error_, exception);
    } catch (const py::error_already_set&) {
      End(std::current_exception());
    }
  }
  void End(const std::exception_ptr& error) {
    if (!end_.Set(error)) ReportUnraisable(error);
  }

  const py::object& on_error_;
  PendingEnd end_;
};

std::tuple<std::int64_t, PacketObject> Ping(const StackObject& object,
                                            const py::object& destination, std::int64_t timeout,
                                            const py::bytes& payload, std::uint32_t ttl,
                                            std::uint32_t tos, std::uint32_t sequence,
                                            const py::object& source, std::uint32_t nic) {
  const auto stack = object.Open();
  PingOptions options;
  options.nic = nic;
  options.ttl = ttl;
  options.tos = tos;
  options.timeout = Nanoseconds(timeout);
  options.sequence = sequence;
  options.source = ScopedAddressOf(source);
  options.payload = ViewOf(payload);
  const Address to = ScopedAddressOf(destination);
  PendingEnd own;  // what ends a run beneath which this is called is not for its handlers
  PingReply reply = WithoutGil([&] { return stack->Ping(to, options); });
  return {reply.rtt.count(), PacketObject(std::move(reply.packet))};
}

std::optional<std::int64_t> NextDeadline(const StackObject& object) {
  const auto deadline = object.Open()->next_deadline();
  if (!deadline) return std::nullopt;
  return deadline->count();
}

int Descriptor(const StackObject& object) { return object.Open()->descriptor(); }

std::size_t Poll(const StackObject& object) {
  const auto stack = object.Open();
  return WithoutGil([&stack] { return stack->Poll(); });
}

void Stop(const StackObject& object) {
  if (!object.closed()) object.Open()->Stop();
}

}  // namespace

StackObject::StackObject(std::uint32_t flags, std::uint32_t default_ttl,
                         std::uint32_t default_hop_limit, std::size_t reassembly_high,
                         std::size_t reassembly_low, const ClockObject* clock,
                         std::optional<std::uint64_t> seed)
    : clock_(clock != nullptr ? clock->clock : std::make_shared<Clock>(InterruptibleClock())) {
  std::optional<Random> random;
  if (seed) random = Random::Seeded(*seed);
  StackOptions options;
  options.flags = flags;
  options.default_ttl = default_ttl;
  options.default_hop_limit = default_hop_limit;
  options.reassembly_high = reassembly_high;
  options.reassembly_low = reassembly_low;
  options.clock = clock_.get();
  options.random = random ? &*random : nullptr;
  stack_ = std::make_shared<Stack>(options);
}

std::shared_ptr<Stack> StackObject::Open() const {
  if (stack_ == nullptr) throw Error(Status::kClosed, "the stack is closed");
  return stack_;
}

// The library's own way to close can't be told from outside to be safe beside a call that is about
// to enter it. So the stack does nothing more from here on, and goes when the last call has left.
void StackObject::Close() {
  auto stack = std::exchange(stack_, nullptr);
  if (stack == nullptr) return;
  // Other threads still add to the member, and remove from it.
  const auto nics = std::exchange(nics_, {});
  WithoutGil([&] {
    stack->Stop();
    for (const std::uint32_t nic : nics) {
      // The child of a fork has no NICs to remove.
      try {
        stack->RemoveNic(nic);
      } catch (const Error&) {
        continue;
      }
    }
    stack = nullptr;
  });
  // Nothing more is delivered, and a handler that runs has a reference of its own.
  callables.Clear();
}

void StackObject::Run(const py::object& on_error) {
  const auto stack = Open();
  RunErrors errors(on_error);
  WithoutGil(
      [&] { stack->Run([&errors](const std::exception_ptr& error) { errors.Take(error); }); });
  errors.Rethrow();
}

void StackObject::SetHandler(const py::object& handler, std::uint32_t family, bool echo_replies) {
  const auto stack = Open();
  const auto which = static_cast<Family>(family);
  if (handler.is_none()) {
    WithoutGil([&] { stack->RemoveIcmpForwarder(which); });
  } else {
    const IcmpForwarder forwarder(
        [slot = callables.Add(handler)](Request& request) { return Ask(*slot, request); },
        {echo_replies});
    // Waits for calls of the former handler.
    WithoutGil([&] { stack->SetIcmpForwarder(forwarder, which); });
  }
  callables.Tidy();
}

void StackObject::AddNic(std::uint32_t nic, const Link& link, const NicOptions& options) {
  const auto stack = Open();
  WithoutGil([&] { stack->AddNic(nic, link, options); });
  nics_.insert(nic);
}

void StackObject::RemoveNic(std::uint32_t nic) {
  const auto stack = Open();
  WithoutGil([&] { stack->RemoveNic(nic); });
  nics_.erase(nic);
}

void BindStack(py::module_& module) {
  py::class_<StackObject> stack(module, "Stack", py::is_final(), Collected<StackObject>());
  stack
      .def(py::init<std::uint32_t, std::uint32_t, std::uint32_t, std::size_t, std::size_t,
                    const ClockObject*, std::optional<std::uint64_t>>(),
           py::arg("flags"), py::arg("default_ttl"), py::arg("default_hop_limit"),
           py::arg("reassembly_high"), py::arg("reassembly_low"), py::arg("clock"), py::arg("seed"))
      .def("run", &StackObject::Run, py::arg("on_error"))
      .def("stop", &Stop)
      .def("poll", &Poll)
      .def("fileno", &Descriptor)
      .def("close", &StackObject::Close)
      .def_property_readonly("closed", &StackObject::closed)
      .def_property_readonly("now_ns", [](const StackObject& s) { return s.Now().count(); })
      .def_property_readonly("next_deadline_ns", &NextDeadline)
      .def("set_handler", &StackObject::SetHandler, py::arg("handler"), py::arg("family"),
           py::arg("echo_replies"))
      .def("ping", &Ping, py::arg("destination"), py::arg("timeout_ns"), py::arg("payload"),
           py::arg("ttl"), py::arg("tos"), py::arg("sequence"), py::arg("source"), py::arg("nic"))
      .def("counters", [](const StackObject& s) { return s.Open()->Counters(); })
      .def(
          "counter",
          [](const StackObject& s, const std::string& name) { return s.Open()->Counter(name); },
          py::arg("name"));
  BindConfiguration(&stack);
}

}  // namespace netstack::python

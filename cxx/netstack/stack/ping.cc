#include "netstack/stack/ping.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "netstack/base/registry.h"
#include "netstack/stack/ping_socket.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/text.h"

#if defined(__linux__)
#include <sys/eventfd.h>
#include <unistd.h>
#endif

namespace netstack::stack {

using base::Error;
using base::Status;

#if defined(__linux__)

namespace {

// What the thread that delivers a reply leaves for the one that waits for it. A
// descriptor of its own: the stack's is made quiet by whoever runs its loop.
class Arrival {
 public:
  Arrival(const Stack& stack, base::Clock& clock) noexcept
      : clock_(clock),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        wait_(wake_ < 0 ? -1 : stack.poller().OpenBeside(wake_)) {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival() {
    if (wait_ >= 0) close(wait_);
    if (wake_ >= 0) close(wake_);
  }

  // -1: the system has no descriptor left.
  [[nodiscard]] int descriptor() const noexcept { return wait_; }
  [[nodiscard]] uint64_t time() const noexcept { return time_.load(std::memory_order_acquire); }

  // A socket's notify function. It may run when nobody waits any more, so the
  // socket owns a share.
  static void Notify(void* share) noexcept {
    Arrival& arrival = **static_cast<std::shared_ptr<Arrival>*>(share);
    arrival.time_.store(arrival.clock_.Now(), std::memory_order_release);
    const uint64_t one = 1;
    static_cast<void>(!write(arrival.wake_, &one, sizeof one));
  }
  static base::UserData Share(const std::shared_ptr<Arrival>& arrival) {
    return {new std::shared_ptr<Arrival>(arrival),
            [](void* share) { delete static_cast<std::shared_ptr<Arrival>*>(share); }};
  }
  void Quiet() const noexcept {
    uint64_t count = 0;
    static_cast<void>(!read(wake_, &count, sizeof count));
  }

 private:
  base::Clock& clock_;
  const int wake_;
  const int wait_;
  std::atomic<uint64_t> time_{0};
};

Error Unsent(Status status, wire::Family family, wire::Address destination) {
  const std::string what = "nothing was sent to " + wire::Format(family, destination) + ": ";
  switch (status) {
    case Status::kNoRoute:
      return {status, what + "there is no way to it"};
    case Status::kWouldBlock:
      return {status, what + "the link is full"};
    case Status::kUnsupported:
      return {status, what + "the packet would be longer than the link takes"};
    case Status::kInvalidArgument:
      return {status, what + "it is a broadcast address"};
    default:
      return {status, what + "the link refused the packet"};
  }
}

// The reply to `sequence`, if it is among what has come.
packet::KeptPacket* TakeReply(PingSocket& socket, uint16_t sequence) noexcept {
  packet::KeptPacket* kept = nullptr;
  while (socket.Receive(&kept) == Status::kOk) {
    if (wire::IcmpView(kept->packet().payload()).sequence() == sequence) return kept;
    kept->Unref();
  }
  return nullptr;
}

Error AwaitReply(Stack& stack, PingSocket& socket, const Arrival& arrival, uint64_t begin,
                 const PingOptions& options, PingResult* result) {
  const uint64_t timeout = options.timeout == 0 ? kDefaultPingTimeout : options.timeout;
  const uint64_t deadline =
      timeout < base::Timers::kNever - begin ? begin + timeout : base::Timers::kNever;
  for (;;) {
    arrival.Quiet();
    {
      const base::Entry entry;
      result->reply = TakeReply(socket, options.sequence);
    }
    if (result->reply != nullptr) {
      // It may be here before whoever delivered it got to say when that was.
      const uint64_t came = arrival.time() != 0 ? arrival.time() : stack.clock().Now();
      result->round_trip = std::max(came, begin) - begin;
      return {};
    }
    if (stack.closed() || stack.stopped()) {
      return {Status::kClosed, "the stack was closed or stopped while a reply was awaited"};
    }
    if (stack.clock().Now() >= deadline) {
      return {Status::kTimedOut, "no reply came in time"};
    }
    size_t packets = 0;
    if (Error error = stack.Poll(&packets); !error.ok()) return error;
    if (packets > 0) continue;
    const Status status =
        stack.clock().Wait(arrival.descriptor(), std::min(deadline, stack.next_deadline()));
    if (status != Status::kOk) return {status, "the clock's wait function failed"};
  }
}

// A socket that hears from `destination` alone; from anybody, if it is a group.
Error OpenSocket(const std::shared_ptr<Stack>& stack, wire::Family family,
                 wire::Address destination, const PingOptions& options,
                 const std::shared_ptr<Arrival>& arrival, std::unique_ptr<PingSocket>* out) {
  PingSocketOptions made;
  made.socket.family = family;
  made.socket.nic = options.nic;
  made.socket.notify = &Arrival::Notify;
  made.ttl = options.ttl;
  made.tos = options.tos;
  Error error = PingSocket::Open(stack, made, Arrival::Share(arrival), out);
  if (error.ok()) error = (*out)->Bind(options.source, 0);
  if (error.ok() && !wire::IsMulticast(family, destination)) error = (*out)->Connect(destination);
  return error;
}

}  // namespace

Error Ping(const std::shared_ptr<Stack>& stack, wire::Family family, wire::Address destination,
           const PingOptions& options, PingResult* result) {
  if (!stack->clock().can_wait()) {
    return {Status::kUnsupported,
            "this stack's clock has no wait function; give the clock one, or use a ping socket"};
  }
  const auto arrival = std::make_shared<Arrival>(*stack, stack->clock());
  if (arrival->descriptor() < 0) return {Status::kLimited, "no descriptor is left to wait with"};
  std::unique_ptr<PingSocket> socket;
  Error error;
  uint64_t begin = 0;
  {
    const base::Entry entry;
    if (!entry) return {Status::kNoMemory, "no memory for this thread's record"};
    error = OpenSocket(stack, family, destination, options, arrival, &socket);
    begin = stack->clock().Now();
    if (error.ok()) {
      const Status status = socket->Send(destination, options.sequence, options.payload);
      if (status != Status::kOk) error = Unsent(status, family, destination);
    }
  }
  if (error.ok()) error = AwaitReply(*stack, *socket, *arrival, begin, options, result);
  const base::Entry entry;
  socket.reset();
  return error;
}

#else

Error Ping(const std::shared_ptr<Stack>&, wire::Family, wire::Address, const PingOptions&,
           PingResult*) {
  return {Status::kUnsupported, "this system has nothing to wait with"};
}

#endif

}  // namespace netstack::stack

#include "netstack/stack/ping.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "netstack/base/entry.h"
#include "netstack/base/registry.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Status;

namespace {

// What the thread that delivers a reply leaves for the one that waits for it. A
// poller of its own, ready whenever the stack's is: that one is made quiet by
// whoever runs the stack's loop.
class Arrival {
 public:
  explicit Arrival(base::Clock& clock) noexcept : clock_(clock) {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival() = default;

  Error Open(const Stack& stack) {
    if (Error error = poller_.Open(); !error.ok()) return error;
    if (poller_.Watch(stack.descriptor()) == Status::kOk) return {};
    return {Status::kUnsupported, "this system has nothing to wait with"};
  }

  [[nodiscard]] const Poller& poller() const noexcept { return poller_; }
  [[nodiscard]] uint64_t time() const noexcept { return time_.load(std::memory_order_acquire); }

  // A socket's notify function. It may run when nobody waits any more, so the
  // socket owns a share.
  static void Notify(void* share) noexcept {
    Arrival& arrival = **static_cast<std::shared_ptr<Arrival>*>(share);
    arrival.time_.store(arrival.clock_.Now(), std::memory_order_release);
    arrival.poller_.Wake();
  }
  static base::UserData Share(const std::shared_ptr<Arrival>& arrival) {
    return {new std::shared_ptr<Arrival>(arrival),
            [](void* share) { delete static_cast<std::shared_ptr<Arrival>*>(share); }};
  }

 private:
  base::Clock& clock_;
  Poller poller_;
  std::atomic<uint64_t> time_{0};
};

// How long to leave alone what others have to do.
constexpr uint64_t kPatience = 1'000'000;

Error Ended() { return {Status::kClosed, "the stack is closed or stopped"}; }

Error Unsent(Status status, wire::Family family, wire::Address destination) {
  const std::string what = "nothing was sent to " + wire::Format(family, destination) + ": ";
  switch (status) {
    case Status::kNoRoute:
      return {status, what + "there is no way to it"};
    case Status::kWouldBlock:
      return {status, what + "the link is full"};
    case Status::kUnsupported:
      return {status, what + "the packet would be longer than IP packets can be"};
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
  bool left_to_others = false;
  for (;;) {
    arrival.poller().Quiet();
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
    if (stack.closed() || stack.stopped()) return Ended();
    const uint64_t now = stack.clock().Now();
    if (now >= deadline) return {Status::kTimedOut, "no reply came in time"};
    size_t packets = 0;
    if (Error error = stack.Poll(&packets); !error.ok()) return error;
    // What this call could not do, looking twice, another thread is at, or it
    // waits for this one's callback to return: no reason to look all the time.
    const bool looked = std::exchange(left_to_others, packets == 0 && stack.ready());
    if (packets > 0 || (left_to_others && !looked)) continue;
    uint64_t until = std::min(deadline, stack.next_deadline());
    if (left_to_others) until = std::min(until, now + std::min(kPatience, deadline - now));
    const Status status = stack.clock().Wait(
        left_to_others ? arrival.poller().wake_descriptor() : arrival.poller().descriptor(), until);
    if (status != Status::kOk) return {status, "the clock's wait function failed"};
  }
}

// A socket that hears from `destination` alone; from anybody, if it is a group.
Error OpenSocket(const std::shared_ptr<Stack>& stack, wire::Family family,
                 const ZonedAddress& destination, const PingOptions& options,
                 const std::shared_ptr<Arrival>& arrival, std::unique_ptr<PingSocket>* out) {
  PingSocketOptions made;
  made.socket.family = family;
  made.socket.nic = options.nic;
  made.socket.notify = &Arrival::Notify;
  made.ttl = options.ttl;
  made.tos = options.tos;
  Error error = PingSocket::Open(stack, made, Arrival::Share(arrival), out);
  if (error.ok()) error = (*out)->Bind(options.source, 0);
  if (error.ok() && !wire::IsMulticast(family, destination.address)) {
    error = (*out)->Connect(destination);
  }
  return error;
}

}  // namespace

Error Ping(const std::shared_ptr<Stack>& stack, wire::Family family,
           const ZonedAddress& destination, const PingOptions& options, PingResult* result) {
  if (!stack->clock().can_wait()) {
    return {Status::kUnsupported,
            "this stack's clock has no wait function; give the clock one, or use a ping socket"};
  }
  if (stack->stopped()) return Ended();
  const auto arrival = std::make_shared<Arrival>(stack->clock());
  if (Error error = arrival->Open(*stack); !error.ok()) return error;
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
      if (status != Status::kOk) error = Unsent(status, family, destination.address);
    }
  }
  if (error.ok()) error = AwaitReply(*stack, *socket, *arrival, begin, options, result);
  const base::Entry entry;
  socket.reset();
  return error;
}

}  // namespace netstack::stack

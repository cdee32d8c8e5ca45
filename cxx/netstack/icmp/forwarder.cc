#include "netstack/icmp/forwarder.h"

#include "netstack/base/user_call.h"

namespace netstack::icmp {

namespace {

using ip::ForwarderCounter;
using ip::SocketCounter;
using ip::Verdict;

// A verdict out of range is a failed handler: it has decided nothing, and a
// wrong "host is up" is worse than silence. Contract, section 2.
Verdict Judge(base::CounterWriter counters, int32_t verdict) noexcept {
  switch (verdict) {
    case 0:
      counters.Add(At(ForwarderCounter::kDeclined));
      return Verdict::kDeclined;
    case 1:
      counters.Add(At(ForwarderCounter::kConsumed));
      return Verdict::kConsumed;
    default:
      counters.Add(At(ForwarderCounter::kFailed));
      return Verdict::kConsumed;
  }
}

// From `installation` on to the one that is in force.
Verdict AskHandler(const Installation* installation, ip::Echo& echo) noexcept {
  base::ThreadRecord& thread = echo.context().thread;
  const base::CounterWriter counters = echo.context().counters;
  while (installation != nullptr) {
    const uint64_t request = thread.NextRequest();
    if (!base::HandlerCall::Fits(thread)) [[unlikely]]
      return Judge(counters, -1);
    base::HandlerCall call(thread, request, &echo);
    call.Run(installation);
    // Only now it can't be taken away while it runs; was it before?
    if (installation->superseded()) [[unlikely]] {
      installation = installation->successor();
      continue;
    }
    const Forwarder& forwarder = installation->forwarder();
    if (echo.is_request()) [[likely]] {
      counters.Add(At(ForwarderCounter::kRequests));
    } else {
      if (!forwarder.echo_replies()) return Verdict::kDeclined;
      counters.Add(At(ForwarderCounter::kEchoReplies));
    }
    const int32_t verdict = forwarder.Call(request);
    // The child of a fork inside the handler answers nothing.
    if (call.inherited()) [[unlikely]]
      return Verdict::kConsumed;
    return Judge(counters, verdict);
  }
  return Verdict::kDeclined;
}

}  // namespace

Verdict Dispatcher::OnEcho(ip::Echo& echo) const noexcept {
  Socket* const socket = sockets_.FindPing(echo.packet());
  if (socket == nullptr) {
    return AskHandler(installations_[wire::Index(echo.packet().family)].get(), echo);
  }
  DeliverTo(socket, echo);
  return Verdict::kDelivered;
}

// A socket has no use for a request that bears its identifier, but the handler
// does not get it either (reference, 4.5).
void Dispatcher::DeliverTo(Socket* socket, const ip::Echo& echo) const noexcept {
  const base::CounterWriter& counters = echo.context().counters;
  if (echo.is_request()) {
    counters.Add(At(SocketCounter::kPingNotReplies));
    counters.Add(At(SocketCounter::kDroppedPackets));
  } else if (Queue(socket, echo.context(), echo.packet())) {
    counters.Add(At(SocketCounter::kPingReceived));
  } else {
    counters.Add(At(SocketCounter::kPingQueueFull));
    counters.Add(At(SocketCounter::kDroppedPackets));
  }
}

void Dispatcher::OnCopy(const ip::Context& context, const packet::Packet& packet) const noexcept {
  for (const base::Ref<Socket>& socket : sockets_.raw(packet.family)) {
    if (!socket->Takes(packet.nic)) continue;
    const bool queued = Queue(socket.get(), context, packet);
    context.counters.Add(At(queued ? SocketCounter::kRawReceived : SocketCounter::kRawQueueFull));
  }
}

// False if it is full.
bool Dispatcher::Queue(Socket* socket, const ip::Context& context,
                       const packet::Packet& packet) const noexcept {
  const PacketQueue::Pushed pushed = socket->queue().Push(packet);
  if (pushed == PacketQueue::Pushed::kFirst) {
    waker_.Wake();
    socket->Notify(context.thread);
  }
  return pushed != PacketQueue::Pushed::kFull;
}

}  // namespace netstack::icmp

#include "request.h"

#include "facts.h"
#include "packet.h"
#include "seal.h"

namespace netstack::python {

namespace {

constexpr const char* kDocumentation = R"(One packet on its way through a handler.

What it was can be read for ever, on any thread. What may be done with it, by `reply()`,
`packet()`, `payload()` and `retain()`, ends when the handler returns, and is for the handler's
thread alone: anywhere else they raise `RequestExpired`.

>>> request
<netstack.Request: Echo Request from 192.168.0.2 to 192.168.0.1, identifier 1, sequence 2>)";

constexpr const char* kReply =
    R"(Asks for the stack's own Echo Reply, which leaves before this returns.

It is what the stack would have sent by itself, from the address that was asked, also if nobody
assigned that one; for a broadcast or multicast request from one of the NIC's own. One reply is
sent however often this is called, and declining the request afterwards sends no second one.

Returns whether it was accepted: False where there is no way back or no address to answer from, and
always on an Echo Reply, which only a handler with echo_replies=True sees: its type is 0, or 129 for
IPv6, where a request has 8 or 128. Accepted is not delivered, for a full link may still drop it.
Later calls return what the first one returned. Raises RequestExpired.

>>> handle(lambda request: request.reply())
1 reply)";

constexpr const char* kPacket =
    R"(A copy of the packet's bytes, from the IP header on. Raises RequestExpired.

>>> handle(lambda request: print(len(request.packet())))
36
1 reply)";

constexpr const char* kPayload = R"(A copy of the echo data. Raises RequestExpired.

>>> handle(lambda request: print(request.payload()))
b'abcdefgh'
1 reply)";

constexpr const char* kRetain = R"(Keeps the packet beyond the handler. Raises RequestExpired.

>>> kept = []
>>> handle(lambda request: kept.append(request.retain()))
1 reply
>>> kept[0].payload()
b'abcdefgh')";

constexpr const char* kIsExpired = R"(Whether the right to answer is gone, or is another thread's.

>>> handle(lambda request: print(request.is_expired))
False
1 reply
>>> request.is_expired
True)";

bool IsExpired(const RequestObject& object) {
  ns_packet_info info;
  return ns_request_get_info(object.request.get(), &info, sizeof info) != NS_OK;
}

}  // namespace

void BindRequest(py::module_& module) {
  py::class_<RequestObject> request(module, "Request", kDocumentation, py::is_final());
  request.attr("__module__") = "netstack";
  FactsBinder<RequestObject>(&request, "request").Bind();
  request.def_property_readonly("is_expired", &IsExpired, kIsExpired);
  // With the GIL: to give it up for so short a call would hand it to another thread, in the middle
  // of the handler. The library takes no lock here that anyone keeps while asking for the GIL.
  request.def(
      "reply", [](const RequestObject& r) { return r.request.Reply() == Status::kOk; }, kReply);
  request.def(
      "packet", [](const RequestObject& r) { return ToPython(r.request.BorrowPacket()); }, kPacket);
  request.def(
      "payload",
      [](const RequestObject& r) {
        return ToPython(r.request.BorrowPacket().Skip(r.info.payload_offset()));
      },
      kPayload);
  request.def(
      "retain", [](const RequestObject& r) { return PacketObject(r.request.Keep()); }, kRetain);
  request.def("__repr__", [](const RequestObject& r) {
    return "<netstack.Request: " + Describe(r.info) + '>';
  });
  Seal(request);
}

}  // namespace netstack::python

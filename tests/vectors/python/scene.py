"""One vector under way."""

from __future__ import annotations

import threading
from typing import Any

from reading import Action, Handler, Packet, Step, Vector

import netstack

# What reply() says where the answer is refused; which of the two it was the counters tell.
REFUSED = ("no route", "not replyable")


class Failure(Exception):
    """What a handler fails with."""


def reply_to(request: netstack.Request) -> str:
    """Reply, and tell the result as the vectors name it."""
    try:
        return "ok" if request.reply() else "refused"
    except netstack.RequestExpired:
        return "expired"


def copy_of(request: netstack.Request) -> str:
    """Copy the packet, and tell the result as the vectors name it."""
    try:
        request.packet()
    except netstack.RequestExpired:
        return "expired"
    return "ok"


def reply_elsewhere(request: netstack.Request) -> str:
    """Reply on another thread."""
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.append(reply_to(request)))
    thread.start()
    thread.join()
    return results[0]


USES = {"kept reply": reply_to, "kept reply elsewhere": reply_elsewhere, "kept packet": copy_of}


def describe(request: netstack.Request) -> str:
    """What a handler sees, as the vectors write it."""
    kinds = [kind for kind in ("temporary", "broadcast", "multicast") if getattr(request, f"is_{kind}")]
    source, destination = (
        str(address).partition("%")[0] for address in (request.source, request.destination)
    )
    return (
        f"from {source} to {destination} {' and '.join(kinds) or 'assigned'}, nic {request.nic}, "
        f"type {request.type} code {request.code}, ttl {request.ttl} tos {request.tos}, "
        f"id {request.identifier} seq {request.sequence}, data {request.payload().hex() or '-'}"
    )


class Scene:
    """A stack as a vector says, its handlers, and what they have noted."""

    def __init__(self, vector: Vector) -> None:
        self._vector = vector
        self._clock = netstack.ManualClock()
        self._stack = netstack.Stack(clock=self._clock, seed=1, **vector.stack)
        self._wires: dict[int, netstack.Channel] = {}
        self._sockets: list[netstack.PingSocket] = []
        self._place = ""
        self._step = Step(None, None, 0, "prepare")
        self._seen = 0
        self._kept: netstack.Request | None = None
        self._kept_packet: netstack.Packet | None = None
        self.difference = ""  # the first
        for nic in vector.nics:
            self._add_nic(**nic)
        for route in vector.routes:
            self._stack.add_route(**route)
        for policy in vector.policies:
            self._stack.set_echo_policy(**policy)
        if vector.icmp_rate is not None:
            self._stack.set_icmp_rate(**vector.icmp_rate)
        for each in vector.icmp_limited:
            self._stack.set_icmp_limited(**each)
        self._open_sockets(vector.sockets)
        self._install(vector.handlers)

    def _add_nic(
        self,
        number: int,
        mtu: int = 1500,
        capacity: int = 256,
        addresses: tuple[str, ...] = (),
        prefixes: tuple[str, ...] = (),
        groups: tuple[str, ...] = (),
        **flags: bool,
    ) -> None:
        wire = self._wires[number] = netstack.Channel(mtu=mtu, capacity=capacity)
        nic = self._stack.add_nic(wire, nic=number, addresses=addresses, prefixes=prefixes, **flags)
        for group in groups:
            nic.join_group(group)

    def _install(self, handlers: list[Handler]) -> None:
        self._stack.remove_handler()
        for handler in handlers:
            self._stack.on_echo(
                lambda request, handler=handler: self._handle(handler, request),
                family=handler.family,
                replace=True,
                echo_replies=handler.echo_replies,
            )

    def _open_sockets(self, sockets: list[dict[str, Any]]) -> None:
        for each in sockets:
            socket = netstack.PingSocket(self._stack, each["family"])
            socket.bind(each.get("address"), each["identifier"])
            self._sockets.append(socket)

    def _differ(self, text: str) -> None:
        self.difference = self.difference or f"{self._place}{text}"

    def _compare(self, what: str, got: str, wanted: str) -> None:
        if got == "refused" and wanted in REFUSED:
            return
        if got != wanted:
            self._differ(f"{what}: {got}, not {wanted}")

    def _compare_bytes(self, what: str, got: bytes, wanted: Packet | None) -> None:
        if wanted is None:
            self._differ(f"{what}: {got.hex()}, not nothing")
        elif got != wanted.data:
            self._differ(f'{what}: {got.hex()}, not {wanted.data.hex()}, which is "{wanted.name}"')

    def _inject(self, packet: Packet | None) -> str:
        assert packet is not None
        try:
            return "ok" if self._wires[self._step.nic].inject(packet.data) else "unclaimed"
        except Failure:
            return "fails"

    def _handle(self, handler: Handler, request: netstack.Request) -> bool:
        wanted = self._step.sees[self._seen].seen if self._seen < len(self._step.sees) else None
        self._compare("sees", describe(request), wanted or "anything")
        self._seen += 1
        for action in handler.does:
            self._act(action, request)
        if handler.then == "fails":
            raise Failure
        return handler.then == "consumed"

    def _act(self, action: Action, request: netstack.Request) -> None:
        if action.kind == "keep" and action.result == "request":
            self._kept = request
        elif action.kind == "keep":
            self._kept_packet = request.retain()
        elif action.kind == "route":
            self._stack.add_route(**action.route)
        elif action.kind == "inject":
            self._compare("inject, nested", self._inject(action.packet), action.result)
        elif action.kind == "reply elsewhere":
            self._compare(action.kind, reply_elsewhere(request), action.result)
        else:
            to = self._kept if action.kind == "reply kept" else request
            self._compare(action.kind, "none was kept" if to is None else reply_to(to), action.result)

    def _run_step(self, step: Step) -> None:
        self._step, self._seen = step, 0
        if step.handlers is not None:
            self._install(step.handlers)
        if step.sockets is not None:
            while self._sockets:
                self._sockets.pop().close()
            self._open_sockets(step.sockets)
        if step.advance:
            self._clock.advance(step.advance)
            self._stack.poll()
        if step.kind == "inject":
            self._compare("result", self._inject(step.packet), step.result)
            self._compare("sees", f"{self._seen} requests", f"{len(step.sees)} requests")
        elif step.kind == "packet":
            self._compare_bytes(step.kind, bytes(self._kept_packet or b""), step.packet)
        elif step.kind != "prepare":
            used = USES[step.kind](self._kept) if self._kept is not None else "no request was kept"
            self._compare(step.kind, used, step.result)
        self._compare_sent(step)

    def _compare_sent(self, step: Step) -> None:
        for number, wire in self._wires.items():
            sent = wire.drain()
            wanted = step.out if number == step.nic else []
            for at, packet in enumerate(sent):
                self._compare_bytes("out", packet, wanted[at] if at < len(wanted) else None)
            if len(sent) < len(wanted):
                self._differ(f"out: {len(sent)} packets, not {len(wanted)}")

    def run(self) -> None:
        """Run all steps, and compare the counters."""
        for at, step in enumerate(self._vector.steps, 1):
            self._place = f"step {at}: "
            self._run_step(step)
        self._place = ""
        counters = {name: value for name, value in self._stack.stats.items() if value}
        for name in sorted(counters.keys() | self._vector.counters.keys()):
            wanted = self._vector.counters.get(name, 0)
            self._compare(f"counter {name}", str(counters.get(name, 0)), str(wanted))
        self._stack.close()

"""What an echo costs with a handler in Python, beside none and beside scapy.

All contestants take turns in one process; minima and medians of CPU time. Added is what the handler
costs beyond the stack's own answer, which comes by the same call of inject().
"""

import argparse
import statistics
import time
from collections.abc import Callable

from scapy.layers.inet import IP, ICMPEcho_am

import netstack
from icmp import OURS, request

Answer = Callable[[bytes], object]
GOAL = 1000  # nanoseconds added


def replies(request: netstack.Request) -> bool:
    """Has the stack answer, and owns the packet."""
    return request.reply()


def consumes(_request: netstack.Request) -> bool:
    """Owns the packet."""
    return True


def observes(request: netstack.Request) -> None:
    """Looks, and leaves the packet to the stack."""
    _ = request.identifier


def stack_with(handler: Callable[[netstack.Request], bool | None] | None, family: int) -> Answer:
    """A stack whose link takes the oldest answer away before the next."""
    stack = netstack.Stack(clock=netstack.ManualClock())
    wire = netstack.Channel(capacity=1)
    stack.add_nic(wire, addresses=[OURS[family]])
    stack.add_route("0.0.0.0/0" if family == 4 else "::/0", 1)
    if handler is not None:
        stack.on_echo(handler)

    def answer(packet: bytes, stack: netstack.Stack = stack) -> bytes | None:
        wire.inject(packet)
        return wire.read()

    return answer


def scapy_answer() -> Answer:
    """Scapy's own answering machine for pings, from bytes to bytes; it knows IPv4 alone."""
    machine = ICMPEcho_am()

    def answer(packet: bytes) -> bytes | None:
        asked = IP(packet)
        if not machine.is_request(asked):  # type: ignore[no-untyped-call]
            return None
        return bytes(machine.make_reply(asked)[IP])  # type: ignore[no-untyped-call]

    return answer


def contestants(family: int) -> dict[str, Answer]:
    """All that take part."""
    answers = {
        "no handler": stack_with(None, family),
        "handler replies": stack_with(replies, family),
        "handler consumes": stack_with(consumes, family),
        "handler observes": stack_with(observes, family),
    }
    if family == 4:
        answers["scapy"] = scapy_answer()
    return answers


def measure(answer: Answer, packet: bytes, count: int) -> float:
    """Nanoseconds of CPU time an echo."""
    start = time.thread_time_ns()
    for _ in range(count):
        answer(packet)
    return (time.thread_time_ns() - start) / count


def check(name: str, answer: Answer, packet: bytes) -> None:
    """A contestant that does not answer as it should is not timed."""
    reply = answer(packet)
    if name == "handler consumes":
        if reply is not None:
            raise SystemExit(f"{name}: an answer came")
        return
    offset = 20 if packet[0] >> 4 == 4 else 40
    wanted = b"\0" if offset == 20 else b"\x81"
    if not isinstance(reply, bytes) or reply[offset : offset + 1] != wanted:
        raise SystemExit(f"{name}: no Echo Reply came")
    if reply[offset + 4 :] != packet[offset + 4 :]:
        raise SystemExit(f"{name}: the answer bears other data")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--echoes", type=int, default=20_000, metavar="N", help="in each round")
    options = parser.parse_args()

    row = "{:<26} {:>12} {:>12} {:>14} {:>12}"
    print(row.format("one echo", "minimum ns", "median ns", "added ns", "x no handler"))
    for family, length in ((4, 56), (6, 56), (4, 1400)):
        packet = request(OURS[family], payload=bytes(length)).build()
        answers = contestants(family)
        times: dict[str, list[float]] = {name: [] for name in answers}
        for name, answer in answers.items():
            check(name, answer, packet)
        for _ in range(options.rounds):
            for name, answer in answers.items():
                count = options.echoes // 50 if name == "scapy" else options.echoes
                times[name].append(measure(answer, packet, count))
        base = min(times["no handler"])
        for name, measured in times.items():
            best, added = min(measured), min(measured) - base
            verdict = "" if not name.startswith("handler") or added <= GOAL else " MISSED"
            print(
                row.format(
                    f"v{family}, {length} B, {name}",
                    f"{best:.0f}",
                    f"{statistics.median(measured):.0f}",
                    f"{added:.0f}{verdict}",
                    f"{best / base:.2f}",
                )
            )


if __name__ == "__main__":
    main()

"""Holds files of vectors against the RFCs: lengths, checksums, what handlers see, and every answer anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from packets import Object, Packet, bytes_of, calls, load, names_used, packets_of

KIND = re.compile(r" (assigned|temporary|broadcast|multicast), nic (\d+),")


def check_packet(packet: Object) -> Iterator[str]:
    """A packet is right, or marked as malformed and is not; and what is seen of it is what it says."""
    parts = Packet(bytes_of(packet, padding=False))
    faults = list(parts.faults())
    if "malformed" in packet:
        if not faults:
            yield "it is not malformed"
        return
    yield from faults
    seen = packet.get("seen")
    if seen is not None and KIND.sub(" KIND, nic NIC,", seen) != parts.facts():
        yield f"it says that it is seen as {seen!r}"


def answers(vector: Object, step: Object, packets: dict[str, Object]) -> Iterator[bytes]:
    """Every answer that there may be to the packets of a step, from whichever address it may come."""
    injected = [step["inject"]] if "inject" in step else []
    for of, handler in calls(vector, packets):
        if of is step:
            injected += [action["inject"] for action in handler.get("does", []) if "inject" in action]
    nic = next(nic for nic in vector["nics"] if nic["number"] == step.get("nic", 1))
    addresses = [ip_address(text.partition("/")[0]).packed for text in nic.get("addresses", [])]
    for name in injected:
        request = Packet(bytes_of(packets[name], padding=False))
        ttl = vector.get("stack", {}).get("default_hop_limit" if request.v6 else "default_ttl", 64)
        group = re.search(" (broadcast|multicast),", packets[name].get("seen", ""))
        sources = (
            [each for each in addresses if len(each) == len(request.source)]
            if group
            else [request.destination]
        )
        if request.v6 and request.header[6] != 58:
            yield request.refusal(ttl)
            continue
        for source in sources:
            yield request.answer(source, ttl)


def check_vector(vector: Object, packets: dict[str, Object]) -> Iterator[str]:
    """Every packet that is to be sent answers one that was injected; NICs are those of the step."""
    for number, step in enumerate(vector["steps"], 1):
        possible = list(answers(vector, step, packets))
        for name in step.get("out", []):
            if bytes_of(packets[name]) not in possible:
                yield f"step {number}: {name!r} answers nothing that was injected"
        for name in step.get("sees", []):
            match = KIND.search(packets[name].get("seen", ""))
            if not match or int(match[2]) != step.get("nic", 1):
                yield f"step {number}: {name!r} is seen on another NIC, or not at all"


def check_file(path: Path) -> Iterator[str]:
    """All that is wrong with a file."""
    file = load(path)
    used: set[str] = set()
    names: set[str] = set()
    if ":" in file["group"]:
        yield "the group has a colon"
    for vector in file["vectors"]:
        own = vector.get("packets", {})
        for name in own.keys() & file.get("packets", {}).keys():
            yield f"{vector['name']}: {name!r} is a packet of the file as well"
        for name, packet in own.items():
            yield from (f"{vector['name']}: {name!r}: {fault}" for fault in check_packet(packet))
        packets = packets_of(file, vector)
        yield from (f"{vector['name']}: {fault}" for fault in check_vector(vector, packets))
        if ":" in vector["name"]:
            yield f"{vector['name']}: the name has a colon"
        if vector["name"] in names:
            yield f"{vector['name']}: there are two of that name"
        names.add(vector["name"])
        used |= names_used(vector)
        yield from (f"{vector['name']}: there is no {name!r}" for name in names_used(vector) - packets.keys())
        yield from (f"{vector['name']}: {name!r} is not used" for name in own.keys() - names_used(vector))
    for name, packet in file.get("packets", {}).items():
        yield from (f"{name!r}: {fault}" for fault in check_packet(packet))
        if name not in used:
            yield f"{name!r} is not used"


def main(paths: list[str]) -> int:
    """Print what is wrong; 1 if anything is."""
    count = 0
    for path in paths:
        for fault in check_file(Path(path)):
            print(f"{path}: {fault}", file=sys.stderr)
            count += 1
    return 1 if count or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

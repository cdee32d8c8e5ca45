"""Resident memory over many echoes with a handler that replies and keeps nothing: it stays flat."""

import argparse
import time

import netstack
from icmp import OURS, request


def resident_kib() -> int:
    """Resident memory of this process, in KiB."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise SystemExit("/proc/self/status has no VmRSS")


def main() -> None:
    """Prints resident memory after each tenth of the echoes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--echoes", type=int, default=10_000_000, metavar="N")
    echoes = parser.parse_args().echoes

    stack = netstack.Stack(clock=netstack.ManualClock())
    wire = netstack.Channel(capacity=1)
    stack.add_nic(wire, addresses=[f"{OURS[4]}/24"])
    stack.on_echo(lambda request: request.reply())
    packet = request(OURS[4], payload=bytes(56)).build()

    def run(count: int) -> None:
        for _ in range(count):
            wire.inject(packet)
            wire.read()

    run(echoes // 100)  # what is made once is there
    start = time.monotonic()
    sizes = [resident_kib()]
    for _ in range(10):
        run(echoes // 10)
        sizes.append(resident_kib())
    print(f"resident after each tenth of {echoes:,} echoes, KiB: {' '.join(map(str, sizes))}")
    print(f"grown by {sizes[-1] - sizes[0]} KiB in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()

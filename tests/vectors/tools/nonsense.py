"""Writes files of vectors, each with something that nobody understands, so that a runner must refuse it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from packets import Object, load

# Where something stands in a file; raises LookupError where it does not.
Place = Callable[[Object], Object]


def first(vector: Object, *keys: str) -> Object:
    """The first of what stands at `keys`, one list inside the other."""
    found = vector
    for key in keys:
        found = found[key][0]
    return found


PLACES: dict[str, Place] = {
    "vector": lambda vector: vector,
    "stack": lambda vector: vector["stack"],
    "nic": lambda vector: first(vector, "nics"),
    "route": lambda vector: first(vector, "routes"),
    "policy": lambda vector: first(vector, "policies"),
    "rate": lambda vector: vector["icmp_rate"],
    "limited": lambda vector: first(vector, "icmp_limited"),
    "socket": lambda vector: first(vector, "sockets"),
    "handler": lambda vector: first(vector, "handlers"),
    "action": lambda vector: first(vector, "handlers", "does"),
    "packet": lambda vector: vector["packets"]["request"],
    "step": lambda vector: first(vector, "steps"),
    "kept": lambda vector: first({"steps": [step for step in vector["steps"] if "kept" in step]}, "steps"),
    "handler of a step": lambda vector: first({"steps": vector["steps"][1:]}, "steps", "handlers"),
}

# A value that makes no sense, of a key that is there.
VALUES: list[tuple[str, str, object]] = [
    ("vector", "name", 1),
    ("vector", "counters", {"ip.packets_received": "1"}),
    ("vector", "counters", {"ip.packets_received": 0}),
    ("stack", "strict_routes", "yes"),
    ("nic", "number", -1),
    ("nic", "number", "1"),
    ("nic", "addresses", ["192.168.0.1/33"]),
    ("nic", "addresses", "192.168.0.1/24"),
    ("nic", "prefixes", ["10.7.0.1"]),
    ("nic", "prefixes", ["10.7.0.0/016"]),
    ("nic", "prefixes", ["10.7.0.1/16"]),
    ("nic", "groups", ["192.168.0.1"]),
    ("nic", "promiscuous", 1),
    ("route", "to", "10.0.0.0/33"),
    ("route", "to", "10.0.0.1"),
    ("route", "nic", 77),
    ("policy", "family", "ipv5"),
    ("policy", "policy", "perhaps"),
    ("policy", "destination", "assigned"),
    ("rate", "per_second", "1"),
    ("rate", "burst", -1),
    ("limited", "family", "any"),
    ("limited", "type", 130),
    ("limited", "type", 256),
    ("limited", "limited", 1),
    ("socket", "identifier", 65536),
    ("socket", "family", "ipv5"),
    ("handler", "family", "ipv5"),
    ("handler", "then", "perhaps"),
    ("handler", "does", [{}]),
    ("handler", "does", [{"reply": "ok", "keep": "request"}]),
    ("handler", "does", [{"keep": "everything"}]),
    ("handler", "does", [{"inject": "nowhere"}]),
    ("packet", "bytes", ["udp 00"]),
    ("packet", "bytes", ["icmp 0x"]),
    ("packet", "bytes", ["icmp 8"]),
    ("packet", "seen", 1),
    ("step", "inject", "nowhere"),
    ("step", "sees", ["nowhere"]),
    ("step", "out", ["nowhere"]),
    ("kept", "kept", "perhaps"),
    ("kept", "result", 1),
]


def edited(paths: list[Path], find: Place, edit: Callable[[Object], object]) -> Object:
    """The first file in which there is such a place, with that place edited."""
    for path in paths:
        file = load(path)
        for vector in file["vectors"]:
            try:
                edit(find(vector))
            except LookupError:
                continue
            return file
    raise LookupError("no file has a place for this")


def replace(key: str, value: object) -> Callable[[Object], object]:
    """Give a key that is there another value."""

    def edit(found: Object) -> None:
        found[key], _ = value, found[key]

    return edit


def main(folder: Path, paths: list[Path]) -> None:
    """Write everything."""
    folder.mkdir(parents=True)
    files = {f"{place}, unknown key": edited(paths, find, add_unknown) for place, find in PLACES.items()}
    files["file, unknown key"] = load(paths[0]) | {"unknown": 1}
    for number, (place, key, value) in enumerate(VALUES):
        files[f"{place}, {key}, {number}"] = edited(paths, PLACES[place], replace(key, value))
    for name, file in files.items():
        (folder / f"{name}.json").write_text(json.dumps(file), encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")


def add_unknown(found: Object) -> None:
    """Add a key that nobody knows."""
    found["unknown"] = 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]])

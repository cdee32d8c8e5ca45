"""Writes copies of files of vectors in which each vector has one expectation changed.

For each kind of change a folder: the files, and `expected`, the lines "GROUP: NAME" of the vectors that were
changed, each of which a runner must find to have failed.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from packets import Object, calls, load, names_used, packets_of

# Changes a vector, whose packets are its own by now; false: there is nothing to change.
Mutation = Callable[[Object], bool]


def steps_with(vector: Object, key: str) -> Iterator[Object]:
    """The steps that say something about `key`."""
    return (step for step in vector["steps"] if step.get(key))


def change_answer(edit: Callable[[list[str]], list[str]]) -> Mutation:
    """Change the lines of one answer."""

    def mutate(vector: Object) -> bool:
        for step in steps_with(vector, "out"):
            name = step["out"][-1]
            changed = copy.deepcopy(vector["packets"][name])
            changed["bytes"] = edit(changed["bytes"])
            vector["packets"]["changed"] = changed
            step["out"][-1] = "changed"
            return True
        return False

    return mutate


def flip(line: str, at: int) -> str:
    """Change the lowest bit of one hexadecimal digit."""
    return line[:at] + f"{int(line[at], 16) ^ 1:x}" + line[at + 1 :]


def last_byte(lines: list[str]) -> list[str]:
    """Change the last byte."""
    return [*lines[:-1], flip(lines[-1], len(lines[-1]) - 1)]


def first_byte(lines: list[str]) -> list[str]:
    """Change the first byte."""
    return [flip(lines[0], lines[0].index(" ") + 1), *lines[1:]]


def change_list(key: str, edit: Callable[[list[str]], list[str]]) -> Mutation:
    """Change one list of names."""

    def mutate(vector: Object) -> bool:
        for step in steps_with(vector, key):
            step[key] = edit(step[key])
            return True
        return False

    return mutate


def unexpected(key: str) -> Mutation:
    """Expect a packet where there is none."""

    def mutate(vector: Object) -> bool:
        for step in steps_with(vector, "inject"):
            if key not in step and "seen" in vector["packets"][step["inject"]]:
                step[key] = [step["inject"]]
                return True
        return False

    return mutate


def change_seen(pattern: str, replacement: str) -> Mutation:
    """Change one thing that a handler sees."""

    def mutate(vector: Object) -> bool:
        for step in steps_with(vector, "sees"):
            changed = copy.deepcopy(vector["packets"][step["sees"][-1]])
            seen = re.sub(pattern, replacement, changed["seen"])
            if seen != changed["seen"]:
                changed["seen"] = seen
                vector["packets"]["changed"] = changed
                step["sees"][-1] = "changed"
                return True
        return False

    return mutate


def change_result(key: str, becomes: dict[str, str]) -> Mutation:
    """Change the result of one step that does `key`."""

    def mutate(vector: Object) -> bool:
        for step in steps_with(vector, key):
            result = step.get("result", "ok")
            if result in becomes:
                step["result"] = becomes[result]
                return True
        return False

    return mutate


def change_action(what: str, becomes: dict[str, str]) -> Mutation:
    """Change the result of one thing that a handler does, of a handler that is called."""

    def mutate(vector: Object) -> bool:
        for _, handler in calls(vector, vector["packets"]):
            for action in handler.get("does", []):
                key = "result" if what == "inject" else what
                result = action.get(key, "ok") if what in action else None
                if result in becomes:
                    action[key] = becomes[result]
                    return True
        return False

    return mutate


def change_packet(vector: Object) -> bool:
    """Expect another packet to be kept."""
    for step in steps_with(vector, "packet"):
        changed = copy.deepcopy(vector["packets"][step["packet"]])
        changed["bytes"] = last_byte(changed["bytes"])
        vector["packets"]["changed"] = changed
        step["packet"] = "changed"
        return True
    return False


def higher_counter(vector: Object) -> bool:
    """Expect one more of something."""
    vector["counters"][max(vector["counters"])] += 1
    return True


def one_counter_less(vector: Object) -> bool:
    """Expect that something is zero."""
    del vector["counters"][min(vector["counters"])]
    return True


def counter_that_is_zero(vector: Object) -> bool:
    """Expect that something is not zero that is."""
    vector["counters"]["raw_sockets.received"] = 1
    return True


def unknown_counter(vector: Object) -> bool:
    """Expect a counter that is not there."""
    vector["counters"]["no.such.counter"] = 1
    return True


REFUSED = {"no route": "ok", "not replyable": "ok", "expired": "ok"}
MUTATIONS: dict[str, Mutation] = {
    "the last byte of an answer": change_answer(last_byte),
    "the first byte of an answer": change_answer(first_byte),
    "an answer with a byte more": change_answer(lambda lines: [*lines, "padding 00"]),
    "an answer less": change_list("out", lambda names: names[:-1]),
    "an answer more": change_list("out", lambda names: [*names, names[-1]]),
    "an answer where there is none": unexpected("out"),
    "the sender that is seen": change_seen(r"^from \S+", "from 192.0.2.1"),
    "the kind of destination that is seen": change_seen(r" \w+, nic", " other, nic"),
    "the sequence number that is seen": change_seen(r"seq (\d+)", r"seq 1\1"),
    "the data that is seen": change_seen("data .*", "data 00"),
    "the NIC that is seen": change_seen(r"nic (\d+)", r"nic 1\1"),
    "a request less that is seen": change_list("sees", lambda names: names[:-1]),
    "a request more that is seen": change_list("sees", lambda names: [*names, names[-1]]),
    "a request that nobody sees": unexpected("sees"),
    "a packet that is taken": change_result("inject", {"ok": "unclaimed"}),
    "a packet that is not taken": change_result("inject", {"unclaimed": "ok"}),
    "a handler that fails": change_result("inject", {"fails": "ok"}),
    "a handler that does not fail": change_result("inject", {"ok": "fails"}),
    "a reply that is accepted": change_action("reply", {"ok": "no route"}),
    "a reply that is refused": change_action("reply", REFUSED),
    "a reply elsewhere": change_action("reply elsewhere", REFUSED),
    "a reply to a kept request": change_action("reply kept", {**REFUSED, "ok": "expired"}),
    "a nested packet": change_action("inject", {"ok": "fails", "fails": "ok"}),
    "a kept request": change_result("kept", REFUSED),
    "a kept packet": change_packet,
    "a counter that is higher": higher_counter,
    "a counter less": one_counter_less,
    "a counter that is zero": counter_that_is_zero,
    "a counter that is not there": unknown_counter,
}


def mutate_file(file: Object, mutation: Mutation) -> list[str]:
    """Change each vector of a file; those that were changed."""
    changed = []
    for vector in file["vectors"]:
        vector["packets"] = copy.deepcopy(packets_of(file, vector))
        if mutation(vector):
            changed.append(f"{file['group']}: {vector['name']}")
        used = names_used(vector)
        vector["packets"] = {name: packet for name, packet in vector["packets"].items() if name in used}
    file["packets"] = {}
    return changed


def main(folder: Path, paths: list[Path]) -> int:
    """Write everything; 1 if a mutation changes nothing at all."""
    status = 0
    for name, mutation in MUTATIONS.items():
        expected = []
        to = folder / name
        to.mkdir(parents=True)
        for path in paths:
            file = load(path)
            changed = mutate_file(file, mutation)
            if changed:
                (to / path.name).write_text(json.dumps(file), encoding="utf-8")
                expected += changed
        (to / "expected").write_text("".join(f"{line}\n" for line in expected), encoding="utf-8")
        if not expected:
            print(f"{name}: changes nothing", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]]))

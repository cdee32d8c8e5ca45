"""What became of a description: what is gone, changed or new, and whether callers would notice."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from describe import SECTIONS, Description

# They tell which version this is, so every version changes them.
VERSIONS = re.compile(r"NS_VERSION_\w+|NS_ABI_VERSION")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was."""

    name: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" + (", which breaks callers" if self.breaks else "")


def types_of(function: dict[str, Any]) -> list[str]:
    """What callers depend on; how parameters are called is for readers."""
    parameters = function["parameters"]
    return [function["returns"], *(each if isinstance(each, str) else each["type"] for each in parameters)]


def may_grow(struct: str, description: Description) -> bool:
    """Whether callers tell the library how large they think a struct is: some function takes both."""
    for function in description["functions"].values():
        parameters = [each["type"].removeprefix("const ") for each in function["parameters"]]
        if (f"{struct} *", "size_t") in pairwise(parameters):
            return True
    return False


def has_grown(name: str, old: Description, new: Description) -> bool:
    """Whether a struct that may grow has new fields behind the old bytes, and nothing else."""
    before, after = old["structs"][name], new["structs"][name]
    added = after["fields"][len(before["fields"]) :]
    behind = bool(added) and added[0]["offset"] >= before["size"] and before["align"] == after["align"]
    return behind and after["fields"][: -len(added)] == before["fields"] and may_grow(name, old)


def changed_struct(name: str, old: Description, new: Description) -> Difference:
    """What is different about a struct."""
    before, after = old["structs"][name], new["structs"][name]
    if has_grown(name, old, new):
        more = ", ".join(each["name"] for each in after["fields"][len(before["fields"]) :])
        return Difference(name, f"has grown by {more}", False)
    for was, now in zip(before["fields"], after["fields"], strict=False):
        if was != now:
            texts = [f"{each['type']} {each['name']} at {each['offset']}" for each in (was, now)]
            return Difference(name, f"had {texts[0]}, has {texts[1]}", True)
    return Difference(name, f"had {before['size']} bytes, has {after['size']}", True)


def changed(section: str, name: str, old: Description, new: Description) -> Difference:
    """What is different about a thing that both descriptions have."""
    before, after = old[section][name], new[section][name]
    if section in ("functions", "callbacks"):
        types = types_of(before), types_of(after)
        if types[0] == types[1]:
            return Difference(name, "its parameters have other names", False)
        texts = [f"{each[0]} ({', '.join(each[1:])})" for each in types]
        return Difference(name, f"was {texts[0]}, is {texts[1]}", True)
    if section == "structs":
        return changed_struct(name, old, new)
    if section == "initialisers":
        struct = re.search(r"sizeof\((\w+)\)", before["is"])
        grown = struct is not None and struct[1] in new["structs"] and has_grown(struct[1], old, new)
        return Difference(name, f"was {before['is']}, is {after['is']}", not grown)
    return Difference(name, f"was {before}, is {after}", not VERSIONS.fullmatch(name))


def differences(old: Description, new: Description) -> list[Difference]:
    """All that is not as it was."""
    found = []
    for section in SECTIONS:
        singular = section.removesuffix("s")
        for name in sorted(old[section].keys() | new[section].keys()):
            if name not in new[section]:
                found.append(Difference(name, f"is no {singular} any more", True))
            elif name not in old[section]:
                found.append(Difference(name, f"is a new {singular}", False))
            elif old[section][name] != new[section][name]:
                found.append(changed(section, name, old, new))
    return found

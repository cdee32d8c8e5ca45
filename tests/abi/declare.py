"""Declarations in C out of a description, for those who have no headers, or no longer the same.

declare.py c DESCRIPTION             a header: all that the description has, for a compiler of C
declare.py lua DESCRIPTION           a module for LuaJIT: ffi.cdef[[...]]
declare.py check DESCRIPTION         claims about headers that were included before: a compiler refuses what
                                     is not as described
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from describe import Description, Refused, load


def declare_field(field: dict[str, Any]) -> str:
    """A field as C writes it, an array with its length behind."""
    text, _, length = field["type"].partition("[")
    return f"{text} {field['name']}" + (f"[{length}" if length else "")


def declare_function(name: str, function: dict[str, Any]) -> str:
    """A prototype."""
    parameters = [f"{each['type']} {each['name']}" for each in function["parameters"]]
    return f"{function['returns']} {name}({', '.join(parameters) or 'void'});"


def in_order(structs: dict[str, Any]) -> Iterator[str]:
    """Structs, each behind those that it holds."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done:
            return
        done.add(name)
        for field in structs[name]["fields"]:
            held = re.sub(r"\[.*", "", field["type"])
            if held in structs:
                yield from visit(held)
        yield name

    for name in structs:
        yield from visit(name)


def types(description: Description) -> list[str]:
    """Every type, in an order that a compiler takes."""
    lines = [f"typedef struct {name} {name};" for name in [*description["handles"], *description["structs"]]]
    lines += [f"typedef {each['is']} {name};" for name, each in description["types"].items()]
    for name, callback in description["callbacks"].items():
        lines.append(
            f"typedef {callback['returns']} (*{name})({', '.join(callback['parameters']) or 'void'});"
        )
    for name in in_order(description["structs"]):
        fields = "".join(f"    {declare_field(each)};\n" for each in description["structs"][name]["fields"])
        lines.append(f"struct {name} {{\n{fields}}};")
    return lines


def functions(description: Description) -> list[str]:
    """Every function."""
    return [declare_function(name, each) for name, each in description["functions"].items()]


def literal(constant: dict[str, Any]) -> str:
    """The value of a constant with its type."""
    suffixes = {"int": "", "unsigned int": "u", "long": "l", "unsigned long": "ul"}
    return f"{constant['value']}{suffixes[constant['type']]}"


def as_header(description: Description) -> str:
    """A header for a compiler of C."""
    lines = ["#include <stddef.h>", "#include <stdint.h>", *types(description)]
    for name, constant in description["constants"].items():
        if constant["kind"] == "enumerator":
            lines.append(f"enum {{ {name} = {constant['value']} }};")
        else:
            lines.append(f"#define {name} {literal(constant)}")
    lines += [f"#define {name} {json.dumps(each['is'])}" for name, each in description["texts"].items()]
    lines += [f"#define {name} {each['is']}" for name, each in description["initialisers"].items()]
    return "\n".join([*lines, *functions(description), ""])


def as_lua(description: Description) -> str:
    """A module for LuaJIT, whose constants have 32 bits; those that need more come as what it returns."""
    small, large = [], []
    for name, constant in description["constants"].items():
        if -(2**31) <= constant["value"] < 2**31:
            small.append(f"static const int {name} = {constant['value']};")
        else:
            large.append(f"  {name} = {constant['value']}ULL,")
    declarations = "\n".join([*types(description), *small, *functions(description)])
    large_ones = "\n".join(large)
    return f'require("ffi").cdef[[\n{declarations}\n]]\nreturn {{\n{large_ones}\n}}\n'


def as_check(description: Description) -> str:
    """Claims that headers of C or C++ must stand."""
    lines = [
        "#ifdef __cplusplus",
        "#define CLAIM static_assert",
        "#else",
        "#define CLAIM _Static_assert",
        "#endif",
    ]
    # A type may be defined again, as the same.
    lines += [f"typedef {each['is']} {name};" for name, each in description["types"].items()]
    for name, struct in description["structs"].items():
        lines.append(f'CLAIM(sizeof({name}) == {struct["size"]}, "size of {name}");')
        for each in struct["fields"]:
            place = f"{name}, {each['name']}"
            lines.append(f'CLAIM(offsetof({place}) == {each["offset"]}, "place of {name}.{each["name"]}");')
    for name, constant in description["constants"].items():
        lines.append(f'CLAIM({name} == {literal(constant)}, "value of {name}");')
    lines += [
        "#ifdef __cplusplus",
        'extern "C" {',
        "#define NOEXCEPT noexcept",
        "#else",
        "#define NOEXCEPT",
        "#endif",
    ]
    lines += [each.removesuffix(";") + " NOEXCEPT;" for each in functions(description)]
    for name, each in description["callbacks"].items():
        # Assigning a function of that type to the typedef.
        lines.append(f"{each['returns']} claim_{name}({', '.join(each['parameters']) or 'void'});")
        lines.append(f"static const {name} kept_{name} = claim_{name};")
    return "\n".join([*lines, "#ifdef __cplusplus", "}", "#endif", ""])


WRITERS = {"c": as_header, "lua": as_lua, "check": as_check}


def main() -> int:
    """The command line."""
    if len(sys.argv) != 3 or sys.argv[1] not in WRITERS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(WRITERS[sys.argv[1]](load(Path(sys.argv[2]))), end="")
    except Refused as refused:
        print(f"declare: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Describes a C library by its headers, as JSON: functions, callbacks, structs with their layout, constants.

    describe.py FOLDER    prints the description of what the headers in the folder declare, as clang has it

Sizes, offsets and values are measured by a program that is compiled and run. What a caller in another
language could not know from its headers is refused: see Refused.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

COMPILER = "clang-14"
# What a header may build on; all that it declares beyond is its own.
GROUND = "#include <stddef.h>\n#include <stdint.h>\n"
SCALARS = {"char", "int", "size_t"} | {f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)}
# What a description consists of, in this order.
SECTIONS = ("functions", "callbacks", "structs", "handles", "types", "constants", "texts", "initialisers")

Description = dict[str, dict[str, Any]]


class Refused(Exception):
    """A declaration that can't be described, or that other languages could not use."""


def run(*command: str | Path, text: str | None = None) -> str:
    """What a command prints. One that is missing or fails is an error that names it."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True)
    except FileNotFoundError:
        raise Refused(f"{words[0]} is not installed") from None
    if done.returncode != 0:
        raise Refused(f"{' '.join(words)} failed:\n{done.stderr or done.stdout}")
    return done.stdout


class Headers:
    """The headers of a folder as the compiler sees them."""

    def __init__(self, folder: Path) -> None:
        names = sorted(str(header.relative_to(folder)) for header in folder.rglob("*.h"))
        if not names:
            raise Refused(f"no headers in {folder}")
        self.source = GROUND + "".join(f"#include <{name}>\n" for name in names)
        self.flags = ["-x", "c", "-std=c99", "-I", str(folder)]

    def declarations(self) -> list[dict[str, Any]]:
        """The nodes of clang's AST that the headers add."""
        tree = [COMPILER, *self.flags, "-fsyntax-only", "-Xclang", "-ast-dump=json", "-"]
        ground: list[dict[str, Any]] = json.loads(run(*tree, text=GROUND))["inner"]
        whole: list[dict[str, Any]] = json.loads(run(*tree, text=self.source))["inner"]
        # The same declarations come first, for the same lines do.
        return whole[len(ground) :]

    def macros(self) -> dict[str, str]:
        """The macros that the headers add, with what they stand for."""

        def read(source: str) -> set[str]:
            return set(run(COMPILER, *self.flags, "-dM", "-E", "-", text=source).splitlines())

        found = {}
        for line in sorted(read(self.source) - read(GROUND)):
            name, _, body = line.removeprefix("#define ").partition(" ")
            found[name] = body
        return found

    def measure(self, expressions: dict[str, str]) -> dict[str, str]:
        """The values of C expressions, each a pair of a printf format and its argument."""
        lines = [self.source, "int printf(const char *, ...);", "int main(void) {"]
        lines += [
            f'printf("{name}\\t"); printf({value}); printf("\\n");' for name, value in expressions.items()
        ]
        lines += ["return 0; }", ""]
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "measure"
            flags = [*self.flags, "-std=c11", "-w", "-o", str(program)]
            run(COMPILER, *flags, "-", text="\n".join(lines))
            output = run(program)
        return dict(line.split("\t", 1) for line in output.splitlines())


def check_name(name: str) -> None:
    """All names are the library's own."""
    if not re.fullmatch(r"ns_[a-z0-9_]+|NS_[A-Z0-9_]+", name):
        raise Refused(f"{name}: a name that does not begin with ns_ or NS_")


def check_type(where: str, text: str, known: set[str]) -> str:
    """A type as C writes it, if every language can have it: no long, no bool, no enum, no struct by value."""
    name = re.sub(r"\bconst\b|\bstruct\b|[ *]|\[\d+\]", "", text)
    if name == "void" and (text == "void" or "*" in text):
        return text
    if name not in SCALARS | known:
        raise Refused(f"{where}: type {text}, which other languages or machines see differently")
    return text.replace("struct ", "")


def signature(where: str, text: str, known: set[str]) -> tuple[str, list[str]]:
    """The types of "result (parameter, parameter)"."""
    match = re.fullmatch(r"([^()]+?)\s*(?:\(\*\))?\(([^()]*)\)", text)
    if not match or "..." in text:
        raise Refused(f"{where}: a signature with a type inside that has no name, or of any length: {text}")
    parameters = [] if match[2] in ("", "void") else match[2].split(", ")
    return check_type(where, match[1], known), [check_type(where, each, known) for each in parameters]


class Reader:
    """Turns declarations into a description."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.found: Description = {section: {} for section in SECTIONS}
        self.nodes = headers.declarations()
        kinds = ("RecordDecl", "TypedefDecl")
        self.known = {node["name"] for node in self.nodes if node["kind"] in kinds and "name" in node}
        self.structs = {
            node["name"]: node
            for node in self.nodes
            if node["kind"] == "RecordDecl" and node.get("completeDefinition") and "name" in node
        }

    def read(self) -> Description:
        """The whole description."""
        for node in self.nodes:
            self.read_node(node)
        self.read_macros()
        self.measure()
        return {section: dict(sorted(self.found[section].items())) for section in SECTIONS}

    def read_node(self, node: dict[str, Any]) -> None:
        """A declaration of any kind."""
        kind, name = node["kind"], node.get("name", "")
        if kind == "EnumDecl":
            if name:
                raise Refused(f"{name}: an enum with a name, whose size is the compiler's choice")
            for child in node["inner"]:
                if child["kind"] == "EnumConstantDecl":
                    check_name(child["name"])
                    self.found["constants"][child["name"]] = {"kind": "enumerator"}
            return
        check_name(name)
        if kind == "FunctionDecl":
            self.read_function(name, node)
        elif kind == "RecordDecl":
            self.read_struct(name, node)
        elif kind == "TypedefDecl":
            self.read_typedef(name, node["type"]["qualType"])
        else:
            raise Refused(f"{name}: {kind}, which is no function, type or constant")

    def read_function(self, name: str, node: dict[str, Any]) -> None:
        """A function."""
        result, types = signature(name, node["type"]["qualType"], self.known)
        names = [child.get("name", "") for child in node.get("inner", []) if child["kind"] == "ParmVarDecl"]
        parameters = [{"name": one, "type": other} for one, other in zip(names, types, strict=True)]
        self.refuse_by_value(name, [result, *types])
        self.found["functions"][name] = {"returns": result, "parameters": parameters}

    def refuse_by_value(self, where: str, types: list[str]) -> None:
        """No struct is passed or returned."""
        for each in types:
            if each.replace("const ", "") in self.structs:
                raise Refused(f"{where}: {each} by value, which LuaJIT and others can't call back with")

    def read_struct(self, name: str, node: dict[str, Any]) -> None:
        """A struct, or a handle, which is one without fields."""
        if node.get("tagUsed") != "struct":
            raise Refused(f"{name}: a union")
        if name not in self.structs:
            self.found["handles"][name] = {}
            return
        fields = []
        for child in self.structs[name].get("inner", []):
            if child["kind"] == "RecordDecl" or child.get("isBitfield"):
                raise Refused(f"{name}: a bit-field, or a type inside that has no name")
            if child["kind"] == "FieldDecl":
                where = f"{name}.{child['name']}"
                fields.append(
                    {"name": child["name"], "type": check_type(where, child["type"]["qualType"], self.known)}
                )
        self.found["structs"][name] = {"fields": fields}

    def read_typedef(self, name: str, text: str) -> None:
        """A callback, or a name for a scalar."""
        if text == f"struct {name}":
            return
        if "(*)" in text:
            result, types = signature(name, text, self.known)
            self.refuse_by_value(name, [result, *types])
            self.found["callbacks"][name] = {"returns": result, "parameters": types}
        else:
            self.found["types"][name] = {"is": check_type(name, text, self.known)}

    def read_macros(self) -> None:
        """Constants, texts and initialisers."""
        for name, body in self.headers.macros().items():
            # Guards, and what only a compiler of C makes something of.
            if body == "" or body.startswith("__attribute__"):
                continue
            check_name(name.partition("(")[0])
            if "(" in name:
                raise Refused(f"{name}: a macro with parameters, which only C has")
            if "{" in body:
                self.found["initialisers"][name] = {"is": body}
            elif body.startswith('"'):
                self.found["texts"][name] = {"is": json.loads(body)}
            else:
                self.found["constants"][name] = {"kind": "macro"}

    def measure(self) -> None:
        """Sizes, offsets, values, and the types of macros."""
        asked = {}
        for name, struct in self.found["structs"].items():
            asked[f"{name} size"] = f'"%zu", sizeof({name})'
            asked[f"{name} align"] = f'"%zu", _Alignof({name})'
            for field in struct["fields"]:
                asked[f"{name}.{field['name']}"] = f'"%zu", offsetof({name}, {field["name"]})'
        kinds = {"int": "int", "unsigned": "unsigned int", "long": "long", "unsigned long": "unsigned long"}
        for name in self.found["constants"]:
            asked[name] = f'({name}) < 0 ? "%lld" : "%llu", (long long)({name})'
            choices = ", ".join(f'{each}: "{text}"' for each, text in kinds.items())
            asked[f"{name} type"] = f'"%s", _Generic(({name}), {choices}, default: "?")'
        answers = self.headers.measure(asked)
        for name, struct in self.found["structs"].items():
            struct["size"] = int(answers[f"{name} size"])
            struct["align"] = int(answers[f"{name} align"])
            for field in struct["fields"]:
                field["offset"] = int(answers[f"{name}.{field['name']}"])
        for name, constant in self.found["constants"].items():
            constant["value"] = int(answers[name])
            constant["type"] = answers[f"{name} type"]


def describe(folder: Path) -> Description:
    """The description of what the headers in a folder declare."""
    return Reader(Headers(folder)).read()


def as_text(description: Description) -> str:
    """A description for a file: one line for each thing, so that a change shows as lines."""
    sections = []
    for name in SECTIONS:
        lines = [f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in description[name].items()]
        sections.append(f'  "{name}": {{\n' + ",\n".join(lines) + "\n  }" if lines else f'  "{name}": {{}}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def load(file: Path) -> Description:
    """A description from a file."""
    try:
        description = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Refused(f"{file} can't be read as a description: {error}") from None
    if not isinstance(description, dict) or tuple(description) != SECTIONS:
        raise Refused(f"{file} is no description: it has not the sections {', '.join(SECTIONS)}")
    return description


def main() -> int:
    """The command line."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(as_text(describe(Path(sys.argv[1]))), end="")
    except Refused as refused:
        print(f"describe: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

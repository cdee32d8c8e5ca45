"""The ABI gate: fails when a library is not what its baseline, its headers and its version script promise.

gate.py [OPTION...]    checks; every option names a file or folder, and none may be missing
"""

import argparse
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from compare import differences
from declare import as_check, as_header
from describe import COMPILER, Description, Refused, describe, load, run

TOOLS = (COMPILER, "clang++-14", "gcc", "g++", "nm", "abidw", "abidiff")


class Failed(Exception):
    """What a check has found, a line each."""


@dataclass(frozen=True)
class Subject:
    """What is checked, and against what."""

    include: Path  # the folder of the public headers
    map: Path  # the version script
    library: Path  # the shared library as it is shipped
    debug_library: Path  # the same with debug information about what it exports
    baseline: Path  # the folder with NAME.json and NAME-MACHINE.xml
    program: Path  # a program in C, compiled against the baseline's declarations

    @property
    def name(self) -> str:
        """As in libNAME.so."""
        return self.library.name.removeprefix("lib").partition(".")[0]

    @property
    def description(self) -> Path:
        """The description that was promised."""
        return self.baseline / f"{self.name}.json"

    @property
    def types(self) -> Path:
        """What libabigail saw when it was promised. It differs with the machine."""
        return self.baseline / f"{self.name}-{platform.machine()}.xml"


def read_map(file: Path) -> dict[str, str]:
    """What a version script exports: each symbol's node."""
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", file.read_text(), flags=re.S)
    found = {}
    for node, body in re.findall(r"(\w[\w.]*)\s*\{(.*?)\}", text, re.S):
        body = re.sub(r"local:[^:]*$", "", body)
        for name in re.findall(r"[\w*?]+(?=\s*;)", body.replace("global:", "")):
            found[name] = node
    return found


def read_exports(library: Path) -> dict[str, str]:
    """What a shared library exports: each symbol's version."""
    found = {}
    for line in run("nm", "-D", "--defined-only", "--with-symbol-versions", library).splitlines():
        _, kind, symbol = line.split(maxsplit=2)
        if kind != "A":  # the names of versions
            name, _, version = symbol.partition("@")
            found[name] = version.lstrip("@")
    return found


def taken(names: Iterable[str]) -> list[tuple[str, str]]:
    """Which of these names the C library exports, and where."""
    files = [Path(run("gcc", f"-print-file-name={name}").strip()) for name in ("libc.so.6", "libresolv.so.2")]
    files = [file for file in files if file.is_file()]  # only glibc has the second
    if not files:
        raise Refused("gcc knows no libc.so.6")
    return [(file.name, name) for file in files for name in sorted(read_exports(file).keys() & set(names))]


def type_file(subject: Subject) -> str:
    """What libabigail says about the types behind the exports of the library with debug information."""
    options = ["--exported-interfaces-only", "--drop-private-types", "--no-show-locs", "--no-corpus-path"]
    options += ["--no-comp-dir-path", "--type-id-style", "hash", "--headers-dir", str(subject.include)]
    return run("abidw", *options, subject.debug_library)


class Gate:
    """The checks. Each raises Failed with what it found."""

    def __init__(self, subject: Subject, folder: Path) -> None:
        self.subject = subject
        self.folder = folder
        self.promised = load(subject.description)
        self.checks: dict[str, Callable[[], None]] = {
            "headers": self.check_headers,
            "exports": self.check_exports,
            "description": self.check_description,
            "compilers": self.check_compilers,
            "libabigail": self.check_types,
            "program": self.check_program,
        }
        self.headers: Description | None = None

    def check_headers(self) -> None:
        """They can be described, so every language can use what they declare."""
        self.headers = describe(self.subject.include)

    def check_exports(self) -> None:
        """Exports, version script, baseline and headers name the same functions, none of them libc's."""
        mapped, exported = read_map(self.subject.map), read_exports(self.subject.library)
        sides = {"exports": exported, "version script": mapped, "baseline": self.promised["functions"]}
        if self.headers is not None:
            sides["headers"] = self.headers["functions"]
        found = []
        for name in sorted(set().union(*sides.values())):
            lacking = [side for side, names in sides.items() if name not in names]
            if lacking:
                having = [side for side in sides if side not in lacking]
                found.append(f"{name}: in {', '.join(having)}; not in {', '.join(lacking)}")
            elif exported[name] != mapped[name]:
                found.append(f"{name}: exported as {exported[name]}, not {mapped[name]}")
        found += [f"{name}: taken by {library}" for library, name in taken(exported)]
        if read_exports(self.subject.debug_library) != exported:
            found.append(f"{self.subject.debug_library} exports other symbols than {self.subject.library}")
        if found or not exported:
            raise Failed("\n".join(found) or "nothing is exported")

    def check_description(self) -> None:
        """The headers say what the baseline says: signatures, layouts, values."""
        if self.headers is None:
            raise Failed("the headers can't be described")
        found = [str(each) for each in differences(self.promised, self.headers)]
        if found:
            raise Failed("\n".join(found))

    def check_compilers(self) -> None:
        """Every compiler, in C and C++, finds what the baseline says in the headers."""
        names = sorted(
            str(each.relative_to(self.subject.include)) for each in self.subject.include.rglob("*.h")
        )
        check = self.folder / "check.inc"
        check.write_text("".join(f"#include <{name}>\n" for name in names) + as_check(self.promised))
        for compiler, dialect in (
            ("gcc", "c11"),
            ("clang-14", "c11"),
            ("g++", "c++17"),
            ("clang++-14", "c++17"),
        ):
            language = "c++" if "++" in dialect else "c"
            flags = ["-x", language, f"-std={dialect}", "-Wall", "-Wextra", "-Werror", "-Wno-unused"]
            try:
                run(compiler, *flags, f"-I{self.subject.include}", "-fsyntax-only", check)
            except Refused as refused:
                errors = [line for line in str(refused).splitlines() if "error:" in line]
                raise Failed("\n".join(errors or [str(refused)])) from None

    def check_types(self) -> None:
        """Libabigail finds nothing that callers of the baseline's library would notice."""
        new = self.folder / "new.xml"
        new.write_text(type_file(self.subject))
        try:
            run("abidiff", "--no-added-syms", self.subject.types, new)
        except Refused as refused:
            raise Failed(str(refused)) from None

    def check_program(self) -> None:
        """A program compiled against the baseline's declarations runs with the library."""
        (self.folder / "declarations.h").write_text(as_header(self.promised))
        program, library = self.folder / "program", self.subject.library.resolve()
        flags = [
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            f"-I{self.folder}",
            f"-Wl,-rpath,{library.parent}",
        ]
        try:
            run("gcc", *flags, self.subject.program, library, "-o", program)
            run(program)
        except Refused as refused:
            raise Failed(str(refused)) from None

    def run_all(self) -> int:
        """Runs the checks, all of them, and returns how many failed."""
        failures = 0
        for name, check in self.checks.items():
            try:
                check()
                print(f"ok      {name}")
            except (Failed, Refused) as failed:
                failures += 1
                print(f"FAILED  {name}", *(f"        {line}" for line in str(failed).splitlines()), sep="\n")
        return failures


def missing(subject: Subject) -> list[str]:
    """The tools and files that are not there."""
    found = [f"{tool} is not installed" for tool in TOOLS if not shutil.which(tool)]
    if not subject.include.is_dir():
        found.append(f"no folder {subject.include}")
    files = (
        subject.map,
        subject.library,
        subject.debug_library,
        subject.description,
        subject.types,
        subject.program,
    )
    return found + [f"no file {file}" for file in files if not file.is_file()]


def parse(arguments: list[str]) -> Subject:
    """The subject that options name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in Subject.__dataclass_fields__:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True)
    return Subject(**vars(parser.parse_args(arguments)))


def main() -> int:
    """The command line."""
    subject = parse(sys.argv[1:])
    lacking = missing(subject)
    if lacking:
        print(*(f"abi: {each}" for each in lacking), sep="\n", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            failures = Gate(subject, Path(folder)).run_all()
    except Refused as refused:
        print(f"abi: {refused}", file=sys.stderr)
        return 2
    if failures:
        print("abi: a change that was meant goes into the baseline by tests/abi/check-abi.sh BUILD --renew")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())

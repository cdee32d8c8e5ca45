"""Proves that the gate and the renewing of a baseline notice what they must, on copies of a small library.

self_test.py [WORD...]    only the cases whose names have one of these words
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from gate import TOOLS
from mutations import FORBIDDEN, HARMLESS, HEADER, MUTATIONS, SOURCE, Change, Mutation

HERE = Path(__file__).resolve().parent
UNRELEASED = "## 0.1.0 (not released yet)\n"
RELEASED = "## 0.2.0 (not released yet)\n\n## 0.1.0 - 2026-12-01\n"


class Missed(Exception):
    """What was not noticed."""


class Fixture:
    """A copy of the small library, built, with the baseline of the unchanged one."""

    def __init__(self, folder: Path, baseline: Path | None, changes: list[Change]) -> None:
        self.folder = folder / "fixture"
        shutil.copytree(HERE / "fixture", self.folder)
        if baseline:
            shutil.copytree(baseline, self.folder / "baseline")
        for name, pattern, replacement in changes:
            file = self.folder / name
            text, count = re.subn(pattern, replacement, file.read_text(), count=1)
            if count == 0:
                raise Missed(f"nothing in {name} matches {pattern}")
            file.write_text(text)
        library = self.folder / "libfixture.so"
        self.paths = {
            "include": self.folder,
            "map": self.folder / "fixture.map",
            "library": library,
            "debug-library": library,
            "baseline": self.folder / "baseline",
            "program": self.folder / "program.c",
        }
        flags = ["-g", "-fPIC", "-shared", "-w", f"-I{self.paths['include']}"]
        self.run(
            "gcc", *flags, f"-Wl,--version-script={self.paths['map']}", "-o", library, self.folder / SOURCE
        )

    @staticmethod
    def run(*command: str | Path) -> None:
        """Compiles."""
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise Missed(f"the fixture does not compile: {done.stderr}")

    def call(self, script: str, *arguments: str, path: str | None = None) -> tuple[int, str]:
        """Runs the gate or the renewing, and returns how it ended and what it said."""
        options = [f"--{name}={value}" for name, value in self.paths.items()]
        command = [sys.executable, str(HERE / script), *arguments, *options]
        environment = {**os.environ, **({"PATH": path} if path else {})}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        return done.returncode, done.stdout + done.stderr

    def renew(self, changelog: str, *options: str) -> tuple[int, str]:
        """Renews the baseline."""
        file = self.folder / "CHANGELOG.md"
        file.write_text(changelog)
        return self.call("renew.py", *options, str(file))


def expect(what: str, condition: bool, output: str) -> None:
    """Complains with the output that was wrong."""
    if not condition:
        raise Missed(f"{what}; it said:\n{output}")


def sections(output: str) -> dict[str, str]:
    """What each check that failed has said."""
    return dict(re.findall(r"^FAILED  (\w+)\n((?: {8}.*\n?)*)", output, re.M))


def try_mutation(mutation: Mutation, folder: Path, baseline: Path) -> None:
    """The gate fails by exactly the checks that are named, or passes if there are none."""
    status, output = Fixture(folder, baseline, mutation.changes).call("gate.py")
    failed = sections(output)
    expect(
        f"not {mutation.fails or 'nothing'}, but {' '.join(failed)}",
        set(failed) == set(mutation.fails.split()),
        output,
    )
    expect(f"exit status {status}", status == int(bool(failed)), output)
    expect(f"nobody says {mutation.sentence}", mutation.sentence in output, output)
    # The program only fails; the others say why.
    silent = {"program"} | ({"description"} if "headers" in failed else set())
    for name in failed.keys() - silent:
        expect(f"{name} does not say {mutation.word}", mutation.word in failed[name], output)


def without_tool(tool: str, folder: Path, baseline: Path) -> None:
    """A tool that is missing is named, and nothing is checked without it."""
    tools = folder / "tools"
    tools.mkdir()
    for each in {*TOOLS, "as", "ld", "cc"} - {tool}:
        (tools / each).symlink_to(str(shutil.which(each)))
    status, output = Fixture(folder, baseline, []).call("gate.py", path=str(tools))
    expect(f"exit status {status}", status == 2 and f"{tool} is not installed" in output, output)


def without_file(option: str, folder: Path, baseline: Path) -> None:
    """So is a file."""
    fixture = Fixture(folder, baseline, [])
    fixture.paths[option] = folder / "nowhere"
    status, output = fixture.call("gate.py")
    expect(f"exit status {status}", status == 2 and str(folder / "nowhere") in output, output)


def broken_baseline(text: str, folder: Path, baseline: Path) -> None:
    """A baseline that is none is named."""
    fixture = Fixture(folder, baseline, [])
    file = fixture.paths["baseline"] / "fixture.json"
    file.write_text(text)
    status, output = fixture.call("gate.py")
    expect(f"exit status {status}", status == 2 and str(file) in output, output)


def try_renewal(case: "Renewal", folder: Path, baseline: Path) -> None:
    """A renewal does what it should; one that is refused leaves the baseline as it was."""
    changes, changelog, options, word = case
    fixture = Fixture(folder, baseline, changes)
    before = [file.read_text() for file in sorted(fixture.paths["baseline"].iterdir())]
    status, output = fixture.renew(changelog, *options)
    after = [file.read_text() for file in sorted(fixture.paths["baseline"].iterdir())]
    expect(f"exit status {status}", status == int(bool(word)) and word in output, output)
    if word:
        expect("the baseline has changed", before == after, output)
    else:
        status, output = fixture.call("gate.py")
        expect("the gate does not pass with the new baseline", status == 0, output)


ALL = "ns_box_free ns_box_get_info ns_box_new ns_box_put ns_box_visit(x);"
LISTED = "ours ns_box_put nobody puts\n"
# What the table says, what the wrapper's source is, the exit status, and a word that must be said.
USES: dict[str, tuple[str, str, int, str]] = {
    "all": ("", ALL, 0, ""),
    "all but one, listed": (LISTED, ALL.replace("ns_box_put", ""), 0, ""),
    "all but one": ("", ALL.replace("ns_box_put", ""), 1, "ns_box_put: not used"),
    "one in a comment": ("", ALL.replace("ns_box_put", "/* ns_box_put */ // ns_box_put"), 1, "ns_box_put"),
    "one listed for others": ("other ns_box_put why\n", ALL.replace("ns_box_put", ""), 1, "ns_box_put"),
    "listed and used": (LISTED, ALL, 1, "ns_box_put: used"),
    "listed, no function": ("ours ns_box_go why\n", ALL, 1, "ns_box_go"),
    "listed twice": (LISTED * 2, ALL, 2, "table.txt:2"),
    "listed without a reason": ("ours ns_box_put\n", ALL, 2, "table.txt:1"),
    "no source": ("", "", 2, "wrapper.c"),
}


def try_uses(case: tuple[str, str, int, str], folder: Path, baseline: Path) -> None:
    """The table of uses notices what is not in it."""
    table, source, wanted, word = case
    (folder / "table.txt").write_text(table)
    if source:
        (folder / "wrapper.c").write_text(source)
    files = [str(baseline / "fixture.json"), str(folder / "table.txt"), "ours", str(folder / "wrapper.c")]
    done = subprocess.run([sys.executable, str(HERE / "uses.py"), *files], capture_output=True, text=True)
    expect(f"exit status {done.returncode}", done.returncode == wanted and word in done.stderr, done.stderr)


Renewal = tuple[list[Change], str, list[str], str]
NEW_ABI: Change = (HEADER, "NS_VERSION_MINOR 1", "NS_VERSION_MINOR 2")
BREAK = ["--break-unreleased"]
GROWN: list[Change] = [(HEADER, r"(  uint16_t shape;)", r"\1\n  uint32_t more;")]
REORDERED: list[Change] = [(HEADER, r"(  uint32_t row;.*\n)(  uint32_t column;.*\n)", r"\2\1")]
RENUMBERED: list[Change] = [(HEADER, "NS_ERR_FULL = -1", "NS_ERR_FULL = -2")]
MORE: list[Change] = [(HEADER, "NS_OK = 0,", "NS_OK = 0, NS_MORE = 7,")]
RENEWALS: dict[str, Renewal] = {
    "nothing": ([], RELEASED, [], ""),
    "more of a released ABI": (MORE, RELEASED, [], ""),
    "growth of a released ABI": (GROWN, RELEASED, [], ""),
    "next patch of a released ABI": ([(HEADER, '"0.1.0"', '"0.1.1"')], RELEASED, [], ""),
    "change of a released ABI": (REORDERED, RELEASED, BREAK, "ns_place"),
    "constant of a released ABI": (RENUMBERED, RELEASED, BREAK, "NS_ERR_FULL"),
    "change of an unreleased ABI": (REORDERED, UNRELEASED, BREAK, ""),
    "change that nobody admits": (REORDERED, UNRELEASED, [], "--break-unreleased would allow"),
    "change with a new ABI": ([*REORDERED, NEW_ABI], RELEASED, [], ""),
}


def cases(baseline: Path) -> dict[str, Callable[[Path], None]]:
    """Every case by name."""
    found: dict[str, Callable[[Path], None]] = {}
    for mutation in [*HARMLESS, *MUTATIONS, *FORBIDDEN]:
        found[mutation.name] = partial(try_mutation, mutation, baseline=baseline)
    for tool in TOOLS:
        found[f"without {tool}"] = partial(without_tool, tool, baseline=baseline)
    for option in ("include", "map", "library", "debug-library", "baseline", "program"):
        found[f"without {option}"] = partial(without_file, option, baseline=baseline)
    for name, text in (("no JSON", "{"), ("another JSON", "{}"), ("an array", "[]")):
        found[f"baseline is {name}"] = partial(broken_baseline, text, baseline=baseline)
    for name, renewal in RENEWALS.items():
        found[f"renewal: {name}"] = partial(try_renewal, renewal, baseline=baseline)
    for name, uses in USES.items():
        found[f"uses: {name}"] = partial(try_uses, uses, baseline=baseline)
    return found


def run_case(name: str, case: Callable[[Path], None]) -> bool:
    """Runs a case in a folder of its own, and says what became of it."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            case(Path(folder))
    except Missed as missed:
        print(f"MISSED  {name}: {missed}")
        return False
    print(f"caught  {name}")
    return True


def main() -> int:
    """The command line."""
    with tempfile.TemporaryDirectory() as folder:
        clean = Fixture(Path(folder), None, [])
        status, output = clean.renew(UNRELEASED)
        expect("no baseline can be made", status == 0, output)
        words = sys.argv[1:]
        chosen = {
            name: case
            for name, case in cases(clean.paths["baseline"]).items()
            if not words or any(word in name for word in words)
        }
        with ThreadPoolExecutor(int(os.environ.get("NETSTACK_JOBS", os.cpu_count() or 1))) as pool:
            results = list(pool.map(run_case, chosen, chosen.values()))
    # The last line counts for the job.
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return int(not results or False in results)


if __name__ == "__main__":
    sys.exit(main())

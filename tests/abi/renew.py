"""Makes the baseline say what the headers say now.

    renew.py [--break-unreleased] CHANGELOG [OPTION OF GATE...]

Refuses to drop or change what callers have. Before the first release of an ABI there are none, and
--break-unreleased says so; a new ABI (a new minor version before 1.0, a new major version from then on)
begins anew.
"""

import re
import sys
import tempfile
from pathlib import Path

from compare import differences
from describe import Description, Refused, as_text, describe, load, run
from gate import Subject, parse, type_file


def abi_of(major: int, minor: int) -> str:
    """The ABI of a version, as in the library's SONAME."""
    return str(major) if major else f"0.{minor}"


def abi_of_description(description: Description) -> str:
    """The ABI that headers say they have."""
    constants = description["constants"]
    numbers = [constants.get(f"NS_VERSION_{each}", {}).get("value") for each in ("MAJOR", "MINOR")]
    if None in numbers:
        raise Refused("the headers have no NS_VERSION_MAJOR and NS_VERSION_MINOR")
    return abi_of(*numbers)


def released(changelog: Path) -> set[str]:
    """The ABIs that were released: versions with a heading that does not say otherwise."""
    found = set()
    for major, minor, rest in re.findall(r"^## (\d+)\.(\d+)\.\d+(.*)$", changelog.read_text(), re.M):
        if "not released" not in rest:
            found.add(abi_of(int(major), int(minor)))
    return found


def check(old: Description, new: Description, changelog: Path, may_break: bool) -> None:
    """Refuses what callers would notice."""
    found = differences(old, new)
    breaks = [str(each) for each in found if each.breaks]
    abi = abi_of_description(old)
    if breaks and abi_of_description(new) == abi:
        if abi in released(changelog):
            raise Refused(f"the ABI {abi} is released:\n" + "\n".join(breaks))
        if not may_break:
            raise Refused("--break-unreleased would allow:\n" + "\n".join(breaks))
    for each in found:
        print(each)


def same_types(old: Path, new: str) -> bool:
    """Whether libabigail sees no difference: it does not always write in the same order."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.xml"
        file.write_text(new)
        try:
            run("abidiff", old, file)
        except Refused:
            return False
    return True


def renew(subject: Subject, changelog: Path, may_break: bool) -> None:
    """Writes both files of the baseline, as far as they are others."""
    description = describe(subject.include)
    if subject.description.exists():
        check(load(subject.description), description, changelog, may_break)
    types = type_file(subject)
    subject.baseline.mkdir(parents=True, exist_ok=True)
    subject.description.write_text(as_text(description))
    if not subject.types.exists() or not same_types(subject.types, types):
        subject.types.write_text(types)
    print(f"renewed {subject.description} and {subject.types}")


def main() -> int:
    """The command line."""
    arguments = sys.argv[1:]
    may_break = arguments[:1] == ["--break-unreleased"]
    arguments = arguments[int(may_break) :]
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        renew(parse(arguments[1:]), Path(arguments[0]), may_break)
    except (Refused, OSError) as error:
        print(f"renew: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Every function of the C ABI is used by a wrapper, or unused.txt says why not.

    uses.py DESCRIPTION TABLE WRAPPER FILE...

The files are sources; or objects, where inline functions of a header stand between.
"""

import re
import sys
from pathlib import Path

from describe import Refused, load, run

COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def names_in(file: Path) -> set[str]:
    """The functions that a file names, as far as they could be ours."""
    if not file.is_file():
        raise Refused(f"no file {file}")
    text = run("nm", "-u", file) if file.suffix == ".o" else COMMENTS.sub("", file.read_text())
    return set(re.findall(r"\bns_\w+", text))


def read_table(file: Path) -> dict[str, dict[str, str]]:
    """For each wrapper the reasons by function."""
    found: dict[str, dict[str, str]] = {}
    if not file.is_file():
        raise Refused(f"no table {file}")
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            words = line.split(maxsplit=2)
            if len(words) != 3:
                raise Refused(f"{file}:{number}: not WRAPPER FUNCTION REASON")
            reasons = found.setdefault(words[0], {})
            if words[1] in reasons:
                raise Refused(f"{file}:{number}: {words[0]} {words[1]} is listed twice")
            reasons[words[1]] = words[2]
    return found


def check(functions: set[str], listed: set[str], used: set[str]) -> list[str]:
    """What is wrong with a wrapper."""
    wrong = [f"{name}: not used, and unused.txt does not say why" for name in functions - used - listed]
    wrong += [f"{name}: used, though unused.txt says that it is not" for name in listed & used]
    wrong += [f"{name}: in unused.txt, and no function" for name in listed - functions]
    return sorted(wrong)


def main() -> int:
    """The command line."""
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        return 2
    wrapper = sys.argv[3]
    try:
        functions = set(load(Path(sys.argv[1]))["functions"])
        listed = read_table(Path(sys.argv[2])).get(wrapper, {})
        used = set().union(*(names_in(Path(each)) for each in sys.argv[4:])) & functions
    except Refused as refused:
        print(f"uses: {refused}", file=sys.stderr)
        return 2
    wrong = check(functions, set(listed), used)
    for each in wrong:
        print(f"{wrapper}: {each}", file=sys.stderr)
    print(f"uses: {wrapper} uses {len(used)} of {len(functions)} functions, {len(listed)} are listed")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

"""Prints what the runners found: language by group, and how many vectors held of how many."""

from __future__ import annotations

import sys
from pathlib import Path


def read(path: Path) -> dict[str, tuple[int, int]]:
    """How many vectors of each group held, and how many there are, by a runner's output."""
    counts: dict[str, tuple[int, int]] = {}
    if not path.exists():  # the runner could not be built
        return counts
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        group = rest.partition(": ")[0]
        held, total = counts.get(group, (0, 0))
        counts[group] = (held + (word == "ok"), total + 1)
    return counts


def main(folder: Path, languages: list[str]) -> None:
    """Print the table of the files LANGUAGE.out of a folder."""
    columns = {language: read(folder / f"{language}.out") for language in languages}
    groups = list(dict.fromkeys(group for counts in columns.values() for group in counts))
    width = max(len(group) for group in [*groups, "vectors that held"])
    print("vectors that held".ljust(width), *(language.rjust(9) for language in columns))
    for group in groups:
        cells = (columns[language].get(group, (0, 0)) for language in columns)
        print(group.ljust(width), *(f"{held}/{total}".rjust(9) for held, total in cells))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

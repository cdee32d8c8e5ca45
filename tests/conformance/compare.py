#!/usr/bin/env python3
"""Linux's answers beside netstack's, as a table. Fails where a difference has no reason, or a reason no difference.

    compare.py FOLDER SET...

differences.tsv has a line for each kind of difference: set, probe, Linux's answer and ours (four patterns with *, ? and
[abc]), "right", "bug" or "open" (to be decided), and why. The first line that fits is taken.
"""
import fnmatch
import pathlib
import platform
import sys

HERE = pathlib.Path(__file__).parent
TITLES = {
    "bug": "Different, and ours is against an RFC",
    "open": "Different, and to be decided",
    "right": "Different, and ours is right",
    "?": "Different, and nobody knows why",
}


def read(path):
    return [tuple(line.split("\t")) for line in path.read_text().splitlines()]


def reason_for(row, reasons):
    for reason in reasons:
        if all(fnmatch.fnmatchcase(text, pattern) for text, pattern in zip(row, reason)):
            return reason
    return None


def table(head, rows):
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")


def tables_of_differences(rows):
    """One for each reason, bugs first."""
    by_reason = {}
    for row in rows:
        by_reason.setdefault(row[4:], []).append(row[:4])
    for kind, title in TITLES.items():
        reasons = [(why, found) for (a_kind, why), found in by_reason.items() if a_kind == kind]
        if reasons:
            print(f"\n## {title}")
        for why, found in reasons:
            print(f"\n{why[0].upper()}{why[1:]}.\n")
            table(("set", "probe", "Linux", "netstack"), found)


def main(folder, sets):
    reasons = [line for line in read(HERE / "differences.tsv") if line[0] in sets]
    equal, different, complaints, used = [], [], [], set()
    for name in sets:
        linux, ours = (read(folder / f"{name}-{peer}.tsv") for peer in ("linux", "netstack"))
        if [row[:2] for row in linux] != [row[:2] for row in ours]:
            complaints.append(f"{name}: the two did not have the same probes")
        for (_, probe, one), (_, _, other) in zip(linux, ours):
            if one == other:
                equal.append((name, probe, one))
                continue
            reason = reason_for((name, probe, one, other), reasons)
            if reason is None:
                complaints.append(f"{name}, {probe}: Linux {one}, netstack {other}: no reason is known")
            used.add(reason)
            different.append((name, probe, one, other, *(reason[4:] if reason else ("?", "not known"))))
    complaints += [f"differences.tsv: nothing fits {line[:4]} any more" for line in reasons if line not in used]
    complaints += [f"{row[0]}, {row[1]}: {row[3]}" for row in different if "CHECKSUM" in row[3]]

    print("# Answers of netstack beside Linux's\n")
    print(f"Made by `run.sh --renew` against Linux {platform.release().split('-')[0]}: {len(equal)} of "
          f"{len(equal) + len(different)} answers are the same.")
    tables_of_differences(different)
    print("\n## The same\n")
    table(("set", "probe", "both"), equal)
    for complaint in complaints:
        print("conformance:", complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))

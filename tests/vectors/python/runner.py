"""Runs files of vectors through the package. ../README.md says what the files are and what is printed."""

from __future__ import annotations

import sys
from pathlib import Path

from reading import NotUnderstood, Reader
from scene import Scene

import netstack


def main(paths: list[str]) -> int:
    """Run the vectors of all files; the exit status."""
    try:
        if not paths:
            raise NotUnderstood("no files")
        readers = [Reader(Path(path)) for path in paths]
    except NotUnderstood as error:
        print(error, file=sys.stderr)
        return 2
    status = 0
    for reader in readers:
        for vector in reader.vectors:
            try:
                scene = Scene(vector)
            except (LookupError, TypeError, ValueError, netstack.NetstackError) as error:
                print(f"{reader.path}: {vector.name}: {error!r}", file=sys.stderr)
                return 2
            scene.run()
            if scene.difference:
                print(f"FAILED {reader.group}: {vector.name}: {scene.difference}")
                status = 1
            else:
                print(f"ok {reader.group}: {vector.name}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

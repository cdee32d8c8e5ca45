"""`python -m netstack`: tells what a C or C++ program needs to build against this installation."""

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from importlib import metadata

from netstack import _paths


def _cflags() -> str:
    return shlex.join([f"-I{_paths.include_dir()}"])


def _libs() -> str:
    folder = _paths.lib_dir()
    return shlex.join([f"-L{folder}", f"-Wl,-rpath,{folder}", "-lnetstack"])


_ANSWERS: dict[str, tuple[Callable[[], object], str]] = {
    "--cflags": (_cflags, "flags for the compiler"),
    "--libs": (_libs, "flags for the linker; the program will find the library where it is now"),
    "--include-dir": (_paths.include_dir, "the folder of the headers"),
    "--lib-dir": (_paths.lib_dir, "the folder of the shared library"),
    "--cmake-dir": (_paths.cmake_dir, "what CMake wants in netstack_DIR"),
    "--pkg-config-dir": (_paths.pkg_config_dir, "what pkg-config wants in PKG_CONFIG_PATH"),
    "--version": (lambda: metadata.version("netstack"), "the version of the package"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what the arguments ask for, a line each, in the order asked.

    Args:
        arguments: The options; those of the command line by default.

    Returns:
        0, or 1 where a part is not installed. Bad arguments end the program with status 2.
    """
    parser = argparse.ArgumentParser(
        prog="python -m netstack",
        description="What a C or C++ program needs to build against this installation.",
        epilog="cc app.c $(python -m netstack --cflags --libs)",
        allow_abbrev=False,
    )
    for option, (answer, explanation) in _ANSWERS.items():
        parser.add_argument(option, dest="wanted", action="append_const", const=answer, help=explanation)
    wanted: list[Callable[[], object]] | None = parser.parse_args(arguments).wanted
    if not wanted:
        parser.error("nothing asked for; --help tells what there is")
    try:
        for line in [answer() for answer in wanted]:
            print(line)
    except FileNotFoundError as error:
        print(f"netstack: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

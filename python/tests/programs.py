"""Small programs in an interpreter of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

from wire import PATIENCE

HERE = Path(__file__).parent

# What each begins with.
PREAMBLE = """
import os, signal, socket, sys, threading, time
import netstack
from icmp import OURS, request
from loops import Loop
from wire import Thread, Wire, put, wait
"""


def environment() -> dict[str, str]:
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONFAULTHANDLER": "0"}


def start(code: str, before: str = "") -> subprocess.Popen[str]:
    """Starts a program; the caller talks to it by its pipes. `before` comes before any import."""
    # What a shell runs in the background ignores Ctrl-C, and so would the program.
    python = ["env", "--default-signal=INT", sys.executable]
    return subprocess.Popen(
        [*python, "-u", "-c", before + PREAMBLE + textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def finish(program: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Waits for its end: exit status (negative: the signal that ended it), output, errors."""
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stderr is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        program.kill()

    watch = threading.Timer(PATIENCE, end)
    watch.start()
    # Not by communicate(), which passes over what a readline() before it has read ahead.
    with program, contextlib.suppress(BrokenPipeError):
        program.stdin.close()
        out, err = program.stdout.read(), program.stderr.read()
    watch.cancel()
    watch.join()
    assert not late.is_set(), f"the program goes on; it said {out!r} {err!r}"
    return program.returncode, out, err


def run(code: str) -> tuple[int, str, str]:
    return finish(start(code))

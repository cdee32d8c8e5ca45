"""The command `netstack`: hands over to the C++ program that the package brings along."""

import os
import signal
import sys
from typing import NoReturn

from netstack import _paths


def main() -> NoReturn:
    """Becomes the program, with the same arguments; ends with status 1 where there is none."""
    try:
        program = _paths.program()
    except FileNotFoundError as error:
        sys.exit(f"netstack: {error}")
    # Python ignores these, and what is ignored stays so in the program that follows.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execv(program, sys.argv)

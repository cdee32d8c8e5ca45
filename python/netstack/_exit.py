"""The end of the interpreter: stacks that are still there are closed, and threads leave the library.

And the beginning of a forked one, whose other threads ended without a word.
"""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from netstack import _core

if TYPE_CHECKING:
    from netstack.stack import Stack

# How long, in nanoseconds, to wait for threads that are inside the library.
_PATIENCE: Final = 1_000_000_000

_stacks: Final[WeakSet[Stack]] = WeakSet()


def remember(stack: Stack) -> None:
    """Close the stack at exit, unless it is gone by then."""
    _stacks.add(stack)


def _unlock_all() -> None:
    for stack in list(_stacks):
        stack._unlock()


os.register_at_fork(after_in_child=_unlock_all)


@atexit.register
def _close_all() -> None:
    _core.prepare_exit(0)  # first, so that no thread comes back to find its stack closed
    with ExitStack() as closing:  # the last to be called is the first here
        closing.callback(_core.prepare_exit, _PATIENCE)
        for stack in list(_stacks):
            closing.callback(stack._core.close)  # not for its loop, if it has one, to hear of

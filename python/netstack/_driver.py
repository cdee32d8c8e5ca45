"""What drives a stack inside an asyncio loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from netstack import _convert, _core
from netstack.errors import Closed

STOPPED: Final = "the stack is stopped"
CLOSED: Final = "the stack is closed"


class Driver:
    """Polls a stack when its descriptor says so, in the loop's thread, until the stack is stopped.

    Also when its next deadline does, if it `waits`: if its clock goes on by itself.
    """

    def __init__(self, core: _core.Stack, loop: asyncio.AbstractEventLoop, *, waits: bool) -> None:
        self.loop = loop
        self._core = core
        self._waits = waits
        self._descriptor = core.fileno()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0
        self._end: asyncio.Future[str] = loop.create_future()  # bears the reason
        self._left = False
        loop.add_reader(self._descriptor, self._turn)
        self._set_timer()

    async def wait(
        self, reply: asyncio.Future[_core.Packet] | None = None, seconds: float | None = None
    ) -> str | None:
        """Wait for the end, a reply or the time to be over. Returns why it ended, if it did."""
        end = self._end
        self._waiting += 1
        try:
            awaited: set[asyncio.Future[Any]] = {end} if reply is None else {end, reply}
            await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting -= 1
        return end.result() if end.done() else None

    def stop_soon(self) -> None:
        """Leave the loop soon, since the descriptor of a stopped stack stays readable; on any thread."""
        with suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self.leave, STOPPED)

    def leave(self, why: str = CLOSED) -> None:
        """Leave nothing in the loop, and end all waiting. Does nothing the second time."""
        if self._left:
            return
        self._left = True
        if self._timer is not None:
            self._timer.cancel()
        if not self.loop.is_closed():
            self.loop.remove_reader(self._descriptor)
            self._finish(why)

    def _turn(self) -> None:
        try:
            self._core.poll()
        except Closed as error:
            # Without another frame it is the library's own: a device is gone.
            ours = error.__traceback__ is not None and error.__traceback__.tb_next is None
            if ours and self._waiting and not self._end.done():
                self._finish(str(error))
                self._end = self.loop.create_future()
            else:
                self._report(error)
        except Exception as error:
            self._report(error)
        finally:
            self._set_timer()

    def _report(self, error: Exception) -> None:
        self.loop.call_exception_handler(
            {"message": "an exception beneath netstack's poll()", "exception": error}
        )

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._core.next_deadline_ns if self._waits and not self._left else None
        if deadline is not None:
            seconds = max(0, deadline - self._core.now_ns) / _convert.NANOSECONDS
            self._timer = self.loop.call_later(seconds, self._turn)

    def _finish(self, why: str) -> None:
        if not self._end.done():
            self._end.set_result(why)

"""A stack at one end of a pair of sockets, for tests of run() and poll()."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import netstack
from icmp import Echo
from wire import ADDRESSES, PATIENCE, Thread


class Loop:
    """The test is the peer at the other end."""

    def __init__(self, kind: int = socket.SOCK_SEQPACKET, **stack: Any) -> None:
        self.stack = netstack.Stack(**stack)
        self.peer, ours = socket.socketpair(socket.AF_UNIX, kind)
        self.peer.settimeout(PATIENCE)
        self.link = netstack.FdLink(ours)
        ours.close()
        self.nic = self.stack.add_nic(self.link, addresses=ADDRESSES)

    def write(self, echo: Echo) -> None:
        self.peer.send(echo.build())

    def ask(self, echo: Echo) -> bool:
        """Whether the next packet of the stack is the right answer."""
        self.write(echo)
        return self.peer.recv(65535) == echo.answer().build()

    @contextlib.contextmanager
    def running(self, on_error: Callable[[Exception], Any] | None = None) -> Iterator[Thread]:
        """run() in a thread of its own, stopped at the end."""
        thread = Thread(lambda: self.stack.run(on_error))
        try:
            yield thread
        finally:
            self.stack.stop()
            thread.join()

    def close(self) -> None:
        self.stack.close()
        self.link.close()
        self.peer.close()

"""Several threads, a fork, and other interpreters."""

from __future__ import annotations

import collections
import itertools
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import netstack
from icmp import OURS, request
from programs import run
from wire import PATIENCE, Thread, Wire, wait


def test_many_threads_inject(wire: Wire) -> None:
    wire.on_echo(lambda each: each.reply())
    start = threading.Event()

    def work(number: int) -> None:
        wait(start)
        for at in range(300):
            wire.link.inject(request(OURS[4], identifier=number, sequence=at).build())
            wire.link.read()

    threads = [Thread(partial(work, number)) for number in range(6)]
    start.set()
    for thread in threads:
        thread.join()
    assert wire.counter("forwarder.replied") == 1800
    assert wire.counter("forwarder.failed") == 0


def test_one_thread_waits_in_a_handler_while_another_injects(wire: Wire) -> None:
    """If inject() or a handler's caller held the GIL, nobody could let the first one go."""
    entered, leave = threading.Event(), threading.Event()

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 1:
            entered.set()
            wait(leave)
        else:
            leave.set()
        return True

    wire.on_echo(handler)
    thread = Thread(lambda: wire.link.inject(request(OURS[4], sequence=1).build()))
    wait(entered)
    wire.link.inject(request(OURS[4], sequence=2).build())
    thread.join()


CHANGES: list[Callable[[Wire, int], object]] = [
    lambda wire, at: wire.stack.on_echo(lambda each: each.reply(), replace=True),
    lambda wire, at: wire.stack.remove_handler(),
    lambda wire, at: wire.nic.add_address(f"10.{at % 250}.{at // 250}.1/24"),
    lambda wire, at: wire.nic.remove_address(f"10.{at % 250}.{at // 250}.1"),
    lambda wire, at: wire.nic.add_prefix(f"11.{at % 250}.{at // 250}.0/24"),
    lambda wire, at: setattr(wire.nic, "promiscuous", at % 2 == 0),
    lambda wire, at: wire.stack.stats.snapshot(),
    lambda wire, at: setattr(wire.nic, "capture", netstack.Capture(lambda record: None)),
    lambda wire, at: setattr(wire.nic, "capture", None),
    lambda wire, at: netstack.PingSocket(wire.stack).bind(),
    lambda wire, at: wire.stack.add_nic(netstack.Channel()).remove(),
]


def test_threads_inject_while_others_change_the_configuration(wire: Wire) -> None:
    over = threading.Event()
    expected = [request(OURS[family]).build() for family in (4, 6)]
    counts = [0, 0]

    def inject(number: int) -> None:
        while not over.is_set():
            assert wire.link.inject(expected[number]) is True
            wire.link.read()
            counts[number] += 1

    def change() -> None:
        for at in range(60):
            for each in CHANGES:
                each(wire, at)

    threads = [Thread(partial(inject, number)) for number in range(2)]
    try:
        change()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert wire.counter("ip.packets_received") == sum(counts)
    assert wire.counter("forwarder.failed") == 0
    assert min(counts) > 0


class Interrupted:
    """The extension's stack, in whose first change another thread makes a second one, if it is let."""

    def __init__(self, core: Any, second: Callable[[], object]) -> None:
        self.core = core
        self.second = second
        self.thread: Thread | None = None

    def __getattr__(self, name: str) -> Any:
        def change(*arguments: object) -> None:
            getattr(self.core, name)(*arguments)
            if self.thread is None:
                self.thread = Thread(self.second)
                threading.Thread.join(self.thread, 0.2)

        return change


def test_nic_says_what_it_has_though_two_threads_change_it(wire: Wire) -> None:
    records: list[list[bytes]] = [[], []]
    first, second = (netstack.Capture(each.append) for each in records)
    real: Any = wire.stack._core
    for name, values in (("capture", (first, second)), ("disabled", (True, False))):
        interrupted = Interrupted(real, partial(setattr, wire.nic, name, values[1]))
        wire.stack._core = interrupted  # type: ignore[assignment]
        setattr(wire.nic, name, values[0])
        wire.stack._core = real
        assert interrupted.thread is not None
        interrupted.thread.join()
    assert wire.nic.disabled is False
    assert wire.answers(request(OURS[4])) == 1
    assert wire.nic.capture is second
    assert [len(each) for each in records] == [1, 3]


def test_close_while_others_inject(make_wire: Callable[..., Wire]) -> None:
    for _ in range(20):
        wire = make_wire()
        going = threading.Barrier(3, timeout=PATIENCE)
        wire.on_echo(lambda each: each.reply())

        def work(wire: Wire = wire, going: threading.Barrier = going) -> None:
            going.wait()
            packets = itertools.repeat(request(OURS[4]).build())
            with pytest.raises(netstack.Closed):
                collections.deque(map(wire.link.inject, packets), maxlen=0)

        threads = [Thread(work) for _ in range(2)]
        going.wait()
        wire.stack.close()
        for thread in threads:
            thread.join()


def test_close_while_others_add_and_remove_nics() -> None:
    # In a process of its own, which may crash.
    status, out, err = run("""
        sys.setswitchinterval(1e-6)
        for at in range(12):
            stack = netstack.Stack()
            nics = [stack.add_nic(netstack.Channel()) for _ in range(300)]
            going = threading.Barrier(3)

            midst = threading.Event()

            def work(change, items):
                going.wait()
                try:
                    for number, item in enumerate(items):
                        if number == at:
                            midst.set()
                        change(item)
                except (netstack.Closed, netstack.NotFound):
                    pass

            links = [netstack.Channel() for _ in range(300)]
            threads = [
                Thread(lambda: work(stack.add_nic, links)),
                Thread(lambda: work(lambda nic: nic.remove(), nics)),
            ]
            going.wait()
            wait(midst)
            stack.close()
            for thread in threads:
                thread.join()
        print("whole")
    """)
    assert (status, out, err) == (0, "whole\n", "")


FORK = """
    loop = Loop()
    wire = Wire()
    calls = []
    loop.stack.on_echo(lambda each: put(calls, each) and each.reply())
    socket_ = netstack.PingSocket(wire.stack)
    capture = netstack.Capture(lambda record: None)
    inherited = loop.stack.stats
    {running}
    assert loop.ask(request(OURS[4]))
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    pid = os.fork()
    if pid == 0:
        {child}
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    # The parent's goes on as if nothing had been.
    assert loop.ask(request(OURS[4]))
    assert loop.ask(request(OURS[6]))
    loop.stack.stop()
    thread.join()
    loop.close()
    wire.stack.close()
    print("parent", len(calls))
"""

CHILDREN = {
    "close": "loop.stack.close(); loop.link.close(); wire.stack.close(); socket_.close()",
    "nothing": "pass",
    "drop": """
        import gc
        del loop, wire, socket_, capture, inherited
        gc.collect()""",
    "use": """
        def closed(call):
            try:
                call()
            except netstack.Closed:
                return
            raise AssertionError(call)
        for call in (
            loop.stack.poll,
            loop.stack.run,
            lambda: loop.link.inject(request(OURS[4]).build()),
            lambda: wire.link.inject(request(OURS[4]).build()),
            lambda: loop.stack.on_echo(lambda each: True, replace=True),
            lambda: loop.nic.add_address("10.0.0.1"),
            lambda: inherited["ip.packets_received"],
            lambda: netstack.PingSocket(wire.stack),
            socket_.receive,
        ):
            closed(call)
        loop.stack.stop()""",
    "exit": """
        from netstack import _core
        _core.prepare_exit(60_000_000_000)  # it waits for threads that are inside: here are none""",
    "new": """
        fresh = Wire()
        assert fresh.answers(request(OURS[4])) == 1
        fresh.stack.close()
        again = Loop()
        with again.running():
            assert again.ask(request(OURS[6]))
        again.close()""",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("child", CHILDREN)
def test_fork(child: str) -> None:
    status, out, err = run(FORK.format(running="thread = Thread(loop.stack.run)", child=CHILDREN[child]))
    assert (status, out, err) == (0, "parent 3\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork_in_the_midst_of_a_change_by_another_thread() -> None:
    status, out, err = run("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        stack = netstack.Stack()
        changing, over = threading.Event(), threading.Event()

        def change():
            with stack._lock:
                changing.set()
                wait(over)

        thread = Thread(change)
        wait(changing)
        pid = os.fork()
        if pid == 0:
            signal.alarm(10)
            try:
                stack.add_nic(netstack.Channel())
            except netstack.Closed:
                stack.close()
                os._exit(0)
        status = os.waitpid(pid, 0)[1]
        over.set()
        thread.join()
        print(status)
    """)
    assert (status, out, err) == (0, "0\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork_inside_a_handler() -> None:
    status, out, err = run("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        wire = Wire()
        def handler(each):
            pid = os.fork()
            if pid == 0:
                try:
                    each.reply()
                except netstack.NetstackError as error:
                    os._exit(7)
                os._exit(8)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
            return each.reply()
        wire.on_echo(handler)
        print(wire.answers(request(OURS[4])))
        wire.stack.close()
    """)
    assert (status, out, err) == (0, "1\n", "")


INSIDE = """
try:
    import netstack
except ImportError as error:
    text = str(error)
else:
    text = "imported"
import os
os.write(1, text.encode())
"""
SUB_INTERPRETER = f"""
    code = {INSIDE!r}
    if sys.version_info >= (3, 13):
        import _interpreters
        other = _interpreters.create()
        failure = _interpreters.exec(other, code)
        assert failure is None, failure
        _interpreters.destroy(other)
    else:
        import _xxsubinterpreters
        other = _xxsubinterpreters.create()
        _xxsubinterpreters.run_string(other, code)
        _xxsubinterpreters.destroy(other)
    wire = Wire()
    assert wire.answers(request(OURS[4])) == 1
    wire.stack.close()
"""


def test_other_interpreters_may_not_import_it() -> None:
    status, out, err = run(SUB_INTERPRETER)
    assert (status, err) == (0, "")
    assert "interpreter" in out
    assert out != "imported"

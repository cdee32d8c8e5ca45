"""The interpreter may end at any moment: with the right status, in silence, and never by a signal.

Each way is tried NETSTACK_TEST_EXITS times (default 10); before a release:

    NETSTACK_TEST_EXITS=200 pytest python/tests/test_exit.py
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from programs import finish, run, start

EXITS = int(os.environ.get("NETSTACK_TEST_EXITS", "10"))
# How many run at the same time, so that they disturb each other's timing.
TOGETHER = 5


@dataclass(frozen=True)
class Way:
    """A program, and how it ends."""

    name: str
    code: str
    status: int = 0
    last_error: str = ""  # the last line on stderr


READY = """
    loop = Loop()
    loop.stack.on_echo(lambda each: each.reply())
    thread = threading.Thread(target=loop.stack.run, daemon=True)
    thread.start()
    assert loop.ask(request(OURS[4]))
"""

FLOOD = """
    def flood():
        packet = request(OURS[4]).build()
        while True:
            try:
                loop.peer.send(packet)
                loop.peer.recv(1500)
            except OSError:
                return
    threading.Thread(target=flood, daemon=True).start()
"""

INJECT = """
    wire = Wire()
    going = threading.Barrier(4)
    def inject():
        packet = request(OURS[4]).build()
        going.wait()
        while True:
            try:
                wire.link.inject(packet)
                wire.link.read()
            except netstack.Closed:
                return
    wire.stack.on_echo(lambda each: each.reply())
    for _ in range(3):
        threading.Thread(target=inject, daemon=True).start()
    going.wait()
"""

WAYS = [
    Way("import_only", ""),
    Way("daemon_thread_in_run", READY),
    Way("daemon_thread_in_run_flooded", READY + FLOOD),
    Way("stopped_but_not_joined", READY + "    loop.stack.stop()"),
    Way("run_with_on_error", READY.replace("loop.stack.run,", "lambda: loop.stack.run(print),") + FLOOD),
    Way(
        "daemon_thread_in_ping",
        """
    loop = Loop()
    threading.Thread(target=lambda: loop.stack.ping("192.168.0.9", timeout=600), daemon=True).start()
    loop.peer.recv(1500)
""",
    ),
    Way("threads_inject", INJECT),
    Way("threads_inject_and_the_stack_is_closed", INJECT + "    wire.stack.close()"),
    Way(
        "handler_that_sleeps",
        """
    wire = Wire()
    entered = threading.Event()
    def handler(each):
        entered.set()
        time.sleep(600)
        return True
    wire.stack.on_echo(handler)
    work = lambda: wire.link.inject(request(OURS[4]).build())
    threading.Thread(target=work, daemon=True).start()
    entered.wait()
""",
    ),
    Way(
        "handlers_that_fail",
        READY.replace("lambda each: each.reply()", "handler")
        .replace(
            "    thread =",
            "    sys.unraisablehook = lambda hooked: None\n    thread =",
        )
        .replace(
            "    loop = Loop()",
            "    def handler(each):\n        each.reply()\n        raise ValueError\n    loop = Loop()",
        )
        + FLOOD,
    ),
    Way(
        "sys_exit_in_a_handler_beneath_inject",
        """
    wire = Wire()
    wire.stack.on_echo(lambda each: sys.exit(3))
    wire.link.inject(request(OURS[4]).build())
""",
        3,
    ),
    Way(
        "sys_exit_in_a_handler_beneath_run",
        """
    loop = Loop()
    loop.stack.on_echo(lambda each: sys.exit(4))
    loop.write(request(OURS[4]))
    loop.stack.run()
""",
        4,
    ),
    Way("sys_exit_beside_a_run", READY + FLOOD + "    sys.exit(5)", 5),
    Way("unhandled_exception", READY + FLOOD + "    raise ValueError('mine')", 1, "ValueError: mine"),
    Way(
        "unhandled_exception_in_a_handler",
        """
    wire = Wire()
    def handler(each):
        raise ValueError("mine")
    wire.stack.on_echo(handler)
    wire.link.inject(request(OURS[4]).build())
""",
        1,
        "ValueError: mine",
    ),
    Way("os_exit", READY + FLOOD + "    os._exit(6)", 6),
    Way(
        "pending_packets",
        """
    wire = Wire()
    raw = netstack.RawSocket(wire.stack)
    for _ in range(100):
        wire.link.inject(request(OURS[4]).build())
    kept = raw.receive()
    view = memoryview(kept)
""",
    ),
    Way(
        "objects_in_globals",
        """
    clock = netstack.ManualClock()
    stack, link = netstack.Stack(clock=clock, seed=1), netstack.Channel(notify=lambda: stack and None)
    nic = stack.add_nic(link, addresses=["192.168.0.1/24"])
    ping, raw = netstack.PingSocket(stack, notify=lambda: None), netstack.RawSocket(stack)
    nic.capture = capture = netstack.Capture(lambda record: stack and None)
    requests = []
    stack.on_echo(requests.append)
    link.inject(request(OURS[4]).build())
    stats, counters, transmit = stack.stats, nic.stats, netstack.CallbackLink(lambda packet: None)
    cycle = [stack, link]
    cycle.append(cycle)
    netstack.everything = (stack, link, nic, ping, raw, requests, capture)
    sys.modules["kept"] = netstack.everything
""",
    ),
    Way(
        "objects_with_finalizers",
        """
    class Kept:
        def __init__(self): self.wire = Wire(); self.wire.stack.on_echo(lambda each: self and True)
        def __del__(self):
            try: self.wire.link.inject(request(OURS[4]).build())
            except netstack.NetstackError: pass
    kept = Kept()
    builtins = __import__("builtins")
    builtins.kept = Kept()
""",
    ),
    Way(
        "atexit_hook_uses_the_stack",
        READY
        + FLOOD
        + """
    import atexit
    def last():
        # Registered after the package's own hook, so called before it.
        assert loop.stack.stats["forwarder.requests"] > 0
        assert not loop.stack.closed
    atexit.register(last)
""",
    ),
    Way(
        "atexit_hook_of_before_the_import",
        """
    raise_nothing = None
"""
        + READY,
    ),
    Way(
        "atexit_hook_joins_the_run",
        READY
        + """
    import atexit
    def last():
        loop.stack.stop()
        thread.join()
    atexit.register(last)
""",
    ),
    Way(
        "stack_made_in_an_atexit_hook",
        """
    import atexit
    def last():
        wire = Wire()
        assert wire.answers(request(OURS[4])) == 1
    atexit.register(last)
""",
    ),
    Way(
        "thread_that_is_no_daemon",
        READY.replace("daemon=True", "daemon=False")
        + """
    threading.Timer(0.01, loop.stack.stop).start()
""",
    ),
    Way(
        "run_in_the_main_thread_stopped_by_a_daemon",
        """
    loop = Loop()
    threading.Thread(target=lambda: loop.stack.stop(), daemon=True).start()
    loop.stack.run()
""",
    ),
    Way(
        "configuration_changes_in_daemons",
        INJECT
        + """
    def change():
        while True:
            try:
                wire.stack.on_echo(lambda each: each.reply(), replace=True)
                wire.nic.promiscuous = not wire.nic.promiscuous
                wire.stack.stats.snapshot()
            except netstack.Closed:
                return
    threading.Thread(target=change, daemon=True).start()
""",
    ),
    Way(
        "stacks_are_made_and_closed_in_daemons",
        """
    def churn():
        try:
            while True:
                wire = Wire()
                wire.stack.on_echo(lambda each: each.reply())
                wire.link.inject(request(OURS[4]).build())
                going.set()
                del wire
        except (netstack.NetstackError, RuntimeError):
            return
    going = threading.Event()
    for _ in range(2):
        threading.Thread(target=churn, daemon=True).start()
    going.wait()
""",
    ),
]
# An atexit hook that was registered before the package was imported is called after the package's.
BEFORE = """
import atexit, sys
def last():
    stack = sys.modules["__main__"].loop.stack
    assert stack.closed
    try:
        stack.poll()
    except sys.modules["netstack"].Closed:
        return
    raise AssertionError("the stack is open")
atexit.register(last)
"""


@pytest.mark.parametrize("way", WAYS, ids=[way.name for way in WAYS])
def test_exit(way: Way) -> None:
    before = BEFORE if way.name == "atexit_hook_of_before_the_import" else ""
    for first in range(0, EXITS, TOGETHER):
        programs = [start(way.code, before=before) for _ in range(min(TOGETHER, EXITS - first))]
        ends = [finish(program) for program in programs]
        for status, out, err in ends:
            assert status == way.status, err
            assert out == ""
            assert (err.splitlines() or [""])[-1] == way.last_error, err


def test_handler_that_wakes_when_the_interpreter_is_half_gone() -> None:
    status, out, err = run("""
        wire = Wire()
        entered = threading.Event()
        sleep, waker = os.pipe()

        def handler(each):
            entered.set()
            os.read(sleep, 1)
            return True

        class Last:
            def __del__(self, write=os.write, rest=time.sleep, waker=waker):
                write(waker, b"x")
                rest(0.3)  # without the GIL, which the handler asks for meanwhile
                write(1, b"whole")

        sys.last = Last()
        wire.stack.on_echo(handler)
        threading.Thread(target=wire.link.inject, args=[request(OURS[4]).build()], daemon=True).start()
        entered.wait()
    """)
    assert (status, out, err) == (0, "whole", "")

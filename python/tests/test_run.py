"""The loops: run(), stop(), Ctrl-C, and poll() in a loop of one's own."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import netstack
from icmp import OURS, TEMPORARY, read, request
from loops import Loop
from programs import finish, run, start
from wire import PATIENCE, Thread, Wire, elsewhere, put

# In seconds: 100 ms is what is promised; a machine with other work needs room.
AT_ONCE = 0.1 * float(os.environ.get("NETSTACK_TEST_SLOWNESS", "4"))


@pytest.fixture(params=[socket.SOCK_DGRAM, socket.SOCK_SEQPACKET], ids=["datagram", "seqpacket"])
def any_loop(request: pytest.FixtureRequest) -> Iterator[Loop]:
    loop = Loop(request.param)
    yield loop
    loop.close()


def test_run_answers_until_it_is_stopped(any_loop: Loop) -> None:
    with any_loop.running() as thread:
        for family in (4, 6):
            for sequence in range(100):
                assert any_loop.ask(request(OURS[family], sequence=sequence))
        assert thread.is_alive()
    assert any_loop.stack.stats["icmp.v4.sent.echo_reply"] == 100


def test_handlers_run_on_the_thread_that_runs(loop: Loop) -> None:
    seen: list[Any] = []
    loop.stack.on_echo(lambda each: put(seen, threading.current_thread()) and each.reply())
    with loop.running() as thread:
        assert loop.ask(request(OURS[4]))
    assert seen == [thread]


def test_stop_inside_a_handler(loop: Loop) -> None:
    def handler(each: netstack.Request) -> bool:
        loop.stack.stop()
        return each.reply()

    loop.stack.on_echo(handler)
    loop.write(request(OURS[4]))
    loop.stack.run()
    assert loop.peer.recv(1500) == request(OURS[4]).answer().build()


def test_stop_before_run_is_remembered(loop: Loop) -> None:
    loop.stack.stop()
    for _ in range(3):
        loop.stack.run()
    assert loop.stack.stats["ip.packets_received"] == 0


def test_stop_from_another_thread_while_it_waits(loop: Loop) -> None:
    thread = Thread(loop.stack.run)
    assert loop.ask(request(OURS[4]))
    began = time.monotonic()
    loop.stack.stop()
    thread.join()
    assert time.monotonic() - began < 1


def test_stop_from_a_signal_handler(loop: Loop) -> None:
    previous = signal.signal(signal.SIGUSR1, lambda *_: loop.stack.stop())
    try:
        loop.stack.on_echo(lambda each: os.kill(os.getpid(), signal.SIGUSR1))
        loop.write(request(OURS[4]))
        loop.stack.run()
    finally:
        signal.signal(signal.SIGUSR1, previous)


def test_close_from_another_thread_ends_run(loop: Loop) -> None:
    thread = Thread(loop.stack.run)
    assert loop.ask(request(OURS[4]))
    loop.stack.close()
    thread.join()


def test_run_needs_a_clock_that_can_wait(wire: Wire) -> None:
    with pytest.raises(netstack.Unsupported):
        wire.stack.run()
    with pytest.raises(netstack.Unsupported):
        wire.stack.ping(TEMPORARY[4])


def test_second_run_has_nothing_left_to_do(loop: Loop) -> None:
    with loop.running():
        assert loop.ask(request(OURS[4]))
        with pytest.raises(netstack.Busy):
            loop.stack.run()


def test_two_devices_are_run_by_two_threads() -> None:
    with netstack.Stack() as stack:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
        for at, (peer, ours) in enumerate(pairs):
            peer.settimeout(PATIENCE)
            stack.add_nic(netstack.FdLink(ours), addresses=[f"10.{at}.0.1/24"])
            ours.close()
        together = threading.Barrier(2, timeout=PATIENCE)

        @stack.on_echo
        def handler(each: netstack.Request) -> bool:
            together.wait()  # passes only if both handlers run at the same time
            return each.reply()

        for at, (peer, _) in enumerate(pairs):
            peer.send(request(f"10.{at}.0.1").build())
        threads = [Thread(stack.run), Thread(stack.run)]
        for at, (peer, _) in enumerate(pairs):
            assert peer.recv(1500) == request(f"10.{at}.0.1").answer().build()
        stack.stop()
        for thread in threads:
            thread.join()
        for peer, _ in pairs:
            peer.close()


def test_poll_with_select(any_loop: Loop) -> None:
    stack = any_loop.stack
    assert stack.fileno() >= 0
    assert stack.poll() == 0  # it was readable because the NIC is new
    assert select.select([stack], [], [], 0)[0] == []
    for sequence in range(20):
        any_loop.write(request(OURS[4], sequence=sequence))
    read = 0
    while read < 20:
        assert select.select([stack], [], [], PATIENCE)[0] == [stack]
        read += stack.poll()
    assert read == 20
    for sequence in range(20):
        assert any_loop.peer.recv(1500) == request(OURS[4], sequence=sequence).answer().build()
    assert select.select([stack.fileno()], [], [], 0)[0] == []


def test_next_deadline_without_timers_is_none(loop: Loop, wire: Wire) -> None:
    assert loop.stack.next_deadline is None
    assert wire.stack.next_deadline is None


def test_time_is_the_clocks(loop: Loop, wire: Wire) -> None:
    assert wire.stack.time() == 0.0
    wire.clock.advance(4.25)
    assert wire.stack.time() == 4.25
    before = time.monotonic()
    assert before <= loop.stack.time() <= time.monotonic()


def test_device_that_is_gone_ends_run() -> None:
    loop = Loop()
    loop.peer.close()
    with pytest.raises(netstack.Closed):
        loop.stack.run()
    loop.close()


def test_run_lets_other_threads_go_on(loop: Loop) -> None:
    """The GIL is not held while run() waits or works."""
    with loop.running():
        assert elsewhere(lambda: sum(range(100_000))) == 4999950000
        assert loop.ask(request(OURS[4]))


# Ctrl-C. Each program says "ready" when the stack is at work, and then how it ended.

CTRL_C = """
    loop = Loop()
    {prepare}
    def tell():
        {at_work}
        print("ready")
    try:
        threading.Thread(target=tell, daemon=True).start()
        {call}
    except KeyboardInterrupt:
        print("interrupted", time.monotonic())
    else:
        print("no exception")
    {after}
"""
ANSWERS = "assert loop.ask(request(OURS[4]))"

FLOOD = """
    flooded = threading.Event()
    def flood():
        for count in range(2**62):
            try:
                loop.peer.send(request(OURS[4]).build())
                loop.peer.recv(1500)
            except OSError:
                return
            if count == 50:
                flooded.set()
    threading.Thread(target=flood, daemon=True).start()"""
FLOODED = "wait(flooded)"

HANDLED = (
    FLOOD
    + """
    loop.stack.on_echo(lambda each: each.reply())"""
)


@pytest.mark.parametrize(
    ("prepare", "at_work", "call"),
    [
        ("", ANSWERS, "loop.stack.run()"),
        ("", ANSWERS, "loop.stack.run(on_error=print)"),
        (FLOOD, FLOODED, "loop.stack.run()"),
        (HANDLED, FLOODED, "loop.stack.run()"),
        ("", "loop.peer.recv(1500)", "loop.stack.ping('192.168.0.77', timeout=60)"),
        (FLOOD, FLOODED, "loop.stack.ping('192.168.0.77', timeout=60)"),
    ],
    ids=["run", "run_on_error", "run_flooded", "run_with_handler", "ping", "ping_flooded"],
)
def test_ctrl_c_ends_it_within_100_ms(prepare: str, at_work: str, call: str) -> None:
    program = start(CTRL_C.format(prepare=prepare, at_work=at_work, call=call, after="loop.close()"))
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    began = time.monotonic()
    os.kill(program.pid, signal.SIGINT)
    word, _, when = program.stdout.readline().partition(" ")
    status, out, err = finish(program)
    assert (status, word, out, err) == (0, "interrupted", "", "")
    assert float(when) - began < AT_ONCE


def test_ctrl_c_that_another_thread_gets_ends_it_too() -> None:
    """No system call of the main thread is interrupted by it."""
    status, out, err = run("""
        loop = Loop()
        began = []
        def interrupt():
            assert loop.ask(request(OURS[4]))
            began.append(time.monotonic())
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            loop.stack.run()
        except KeyboardInterrupt:
            print(time.monotonic() - began[0])
        loop.close()
    """)
    assert (status, err) == (0, "")
    assert float(out) < AT_ONCE


def test_stack_runs_again_after_ctrl_c() -> None:
    after = """
    thread = Thread(loop.stack.run)
    print(loop.ask(request(OURS[4])))
    loop.stack.stop()
    thread.join()
    loop.close()"""
    program = start(CTRL_C.format(prepare="", at_work=ANSWERS, call="loop.stack.run()", after=after))
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    os.kill(program.pid, signal.SIGINT)
    assert program.stdout.readline().startswith("interrupted ")
    assert finish(program) == (0, "True\n", "")


def test_ctrl_c_that_nobody_catches_ends_the_program_as_python_does() -> None:
    program = start("""
        loop = Loop()
        def tell():
            assert loop.ask(request(OURS[4]))
            print("ready")
        threading.Thread(target=tell, daemon=True).start()
        loop.stack.run()
    """)
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    os.kill(program.pid, signal.SIGINT)
    status, _, err = finish(program)
    assert status == -signal.SIGINT
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def test_signal_handler_that_raises_ends_run() -> None:
    status, out, err = run("""
        class Alarm(Exception): pass
        def on_alarm(*_): raise Alarm
        signal.signal(signal.SIGALRM, on_alarm)
        loop = Loop()
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            loop.stack.run(on_error=lambda error: print("hook"))
        except Alarm:
            print("raised")
        loop.close()
    """)
    assert (status, out, err) == (0, "raised\n", "")


def test_signal_handler_that_returns_does_not_end_run() -> None:
    status, out, err = run("""
        signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
        loop = Loop()
        loop.stack.on_echo(lambda each: loop.stack.stop())
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        threading.Timer(0.2, lambda: loop.write(request(OURS[4]))).start()
        loop.stack.run()
        print("end")
        loop.close()
    """)
    assert (status, out, err) == (0, "alarm\nend\n", "")


def test_ctrl_c_in_a_handler_ends_run(loop: Loop) -> None:
    loop.stack.on_echo(lambda each: os.kill(os.getpid(), signal.SIGINT))
    loop.write(request(OURS[4]))
    with pytest.raises(KeyboardInterrupt):
        loop.stack.run()
    loop.stack.on_echo(lambda each: each.reply(), replace=True)
    with loop.running():
        # The signal may have come in the handler, which has failed then, or behind it.
        answered = loop.stack.stats["forwarder.declined"]
        assert answered == 0 or loop.peer.recv(1500) == request(OURS[4]).answer().build()
        assert loop.ask(request(OURS[6]))


def test_many_short_runs() -> None:
    """A run that ends leaves nothing behind, however often."""
    for _ in range(50):
        loop = Loop()
        with loop.running():
            assert loop.ask(request(OURS[4]))
        loop.close()


def test_ping_while_another_thread_runs(loop: Loop) -> None:
    def peer() -> None:
        asked = read(loop.peer.recv(1500))
        loop.peer.send(asked.answer().build())

    with loop.running():
        thread = Thread(peer)
        assert loop.stack.ping("192.168.0.2", timeout=PATIENCE).packet.sequence == 0
        thread.join()

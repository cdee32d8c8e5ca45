"""What becomes of an exception in a callback: nothing is sent, it is counted, and it comes out somewhere."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import netstack
from icmp import OURS, request
from loops import Loop
from wire import Wire, wait

both = pytest.mark.parametrize("family", [4, 6])


class MyError(Exception):
    pass


class MyBaseError(BaseException):
    pass


ERRORS = [
    MyError,
    ZeroDivisionError,
    StopIteration,
    MyBaseError,
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
]


def raiser(error: BaseException, before: Callable[[netstack.Request], Any] = lambda each: None) -> Any:
    def handler(each: netstack.Request) -> bool:
        before(each)
        raise error

    return handler


@both
@pytest.mark.parametrize("kind", ERRORS)
def test_inject_raises_it_and_nothing_is_sent(wire: Wire, family: int, kind: type[BaseException]) -> None:
    error = kind("mine")
    wire.on_echo(raiser(error))
    with pytest.raises(kind) as raised:
        wire.link.inject(request(OURS[family]).build())
    assert raised.value is error
    assert wire.link.drain() == []
    assert wire.counter("forwarder.failed") == 1
    assert wire.counter("ip.packets_sent") == 0
    # It did not stay behind.
    wire.on_echo(lambda each: each.reply())
    assert wire.answers(request(OURS[family])) == 1


def test_traceback_shows_the_handler(wire: Wire) -> None:
    wire.on_echo(raiser(MyError("mine")))
    with pytest.raises(MyError) as raised:
        wire.link.inject(request(OURS[4]).build())
    names = [entry.name for entry in raised.traceback]
    assert names[-1] == "handler"
    assert sys._getframe().f_code.co_name in names


def test_accepted_reply_stands(wire: Wire) -> None:
    wire.on_echo(raiser(MyError(), before=lambda each: each.reply()))
    with pytest.raises(MyError):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == [request(OURS[4]).answer().build()]
    assert wire.counter("forwarder.failed") == 1


class TrueLike:
    def __bool__(self) -> bool:
        return True


@pytest.mark.parametrize(
    "verdict", [0, 1, 3, -1, 1.0, "", "yes", b"", [], (), {}, object, TrueLike(), NotImplemented]
)
def test_verdict_that_is_none_is_a_type_error(wire: Wire, verdict: object) -> None:
    wire.on_echo(lambda each: verdict)
    with pytest.raises(TypeError, match=r"returned .*, not True, False or None"):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == []
    assert wire.counter("forwarder.failed") == 1


def test_verdict_of_3_in_words(wire: Wire) -> None:
    wire.on_echo(lambda each: 3)
    with pytest.raises(TypeError, match=r"^the handler returned 3, not True, False or None$"):
        wire.link.inject(request(OURS[4]).build())


def test_verdict_whose_repr_fails_is_a_type_error_or_its_error(wire: Wire) -> None:
    class Nasty:
        def __repr__(self) -> str:
            raise MyError

    wire.on_echo(lambda each: Nasty())
    with pytest.raises((TypeError, MyError)):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == []
    assert wire.counter("forwarder.failed") == 1


@pytest.mark.parametrize("handler", [lambda: True, lambda one, two: True, lambda *, request: True, "x".join])
def test_wrong_number_of_arguments_is_a_type_error(wire: Wire, handler: Any) -> None:
    wire.on_echo(handler)
    with pytest.raises(TypeError):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == []
    assert wire.counter("forwarder.failed") == 1


def test_coroutine_is_no_verdict(wire: Wire) -> None:
    async def handler(each: netstack.Request) -> bool:
        return True

    wire.on_echo(handler)
    with pytest.raises(TypeError), pytest.warns(RuntimeWarning, match="never awaited"):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == []


def test_nested_exception_belongs_to_the_inner_inject(wire: Wire) -> None:
    caught = []

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 2:
            raise MyError("inner")
        try:
            wire.link.inject(request(OURS[4], sequence=2).build())
        except MyError as error:
            caught.append(str(error))
        return each.reply()

    wire.on_echo(handler)
    assert wire.answers(request(OURS[4], sequence=1)) == 1
    assert caught == ["inner"]
    assert wire.counter("forwarder.failed") == 1


def test_nested_exception_that_nobody_catches_goes_through_both(wire: Wire) -> None:
    def handler(each: netstack.Request) -> bool:
        if each.sequence == 2:
            raise MyError("inner")
        wire.link.inject(request(OURS[4], sequence=2).build())
        return True

    wire.on_echo(handler)
    with pytest.raises(MyError, match="inner"):
        wire.link.inject(request(OURS[4], sequence=1).build())
    assert wire.counter("forwarder.failed") == 2


def test_poll_raises_the_first_and_does_its_work(loop: Loop, unraisable: list[BaseException]) -> None:
    errors = [MyError(1), MyBaseError(2), MyError(3)]
    loop.stack.on_echo(lambda each: raiser(errors[each.sequence])(each))
    for sequence in range(3):
        loop.write(request(OURS[4], sequence=sequence))
    with pytest.raises(MyError) as raised:
        loop.stack.poll()
    assert raised.value is errors[0]
    assert unraisable == errors[1:]
    assert loop.stack.stats["forwarder.failed"] == 3
    assert loop.stack.poll() == 0


def test_run_hands_it_to_on_error_and_goes_on(loop: Loop, unraisable: list[BaseException]) -> None:
    seen: list[BaseException] = []
    done = threading.Event()

    def on_error(error: Exception) -> None:
        seen.append(error)
        if len(seen) == 3:
            done.set()

    loop.stack.on_echo(lambda each: raiser(MyError(each.sequence))(each))
    with loop.running(on_error):
        for sequence in range(3):
            loop.write(request(OURS[4], sequence=sequence))
        wait(done)
        loop.stack.on_echo(lambda each: each.reply(), replace=True)
        assert loop.ask(request(OURS[4], sequence=9))
    assert [error.args for error in seen] == [(0,), (1,), (2,)]
    assert unraisable == []


def test_run_hands_it_to_the_unraisable_hook(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hooked: seen.append(hooked.exc_value))
    loop.stack.on_echo(raiser(MyError("mine"), before=lambda each: each.reply()))
    with loop.running():
        assert loop.ask(request(OURS[4]))
        assert loop.ask(request(OURS[4]))
    assert [type(error) for error in seen] == [MyError, MyError]
    assert loop.stack.stats["forwarder.failed"] == 2


@pytest.mark.parametrize("verdict", [3, "no"])
def test_run_hands_on_what_a_verdict_is_not(loop: Loop, verdict: object) -> None:
    seen: list[BaseException] = []
    got = threading.Event()

    def on_error(error: Exception) -> None:
        seen.append(error)
        got.set()

    answer: Any = lambda each: verdict  # noqa: E731
    loop.stack.on_echo(answer)
    with loop.running(on_error):
        loop.write(request(OURS[4]))
        wait(got)
    assert [type(error) for error in seen] == [TypeError]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MyBaseError, GeneratorExit])
@pytest.mark.parametrize("with_hook", [False, True])
def test_base_exception_ends_the_run_which_can_run_again(
    loop: Loop, kind: type[BaseException], with_hook: bool, unraisable: list[BaseException]
) -> None:
    seen: list[BaseException] = []
    error = kind("mine")
    loop.stack.on_echo(raiser(error))
    loop.write(request(OURS[4]))
    with pytest.raises(kind) as raised:
        loop.stack.run(seen.append if with_hook else None)
    assert raised.value is error
    assert seen == unraisable == []
    loop.stack.on_echo(lambda each: each.reply(), replace=True)
    with loop.running():
        assert loop.ask(request(OURS[4]))


def test_base_exception_is_for_its_run_not_for_a_ping_of_the_next_handler(loop: Loop) -> None:
    other = netstack.Stack()
    other.add_nic(netstack.Channel(), addresses=["192.168.0.1/24"])
    got: list[BaseException] = []

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 1:
            raise MyBaseError
        try:
            other.ping("192.168.0.2", timeout=0.001)
        except BaseException as error:  # whatever it is
            got.append(error)
        loop.stack.stop()
        return True

    loop.stack.on_echo(handler)
    for sequence in (1, 2):
        loop.write(dataclasses.replace(request(OURS[4]), sequence=sequence))
    with other, pytest.raises(MyBaseError):
        loop.stack.run()
    assert [type(error) for error in got] == [netstack.TimedOut]


def test_what_on_error_raises_ends_the_run(loop: Loop) -> None:
    def on_error(error: Exception) -> None:
        raise MyBaseError from error

    loop.stack.on_echo(raiser(MyError("mine")))
    loop.write(request(OURS[4]))
    with pytest.raises(MyBaseError) as raised:
        loop.stack.run(on_error)
    assert isinstance(raised.value.__cause__, MyError)


def test_exception_of_transmit_comes_out_of_inject(wire: Wire) -> None:
    error = MyError("transmit")

    def transmit(packet: bytes) -> None:
        raise error

    link = netstack.CallbackLink(transmit)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    with pytest.raises(MyError) as raised:
        link.inject(request("10.0.0.1").build())
    assert raised.value is error
    assert wire.counter("nic.2.tx.packets") == 0


def test_exception_of_transmit_beneath_reply_comes_out_of_inject(wire: Wire) -> None:
    """reply() has no failure of its own to report: the request came by inject()."""
    error = MyError("transmit")
    outcome = []

    def transmit(packet: bytes) -> None:
        raise error

    def handler(each: netstack.Request) -> bool:
        outcome.append(each.reply())
        return True

    link = netstack.CallbackLink(transmit)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    wire.on_echo(handler)
    with pytest.raises(MyError):
        link.inject(request("10.0.0.1").build())
    assert outcome == [True]


@pytest.mark.parametrize("result", [0, 1, "sent", b"", object()])
def test_transmit_that_returns_nonsense_is_a_type_error(wire: Wire, result: object) -> None:
    transmit: Any = lambda packet: result  # noqa: E731
    link = netstack.CallbackLink(transmit)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    with pytest.raises(TypeError, match=r"returned .*, not True, False or None"):
        link.inject(request("10.0.0.1").build())


def test_exception_of_notify_comes_out_of_inject(wire: Wire) -> None:
    def notify() -> None:
        raise MyError("notify")

    link = netstack.Channel(notify=notify)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    with pytest.raises(MyError, match="notify"):
        link.inject(request("10.0.0.1").build())
    # The packet is there all the same.
    assert link.drain() == [request("10.0.0.1").answer().build()]


def test_exception_of_capture_comes_out_of_inject(wire: Wire, unraisable: list[BaseException]) -> None:
    def write(record: bytes) -> None:
        if len(record) > 24:
            raise MyError("capture")

    wire.nic.capture = netstack.Capture(write)
    with pytest.raises(MyError, match="capture"):
        wire.link.inject(request(OURS[4]).build())
    assert [str(error) for error in unraisable] == ["capture"]  # for the answer that was sent
    wire.nic.capture = None
    wire.link.drain()
    assert wire.answers(request(OURS[4])) == 1


def test_exception_for_the_header_comes_out_where_the_capture_is_made() -> None:
    def write(record: bytes) -> None:
        raise MyError("header")

    with pytest.raises(MyError, match="header"):
        netstack.Capture(write)


def test_exception_of_a_sockets_notify_comes_out_of_inject(wire: Wire) -> None:
    def notify() -> None:
        raise MyError("notify")

    with netstack.RawSocket(wire.stack, notify=notify) as socket:
        with pytest.raises(MyError, match="notify"):
            wire.link.inject(request(OURS[4]).build())
        assert wire.link.drain() == [request(OURS[4]).answer().build()]
        received = socket.receive()
        assert received is not None


def test_handler_and_transmit_beneath_one_call(wire: Wire, unraisable: list[BaseException]) -> None:
    """The first comes out, the second reaches the hook."""

    def transmit(packet: bytes) -> None:
        raise MyError("transmit")

    link = netstack.CallbackLink(transmit)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    wire.on_echo(raiser(MyBaseError("handler"), before=lambda each: each.reply()))
    with pytest.raises(MyError, match="transmit"):
        link.inject(request("10.0.0.1").build())
    assert [str(error) for error in unraisable] == ["handler"]


def test_exception_hook_that_fails_itself_harms_nothing(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def hook(hooked: object) -> None:
        raise MyBaseError("hook")

    monkeypatch.setattr(sys, "unraisablehook", hook)
    loop.stack.on_echo(raiser(MyError("mine"), before=lambda each: each.reply()))
    with loop.running():
        assert loop.ask(request(OURS[4]))
        assert loop.ask(request(OURS[4]))

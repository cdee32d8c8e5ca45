"""The examples, as they stand, with the system's ping in a network namespace of their own."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from programs import environment
from wire import PATIENCE

EXAMPLES = Path(__file__).parents[1] / "examples"


def possible() -> bool:
    """Whether anybody may make a namespace with a TUN device here."""
    if not all(shutil.which(tool) for tool in ("unshare", "ip", "ping", "bash")):
        return False
    attempt = ["unshare", "-rn", "ip", "tuntap", "add", "dev", "tun9", "mode", "tun"]
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0


with_network = pytest.mark.skipif(not possible(), reason="no TUN device in a namespace here")

# The device is there before the program, so that nobody has to wait for it. A ping asks again until
# it has its answer, or fails.
DEVICE = """
ip link set lo up
ip tuntap add dev tun0 mode tun
ip address add 10.7.255.254/16 dev tun0
ip address add fd07::ffff/64 dev tun0 nodad
ip link set tun0 up
"""
ASK = """
ask() {
  for address in "$@"; do
    ping -n -q -c 1 -i 0.2 -w 15 "$address" >"$work/ping" || { cat "$work/ping"; echo "$address is silent"; }
  done
}
"""
END = """
kill -INT $program
wait $program
echo "status $?"
"""
BEGIN = "work=$(mktemp -d); trap 'rm -rf \"$work\"' EXIT\n"


def play(script: str, *, device: bool = True) -> tuple[list[str], str]:
    """Runs a script; returns the lines that it printed, and what it said on stderr."""
    ended = subprocess.run(
        [
            "unshare",
            "-rn",
            "bash",
            "-c",
            BEGIN + (DEVICE if device else "ip link set lo up\n") + ASK + script,
        ],
        capture_output=True,
        text=True,
        env=environment() | {"PYTHON": sys.executable, "EXAMPLES": str(EXAMPLES)},
        timeout=6 * PATIENCE,
        check=False,
    )
    return ended.stdout.splitlines(), ended.stderr


def start(name: str, to: str = "/dev/stdout") -> str:
    # What a shell runs in the background ignores Ctrl-C, unless it is told otherwise.
    return f'env --default-signal=INT "$PYTHON" "$EXAMPLES/{name}" >{to} & program=$!\n'


@with_network
def test_ten_lines() -> None:
    """Ctrl-C ends it as it ends any Python program: by the signal, with KeyboardInterrupt at last."""
    out, err = play(start("ten_lines.py") + "ask 10.7.0.1 10.7.3.4 10.7.200.1 fd07::1 fd07::abcd:1\n" + END)
    assert out == ["status 130"], err
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def test_ten_lines_are_ten() -> None:
    source = (EXAMPLES / "ten_lines.py").read_text()
    handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assert [handler.name for handler in handlers] == ["answer"]
    code = [line for line in source.splitlines() if line.strip()]
    assert len(code) <= 10


@with_network
def test_observer() -> None:
    out, err = play(start("observer.py") + "ask 10.7.0.1 fd07::1\n" + END)
    assert err == ""
    assert "10.7.255.254 asks 10.7.0.1 with TTL 64" in out
    assert "fd07::ffff asks fd07::1 with TTL 64" in out
    asked = [line for line in out if " asks " in line]
    assert out[-2:] == [f"answered {len(asked)}", "status 0"]


@with_network
def test_large_space() -> None:
    out, err = play(start("large_space.py") + "ask 10.7.0.1 10.7.200.3 fd07::beef\n" + END)
    assert err == ""
    word, consumed, other, declined = out[0].split()
    assert (word, other) == ("consumed", "declined")
    assert int(consumed) >= 2
    assert int(declined) >= 1
    assert out[1:] == ["status 0"]


@with_network
def test_aio_stack() -> None:
    """It makes the device, and has pinged the host when it has printed three lines."""
    out, err = play(
        'mkfifo "$work/out"\n'
        + start("aio_stack.py", to='"$work/out"')
        + 'exec 3<"$work/out"; for _ in 1 2 3; do read -r line <&3; echo "$line"; done\n'
        + "ask 10.7.1.2 10.7.200.3\n"
        + END,
        device=False,
    )
    assert err == ""
    answered = [line.split()[:3] for line in out[:3]]
    assert answered == [["10.7.255.254", "answered", str(at)] for at in range(3)]
    assert out[3:] == ["status 0"]


@with_network
@pytest.mark.parametrize(("address", "size"), [("10.7.255.254", 84), ("fd07::ffff", 104)])
def test_ping(address: str, size: int) -> None:
    out, err = play(f'"$PYTHON" "$EXAMPLES/ping.py" {address}; echo "status $?"\n', device=False)
    assert err == ""
    answers = [line.partition(" time=")[0] for line in out[:3]]
    expected = [f"{size} bytes from {address}: icmp_seq={at} ttl=64" for at in (1, 2, 3)]
    assert answers[1:] == expected[1:]
    # A host may need a second before a new device of its own has IPv6.
    assert answers[0] in (expected[0], f"no answer from {address} in time")
    assert out[3:] == ["status 0"]


def test_in_memory() -> None:
    ended = subprocess.run(
        [sys.executable, EXAMPLES / "in_memory.py"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "answered at 4.242\n", "")


def test_every_example_is_tested() -> None:
    tested = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in tested or f"/{example.name}" in tested, example.name

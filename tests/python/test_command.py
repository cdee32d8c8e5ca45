"""The command `netstack`, which hands over to the program in the package."""

import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from netstack import _paths, _program

COMMAND = [sys.executable, "-c", "from netstack import _program; _program.main()"]


def test_it_is_the_command_that_the_package_installs() -> None:
    (script,) = metadata.distribution("netstack").entry_points
    assert (script.group, script.name) == ("console_scripts", "netstack")
    assert script.load() is _program.main


def test_it_becomes_the_program_with_its_arguments() -> None:
    result = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == f"netstack {metadata.version('netstack')}\n"


def test_the_status_of_the_program_is_that_of_the_command() -> None:
    result = subprocess.run([*COMMAND, "--nonsense"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "--nonsense" in result.stderr


def test_signals_that_python_ignores_reach_the_program(tmp_path: Path) -> None:
    """A program with SIGPIPE ignored would go on writing into a pipe that nobody reads."""
    program = tmp_path / "bin/netstack"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec grep SigIgn /proc/self/status\n")
    program.chmod(0o755)
    command = [
        "import pathlib, sys",
        "from netstack import _paths, _program",
        "_paths._PACKAGE = pathlib.Path(sys.argv[1])",
        "_program.main()",
    ]
    result = subprocess.run(
        [sys.executable, "-c", "; ".join(command), tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    ignored = int(result.stdout.split()[1], 16)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert ignored & 1 << (number - 1) == 0


def test_without_the_program_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_paths, "_PACKAGE", tmp_path)
    with pytest.raises(SystemExit) as ended:
        _program.main()
    assert str(ended.value.code).startswith(f"netstack: {tmp_path}/bin/netstack is not there")

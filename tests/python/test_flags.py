"""`python -m netstack`: what it prints, in which order, and what it refuses."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from netstack import __main__, _paths


def lines_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert __main__.main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_the_folders_hold_what_they_are_for(capsys: pytest.CaptureFixture[str]) -> None:
    include, lib, cmake, pkg_config = (
        Path(line)
        for line in lines_of(capsys, "--include-dir", "--lib-dir", "--cmake-dir", "--pkg-config-dir")
    )
    assert (include / "netstack/netstack.h").is_file()
    assert (lib / "libnetstack.so").is_file()
    assert (cmake / "netstack-config.cmake").is_file()
    assert (pkg_config / "netstack.pc").is_file()


def test_flags_name_the_folders(capsys: pytest.CaptureFixture[str]) -> None:
    include, lib = _paths.include_dir(), _paths.lib_dir()
    assert lines_of(capsys, "--cflags") == [f"-I{include}"]
    assert lines_of(capsys, "--libs") == [f"-L{lib} -Wl,-rpath,{lib} -lnetstack"]


def test_a_folder_with_a_space_is_one_word_for_the_shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "my packages"
    (package / "include").mkdir(parents=True)
    monkeypatch.setattr(_paths, "_PACKAGE", package)
    assert lines_of(capsys, "--cflags") == [f"'-I{package}/include'"]


def test_answers_come_in_the_order_asked(capsys: pytest.CaptureFixture[str]) -> None:
    forth = lines_of(capsys, "--version", "--cflags", "--libs")
    back = lines_of(capsys, "--libs", "--cflags", "--version")
    assert forth == back[::-1]
    assert forth[0] == metadata.version("netstack")


def test_a_missing_part_is_named_and_nothing_else_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_paths, "_PACKAGE", tmp_path)
    assert __main__.main(["--version", "--cflags"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"netstack: {tmp_path}/include is not there")


@pytest.mark.parametrize("arguments", [[], ["--cflag"], ["include-dir"]])
def test_bad_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_module_runs() -> None:
    command = [sys.executable, "-m", "netstack", "--include-dir"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert output == f"{_paths.include_dir()}\n"

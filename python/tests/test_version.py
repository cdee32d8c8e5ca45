"""A shared library of another version is refused at import, and both versions are named."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import netstack
from programs import environment

OTHER = """
#include <stdint.h>
uint32_t ns_abi_version(void) { return %s; }
const char *ns_version_string(void) { return "%s"; }
"""


def import_beside(tmp_path: Path, abi: str, version: str) -> subprocess.CompletedProcess[str]:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "other.c").write_text(OTHER % (abi, version))
    library = tmp_path / "libother.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "other.c"], check=True)
    loaded = [*filter(None, [os.environ.get("LD_PRELOAD")]), str(library)]
    return subprocess.run(
        [sys.executable, "-c", "import netstack; print(netstack.__version__)"],
        env=environment() | {"LD_PRELOAD": ":".join(loaded)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("abi", "version"), [("0x00990000", "153.0.0"), ("0x7fffffff", "9.9.9"), ("0", "0.0.0-other")]
)
def test_other_abi_is_refused(tmp_path: Path, abi: str, version: str) -> None:
    ended = import_beside(tmp_path, abi, version)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert version in last
    assert netstack.__version__ in last


def test_version_is_the_librarys() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", netstack.__version__)
    version_file = Path(__file__).parents[2] / "VERSION"
    if version_file.exists() and not os.environ.get("NETSTACK_TEST_INSTALLED"):
        assert netstack.__version__ == version_file.read_text().strip()

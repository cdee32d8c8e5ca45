"""Where the installed package keeps its C half: headers, library, program."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def include_dir() -> Path:
    """The folder to name in `-I`: it holds `netstack/netstack.h` and `netstack/netstack.hpp`."""
    return _installed("include")


def lib_dir() -> Path:
    """The folder to name in `-L` and in a run path: it holds the shared library."""
    return _installed("lib")


def cmake_dir() -> Path:
    """The folder to name in `netstack_DIR`, for `find_package(netstack CONFIG)`."""
    return _installed("lib/cmake/netstack")


def pkg_config_dir() -> Path:
    """The folder to name in `PKG_CONFIG_PATH`: it holds `netstack.pc`."""
    return _installed("lib/pkgconfig")


def program() -> Path:
    """The `netstack` program."""
    return _installed("bin/netstack")


def _installed(name: str) -> Path:
    """A file or folder that the package was installed with.

    Raises:
        FileNotFoundError: It is not there: the package was not installed, or was built without.
    """
    path = _PACKAGE / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: netstack was built or installed without it")
    return path

"""Prints the bill of materials of a release: each file, and what of others is inside or asked for by it.

make-sbom.py DIST      where the files are; CycloneDX 1.5 in JSON

SOURCE_DATE_EPOCH tells its time. The versions are those of what this machine builds with.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.parse
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Component = dict[str, object]

# Debian's package of the shared library, whose name ends with that of its ABI.
SHARED_LIBRARY = re.compile(r"libnetstack[0-9.]+_.*\.deb$")

# Debian's packages whose code is compiled into the program, and their licences. All but libpcap are headers.
PROGRAM_PARTS = {
    "libcli11-dev": ("CLI11", "BSD-3-Clause"),
    "libfmt-dev": ("fmt", "MIT"),
    "nlohmann-json3-dev": ("nlohmann-json", "MIT"),
}
PCAP = {"libpcap-dev": ("libpcap", "BSD-3-Clause")}


def fail(text: str) -> None:
    """Ends the program, with a line that says why."""
    sys.exit(f"netstack: no bill of materials: {text}")


def run(*command: str, folder: Path = ROOT) -> str:
    """Returns what a command prints."""
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    except FileNotFoundError:
        fail(f"{command[0]} is not there")
    except subprocess.CalledProcessError as error:
        fail(f"{' '.join(command)} failed: {error.stderr.strip()}")
    raise AssertionError


def license_of(expression: str) -> list[object]:
    """Returns what a component says of its licence."""
    return [{"expression": expression}]


def library(name: str, version: str, expression: str, purl: str) -> Component:
    """Returns a component that others have made."""
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": license_of(expression),
        "purl": purl,
    }


def debian(packages: dict[str, tuple[str, str]]) -> list[Component]:
    """Returns the components that Debian's packages hold."""
    components = []
    for package, (name, expression) in packages.items():
        version = run("dpkg-query", "--show", "--showformat", "${Version}", package)
        components.append(
            library(name, version, expression, f"pkg:deb/debian/{package}@{urllib.parse.quote(version)}")
        )
    return components


def compiler_runtime() -> list[Component]:
    """Returns the C++ runtime, which is inside the shared library, the program and the extension."""
    version = run("g++", "-dumpfullversion")
    expression = "GPL-3.0-or-later WITH GCC-exception-3.1"
    return [library("libstdc++", version, expression, f"pkg:generic/libstdc%2B%2B@{version}")]


def pybind11() -> list[Component]:
    """Returns pybind11, which is inside the extension."""
    requirements = (ROOT / "packaging" / "python-requirements.txt").read_text()
    pinned = re.search(r"^pybind11==(\S+)$", requirements, re.MULTILINE)
    if pinned is None:
        fail("packaging/python-requirements.txt pins no pybind11")
        raise AssertionError
    return [library("pybind11", pinned[1], "BSD-3-Clause", f"pkg:pypi/pybind11@{pinned[1]}")]


def crates(package: str, own: dict[str, str]) -> list[str | Component]:
    """Returns what a crate depends on, with every feature: crates of others, and our files by name."""
    tree = ("cargo", "tree", "--locked", "--all-features", "--edges", "normal,build")
    lines = run(*tree, "--package", package, "--prefix", "none", "--format", "{p}|{l}", folder=ROOT / "rust")
    found: dict[str, str | Component] = {}
    for line in lines.splitlines()[1:]:
        words, _, expression = line.removesuffix(" (*)").partition("|")
        name, version = words.split()[:2]
        if name in own:
            found[name] = own[name]
        else:
            version = version.removeprefix("v")
            expression = expression.replace("/", " OR ")
            found[name] = library(name, version, expression, f"pkg:cargo/{name}@{version}")
    return [found[name] for name in sorted(found)]


def materials(name: str, version: str, own: dict[str, str]) -> list[str | Component]:
    """Returns what a file is made of besides our own code, or needs; names stand for files of ours."""
    runtime = compiler_runtime()
    if re.fullmatch(r"libnetstack-.*\.tar\.gz", name):
        return [*runtime, *debian(PROGRAM_PARTS | PCAP)]
    if name.endswith(".whl"):
        return [*runtime, *pybind11(), *debian(PROGRAM_PARTS | PCAP)]
    if SHARED_LIBRARY.match(name):
        return [*runtime]
    if name.startswith("libnetstack-dev_"):
        return [own["libnetstack"]]
    if name.startswith("netstack_") and name.endswith(".deb"):
        return [own["libnetstack"], *runtime, *debian(PROGRAM_PARTS | PCAP)]
    if name.endswith(".crate"):
        return crates(name.removesuffix(f"-{version}.crate"), own)
    if name.endswith((".zip", ".mod", ".info", "list")) or name == f"netstack-{version}.tar.gz":
        return []
    fail(f"nobody knows what {name} is made of")
    raise AssertionError


def file_component(path: Path, name: str) -> Component:
    """Returns a file of the release as a component."""
    return {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "licenses": license_of("Apache-2.0"),
    }


def bill(dist: Path) -> dict[str, object]:
    """Returns the whole document."""
    version = (ROOT / "VERSION").read_text().strip()
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdigit():
        fail("SOURCE_DATE_EPOCH is not set")
    files = sorted(path for path in dist.rglob("*") if path.is_file())
    if not files:
        fail(f"no file in {dist}")
    names = {path: str(path.relative_to(dist)) for path in files}
    own = {"netstack-sys": f"file:netstack-sys-{version}.crate"}
    for name in names.values():
        if SHARED_LIBRARY.match(name):
            own["libnetstack"] = f"file:{name}"

    components: dict[str, Component] = {}
    dependencies: list[dict[str, object]] = []
    for path in files:
        component = file_component(path, names[path])
        components[str(component["bom-ref"])] = component
        needed = []
        for part in materials(names[path], version, own):
            reference = part if isinstance(part, str) else str(part["bom-ref"])
            needed.append(reference)
            if not isinstance(part, str):
                components[reference] = part
        dependencies.append({"ref": component["bom-ref"], "dependsOn": sorted(needed)})

    moment = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    product = {
        "type": "library",
        "bom-ref": "netstack",
        "name": "netstack",
        "version": version,
        "licenses": license_of("Apache-2.0"),
    }
    body = {
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": product},
        "components": [components[reference] for reference in sorted(components)],
        "dependencies": dependencies,
    }
    # The same release has the same number.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
    } | body


def main() -> None:
    """Prints it."""
    print(json.dumps(bill(Path(sys.argv[1])), indent=2))


if __name__ == "__main__":
    main()

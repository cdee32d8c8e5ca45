"""Looks at the bill of materials of a release: that it is whole, and that its files are those that are there.

check_sbom.py DIST
"""

from __future__ import annotations

import hashlib
import json
import sys
from fnmatch import fnmatch
from pathlib import Path

# What must be found in which files.
PARTS = {
    "libnetstack-*-linux-*.tar.gz": {"libstdc++", "CLI11", "fmt", "nlohmann-json", "libpcap"},
    "*.whl": {"libstdc++", "pybind11", "CLI11", "fmt", "nlohmann-json", "libpcap"},
    "*.zip": set(),
}


def complain(dist: Path) -> list[str]:
    """Returns all that is wrong."""
    path = next(dist.glob("*.cdx.json"))
    bill = json.loads(path.read_text())
    wrong = []
    if (bill["bomFormat"], bill["specVersion"]) != ("CycloneDX", "1.5"):
        wrong.append("is not CycloneDX 1.5")
    components = {component["bom-ref"]: component for component in bill["components"]}
    if len(components) != len(bill["components"]):
        wrong.append("has a component twice")
    for reference, component in components.items():
        if not component["name"] or not component["licenses"]:
            wrong.append(f"{reference} has no name or no licence")
        if component["type"] == "library" and not (component["version"] and component["purl"] == reference):
            wrong.append(f"{reference} has no version or another purl")

    hashes = {
        component["name"]: component["hashes"][0]["content"]
        for component in components.values()
        if component["type"] == "file"
    }
    there = {
        str(file.relative_to(dist)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in dist.rglob("*")
        if file.is_file() and file.name not in ("SHA256SUMS", path.name)
    }
    if hashes != there:
        wrong.append(
            f"names other files than those that are there: {sorted(set(hashes.items()) ^ set(there.items()))}"
        )

    dependencies = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    if set(dependencies) != {f"file:{name}" for name in there}:
        wrong.append("does not tell of each file what it is made of")
    for pattern, parts in PARTS.items():
        matching = [reference for reference in dependencies if fnmatch(reference, f"file:{pattern}")]
        if len(matching) != 1:
            wrong.append(f"has {len(matching)} files like {pattern}")
            continue
        names = {components[other]["name"] for other in dependencies[matching[0]] if other in components}
        if names != parts:
            wrong.append(f"{matching[0]} is made of {sorted(names)}, not of {sorted(parts)}")
    for reference, needed in dependencies.items():
        unknown = [other for other in needed if other not in components]
        if unknown:
            wrong.append(f"{reference} depends on {unknown}, of which nothing is told")
    return wrong


def main() -> int:
    """Says what is wrong; the status is 1 where something is."""
    wrong = complain(Path(sys.argv[1]))
    for text in wrong:
        print(f"bill of materials: {text}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

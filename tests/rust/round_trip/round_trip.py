"""The C headers beside the header that cbindgen makes of the Rust bindings.

One C program sees both and has the compiler compare every function, type, field and constant.

    round_trip.py TOOLS FOLDER LIBRARIES    writes rust.h and check.c to the folder, compiles them, links the
                                            library of the other folder, and runs what came of it
    round_trip.py TOOLS FOLDER --self-test  proves that each of many changes on either side is noticed
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/abi"))

from describe import Refused, describe  # noqa: E402  (found by the line above)

HERE = Path(__file__).resolve().parent
BINDINGS = ROOT / "rust/netstack-sys/src/bindings.rs"
INCLUDE = ROOT / "capi/include"
WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"]


class Difference(Exception):
    """The two sides are not the same."""


@dataclass
class Side:
    """What one side declares."""

    functions: set[str] = field(default_factory=set)
    typedefs: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    # A struct without fields is one that only the library knows.
    structs: dict[str, list[str]] = field(default_factory=dict)


def run(*command: str | Path) -> str:
    """What a command prints; a failure is a difference that the command explains."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Difference(done.stderr or done.stdout)
    return done.stdout


def read_headers(include: Path) -> Side:
    """What the headers declare."""
    try:
        found = describe(include)
    except Refused as refused:
        raise Difference(str(refused)) from None
    side = Side()
    side.functions = set(found["functions"])
    side.typedefs = set(found["types"]) | set(found["callbacks"])
    side.texts = set(found["texts"])
    # Rust says u64::MAX: bindgen can't read what C writes by a macro with parameters.
    side.constants = set(found["constants"]) - {"NS_TIME_NEVER"}
    side.structs = {name: [] for name in found["handles"]}
    for name, struct in found["structs"].items():
        side.structs[name] = [each["name"] for each in struct["fields"]]
    return side


def read_rust(header: str, bindings: str) -> Side:
    """What cbindgen wrote."""
    side = Side()
    side.functions = set(re.findall(r"^extern .*?(ns_\w+)\(", header, re.M))
    side.constants = set(re.findall(r"^#define (NS_\w+)", header, re.M))
    side.texts = set(re.findall(r"^pub const (NS_\w+): &::core::ffi::CStr", bindings, re.M))
    for name, body in re.findall(r"^typedef struct (ns_\w+) \{\n(.*?)^\}", header, re.M | re.S):
        fields = re.findall(r"(\w+)(?:\[\d+\])?;", body)
        side.structs[name] = [] if fields == ["_unused"] else fields
    side.typedefs = set(re.findall(r"^typedef [^{]*?(?:\(\*)?(ns_\w+)\)?(?:\(.*\))?;$", header, re.M))
    return side


def make_header(tools: Path, bindings: Path, folder: Path) -> str:
    """Has cbindgen write a header of the bindings.

    It leaves constants out whose type has a name of its own, so they get the type behind the name.
    """
    source = bindings.read_text()
    behind = dict(re.findall(r"^pub type (\w+) = ([iu]\d+);", source, re.M))
    for name, number in behind.items():
        source = re.sub(rf"^(pub const NS_\w+: ){name} ", rf"\1{number} ", source, flags=re.M)
    (folder / "bindings.rs").write_text(source)
    return run(tools, "header", folder / "bindings.rs", HERE / "cbindgen.toml")


def rename(header: str, bindings: str) -> str:
    """The same header, with each name that it declares beginning with rust_ and each that it uses as it was.

    So everything in it is made of what the other side declares.
    """
    header = re.sub(r"^#define NS_", "#define RUST_NS_", header, flags=re.M)
    header = re.sub(r"^typedef struct ns_", "typedef struct rust_ns_", header, flags=re.M)
    header = re.sub(r"^\} ns_", "} rust_ns_", header, flags=re.M)
    header = re.sub(r"^(typedef .*\(\*)ns_", r"\1rust_ns_", header, flags=re.M)
    header = re.sub(r"^(typedef \w+ )ns_(\w+;)", r"\1rust_ns_\2", header, flags=re.M)
    header = re.sub(r"^(extern .*?)(ns_\w+\()", r"\1rust_\2", header, flags=re.M)
    for name, text in re.findall(r'^pub const (NS_\w+): &::core::ffi::CStr = c(".*");', bindings, re.M):
        header += f"\n#define RUST_{name} {text}\n"
    return header


def make_check(headers: Side, rust: Side) -> str:
    """A program that names everything that either side has: what one of them lacks does not compile."""
    lines = [
        "#include <netstack/netstack.h>",
        "#include <stdio.h>",
        "#include <string.h>",
        '#include "rust.h"',
        "",
    ]
    claim = '_Static_assert({}, "{}");'.format
    same = "__builtin_types_compatible_p({}, {})".format
    for name in sorted(headers.functions | rust.functions):
        lines.append(claim(same(f"__typeof__({name})", f"__typeof__(rust_{name})"), f"function {name}"))
    for name in sorted(headers.typedefs | rust.typedefs):
        lines.append(claim(same(name, f"rust_{name}"), f"type {name}"))
    for name in sorted(headers.constants | rust.constants):
        lines.append(claim(f"{name} == RUST_{name}", f"constant {name}"))
    for name in sorted(headers.texts | rust.texts):
        lines.append(claim(f"__builtin_strcmp({name}, RUST_{name}) == 0", f"text {name}"))
    for name in sorted(headers.structs.keys() | rust.structs.keys()):
        ours, theirs = headers.structs.get(name, []), rust.structs.get(name, [])
        if not ours and not theirs:
            lines.append(claim(f"sizeof(struct rust_{name} *) == sizeof(struct {name} *)", f"struct {name}"))
            continue
        lines.append(claim(f"sizeof({name}) == sizeof(rust_{name})", f"size of {name}"))
        lines.append(claim(f"_Alignof({name}) == _Alignof(rust_{name})", f"alignment of {name}"))
        # bindgen puts a line behind a name that is a word of Rust's.
        in_rust = {one: one if one in theirs else one + "_" for one in ours}
        fields = in_rust | {one: one for one in theirs if one not in in_rust.values()}
        for one, other in fields.items():
            types = (f"__typeof__((({name} *)0)->{one})", f"__typeof__(((rust_{name} *)0)->{other})")
            places = f"offsetof({name}, {one}) == offsetof(rust_{name}, {other})"
            lines.append(claim(places, f"place of {name}.{one}"))
            lines.append(claim(same(*types), f"type of {name}.{one}"))
    counts = [len(part) for part in (headers.functions, headers.structs, headers.typedefs, headers.constants)]
    lines += [
        "",
        "int main(void)",
        "{",
        '    puts("{} functions, {} structs, {} other types and {} constants are the same");'.format(*counts),
        "    return strcmp(ns_version_string(), RUST_NS_VERSION_STRING);",
        "}",
        "",
    ]
    return "\n".join(lines)


def compare(tools: Path, bindings: Path, include: Path, folder: Path, compilers: list[str]) -> None:
    """Compiles the program that sees both sides."""
    header = make_header(tools, bindings, folder)
    source = bindings.read_text()
    headers, rust = read_headers(include), read_rust(header, source)
    if len(headers.functions) < 50 or len(headers.structs) < 20 or len(headers.constants) < 40:
        raise Difference(f"only {headers} was found in the headers")
    (folder / "rust.h").write_text(rename(header, source))
    (folder / "check.c").write_text(make_check(headers, rust))
    for compiler in compilers:
        run(compiler, *WARNINGS, f"-I{include}", "-c", folder / "check.c", "-o", folder / "check.o")


# What is changed, where, and the word that the complaint must have in it.
MUTATIONS = [
    (
        "rust",
        r"identifier: u16,\n        out_error",
        "identifier: u32,\n        out_error",
        "ns_ping_socket_bind",
    ),
    (
        "rust",
        r"link: \*mut ns_link,\n        packet: \*const u8",
        "link: *mut ns_link, packet: *mut u8",
        "ns_link_inject",
    ),
    ("rust", r"pub fn ns_abi_version\(\) -> u32", "pub fn ns_abi_version() -> u64", "ns_abi_version"),
    ("rust", r"pub fn ns_stack_stop\(stack: \*mut ns_stack\);", "", "ns_stack_stop"),
    ("rust", r"pub fn ns_stack_stop\(", "pub fn ns_stack_halt(", "ns_stack_halt"),
    ("rust", r"NS_ERR_LIMITED: ns_status = -6", "NS_ERR_LIMITED: ns_status = -16", "NS_ERR_LIMITED"),
    ("rust", r"NS_NIC_SPOOFING: u32 = 4", "NS_NIC_SPOOFING: u32 = 5", "NS_NIC_SPOOFING"),
    ("rust", r'c"0\.1\.0"', 'c"0.1.1"', "NS_VERSION_STRING"),
    ("rust", r"pub const NS_VERDICT_CONSUMED: .*", "", "NS_VERDICT_CONSUMED"),
    ("rust", r"pub type ns_verdict = i32", "pub type ns_verdict = i64", "ns_verdict"),
    ("rust", r"(pub nic: u32,)((?:\n    ///.*)*\n    )(pub flags: u32,)", r"\3\2\1", "ns_packet_info.nic"),
    ("rust", r"pub sequence: u16,", "pub sequence: i16,", "ns_packet_info.sequence"),
    ("rust", r"pub tos: u8,\n", "pub tos: u8,\n    pub more: u32,\n", "ns_packet_info"),
    (
        "rust",
        r"request: ns_request,\n    \) -> ns_verdict",
        "request: u32,\n    ) -> ns_verdict",
        "ns_icmp_request_fn",
    ),
    ("base.h", r"NS_ERR_BUSY = -7", "NS_ERR_BUSY = -17", "NS_ERR_BUSY"),
    ("base.h", r"NS_UNCLAIMED = 1,", "NS_UNCLAIMED = 1, NS_NEW = 2,", "NS_NEW"),
    (
        "base.h",
        r"NS_API void ns_error_free\(ns_error \*error\)",
        "NS_API void ns_error_free(void *error)",
        "ns_error_free",
    ),
    ("version.h", r"NS_API uint32_t ns_abi", "NS_API void ns_new(void);\nNS_API uint32_t ns_abi", "ns_new"),
    ("ping_socket.h", r"uint16_t sequence,", "uint32_t sequence,", "ns_ping_socket_send"),
    ("packet.h", r"uint8_t code;", "uint16_t code;", "ns_packet_info"),
    ("stack.h", r"NS_API void ns_stack_stop\(ns_stack \*stack\) NS_NOEXCEPT;", "", "ns_stack_stop"),
    (
        "clock.h",
        r"ns_clock_wait_fn\)\(void \*user_data, int ",
        "ns_clock_wait_fn)(void *user_data, long ",
        "ns_clock_wait_fn",
    ),
    ("address.h", r"NS_ADDRESS_TEXT_SIZE 64", "NS_ADDRESS_TEXT_SIZE 65", "NS_ADDRESS_TEXT_SIZE"),
]


def self_test(tools: Path, folder: Path) -> int:
    """Makes each change in copies of both sides, which are the same before it."""
    missed = 0
    for where, pattern, replacement, word in MUTATIONS:
        include, bindings = folder / "include", folder / "changed.rs"
        shutil.rmtree(include, ignore_errors=True)
        shutil.copytree(INCLUDE, include)
        shutil.copy(BINDINGS, bindings)
        file = bindings if where == "rust" else include / "netstack" / where
        changed, count = re.subn(pattern, replacement, file.read_text(), count=1)
        file.write_text(changed)
        try:
            if count == 0:
                raise SystemExit(f"round trip: nothing in {where} matches {pattern}")
            compare(tools, bindings, include, folder, ["gcc"])
            print(f"MISSED  {where}: {pattern}")
        except Difference as difference:
            if word in str(difference):
                print(f"caught  {where}: {pattern}")
                continue
            print(f"MISSED  {where}: {pattern}: {word} is not in: {difference}")
        missed += 1
    print(f"{len(MUTATIONS)} changes tried, {missed} not noticed")
    return int(missed > 0)


def main() -> int:
    """The command line."""
    tools, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[3:] == ["--self-test"]:
        return self_test(tools, folder)
    try:
        compare(tools, BINDINGS, INCLUDE, folder, ["clang-14", "gcc"])
        libraries = sys.argv[3]
        link = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-lnetstack"]
        run("gcc", folder / "check.o", "-o", folder / "check", *link)
        print(run(folder / "check"), end="")
    except Difference as difference:
        print(f"round trip: {difference}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

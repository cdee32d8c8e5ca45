"""What is changed in copies of the fixture, and which checks of the gate must say so, in which words.

A change of a file is (file, pattern, replacement).
"""

from dataclasses import dataclass

HEADER, SOURCE, MAP = "fixture.h", "fixture.c", "fixture.map"
Change = tuple[str, str, str]


@dataclass(frozen=True)
class Mutation:
    """A change, the checks that must fail, no others, and a word that each of them must say."""

    name: str
    changes: list[Change]
    fails: str = ""
    word: str = ""
    sentence: str = ""  # that must be said by any of them


def everywhere(pattern: str, replacement: str) -> list[Change]:
    """The same change in the header and in the source."""
    return [(HEADER, pattern, replacement), (SOURCE, pattern, replacement)]


DROPPED = r"(?:NS_API )?void ns_box_free\(ns_box ?\*\s*box\)(?: NS_NOEXCEPT;| \{[^}]*\})"


def declare(text: str) -> list[Change]:
    """Declares something more in the header."""
    return [(HEADER, r"/\*\* Makes a box", f"{text}\n/** Makes a box")]


# Nothing that a caller could notice.
HARMLESS = [
    Mutation("nothing", []),
    Mutation(
        "private struct reordered", [(SOURCE, r"(  uint32_t size;\n)(  uint32_t capacity;\n)", r"\2\1")]
    ),
    Mutation(
        "private struct grown", [(SOURCE, r"  uint32_t size;\n", "  uint64_t more;\n  uint32_t size;\n")]
    ),
    Mutation(
        "private function",
        [
            (
                SOURCE,
                r"ns_status ns_box_put",
                "int own(void);\nint own(void) { return 1; }\nns_status ns_box_put",
            )
        ],
    ),
    Mutation("comment", [(HEADER, "Makes a box", "Makes another box")]),
]

# Each breaks callers, or has to be promised before it may be there.
MUTATIONS = [
    Mutation(
        "symbol dropped",
        [*everywhere(DROPPED, ""), (MAP, "ns_box_free;", "")],
        "exports description libabigail program",
        "ns_box_free",
    ),
    Mutation("symbol hidden", [(MAP, "ns_box_free;", "")], "exports libabigail program", "ns_box_free"),
    Mutation(
        "symbol renamed",
        [*everywhere("ns_box_free", "ns_box_drop"), (MAP, "ns_box_free", "ns_box_drop")],
        "exports description libabigail program",
        "ns_box_free",
    ),
    Mutation("symbol not defined", [(SOURCE, DROPPED, "")], "exports libabigail program", "ns_box_free"),
    Mutation("symbol of another version", [(MAP, "FIXTURE_0.1", "FIXTURE_0.2")], "libabigail", "FIXTURE_0.1"),
    Mutation(
        "stray export",
        [
            (
                SOURCE,
                r"ns_status ns_box_put",
                "void ns_stray(void);\nvoid ns_stray(void) {}\nns_status ns_box_put",
            ),
            (MAP, "global:", "global: ns_stray;"),
        ],
        "exports",
        "ns_stray: in exports, version script; not in baseline, headers",
    ),
    Mutation(
        "stray pattern in the version script",
        [
            (SOURCE, r"ns_status ns_box_put", "void stray(void);\nvoid stray(void) {}\nns_status ns_box_put"),
            (MAP, "global:", "global: str*;"),
        ],
        "exports",
        "stray: in exports",
    ),
    Mutation(
        "name of the C library's",
        [*everywhere("ns_box_put", "ns_name_ntop"), (MAP, "ns_box_put", "ns_name_ntop")],
        "exports description libabigail program",
        "ns_",
        "ns_name_ntop: taken by libc.so.6",
    ),
    Mutation(
        "function that was not promised",
        [
            *declare("NS_API void ns_new(void) NS_NOEXCEPT;"),
            (MAP, "global:", "global: ns_new;"),
            (SOURCE, r"ns_status ns_box_put", "void ns_new(void) {}\nns_status ns_box_put"),
        ],
        "exports description",
        "ns_new",
    ),
    Mutation(
        "parameter width",
        everywhere(r"(ns_box_put\(ns_box ?\* ?box, )uint32_t value", r"\1uint64_t value"),
        "description compilers libabigail",
        "ns_box_put",
    ),
    Mutation(
        "parameter sign",
        everywhere(r"(ns_box_put\(ns_box ?\* ?box, )uint32_t value", r"\1int32_t value"),
        "description compilers libabigail",
        "ns_box_put",
    ),
    Mutation(
        "parameter more",
        everywhere(r"(ns_box_put\(ns_box ?\* ?box, )uint32_t value", r"\1uint32_t value, uint32_t more"),
        "description compilers libabigail",
        "ns_box_put",
    ),
    Mutation(
        "parameters swapped",
        everywhere(r"ns_visit_fn visit, void ?\* ?user_data\)", "void* user_data, ns_visit_fn visit)"),
        "description compilers libabigail program",
        "ns_box_visit",
    ),
    Mutation(
        "parameter without const",
        everywhere(r"const ns_place ?\* ?place", "ns_place* place"),
        "description compilers",
        "ns_box_new",
    ),
    Mutation(
        "parameter renamed",
        [(HEADER, r"(ns_box_put\(ns_box ?\* ?box, uint32_t) value", r"\1 what")],
        "description",
        "ns_box_put: its parameters have other names",
    ),
    Mutation(
        "result",
        everywhere(r"void ns_box_get_info", "ns_status ns_box_get_info"),
        "description compilers libabigail",
        "ns_box_get_info",
    ),
    Mutation(
        "result type behind a name",
        [(HEADER, "typedef int32_t ns_status", "typedef int64_t ns_status")],
        "description compilers libabigail",
        "ns_",
    ),
    Mutation(
        "struct reordered",
        [(HEADER, r"(  uint32_t row;.*\n)(  uint32_t column;.*\n)", r"\2\1")],
        "description compilers libabigail program",
        "",
    ),
    Mutation(
        "struct grown",
        [(HEADER, r"(  uint32_t column;)", r"\1\n  uint32_t depth;")],
        "description compilers libabigail",
        "ns_place",
    ),
    Mutation(
        "struct that may grow, grown",
        [(HEADER, r"(  uint16_t shape;)", r"\1\n  uint32_t more;")],
        "description compilers libabigail",
        "ns_box_info",
    ),
    Mutation(
        "struct shrunk",
        [(HEADER, r"  uint16_t shape;.*\n", ""), (SOURCE, r".*info\.shape.*\n", "")],
        "description compilers libabigail program",
        "",
    ),
    Mutation(
        "field width",
        [
            (HEADER, "uint16_t color", "uint8_t color"),
            (SOURCE, r"\(uint16_t\)box->place.row", "(uint8_t)box->place.row"),
        ],
        "description libabigail",
        "color",
    ),
    Mutation(
        "field renamed",
        [(HEADER, "uint16_t color", "uint16_t hue"), (SOURCE, r"info\.color", "info.hue")],
        "description compilers",
        "color",
    ),
    Mutation(
        "constant renumbered",
        [(HEADER, "NS_BOX_MAX 65535u", "NS_BOX_MAX 255u")],
        "description compilers",
        "NS_BOX_MAX",
    ),
    Mutation(
        "constant's type", [(HEADER, "NS_BOX_MAX 65535u", "NS_BOX_MAX 65535ul")], "description", "NS_BOX_MAX"
    ),
    Mutation(
        "constant gone",
        [(HEADER, "#define NS_BOX_MAX 65535u", ""), (SOURCE, "NS_BOX_MAX", "65535")],
        "description compilers",
        "NS_BOX_MAX",
    ),
    Mutation("constant more", declare("enum { NS_MORE = 5 };"), "description", "NS_MORE"),
    Mutation(
        "enumerator of an anonymous enum",
        [(HEADER, "NS_ERR_FULL = -1", "NS_ERR_FULL = -2")],
        "description compilers program",
        "",
    ),
    Mutation("initialiser", [(HEADER, r"\{ 0u, 0u \}", "{ 1u, 0u }")], "description", "NS_PLACE_INIT"),
    Mutation("text", [(HEADER, '"0.1.0"', '"0.1.1"')], "description", "NS_VERSION_STRING"),
    Mutation(
        "callback parameter",
        [
            (
                HEADER,
                r"ns_visit_fn\)\(void ?\* ?user_data, uint32_t value",
                "ns_visit_fn)(void *user_data, uint64_t value",
            )
        ],
        "description compilers libabigail",
        "ns_visit_fn",
    ),
    Mutation(
        "callback result",
        [
            (HEADER, r"typedef ns_status \(\*ns_visit_fn", "typedef uint64_t (*ns_visit_fn"),
            (SOURCE, r"const ns_status status = visit", "const ns_status status = (ns_status)visit"),
        ],
        "description compilers libabigail",
        "ns_visit_fn",
    ),
    Mutation(
        "handle that callers see into",
        [
            *declare("struct ns_box { ns_place place; uint32_t size, capacity, values[1]; };"),
            (SOURCE, r"(?s)struct ns_box \{.*?\n\};", ""),
        ],
        "description",
        "ns_box",
    ),
]

# What no header of ours may have, since callers in other languages could not use it.
FORBIDDEN = [
    Mutation(name, declare(text), "headers description", word)
    for name, text, word in (
        ("enum with a name", "enum ns_color { NS_RED };", "ns_color"),
        ("long", "NS_API void ns_wide(long much) NS_NOEXCEPT;", "type long"),
        ("bool", "#include <stdbool.h>\nNS_API void ns_truth(bool much) NS_NOEXCEPT;", "ns_truth"),
        ("double", "typedef double ns_much;", "type double"),
        ("bit-field", "struct ns_bits { uint32_t low : 4; };", "ns_bits"),
        ("union", "union ns_both { uint32_t one; };", "ns_both"),
        ("struct inside", "struct ns_outer { struct { int one; } inner; };", "ns_outer"),
        ("struct by value", "NS_API void ns_go(ns_place place) NS_NOEXCEPT;", "ns_go"),
        ("callback without a name", "NS_API void ns_go(void (*call)(void)) NS_NOEXCEPT;", "ns_go"),
        ("any number of arguments", "NS_API void ns_go(const char *format, ...) NS_NOEXCEPT;", "ns_go"),
        ("variable", "extern int ns_count;", "ns_count"),
        ("macro with parameters", "#define NS_TWICE(x) ((x) * 2)", "NS_TWICE"),
        ("another prefix", "enum { OTHER = 1 };", "OTHER"),
    )
]

"""Holds the man page and the shells' completions against the program: the same commands, options and values.

check_words.py NETSTACK
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
WORDS = HERE.parent.parent / "capi" / "program"
COMPLETIONS = WORDS / "completions"

# An option of a help text: its name, what it takes, whether it may be repeated.
OPTION = re.compile(r"^  (?:-h,)?(--[a-z-]+)(?: (\S+))?(?: (\.\.\.))? {2,}", re.MULTILINE)
COMMAND = re.compile(r"^  ([a-z]+) {2,}", re.MULTILINE)

Options = dict[str, tuple[str, bool]]


class Complaints:
    """What differs, all of it."""

    def __init__(self) -> None:
        self.count = 0

    def same(self, where: str, found: object, expected: object) -> None:
        """Says so on standard error where the two are not the same."""
        if found == expected:
            return
        self.count += 1
        print(f"{where}: has {found}, the program has {expected}", file=sys.stderr)


def run(*command: str) -> str:
    """Runs a command in a home of its own, and returns what it printed."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment, check=True
        )
    return result.stdout


def words_after(text: str, label: str) -> list[str]:
    """Returns the words of a list that a help text ends with: LABEL: one, two (which is so), three."""
    match = re.search(rf"{label}: ([^.]*)\.", " ".join(text.split()))
    if match is None:
        sys.exit(f"check_words.py: no help text has the list '{label}:'")
    return [word.strip() for word in re.sub(r"\([^)]*\)", "", match[1]).split(",")]


class Program:
    """What the program says of itself: the options of each command, of the program itself by the name ''."""

    def __init__(self, program: str) -> None:
        text = run(program, "--help")
        self.commands = COMMAND.findall(text.partition("Subcommands:")[2])
        texts = {"": text} | {command: run(program, command, "--help") for command in self.commands}
        self.options: dict[str, Options] = {
            command: {name: (value, bool(more)) for name, value, more in OPTION.findall(text)}
            for command, text in texts.items()
        }
        self.handlers = words_after(texts["replay"], "Handlers")
        self.answers = words_after(texts["serve"], "Answers of a policy")


def page_options(section: str) -> Options:
    """Returns the options that a section of the page has entries for."""
    options: Options = {}
    for entry in re.split(r"^\.TP\n", section, flags=re.MULTILINE)[1:]:
        tag, _, text = entry.partition("\n")
        for name, value in re.findall(r'(--[a-z-]+)(?: " (\S+)")?', tag):
            options[name] = (value, bool(re.search(r"^Repeatable\.$", text, re.MULTILINE)))
    return options


def check_page(program: Program, complaints: Complaints) -> None:
    """The page has an entry for every option, and names no other."""
    page = (WORDS / "netstack.1").read_text().replace("\\-", "-")
    for command in program.options:
        title = rf"\.SS netstack {command}" if command else r"\.SH DESCRIPTION"
        section = re.search(rf"^{title}\n(.*?)^\.S[HS]", page, re.MULTILINE | re.DOTALL)
        # Help is explained once for all commands.
        expected = {
            name: option
            for name, option in program.options[command].items()
            if not command or name != "--help"
        }
        complaints.same(
            f"netstack.1, {command or 'the program'}", page_options(section[1]) if section else {}, expected
        )
        if command == "replay" and section:
            entry = section[1].partition('--handler " HANDLER"\n')[2].partition(".TP\n")[0]
            complaints.same(
                "netstack.1, handlers", re.findall(r"^\.B (\S+)$", entry, re.MULTILINE), program.handlers
            )
    policies = page.partition(".SH POLICIES\n")[2].partition(".SH ")[0]
    complaints.same(
        "netstack.1, answers", re.findall(r"^\.TP\n\.B (\S+)$", policies, re.MULTILINE), program.answers
    )
    titles = re.findall(r"^\.SS netstack (\S+)$", page, re.MULTILINE)
    complaints.same("netstack.1, commands", titles, program.commands)
    known = {name for options in program.options.values() for name in options}
    complaints.same(
        "netstack.1, other options", set(re.findall(r"--[a-z][a-z-]*", page)) - known - {"--name"}, set()
    )


def complete_bash(line: str) -> set[str]:
    """Returns what bash completes after the line."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    script = (
        f"source {shlex.quote(str(COMPLETIONS / 'netstack.bash'))}; COMP_WORDS=({shlex.join(words)}); "
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
        '_netstack netstack "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return set(run("bash", "--norc", "-c", script).split())


def complete_zsh(line: str) -> set[str]:
    """Returns what zsh completes after the line."""
    return set(run("zsh", "-f", str(HERE / "complete.zsh"), str(COMPLETIONS), line).split("\n")) - {""}


def complete_fish(line: str) -> set[str]:
    """Returns what fish completes after the line."""
    file = shlex.quote(str(COMPLETIONS / "netstack.fish"))
    lines = run("fish", "--no-config", "-c", f"source {file}; complete -C {shlex.quote(line)}").splitlines()
    return {line.partition("\t")[0] for line in lines}


def check_completions(program: Program, complaints: Complaints) -> None:
    """Each shell offers every command, option and value, and no other."""
    for name, complete in ("bash", complete_bash), ("zsh", complete_zsh), ("fish", complete_fish):
        offered = {word for word in complete("netstack ") if not word.startswith("-")}
        complaints.same(f"{name}, commands", offered, set(program.commands))
        for command, options in program.options.items():
            line = f"netstack {command} --" if command else "netstack --"
            complaints.same(f"{name}, {line}", complete(line) - {"-h"}, set(options))
        complaints.same(f"{name}, handlers", complete("netstack replay --handler "), set(program.handlers))


def main() -> int:
    """Compares everything; the status is 1 where something differs."""
    program = Program(sys.argv[1])
    complaints = Complaints()
    check_page(program, complaints)
    check_completions(program, complaints)
    return int(complaints.count > 0)


if __name__ == "__main__":
    sys.exit(main())

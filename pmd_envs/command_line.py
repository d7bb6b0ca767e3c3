"""What the command lines of this project have in common: a mistake is one line, which names the nearest right option.

No command of ours hands on options that it does not know, so the first one that is unknown ends it. Exit statuses: 2
for a mistake, 130 after Ctrl-C and 141 where nobody reads on (``| head``), as shells have it.
"""

import argparse
import inspect
import io
import os
import re
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from pmd_envs.errors import PMDError

MISTAKE, STOPPED, UNREAD = 2, 130, 141
_CHOICE = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)")
_Arguments = ParamSpec("_Arguments")
_Options = TypeVar("_Options")
_OF_TYRO = ("--help", "--tyro-print-completion", "--tyro-write-completion")


class Parser(argparse.ArgumentParser):
    """Reports a mistake on one line."""

    def parse_known_args(  # type: ignore[override]  # the overloads differ from one version of Python to the next
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As its base, but what is not known is a mistake."""
        given = sys.argv[1:] if args is None else list(args)
        found, rest = super().parse_known_args(given, namespace)
        if rest:
            self.error(unknown_option(rest, options_of(self, given)))
        return found, rest

    def format_help(self) -> str:
        """As its base; descriptions are docstrings, whose markup nobody needs in a terminal."""
        return without_markup(super().format_help())

    def error(self, message: str) -> NoReturn:
        """End the program."""
        choice = _CHOICE.search(message)
        near = nearest(choice["given"], re.findall(r"[\w./-]+", choice["known"])) if choice else ""
        self.exit(MISTAKE, f"{self.prog}: error: {message}{near}\n")


def without_markup(docstring: str) -> str:
    """A docstring without the marks of literals (of reStructuredText)."""
    return docstring.replace("``", "").replace("::\n", ":\n")


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands, by name; none if it has none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options_of(parser: argparse.ArgumentParser, given: Sequence[str] = ()) -> list[str]:
    """The long options of a parser, and of the command that is given."""
    inner = (command for name, command in subcommands(parser).items() if name in given)
    return [text for one in (parser, *inner) for text in _long(one)]


def _long(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (text for text in action.option_strings if text.startswith("--"))


def unknown_option(rest: Sequence[str], known: Sequence[str]) -> str:
    """What is wrong with arguments that are not known, on one line."""
    options = [text.partition("=")[0] for text in rest if text.startswith("-")]
    if not options:
        return f"unexpected argument {rest[0]!r}"
    return f"unknown option {options[0]!r}{nearest(options[0], known)}"


def nearest(given: str, known: Sequence[str]) -> str:
    """A hint at what may have been meant; empty if nothing is near."""
    names = {name.lstrip("-"): name for name in known}
    near = get_close_matches(given.lstrip("-"), names, n=1)
    return f". Did you mean {names[near[0]]!r}?" if near else ""


def as_command(main: Callable[_Arguments, int]) -> Callable[_Arguments, int]:
    """``main`` with one line and its exit status, instead of a traceback, for a caller's mistake and after Ctrl-C."""

    @wraps(main)
    def guarded(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> int:
        try:
            status = main(*arguments, **options)
            sys.stdout.flush()
            return status
        except BrokenPipeError:
            if not _nobody_reads():
                raise
            return UNREAD
        except PMDError as error:
            sys.stderr.write(f"error: {error}\n")
            return MISTAKE
        except KeyboardInterrupt:
            sys.stderr.write("error: stopped\n")
            return STOPPED

    return guarded


def _nobody_reads() -> bool:
    """Whether it is our own output that is closed; then what is left of it goes nowhere, also at the very end."""
    try:
        place = sys.stdout.fileno()
    except (OSError, ValueError):  # it is no file
        return False
    if sys.platform == "win32":  # where nobody can be asked
        return False
    looks = select.poll()
    looks.register(place, 0)
    if not any(event & select.POLLERR for _, event in looks.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), place)
    return True


def read_options(form: type[_Options], parse: Callable[..., _Options]) -> _Options:
    """The options of a script, whose ``form`` is a dataclass; ``parse`` is ``tyro.cli``, which we do not depend on.

    By itself it would show the docstring up to the examples only.
    """
    known = [*_OF_TYRO, *_names(form)]
    strange = [text for text in sys.argv[1:] if text.startswith("--") and _named(text) not in known]
    if strange:
        _give_up(unknown_option(strange, known))
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            return parse(form, description=without_markup(inspect.getdoc(form) or ""))
    except SystemExit as stop:
        if stop.code:
            _give_up(_message(said.getvalue().splitlines()))
        raise


def _give_up(message: str) -> NoReturn:
    sys.stderr.write(f"error: {message}\n")
    sys.exit(MISTAKE)


def _names(form: object, prefix: str = "--") -> Iterator[str]:
    """Also ``--no-json`` for an option ``json`` that is on or off, and ``--recipe.steps`` for a dataclass within."""
    if not is_dataclass(form):
        return
    for field in fields(form):
        name = field.name.replace("_", "-")
        yield f"{prefix}{name}"
        if isinstance(field.default, bool):
            yield f"{prefix}no-{name}"
        yield from _names(field.type, f"{prefix}{name}.")


def _named(text: str) -> str:
    return text.partition("=")[0].replace("_", "-")


def _message(lines: Sequence[str]) -> str:
    """What tyro says below the title and above the next rule, on one line; all of it, where there is no rule."""
    sections: list[list[str]] = [[]]
    for line in lines:
        text = line.strip(" │")
        if text.startswith("╭") or (text and not text.strip("─-╰╯")):
            sections.append([])
        elif text:
            sections[-1].append(text)
    message = sections[1] if len(sections) > 1 else sections[0]
    return " ".join(message).rstrip(".")

"""Look into a memory: ``python -m memory show|search|stats|diff|export RUN_OR_FILE``.

RUN_OR_FILE is a run folder with a ``memory.sqlite`` in it, or the file itself. Nothing is ever written to it, and it
may lie where nothing can be. Only this command line, and nothing that others import, borrows something of ``pmd_envs``:
how command lines behave.
"""

import argparse
import io
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from rich.console import Console

from memory.database import Database
from memory.documents import of_growth, of_hit, of_item, of_listing
from memory.embedding import HashedNgrams
from memory.errors import MemoryStoreError, MemoryUseError, ProceduralMemoryError
from memory.history import growth, notes_of_steps
from memory.inspection import each, listing, totals
from memory.records import Level
from memory.search import search
from memory.tables import growth_table, hits_table, items_table
from pmd_envs.command_line import Parser, as_command
from pmd_envs.completion import SHELLS, Command, completion_script

_LEVELS: tuple[Level, ...] = ("experience", "insight", "behavior")
_FILE = "memory.sqlite"
_LARGEST = 2**63 - 1
"""What SQLite counts with."""


@as_command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 for a bad path or file."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a model wrote may not exist in the terminal's encoding
    options = _parser().parse_args(arguments)
    if options.run is None:
        print(completion_script([Command("pmd-memory", "memory", _parser())], options.shell))
        return 0
    command: Callable[[argparse.Namespace, Path], None] = options.command
    try:
        command(options, _file(options.run))
        _note_steps(options, _file(options.run))
    except BrokenPipeError:
        raise
    except (ProceduralMemoryError, OSError) as error:
        print(f"memory: {error}", file=sys.stderr)
        return 2
    return 0


def _note_steps(options: argparse.Namespace, path: Path) -> None:
    """Say, beside the results, where the memory ends, if steps were asked for that it does not have."""
    asked = [getattr(options, name, None) for name in ("as_of", "first", "last")]
    steps = [step for step in asked if step is not None]
    with _reading(path) as connection:
        for note in notes_of_steps(connection, steps):
            print(f"memory: {note}", file=sys.stderr)


def _show(options: argparse.Namespace, path: Path) -> None:
    levels = [level for level in _LEVELS if options.level in (None, level)]
    with _reading(path) as connection:
        held = {level: listing(connection, level, options.as_of, options.limit) for level in levels}
    if options.json:
        _print_json({level: of_listing(found) for level, found in held.items()})
        return
    for level, found in held.items():
        title = f"{level}: {len(found.items)} of {found.count}, newest first"
        _console().print(items_table(title, found.items))


def _search(options: argparse.Namespace, path: Path) -> None:
    if not options.query.strip():
        raise MemoryUseError("the query is empty: say what to look for, or list everything with show")
    with closing(Database(path, "r")) as database:
        hits = search(database, HashedNgrams(), options.query, options.limit, options.as_of)
    if options.json:
        _print_json([of_hit(hit) for hit in hits])
    else:
        _console().print(hits_table(options.query, hits))


def _stats(options: argparse.Namespace, path: Path) -> None:
    with _reading(path) as connection:
        held = totals(connection, options.as_of)
        curve = [point for point in growth(connection) if options.as_of is None or point[0] <= options.as_of]
    if options.json:
        _print_json({"file": str(path), **asdict(held), "growth": of_growth(curve)})
        return
    print(f"{path}: {held.items} items about {held.problems} problems")
    followed = f"{held.followed} attempts at those problems, {held.succeeded} of them right"
    print(f"shown {held.shown} times, followed by {followed}")
    _console().print(growth_table(curve))


def _diff(options: argparse.Namespace, path: Path) -> None:
    first, last = options.first, options.last
    if first > last:
        raise MemoryUseError(f"step {first} is after step {last}: name the earlier one first")
    with _reading(path) as connection:
        changes = {
            level: {
                "new": listing(connection, level, last, options.limit, absent_at=first),
                "gone": listing(connection, level, first, options.limit, absent_at=last),
            }
            for level in _LEVELS
        }
    if options.json:
        _print_json(
            {level: {what: of_listing(found) for what, found in changed.items()} for level, changed in changes.items()}
        )
        return
    for level, changed in changes.items():
        for what, found in changed.items():
            if found.count:
                title = f"{level}: {found.count} {what} from step {first} to step {last}"
                _console().print(items_table(title, found.items))
        if not any(found.count for found in changed.values()):
            print(f"{level}: the same at step {first} and step {last}")


def _export(options: argparse.Namespace, path: Path) -> None:
    with ExitStack() as opened:
        connection = opened.enter_context(_reading(path))
        output: TextIO = sys.stdout
        if options.output is not None:
            _require_apart(options.output, path)
            output = opened.enter_context(_replacing(options.output))
        count = 0
        for level in _LEVELS:
            for item in each(connection, level, options.as_of):
                output.write(f"{json.dumps(of_item(item))}\n")  # in ASCII, as below
                count += 1
    if options.output is not None:
        print(f"wrote {count} items to {options.output}")


def _require_apart(output: Path, path: Path) -> None:
    """Refuse to write over the memory, or over what SQLite keeps beside it."""
    held = path.resolve()
    for own in (held.with_name(held.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")):
        if output.resolve() == own or (output.exists() and own.exists() and output.samefile(own)):
            raise MemoryUseError(f"{output} belongs to the memory that is exported: name another file")


@contextmanager
def _replacing(output: Path) -> Iterator[TextIO]:
    """A file that takes its name only when all is written: until then what had the name stays as it is."""
    if output.exists() and not output.is_file():  # a pipe or a terminal, which nothing may take the place of
        with output.open("w", encoding="utf-8") as stream:
            yield stream
        return
    target = output.resolve()  # a link goes on to point where it did
    if not target.parent.is_dir():
        raise MemoryUseError(f"no folder {output.parent} to write {output.name} in")
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with unfinished.open("x", encoding="utf-8") as stream:
            yield stream
        if target.exists():
            shutil.copymode(target, unfinished)
        unfinished.replace(target)
    except FileExistsError:
        raise  # somebody else's file
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One unchanging view of a file, which is closed in the end."""
    with closing(Database(path, "r")) as database, database.reading() as connection:
        yield connection


_EXAMPLES = """\
  python -m memory show runs/pmd-nano-seed0 --level insight
  python -m memory search runs/pmd-nano-seed0 "who tells the truth" --limit 3
  python -m memory search runs/pmd-nano-seed0 "who tells the truth" --json
  python -m memory stats runs/pmd-nano-seed0 --as-of 20
  python -m memory diff runs/pmd-nano-seed0 10 20
  python -m memory export runs/pmd-nano-seed0 --output memory.jsonl
  eval "$(python -m memory complete bash)"    then: pmd-memory <Tab>
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m memory",
        description="Look into a procedural memory.",
        epilog=f"examples:\n{_EXAMPLES}\nExit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = _command(commands, "show", _show, "what was learned, when, and from which episode")
    show.add_argument("--level", choices=_LEVELS, help="only this level")
    show.add_argument("--limit", type=_count, default=20, help="items a level (default 20)")
    _add_json(show, ", with the provenance of every item")
    find = _command(commands, "search", _search, "the items nearest to a text")
    find.add_argument("query")
    find.add_argument("--limit", type=_count, default=10, help="items (default 10)")
    _add_json(find, ", with the provenance of every item")
    stats = _command(commands, "stats", _stats, "how much it holds and how it grew")
    _add_json(stats)
    diff = _command(commands, "diff", _diff, "what came and went between two policy steps", as_of=False)
    diff.add_argument("first", type=_step, metavar="STEP")
    diff.add_argument("last", type=_step, metavar="LATER_STEP")
    diff.add_argument("--limit", type=_count, default=20, help="items a table (default 20)")
    _add_json(diff, ", with the provenance of every item")
    export = _command(commands, "export", _export, "every item with its provenance, one JSON object a line")
    export.add_argument("--output", type=Path, help="a file instead of the terminal")
    complete = _add(commands, "complete", "print a script that completes commands and options in a shell")
    complete.add_argument("shell", choices=SHELLS)
    complete.set_defaults(run=None)
    return parser


def _command(
    commands: "argparse._SubParsersAction[Parser]",
    name: str,
    command: Callable[[argparse.Namespace, Path], None],
    purpose: str,
    *,
    as_of: bool = True,
) -> argparse.ArgumentParser:
    parser = _add(commands, name, purpose)
    parser.add_argument("run", type=Path, metavar="RUN_OR_FILE")
    if as_of:
        parser.add_argument("--as-of", type=_step, metavar="STEP", help="the memory as it was after this policy step")
    parser.set_defaults(command=command)
    return parser


def _add(commands: "argparse._SubParsersAction[Parser]", name: str, purpose: str) -> argparse.ArgumentParser:
    own = "".join(line for line in _EXAMPLES.splitlines(keepends=True) if f"memory {name} " in line)
    return commands.add_parser(
        name,
        help=purpose,
        description=purpose,
        epilog=f"example:\n{own}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_json(command: argparse.ArgumentParser, more: str = "") -> None:
    command.add_argument("--json", action="store_true", help=f"the same as JSON{more}")


def _count(text: str) -> int:
    return _whole(text, 1)


def _step(text: str) -> int:
    return _whole(text, -_LARGEST)


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text[:40]} is too small: at least {least}")
    if value > _LARGEST:
        raise argparse.ArgumentTypeError(f"{text[:40]} is too large: at most {_LARGEST}")
    return value


def _file(run: Path) -> Path:
    if not run.is_dir():
        return run
    if not (run / _FILE).exists():
        raise MemoryStoreError(f"no {_FILE} in the folder {run}")
    return run / _FILE


def _print_json(found: object) -> None:
    print(json.dumps(found, indent=2))  # in ASCII: no text of a model can steer the terminal


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 160)


if __name__ == "__main__":
    sys.exit(main())

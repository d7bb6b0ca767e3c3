"""Look into a memory: ``python -m memory show|search|stats|diff|export RUN_OR_FILE``.

RUN_OR_FILE is a run folder with a ``memory.sqlite`` in it, or the file itself. Nothing is ever written to it. Only
this command line, and nothing that others import, borrows something of ``pmd_envs``: how command lines behave.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from memory.database import Database
from memory.documents import of_growth, of_hit, of_item, of_items
from memory.embedding import HashedNgrams
from memory.errors import MemoryStoreError, MemoryUseError, ProceduralMemoryError
from memory.records import Item, Level
from memory.search import search
from memory.store import Memory
from memory.tables import growth_table, hits_table, items_table
from pmd_envs.command_line import Parser, as_command
from pmd_envs.completion import SHELLS, Command, completion_script

_LEVELS: tuple[Level, ...] = ("experience", "insight", "behavior")
_FILE = "memory.sqlite"


@as_command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 for a bad path or file."""
    options = _parser().parse_args(arguments)
    if options.run is None:
        print(completion_script([Command("pmd-memory", "memory", _parser())], options.shell))
        return 0
    command: Callable[[argparse.Namespace, Path], None] = options.command
    try:
        command(options, _file(options.run))
    except (ProceduralMemoryError, OSError) as error:
        print(f"memory: {error}", file=sys.stderr)
        return 2
    return 0


def _show(options: argparse.Namespace, path: Path) -> None:
    with Memory(path, "r") as memory:
        held = {level: memory.items(level, options.as_of) for level in _LEVELS if options.level in (None, level)}
    if options.json:
        _print_json({level: of_items(items, options.limit) for level, items in held.items()})
        return
    for level, items in held.items():
        shown = items[: options.limit]
        _console().print(items_table(f"{level}: {len(shown)} of {len(items)}, newest first", shown))


def _search(options: argparse.Namespace, path: Path) -> None:
    with closing(Database(path, "r")) as database:
        hits = search(database, HashedNgrams(), options.query, options.limit, options.as_of)
    if options.json:
        _print_json([of_hit(hit) for hit in hits])
    else:
        _console().print(hits_table(options.query, hits))


def _stats(options: argparse.Namespace, path: Path) -> None:
    with Memory(path, "r") as memory:
        curve = [point for point in memory.growth() if options.as_of is None or point[0] <= options.as_of]
        items = [item for level in _LEVELS for item in memory.items(level, options.as_of)]
    shown = sum(item.provenance.shown for item in items)
    followed, succeeded = (sum(getattr(item.provenance, n) for item in items) for n in ("followed", "succeeded"))
    problems = len({problem for item in items for problem in item.provenance.subject_ids})
    if options.json:
        counts = {"items": len(items), "problems": problems}
        seen = {"shown": shown, "followed": followed, "succeeded": succeeded}
        _print_json({"file": str(path), **counts, **seen, "growth": of_growth(curve)})
        return
    print(f"{path}: {len(items)} items about {problems} problems")
    print(f"shown {shown} times, followed by {followed} attempts at those problems, {succeeded} of them right")
    _console().print(growth_table(curve))


def _diff(options: argparse.Namespace, path: Path) -> None:
    first, last = options.first, options.last
    if first > last:
        raise MemoryUseError(f"step {first} is after step {last}: name the earlier one first")
    with Memory(path, "r") as memory:
        changes = {level: _changes(memory.items(level, first), memory.items(level, last)) for level in _LEVELS}
    if options.json:
        _print_json(
            {
                level: {what: of_items(items, options.limit) for what, items in changed.items()}
                for level, changed in changes.items()
            }
        )
        return
    for level, changed in changes.items():
        for what, items in changed.items():
            if items:
                title = f"{level}: {len(items)} {what} from step {first} to step {last}"
                _console().print(items_table(title, items[: options.limit]))
        if not any(changed.values()):
            print(f"{level}: the same at step {first} and step {last}")


def _changes(before: Sequence[Item], after: Sequence[Item]) -> dict[str, list[Item]]:
    known, kept = {item.id for item in before}, {item.id for item in after}
    return {
        "new": [item for item in after if item.id not in known],
        "gone": [item for item in before if item.id not in kept],
    }


def _export(options: argparse.Namespace, path: Path) -> None:
    with Memory(path, "r") as memory:
        rows = [of_item(item) for level in _LEVELS for item in memory.items(level, options.as_of)]
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    if options.output is None:
        sys.stdout.write(lines)
    else:
        options.output.write_text(lines, encoding="utf-8")
        print(f"wrote {len(rows)} items to {options.output}")


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
    show.add_argument("--limit", type=_positive, default=20, help="items a level (default 20)")
    _add_json(show)
    find = _command(commands, "search", _search, "the items nearest to a text")
    find.add_argument("query")
    find.add_argument("--limit", type=_positive, default=10, help="items (default 10)")
    _add_json(find)
    stats = _command(commands, "stats", _stats, "how much it holds and how it grew")
    _add_json(stats)
    diff = _command(commands, "diff", _diff, "what came and went between two policy steps", as_of=False)
    diff.add_argument("first", type=int, metavar="STEP")
    diff.add_argument("last", type=int, metavar="LATER_STEP")
    diff.add_argument("--limit", type=_positive, default=20, help="items a table (default 20)")
    _add_json(diff)
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
        parser.add_argument("--as-of", type=int, metavar="STEP", help="the memory as it was after this policy step")
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


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="the same as JSON, with the provenance of every item")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
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

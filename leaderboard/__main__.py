"""``python -m leaderboard``: show, post, serve, export, verify, rebuild."""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from leaderboard.console import as_json, drift_table, table
from leaderboard.errors import StoreError
from leaderboard.fields import printable
from leaderboard.progress import rescore_before
from leaderboard.ranking import Board
from leaderboard.reverification import by_version
from leaderboard.store import Leaderboard, Posted, usual_database
from leaderboard.upload import check_token, send
from pmd_envs.command_line import Parser, as_command
from pmd_envs.completion import SHELLS, Command, completion_script
from pmd_envs.env_ids import import_module
from pmd_envs.errors import PMDError, unknown

_EXAMPLES = """\
  python -m leaderboard post runs/pmd-nano-seed0    verify a run and add it
  python -m leaderboard show                        all boards
  python -m leaderboard show --suite default --json
  python -m leaderboard serve                       pages at http://127.0.0.1:8470/
  python -m leaderboard export site                 write site/index.html and its pages
  python -m leaderboard verify                      score all episodes again, show what drifted
  python -m leaderboard post runs/pmd-nano-seed0 --to http://10.0.0.5:8470
  python -m leaderboard rebuild runs more-runs      read all run folders again; no entry is removed
  eval "$(python -m leaderboard complete bash)"    then: pmd-leaderboard <Tab>
"""
_NOTES = """
The database is ./leaderboard.sqlite; PMD_LEADERBOARD or --db names another one. With PMD_LEADERBOARD_TOKEN set,
serve takes runs over HTTP from everyone who has the same token, and post --to sends it.
Exit status: 0 done, 1 rebuild left runs out or verify found other scores or could not score all, 2 a mistake or a
refused run, 130 stopped with Ctrl-C (what a command does, it does as a whole or not at all; verify keeps the entries
that it has done; serve, which ends so, 0).
"""


_TOKEN = "PMD_LEADERBOARD_TOKEN"
_PAGES = Path("leaderboard_page")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m leaderboard",
        description="Rank runs whose scores were confirmed.",
        epilog=f"examples:\n{_EXAMPLES}{_NOTES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = Parser(add_help=False)
    common.add_argument("--db", type=Path, metavar="FILE", help="the SQLite file (default: ./leaderboard.sqlite)")
    common.add_argument(
        "--import",
        dest="modules",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module first, which registers environments of one's own; may be given several times",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, action: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        own = "".join(line for line in _EXAMPLES.splitlines(keepends=True) if f"leaderboard {name}" in line)
        command = commands.add_parser(
            name,
            parents=[common],
            help=summary,
            description=summary,
            epilog=f"examples:\n{own}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(action=action)
        return command

    show = add("show", _show, "Show the boards.")
    show.add_argument("--suite", help="only this suite")
    show.add_argument("--json", action="store_true", help="everything, as JSON")
    post = add("post", _post, "Verify a run folder and add it.")
    post.add_argument("run", type=Path, metavar="RUN", help="folder with report.json and evaluation.jsonl")
    post.add_argument("--to", metavar="URL", help="send it to this server instead of the database")
    post.add_argument("--json", action="store_true", help="the result as JSON")
    serve = add("serve", _serve, "Show the pages over HTTP (needs the extra web).")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    serve.add_argument("--port", type=int, default=8470, help="0 takes a free one (default: 8470)")
    serve.add_argument("--json", action="store_true", help="the address as JSON, on one line")
    verify = add("verify", _verify, "Score all episodes again and show what changed, by version of the verifier.")
    verify.add_argument("--json", action="store_true", help="every entry, as JSON")
    export = add("export", _export, "Write everything as pages that need no server.")
    export.add_argument("folder", type=Path, nargs="?", default=_PAGES, metavar="DIR", help=f"default: {_PAGES}")
    export.add_argument("--json", action="store_true", help="where the first page is, as JSON")
    rebuild = add("rebuild", _rebuild, "Read run folders again; entries without a folder there stay as they are.")
    rebuild.add_argument("runs", type=Path, nargs="+", metavar="RUNS_DIR", help="all run folders below are read")
    rebuild.add_argument("--json", action="store_true", help="what was taken and left out, as JSON")
    complete = add("complete", _complete, "Print a script that completes commands and options in a shell.")
    complete.add_argument("shell", choices=SHELLS)
    return parser


def _leaderboard(arguments: argparse.Namespace) -> Leaderboard:
    return Leaderboard(arguments.db or usual_database(), rescore_before(Console(stderr=True)))


def _show(arguments: argparse.Namespace) -> int:
    boards = _of_suite(_leaderboard(arguments).boards(), arguments.suite)
    if arguments.json:
        print(as_json(boards))
        return 0
    console = Console()
    for board in boards:
        console.print(table(board, console.width))
    if not boards:
        console.print("No run has been posted yet.")
    return 0


def _of_suite(boards: Sequence[Board], suite: str | None) -> list[Board]:
    if suite is None:
        return list(boards)
    suites = sorted({board.suite for board in boards})
    if suite not in suites:
        raise unknown("suite", suite, suites)
    return [board for board in boards if board.suite == suite]


def _post(arguments: argparse.Namespace) -> int:
    if arguments.to is not None:
        posted = send(arguments.run, arguments.to, os.environ.get(_TOKEN, ""))
    else:
        posted = _leaderboard(arguments).post(arguments.run)
    if arguments.json:
        print(json.dumps(asdict(posted), indent=2))
        return 0
    print(f"already posted as entry {posted.entry_id}" if posted.already else f"posted as entry {posted.entry_id}")
    print(_place(posted))
    return 0


def _place(posted: Posted) -> str:
    if posted.mark:
        return f"not ranked on board {posted.board}: {posted.mark}"
    if posted.rank is None:
        return f"not ranked on board {posted.board}: no row after training and without memory, or replaced since"
    return f"rank {posted.rank} of {posted.of} on board {posted.board}"


def _export(arguments: argparse.Namespace) -> int:
    page = _leaderboard(arguments).export(arguments.folder)
    print(json.dumps({"page": str(page)}) if arguments.json else page)
    return 0


def _complete(arguments: argparse.Namespace) -> int:
    print(completion_script([Command("pmd-leaderboard", "leaderboard", _parser())], arguments.shell))
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    try:
        from leaderboard.web import serve
    except ImportError as error:
        raise StoreError(f"serve needs the extra web: pip install -e '.[train,web]' ({error})") from error
    if not 0 <= arguments.port < 2**16:
        raise StoreError(f"--port {arguments.port} is not between 0 and 65535")
    token = os.environ.get(_TOKEN, "")
    check_token(token)
    try:
        serve(
            _leaderboard(arguments),
            arguments.host,
            arguments.port,
            token,
            lambda address: print(
                json.dumps({"address": address}) if arguments.json else f"serving at {address} (stop with Ctrl-C)",
                flush=True,
            ),
        )
    except OSError as error:
        raise StoreError(f"cannot listen at {arguments.host}:{arguments.port}: {error.strerror or error}") from error
    except KeyboardInterrupt:
        pass
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    verifications = _leaderboard(arguments).verify()
    status = int(any(verification.changed or verification.unavailable for verification in verifications))
    if arguments.json:
        print(json.dumps([{**asdict(v), "changed": v.changed} for v in verifications], indent=2))
        return status
    console = Console()
    console.print(drift_table(by_version(verifications), console.width))
    for verification in verifications:
        for text in verification.detail:
            print(f"entry {verification.entry_id} ({verification.run_id}): {text}")
        for env in verification.environments:
            if env.unavailable:
                where = f"entry {verification.entry_id} ({verification.run_id}), {env.env}"
                print(f"{where} not checked: {env.unavailable}")
    return status


def _rebuild(arguments: argparse.Namespace) -> int:
    rebuilt = _leaderboard(arguments).rebuild(*arguments.runs)
    if arguments.json:
        left_out = [{"folder": str(folder), "reason": reason} for folder, reason in rebuilt.refused]
        counts = {"entries": rebuilt.entries, "kept": rebuilt.kept}
        print(json.dumps({**counts, "left_out": left_out}, indent=2))
        return 1 if rebuilt.refused else 0
    for folder, reason in rebuilt.refused:
        print(printable(f"left out {folder}: {reason}"), file=sys.stderr)
    kept = f", {rebuilt.kept} of them as they were: their folders are elsewhere or refused" if rebuilt.kept else ""
    print(f"{rebuilt.entries} entries{kept}")
    return 1 if rebuilt.refused else 0


@as_command
def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name, or a dash, may not exist in the terminal's encoding
    arguments = _parser().parse_args(argv)
    action: Callable[[argparse.Namespace], int] = arguments.action
    try:
        for module in arguments.modules:
            import_module(module)
        return action(arguments)
    except PMDError as error:
        print(f"leaderboard: error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("leaderboard: error: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

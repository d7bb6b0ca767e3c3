#!/usr/bin/env python3
"""Train an agent, measure it on held-out problems and post the result: ``python benchmarks/run.py --agent pmd``."""

import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

# A script started by its path finds the folder it lies in first: benchmarks/, whose statistics.py would then stand in
# for the standard library's. The checkout takes that place, first of all: our top-level packages have common names, and
# a stranger's installed `agents` must not be imported instead.
if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import torch
import tyro
from rich.console import Console
from safetensors import SafetensorError

from agents.folder_lock import InUseError
from agents.policies import check_device
from agents.served import ServerError
from benchmarks.cells import IN_USE
from benchmarks.data_used import DataUsed
from benchmarks.disk import is_full
from benchmarks.evaluation_cache import EvaluationCache
from benchmarks.files import check_folder, make_own_folder
from benchmarks.folder import RunFolder, TakenError
from benchmarks.listing import listed, listing
from benchmarks.options import Options, choose_folder, positive
from benchmarks.pace import duration
from benchmarks.places import check_places, member_folder
from benchmarks.ready import Ready, check_names, prepare
from benchmarks.report import Report
from benchmarks.runner import Run
from benchmarks.screen import Screen
from benchmarks.suites import GROUPS
from leaderboard import Leaderboard, LeaderboardError
from leaderboard.alike import different
from leaderboard.entry import REPORT_FILE
from leaderboard.progress import rescore_before
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError
from pmd_envs.records import Json

PAGE = Path("leaderboard_page")


def main() -> int:
    """Run, and turn a caller's mistakes into one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    console = Console(stderr=options.json)
    try:
        run(options, Screen(console))
    except InUseError as error:
        return _fail(str(error), status=IN_USE)
    except ServerError as error:
        return _fail(str(error), status=1)
    except PMDError as error:
        return _fail(str(error))
    except (OSError, RuntimeError, sqlite3.Error, SafetensorError) as error:
        if not is_full(error, options.out or Path()):
            raise
        return _fail(f"the disk of {options.out or Path('runs')} is full; free some space, then go on with --resume")
    except KeyboardInterrupt:
        return _fail("stopped; the same command with --resume goes on from the last finished step", status=130)
    return 0


def _fail(message: str, status: int = 2) -> int:
    sys.stderr.write(f"error: {message}\n")
    return status


def run(options: Options, screen: Screen) -> None:
    """Do the run that the options describe, or the runs of a group of suites."""
    if options.list:
        _print_json({kind: list(names) for kind, names in listed().items()}) if options.json else sys.stdout.write(
            f"{listing()}\n"
        )
        return
    check_device(options.device)
    if options.out is not None:
        check_folder(options.out)
    if options.threads is not None:
        torch.set_num_threads(positive("--threads", options.threads))
    if options.suite in GROUPS:
        run_group(options, screen)
        return
    ready = prepare(options)
    if options.dry_run:
        _estimate(ready, screen)
        return
    check_board(options)
    report = measure(ready, None, screen, resume=options.resume)
    if options.json:
        _print_json(asdict(report))


def _estimate(ready: Ready, screen: Screen) -> None:
    policy = ready.load()
    found, prompt = ready.estimate(policy), ready.first_prompt(policy)
    if ready.options.json:
        _print_json(found.as_json() | {"prompt": prompt})
        return
    screen.say(f"{ready.options.agent} on {ready.plan.suite.name}: {found}")
    if prompt:
        screen.say(f"the policy's first prompt:\n{prompt}")


def run_group(options: Options, screen: Screen) -> None:
    """A run for each suite of a group, one after another. None starts before all of them could."""
    if options.env:
        raise ConfigError(f"--env stands for the environments of one suite, and {options.suite!r} is several")
    ready = [prepare(replace(options, suite=name)) for name in GROUPS[options.suite]]
    if options.dry_run:
        _estimate_group(options, ready, screen)
        return
    check_board(options)
    base = choose_folder(options)
    folders = {member_folder(base, options.suite, each.plan.suite.name): each for each in ready}
    check_places(base, {folder: each.plan.config for folder, each in folders.items()}, resume=options.resume)
    reports = []
    for folder, each in folders.items():
        if (folder / REPORT_FILE).exists():
            screen.say(f"done before: {folder}")
            reports.append(Report.read(folder / REPORT_FILE))
            if options.post:
                post(options, folder, screen)  # it may have been killed before it was
        else:
            reports.append(measure(each, folder, screen, resume=(folder / "config.json").exists()))
    screen.group(options.suite, reports)
    if options.json:
        _print_json([asdict(report) for report in reports])


def _estimate_group(options: Options, ready: Sequence[Ready], screen: Screen) -> None:
    policy = ready[0].load()
    found = {each.plan.suite.name: each.estimate(policy) for each in ready}
    for name, one in found.items():
        screen.say(f"{options.agent} on {name}: {one}")
    seconds = [one.seconds for one in found.values() if one.seconds is not None]
    known = f"about {duration(sum(seconds))}" if len(seconds) == len(found) else "depends on the server"
    screen.say(f"all of them, one after another: {known}")
    if options.json:
        _print_json([{"suite": name, **one.as_json()} for name, one in found.items()])


def measure(ready: Ready, place: Path | None, screen: Screen, *, resume: bool) -> Report:
    """Do one run, or what is left of it, and post it; in the folder of the options if no other is named."""
    check_names(run_id=(place or choose_folder(ready.options)).resolve().name)
    if ready.options.cache is not None:
        make_own_folder(ready.options.cache, "--cache")
    options, plan, policy = ready.options, ready.plan, ready.load()
    verifiers = DataUsed.of_verifiers(ready.held_out)
    began = (*ready.data(), *verifiers, *DataUsed.of_weights(policy, plan.weights.policy))
    if place is None:
        folder = open_folder(options, plan.config, began)
    else:
        folder = RunFolder(place, plan.config, resume=resume, data=began)
    screen.say(
        f"{options.agent}: {plan.steps} training steps with {options.policy} on {len(plan.suite.envs)} environments"
    )
    if short := ready.too_short_for():
        screen.say(f"note: {short}")
    screen.say(f"run folder: {folder.path}")
    for line in pool_lines(ready):
        screen.say(line)
    cache = EvaluationCache(options.cache) if options.cache is not None else None
    problems = ready.training, ready.held_out
    work = Run(plan, policy, *problems, folder, screen, cache, ready.unseen, recompute=options.recompute)
    report = work.execute()
    screen.results(report, work.unseen_rows)
    if options.post:
        post(options, folder.path, screen)
    return report


def pool_lines(ready: Ready) -> list[str]:
    """What is to be said of pools that have fewer problems than were asked for, or the same ones several times."""
    pool = ready.plan.suite.pool
    if not ready.plan.agent.trains:
        return []
    found = {part.choice.id: different(part.same) for part in ready.training}
    return [
        f"{env}: {count:,} problems to train on differ in more than names and examples, where pool = {pool:,}"
        for env, count in found.items()
        if count < pool
    ]


def open_folder(options: Options, config: dict[str, Json], data: Sequence[DataUsed]) -> RunFolder:
    """The folder of the options; if nobody named one, and others take it just now, the next that is free."""
    while True:
        place = choose_folder(options)
        try:
            return RunFolder(place, config, resume=options.resume, data=data)
        except (InUseError, TakenError):
            if options.out is not None or options.resume:
                raise


def _print_json(value: Json) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def check_board(options: Options) -> None:
    """Refuse a leaderboard that the run could not be posted to, before hours are spent on it.

    Raises:
        StoreError: It is no leaderboard, or none can be there.
    """
    if options.post:
        Leaderboard(options.leaderboard).check()


def post(options: Options, folder: Path, screen: Screen) -> None:
    """Post the run and write the page; what is refused or cannot be written is said, and the run is kept."""
    board = Leaderboard(options.leaderboard, rescore_before(screen.console))
    try:
        posted = board.post(folder)
    except LeaderboardError as error:
        screen.say(f"not posted to {options.leaderboard}: {error}")
        return
    unranked = f"not ranked: {posted.mark}" if posted.mark else "not ranked"
    rank = f"rank {posted.rank} of {posted.of}" if posted.rank is not None else unranked
    screen.say(f"leaderboard: entry {posted.entry_id}, {rank} ({options.leaderboard})")
    try:
        screen.say(f"page: {board.export(PAGE).resolve()}")
    except (LeaderboardError, OSError) as error:
        screen.say(f"page: not written to {PAGE}: {error}")


if __name__ == "__main__":
    sys.exit(main())

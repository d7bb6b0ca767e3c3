#!/usr/bin/env python3
"""The solve rate by level: are the levels of the generators harder and harder? ``python benchmarks/levels.py``.

Held-out problems of every level of the families that nano has been taught, or of others, without help. A level is out
of order if the whole interval of its solve rate is above that of the level below it. ``--course`` first teaches a copy
of the policy all kinds of problem of all levels of an environment alike, so that what it has read before, and how many
kinds a level has, does not blur what is compared.
"""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import gymnasium
import numpy as np
import tyro
from rich.console import Console

from agents.nano.course import Course, lesson, take_course
from agents.nano.teaching import CURRICULUM
from agents.nano.trainer import Row
from agents.nano.training_folder import CHECKPOINT, claim
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from benchmarks.evaluate import Problems, evaluate, held_out_rollout
from benchmarks.evaluation_cache import digest_start
from benchmarks.files import make_folder
from benchmarks.plots import figure_files, level_curves
from benchmarks.screen import Screen
from benchmarks.solve_rates import Level, curves, out_of_order, read_levels, table, title, write_levels
from benchmarks.statistics import avg_at_k, bootstrap_interval
from benchmarks.suites import EnvChoice
from pmd_envs.command_line import read_options
from pmd_envs.env import load_family
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError, PMDError, unknown
from pmd_envs.records import Json
from pmd_envs.registry import environment_ids

UNTAUGHT = 96
"""Longest response of a policy that has taken no course, in tokens: as in the default suite."""
AT_ONCE = 64  # problems, so that a level of any size fits into memory


@dataclass(frozen=True)
class Options:
    """Measure the solve rate of a policy at every level of the generated families.

    Examples:
      python benchmarks/levels.py
      python benchmarks/levels.py --env pmd/GSM8K-v0 --env pmd/Ordering-v0 --problems 30 --out levels.csv
      python benchmarks/levels.py --env pmd/Sudoku-v0 --json > levels.json
      python benchmarks/levels.py --env pmd/Countdown-v0 --course 300 --out course.csv
      python benchmarks/levels.py --env pmd/Ordering-v0 --teach 1 2 3 --course 3000 --rate 1 --courses runs/courses

    Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
    """

    policy: str = "nano"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    env: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """Environments, if not those that nano has been taught; may be given several times."""
    levels: tuple[int, ...] | None = None
    """Levels that are measured, and taught by a course, if not all."""
    teach: tuple[int, ...] | None = None
    """Levels that a course teaches, if not those that are measured."""
    split: str = "validation"
    """Problems are taken from here: test or validation."""
    problems: int = 100
    """Different problems of each level, as far as it has so many."""
    course: int = 0
    """Steps in which the policy first reads gold solutions, as many of each kind at each level; 0 for none."""
    lessons: int | None = None
    """Train problems of each level that it reads from; unless told, as many as it reads, to know none by heart."""
    rate: float = Course.rate
    """Learning rate at the start of a course, as a share of that of nano's pretraining."""
    compiled: bool = False
    """Compile the model for a course: faster if it is long, and needs a C++ compiler."""
    courses: Path | None = None
    """Folder for the checkpoints and losses of courses: the same command then goes on where it was stopped."""
    k: int = 4
    """Attempts at each problem."""
    temperature: float = 1.0
    """As in training."""
    max_new_tokens: int | None = None
    """Longest response: 96 unless told, as in the default suite; after a course a quarter more than its longest."""
    seed: int = 0
    """Decides what is sampled."""
    device: str = "auto"
    """auto, cpu or cuda."""
    out: Path = Path("levels.csv")
    """A row for each level; the plot goes beside it, as PNG and SVG."""
    keep: bool = False
    """Keep what --out already has of other environments, and draw it too."""
    json: bool = False
    """Print the results as JSON, and everything else to stderr."""


def main() -> int:
    """Measure, print, write and draw; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    try:
        found = run(options, Screen(Console(stderr=options.json)))
        if options.json:
            sys.stdout.write(json.dumps(as_json(options, found), indent=2) + "\n")
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(f"error: stopped; {options.out} has the levels that were finished, if any was\n")
        return 130
    return 0


def run(options: Options, screen: Screen) -> list[Level]:
    """Do what the options say, and tell what was measured."""
    env_ids = tuple(map(known_id, options.env)) or taught()
    _check(options, env_ids)
    make_folder(options.out)
    others = [one for one in read_levels(options.out) if one.env_id not in env_ids] if options.keep else []
    policy = load_policy(options.policy, options.device)
    found: list[Level] = []
    for env_id in env_ids:
        levels = sorted(set(options.levels)) if options.levels else _levels_of(env_id)
        student, longest = policy, options.max_new_tokens or UNTAUGHT
        if options.course:
            student, longest = teach(options, policy, env_id, levels, screen)
        for level in levels:
            found.append(measure(options, student, env_id, level, longest, screen))
            write_levels([*others, *found], options.out)
    screen.console.print(table(found))
    for lower, upper in out_of_order(found):
        screen.say(f"{upper.env_id}: level {upper.difficulty} is easier than level {lower.difficulty}")
    png, svg = figure_files(options.out.with_suffix(".png"))
    level_curves(curves([*others, *found]), png, title([*others, *found]))
    screen.say(f"written: {options.out}, {png}, {svg}")
    return found


def as_json(options: Options, found: Sequence[Level]) -> dict[str, Json]:
    """What was measured, and with what."""
    wrong: list[Json] = [
        {"env_id": lower.env_id, "lower": lower.difficulty, "upper": upper.difficulty}
        for lower, upper in out_of_order(found)
    ]
    return {
        "policy": options.policy,
        "split": options.split,
        "seed": options.seed,
        "problems": options.problems,
        "k": options.k,
        "course": options.course,
        "teach": list(options.teach or ()),
        "levels": [dict(asdict(one)) for one in found],
        "out_of_order": wrong,
    }


def _levels_of(env_id: str) -> Sequence[int]:
    return load_family(str(gymnasium.spec(env_id).kwargs["family"])).difficulties


def taught() -> tuple[str, ...]:
    """The environments whose families nano has been taught, in the order of its curriculum."""
    ids = {str(gymnasium.spec(env_id).kwargs["family"]): env_id for env_id in environment_ids()}
    return tuple(dict.fromkeys(ids[subject.path] for subject in CURRICULUM))


def teach(options: Options, policy: Policy, env_id: str, asked: Sequence[int], screen: Screen) -> tuple[Policy, int]:
    """A copy of the policy after its course in one environment, and the longest response it may give, in tokens."""
    read: dict[tuple[int, str], list[Row]] = {}
    levels = sorted(set(options.teach)) if options.teach else asked
    course = Course(options.course, rate=options.rate, seed=options.seed, compiled=options.compiled)
    lessons = options.lessons or -(-course.steps * course.rows // len(levels))
    longest = 0
    with screen.counting(f"{env_id}: lessons", len({*levels, *asked})) as advance:
        for level in sorted({*levels, *asked}):
            part = problems_of(env_id, level, "train", lessons if level in levels else options.problems)
            for task in part.tasks:
                kind = level, str(task.facts.get("kind", ""))
                row = lesson(policy, part.env.family, task)
                longest = max(longest, sum(row[1]))
                if level in levels:
                    read.setdefault(kind, []).append(row)
            advance(1)
    groups = list(read.values())
    with screen.counting(f"{env_id}: course", options.course) as advance:
        if options.courses is None:
            student = take_course(policy, groups, course, advance)
        else:
            folder = options.courses / env_id.replace("/", "-")
            of: dict[str, Json] = {"env": env_id, "levels": list(levels), "policy": options.policy, "lessons": lessons}
            of["weights"] = digest_start(policy)  # the policy of that name may become another one
            with claim(folder, of | asdict(course)):
                student = take_course(policy, groups, course, advance, folder)
    return student, options.max_new_tokens or longest * 5 // 4


def problems_of(env_id: str, difficulty: int, split: str, count: int) -> Problems:
    """Generated problems of one level."""
    return Problems.open(choice_of(env_id, difficulty), split, count)


def choice_of(env_id: str, difficulty: int) -> EnvChoice:
    """The generated problems of one level, answered as a whole."""
    return EnvChoice(env_id, {"granularity": "episode", "source": "generated", "difficulty": difficulty})


def measure(
    options: Options, policy: Policy, env_id: str, difficulty: int, max_new_tokens: int, screen: Screen
) -> Level:
    """The solve rate of one level."""
    part = Problems.open_distinct(choice_of(env_id, difficulty), options.split, options.problems)
    if len(part.tasks) < options.problems:
        screen.say(f"{env_id}: level {difficulty} has only {len(part.tasks)} different problems")
    sampling = Sampling(max_new_tokens=max_new_tokens, temperature=options.temperature)
    rollout = held_out_rollout(options.k, sampling, options.seed)
    scores: list[list[float]] = []
    with screen.counting(f"{env_id} {difficulty}", len(part.tasks) * options.k) as advance:
        for start in range(0, len(part.tasks), AT_ONCE):
            some = Problems(part.choice, part.split, part.env, part.tasks[start : start + AT_ONCE])
            groups = evaluate(policy, [some], rollout, policy_step=0, advance=advance, first=start * options.k)
            scores += [[episode.verdict.score for episode in group.episodes] for group in groups]
    grid = np.array(scores, dtype=np.float64)
    interval = bootstrap_interval([grid], options.seed, [part.same])
    how = options.policy, options.course, options.split, len(part.tasks), options.k
    return Level(env_id, difficulty, avg_at_k(grid), interval.low, interval.high, *how)


def _check(options: Options, env_ids: Sequence[str]) -> None:
    """Refuse mistakes before anything is loaded."""
    if options.split not in ("test", "validation"):
        raise unknown("split", options.split, ("test", "validation"))
    for name, value in (("problems", options.problems), ("k", options.k), ("lessons", options.lessons)):
        if value is not None and value < 1:
            raise ConfigError(f"--{name} {value} is below 1")
    _check_course(options)
    for env_id in env_ids:
        if env_id not in environment_ids():
            raise unknown("environment", env_id, environment_ids())
        missing = sorted({*(options.levels or ()), *(options.teach or ())} - set(_levels_of(env_id)))
        if missing:
            raise ConfigError(f"{env_id} has no level {missing[0]}; it has {', '.join(map(str, _levels_of(env_id)))}")
    if options.out.suffix in (".png", ".svg"):
        raise ConfigError(f"--out {options.out} is where the numbers go, and figures have that ending: take *.csv")


def _check_course(options: Options) -> None:
    if not 0 <= options.temperature < math.inf:
        raise ConfigError(f"--temperature {options.temperature} is below 0 or no number")
    if options.course < 0:
        raise ConfigError(f"--course {options.course} is below 0")
    if options.teach and not options.course:
        raise ConfigError(f"--teach {' '.join(map(str, options.teach))} is for a course: how long, says --course")
    if not 0 < options.rate < math.inf:
        raise ConfigError(f"--rate {options.rate} is no learning rate above 0")
    if options.courses:
        make_folder(options.courses / CHECKPOINT)


if __name__ == "__main__":
    sys.exit(main())

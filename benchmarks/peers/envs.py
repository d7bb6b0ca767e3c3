#!/usr/bin/env python3
"""Environment throughput: reset-and-step pairs a second, beside Gymnasium's CartPole and other text environments.

Run from the checkout, on a machine that does nothing else::

    python benchmarks/peers/envs.py
    python benchmarks/peers/envs.py --seconds 5 --envs 64
    python benchmarks/peers/envs.py --json > envs.json
    PMD_DATA_DIR=... python benchmarks/peers/envs.py --source local
    python benchmarks/peers/envs.py --generation --seconds 0.5

One process. A pair of ours starts an episode on a word problem and judges a plain answer: once on problems that were
drawn before (as in training, where groups share a problem) and once on new ones, whose generation counts. Peers that
are not installed are named and left out: reasoning-gym generates and scores an item, skyrl-gym and gem start and
step their GSM8K or math environment. The vector environments step the same actions; AsyncVectorEnv has a process for
each of its environments, so that it spreads over all cores what ours does in one: with ``--source generated`` most of
the time of an answer goes into making the next problem. Medians of five turns, in which the candidates take their turn
one after the other. ``--generation`` prints instead how many problems a minute each generated family draws at each
of its levels, in one process, each for at least one problem and ``--seconds``.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import functools
import itertools
import random
import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import gymnasium
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from benchmarks.measurement import json_option, measuring
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.env import load_family
from pmd_envs.family import Family
from pmd_envs.records import Json
from pmd_envs.registry import environment_ids

ENV = "pmd/GSM8K-v0"
KNOWN = 512
TURNS = 5
Round = Callable[[], int]
"""Does some pairs and says how many."""


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn of each candidate (default 1)")
    parser.add_argument("--envs", type=int, default=64, help="size of the vector environments (default 64)")
    parser.add_argument("--source", default="generated", help="of our problems: generated, local or hub")
    parser.add_argument("--generation", action="store_true", help="problems a minute of each family and level instead")
    json_option(parser)
    options = parser.parse_args()
    with measuring(options.json) as found:
        return _generation(options.seconds, found) if options.generation else _measure(options, found)


def _measure(options: Namespace, found: dict[str, Json]) -> int:
    make = functools.partial(_make, source=options.source)
    candidates: dict[str, Round] = {
        "ours, known problems": _ours(make(), fresh=False),
        "ours, new problems": _ours(make(), fresh=True),
        "CartPole": _cartpole(),
    }
    for name, peer in (("reasoning-gym", _reasoning_gym), ("skyrl-gym", _skyrl_gym), ("gem", _gem)):
        try:
            candidates[name] = peer()
        except (ImportError, AttributeError, KeyError, TypeError, ValueError) as error:
            print(f"{name}: left out ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})")
    found |= {"seconds": options.seconds, "envs": options.envs, "source": options.source}
    found["pairs_per_second"] = _table("pairs of reset and step", candidates, options.seconds)
    found["steps_per_second"] = steps = {}
    for title, actions, granularity in (
        ("lines that end no episode", ("Let me see.",), "step"),
        ("episodes of four lines", ("Let me see.", "Let me see.", "Let me see.", "#### 42"), "step"),
        ("answers, each of which starts a new problem", ("#### 42",), "episode"),
    ):
        vectors = _vectors(functools.partial(make, granularity), options.envs)
        rounds = {name: functools.partial(_steps, vector, actions) for name, vector in vectors.items()}
        rates = _table(f"steps of {options.envs} environments side by side, {title}", rounds, options.seconds)
        steps[title] = dict(rates)
        print(f"ours / AsyncVectorEnv: {rates['ours'] / rates['AsyncVectorEnv']:.1f}")
        for vector in vectors.values():
            vector.close()
    return 0


def _generation(seconds: float, found: dict[str, Json]) -> int:
    """A line for each family, with the problems a minute of each of its levels."""
    paths = {env_id: str(gymnasium.spec(env_id).kwargs["family"]) for env_id in environment_ids()}
    found["problems_per_minute"] = drawn = {}
    print("problems drawn a minute, by level:")
    for env_id, path in paths.items():
        if "/rg-" in env_id:  # these are made by reasoning-gym
            continue
        family = load_family(path)
        family.generate(random.Random(0), family.difficulties[-1])  # what is made once
        rates = {str(level): _rate(_draws(family, level), seconds) * 60 for level in family.difficulties}
        drawn[env_id] = dict(rates)
        print(f"{env_id:>28}: {' '.join(f'{rate:10,.0f}' for rate in rates.values())}", flush=True)
    return 0


def _draws(family: Family, level: int) -> Round:
    number = itertools.count()

    def do() -> int:
        family.generate(random.Random(f"generation/{level}/{next(number)}"), level)
        return 1

    return do


def _table(title: str, candidates: dict[str, Round], seconds: float) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(TURNS + 1):
        for name, do in candidates.items():
            rate = _rate(do, seconds)
            if turn:  # the first turn warms up
                rates[name].append(rate)
    print(f"\n{title}, a second:")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, median in medians.items():
        print(f"{name:>24}: {median:12,.0f}   ({min(rates[name]):,.0f} to {max(rates[name]):,.0f})")
    return medians


def _rate(do: Round, seconds: float) -> float:
    began, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        done += do()
    return done / passed


def _make(granularity: str = "episode", source: str = "generated") -> gymnasium.Env:
    return gymnasium.make(ENV, source=source, granularity=granularity, disable_env_checker=True)


def _ours(env: gymnasium.Env, fresh: bool) -> Round:
    known = [env.unwrapped.dataset.at(index) for index in range(KNOWN)]
    pairs = [({"task_id": task.id}, f"#### {task.gold}") for task in known]

    def on_known() -> int:
        for options, answer in pairs:
            env.reset(options=options)
            if env.step(answer)[1] != 1:
                raise RuntimeError("a right answer was not paid")
        return len(pairs)

    def on_new() -> int:
        for _ in range(64):
            env.reset()
            if env.step(f"#### {env.unwrapped.task.gold}")[1] != 1:
                raise RuntimeError("a right answer was not paid")
        return 64

    return on_new if fresh else on_known


def _cartpole() -> Round:
    env = gymnasium.make("CartPole-v1", disable_env_checker=True)

    def do() -> int:
        for _ in range(KNOWN):
            env.reset()
            env.step(1)
        return KNOWN

    return do


def _reasoning_gym() -> Round:
    gym = import_module("reasoning_gym")
    data = gym.create_dataset("gsm_symbolic", seed=0, size=1_000_000)
    place = iter(range(1_000_000))

    def do() -> int:
        for _ in range(16):
            item = data[next(place)]
            data.score_answer(item["answer"], item)  # not all of its own answers are paid
        return 16

    return do


def _skyrl_gym() -> Round:
    gym = import_module("skyrl_gym")
    extras = {"reward_spec": {"method": "rule", "ground_truth": "42"}}

    def do() -> int:
        for _ in range(64):
            env = gym.make("gsm8k", extras=extras)
            env.init([{"role": "user", "content": "What is 6 * 7?"}])
            env.step("#### 42")
        return 64

    return do


def _gem() -> Round:
    gem = import_module("gem")
    env = gem.make("rg:gsm_symbolic")

    def do() -> int:
        for _ in range(16):
            env.reset()
            env.step("\\boxed{42}")
        return 16

    return do


def _vectors(make: Callable[[], gymnasium.Env], count: int) -> dict[str, gymnasium.vector.VectorEnv]:
    makers = [make] * count
    kwargs = make().spec.kwargs
    vectors = {
        "ours": gymnasium.make_vec(ENV, num_envs=count, source=kwargs["source"], granularity=kwargs["granularity"]),
        "SyncVectorEnv": SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP),
        "AsyncVectorEnv": AsyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP),
    }
    for place, vector in enumerate(vectors.values()):
        vector.reset(seed=1_000_003 * place)  # apart, so that none finds what another has drawn
    return vectors


def _steps(vector: gymnasium.vector.VectorEnv, actions: Sequence[str]) -> int:
    for action in actions:
        vector.step((action,) * vector.num_envs)
    return len(actions) * vector.num_envs


if __name__ == "__main__":
    sys.exit(main())

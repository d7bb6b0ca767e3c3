#!/usr/bin/env python3
"""What a training step costs, by part, beside another agent's: PMD's beside SDPO's, memory and reflection included.

Run from the checkout, on a machine that does nothing else::

    python benchmarks/peers/step_cost.py
    python benchmarks/peers/step_cost.py sdpo-anchored pmd-anchored --suite hard --steps 20
    python benchmarks/peers/step_cost.py --json > step_cost.json

Each trains from the same weights on the same problems, in one process, and takes a step when the others have taken
theirs, so that a machine that slows down does so for all. The first steps warm up. Behaviors are written at the end of
an epoch (an epoch is as many steps as a suite has training problems, by those in a step), and the fuller a memory is,
the more its teachers read: take a few epochs. Measurements that no agent needs (how far the policy has moved,
validation) are left out. A ratio is one of sums over steps, beside it are the lowest and highest of fifths of them.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import torch

from agents.policies import DTYPES, load_policy
from agents.registry import make_agent
from agents.rollout import roll_out
from agents.train import Clock, learn_from
from benchmarks.evaluate import Problems
from benchmarks.measurement import json_option, measuring
from benchmarks.peers.our_steps import Training, in_training
from benchmarks.suite_files import find_suite
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

WARM_UP = 2
_PIECES = 5
Parts = dict[str, float]


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("agents", nargs="*", default=["sdpo", "pmd"], help="agents or arms (default: sdpo pmd)")
    parser.add_argument("--policy", default="nano", help="nano, smollm2, a folder or a Hugging Face id")
    parser.add_argument("--suite", default="medium", help="what is trained on: a name, or a TOML file (default medium)")
    parser.add_argument("--steps", type=int, default=60, help="measured steps of each (default 60)")
    parser.add_argument("--dtype", choices=tuple(DTYPES), default="auto", help="of the weights (default auto: float32)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default 2)")
    json_option(parser)
    options = parser.parse_args()
    if options.steps < _PIECES:
        raise ConfigError(f"--steps {options.steps} is below {_PIECES}")
    if len(set(options.agents)) < 2:
        raise ConfigError(f"two agents at least are compared, and these are {', '.join(options.agents)}")
    torch.set_num_threads(options.threads)
    suite = replace(find_suite(options.suite), steps=options.steps + WARM_UP)
    problems = tuple(Problems.open(choice, "train", suite.pool) for choice in suite.known_envs)
    with measuring(options.json) as found, ExitStack() as stack:
        trained = {
            name: stack.enter_context(
                in_training(make_agent(name, {}), load_policy(options.policy, dtype=options.dtype), problems, suite)
            )
            for name in dict.fromkeys(options.agents)
        }
        taken = _take_turns(trained)
        found |= {"policy": options.policy, "dtype": options.dtype, "suite": suite.name}
        found |= {"steps": options.steps, "threads": options.threads}
        found |= _told(taken)
    return 0


def _take_turns(trained: dict[str, Training]) -> dict[str, list[Parts]]:
    """Seconds of each step by part: a step of every agent, then the next one."""
    taken: dict[str, list[Parts]] = {name: [] for name in trained}
    steps = next(iter(trained.values())).config.steps
    for step in range(steps):
        for name, (agent, state, stream, env, config) in trained.items():
            clock = Clock()
            state.spent.clear()
            rollout = config.rollout.keeping(agent.likeliest)
            groups = roll_out(env, state.policy, stream.at(step), rollout, policy_step=step)
            clock.lap("rollout")
            learn_from(groups, agent, state, config, clock)
            clock.seconds.pop("drift")
            taken[name].append(clock.seconds)
        print(f"step {step + 1} of {steps}", end="\r", file=sys.stderr, flush=True)
    return {name: parts[WARM_UP:] for name, parts in taken.items()}


def _told(taken: dict[str, list[Parts]]) -> dict[str, Json]:
    """Means by part, and each agent beside the first one."""
    found: dict[str, Json] = {}
    totals = {name: [sum(parts.values()) for parts in steps] for name, steps in taken.items()}
    first, *others = taken
    for name, steps in taken.items():
        means = {part: sum(step[part] for step in steps) / len(steps) for part in steps[0]}
        seconds = sum(totals[name]) / len(steps)
        print(f"{name}: {seconds:.3f} s a step; {', '.join(f'{part} {mean:.3f}' for part, mean in means.items())}")
        found[name] = {"seconds": seconds, "parts": dict(means)}
    for name in others:
        ratio = sum(totals[name]) / sum(totals[first])
        pieces = [a / b for a, b in zip(_fifths(totals[name]), _fifths(totals[first]), strict=True)]
        print(f"{name} / {first}: {ratio:.2f} ({min(pieces):.2f} to {max(pieces):.2f})")
        found[f"{name}/{first}"] = {"ratio": ratio, "lowest": min(pieces), "highest": max(pieces)}
    return found


def _fifths(seconds: Sequence[float]) -> list[float]:
    """Sums of steps that follow each other."""
    ends = [len(seconds) * piece // _PIECES for piece in range(_PIECES + 1)]
    return [sum(seconds[start:end]) for start, end in pairwise(ends)]


if __name__ == "__main__":
    sys.exit(main())

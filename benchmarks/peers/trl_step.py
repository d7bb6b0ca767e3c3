#!/usr/bin/env python3
"""One whole training step beside TRL: our RLVR and SDPO, its ``GRPOTrainer`` and experimental ``SDPOTrainer``.

Run from the checkout, on a machine that does nothing else (TRL is in the extra ``dev``)::

    python benchmarks/peers/trl_step.py --policy nano
    python benchmarks/peers/trl_step.py --policy smollm2 --suite docs/smollm2-suite.toml --problems 1 --steps 3
    python benchmarks/peers/trl_step.py --policy nano --json > trl_step.json

A step is rollouts with their verdicts, the teacher's pass where there is one, backward pass and optimizer. The suite
says which training problems there are in a step, how many rollouts of each, their temperature and greatest length. All
this, the prompts and their order, model and its type, divergence and device are the same, one method after the other in
one process; the first steps of each warm up. The learning rate is next to nothing (a step costs the same), since a
policy that learns sooner has more successes to learn from, and longer steps. Ours takes no backward pass where nothing
is to be learnt (no success in a batch); TRL's trainers always do, so choose problems that the policy can solve, and
look at the shares of rewards above 0 and the update's seconds before quoting a ratio. TRL's hold the logits of all
rollouts at once: with 64 of SmolLM2's, 24 GB were not enough. Then our steps are done again while the operations of
their matrix products and attention are counted: what they come to a second, and which share that is of the rate at
which this processor multiplies large square matrices of the same type.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import os
import statistics
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

from agents.agent import Agent
from agents.policies import load_policy
from agents.policy import Policy
from agents.rlvr import RLVR
from agents.sdpo import SDPO
from benchmarks.evaluate import Problems
from benchmarks.measurement import json_option, measuring
from benchmarks.peers.our_steps import Steps, count_operations, matmul_rate, take_steps
from benchmarks.peers.trl_trainers import grpo_steps, sdpo_steps
from benchmarks.suite_files import find_suite
from benchmarks.suites import Suite
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

WARM_UP = 2
_LR = 1e-9


@dataclass(frozen=True)
class Method:
    """What is compared: an agent of ours, and the steps of TRL's trainer."""

    name: str
    agent: Agent
    peer: Callable[[Policy, Sequence[Problems], Suite], Steps]


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("--policy", default="nano", help="nano, smollm2, a folder or a Hugging Face id")
    parser.add_argument(
        "--suite", default="default", help="what is trained on: a name, or a TOML file (default default)"
    )
    parser.add_argument("--steps", type=int, default=8, help="measured steps of each (default 8)")
    parser.add_argument("--problems", type=int, help="of each environment in a step (default: the suite's)")
    parser.add_argument("--tokens", type=int, help="new tokens at most (default: the suite's)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="of both (default auto)")
    json_option(parser)
    options = parser.parse_args()
    suite = asked_suite(options)
    problems = open_problems(suite)
    methods = (Method("rlvr", RLVR(), grpo_steps), Method("sdpo", SDPO(feedback=False), sdpo_steps))
    with measuring(options.json) as found:
        found |= {"policy": options.policy, "suite": suite.name, "steps": options.steps, "problems": suite.problems}
        found |= {"environments": [part.choice.id for part in problems], "rollouts": suite.rollouts}
        found["max_new_tokens"] = suite.max_new_tokens
        for method in methods:
            found[method.name] = _compare(method, lambda: load_policy(options.policy, options.device), problems, suite)
    return 0


def asked_suite(options: Namespace) -> Suite:
    """The suite with the numbers of the command line, and as many training problems as all steps take.

    Raises:
        ConfigError: There is no such suite, or TRL could not train on it as we do.
    """
    suite = find_suite(options.suite)
    if suite.stop:
        raise ConfigError(f"suite {suite.name!r}: stop = {suite.stop!r} is nothing that TRL's trainers end answers at")
    if options.steps < 1:
        raise ConfigError(f"--steps {options.steps} is below 1")
    steps = options.steps + WARM_UP
    problems = suite.problems if options.problems is None else options.problems
    tokens = suite.max_new_tokens if options.tokens is None else options.tokens
    return replace(suite, steps=steps, problems=problems, pool=problems * steps, max_new_tokens=tokens, lr=_LR)


def open_problems(suite: Suite) -> tuple[Problems, ...]:
    """The training problems of each environment of a suite.

    Raises:
        ConfigError: An environment takes several answers, of which TRL's trainers know nothing.
    """
    problems = tuple(Problems.open(choice, "train", suite.pool) for choice in suite.known_envs)
    for part in problems:
        if part.env.max_turns > 1:
            raise ConfigError(f"{part.choice.id} takes a step at a time; TRL's trainers need granularity = 'episode'")
    return problems


def _compare(method: Method, load: Callable[[], Policy], problems: Sequence[Problems], suite: Suite) -> dict[str, Json]:
    """Ours and TRL's from the same weights, and the rate of our operations."""
    ours = take_steps(method.agent, load(), problems, suite).after(WARM_UP)
    theirs = method.peer(load(), problems, suite).after(WARM_UP)
    mine, their = statistics.median(ours.seconds), statistics.median(theirs.seconds)
    print(f"{method.name}: ours {mine:.2f} s a step, TRL {their:.2f} s, ratio {their / mine:.2f}")
    (our_share, our_mean), (their_share, their_mean) = ours.earned, theirs.earned
    print(f"{method.name}: rewards above 0: ours {our_share:.1%} (mean {our_mean:.3f}), ", end="")
    print(f"TRL {their_share:.1%} (mean {their_mean:.3f})", flush=True)
    return {
        "ours_seconds": mine,
        "trl_seconds": their,
        "ratio": their / mine,
        "ours_rewarded": our_share,
        "ours_mean_reward": our_mean,
        "trl_rewarded": their_share,
        "trl_mean_reward": their_mean,
        **_rates(method, load(), problems, suite, ours),
    }


def _rates(method: Method, policy: Policy, problems: Sequence[Problems], suite: Suite, timed: Steps) -> dict[str, Json]:
    """How fast the operations of the timed steps were done, part by part, beside square matrix products."""
    peak = matmul_rate(policy.model.dtype, policy.device)
    counted = count_operations(method.agent, policy, problems, suite)[WARM_UP:]
    rates: dict[str, Json] = {
        part: sum(one[part] for one in counted) / sum(one[part] for one in timed.parts)
        for part in counted[-1]
        if any(one[part] for one in counted)
    }
    kind = f"{policy.device.type}, {policy.model.dtype}"
    print(f"{method.name}: matrix products of this processor ({kind}): {peak / 1e9:.0f} GFLOP/s")
    for part, rate in rates.items():
        print(f"{method.name}: {part} {rate / 1e9:.1f} GFLOP/s, {rate / peak:.1%} of that", flush=True)
    return {
        "device": policy.device.type,
        "dtype": str(policy.model.dtype),
        "matrix_products_flops": peak,
        "flops": rates,
    }


if __name__ == "__main__":
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    warnings.simplefilter("ignore")  # TRL's and its dependencies', in a program that only measures
    sys.exit(main())

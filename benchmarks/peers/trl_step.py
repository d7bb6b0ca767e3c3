#!/usr/bin/env python3
"""One whole training step beside TRL: our RLVR and SDPO, its ``GRPOTrainer`` and experimental ``SDPOTrainer``.

Run from the checkout, on a machine that does nothing else (TRL is in the extra ``dev``)::

    python benchmarks/peers/trl_step.py --policy nano
    python benchmarks/peers/trl_step.py --policy smollm2 --json > trl_step.json

A step is rollouts with their verdicts, the teacher's pass where there is one, backward pass and optimizer. Model and
its type, problems, group size, lengths, divergence and device are the same, one method after the other in one process;
the first steps of each warm up. Ours takes no backward pass where nothing is to be learnt (no success in a batch);
TRL's trainers always do, so look at the rewards and the update's seconds before quoting a ratio. Then our steps are
done again while the operations of their matrix products and attention are counted: what they come to a second, and
which share that is of the rate at which this processor multiplies large square matrices of the same type.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count
from transformers import TrainerCallback

from agents.agent import Agent, TrainState
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.prompts import solve_prompt
from agents.records import Group, View
from agents.rlvr import RLVR
from agents.rollout import Rollout, roll_out
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import Clock, TrainConfig, learn_from, start, train
from agents.update import Optim
from benchmarks.evaluate import Problems, lanes
from benchmarks.measurement import json_option, measuring
from benchmarks.suites import EnvChoice
from pmd_envs import Task
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.vector import ReasoningVectorEnv

GROUP, TOP_K, RATE = 8, 100, 1e-4
WARM_UP = 2
_Training: TypeAlias = tuple[TrainState, TaskStream, ReasoningVectorEnv, TrainConfig]
ENV = EnvChoice("pmd/GSM8K-v0", {"difficulty": 2, "granularity": "episode", "source": "generated"})


@dataclass(frozen=True)
class Size:
    """How much is done."""

    problems: int
    """Of a step, with a group of rollouts each."""
    tokens: int
    """Longest completion."""
    steps: int
    """With those that warm up."""


@as_command
def main() -> int:
    """Measure and print."""
    parser = script_parser(__doc__)
    parser.add_argument("--policy", default="nano", help="nano, smollm2, a folder or a Hugging Face id")
    parser.add_argument("--steps", type=int, default=8, help="measured steps of each (default 8)")
    parser.add_argument("--problems", type=int, default=12, help=f"of a step, {GROUP} rollouts each (default 12)")
    parser.add_argument("--tokens", type=int, default=64, help="new tokens at most (default 64)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="of both (default auto)")
    json_option(parser)
    options = parser.parse_args()
    size = Size(options.problems, options.tokens, options.steps + WARM_UP)
    problems = Problems.open(ENV, "train", size.problems * size.steps)
    with measuring(options.json) as found:
        found |= {"policy": options.policy, "steps": options.steps, "problems": options.problems}
        found["max_new_tokens"] = options.tokens
        for name, agent, theirs in (("rlvr", RLVR(), _trl_grpo), ("sdpo", SDPO(feedback=False), _trl_sdpo)):
            watch = _Stopwatch()
            _ours(agent, load_policy(options.policy, options.device), problems, size, watch)
            ours = [sum(seconds.values()) for seconds in watch.steps]
            peer = theirs(load_policy(options.policy, options.device), problems.tasks, size)
            mine, their = statistics.median(ours[WARM_UP:]), statistics.median(peer[WARM_UP:])
            print(f"{name}: ours {mine:.2f} s a step, TRL {their:.2f} s, ratio {their / mine:.2f}", flush=True)
            policy = load_policy(options.policy, options.device)
            peak = _matmul_rate(policy.model.dtype, policy.device)
            counted = _counted(agent, policy, problems, size)
            rates = {
                part: sum(one[part] for one in counted[WARM_UP:]) / sum(one[part] for one in watch.steps[WARM_UP:])
                for part in counted[-1]
                if any(one[part] for one in counted[WARM_UP:])
            }
            kind = f"{policy.device.type}, {policy.model.dtype}"
            print(f"{name}: matrix products of this processor ({kind}): {peak / 1e9:.0f} GFLOP/s")
            for part, rate in rates.items():
                print(f"{name}: {part} {rate / 1e9:.1f} GFLOP/s, {rate / peak:.1%} of that", flush=True)
            found[name] = {
                "ours_seconds": mine,
                "trl_seconds": their,
                "ratio": their / mine,
                "device": policy.device.type,
                "dtype": str(policy.model.dtype),
                "matrix_products_flops": peak,
                "flops": dict(rates),
            }
    return 0


class _Stopwatch:
    """Collects our seconds by step and by part."""

    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []

    def record(self, step: int, groups: Sequence[Group], metrics: dict[str, float], seconds: dict[str, float]) -> None:
        """One batch is done."""
        self.steps.append(seconds)
        parts = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
        print(f"  ours, step {step}: {parts}; reward {metrics['reward']:.2f}, {len(groups)} groups", flush=True)

    def checkpoint(self, state: object) -> None:
        """Nothing is kept."""


@contextmanager
def _training(agent: Agent, policy: Policy, problems: Problems, size: Size) -> Iterator[_Training]:
    stream = TaskStream((problems.tasks,), size.problems, seed=0)
    config = TrainConfig(size.steps, Rollout(GROUP, Sampling(max_new_tokens=size.tokens), 0), Optim(lr=RATE))
    env = lanes([problems], [size.problems * GROUP])
    with tempfile.TemporaryDirectory() as folder:
        yield start(policy, agent, Path(folder) / "memory.sqlite", stream, config), stream, env, config
    env.close()


def _ours(agent: Agent, policy: Policy, problems: Problems, size: Size, watch: _Stopwatch) -> None:
    with _training(agent, policy, problems, size) as (state, stream, env, config):
        train(agent, state, stream, env, config, watch)


class _OperationClock(Clock):
    """Counts floating-point operations by part of a step, instead of seconds."""

    def __init__(self, counter: FlopCounterMode) -> None:
        super().__init__()
        self.operations: dict[str, int] = {}
        self._counter = counter
        self._before = counter.get_total_flops()

    def lap(self, name: str) -> None:
        """The part called ``name`` has just ended."""
        now = self._counter.get_total_flops()
        self.operations[name] = now - self._before
        self._before = now


def _counted(agent: Agent, policy: Policy, problems: Problems, size: Size) -> list[dict[str, int]]:
    """The operations of each part of each step of the same training: counting takes too long to be timed as well."""
    found: list[dict[str, int]] = []
    aten = torch.ops.aten
    mapping = {  # torch counts the attention of graphics cards only
        aten._scaled_dot_product_flash_attention_for_cpu: lambda query, key, value, *_, **__: sdpa_flop_count(
            query, key, value
        ),
        aten._scaled_dot_product_flash_attention_for_cpu_backward: lambda grad, query, key, value, *_, **__: (
            sdpa_backward_flop_count(grad, query, key, value)
        ),
    }
    with (
        _training(agent, policy, problems, size) as (state, stream, env, config),
        FlopCounterMode(display=False, custom_mapping=mapping) as counter,
    ):
        for step in range(config.steps):
            clock = _OperationClock(counter)
            groups = roll_out(
                env, state.policy, stream.at(step), config.rollout.keeping(agent.likeliest), policy_step=step
            )
            clock.lap("rollout")
            learn_from(groups, agent, state, config, clock)
            found.append(clock.operations)
    return found


class _Laps(TrainerCallback):  # type: ignore[misc]  # transformers has no annotations for it
    """Seconds between the beginnings and ends of TRL's steps; its rollouts happen inside."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.last = 0.0

    def on_train_begin(self, *_: object, **__: object) -> None:
        """Start the clock."""
        self.last = time.perf_counter()

    def on_step_end(self, *_: object, **__: object) -> None:
        """Stop it."""
        now = time.perf_counter()
        self.steps.append(now - self.last)
        self.last = now
        print(f"  TRL, step {len(self.steps) - 1}: {self.steps[-1]:.2f}", flush=True)


def _rows(tasks: Sequence[Task]) -> tuple[list[dict[str, str]], dict[str, Task]]:
    """Prompts in the plain form that TRL gives to the model as it is, and the problem of each."""
    prompts = {solve_prompt(View(task.prompt, "", "", "", True)): task for task in tasks}
    return [{"prompt": prompt} for prompt in prompts], prompts


def _reward(problems: dict[str, Task]) -> Callable[..., list[float]]:
    from pmd_envs.env import load_family

    family = load_family("pmd_envs.families.gsm8k:GSM8K")

    def reward(prompts: list[str], completions: list[str], **_: object) -> list[float]:
        return [
            family.verify(problems[prompt], completion.strip("\n")).score
            for prompt, completion in zip(prompts, completions, strict=True)
        ]

    return reward


def _arguments(folder: str, size: Size, device: torch.device) -> dict[str, object]:
    return {
        "output_dir": folder,
        "max_steps": size.steps,
        "per_device_train_batch_size": size.problems * GROUP,
        "num_generations": GROUP,
        "max_completion_length": size.tokens,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "temperature": 1.0,
        "use_cpu": device.type == "cpu",  # it takes a GPU otherwise, wherever the model is
        "bf16": False,
        "gradient_checkpointing": False,
        "report_to": "none",
        "save_strategy": "no",
        "logging_steps": 1_000_000,
        "disable_tqdm": True,
    }


def _trl_grpo(policy: Policy, tasks: Sequence[Task], size: Size) -> list[float]:
    from trl import GRPOConfig, GRPOTrainer

    return _trl(policy, tasks, size, lambda args: GRPOConfig(**args, loss_type="grpo", beta=0.0), GRPOTrainer)


def _trl_sdpo(policy: Policy, tasks: Sequence[Task], size: Size) -> list[float]:
    from trl.experimental.sdpo import SDPOConfig, SDPOTrainer

    def config(args: dict[str, object]) -> object:
        return SDPOConfig(
            **args,
            distillation_mode="topk_logits",
            distillation_topk=TOP_K,
            distillation_add_tail=True,
            distillation_alpha=0.5,
            max_prompt_length=512,
            max_reprompt_len=1024,
        )

    return _trl(policy, tasks, size, config, SDPOTrainer)


def _trl(
    policy: Policy,
    tasks: Sequence[Task],
    size: Size,
    config: Callable[[dict[str, object]], object],
    trainer_class: Callable[..., object],
) -> list[float]:
    from datasets import Dataset

    rows, problems = _rows(tasks)
    tokenizer = policy.tokenizer
    tokenizer.padding_side = "left"
    laps = _Laps()
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_class(
            model=policy.model,
            reward_funcs=_reward(problems),
            args=config(_arguments(folder, size, policy.device)),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[laps],
        )
        trainer.train()  # type: ignore[attr-defined]  # two classes of a library without annotations
    return laps.steps


def _matmul_rate(dtype: torch.dtype, device: torch.device, turns: int = 20) -> float:
    """Floating-point operations a second of square products."""
    on_gpu = device.type == "cuda"
    size = 8192 if on_gpu else 1024
    left, right = (torch.randn(size, size, dtype=dtype, device=device) for _ in range(2))
    finish = torch.cuda.synchronize if on_gpu else lambda: None  # a GPU is still at work when it returns
    left @ right
    finish()
    began = time.perf_counter()
    for _ in range(turns):
        left @ right
    finish()
    return 2 * size**3 * turns / (time.perf_counter() - began)


if __name__ == "__main__":
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    warnings.simplefilter("ignore")  # TRL's and its dependencies', in a program that only measures
    sys.exit(main())

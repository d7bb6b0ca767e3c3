"""What ``run.py`` can be told, and what that means: suite, policy, folder."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from agents.agent import Agent
from agents.served import PREFIX, Limits, ServedPolicy
from benchmarks.places import usual_folder
from benchmarks.suite_files import Environments, find_suite
from benchmarks.suites import GROUPS, Suite
from leaderboard.store import usual_database
from pmd_envs.errors import ConfigError


@dataclass(frozen=True)
class Options:
    """Train an agent on verifiable reasoning tasks, measure it on held-out problems, post the result.

    Examples:
      python benchmarks/run.py --agent pmd
      python benchmarks/run.py --agent rlvr --set variant=dapo --seed 1
      python benchmarks/run.py --agent sdpo --env pmd/GSM8K-v0 --difficulty 3 --steps 100
      python benchmarks/run.py --agent pmd --resume
      python benchmarks/run.py --agent pmd --suite my-suite.toml --dry-run
      python benchmarks/run.py --agent pmd --suite paper --policy Qwen/Qwen3-8B --dry-run
      python benchmarks/run.py --agent frozen --policy openai:qwen3-8b@http://127.0.0.1:8000/v1

    Exit status: 0 done (also if the leaderboard refuses the run), 1 a served model did not answer, 2 a mistake, 75
    another process works in the run's folder, 130 stopped with Ctrl-C.
    """

    agent: str = "pmd"
    """frozen, rlvr, sdpo, pmd, an arm such as pmd-transient, a plug-in's name, or package.module:Class."""
    suite: str = "default"
    """Environments and budget: a name, or a TOML file. A group's name (paper) runs each of its suites in turn."""
    env: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """Use these environments instead of the suite's; may be given several times. module:ID imports a module first."""
    difficulty: int | None = None
    """With --env: level of the generated problems."""
    source: str = "auto"
    """With --env: auto, local, hub or generated."""
    granularity: str = "episode"
    """With --env: whether a turn is a whole response (episode) or one step."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    policy: str = "nano"
    """nano, smollm2, a folder with a model, a Hugging Face id, or openai:MODEL@URL, which can only be evaluated."""
    steps: int | None = None
    """Training batches, if not the suite's."""
    validate_every: int = 0
    """Batches between two looks at validation problems, of which the best weights get a row too; 0 never looks."""
    unseen: int | None = None
    """Test problems of each environment of kinds that training lacks, if not the suite's number."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """A knob of the agent as NAME=VALUE; may be given several times."""
    seed: int = 0
    """Decides everything random."""
    out: Path | None = None
    """Run folder; by default runs/AGENT-POLICY-seedS, with a number if that is taken. A group's holds one a suite."""
    resume: bool = False
    """Go on with a run that was stopped."""
    lora: int | None = None
    """Train low-rank adapters (LoRA) of this rank instead of all weights; needs the extra lora."""
    recompute: bool = False
    """Compute activations again in the backward pass: slower, for models and answers that do not fit otherwise."""
    device: str = "auto"
    """auto, cpu or cuda."""
    dtype: str = "auto"
    """Of the weights: float32, bfloat16, or auto, which is float32 on a CPU and bfloat16 on a GPU."""
    threads: int | None = None
    """Processor threads; with one, results repeat bit by bit, with more nearly always."""
    leaderboard: Path = field(default_factory=usual_database)
    """Database that the result is posted to."""
    post: bool = True
    """Whether it is posted at all."""
    list: bool = False
    """Print the environments, agents, suites and policies there are, and do nothing else."""
    cache: Path | None = None
    """Folder of evaluations, which runs with the same settings, weights and memory share."""
    dry_run: bool = False
    """Say what the run would take, and do not start it."""
    json: bool = False
    """Print the report, or the estimate of --dry-run, or the --list, as JSON, and everything else to stderr."""
    requests_at_once: int = 8
    """With a served policy: requests side by side."""
    requests_per_minute: float | None = None
    """With a served policy: requests started in a minute, at most."""


def choose_served(options: Options, agent: Agent) -> ServedPolicy | None:
    """The policy, if somebody else serves it: such a one answers, and cannot be trained."""
    if not options.policy.startswith(PREFIX):
        return None
    policy = ServedPolicy.named(options.policy, Limits(options.requests_at_once, options.requests_per_minute))
    if agent.trains or agent.uses_memory:
        raise ConfigError(
            f"--agent {options.agent} trains, and {options.policy!r} is served by somebody else and can only be "
            "evaluated: use --agent frozen"
        )
    return policy


def choose_suite(options: Options) -> Suite:
    """The suite, with what the command line changes in it."""
    chosen = Environments(options.env, options.difficulty, options.source, options.granularity)
    suite = chosen.with_budget(find_suite(options.suite))
    if options.steps is not None:
        suite = replace(suite, steps=positive("--steps", options.steps))
    if options.unseen is not None:
        suite = replace(suite, unseen=options.unseen)
    return suite


def positive(name: str, value: int) -> int:
    """The value of an option that is a number from 1."""
    if value < 1:
        raise ConfigError(f"{name} {value} is below 1")
    return value


def parse_setting(text: str) -> tuple[str, object]:
    """``NAME=VALUE``; the value is JSON where it can be (numbers, true, null), else text."""
    name, found, value = text.partition("=")
    if not found or not name:
        raise ConfigError(f"--set {text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def choose_folder(options: Options) -> Path:
    """The folder asked for, or one of the usual name; that of a group holds one for each of its suites."""
    if options.out is not None:
        return options.out
    group = options.suite if options.suite in GROUPS else ""
    return usual_folder(options.agent, options.policy, options.seed, group, resume=options.resume)

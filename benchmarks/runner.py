"""One run from start to end: measure, train, measure again, report, post."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import torch

from agents.agent import Agent, TrainState
from agents.policy import Policy, Sampling
from agents.rollout import Help, Rollout
from agents.served import ServedPolicy
from agents.stream import TaskStream
from agents.train import TrainConfig, start, train
from agents.update import Optim
from benchmarks.evaluate import Problems, evaluate, held_out_rollout, lanes, read_samples, write_evaluation
from benchmarks.evaluation_cache import EvaluationCache, evaluation_key
from benchmarks.files import write_text
from benchmarks.folder import RunFolder
from benchmarks.plots import Curve, learning_curve
from benchmarks.report import BASELINE, EnvUsed, Report, ResultRow, collect_provenance, result_row, utc_now
from benchmarks.screen import Screen
from benchmarks.suites import Suite
from leaderboard.records import FORMAT as REPORT_FORMAT
from pmd_envs.records import Json

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a run computes."""

    agent_name: str
    agent: Agent
    policy_name: str
    suite: Suite
    seed: int
    split: str = "test"
    """Held-out problems come from here."""

    @property
    def config(self) -> dict[str, Json]:
        """As written to ``config.json``."""
        return {
            "agent": self.agent_name,
            "settings": asdict(self.agent),  # type: ignore[call-overload]  # agents are dataclasses
            "policy": self.policy_name,
            "suite": asdict(self.suite),
            "seed": self.seed,
            "split": self.split,
            "report_format": REPORT_FORMAT,
        }

    @property
    def steps(self) -> int:
        """Training batches: none for agents that do not train."""
        return self.suite.steps if self.agent.trains else 0

    @property
    def sampling(self) -> Sampling:
        """Of rollouts and evaluation alike."""
        return Sampling(max_new_tokens=self.suite.max_new_tokens, temperature=self.suite.temperature)


@dataclass
class Run:
    """A run under way: the plan, the policy, the problems and the folder."""

    plan: Plan
    policy: Policy | ServedPolicy
    training: tuple[Problems, ...]
    held_out: tuple[Problems, ...]
    folder: RunFolder
    screen: Screen
    cache: EvaluationCache | None = None
    """Where evaluations of untrained policies are kept."""

    def execute(self) -> Report:
        """Do whatever is left to do, and write the report."""
        if isinstance(self.policy, ServedPolicy):
            return self._ask(self.policy)
        return self._learn(self.policy)

    def _ask(self, policy: ServedPolicy) -> Report:
        """Measure a policy that somebody else serves."""
        began = perf_counter()
        policy.remember(self.folder.path / "answers.jsonl")
        rows = [self._measure(self.plan.agent_name, 0, None)]
        used = policy.usage
        self.screen.say(
            f"{used.requests:,} requests ({used.retries:,} of them again), {used.prompt_tokens:,} prompt tokens and "
            f"{used.completion_tokens:,} completion tokens"
        )
        report = self._report(rows, {}, perf_counter() - began)
        self.folder.close()
        return report

    def _learn(self, policy: Policy) -> Report:
        began = perf_counter()
        config, stream = self._training()
        state = start(policy, self.plan.agent, self.folder.memory, stream, config)
        label = BASELINE if self.plan.agent.trains else self.plan.agent_name
        rows = [self._measure(label, 0, None)]
        if self.plan.agent.trains:
            self._train(state, stream, config)
            rows.append(self._measure(self.plan.agent_name, state.step, None))
        if state.memory is not None:
            agent = self.plan.agent
            rows.append(
                self._measure(f"{self.plan.agent_name} + memory", state.step, lambda t: agent.help_with(t, state))
            )
        policy.model.save_pretrained(self.folder.path / "policy")
        policy.tokenizer.save_pretrained(self.folder.path / "policy")
        counts = asdict(state.memory.counts()) if state.memory is not None else {}
        report = self._report(rows, counts, perf_counter() - began)
        self.folder.close()
        if state.memory is not None:
            state.memory.close()
        return report

    def _training(self) -> tuple[TrainConfig, TaskStream]:
        suite = self.plan.suite
        config = TrainConfig(
            steps=self.plan.steps,
            rollout=Rollout(suite.rollouts, self.plan.sampling, self.plan.seed),
            optim=Optim(lr=suite.lr, warmup=suite.warmup, parts=suite.parts),
        )
        return config, TaskStream(tuple(p.tasks for p in self.training), suite.problems, self.plan.seed)

    def _train(self, state: TrainState, stream: TaskStream, config: TrainConfig) -> None:
        self.folder.restore(state)
        if state.step >= config.steps:
            return
        suite = self.plan.suite
        env = lanes(self.training, [suite.problems * suite.rollouts] * len(self.training))
        try:
            with self.screen.training(config.steps, state.step, self.folder) as journal:
                train(self.plan.agent, state, stream, env, config, journal)
        finally:
            env.close()

    def _measure(self, label: str, step: int, help_with: Help | None) -> ResultRow:
        path = self.folder.path / "evaluation" / f"{_slug(label)}.jsonl"
        if not path.exists():
            self._evaluate(label, step, help_with, path)
        row = result_row(
            label,
            read_samples(path, self.held_out),
            with_memory=help_with is not None,
            policy_step=step,
            seed=self.plan.seed,
        )
        self.folder.scalar(f"held_out/{_slug(label)}", row.overall.avg_at_k, step)
        return row

    def _evaluate(self, label: str, step: int, help_with: Help | None, path: Path) -> None:
        rollout = held_out_rollout(self.plan.suite.k, self.plan.sampling, self.plan.seed)
        key = None
        if self.cache is not None and step == 0 and help_with is None and isinstance(self.policy, Policy):
            key = evaluation_key(self.policy, self.held_out, rollout)
            if self.cache.fetch(key, label, path):
                self.screen.say(f"evaluation of {label}: taken from {self.cache.folder}")
                return
        attempts = sum(len(part.tasks) for part in self.held_out) * rollout.rollouts
        with self.screen.counting(f"evaluating {label}", attempts) as advance:
            groups = evaluate(
                self.policy, self.held_out, rollout, policy_step=step, help_with=help_with, advance=advance
            )
        write_evaluation(groups, self.held_out, label, path, help_with)
        if self.cache is not None and key is not None:
            self.cache.keep(key, path)

    def _report(self, rows: list[ResultRow], counts: dict[str, int], seconds: float) -> Report:
        files = [self.folder.path / "evaluation" / f"{_slug(row.label)}.jsonl" for row in rows]
        write_text(self.folder.path / "evaluation.jsonl", "".join(file.read_text() for file in files))
        report = Report(
            run_id=self.folder.path.resolve().name,
            agent=self.plan.agent_name,
            policy=self.plan.policy_name,
            suite=self.plan.suite.name,
            seed=self.plan.seed,
            steps=self.plan.steps,
            created=utc_now(),
            config=self.plan.config,
            environments=tuple(_used(part) for part in self.held_out),
            rows=tuple(rows),
            memory_counts=counts,
            provenance=collect_provenance(ROOT, torch.get_num_threads()),
            seconds={"this_process": seconds},
        )
        report.write(self.folder.path / "report.json")
        self._draw(rows)
        return report

    def _draw(self, rows: list[ResultRow]) -> None:
        metrics = self.folder.metrics()
        points: dict[str, list[tuple[int, float]]] = {}
        for row in rows:
            label = "held out, with memory" if row.with_memory else "held out"
            points.setdefault(label, []).append((row.policy_step, row.overall.avg_at_k))
        curve = Curve([int(m["step"]) for m in metrics], [m["reward"] for m in metrics], points)
        learning_curve(
            curve, self.folder.path / "learning_curve.png", f"{self.plan.agent_name} on {self.plan.suite.name}"
        )


def open_problems(suite: Suite, split: str) -> tuple[tuple[Problems, ...], tuple[Problems, ...]]:
    """Training and held-out problems of a suite."""
    training = tuple(Problems.open(choice, "train", suite.pool) for choice in suite.envs)
    return training, tuple(Problems.open(choice, split, suite.held_out) for choice in suite.envs)


def _used(part: Problems) -> EnvUsed:
    kwargs: Mapping[str, Json] = {"split": part.split, **part.choice.kwargs}
    return EnvUsed(part.choice.id, dict(kwargs), part.env.dataset.fingerprint, part.env.dataset.name)


def _slug(label: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in label).strip("-")

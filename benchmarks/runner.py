"""One run from start to end: measure, train, measure again, report, post."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

import torch

from agents.adapters import merged
from agents.agent import TrainState
from agents.policy import Policy
from agents.rollout import Help, Rollout
from agents.served import ServedPolicy
from agents.stream import TaskStream
from agents.train import TrainConfig, start, train
from agents.update import Optim
from benchmarks.evaluate import Problems, evaluate, held_out_rollout, lanes, read_samples, write_evaluation
from benchmarks.evaluation_cache import EvaluationCache, evaluation_key, labelled
from benchmarks.files import write_text
from benchmarks.folder import RunFolder, file_name
from benchmarks.memory_file import named
from benchmarks.plan import Plan
from benchmarks.plots import Curve, bank_growth, learning_curve
from benchmarks.report import (
    BASELINE,
    EnvUsed,
    Provenance,
    Report,
    ResultRow,
    Usage,
    collect_provenance,
    result_row,
    utc_now,
)
from benchmarks.screen import Screen
from benchmarks.validation import BestKeeper, read_start, row_metrics
from pmd_envs.records import Json

ROOT = Path(__file__).resolve().parent.parent
BEST = " (best on validation)"
"""What the label of a run's best weights ends with."""
UNSEEN = "unseen.json"
"""The rows about kinds of problem that were kept out of training."""


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
    """Where evaluations are kept."""
    unseen: tuple[Problems, ...] = ()
    """Problems of kinds that training lacks."""
    unseen_rows: list[ResultRow] = field(default_factory=list)
    recompute: bool = False
    """Whether activations are computed again in the backward pass."""
    trained_before: float = 0.0
    """Seconds of training in earlier processes."""
    provenance: Provenance = field(init=False)

    def execute(self) -> Report:
        """Do whatever is left to do, and write the report.

        What it says of the code is looked at first: a checkout may change while a run is under way.
        """
        now = collect_provenance(ROOT, torch.get_num_threads(), accelerator(self.policy))
        self.provenance = self.folder.with_earlier_code(now)
        if isinstance(self.policy, ServedPolicy):
            return self._ask(self.policy)
        with named(self.folder.memory):
            return self._learn(self.policy)

    def _ask(self, policy: ServedPolicy) -> Report:
        """Measure a policy that somebody else serves."""
        began = perf_counter()
        policy.remember(self.folder.path / "answers.jsonl")
        rows = [self._measure(self.plan.named.name, 0, None)]
        used = policy.usage
        self.screen.say(f"{used.requests:,} requests ({used.retries:,} of them again)")
        report = self._report(rows, {}, perf_counter() - began, Usage(used.prompt_tokens, used.completion_tokens))
        self.folder.close()
        return report

    def _learn(self, policy: Policy) -> Report:
        began = perf_counter()
        config, stream = self._training()
        if self.plan.agent.uses_memory and self.plan.agent.memory == "sqlite":  # where others keep theirs, they know
            self.folder.require_memory()
        state = start(policy, self.plan.agent, self.folder.memory, stream, config)
        label = BASELINE if self.plan.agent.trains else self.plan.named.name
        rows = [self._measure(label, 0, None)]
        keeper = self._train(state, stream, config) if self.plan.agent.trains else None
        if self.plan.agent.trains:
            rows.append(self._measure(self.plan.named.name, state.step, None))
        counts = asdict(state.memory.counts()) if state.memory is not None else {}
        if any(counts.values()):  # a memory of one step is empty now: nothing could be shown
            agent = self.plan.agent
            rows.append(
                self._measure(f"{self.plan.named.name} + memory", state.step, lambda t: agent.help_with(t, state))
            )
        merged(policy.model).save_pretrained(self.folder.path / "policy")
        policy.tokenizer.save_pretrained(self.folder.path / "policy")
        if keeper is not None:  # last, since the policy then has other weights
            rows.append(self._measure_best(policy, keeper, {0: label, state.step: self.plan.named.name}))
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
            optim=Optim(lr=suite.lr, warmup=suite.warmup, parts=suite.parts, recompute=self.recompute),
        )
        return config, TaskStream(tuple(p.tasks for p in self.training), suite.problems, self.plan.seed)

    def _train(self, state: TrainState, stream: TaskStream, config: TrainConfig) -> BestKeeper | None:
        """Train to the end; who kept the best weights, if anybody was asked to."""
        self.folder.restore(state)
        self.trained_before = self.folder.training_seconds()
        how, suite = self.plan.validation, self.plan.suite
        keeper = None
        if how.every:
            keeper = BestKeeper(how, how.open(suite, self.plan.split), self.plan.sampling, config.steps, self.folder)
            keeper.begin(state)
        if state.step >= config.steps:
            return keeper
        env = lanes(self.training, [suite.problems * suite.rollouts] * len(self.training))
        try:
            with self.screen.training(config.steps, state, self.folder) as journal:
                train(self.plan.agent, state, stream, env, config, journal, keeper)
        finally:
            env.close()
        return keeper

    def _measure(self, label: str, step: int, help_with: Help | None) -> ResultRow:
        """The row of the report; that of unseen kinds, if there are some, is kept apart."""
        if self.unseen:
            self.unseen_rows.append(self._row(label, step, help_with, "unseen"))
        return self._row(label, step, help_with, "evaluation")

    def _measure_best(self, policy: Policy, keeper: BestKeeper, measured: Mapping[int, str]) -> ResultRow:
        """Measure the best weights; where they are those of another row, its answers are taken."""
        best = keeper.load(policy)
        label = f"{self.plan.named.name}{BEST}"
        self.screen.say(f"best on validation problems: step {best.step} with {best.score:.3f}")
        if best.step in measured:
            for folder in ("evaluation", "unseen") if self.unseen else ("evaluation",):
                source = self.folder.path / folder / f"{file_name(measured[best.step])}.jsonl"
                write_text(source.with_name(f"{file_name(label)}.jsonl"), labelled(source.read_text(), label))
        return self._measure(label, best.step, None)

    def _row(self, label: str, step: int, help_with: Help | None, folder: str) -> ResultRow:
        problems = self.unseen if folder == "unseen" else self.held_out
        path = self.folder.path / folder / f"{file_name(label)}.jsonl"
        if not path.exists():
            self._evaluate(label, step, help_with, path, problems)
        row = result_row(
            label,
            read_samples(path, problems),
            with_memory=help_with is not None,
            policy_step=step,
            seed=self.plan.seed,
        )
        name = f"{'unseen' if folder == 'unseen' else 'held_out'}/{file_name(label)}"
        for metric, value in row_metrics(name, row).items():
            self.folder.scalar(metric, value, step)
        return row

    def _evaluate(
        self, label: str, step: int, help_with: Help | None, path: Path, problems: Sequence[Problems]
    ) -> None:
        rollout = held_out_rollout(self.plan.suite.k, self.plan.sampling, self.plan.seed)
        tasks = [task for part in problems for task in part.tasks]
        shown = None if help_with is None else {task.id: help_with(task) for task in tasks}
        helped = None if shown is None else lambda task: shown[task.id]
        key = None
        if self.cache is not None and isinstance(self.policy, Policy):
            key = evaluation_key(self.policy, problems, rollout, step, shown)
            if self.cache.fetch(key, label, path):
                self.screen.say(f"evaluation of {label}: taken from {self.cache.folder}")
                return
        with self.screen.counting(f"evaluating {label}", len(tasks) * rollout.rollouts) as advance:
            groups = evaluate(self.policy, problems, rollout, policy_step=step, help_with=helped, advance=advance)
        write_evaluation(groups, problems, label, path, helped)
        if self.cache is not None and key is not None:
            self.cache.keep(key, path)

    def _report(
        self, rows: list[ResultRow], counts: dict[str, int], seconds: float, usage: Usage | None = None
    ) -> Report:
        files = [self.folder.path / "evaluation" / f"{file_name(row.label)}.jsonl" for row in rows]
        write_text(self.folder.path / "evaluation.jsonl", "".join(file.read_text() for file in files))
        report = Report(
            run_id=self.folder.path.resolve().name,
            agent=self.plan.named.name,
            policy=self.plan.weights.policy,
            suite=self.plan.suite.name,
            seed=self.plan.seed,
            steps=self.plan.steps,
            created=utc_now(),
            config=self.plan.config,
            environments=tuple(_used(part) for part in self.held_out),
            rows=tuple(rows),
            memory_counts=counts,
            provenance=self.provenance,
            seconds=self._seconds(seconds),
            usage=usage,
        )
        if self.unseen:
            found = json.dumps([asdict(row) for row in self.unseen_rows], indent=2)
            write_text(self.folder.path / UNSEEN, found + "\n")
        self._draw(rows)
        report.write(self.folder.path / "report.json")
        return report

    def _seconds(self, spent: float) -> dict[str, float]:
        """What the whole run took, as far as it is known: a process that was killed noted only its training steps."""
        trained = self.folder.training_seconds()
        rest = {"everything else, in the last process": max(spent - (trained - self.trained_before), 0.0)}
        return {"training": trained, **rest} if trained else rest

    def _draw(self, rows: list[ResultRow]) -> None:
        metrics = self.folder.metrics()
        points: dict[str, list[tuple[int, float]]] = {}
        for row in rows:
            label = "held out, with memory" if row.with_memory else "held out"
            if not row.label.endswith(BEST):
                points.setdefault(label, []).append((row.policy_step, row.overall.avg_at_k))
        looks = [(int(m["step"]) + 1, m["validation/avg"]) for m in metrics if "validation/avg" in m]
        begun = read_start(self.folder.path)
        looks = [(0, begun["validation/avg"]), *looks] if begun else looks
        if looks:
            points["validation"] = looks
        curve = Curve([int(m["step"]) for m in metrics], [m["reward"] for m in metrics], points)
        title = f"{self.plan.named.name} on {self.plan.suite.title}"
        learning_curve(curve, self.folder.path / "learning_curve.png", title)
        levels = {
            level: [m[f"memory/{level}"] for m in metrics if f"memory/{level}" in m]
            for level in ("experience", "insight", "behavior")
        }
        if any(levels.values()):
            title = f"memory of {title}: items at each level"
            bank_growth([int(m["step"]) for m in metrics], levels, self.folder.path / "memory_growth.png", title)


def accelerator(policy: Policy | ServedPolicy) -> str:
    """The GPU that a policy is on; empty if it is on none of ours."""
    if isinstance(policy, ServedPolicy) or policy.device.type != "cuda":
        return ""
    return torch.cuda.get_device_name(policy.device)


def _used(part: Problems) -> EnvUsed:
    kwargs: Mapping[str, Json] = {"split": part.split, **part.choice.kwargs}
    return EnvUsed(part.choice.id, dict(kwargs), part.env.dataset.fingerprint, part.env.dataset.name)

"""What a person sees while a run goes on: progress bars with the time left, and a table at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from agents.agent import TrainState
from agents.diagnosis import complaints
from agents.records import Group
from agents.sampling import Advance
from benchmarks.folder import RunFolder
from benchmarks.report import Report, ResultRow, Scores, Usage


@dataclass
class Screen:
    """The console of one run."""

    console: Console

    def say(self, text: str) -> None:
        """One line of plain text."""
        self.console.print(text, markup=False, highlight=False)

    def _progress(self, *extra: TextColumn) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), *extra, console=self.console)

    @contextmanager
    def counting(self, title: str, total: int) -> Iterator[Advance]:
        """A bar over ``total`` completions."""
        self._announce(title)
        with self._progress() as progress:
            bar = progress.add_task(title, total=total)
            yield lambda count: progress.update(bar, advance=count)

    @contextmanager
    def training(self, steps: int, state: TrainState, folder: RunFolder) -> Iterator["BarJournal"]:
        """A bar over training steps, and the journal that moves it."""
        self._announce(f"training from step {state.step} to {steps}")
        with self._progress(TextColumn("reward {task.fields[reward]:.2f}")) as progress:
            bar = progress.add_task("training", total=steps, completed=state.step, reward=0.0)
            yield BarJournal(folder, progress, bar, state, folder.metrics())

    def _announce(self, title: str) -> None:
        if not self.console.is_terminal:  # bars are not drawn into files, so say at least what is going on
            self.say(title)

    def results(self, report: Report, unseen: Sequence[ResultRow] = ()) -> None:
        """The table of a report, and one of kinds of problem that training lacked."""
        title = f"{report.agent} on {report.suite}, seed {report.seed}: share solved of held-out problems"
        self.console.print(_scores_table(title, report, report.rows))
        if unseen:
            self.console.print(_scores_table("... of kinds that were kept out of training", report, unseen))
        if report.memory_counts:
            self.say("memory: " + ", ".join(f"{count} {level}" for level, count in report.memory_counts.items()))
        if report.usage is not None:
            self.say(_tokens_line(report.usage))

    def group(self, name: str, reports: Sequence[Report]) -> None:
        """The runs of a group of suites, in one table."""
        table = Table(title=f"{reports[0].agent} on the suites of {name}, seed {reports[0].seed}: share solved")
        for column in ("suite", "row"):
            table.add_column(column, overflow="fold")
        for column in ("problems", "avg@k", "95 % interval", "pass@k"):
            table.add_column(column, justify="right")
        for report in reports:
            for row in report.rows:
                total = row.overall
                measured = [f"{total.avg_at_k:.3f}", f"{total.low:.3f} to {total.high:.3f}", f"{total.pass_at_k:.3f}"]
                first = row is report.rows[0]
                table.add_row(report.suite if first else "", row.label, str(total.problems) if first else "", *measured)
        self.console.print(table)


def _tokens_line(usage: Usage) -> str:
    """What the answers of a served policy took; the price of a run, where one is paid."""
    prompt, completion = (
        "an unknown number of" if count is None else f"{count:,}"
        for count in (usage.prompt_tokens, usage.completion_tokens)
    )
    return f"the server counted {prompt} prompt tokens and {completion} completion tokens"


def _scores_table(title: str, report: Report, rows: Sequence[ResultRow]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for env in report.environments:
        table.add_column(env.id, justify="right")
    table.add_column("all", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column(f"pass@{report.rows[0].overall.k}", justify="right")
    for row in rows:
        scores: Sequence[Scores] = [row.per_env[env.id] for env in report.environments]
        total = row.overall
        interval = f"{total.low:.3f} to {total.high:.3f}"
        cells = [f"{s.avg_at_k:.3f}" for s in (*scores, total)]
        table.add_row(row.label, *cells, interval, f"{total.pass_at_k:.3f}")
    return table


@dataclass
class BarJournal:
    """Writes a run's steps to its folder and moves the bar."""

    folder: RunFolder
    progress: Progress
    bar: int
    state: TrainState
    history: list[dict[str, float]] = field(default_factory=list)
    said: set[str] = field(default_factory=set)

    def record(self, step: int, groups: Sequence[Group], metrics: dict[str, float], seconds: dict[str, float]) -> None:
        """One batch is done."""
        self.folder.record(step, groups, metrics, seconds, self.state.shown)
        self.progress.update(self.bar, completed=step + 1, reward=metrics["reward"])  # type: ignore[arg-type]
        self.history.append(metrics)
        for complaint in complaints(self.history):
            if complaint not in self.said:
                self.said.add(complaint)
                self.progress.console.print(f"warning, step {step}: {complaint}", markup=False, highlight=False)

    def checkpoint(self, state: TrainState) -> None:
        """Make everything so far durable."""
        self.folder.checkpoint(state)

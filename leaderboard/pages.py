"""The pages, from what a :class:`Reader` says to HTML. Server and export differ only in how they link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from leaderboard.agents import MOST_RUNS, AgentsShown, show_agents
from leaderboard.attempts import show_lesson, show_problem
from leaderboard.charts import Chart, Curve, draw
from leaderboard.comparison import ALL_RUNS, Comparison, compare, pooled
from leaderboard.cost import cost_of
from leaderboard.curves import VALIDATION, Learning, LearningCurve, rollouts_a_step
from leaderboard.entry import Entry
from leaderboard.errors import RefusedError, StoreError
from leaderboard.html import render
from leaderboard.links import Links
from leaderboard.methods import Player, by_method, find_method
from leaderboard.reader import Filters, Reader
from leaderboard.records import BASELINE
from leaderboard.reproducibility import suite_version
from leaderboard.training import TrainingPoint

BOARDS_SHOWN = 10
RUNS_OF_A_BOARD = 10
"""On the first page."""
RUNS_SHOWN = 50
"""On a board's own page."""
PROBLEMS_SHOWN = 100
PAIRS_SHOWN = 200
OVERLAID = 5
MOST_OVERLAID = 12
OVERLAID_OF_AGENT = 3
POOLED = 20
"""The newest runs of an agent that are compared with those of another."""
COMPARED = 8
"""In an export: the best runs of a board, each with each."""


@dataclass(frozen=True)
class Side:
    """One of two that are compared: a run, or an agent."""

    name: str
    about: str
    entry_id: int
    """Whose answers are linked."""


@dataclass(frozen=True)
class Pages:
    """All pages of one open leaderboard."""

    reader: Reader
    links: Links
    most: int | None = None
    """How many rows a table has before it goes on at another page; None: the numbers above."""

    def home(self, filters: Filters, start: int = 0) -> str:
        """All boards with their best runs."""
        boards, total = self.reader.boards(filters, start, BOARDS_SHOWN if self.most is None else -1)
        ranked = {board.key: self.reader.ranking(board.key, filters, 0, RUNS_OF_A_BOARD) for board in boards}
        return self._render(
            "home.html.j2",
            boards=boards,
            ranked=ranked,
            filters=filters,
            choices=self.reader.choices(),
            policies={board.key: self.reader.policies(board.key) for board in boards} if self.links.is_static else {},
            start=start,
            shown=len(boards),
            total=total,
        )

    def board(self, key: str, filters: Filters, start: int = 0) -> str:
        """One board, with the learning curves of its first runs."""
        board = self.reader.board(key, filters)
        most = RUNS_SHOWN if self.most is None else self.most
        ranked = self.reader.ranking(key, filters, start, most)
        chart = self._overlay([line.row.entry_id for line in ranked[:OVERLAID]])
        best = [line.row for line in ranked if line.rank][:COMPARED] if self.links.is_static else []
        return self._render(
            "board.html.j2",
            board=board,
            ranked=ranked,
            filters=filters,
            start=start,
            most=most,
            chart=chart,
            compared=list(combinations(best, 2)),
        )

    def agents(self, key: str) -> str:
        """The agents of one board, each with all of its runs."""
        board = self.reader.board(key, Filters())
        return self._render("agents.html.j2", board=board, shown=self.shown_agents(key), most=MOST_RUNS)

    def shown_agents(self, key: str) -> AgentsShown:
        """The agents of a board in the order of their page."""
        return show_agents(self.reader.ranked_entries(key, MOST_RUNS))

    def run(self, entry_id: int, start: int = 0) -> str:
        """One entry."""
        shown = self.reader.shown(entry_id)
        problems = self.reader.problems(entry_id)
        training, curve = self.reader.training(entry_id), self.reader.curve(entry_id)
        learned = self.reader.learned(entry_id)
        most = max(len(problems), 1) if self.links.is_static else PROBLEMS_SHOWN  # files do not go on elsewhere
        return self._render(
            "run.html.j2",
            shown=shown,
            entry=shown.entry,
            report=shown.entry.report,
            suite_version=suite_version(shown.entry.report),
            chart=draw(f"Learning curve of {shown.row.run_id}", _curves(shown.entry, training, curve), share=True),
            learning=Learning.of(curve) if curve else None,
            growth=draw("Items in memory", _growth(training), share=False),
            learned={level: list(items) for level, items in groupby(learned, key=lambda item: item.level)},
            lessons=self.reader.lessons(entry_id),
            cost=cost_of(shown.entry, training),
            problems=list(enumerate(problems))[start : start + most],
            total=len(problems),
            start=start,
            most=most,
        )

    def problem(self, entry_id: int, number: int) -> str:
        """The attempts of one entry at one problem."""
        problems = self.reader.problems(entry_id)
        if not 0 <= number < len(problems):
            raise StoreError(f"entry {entry_id} has no problem {number}")
        return self._render(
            "problem.html.j2",
            row=self.reader.row(entry_id),
            problem=show_problem(self.reader, entry_id, problems[number]),
            number=number,
            total=len(problems),
        )

    def lesson(self, entry_id: int, number: int) -> str:
        """The attempts of one entry at one training problem, and what their teachers were shown."""
        lessons = self.reader.lessons(entry_id)
        if not 0 <= number < len(lessons):
            raise StoreError(f"entry {entry_id} has no training problem {number}")
        return self._render(
            "lesson.html.j2",
            row=self.reader.row(entry_id),
            lesson=lessons[number],
            problem=show_lesson(lessons[number]),
            number=number,
            total=len(lessons),
        )

    def compare(self, first: int, second: int) -> str:
        """Two entries on the same problems.

        Raises:
            RefusedError: They are not on one board, or one has no row that is ranked.
        """
        shown = self.reader.shown(first), self.reader.shown(second)
        if shown[0].row.board != shown[1].row.board:
            raise RefusedError("the two runs are on different boards: only equal problems can be compared")
        rows = [item.entry.headline for item in shown]
        if rows[0] is None or rows[1] is None:
            raise RefusedError("a run without a row after training and without memory cannot be compared")
        problems = self.reader.problems(first), self.reader.problems(second)
        sides = [Side(item.row.run_id, item.row.agent, item.row.entry_id) for item in shown]
        found = compare(problems[0], rows[0].label, problems[1], rows[1].label)
        return self._compared(shown[0].row.board, sides, found, [first, second])

    def compare_agents(self, key: str, first: Player, second: Player) -> str:
        """Two agents on the problems of a board, each with all of its runs that have the same settings.

        Raises:
            StoreError: One has no ranked run there.
        """
        sides, scores, counts, drawn = [], [], [], []
        methods = by_method(self.reader.ranked_entries(key, MOST_RUNS))
        for player in (first, second):
            method = find_method(methods, player)
            runs = method.runs[:POOLED]
            known = [(self.reader.problems(run.id), run.entry.headline) for run in runs]
            answered = [(problems, row.label) for problems, row in known if row is not None]
            scores.append(pooled(answered))
            counts.append(len(answered))
            about = f"{player.policy}, {len(runs)} run{'' if len(runs) == 1 else 's'}"
            sides.append(Side(method.name, about, runs[0].id))
            drawn += [run.id for run in runs[:OVERLAID_OF_AGENT]]
        found = compare(scores[0], ALL_RUNS, scores[1], ALL_RUNS, (counts[0], counts[1]))
        return self._compared(key, sides, found, drawn)

    def _compared(self, board: str, sides: Sequence[Side], comparison: Comparison, drawn: Sequence[int]) -> str:
        return self._render(
            "compare.html.j2",
            first=sides[0],
            second=sides[1],
            board=board,
            comparison=comparison,
            chart=self._overlay(drawn),
            most=PAIRS_SHOWN,
        )

    def curves(self, entry_ids: Sequence[int]) -> str:
        """The learning curves of several entries in one picture."""
        chosen = list(dict.fromkeys(entry_ids))[:MOST_OVERLAID]
        rows = [self.reader.row(entry_id) for entry_id in chosen]
        return self._render("curves.html.j2", rows=rows, chart=self._overlay(chosen), most=MOST_OVERLAID)

    def _overlay(self, entry_ids: Sequence[int]) -> Chart | None:
        curves = []
        for entry_id in entry_ids:
            shown = self.reader.shown(entry_id)
            line = [(float(point.step), point.reward) for point in self.reader.training(entry_id)]
            rows = [row for row in shown.entry.report.rows if not row.with_memory]
            dots = [(float(row.policy_step), row.overall.avg_at_k) for row in rows]
            curves.append(Curve(f"{shown.row.run_id} ({shown.row.agent})", line, dots))
        return draw("Reward in training (lines) and held-out score (dots)", curves, share=True)

    def _render(self, template: str, **values: object) -> str:
        known: Mapping[str, object] = {"links": self.links, "baseline": BASELINE, "nothing": Filters(), **values}
        return render(template, known, is_static=self.links.is_static)


def _curves(entry: Entry, training: Sequence[TrainingPoint], curve: LearningCurve | None) -> list[Curve]:
    held_out: dict[str, list[tuple[float, float]]] = {}
    for row in entry.report.rows:
        label = "held out, with memory" if row.with_memory else "held out"
        held_out.setdefault(label, []).append((float(row.policy_step), row.overall.avg_at_k))
    line = [(float(point.step), point.reward) for point in training]
    looks = []
    if curve is not None and curve.name == VALIDATION:
        per_step = rollouts_a_step(entry.report)
        points = [(rollouts / per_step, score) for rollouts, score in zip(curve.rollouts, curve.scores, strict=True)]
        looks = [Curve("validation", points)]
    return [Curve("reward in training", line), *looks, *(Curve(label, (), dots) for label, dots in held_out.items())]


def _growth(training: Sequence[TrainingPoint]) -> list[Curve]:
    levels = sorted({level for point in training for level in point.memory})
    return [Curve(level, [(float(p.step), p.memory.get(level, 0.0)) for p in training]) for level in levels]


def error_page(links: Links, title: str, message: str) -> str:
    """A page that says what is wrong. It needs no database, since that may be what is wrong."""
    return render("error.html.j2", {"links": links, "heading": title, "message": message}, is_static=links.is_static)

"""What a policy in pretraining makes of help: its probe, again and again, as CSV for programs, PNG and SVG for people.

A probe is made of environments and statistics of which agents know nothing, so it is the command that a user would
give, in a process of its own. Problems are validation problems: a curve is looked at to choose a recipe.
"""

import csv
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pmd_envs.errors import ConfigError

PROBE = ("benchmarks/probe.py", "--split", "validation")
COLUMNS = ("step", "context", "score", "low", "high")
DRAWN = (
    *("nothing", "a correct solution", "feedback on a wrong attempt", "a scripted strategy"),
    *("scripted behaviors, one relevant", "its own insights", "another problem's memory"),
)
"""The contexts in the figure, where the probe has them; the table has all."""
_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ProbeCurve:
    """Probes of the weights after some steps, each kept in a file of its own: none is made twice."""

    folder: Path
    every: int
    """Steps between two probes; there is one after the last step too, and none at all for 0."""
    problems: int = 16
    """Held-out problems of each environment."""

    def is_due(self, step: int, last: int) -> bool:
        """Whether the weights after so many steps are to be probed, and were not."""
        return (
            self.every > 0 and step > 0 and (step % self.every == 0 or step == last) and not self._file(step).exists()
        )

    def add(self, step: int, policy: Path) -> None:
        """Probe the weights in a folder, which are those after so many steps.

        Raises:
            ConfigError: The probe failed; what it said is in a file beside its table.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        made, said = self.folder / "new.csv", self._file(step).with_suffix(".log")
        asked = ("--policy", str(policy.absolute()), "--problems", str(self.problems), "--table", str(made.absolute()))
        with said.open("wb") as log:
            command = [sys.executable, *PROBE, *asked]
            status = subprocess.run(command, cwd=_CHECKOUT, stdout=log, stderr=log, check=False).returncode
        if status:
            raise ConfigError(f"the probe after step {step} failed (status {status}): {said} has what it said")
        made.replace(self._file(step))

    def rows(self) -> list[tuple[int, str, float, float, float]]:
        """All probes so far: steps, context, score, and the ends of its 95 % interval over problems."""
        found = []
        for file in sorted(self.folder.glob("step*.csv"), key=_step):
            with file.open(newline="", encoding="utf-8") as lines:
                for row in csv.DictReader(lines):
                    score, low, high = (float(row[name]) for name in COLUMNS[2:])
                    found.append((_step(file), row["context"], score, low, high))
        return found

    def write(self, path: Path) -> None:
        """All rows into one table."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((step, name, *(f"{x:.4f}" for x in score)) for step, name, *score in self.rows())

    def draw(self, path: Path, ends: Sequence[int] = ()) -> None:
        """Draw the scores by step as PNG, and as SVG beside it.

        Args:
            path: The PNG.
            ends: Steps after which another phase begins, where a line is drawn across.
        """
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.subplots()
        rows = self.rows()
        for name in DRAWN:
            own = [(step, score, low, high) for step, context, score, low, high in rows if context == name]
            if own:
                steps, scores, lows, highs = zip(*own, strict=True)
                (line,) = axes.plot(steps, scores, marker="o", markersize=3, label=name)
                axes.fill_between(steps, lows, highs, color=line.get_color(), alpha=0.12, linewidth=0)
        for end in ends:
            axes.axvline(end, color="0.6", linewidth=0.8, linestyle=":")
        axes.set(xlabel="optimizer step", ylabel="avg@8 on validation problems", ylim=(0, 1))
        axes.grid(alpha=0.3)
        figure.legend(loc="outside right upper", frameon=False, title="in the context")
        figure.savefig(path, dpi=120)
        with matplotlib.rc_context({"svg.hashsalt": path.stem}):  # the same bytes for the same rows
            figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})

    def _file(self, step: int) -> Path:
        return self.folder / f"step{step}.csv"


def _step(file: Path) -> int:
    return int(file.stem.removeprefix("step"))

"""The loss of a pretraining run, as CSV for programs, PNG and SVG for people."""

import csv
from collections.abc import Sequence
from pathlib import Path

EVERY = 20
"""Steps to a row."""


class LossCurve:
    """Mean loss of every :data:`EVERY` steps; rows past the checkpoint that a run goes on from are dropped.

    Args:
        path: The file of CSV.
        first: The step that a run goes on with.
        pending: Losses of the steps before it that make no row yet.
    """

    def __init__(self, path: Path, first: int, pending: Sequence[float] = ()) -> None:
        self.path = path
        self.rows: list[tuple[int, float]] = []
        self.pending = list(pending)
        if path.exists() and first:
            with path.open(newline="") as file:
                self.rows = [(int(step), float(loss)) for step, loss in list(csv.reader(file))[1:] if int(step) < first]

    def add(self, step: int, loss: float) -> None:
        """One optimizer step is done."""
        self.pending.append(loss)
        if (step + 1) % EVERY == 0:  # not their number: a checkpoint of an older version has no pending losses
            self.rows.append((step, sum(self.pending) / len(self.pending)))
            self.pending.clear()

    def write(self) -> None:
        """Write the rows so far, beside the old ones, which stay until the new ones are whole."""
        new = self.path.with_name(f"{self.path.name}.new")
        with new.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("step", "loss"))
            writer.writerows((step, f"{loss:.4f}") for step, loss in self.rows)
        new.replace(self.path)

    def draw(self, path: Path) -> None:
        """Draw the rows so far as PNG, and as SVG beside it."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 3.5), layout="constrained")
        axes = figure.subplots()
        axes.plot([step for step, _ in self.rows], [loss for _, loss in self.rows])
        axes.set(xlabel="optimizer step", ylabel="loss of a completion token (nats)", yscale="log")
        axes.grid(alpha=0.3, which="both")
        figure.savefig(path, dpi=120)
        with matplotlib.rc_context({"svg.hashsalt": path.stem}):  # the same bytes for the same rows
            figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})

"""Curves and bars as PNG files, each with the same picture as SVG beside it, whichever of the two a path names.

Drawn with matplotlib's object API: no window, no global state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from leaderboard.learning import smoothed
from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _GRID, _TRAIN = "#333a3d", "#e3e1da", "#b9bdb8"
_LONGEST_OF_THREE = 24
"""Characters of a name of which three stand side by side under a figure."""
_LONGEST_OF_A_PANEL = 40
"""Characters of a name that stand on one line over a panel."""
_COLORS = ("#0b7a6e", "#c8553d", "#3d5a98", "#b08418", "#7d4f93", "#5c6b2f")
_DASHES = ("-", "--", ":", "-.")
"""More lines than there are colours have them again, dashed in another way."""


@dataclass(frozen=True)
class Curve:
    """How one run went."""

    steps: Sequence[int]
    train_reward: Sequence[float]
    """Mean reward of the training batch at each step."""
    evaluations: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    """Policy step and avg@k on held-out problems, by the row's label."""


def figure_files(path: Path) -> tuple[Path, Path]:
    """The two files of a figure, PNG and SVG, from the name of either.

    Raises:
        ConfigError: The name is that of neither.
    """
    if path.suffix not in (".png", ".svg"):
        raise ConfigError(f"a figure is called *.png or *.svg (both are written), not {str(path)!r}")
    return path.with_suffix(".png"), path.with_suffix(".svg")


def _figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches."""
    # Imported here, for it takes a second, and most of what draws in the end has hours of other work before.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _style(index: int) -> tuple[str, str]:
    """Colour and dashes of a line, so that 24 of them can be told apart."""
    return _COLORS[index % len(_COLORS)], _DASHES[index // len(_COLORS) % len(_DASHES)]


def learning_curve(curve: Curve, path: Path, title: str = "") -> None:
    """Draw one run: training reward in grey, evaluations in colour."""
    figure, axes = _frame(title)
    axes.plot(curve.steps, curve.train_reward, color=_TRAIN, linewidth=1)
    axes.plot(curve.steps, smoothed(curve.train_reward), color=_INK, linewidth=1.5, label="training reward (smoothed)")
    for index, (label, points) in enumerate(curve.evaluations.items()):
        color = _COLORS[index % len(_COLORS)]
        axes.plot(*zip(*points, strict=True), color=color, marker="o", markersize=4, label=label)
    _save(figure, axes, path)


def compare_runs(runs: Mapping[str, Curve], path: Path, title: str = "") -> None:
    """Draw several runs together: smoothed training reward as a line, first kind of evaluation as dots."""
    figure, axes = _frame(title)
    axes.set_ylabel("training reward (line), evaluation (dots)", color=_INK)
    for index, (name, curve) in enumerate(runs.items()):
        color, dash = _style(index)
        axes.plot(curve.steps, smoothed(curve.train_reward), color=color, linestyle=dash, linewidth=1.5, label=name)
        for points in list(curve.evaluations.values())[:1]:
            axes.plot(*zip(*points, strict=True), color=color, linestyle="none", marker="o", markersize=5)
    _save(figure, axes, path)


def bank_growth(steps: Sequence[int], levels: Mapping[str, Sequence[float]], path: Path, title: str = "") -> None:
    """Draw how many items a memory held at each level after each step, each level on a scale of its own."""
    figure = _figure(7, 1.5 * len(levels) + 0.6)
    rows = figure.subplots(len(levels), 1, sharex=True, squeeze=False)
    for index, (axes, (level, counts)) in enumerate(zip(rows[:, 0], levels.items(), strict=True)):
        axes.step(steps, counts, where="post", color=_COLORS[index % len(_COLORS)], linewidth=1.5)
        axes.set_ylabel(level, color=_INK)
        axes.set_ylim(bottom=0)
        axes.grid(color=_GRID, linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
    rows[0, 0].set_title(title, loc="left", color=_INK, fontsize=11, parse_math=False)
    rows[-1, 0].set_xlabel("policy step", color=_INK)
    _write(figure, path)


def profiles(thresholds: Sequence[float], shares: Mapping[str, Sequence[float]], path: Path, title: str = "") -> None:
    """Draw performance profiles: the share of scores above each threshold, a line for each agent."""
    figure, axes = _frame(title)
    axes.set_xlabel("score", color=_INK)
    axes.set_ylabel("share above it", color=_INK)
    for index, (name, values) in enumerate(shares.items()):
        color, dash = _style(index)
        axes.plot(thresholds, values, color=color, linestyle=dash, linewidth=1.5, label=name)
    _save(figure, axes, path)


@dataclass(frozen=True)
class Bar:
    """One measured share with its interval."""

    name: str
    value: float
    low: float
    high: float


def bars(values: Sequence[Bar], path: Path, title: str = "") -> None:
    """Draw shares below each other; the first is the baseline that the others are compared with."""
    figure = _figure(7, 0.6 + 0.34 * len(values))
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=_INK, fontsize=11, parse_math=False)
    places = range(len(values))
    errors = [[bar.value - bar.low for bar in values], [bar.high - bar.value for bar in values]]
    colors = [_TRAIN, *[_COLORS[0]] * (len(values) - 1)]
    axes.barh(places, [bar.value for bar in values], xerr=errors, color=colors, ecolor=_INK, height=0.7)
    axes.axvline(values[0].value, color=_INK, linewidth=0.8, linestyle="--")
    axes.set_yticks(places, [bar.name for bar in values], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    _write(figure, path)


def level_curves(curves: Mapping[str, Mapping[int, Bar]], path: Path, title: str = "") -> None:
    """Draw solve rates with their intervals over the levels of difficulty, a line for each environment.

    More environments than there are colours have a panel each.
    """
    if len(curves) > len(_COLORS):
        _level_panels(curves, path, title)
        return
    figure, axes = _frame(title)
    axes.set_xlabel("level of difficulty", color=_INK)
    axes.set_ylabel("solve rate", color=_INK)
    for index, (name, bars_of) in enumerate(curves.items()):
        _level_line(axes, bars_of, _COLORS[index % len(_COLORS)], name)
    axes.set_xticks(sorted({level for bars_of in curves.values() for level in bars_of}))
    _save(figure, axes, path)


def _level_panels(curves: Mapping[str, Mapping[int, Bar]], path: Path, title: str) -> None:
    columns = 4
    rows = -(-len(curves) // columns)
    figure = _figure(11, 2 * rows + 0.8)
    figure.suptitle(title, x=0.01, ha="left", color=_INK, fontsize=11, parse_math=False)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(curves) :]:
        axes.set_visible(False)
    for axes, (name, bars_of) in zip(grid.flat, curves.items(), strict=False):
        _level_line(axes, bars_of, _COLORS[0], name)
        shown = name if len(name) <= _LONGEST_OF_A_PANEL else name.replace(", ", ",\n", 1)
        axes.set_title(shown, loc="left", color=_INK, fontsize=9, parse_math=False)
        axes.set_ylim(-0.02, 1.02)
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0, 0].set_xticks(sorted({level for bars_of in curves.values() for level in bars_of}))
    figure.supxlabel("level of difficulty", color=_INK, fontsize=10)
    figure.supylabel("solve rate", color=_INK, fontsize=10)
    _write(figure, path)


def _level_line(axes: Axes, bars_of: Mapping[int, Bar], color: str, name: str) -> None:
    levels, values = list(bars_of), list(bars_of.values())
    errors = [[bar.value - bar.low for bar in values], [bar.high - bar.value for bar in values]]
    rates = [bar.value for bar in values]
    axes.errorbar(levels, rates, yerr=errors, color=color, marker="o", markersize=4, capsize=2, label=name)


def _frame(title: str) -> tuple[Figure, Axes]:
    figure = _figure(7, 4)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=_INK, fontsize=11, parse_math=False)
    axes.set_xlabel("policy step", color=_INK)
    axes.set_ylabel("mean score", color=_INK)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    handles, labels = axes.get_legend_handles_labels()
    columns = 3 if max(map(len, labels), default=0) <= _LONGEST_OF_THREE else 2
    legend = figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=9)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a label may hold dollar signs
    _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    """As PNG and as SVG, the same bytes for the same picture."""
    png, svg = figure_files(path)
    figure.savefig(png, format="png")
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(svg, format="svg", metadata={"Date": None})

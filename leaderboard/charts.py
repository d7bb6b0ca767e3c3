"""Geometry of line charts; the templates draw them as SVG, so that every label passes through their escaping."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

Points: TypeAlias = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 640, 290
LEFT, RIGHT, TOP, BOTTOM = 72, 20, 14, 58
COLOURS = 8
"""Classes ``c0`` to ``c7`` of the style sheet; each has its own dash pattern too."""
_TICKS = 4


@dataclass(frozen=True)
class Curve:
    """A line, and single measurements drawn as dots."""

    label: str
    line: Points
    dots: Points = ()


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class DrawnCurve:
    """A curve in the coordinates of the picture."""

    label: str
    colour: int
    path: str
    dots: tuple[tuple[float, float], ...]
    summary: str
    """For those who cannot see it."""


@dataclass(frozen=True)
class Chart:
    """A picture of curves."""

    title: str
    x_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[DrawnCurve, ...]


def draw(title: str, curves: Sequence[Curve], *, share: bool, x_label: str = "training step") -> Chart | None:
    """Curves in one picture, or nothing if none has a point. Shares are drawn as percent from 0 to 100."""
    points = [point for curve in curves for point in (*curve.line, *curve.dots)]
    if not points:
        return None
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    x_high = x_high if x_high > x_low else x_low + 1
    y_high = 1.0 if share else float(max(_TICKS, ceil(max(y for _, y in points) / _TICKS) * _TICKS))

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(TOP + (1 - y / y_high) * (HEIGHT - TOP - BOTTOM), 1)

    steps = [i / _TICKS for i in range(_TICKS + 1)]
    x_values = sorted({round(x_low + f * (x_high - x_low)) for f in steps})
    return Chart(
        title,
        x_label,
        tuple(Tick(place(x, 0)[0], f"{x:g}") for x in x_values if x_low <= x <= x_high),
        tuple(Tick(place(x_low, f * y_high)[1], f"{100 * f:.0f} %" if share else f"{f * y_high:.4g}") for f in steps),
        tuple(
            DrawnCurve(
                curve.label,
                index % COLOURS,
                "M" + "L".join("{} {}".format(*place(x, y)) for x, y in curve.line) if curve.line else "",
                tuple(place(x, y) for x, y in curve.dots),
                _summary(curve, share),
            )
            for index, curve in enumerate(curves)
        ),
    )


def _summary(curve: Curve, share: bool) -> str:
    """Line and dots each by itself: they may be of two things, such as rewards in training and held-out scores."""
    if not curve.line or not curve.dots:
        return _ends(curve.line or curve.dots, share)
    return f"line {_ends(curve.line, share)}, dots {_ends(curve.dots, share)}"


def _ends(points: Points, share: bool) -> str:
    if not points:
        return "no points"

    def text(value: float) -> str:
        return f"{100 * value:.1f} %" if share else f"{value:.4g}"

    points = sorted(points)
    first, last = (f"{text(value)} at {step:g}" for step, value in (points[0], points[-1]))
    return first if len(points) == 1 else f"from {first} to {last}"

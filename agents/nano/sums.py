"""Sums as they stand in solutions, many to a sheet."""

import random

SUMS = 8
"""Sums on a sheet."""
_LABELS = ("In all", "Each", "Total", "Left", "Cost", "Age of Lena", "Miles", "Pages read", "Money left", "Share")


def draw_sums(rng: random.Random) -> str:
    """A sheet of labelled sums with their results, one to a line."""
    lines = []
    for _ in range(SUMS):
        left, sign, right, value = rng.choice((_addition, _subtraction, _multiplication, _division))(rng)
        lines.append(f"{rng.choice(_LABELS)}: {left} {sign} {right} = {value}")
    return "\n".join(lines)


def _addition(rng: random.Random) -> tuple[int, str, int, int]:
    left, right = _operand(rng), _operand(rng)
    return left, "+", right, left + right


def _subtraction(rng: random.Random) -> tuple[int, str, int, int]:
    right, value = _operand(rng), _operand(rng)
    return right + value, "-", right, value


def _multiplication(rng: random.Random) -> tuple[int, str, int, int]:
    left, right = _factors(rng)
    return left, "*", right, left * right


def _division(rng: random.Random) -> tuple[int, str, int, int]:
    left, right = _factors(rng)
    return left * right, "/", right, left


def _operand(rng: random.Random) -> int:
    return rng.randint(1, rng.choice((20, 60, 200)))


def _factors(rng: random.Random) -> tuple[int, int]:
    small = rng.randint(2, 12)
    other = rng.randint(2, 12) if rng.random() < 0.7 else rng.randint(10, 60)
    return (small, other) if rng.random() < 0.5 else (other, small)

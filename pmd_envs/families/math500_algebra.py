"""Equations, expressions and sequences. Example: solve 3x + 5 = 20 for x."""

import random
from fractions import Fraction
from math import isqrt

from pmd_envs.families.math500_kinds import Kind, Numbers, Work, bracketed, divided, latex, linear, plain, quadratic


def _solve_sum(numbers: Numbers, work: Work) -> str:
    added, total = numbers
    return latex(work.step("x", f"{total} - {added}", total - added))


def _solve_two_step(numbers: Numbers, work: Work) -> str:
    factor, added, root = numbers
    total = factor * root + added
    left = work.step(f"{factor}x", f"{total} - {added}", total - added)
    return latex(work.step("x", f"{plain(left)} / {factor}", left / factor))


def _ask_two_step(numbers: Numbers) -> str:
    factor, added, root = numbers
    return f"Solve ${linear(factor, added)} = {factor * root + added}$ for $x$."


def _solve_both_sides(numbers: Numbers, work: Work) -> str:
    more, less, added, root = numbers
    total = (more - less) * root + added
    factor = work.step("Difference of the factors", f"{more} - {less}", more - less)
    left = work.step("Difference of the constants", f"{total} - {added}", total - added)
    return latex(work.step("x", f"{plain(left)} / {bracketed(factor)}", divided(left, factor)))


def _draw_both_sides(rng: random.Random) -> Numbers:
    less = rng.randint(2, 6)
    return less + rng.randint(2, 6), less, rng.randint(1, 12), rng.randint(2, 9)


def _ask_both_sides(numbers: Numbers) -> str:
    more, less, added, root = numbers
    return f"Solve ${linear(more, added)} = {linear(less, (more - less) * root + added)}$ for $x$."


def _solve_like_terms(numbers: Numbers, work: Work) -> str:
    one, first, two, second = numbers
    factor = work.step("Factor of x", f"{one} + {two}", one + two)
    return linear(factor, work.step("Constant", f"{first} + {second}", first + second))


def _ask_like_terms(numbers: Numbers) -> str:
    one, first, two, second = numbers
    return f"Simplify ${linear(one, first)} + {linear(two, second)}$."


def _solve_expand(numbers: Numbers, work: Work) -> str:
    first, second = numbers
    middle = work.step("Factor of x", f"{first} + {second}", first + second)
    return quadratic(1, middle, work.step("Constant", f"{first} * {second}", first * second))


def _ask_expand(numbers: Numbers) -> str:
    first, second = numbers
    return f"Expand $(x + {first})(x + {second})$."


def _solve_roots(numbers: Numbers, work: Work) -> str:
    small, large = numbers
    total, product = small + large, small * large
    square = work.step("Square of the sum", f"{total} * {total}", total * total)
    rest = work.step("Discriminant", f"{plain(square)} - 4 * {product}", square - 4 * product)
    gap = work.root("Difference of the roots", rest, _whole_root(int(rest), large - small))
    top = work.step("Larger root", f"({total} + {plain(gap)}) / 2", (total + gap) / 2)
    bottom = work.step("Smaller root", f"{total} - {bracketed(top)}", total - top)
    return f"{latex(bottom)}, {latex(top)}"


def _whole_root(square: int, root: int) -> int:
    """The square root; after a slip, by which it is none, the next whole number that is not the right root."""
    below = isqrt(max(square, 0))
    return below + 1 if square > root * root and below * below < square else below


def _draw_roots(rng: random.Random) -> Numbers:
    small, large = sorted(rng.sample(range(1, 13), 2))
    return small, large


def _ask_roots(numbers: Numbers) -> str:
    small, large = numbers
    equation = quadratic(1, -(small + large), small * large)
    return f"Find both solutions of ${equation} = 0$. Give the smaller one first."


def _solve_vieta(numbers: Numbers, work: Work) -> str:
    first, second = numbers
    total, product = first + second, first * second
    square = work.step("Square of the sum", f"{total} * {total}", total * total)
    twice = work.step("Twice the product", f"2 * {product}", 2 * product)
    return latex(work.step("Sum of the squares", f"{plain(square)} - {plain(twice)}", square - twice))


def _ask_vieta(numbers: Numbers) -> str:
    first, second = numbers
    equation = quadratic(1, -(first + second), first * second)
    return f"The solutions of ${equation} = 0$ are $r$ and $s$. What is $r^2 + s^2$?"


def _solve_system(numbers: Numbers, work: Work) -> str:
    x, y = numbers
    total, gap = x + y, x - y
    twice = work.step("Twice x", f"{total} + {gap}", total + gap)
    one = work.step("x", f"{plain(twice)} / 2", twice / 2)
    other = work.step("y", f"{total} - {bracketed(one)}", total - one)
    return latex(work.step("Product", f"{bracketed(one)} * {bracketed(other)}", one * other))


def _draw_system(rng: random.Random) -> Numbers:
    y = rng.randint(2, 9)
    return y + rng.randint(1, 9), y


def _solve_arithmetic_term(numbers: Numbers, work: Work) -> str:
    start, gap, place = numbers
    difference = work.step("Difference", f"{start + gap} - {start}", gap)
    added = work.step("Added in all", f"{place - 1} * {plain(difference)}", (place - 1) * difference)
    return latex(work.step(f"Term {place}", f"{start} + {plain(added)}", start + added))


def _ask_arithmetic_term(numbers: Numbers) -> str:
    start, gap, place = numbers
    terms = ", ".join(str(start + gap * index) for index in range(3))
    return f"The sequence ${terms}, \\dots$ is arithmetic. What is its term number {place}?"


def _solve_geometric_term(numbers: Numbers, work: Work) -> str:
    start, ratio, place = numbers
    factor = work.step("Ratio", f"{start * ratio} / {start}", ratio)
    term = Fraction(start * ratio * ratio)
    for index in range(4, place + 1):
        term = work.step(f"Term {index}", f"{plain(term)} * {plain(factor)}", term * factor)
    return latex(term)


def _ask_geometric_term(numbers: Numbers) -> str:
    start, ratio, place = numbers
    terms = ", ".join(str(start * ratio**index) for index in range(3))
    return f"The sequence ${terms}, \\dots$ is geometric. What is its term number {place}?"


def _solve_arithmetic_sum(numbers: Numbers, work: Work) -> str:
    start, gap, count = numbers
    added = work.step("Added in all", f"{count - 1} * {gap}", (count - 1) * gap)
    last = work.step("Last term", f"{start} + {plain(added)}", start + added)
    ends = work.step("First and last term", f"{start} + {plain(last)}", start + last)
    return latex(work.step("Sum", f"{count} * {plain(ends)} / 2", count * ends / 2))


def _ask_arithmetic_sum(numbers: Numbers) -> str:
    start, gap, count = numbers
    terms = ", ".join(str(start + gap * index) for index in range(3))
    return f"What is the sum of the first {count} terms of the arithmetic sequence ${terms}, \\dots$?"


def _solve_endless_sum(numbers: Numbers, work: Work) -> str:
    start, bottom = numbers
    rest = work.step(f"1 minus the ratio, times {bottom}", f"{bottom} - 1", bottom - 1)
    top = work.step("First term times that number", f"{start} * {bottom}", start * bottom)
    return latex(work.step("Sum", f"{plain(top)} / {bracketed(rest)}", divided(top, rest)))


def _ask_endless_sum(numbers: Numbers) -> str:
    start, bottom = numbers
    terms = " + ".join(latex(Fraction(start, bottom**index)) for index in range(3))
    return f"What is the value of the endless geometric series ${terms} + \\cdots$?"


ALGEBRA = (
    Kind(
        "equation_sum",
        1,
        "Subtract the number that is added to x from the other side of the equation.",
        lambda rng: (rng.randint(2, 40), rng.randint(41, 99)),
        lambda numbers: f"Solve $x + {numbers[0]} = {numbers[1]}$ for $x$.",
        _solve_sum,
    ),
    Kind(
        "arithmetic_term",
        1,
        "Find the difference of neighbors, multiply it by the places after the first, then add the first term.",
        lambda rng: (rng.randint(1, 12), rng.randint(2, 9), rng.randint(6, 12)),
        _ask_arithmetic_term,
        _solve_arithmetic_term,
    ),
    Kind(
        "equation_two_steps",
        2,
        "Subtract the constant from the other side, then divide by the number in front of x.",
        lambda rng: (rng.randint(2, 9), rng.randint(1, 20), rng.randint(2, 12)),
        _ask_two_step,
        _solve_two_step,
    ),
    Kind(
        "like_terms",
        2,
        "Add the numbers in front of x, then add the constants, and write the sum of both.",
        lambda rng: (rng.randint(2, 9), rng.randint(1, 9), rng.randint(2, 9), rng.randint(1, 9)),
        _ask_like_terms,
        _solve_like_terms,
    ),
    Kind(
        "geometric_term",
        2,
        "Divide the second term by the first to get the ratio, then multiply on by it term after term.",
        lambda rng: (rng.randint(1, 5), rng.randint(2, 3), rng.randint(5, 6)),
        _ask_geometric_term,
        _solve_geometric_term,
    ),
    Kind(
        "equation_both_sides",
        3,
        "Subtract the smaller factor of x, subtract the constant from the other side, then divide by the new factor.",
        _draw_both_sides,
        _ask_both_sides,
        _solve_both_sides,
    ),
    Kind(
        "expand_product",
        3,
        "Add the two constants to get the factor of x, and multiply them to get the constant.",
        lambda rng: (rng.randint(1, 12), rng.randint(1, 12)),
        _ask_expand,
        _solve_expand,
    ),
    Kind(
        "quadratic_roots",
        4,
        "Subtract four times the product from the square of the sum, take the root, add the sum, then halve.",
        _draw_roots,
        _ask_roots,
        _solve_roots,
    ),
    Kind(
        "arithmetic_sum",
        4,
        "Find the last term, add the first term to it, multiply by the number of terms, then halve.",
        lambda rng: (rng.randint(1, 9), rng.randint(2, 6), rng.randint(5, 12)),
        _ask_arithmetic_sum,
        _solve_arithmetic_sum,
    ),
    Kind(
        "squares_of_roots",
        5,
        "Read sum and product of the roots from the equation, square the sum, then subtract twice the product.",
        _draw_roots,
        _ask_vieta,
        _solve_vieta,
    ),
    Kind(
        "sum_and_difference",
        5,
        "Add both equations to get twice x, halve, subtract x from the sum to get y, then multiply both.",
        _draw_system,
        lambda numbers: (
            f"If $x + y = {numbers[0] + numbers[1]}$ and $x - y = {numbers[0] - numbers[1]}$, what is $xy$?"
        ),
        _solve_system,
    ),
    Kind(
        "endless_series",
        5,
        "Subtract 1 from the bottom of the ratio, multiply the first term by the bottom, then divide both.",
        lambda rng: (rng.randint(1, 20), rng.randint(2, 9)),
        _ask_endless_sum,
        _solve_endless_sum,
    ),
)

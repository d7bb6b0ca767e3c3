"""Fractions, divisibility, remainders and chance. Example: the remainder when 23 * 17 is divided by 7."""

import math
import random
from fractions import Fraction

from pmd_envs.families.math500_kinds import Kind, Numbers, Work, bracketed, divided, latex, plain


def _solve_fraction_of(numbers: Numbers, work: Work) -> str:
    top, bottom, part = numbers
    one = work.step("One part", f"{part * bottom} / {bottom}", part)
    return latex(work.step("All parts", f"{top} * {plain(one)}", top * one))


def _draw_fraction_of(rng: random.Random) -> Numbers:
    bottom = rng.randint(3, 9)
    top = rng.choice([number for number in range(2, bottom) if math.gcd(number, bottom) == 1])
    return top, bottom, rng.randint(2, 12)


def _ask_fraction_of(numbers: Numbers) -> str:
    top, bottom, part = numbers
    return f"What is $\\frac{{{top}}}{{{bottom}}}$ of {part * bottom}?"


def _solve_remainder(numbers: Numbers, work: Work) -> str:
    number, divisor = numbers
    multiple = work.step("Largest multiple", f"{number // divisor} * {divisor}", number - number % divisor)
    return latex(work.step("Remainder", f"{number} - {plain(multiple)}", number - multiple))


def _solve_gcd(numbers: Numbers, work: Work) -> str:
    large, small = numbers
    while large % small:
        rest = work.step("Remainder", f"{large} - {large // small} * {small}", large % small)
        if not 0 < rest < small:
            return latex(rest)  # a slip ends it here
        large, small = small, int(rest)
    work.step("No remainder", f"{large} - {large // small} * {small}", 0)
    return str(small)


def _draw_gcd(rng: random.Random) -> Numbers:
    factor = rng.randint(2, 9)
    one, other = rng.choice([(3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (7, 2), (7, 3), (7, 5), (8, 3), (9, 4)])
    return one * factor, other * factor


def _solve_lcm(numbers: Numbers, work: Work) -> str:
    large, small = numbers
    common = math.gcd(large, small)
    product = work.step("Product", f"{large} * {small}", large * small)
    return latex(
        work.step(f"Over the greatest common divisor {common}", f"{plain(product)} / {common}", product / common)
    )


def _solve_lowest_terms(numbers: Numbers, work: Work) -> str:
    top, bottom, common = numbers
    upper = work.step("Top", f"{top * common} / {common}", top)
    lower = work.step("Bottom", f"{bottom * common} / {common}", bottom)
    return latex(divided(upper, lower))


def _draw_lowest_terms(rng: random.Random) -> Numbers:
    bottom = rng.randint(3, 9)
    top = rng.choice([number for number in range(1, bottom) if math.gcd(number, bottom) == 1])
    return top, bottom, rng.randint(2, 9)


def _ask_lowest_terms(numbers: Numbers) -> str:
    top, bottom, common = numbers
    return f"Write $\\frac{{{top * common}}}{{{bottom * common}}}$ in lowest terms."


def _solve_one_marble(numbers: Numbers, work: Work) -> str:
    red, blue = numbers
    total = work.step("Marbles", f"{red} + {blue}", red + blue)
    return latex(work.step("Chance", f"{red} / {plain(total)}", divided(red, total)))


def _ask_one_marble(numbers: Numbers) -> str:
    red, blue = numbers
    return (
        f"A bag holds {red} red and {blue} blue marbles. One marble is drawn at random. "
        "What is the probability that it is red?"
    )


def _solve_fraction_sum(numbers: Numbers, work: Work) -> str:
    top, bottom, second_top, second_bottom = numbers
    first = work.step("First top", f"{top} * {second_bottom}", top * second_bottom)
    second = work.step("Second top", f"{second_top} * {bottom}", second_top * bottom)
    below = work.step("Bottom", f"{bottom} * {second_bottom}", bottom * second_bottom)
    total = work.step("Top", f"{plain(first)} + {plain(second)}", first + second)
    return latex(work.step("Sum", f"{plain(total)} / {plain(below)}", divided(total, below)))


def _draw_fraction_sum(rng: random.Random) -> Numbers:
    bottom, second_bottom = rng.sample(range(2, 9), 2)
    return rng.randint(1, bottom - 1), bottom, rng.randint(1, second_bottom - 1), second_bottom


def _ask_fraction_sum(numbers: Numbers) -> str:
    top, bottom, second_top, second_bottom = numbers
    return f"Compute $\\frac{{{top}}}{{{bottom}}} + \\frac{{{second_top}}}{{{second_bottom}}}$ as one fraction."


def _solve_product_remainder(numbers: Numbers, work: Work) -> str:
    first, second, divisor = numbers
    one = work.step("First remainder", f"{first} - {first // divisor} * {divisor}", first % divisor)
    other = work.step("Second remainder", f"{second} - {second // divisor} * {divisor}", second % divisor)
    product = work.step("Product", f"{plain(one)} * {plain(other)}", one * other)
    times = product // divisor
    return latex(work.step("Remainder", f"{plain(product)} - {times} * {divisor}", product - times * divisor))


def _ask_product_remainder(numbers: Numbers) -> str:
    first, second, divisor = numbers
    return f"What is the remainder when ${first} \\cdot {second}$ is divided by {divisor}?"


def _solve_power_remainder(numbers: Numbers, work: Work) -> str:
    base, exponent, divisor = numbers
    reached = Fraction(base)
    for power in range(2, exponent + 1):
        product = work.step(f"Power {power}", f"{plain(reached)} * {base}", reached * base)
        times = product // divisor
        reached = work.step("Remainder", f"{plain(product)} - {times} * {divisor}", product - times * divisor)
    return latex(reached)


def _draw_power_remainder(rng: random.Random) -> Numbers:
    divisor = rng.choice((5, 7, 11, 13))
    return rng.randint(2, divisor - 1), rng.randint(3, 5), divisor


def _ask_power_remainder(numbers: Numbers) -> str:
    base, exponent, divisor = numbers
    return f"What is the remainder when ${base}^{exponent}$ is divided by {divisor}?"


def _solve_two_marbles(numbers: Numbers, work: Work) -> str:
    red, blue = numbers
    total = work.step("Marbles", f"{red} + {blue}", red + blue)
    ways = work.step("Pairs of red ones", f"{red} * {red - 1}", red * (red - 1))
    pairs = work.step("All pairs", f"{plain(total)} * {plain(total - 1)}", total * (total - 1))
    return latex(work.step("Chance", f"{plain(ways)} / {plain(pairs)}", divided(ways, pairs)))


def _ask_two_marbles(numbers: Numbers) -> str:
    red, blue = numbers
    return (
        f"A bag holds {red} red and {blue} blue marbles. Two are drawn without putting back. "
        "What is the probability that both are red?"
    )


def _solve_at_least_one(numbers: Numbers, work: Work) -> str:
    sides, rolls = numbers
    ways, none = Fraction(sides), Fraction(sides - 1)
    for _ in range(rolls - 1):
        ways = work.step("Results", f"{plain(ways)} * {sides}", ways * sides)
        none = work.step("Without a 1", f"{plain(none)} * {sides - 1}", none * (sides - 1))
    some = work.step("With a 1", f"{plain(ways)} - {plain(none)}", ways - none)
    return latex(work.step("Chance", f"{plain(some)} / {plain(ways)}", divided(some, ways)))


def _ask_at_least_one(numbers: Numbers) -> str:
    sides, rolls = numbers
    return f"A fair die with {sides} sides is rolled {rolls} times. What is the probability of at least one 1?"


def _solve_fraction_tower(numbers: Numbers, work: Work) -> str:
    first, second, third = numbers
    product = work.step("Product below", f"{second} * {third}", second * third)
    low = work.step("Top below", f"{plain(product)} + 1", product + 1)
    part = work.step("Turned over", f"{third} / {bracketed(low)}", divided(third, low))
    return latex(work.step("Value", f"{first} + {bracketed(part)}", first + part))


def _ask_fraction_tower(numbers: Numbers) -> str:
    first, second, third = numbers
    return f"Write ${first} + \\frac{{1}}{{{second} + \\frac{{1}}{{{third}}}}}$ as one fraction."


NUMBERS = (
    Kind(
        "fraction_of_number",
        1,
        "Divide the number by the bottom of the fraction, then multiply by the top.",
        _draw_fraction_of,
        _ask_fraction_of,
        _solve_fraction_of,
    ),
    Kind(
        "remainder",
        1,
        "Find the largest multiple of the divisor that fits in, then subtract it from the number.",
        lambda rng: (rng.randint(20, 99), rng.randint(3, 9)),
        lambda numbers: f"What is the remainder when {numbers[0]} is divided by {numbers[1]}?",
        _solve_remainder,
    ),
    Kind(
        "lowest_terms",
        1,
        "Divide top and bottom of the fraction by their greatest common divisor.",
        _draw_lowest_terms,
        _ask_lowest_terms,
        _solve_lowest_terms,
    ),
    Kind(
        "greatest_common_divisor",
        2,
        "Replace the larger number by its remainder until nothing remains; the last divisor is the answer.",
        _draw_gcd,
        lambda numbers: f"What is the greatest common divisor of {numbers[0]} and {numbers[1]}?",
        _solve_gcd,
    ),
    Kind(
        "one_marble",
        2,
        "Add the marbles of both colors, then divide the number of red ones by that total.",
        lambda rng: (rng.randint(2, 9), rng.randint(2, 9)),
        _ask_one_marble,
        _solve_one_marble,
    ),
    Kind(
        "least_common_multiple",
        3,
        "Multiply the two numbers, then divide the product by their greatest common divisor.",
        _draw_gcd,
        lambda numbers: f"What is the least common multiple of {numbers[0]} and {numbers[1]}?",
        _solve_lcm,
    ),
    Kind(
        "fraction_sum",
        3,
        "Multiply crosswise for both tops, multiply the bottoms, add the tops, then divide and reduce.",
        _draw_fraction_sum,
        _ask_fraction_sum,
        _solve_fraction_sum,
    ),
    Kind(
        "product_remainder",
        3,
        "Take the remainder of both factors, multiply the remainders, then take the remainder of the product.",
        lambda rng: (rng.randint(12, 40), rng.randint(12, 40), rng.randint(5, 11)),
        _ask_product_remainder,
        _solve_product_remainder,
    ),
    Kind(
        "power_remainder",
        4,
        "Multiply by the base again and again, and take the remainder after every product.",
        _draw_power_remainder,
        _ask_power_remainder,
        _solve_power_remainder,
    ),
    Kind(
        "two_marbles",
        4,
        "Count ordered pairs of red marbles and of all marbles, then divide the first count by the second.",
        lambda rng: (rng.randint(2, 9), rng.randint(2, 9)),
        _ask_two_marbles,
        _solve_two_marbles,
    ),
    Kind(
        "at_least_one",
        5,
        "Count all results and those without a 1, subtract to get those with one, then divide by all.",
        lambda rng: (rng.randint(4, 12), rng.randint(2, 3)),
        _ask_at_least_one,
        _solve_at_least_one,
    ),
    Kind(
        "fraction_tower",
        5,
        "Work from the bottom up: multiply and add one there, turn the fraction over, then add the whole number above.",
        lambda rng: (rng.randint(1, 9), rng.randint(1, 9), rng.randint(2, 9)),
        _ask_fraction_tower,
        _solve_fraction_tower,
    ),
)

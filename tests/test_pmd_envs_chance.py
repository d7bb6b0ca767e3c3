"""No answer is right so often that it pays to give it without reading the problem, at any level of any family.

The audit hands in constants too, but on a few problems, where any answer may be the commonest. Here many of each level
are drawn, always the same ones, and the commonest gold answer is held against chance: where the possible answers are
few and known (true, false or unknown; the letters of the options; who is a knight; who stands where), against the luck
that as many draws among equally likely answers have, else against a fixed share.
"""

from collections import Counter
from functools import cache
from math import comb, factorial

import gymnasium
import pytest
from toy_family import ToySums

import pmd_envs
from pmd_envs.env import load_family
from pmd_envs.sources import open_source

FAMILIES = [
    load_family(gymnasium.spec(env_id).kwargs["family"]) for env_id in pmd_envs.environment_ids(reasoning_gym=False)
]
CHOICES = {"Entailment": 3, "FOLIO": 3, "SciKnowEval": 4}
PLACES = {"KnightsKnaves": lambda people: 2**people, "Ordering": factorial}
"""Families whose answers hold names: they are compared by the places of those names in the problem."""
SLOW = ("KnightsKnaves", "Ordering", "Sudoku", "ZebraGrid")
SHARE = 0.25
"""Of open answers. Small numbers are commoner than others where results are small: up to a seventh are 0 at a level."""
LUCK = 1e-4
"""How unlikely an excess has to be at one level before it is one; there are about forty levels with known answers."""


def draws(family, level):
    if family.name in SLOW and level > 3:
        return 12
    return 60 if possible(family, level) else 40


def possible(family, level):
    """How many answers there may be; None where they are open."""
    if family.name in PLACES:
        fewest = min(len(task.facts["solution"]) for task in tasks_of(family, level, 6))
        return PLACES[family.name](fewest)
    return CHOICES.get(family.name)


def tasks_of(family, level, count):
    source = open_source(family, "train", level, "generated")
    return [source.at(index) for index in range(count)]


@cache
def answers(family, level, count):
    return tuple(gold_answer(family, task) for task in tasks_of(family, level, count))


def gold_answer(family, task):
    if family.name in PLACES:
        return str(task.facts["solution"])
    stated = family.answer(family.gold_solution(task))
    return task.gold if stated is None else stated


def allowed(count, among):
    """The most that one of ``among`` equally likely answers occurs in ``count`` draws, but for bad luck."""

    def exactly(times):
        return comb(count, times) * (among - 1) ** (count - times) / among**count

    more = 0.0
    for times in range(count, 0, -1):
        more += exactly(times)
        if among * more > LUCK:
            return times
    return 1


def excess(given, among):
    """What is wrong with the gold answers, or nothing."""
    (answer, times), *_ = Counter(given).most_common(1)
    most = allowed(len(given), among) if among else SHARE * len(given)
    return f"{answer!r} is right {times} of {len(given)} times, at most {most:g} is chance" if times > most else ""


def levels():
    for family in FAMILIES:
        for level in family.difficulties:
            marks = [pytest.mark.slow] if level != family.difficulties[0] else []
            yield pytest.param(family, level, id=f"{family.name}-{level}", marks=marks)


@pytest.mark.parametrize(("family", "level"), [*levels()])
def test_no_answer_is_right_more_often_than_chance_has_it(family, level):
    given = answers(family, level, draws(family, level))
    assert all(given)
    assert not excess(given, possible(family, level))


@pytest.mark.slow
@pytest.mark.parametrize("family", [family for family in FAMILIES if family.name in CHOICES], ids=lambda f: f.name)
def test_no_choice_is_right_more_often_over_all_levels(family):
    given = [answer for level in family.difficulties for answer in answers(family, level, 60)]
    assert len(set(given)) == CHOICES[family.name]
    assert not excess(given, CHOICES[family.name])


class Leaning(ToySums):
    """Sums that are 2 in three of five problems."""

    dataset = None

    def generate(self, rng, difficulty):
        small = rng.random() < 0.6
        return self.from_row(
            {"a": 1, "b": 1, "ending": str(rng.random())} if small else {"a": rng.randrange(99), "b": 9}
        )

    def content(self, problem):
        return problem.prompt


def test_a_family_that_leans_to_one_answer_is_found():
    assert "'2' is right" in excess(answers(Leaning(), 1, 40), None)
    assert excess(answers(ToySums(), 1, 40), None) == ""


@pytest.mark.parametrize(
    ("times", "count", "among", "found"),
    [(60, 60, 3, True), (36, 60, 3, True), (27, 60, 3, False), (250, 600, 3, True), (220, 600, 3, False),
     (34, 60, 4, True), (20, 60, 4, False), (8, 60, 1024, True), (1, 60, 1024, False)],
)  # fmt: skip
def test_luck_is_told_from_leaning(times, count, among, found):
    others = [f"other {number}" for number in range(min(among - 1, count))]
    given = ["yes"] * times + [others[i % len(others)] for i in range(count - times)]
    assert bool(excess(given, among)) is found
    assert times <= allowed(count, among) or found

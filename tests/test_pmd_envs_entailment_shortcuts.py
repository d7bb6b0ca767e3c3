"""What a look at the premises beside the conclusion tells of the answer: from level 5 on nothing that counts.

Each look turns an argument into a few words. The commonest answer of each of its values in one half of the problems is
the guess in the other half, so that any rule about the look is tried. With three answers a third is chance.
"""

import random
from collections import Counter, defaultdict

import pytest

from pmd_envs.families.entailment import Entailment
from pmd_envs.families.entailment_argument import Argument
from pmd_envs.families.folio import Folio

DRAWS = 300
MOST = 0.46  # four standard deviations above chance, with some for the best of many looks
ENTAILMENT = Entailment()
LEVELS = (5, 6, 7, 8, 9, 10)
DRAWN = [(ENTAILMENT, 5), pytest.param(Folio(), 5, marks=pytest.mark.slow)]
LONG = [
    pytest.param(family, level, marks=pytest.mark.slow)
    for family, levels in ((ENTAILMENT, LEVELS), (Folio(), [10]))
    for level in levels
    if level != 5
]


def drawn(family, level, count=DRAWS):
    """Arguments and their labels."""
    rng = random.Random(f"shortcuts/{level}")
    problems = [family.generate(rng, level) for _ in range(count)]
    return [(Argument.from_facts(problem.facts), problem.gold) for problem in problems]


def mentioning(argument, number):
    return [premise for premise in argument.premises if number in map(abs, premise.literals)]


def rules_of(argument):
    """The premises that the conclusion stands in, in order."""
    return mentioning(argument, abs(argument.conclusion))


def affirmed(premise, number):
    """What a rule of two sides would say of a proposition, if it applies; 0 if that depends on the other side."""
    literal = next(literal for literal in premise.literals if abs(literal) == number)
    if premise.form in ("fact", "or") or (premise.form in ("if", "two") and premise.literals[-1] == literal):
        return literal
    return -literal if premise.form in ("if", "nand") else 0


def others(argument, premise):
    return [abs(literal) for literal in premise.literals if abs(literal) != abs(argument.conclusion)]


def distances(argument):
    """How many premises each proposition is away from a fact."""
    found = {premise.literals[0]: 0 for premise in argument.premises if premise.form == "fact"}
    found = {abs(literal): distance for literal, distance in found.items()}
    while True:
        near = [p for p in argument.premises if any(abs(n) in found for n in p.literals)]
        new = {abs(n): 1 + min(found[abs(m)] for m in p.literals if abs(m) in found) for p in near for n in p.literals}
        if all(number in found for number in new):
            return found
        found = new | found


def guessed(argument, number, steps, origin=0):
    """The literal that most of a proposition's rules would affirm, or so many links farther; 0 if neither has more."""
    about = [premise for premise in mentioning(argument, number) if premise not in rules_of(argument)]
    votes = sum((said > 0) - (said < 0) for said in (affirmed(premise, number) for premise in about))
    for premise in about if not votes and steps else ():
        (other,) = {abs(literal) for literal in premise.literals} - {number} if premise.form in ("iff", "xor") else (0,)
        known = guessed(argument, other, steps - 1, number) if other not in (0, origin) else 0
        votes += sum((1 if number in row else -1) for row in premise.rows if known in row)
    return number * ((votes > 0) - (votes < 0))


def applies(argument, premise, steps):
    """Whether a rule of the conclusion applies, as far as the next premises would have it; None if they do not say."""
    literal = guessed(argument, others(argument, premise)[0], steps)
    if not literal:
        return None
    return all(affirmed(premise, abs(argument.conclusion)) in row for row in premise.rows if literal in row)


def next_premises(argument, steps):
    """What each of its rules says, and whether it seems to apply."""
    return tuple(sorted((says(argument, p), str(applies(argument, p, steps))) for p in rules_of(argument)))


def says(argument, premise):
    return affirmed(premise, abs(argument.conclusion)) == argument.conclusion


def place(argument, premise):
    """The form of a rule, and where and how the conclusion's proposition stands in it."""
    at = [abs(literal) for literal in premise.literals].index(abs(argument.conclusion))
    return premise.form, at, premise.literals[at] == argument.conclusion


def far_first(argument):
    """Its rules, those with the things that are farthest from a fact first."""
    away = distances(argument)
    return sorted(rules_of(argument), key=lambda premise: -max(away.get(n, 99) for n in others(argument, premise)))


def well_known_first(argument):
    """Its rules, those with the things that stand in most premises first."""
    return sorted(rules_of(argument), key=lambda p: -sum(len(mentioning(argument, n)) for n in others(argument, p)))


LOOKS = {
    "how often it stands": lambda a: len(rules_of(a)),
    "its rules": lambda a: tuple(sorted(place(a, premise) for premise in rules_of(a))),
    "number and first rule": lambda a: (len(rules_of(a)), says(a, rules_of(a)[0])),
    "its rules in order": lambda a: tuple(says(a, premise) for premise in rules_of(a)),
    "where they stand": lambda a: tuple(sorted(a.premises.index(rule) * 3 // len(a.premises) for rule in rules_of(a))),
    "the one far from facts": lambda a: (len(rules_of(a)), says(a, far_first(a)[0])),
    "the one near a fact": lambda a: (len(rules_of(a)), says(a, far_first(a)[-1])),
    "how far they are": lambda a: tuple(distances(a).get(n, 99) for p in far_first(a) for n in others(a, p)),
    "the one with well known things": lambda a: (len(rules_of(a)), says(a, well_known_first(a)[0])),
    "facts beside it": lambda a: tuple(distances(a).get(n) == 0 for p in rules_of(a) for n in others(a, p)),
    "signs beside it": lambda a: tuple(
        (says(a, premise), tuple(literal > 0 for literal in premise.literals)) for premise in rules_of(a)
    ),
    "one premise farther": lambda a: next_premises(a, 0),
    "two premises farther": lambda a: next_premises(a, 1),
    "links beside it": lambda a: tuple(
        sorted((says(a, p), *sorted(q.form for n in others(a, p) for q in mentioning(a, n))) for p in rules_of(a))
    ),
}  # fmt: skip


def share_right(look, problems):
    """How often the commonest answer to a look is right, where it was the commonest of other problems."""
    seen = [(look(argument), gold) for argument, gold in problems]
    right = 0
    for half in (0, 1):
        counts = defaultdict(Counter)
        for value, gold in seen[half::2]:
            counts[value][gold] += 1
        usual = Counter(gold for _, gold in seen[half::2]).most_common(1)[0][0]
        right += sum(
            (counts[value].most_common(1)[0][0] if value in counts else usual) == gold
            for value, gold in seen[1 - half :: 2]
        )
    return right / len(seen)


@pytest.mark.parametrize(("family", "level"), [*DRAWN, *LONG], ids=lambda value: getattr(value, "name", value))
def test_no_look_at_what_is_beside_the_conclusion_gives_the_answer(family, level):
    problems = drawn(family, level)
    found = {name: share_right(look, problems) for name, look in LOOKS.items()}
    assert max(found.values()) < MOST, found


def test_a_look_is_the_task_of_the_first_level_and_is_found():
    assert share_right(LOOKS["its rules"], drawn(ENTAILMENT, 4)) > 0.55
    assert share_right(LOOKS["one premise farther"], drawn(ENTAILMENT, 1)) > 0.9


@pytest.mark.parametrize("level", LEVELS)
def test_the_conclusion_stands_in_one_rule_that_affirms_and_one_that_denies_it(level):
    for argument, _ in drawn(ENTAILMENT, level, 30):
        both = rules_of(argument)
        assert sorted(says(argument, premise) for premise in both) == [False, True]
        assert len({premise.form for premise in both}) == 1

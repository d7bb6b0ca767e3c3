"""Entailment: fair labels, readable claims, what follows and what is only possible."""

import random
from collections import Counter
from itertools import product

import gymnasium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.families.entailment import Entailment
from pmd_envs.families.entailment_argument import Argument, Premise, of_literal
from pmd_envs.families.entailment_family import read_claim, read_label
from pmd_envs.families.entailment_making import draw
from pmd_envs.families.entailment_reasoning import inferences, known_of, needed
from pmd_envs.families.folio import Folio
from pmd_envs.generated import split_of
from pmd_envs.logic.formulas import And, Implies, Not, Or, Var, evaluate
from pmd_envs.logic.solver import entails, satisfiable
from pmd_envs.logic.theory import Theory
from pmd_envs.records import Task

FAMILY = Entailment()
LABELS = ("true", "false", "unknown")
PROPOSITIONS = (
    ("it rains", "it does not rain"),
    ("the dog barks", "the dog does not bark"),
    ("Mia is tired", "Mia is not tired"),
)
RAIN = Argument(
    PROPOSITIONS,
    (Premise("fact", (1,)), Premise("if", (1, 2)), Premise("if", (3, 1))),
    ("it rains", "if it rains, then the dog barks", "if Mia is tired, then it rains"),
    2,
)


def task_of(problem, family=FAMILY):
    return Task("x", family.name, "train", problem.prompt, problem.gold, problem.facts, "")


def rain_task(conclusion):
    facts = {**RAIN.to_facts(), "conclusion": conclusion}
    return Task("x", FAMILY.name, "train", "", "", facts, "")


def brute_label(argument):
    """By looking at all truth tables."""
    rows = product((False, True), repeat=len(argument.propositions))
    kept = [row for row in rows if all(evaluate(formula, row) for formula in argument.formulas)]
    values = {evaluate(of_literal(argument.conclusion), row) for row in kept}
    return {(True,): "true", (False,): "false"}.get(tuple(values), "unknown")


# Tables double with every atom; the levels from 7 are left to the SAT solver that made them.
@settings(max_examples=80)
@given(st.integers(0, 100_000), st.sampled_from(FAMILY.difficulties[:6]))
def test_the_label_is_what_truth_tables_say_and_the_others_fail(seed, difficulty):
    problem = FAMILY.generate(random.Random(seed), difficulty)
    task, argument = task_of(problem), Argument.from_facts(problem.facts)
    assert problem.gold == brute_label(argument)
    assert satisfiable(argument.formulas)
    assert [label for label in LABELS if FAMILY.verify(task, f"#### {label}").score] == [problem.gold]
    turned = Task("x", FAMILY.name, "train", "", "", {**problem.facts, "conclusion": -argument.conclusion}, "")
    opposite = {"true": "false", "false": "true"}.get(problem.gold, "unknown")
    assert FAMILY.verify(turned, f"#### {opposite}").score == 1


@pytest.mark.parametrize(
    ("family", "difficulty"),
    [
        pytest.param(family, level, marks=pytest.mark.slow if level > 5 else ())
        for level in FAMILY.difficulties
        for family in ((FAMILY,) if level % 2 else (FAMILY, Folio()))
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_labels_are_balanced_at_every_level_and_in_every_split(family, difficulty):
    golds = {"train": Counter(), "validation": Counter(), "test": Counter()}
    rng = random.Random(5)
    for _ in range(300):
        problem = family.generate(rng, difficulty)
        golds[split_of(family.content(problem))][problem.gold] += 1
    for counts in (*golds.values(), sum(golds.values(), Counter())):
        luck = 4 * (2 / 9 / counts.total()) ** 0.5  # as many standard deviations
        assert all(abs(counts[label] / counts.total() - 1 / 3) < luck for label in ("true", "false", family.neither)), (
            golds
        )


def test_how_a_conclusion_is_worded_says_nothing_about_the_label():
    rng = random.Random(6)
    denied = Counter()
    for _ in range(1500):
        problem = FAMILY.generate(rng, 1)
        denied[problem.gold, problem.facts["conclusion"] < 0] += 1
    for label in LABELS:
        share = denied[label, True] / (denied[label, True] + denied[label, False])
        assert 0.42 < share < 0.58


def test_all_conclusions_about_the_same_premises_are_in_one_split():
    contents = {FAMILY.content(type(p)("", "", {**p.facts, "conclusion": c})) for c in (1, -1, 2, -2)
                for p in [FAMILY.generate(random.Random(3), 3)]}  # fmt: skip
    assert len(contents) == 1
    renamed = Argument(PROPOSITIONS[::-1], RAIN.premises, RAIN.texts, 1)
    assert renamed.content() == RAIN.content()
    numbered = tuple(
        Premise(p.form, tuple((4 - abs(n)) * (1 if n > 0 else -1) for n in p.literals)) for p in RAIN.premises
    )
    assert Argument(PROPOSITIONS, numbered, RAIN.texts, 1).content() == RAIN.content()


@pytest.mark.parametrize("difficulty", FAMILY.difficulties)
def test_a_draft_settles_one_literal_and_leaves_one_open(difficulty):
    for kind in FAMILY.kinds(difficulty):
        draft = draw(random.Random(kind), kind)
        formulas = [premise.formula for premise in draft.premises]
        assert entails(formulas, of_literal(draft.settled))
        assert not entails(formulas, of_literal(draft.open))
        assert not entails(formulas, of_literal(-draft.open))


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.sampled_from(FAMILY.difficulties))
def test_inferences_find_exactly_what_follows(seed, difficulty):
    argument = Argument.from_facts(FAMILY.generate(random.Random(seed), difficulty).facts)
    facts = {premise.literals[0] for premise in argument.premises if premise.form == "fact"}
    found = {literal for step in inferences(argument) for literal in step.literals} | facts
    for number in range(1, len(argument.propositions) + 1):
        for literal in (number, -number):
            assert (literal in found) == entails(argument.formulas, of_literal(literal))


def test_what_stays_open_is_said_with_the_premise_that_leaves_it_open():
    task = rain_task(3)
    said = FAMILY.gold_solution(task).splitlines()
    assert said == [
        "If Mia is tired, then it rains, and it rains, which is its consequence, so it can be that Mia is tired.",
        "If Mia is tired, then it rains, and it rains, which is its consequence, so it can be that Mia is not tired.",
        "#### unknown",
    ]
    assert [FAMILY.judge(task, [], line).ok for line in said[:2]] == [True, True]


def test_only_needed_inferences_are_written():
    found = inferences(RAIN)
    assert [step.line for step in needed(found, 2)] == [
        "if it rains, then the dog barks, and it rains, which meets its condition, so the dog barks."
    ]
    assert needed(found, 3) == []
    assert needed(found, -2) == []


@pytest.mark.parametrize(
    ("form", "literals", "known", "said"),
    [
        ("if", (1, -2), (1,), "it rains, which meets its condition"),
        ("if", (1, -2), (-1,), "it does not rain, which fails its condition"),
        ("if", (1, -2), (-2,), "the dog does not bark, which is its consequence"),
        ("if", (1, -2), (2,), "the dog barks, which denies its consequence"),
        ("or", (1, -2), (-2,), "the dog does not bark, which is one side"),
        ("nand", (1, -2), (-1,), "it does not rain, which denies one side"),
        ("iff", (1, -2), (1,), "it rains, which is one side"),
        ("xor", (1, -2), (2,), "the dog barks, which denies one side"),
        ("two", (1, 2, 3), (1, 2), "it rains and the dog barks, which meets its conditions"),
        (
            *("two", (1, 2, 3), (2, -3)),
            "the dog barks and Mia is not tired, which meets its condition and denies its consequence",
        ),
    ],
)
def test_a_step_says_where_what_is_known_stands_in_its_premise(form, literals, known, said):
    assert known_of(RAIN, Premise(form, literals), known) == f", and {said}"
    assert known_of(RAIN, Premise(form, literals), ()) == ""


FOLLOWS = {
    ("if", "meets its condition"): True,
    ("if", "denies its consequence"): True,
    ("if", "fails its condition"): False,
    ("if", "is its consequence"): False,
    ("or", "denies one side"): True,
    ("or", "is one side"): False,
    ("nand", "is one side"): True,
    ("nand", "denies one side"): False,
}


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.sampled_from((Entailment(), Folio())))
def test_where_a_fact_stands_tells_whether_something_follows(seed, family):
    task = task_of(family.generate(random.Random(seed), 1), family)
    argument = Argument.from_facts(task.facts)
    forms = {text.casefold(): premise.form for premise, text in zip(argument.premises, argument.texts, strict=True)}
    *lines, label = family.gold_solution(task).splitlines()
    for line in lines:
        premise, _, stands = line.partition(", so ")[0].rpartition(", which ")
        form = next(form for text, form in forms.items() if premise.casefold().startswith(f"{text}, and "))
        assert FOLLOWS[form, stands] == (label != f"#### {family.neither}") == ("so it can be that" not in line)


A, B, C = Var(0), Var(1), Var(2)


@pytest.mark.parametrize(
    ("step", "possible", "claim"),
    [
        ("the dog barks", False, B),
        ("So, THE DOG does not bark.", False, Not(B)),
        ("If it rains then the dog barks, and it rains, so the dog barks.", False, B),
        ("Therefore it rains and Mia is tired", False, And(A, C)),
        ("it rains or Mia is not tired", False, Or(A, Not(C))),
        ("If it rains, then the dog barks and Mia is tired", False, Implies(A, And(B, C))),
        ("It can be that Mia is tired.", True, C),
        ("It might be that Mia is tired and the dog barks", True, And(C, B)),
        ("it rains or the dog barks and Mia is tired", False, None),
        ("it snows", False, None),
        ("it rains and it snows", False, None),
        ("it can be that", False, None),
        ("it can be that it snows", True, None),
        ("", False, None),
    ],
)
def test_what_a_step_claims(step, possible, claim):
    assert read_claim(RAIN, step) == (possible, claim)


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("it rains, so the dog barks", True),
        ("the dog does not bark", False),
        ("Mia is tired", None),
        ("It can be that Mia is tired.", True),
        ("It can be that Mia is not tired.", True),
        ("It can be that the dog does not bark.", False),
        ("if Mia is tired then the dog barks", True),
        ("I think so", None),
        ("Suppose it does not rain; if it rains, then the dog barks, so the dog does not bark", None),
        ("If it rains, the dog barks. It does not rain, so Mia is tired.", None),
        ("If Mia is tired, it is late. It is not late, so the dog does not bark.", None),
        ("Suppose it does not rain, it rains, so Mia is tired", None),
        ("Assume, for contradiction, that it does not rain, so the dog does not bark", True),
        ("Suppose Mia is tired, so it does not rain", None),
        ("If Mia is tired, it is late, so the dog does not bark", None),
        ("If Mia is tired, it is late, so it rains", True),
        ("If it rains, I am wet, so the dog does not bark", False),
        ("If the dog barks, I wake up, so it does not rain", False),
        ("If Mia is tired, then it rains, so Mia is not tired", None),
        ("If it rains, then the dog barks, so the dog does not bark", False),
        ("If it rains then the dog barks, and it rains, so the dog does not bark", None),
        ("If Mia is tired then it rains, and it rains, so Mia is tired", None),
        ("If it snows, it is cold, so the dog does not bark", None),
        ("If the dog does not bark, so it can be that it does not rain", None),
        ("If the dog does not bark then it rains and it does not rain, a contradiction, so the dog barks.", True),
        ("If the dog barks then it rains and it does not rain, a contradiction, so the dog does not bark.", False),
    ],
)
def test_steps(step, ok):
    assert FAMILY.check_step(rain_task(2), [], step).ok is ok


@pytest.mark.parametrize(
    ("accepted", "step", "ok"),
    [
        (["Mia is tired"], "Mia is tired", None),
        (["Mia is tired"], "Mia is tired and the dog barks", None),
        (["Mia is tired"], "Mia is not tired", None),
        (["If it rains, then Mia is tired"], "Mia is tired", None),
        (["It can be that Mia is tired"], "Mia is tired", None),
        (["Mia is tired", "Mia is not tired"], "Mia is tired", None),
        (["the dog barks"], "the dog barks", True),
        (["Mia is tired"], "the dog does not bark", False),
    ],
)
def test_a_step_that_does_not_follow_proves_nothing(accepted, step, ok):
    assert FAMILY.check_step(rain_task(3), accepted, step).ok is ok


def test_a_fallacy_pays_nothing_however_often_it_is_said():
    env = gymnasium.make("pmd/Entailment-v0", source="generated", difficulty=1, reward="shaped")
    for index in range(60):
        env.reset(options={"index": index})
        task = env.unwrapped.task
        if task.gold == "unknown":
            break
    claim = Argument.from_facts(task.facts).words([task.facts["conclusion"]])
    for _ in range(3):
        _, reward, _, _, info = env.step(claim)
        assert (reward, info["verified"]) == (0, 0)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("true", "true"),
        ("False.", "false"),
        ("**Unknown**", "unknown"),
        (r"\text{uncertain}", "unknown"),
        ("true or false", ""),
        ("not true", ""),
        ("truefalse", ""),
        ("yes", ""),
        ("tru", ""),
        ("", ""),
    ],
)
def test_labels(answer, label):
    assert read_label(answer, "unknown") == label


def test_a_theory_answers_as_often_as_it_is_asked():
    theory = Theory([Or(A, B)], 3)
    assert theory.status(B, [Not(A)]) is True
    assert theory.status(B) is None
    assert theory.status(And(Not(A), Not(B))) is False
    assert theory.status(C, [And(A, Not(A))]) is None
    assert theory.allows([Not(A), C])
    assert not theory.allows([Not(A), Not(B)])

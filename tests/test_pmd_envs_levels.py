"""Ten levels: each is harder than the one below it by a measure that the family's page names."""

import ast
import itertools
import random
import statistics

import pytest

from pmd_envs.env import load_family
from pmd_envs.generated import GeneratedSource
from pmd_envs.records import Task

SAMPLES = {"zebra_grid:ZebraGrid": 8, "ordering:Ordering": 10, "knights_knaves:KnightsKnaves": 8}
MOST_SAMPLES = 16
"""Problems of a level, where they are quick to make."""
SLACK = 0.5
"""Two of the first five levels may differ in the sort of steps and not in their number."""
BY_NANO = {"program_repair:ProgramRepair": 5}
"""As many of the first levels are in the order of nano's solve rate instead."""


def steps(family, problem):
    """Lines of the gold solution."""
    task = Task("x", family.name, "train", problem.prompt, problem.gold, problem.facts, "")
    return len(family.split_steps(family.gold_solution(task)))


def nodes(_, problem):
    """Parts of the program that is asked for."""
    return sum(1 for _ in ast.walk(ast.parse(problem.gold)))


def nodes_of_the_prompt(_, problem):
    """Parts of the program that is shown."""
    return sum(1 for _ in ast.walk(ast.parse(problem.prompt.rpartition("\n")[0])))


def people(_, problem):
    return len(problem.facts["names"])


MEASURES = {
    "knights_knaves:KnightsKnaves": (people, steps),
    "ordering:Ordering": (steps,),
    "entailment:Entailment": (steps,),
    "folio:Folio": (steps,),
    "zebra_grid:ZebraGrid": (steps,),
    "gsm8k:GSM8K": (steps,),
    "program_repair:ProgramRepair": (nodes,),
    "cruxeval:CRUXEval": (nodes_of_the_prompt,),
    "function_synthesis:FunctionSynthesis": (nodes,),
}
LONG = ("entailment:Entailment", "folio:Folio", "ordering:Ordering", "zebra_grid:ZebraGrid")
each_family = pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.slow] if path in LONG else []) for path in MEASURES]
)


def family_of(path):
    return load_family(f"pmd_envs.families.{path}")


def one_problem(family, level, index):
    """A problem of a level, all kinds equally often."""
    kinds = family.kinds(level)
    return family.generate_kind(random.Random(f"harder/{level}/{index}"), kinds[index % len(kinds)], level)


@each_family
def test_levels_get_harder(path):
    family = family_of(path)
    assert family.difficulties == tuple(range(1, 11))
    indices = range(SAMPLES.get(path, MOST_SAMPLES))
    drawn = {level: [one_problem(family, level, index) for index in indices] for level in family.difficulties}
    for measure in MEASURES[path]:
        means = [statistics.mean(measure(family, problem) for problem in problems) for problems in drawn.values()]
        skipped = BY_NANO.get(path, 0)
        assert all(later > earlier - SLACK for earlier, later in itertools.pairwise(means[skipped:5])), means
        assert all(later > earlier for earlier, later in itertools.pairwise(means[max(4, skipped) :])), means


@each_family
def test_added_levels_leave_the_data_of_the_others_alone(path):
    family = family_of(path)
    prints = {level: GeneratedSource(family, "train", level).fingerprint for level in (None, 1, 5, 6, 10)}
    assert prints[1] == prints[5] != prints[6]
    assert prints[6] == prints[10] == prints[None]

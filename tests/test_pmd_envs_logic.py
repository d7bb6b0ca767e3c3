from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.logic.formulas import (
    And,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Var,
    evaluate,
    from_json,
    joined,
    rename,
    to_cnf,
    to_json,
    variables,
)
from pmd_envs.logic.solver import count_models, entails, models, satisfiable, unique_model

SIZE = 4


def _wider(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    binary = st.sampled_from((And, Or, Implies, Iff))
    return st.builds(Not, inner) | st.builds(lambda node, a, b: node(a, b), binary, inner, inner)


formulas = st.recursive(st.builds(Var, st.integers(0, SIZE - 1)), _wider, max_leaves=12)
sets_of_formulas = st.lists(formulas, max_size=4)


def _brute_models(premises):
    return {v for v in product((False, True), repeat=SIZE) if all(evaluate(p, v) for p in premises)}


@pytest.mark.parametrize(
    ("node", "table"),
    [
        (And, (True, False, False, False)),
        (Or, (True, True, True, False)),
        (Implies, (True, False, True, True)),
        (Iff, (True, False, False, True)),
    ],
)
def test_truth_tables(node, table):
    rows = product((True, False), repeat=2)
    assert tuple(evaluate(node(Var(0), Var(1)), row) for row in rows) == table
    assert evaluate(Not(Var(0)), (False,))


@given(st.lists(formulas, min_size=1, max_size=9), st.sampled_from((And, Or)))
def test_joined_formulas_say_the_same_as_one_after_the_other(parts, node):
    one = joined(node, parts)
    for row in product((False, True), repeat=SIZE):
        assert evaluate(one, row) == (all if node is And else any)(evaluate(part, row) for part in parts)
    assert variables(one) == frozenset().union(*map(variables, parts))


def test_ten_thousand_formulas_are_joined_to_one_that_can_be_compared():
    one, other = (joined(Or, [Var(i % 7) for i in range(10_000)]) for _ in range(2))
    assert (one == other, hash(one) == hash(other), len(to_cnf([one])) > 0) == (True, True, True)
    with pytest.raises(ValueError, match="nothing to join"):
        joined(And, [])


@given(sets_of_formulas)
def test_the_solver_finds_the_models_that_brute_force_finds(premises):
    expected = _brute_models(premises)
    found = models(premises, SIZE, limit=2**SIZE + 1)
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert satisfiable(premises) == bool(expected)
    assert count_models(premises, SIZE) == min(2, len(expected))
    assert unique_model(premises, SIZE) == (next(iter(expected)) if len(expected) == 1 else None)


@given(sets_of_formulas, formulas)
def test_entailment_is_truth_in_every_model(premises, claim):
    assert entails(premises, claim) == all(evaluate(claim, model) for model in _brute_models(premises))


def test_propositions_that_nothing_mentions_are_free():
    assert count_models([And(Var(0), Var(0))], 3, limit=10) == 4
    assert count_models([], 2, limit=10) == 4
    assert unique_model([Or(Var(0), Var(0))], 2) is None


@given(formulas)
def test_json_round_trip(formula):
    assert from_json(to_json(formula)) == formula


@pytest.mark.parametrize(
    "data", [None, 3, [], ["var"], ["var", -1], ["var", True], ["xor", ["var", 0], ["var", 1]], ["not", []]]
)
def test_other_json_is_refused(data):
    with pytest.raises(ValueError, match="not a formula"):
        from_json(data)


@given(formulas, st.permutations(range(SIZE)))
def test_renaming_permutes_the_propositions(formula, order):
    renamed = rename(formula, lambda index: order[index])
    assert variables(renamed) == {order[index] for index in variables(formula)}
    for values in product((False, True), repeat=SIZE):
        assert evaluate(formula, values) == evaluate(renamed, [values[order.index(i)] for i in range(SIZE)])


@settings(max_examples=30)
@given(sets_of_formulas)
def test_clauses_grow_linearly(premises):
    nodes = sum(str(to_json(formula)).count("[") for formula in premises)
    assert len(to_cnf(premises)) <= 4 * nodes

from itertools import combinations, pairwise, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.statistics import (
    avg_at_k,
    bootstrap_interval,
    crossed_interval,
    maj_at_k,
    pass_at_k,
    pass_at_k_of_counts,
)

shapes = st.tuples(st.integers(1, 6), st.integers(1, 8))
tables = shapes.flatmap(lambda shape: arrays(bool, shape))


@given(tables, st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_right_answer(correct, data):
    k = data.draw(st.integers(1, correct.shape[1]))
    by_hand = [np.mean([any(subset) for subset in combinations(row, k)]) for row in correct.tolist()]
    assert pass_at_k(correct, k) == pytest.approx(np.mean(by_hand), abs=1e-12)


@given(tables)
def test_pass_at_k_lies_in_bounds_rises_with_k_and_starts_at_the_mean(correct):
    values = [pass_at_k(correct, k) for k in range(1, correct.shape[1] + 1)]
    assert all(0 <= value <= 1 for value in values)
    assert all(b >= a - 1e-12 for a, b in pairwise(values))
    assert values[0] == pytest.approx(avg_at_k(correct))
    assert values[-1] == correct.any(axis=1).mean()


@pytest.mark.parametrize(
    ("n", "right", "k", "value"),
    # 1 - C(n-c, k) / C(n, k), as in the paper on HumanEval, written out as fractions.
    [(10, 3, 1, 3 / 10), (10, 3, 5, 11 / 12), (5, 2, 2, 7 / 10), (200, 0, 100, 0.0), (200, 101, 100, 1.0)],
)
def test_pass_at_k_gives_the_published_estimator(n, right, k, value):
    assert pass_at_k_of_counts(np.array([right]), n, k)[0] == pytest.approx(value, abs=1e-14)


def test_pass_at_k_is_stable_where_binomials_overflow_a_float():
    n, right, k = 5000, 3, 2500
    exact = 1 - comb(n - right, k) / comb(n, k)
    assert pass_at_k_of_counts(np.array([right]), n, k)[0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("k", [0, 4])
def test_pass_at_k_refuses_more_answers_than_there_are(k):
    with pytest.raises(ValueError, match=f"k is {k}, not between 1 and the 3"):
        pass_at_k(np.ones((2, 3), dtype=bool), k)


def test_maj_at_k_takes_the_most_frequent_answer_and_splits_ties():
    answers = [["7", "7", "8"], ["1", "2", ""], ["3", "4", "4"], ["", "", ""]]
    correct = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    assert maj_at_k(answers, correct) == pytest.approx((1 + 0.5 + 0 + 0) / 4)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=3, max_size=3), min_size=1, max_size=5))
def test_maj_at_k_equals_drawing_among_the_most_frequent(answers):
    correct = np.array([[answer == "a" for answer in row] for row in answers])
    chances = []
    for row in answers:
        votes = [answer for answer in row if answer]
        most = max((votes.count(answer) for answer in votes), default=0)
        winners = {answer for answer in votes if votes.count(answer) == most}
        chances.append(("a" in winners) / max(len(winners), 1))
    assert maj_at_k(answers, correct) == pytest.approx(np.mean(chances))


def test_maj_at_k_refuses_answers_of_another_shape():
    with pytest.raises(ValueError, match="shape"):
        maj_at_k([["1"]], np.ones((1, 2), dtype=bool))


@given(st.lists(tables, min_size=1, max_size=3), st.integers(0, 5))
def test_the_interval_lies_in_bounds_and_is_the_same_for_the_same_seed(environments, seed):
    interval = bootstrap_interval(environments, seed)
    assert 0 <= interval.low <= interval.high <= 1
    assert interval == bootstrap_interval(environments, seed)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        environments = [rng.random((60, 1)) < chance for chance in (0.3, 0.7)]
        interval = bootstrap_interval(environments, seed)
        covered += interval.low <= 0.5 <= interval.high
    assert 0.89 <= covered / 200 <= 0.99


@pytest.mark.slow
@given(st.data())
def test_copies_of_problems_leave_an_interval_as_it_is(data):
    # Every problem three times says no more of other problems than every problem once.
    values = np.array(data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=6)))[:, None]
    same = [i for i in range(len(values)) for _ in range(3)]
    once, seed = bootstrap_interval([values], 0), 0
    thrice = bootstrap_interval([np.repeat(values, 3, axis=0)], seed, [[3 * i for i in same]])
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    both = crossed_interval([np.repeat(values, 3, axis=0).T], seed, [[3 * i for i in same]])
    alone = crossed_interval([values.T], seed)
    assert (both.low, both.high) == pytest.approx((alone.low, alone.high))


def test_copies_are_drawn_together_and_all_different_is_as_before():
    scores = np.array([[1.0]] * 33 + [[0.0]] * 67)  # of three problems one is always solved
    labels = [0] * 33 + [33] * 33 + [66] * 34
    assert bootstrap_interval([scores], 0).high < 0.45
    told = bootstrap_interval([scores], 0, [labels])
    assert (told.low, told.high) == pytest.approx((0.0, 1.0))
    crossed = crossed_interval([scores.T], 0, [labels])
    assert (crossed.low, crossed.high) == pytest.approx((0.0, 1.0))
    assert bootstrap_interval([scores], 0, [range(100)]) == bootstrap_interval([scores], 0)
    assert crossed_interval([scores.T], 0, [range(100)]) == crossed_interval([scores.T], 0)
    with pytest.raises(ValueError, match="2 problems are told apart, and there are 100"):
        bootstrap_interval([scores], 0, [[0, 1]])


@given(st.integers(4, 6), st.integers(8, 20), st.integers(0, 99))
@settings(max_examples=8)
def test_crossed_resamples_are_those_of_a_plain_loop(seeds, problems, seed):
    rng = np.random.default_rng(seed)
    tables = [rng.random((seeds, problems)), rng.random((seeds, problems + 1))]
    found = crossed_interval(tables, seed)
    means = []
    for _ in range(2000):
        drawn = rng.integers(seeds, size=seeds)
        means.append(np.mean([t[drawn][:, rng.integers(t.shape[1], size=t.shape[1])].mean() for t in tables]))
    width = np.std(means)
    low, high = np.quantile(means, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.3 * width + 1e-9)
    assert found.high == pytest.approx(high, abs=0.3 * width + 1e-9)


def test_chance_moves_the_ends_of_a_crossed_interval_little():
    rng = np.random.default_rng(0)
    tables = [rng.normal(0.03, 0.3, (5, 48)) for _ in range(3)]
    ends = [(found.low, found.high) for found in (crossed_interval(tables, seed) for seed in range(6))]
    assert 0 < np.ptp(ends, axis=0).max() < 0.0015


def test_environments_count_the_same_whatever_their_size():
    interval = bootstrap_interval([np.zeros((1000, 1)), np.ones((2, 1))], seed=0)
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_resampling_stays_within_an_environment():
    # Drawing from the pool of both would give a mean below 1 in an environment that is always solved.
    solved, varied = np.ones((50, 2)), np.tile([[0.0], [1.0]], (25, 2))
    interval = bootstrap_interval([solved, varied], seed=1)
    assert 0.5 + 0.5 * 0.3 < interval.low < 0.75 < interval.high < 0.5 + 0.5 * 0.7


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,)])
def test_empty_or_flat_scores_are_refused(shape):
    with pytest.raises(ValueError, match="problems by samples"):
        avg_at_k(np.zeros(shape))


def test_every_possible_small_table_agrees_with_counting():
    for bits in product([False, True], repeat=4):
        table = np.array(bits).reshape(2, 2)
        assert avg_at_k(table) == sum(bits) / 4
        assert pass_at_k(table, 2) == sum(any(row) for row in table) / 2

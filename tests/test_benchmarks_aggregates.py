"""Statistics over runs and problems against published numbers, hand-worked ones and their own bounds."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from benchmarks.comparisons import EXACT, FLIPS, benjamini_hochberg, holm, sign_flip_test
from benchmarks.statistics import bootstrap_interval, pass_at_k_of_counts
from leaderboard.aggregates import (
    improvement,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
    resample,
    spread,
)
from leaderboard.learning import area_under_curve, cost_per_solved, samples_to_reach, smoothed

# The score tables of rliable's own tests (tests/rliable/metrics_test.py), runs by tasks.
X = np.array([[1, 2], [2, 2], [1, 1], [2, 1]], dtype=float)
Y = np.array([[1, 1], [2, 2], [3, 3]], dtype=float)
unit = st.floats(0, 1, width=32)
tables = st.tuples(st.integers(1, 5), st.integers(1, 4)).flatmap(lambda shape: arrays(np.float64, shape, elements=unit))


def by_task(table):
    """Every task a group of its own: rliable's strata."""
    return list(np.hsplit(table, table.shape[1]))


def test_rliables_own_test_numbers():
    assert interquartile_mean(by_task(X)) == 1.5
    assert interquartile_mean(by_task(Y)) == 2
    assert probability_of_improvement(by_task(X), by_task(Y)) == pytest.approx(1 / 3, abs=1e-12)


@given(tables)
def test_the_interquartile_mean_is_the_trimmed_mean_that_rliable_takes_from_scipy(table):
    assert interquartile_mean([table]) == pytest.approx(stats.trim_mean(table, 0.25, axis=None), abs=1e-12)


@given(tables, st.floats(0, 0.5))
def test_the_interquartile_mean_lies_in_bounds_and_rises_with_the_scores(table, more):
    middle = interquartile_mean([table])
    assert table.min() - 1e-12 <= middle <= table.max() + 1e-12
    assert interquartile_mean([table + more]) == pytest.approx(middle + more)
    assert interquartile_mean([table.T]) == pytest.approx(middle)


@given(tables, st.data())
def test_the_probability_of_improvement_is_that_of_the_mann_whitney_test(first, data):
    second = data.draw(arrays(np.float64, (data.draw(st.integers(1, 5)), first.shape[1]), elements=unit))
    chance = probability_of_improvement([first], [second])
    tasks = range(first.shape[1])
    u = [stats.mannwhitneyu(first[:, t], second[:, t]).statistic / (len(first) * len(second)) for t in tasks]
    assert chance == pytest.approx(np.mean(u))
    assert chance == pytest.approx(1 - probability_of_improvement([second], [first]))
    assert probability_of_improvement([first + 1e-3], [second]) >= chance
    assert probability_of_improvement([first], [first]) == pytest.approx(0.5)


@given(tables)
def test_a_profile_falls_from_one_to_zero_and_its_area_is_the_mean(table):
    thresholds = np.linspace(0, 1, 2001)
    profile = performance_profile([table], np.append(thresholds, -1.0))
    assert profile[-1] == 1
    assert profile[-2] == 0
    assert np.all(np.diff(profile[:-1]) <= 0)
    assert profile[:-1].mean() == pytest.approx(table.mean(), abs=1e-3)


def test_a_profile_by_hand():
    assert performance_profile([np.array([[0.0, 0.5], [0.5, 1.0]])], [0, 0.4, 0.5, 0.9, 1]).tolist() == [
        0.75, 0.75, 0.25, 0.25, 0,
    ]  # fmt: skip


def test_the_bootstrap_gives_the_standard_error_that_its_inventors_worked_out():
    # Efron and Tibshirani 1993, table 2.1: seven treated mice, mean 86.86, standard error 23.36 for B -> infinity.
    mice = np.array([[94], [197], [16], [38], [99], [141], [23]], dtype=float)
    rng = np.random.default_rng(0)
    means = [resample([mice], rng)[0].mean() for _ in range(20_000)]
    assert mice.mean() == pytest.approx(86.86, abs=0.005)
    assert np.std(means) == pytest.approx(23.36, rel=0.02)


def test_percentile_intervals_are_the_binomial_quantiles_that_they_resample():
    half = np.array([[0.0]] * 10 + [[1.0]] * 10)
    exact = stats.binom.ppf([0.025, 0.975], 20, 0.5) / 20
    found = spread([half], lambda groups: float(groups[0].mean()), resamples=4000)
    assert (found.low, found.high) == pytest.approx(exact, abs=0.051)  # one of twenty either way
    interval = bootstrap_interval([half], 0)
    assert (interval.low, interval.high) == pytest.approx(exact, abs=0.051)


def test_rows_of_a_group_stay_together_and_groups_do_not():
    twice = np.array([[0.0, 0.0], [1.0, 1.0]])
    together = [resample([twice], np.random.default_rng(seed))[0] for seed in range(40)]
    assert all(np.array_equal(table[:, 0], table[:, 1]) for table in together)
    apart = [np.hstack(resample(by_task(twice), np.random.default_rng(seed))) for seed in range(40)]
    assert any(not np.array_equal(table[:, 0], table[:, 1]) for table in apart)


def test_an_improvement_that_is_sure_has_no_width_and_an_equal_arm_is_in_the_middle():
    low, high = np.full((3, 2), 0.2), np.full((4, 2), 0.8)
    assert improvement([high], [low]) == improvement([high], [low], seed=1)
    assert (improvement([high], [low]).low, improvement([high], [low]).high) == (1, 1)
    assert improvement([low], [low]).value == 0.5


@pytest.mark.parametrize("groups", [[], [np.zeros((0, 2))], [np.zeros(3)]])
def test_tables_without_scores_are_refused(groups):
    with pytest.raises(ValueError, match="runs by tasks"):
        interquartile_mean(groups)


def test_agents_with_other_tasks_are_refused():
    with pytest.raises(ValueError, match="same tasks"):
        probability_of_improvement([np.zeros((2, 2))], [np.zeros((2, 3))])


def test_human_evals_estimator_as_the_paper_computes_it():
    # Chen et al. 2021, figure 3: 1 - prod(1 - k / arange(n - c + 1, n + 1)).
    for n, c, k in product((5, 20, 100), (0, 1, 4), (1, 3, 5)):
        published = 1.0 if n - c < k else 1 - np.prod(1 - k / np.arange(n - c + 1, n + 1))
        assert pass_at_k_of_counts(np.array([c]), n, k)[0] == pytest.approx(published, abs=1e-12)


def test_fishers_test_of_darwins_plants():
    # The design of experiments, section 21: 863 of 32,768 sign assignments reach 314 eighths of an inch on one side.
    eighths = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert sign_flip_test([eighths]) == pytest.approx(2 * 863 / 32_768, abs=1e-12)


def test_random_signs_come_near_the_exact_test():
    rng = np.random.default_rng(5)
    differences = rng.normal(0.3, 1, size=EXACT + 1)
    exact = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True, axis=0
    ).pvalue
    assert sign_flip_test([differences]) == pytest.approx(exact, abs=0.012)


def test_all_signs_are_tried_where_they_are_few_and_drawn_ones_never_give_0():
    assert sign_flip_test([np.ones(EXACT)]) == 2 / 2**EXACT
    assert sign_flip_test([np.ones(40)]) == 1 / (FLIPS + 1)


@given(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=8))
def test_a_paired_test_is_a_probability_symmetric_and_blind_to_problems_without_a_difference(differences):
    p = sign_flip_test([differences])
    assert 0 < p <= 1
    assert sign_flip_test([[-value for value in differences]]) == p
    if np.any(differences):
        same = [*differences, 0.0]
        scaled = [value * len(same) / len(differences) for value in same]
        assert sign_flip_test([scaled]) == pytest.approx(p)


def test_environments_weigh_the_same_in_a_paired_test():
    # 400 problems without any trend do not drown ten with a clear one, as they would if all problems were pooled.
    noise = np.tile([0.01, -0.01], 200)
    assert sign_flip_test([np.full(10, 0.5), noise]) < 0.01
    assert sign_flip_test([[1.0], [-0.4] * 4]) == 1  # 0.5 and four times 0.05: no signs come nearer to 0
    assert sign_flip_test([[0.0, 0.0]]) == 1
    with pytest.raises(ValueError, match="at least one difference"):
        sign_flip_test([[]])


# The fifteen p-values of Benjamini and Hochberg 1995, section 3.1: at 0.05 theirs claims four, Bonferroni three.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_published_example_of_many_tests():
    assert (benjamini_hochberg(PUBLISHED) <= 0.05).sum() == 4
    assert (holm(PUBLISHED) <= 0.05).sum() == 3
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_values_keep_their_order_and_only_rise(p):
    fdr, fwer = benjamini_hochberg(p), holm(p)
    assert fdr == pytest.approx(stats.false_discovery_control(p))
    assert np.all(np.array(p) <= fdr + 1e-12)
    assert np.all(fdr <= fwer + 1e-12)
    assert np.all(fwer <= 1)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(fwer[order]) >= 0)


def test_values_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm([0.5, 1.5])


def test_a_learning_curve_by_hand():
    assert area_under_curve([0, 10, 30], [0.0, 0.5, 0.5]) == pytest.approx((2.5 + 10) / 30)
    assert samples_to_reach([0, 10, 30], [0.0, 0.5, 0.7], 0.25) == 5
    assert samples_to_reach([0, 10, 30], [0.0, 0.5, 0.7], 0.6) == 20
    assert samples_to_reach([0, 10], [0.3, 0.2], 0.3) == 0
    assert samples_to_reach([0, 10], [0.3, 0.2], 0.31) is None
    assert cost_per_solved(30, 4) == 7.5
    assert cost_per_solved(30, 0) is None
    assert smoothed([1.0, 1.0, 0.0])[:2] == pytest.approx([1, 1])


@given(st.lists(st.tuples(st.integers(1, 50), unit), min_size=1, max_size=8), unit, unit)
def test_area_and_samples_to_reach_are_bounded_and_monotone(points, one, two):
    samples = np.cumsum([gap for gap, _ in points]).tolist()
    scores = [score for _, score in points]
    assert min(scores) - 1e-9 <= area_under_curve(samples, scores) <= max(scores) + 1e-9
    low, high = sorted((one, two))
    early, late = samples_to_reach(samples, scores, low), samples_to_reach(samples, scores, high)
    assert late is None or (early is not None and samples[0] <= early <= late <= samples[-1])


@pytest.mark.parametrize(("samples", "scores"), [([], []), ([0, 1], [0.5]), ([0, 0], [0.1, 0.2]), ([2, 1], [0, 1])])
def test_what_is_no_curve_is_refused(samples, scores):
    with pytest.raises(ValueError, match="curve"):
        area_under_curve(samples, scores)

"""Warnings about degenerate runs: none for a healthy one, the right one for each illness."""

import pytest

from agents.diagnosis import FALL, LONG_WINDOW, WINDOW, complaints

HEALTHY = {
    "active_rows": 0.6,
    "grad_norm": 0.1,
    "groups_without_success": 0.2,
    "groups_all_success": 0.1,
    "finished": 0.98,
    "completion_tokens": 30.0,
    "entropy": 0.2,
    "teacher_prefers_right": 0.3,
}


def test_a_healthy_run_is_left_alone():
    assert complaints([HEALTHY] * 20) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"active_rows": 0.0}, "hardly any rollout"),
        ({"grad_norm": 0.0}, "no gradient"),
        ({"groups_without_success": 1.0}, "too hard"),
        ({"groups_all_success": 1.0}, "too easy"),
        ({"finished": 0.2}, "length limit"),
        ({"completion_tokens": 5.0}, "shrunk"),
        ({"entropy": 0.01}, "deterministic"),
        ({"teacher_prefers_right": -0.05}, "does not prefer right"),
        ({"teacher_prefers_right": 0.0}, "does not prefer right"),
        ({"clipped": 0.8}, "clipped"),
        ({"masked": 0.95}, "knows nothing more"),
        ({"leaked_phrases": 0.5}, "phrases appear"),
    ],
)
def test_each_illness_is_named_once_it_lasts(change, said):
    ill = HEALTHY | change
    assert complaints([HEALTHY] * 10 + [ill] * (WINDOW - 1) + [HEALTHY]) == ()
    (complaint,) = complaints([HEALTHY] * 10 + [ill] * WINDOW)
    assert said in complaint


def test_one_noisy_batch_does_not_say_what_a_teacher_prefers():
    unknown = {name: value for name, value in HEALTHY.items() if name != "teacher_prefers_right"}
    noisy = HEALTHY | {"teacher_prefers_right": -5.0}
    assert complaints([*[unknown] * 20, noisy]) == ()
    assert complaints([*[HEALTHY] * 4, noisy]) == ()


def test_nothing_is_said_too_early_or_of_what_is_not_measured():
    assert complaints([HEALTHY | {"grad_norm": 0.0}] * (WINDOW - 1)) == ()
    assert complaints([{"reward": 0.5, "completion_tokens": 9.0}] * 20) == ()


def test_a_policy_that_learns_nothing_is_not_called_deterministic():
    idle = HEALTHY | {"active_rows": 0.0, "grad_norm": 0.0}
    del idle["entropy"]
    said = complaints([HEALTHY] * 10 + [idle] * WINDOW)
    assert [text.split()[0] for text in said] == ["hardly", "no"]


def test_batches_without_an_update_are_not_taken_for_one():
    waits = {"reward": 0.5, "completion_tokens": 30.0}
    healthy = [HEALTHY, waits, waits] * 10
    assert complaints(healthy) == ()
    assert complaints([*healthy, HEALTHY]) == ()
    silent = [HEALTHY | {"grad_norm": 0.0}, waits, waits] * WINDOW
    assert complaints(silent[:-2]) == ("no gradient",)  # five updates, far between
    assert complaints(silent[:-5]) == ()
    assert complaints(silent) == ()  # nothing new is known


def test_rewards_that_fall_back_are_noticed_and_a_plateau_is_not():
    def rewards(*values):
        return [HEALTHY | {"reward": value} for value in values for _ in range(LONG_WINDOW)]

    assert complaints(rewards(0.2, 0.6, 0.7, 0.7 - FALL + 0.01)) == ()
    assert complaints(rewards(0.2, 0.6, 0.7)[:-1]) == ()
    (said,) = complaints(rewards(0.2, 0.7, 0.7 - FALL - 0.01))
    assert "teacher_kind=trust-region" in said
    assert complaints(rewards(0.7, 0.1)[:-1]) == ()  # one batch too early
    short = [HEALTHY | {"reward": value} for value in [0.2] * 15 + [0.9] * 10 + [0.2] * 5]
    assert complaints(short) == ()  # half of the best batches are among the last ones

"""A family whose methods give back what they cannot is named, with what it gave back."""

import json

import gymnasium
import numpy as np
import pytest
from toy_family import ToySums

from pmd_envs import ConfigError, DatasetError, Problem, StepVerdict, Verdict
from pmd_envs.generated import _generate
from pmd_envs.sources import _open
from pmd_envs.task_source import MAX_PROBLEM

OWN = "toy_family:ToySums"


def played(env_id, **kwargs):
    env = gymnasium.make(env_id, source="generated", **kwargs)
    env.reset(seed=0)
    return env.step("#### 1")


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (5.0, "5.0"),
        (-1, "-1"),
        (1.0000001, "1.0000001"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("1", "'1'"),
        (None, "None"),
        (np.zeros(2), "array"),
    ],
)
def test_a_score_that_is_none_is_no_reward(score, said, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "verify", lambda *_: Verdict(score, "why"))
    with pytest.raises(ConfigError, match=rf"{OWN}\.verify: a verdict's score is a number from 0 to 1, not {said}"):
        played(toy_id, granularity="episode")


@pytest.mark.parametrize("score", [0, 1, 0.5, True, np.float64(1), np.float32(0.25)])
def test_every_score_from_0_to_1_is_one(score, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "verify", lambda *_: Verdict(score, "why"))
    assert played(toy_id, granularity="episode")[1] == score


def test_a_reason_is_a_text():
    with pytest.raises(ConfigError, match="a verdict's reason is a str, not None"):
        Verdict(1.0, None)


@pytest.mark.parametrize("made", [True, 1.0, None, (1.0, "right")])
@pytest.mark.parametrize(
    ("method", "kind"),
    [("verify", "Verdict"), ("check_step", "StepVerdict"), ("join_steps", "str"), ("split_steps", "tuple of str")],
)
def test_what_is_no_verdict_is_named_with_the_method(method, kind, made, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, method, lambda *_: made)
    with pytest.raises(ConfigError) as raised:
        played(toy_id, granularity="episode")
    assert str(raised.value) == f"{OWN}.{method} has to return a {kind}, and returned {made!r}"


def test_the_steps_of_a_text_are_no_letters(toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "cut_steps", lambda _, text: text)
    with pytest.raises(ConfigError, match=rf"{OWN}\.split_steps has to return a tuple of str, and returned '#### 1'"):
        played(toy_id)


@pytest.mark.parametrize("final", [None, "no", 1])
def test_whether_a_step_is_the_last_one_is_a_boolean(final, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "is_final", lambda *_: final)
    with pytest.raises(ConfigError, match=rf"{OWN}\.is_final has to return a bool, and returned {final!r}"):
        played(toy_id)


@pytest.mark.parametrize(
    ("ok", "reason", "said"),
    [
        (np.False_, "why", "ok is True, False or None, not np.False_"),
        (0, "why", "ok is True, False or None, not 0"),
        ("yes", "why", "ok is True, False or None, not 'yes'"),
        (False, None, "reason is a str, not None"),
    ],
)
def test_what_is_no_mark_of_a_step_is_named(ok, reason, said, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "check_step", lambda *_: StepVerdict(ok, reason))
    with pytest.raises(ConfigError, match=rf"{OWN}\.check_step: a step verdict's {said}"):
        played(toy_id)


@pytest.mark.parametrize("content", [3, (1, 2), None])
def test_content_is_a_text(content, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "content", lambda *_: content)
    monkeypatch.setattr(ToySums, "name", "ToyOfNoContent")  # whose tasks nothing has kept
    for cache in (_open, _generate):
        cache.cache_clear()
    with pytest.raises(ConfigError) as raised:
        played(toy_id)
    assert str(raised.value) == f"{OWN}.content has to return a str, and returned {content!r}"


@pytest.mark.parametrize("kinds", ["abc", None, (1, 2)])
def test_kinds_are_texts(kinds, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "kinds", lambda *_: kinds)
    with pytest.raises(ConfigError) as raised:
        played(toy_id, kinds="seen")
    assert str(raised.value) == f"{OWN}.kinds has to return a tuple of str, and returned {kinds!r}"


def test_what_a_family_names_but_does_not_make_is_said(toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "kinds", lambda *_: ("even", "odd"))
    monkeypatch.setattr(ToySums, "domains", ("small", "large"))
    with pytest.raises(ConfigError, match="has the kinds even, odd, but does not define generate_kind"):
        played(toy_id, kinds="seen")
    with pytest.raises(ConfigError, match="has the domains small, large, but does not define in_domain"):
        played(toy_id, domain="small")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ("1 + 1?", "2"), r"generate has to return a Problem, and returned \('1 \+ 1\?', '2'\)"),
        (lambda: Problem("1 + 1?", 2), "generate: a problem's gold is a str, not 2"),
        (lambda: Problem(None, "2"), "generate: a problem's prompt is a str, not None"),
        (lambda: Problem("1 + 1?", "2", ["a"]), r"generate: a problem's facts are a mapping such as a dict, not \["),
    ],
)
def test_what_is_no_problem_is_named_too(make, said, toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "generate", lambda *_: make())
    monkeypatch.setattr(ToySums, "name", "ToyOfNoProblems")  # whose tasks nothing has kept
    for cache in (_open, _generate):
        cache.cache_clear()
    with pytest.raises(ConfigError, match=rf"{OWN}\.{said}"):
        played(toy_id)


def test_a_row_that_makes_no_problem_is_named(toy_id, monkeypatch, tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "test.jsonl").write_text(json.dumps({"a": 1, "b": 2}))
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(ToySums, "from_row", lambda self, row: Problem("1 + 2?", row["a"] + row["b"]))
    env = gymnasium.make(toy_id, split="test", source="local")
    with pytest.raises(ConfigError, match=rf"{OWN}\.from_row: a problem's gold is a str, not 3"):
        env.reset(seed=0)


def test_a_row_that_lacks_a_column_is_named_with_those_it_has(toy_id, monkeypatch, tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "test.jsonl").write_text(json.dumps({"a": 1, "bb": 2}))
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    env = gymnasium.make(toy_id, split="test", source="local")
    with pytest.raises(DatasetError) as raised:
        env.reset(seed=0)
    assert str(raised.value) == "row 0 of ToySums-v0/data/test has no 'b'. Did you mean 'bb'? It has: a, bb."


def test_a_row_whose_problem_does_not_fit_into_an_observation_is_refused(toy_id, monkeypatch, tmp_path):
    (tmp_path / "toy").mkdir()
    rows = [{"a": 1, "b": 2, "ending": "x" * length} for length in (MAX_PROBLEM - len("What is 1 + 2? "), MAX_PROBLEM)]
    (tmp_path / "toy" / "test.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    env = gymnasium.make(toy_id, split="test", source="local")
    assert len(env.reset(options={"index": 0})[0]["problem"]) == MAX_PROBLEM
    with pytest.raises(DatasetError, match=r"row 1 of ToySums-v0/data/test has a problem of 16399 characters, and an"):
        env.reset(options={"index": 1})


def test_an_episode_goes_on_where_a_verdict_could_not_be_taken(toy_id, monkeypatch):
    env = gymnasium.make(toy_id, source="generated", granularity="episode")
    env.reset(seed=0)
    with monkeypatch.context() as broken:
        broken.setattr(ToySums, "verify", lambda *_: 1.0)
        with pytest.raises(ConfigError, match=r"returned 1\.0"):
            env.step("#### 1")
    assert env.step(env.unwrapped.family.gold_solution(env.unwrapped.task))[1] == 1

"""A warm start: what is read, that it is learnt, that a killed one goes on, and mistakes."""

import copy
import json
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from safetensors.torch import load_file

from agents.nano.trainer import Trainer
from agents.policies import load_policy
from benchmarks import warm_start as module
from benchmarks.evaluation_cache import digest_start
from benchmarks.suite_files import find_suite
from benchmarks.warm_start import Library, Options, main, warm_up
from memory.replies import read_actions, read_insights
from pmd_envs.errors import ConfigError

SUITE = """
name = "two"
pool = 6
[[envs]]
id = "pmd/SciKnowEval-v0"
difficulty = 1
source = "generated"
granularity = "episode"
[[envs]]
id = "pmd/GSM8K-v0"
difficulty = 1
source = "generated"
granularity = "episode"
"""
QUIET = Console(quiet=True)


@pytest.fixture
def options(tmp_path):
    (tmp_path / "two.toml").write_text(SUITE)
    return Options(
        policy="nano",
        suite=str(tmp_path / "two.toml"),
        out=tmp_path / "out",
        steps=3,
        rows=2,
        problems=40,
        checkpoint_every=1,
    )


@pytest.fixture(scope="module")
def nano():
    return load_policy("nano")


def test_problems_are_none_that_the_suite_trains_on_or_is_measured_with(options):
    library, suite = Library.open(options), find_suite(options.suite)
    for shelf, choice in zip(library.shelves, suite.envs, strict=True):
        trained = {task.id for task in module.Problems.open(choice, "train", suite.pool).tasks}
        assert len(trained) == suite.pool
        assert len(shelf.tasks) == options.problems
        assert not trained & {one.task.id for one in shelf.tasks}
        assert {one.task.split for one in shelf.tasks} == {"train"}


@pytest.mark.parametrize(("level", "unseen"), [(1, 24), (2, 0), (2, 24)])
def test_no_problem_that_a_run_uses_is_read_under_another_number(level, unseen, options):
    text = SUITE.split("[[envs]]")[0].replace("pool = 6", "pool = 48\nheld_out = 48")
    line = f'id = "pmd/FunctionSynthesis-v0"\ndifficulty = {level}\nsource = "generated"\ngranularity = "episode"\n'
    Path(options.suite).write_text(f"{text}[[envs]]\n{line}")
    suite = replace(find_suite(options.suite), unseen=unseen)
    [shelf] = Library.open(replace(options, problems=200)).shelves
    read = {one.task.prompt for one in shelf.tasks}
    for split in ("train", "validation", "test"):
        for choice in (*suite.envs, *suite.known_envs):
            assert not read & {task.prompt for task in module.Problems.open(choice, split, 48).tasks}
    numbered = module.Problems.open(suite.envs[0], "train", 48 + 200).tasks[48:]
    repeated = {task.prompt for task in module.Problems.open(suite.known_envs[0], "train", 48).tasks}
    assert any(task.prompt in repeated for task in numbered)
    assert len(read) >= 190


def test_kinds_that_a_study_keeps_out_of_training_are_read_of_unless_they_are_left_out(options):
    suite = replace(find_suite(options.suite), unseen=24)
    for number, unseen in enumerate(suite.unseen_envs):
        kept_out = {task.facts["kind"] for task in module.Problems.open(unseen, "train", 24).tasks}
        all_kinds, seen = (Library.open(replace(options, problems=200, seen=seen)) for seen in (False, True))
        assert kept_out & {one.kind for one in all_kinds.shelves[number].tasks}
        assert not kept_out & {one.kind for one in seen.shelves[number].tasks}


def test_a_folder_from_before_there_was_a_choice_of_kinds_goes_on(options):
    assert "seen" not in options.config
    assert replace(options, seen=True).config == options.config | {"seen": True}


def test_everything_is_read_and_rare_kinds_only_with_help(options, nano, monkeypatch):
    library, read, kinds = Library.open(options), Counter(), set()

    def lesson(policy, family, task, blocks, stop):
        shelf = next(s for s in library.shelves if s.part.env.family is family)
        read["alone" if blocks is None else "blocks"] += 1
        kinds.add((task.facts["kind"] in shelf.known, blocks is None))
        return family.gold_solution(task)

    def answered(policy, prompt, text):
        asks_for_behaviors = "ehaviors" in nano.tokenizer.decode(list(prompt))
        readable = read_actions(text) if asks_for_behaviors else read_insights(text)
        assert readable is not None
        read["behaviors" if asks_for_behaviors else "insights"] += 1
        return text

    monkeypatch.setattr(module, "lesson", lesson)
    monkeypatch.setattr(module, "answered", answered)
    for number in range(400):
        library.draw(nano, random.Random(number))
    assert read["alone"] == pytest.approx(140, abs=30)
    assert read["blocks"] == pytest.approx(180, abs=30)
    assert read["insights"] == pytest.approx(60, abs=20)
    assert read["behaviors"] == pytest.approx(20, abs=12)
    assert kinds == {(True, True), (True, False), (False, False)}


def test_what_is_learnt_is_the_solution(options, nano):
    library, found = Library.open(options), 0
    solutions = {one.solution for shelf in library.shelves for one in shelf.tasks}
    for number in range(40):
        ids, learnt = library.draw(nano, random.Random(number))
        said = nano.tokenizer.decode([token for token, is_learnt in zip(ids, learnt, strict=True) if is_learnt])
        found += said.removesuffix(nano.tokenizer.eos_token) in solutions
        assert said.endswith(nano.tokenizer.eos_token)
    assert found > 20


@pytest.mark.parametrize(("stop", "closing"), [("[]", "</think>\n\n"), ('["\\n"]', "</think>")])
def test_a_policy_that_always_thinks_learns_to_close_its_thought(stop, closing, options, nano):
    step = SUITE.replace('"episode"', '"step"').replace("pool = 6", f"pool = 6\nstop = {stop}")
    Path(options.suite).write_text(step)
    policy = nano.twin()
    policy.tokenizer = copy.deepcopy(nano.tokenizer)
    policy.tokenizer.chat_template = "{{ messages[0]['content'] + '<think>\n' }}"
    library, found = Library.open(options), Counter()
    for number in range(20):
        ids, learnt = library.draw(policy, random.Random(number))
        first = learnt.index(True)
        assert policy.tokenizer.decode(ids[:first]).endswith("<think>\n")
        said = policy.tokenizer.decode(ids[first:])
        found["reflections"] += said.startswith("</think>\n\n{")
        found["solutions"] += said.startswith(closing) and said[len(closing)] not in "{\n"
    assert found.total() == 20
    assert min(found.values()) > 0


@pytest.mark.slow
def test_a_policy_learns_what_it_reads(options):
    place = warm_up(replace(options, steps=16, rows=6, matrix_lr=6e-3, other_lr=1e-3, warmup=2), QUIET)
    library = Library.open(options)
    policies = [load_policy("nano"), load_policy(str(place))]
    rows = [library.draw(policies[0], random.Random(f"fresh/{number}")) for number in range(24)]
    before, after = (Trainer(policy.model, policy.tokenizer).learn(rows, 0.0) for policy in policies)
    assert after < 0.8 * before


def test_a_killed_one_goes_on_to_the_same_end(options, monkeypatch, tmp_path):
    straight = warm_up(replace(options, out=tmp_path / "straight"), QUIET)
    learn, calls = Trainer.learn, []

    def dies(self, rows, share):
        calls.append(share)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return learn(self, rows, share)

    monkeypatch.setattr(Trainer, "learn", dies)
    with pytest.raises(KeyboardInterrupt):
        warm_up(options, QUIET)
    assert not (options.out / module.POLICY).exists()
    place = warm_up(options, QUIET)
    assert len(calls) == 4  # two steps, the one in which it died, and the third
    ends = [load_file(folder / "model.safetensors") for folder in (straight, place)]
    assert all((ends[0][name] == ends[1][name]).all() for name in ends[0])


def test_a_folder_keeps_its_settings(options, monkeypatch, capsys):
    options.out.mkdir()
    (options.out / "config.json").write_text(json.dumps(options.config | {"seed": 7, "rows": 9}))
    monkeypatch.setattr(module, "read_options", lambda *_: options)
    assert main() == 2
    assert "other settings: rows, seed, weights" in capsys.readouterr().err
    (options.out / "config.json").write_text('{"seed": ')
    assert main() == 2
    assert f"{options.out}/config.json cannot be read: " in capsys.readouterr().err


def test_another_suite_of_that_name_or_another_policy_is_refused(options, monkeypatch):
    warm_up(replace(options, steps=1), QUIET)
    warm_up(replace(options, steps=1), QUIET)  # what is the same goes on
    Path(options.suite).write_text(SUITE.replace("pool = 6", "pool = 12"))
    with pytest.raises(ConfigError, match=r"other settings: suite$"):
        warm_up(replace(options, steps=1), QUIET)
    Path(options.suite).write_text(SUITE)

    def other(*_):
        policy = load_policy("nano")
        next(policy.model.parameters()).data.mul_(1.5)
        return policy

    monkeypatch.setattr(module, "load_policy", other)
    with pytest.raises(ConfigError, match=r"other settings: weights$"):
        warm_up(replace(options, steps=1), QUIET)


def test_weights_are_the_same_in_the_precision_of_another_device(nano):
    assert digest_start(nano) == digest_start(load_policy("nano", dtype="bfloat16"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rows", "0"), "--rows 0 is below 1"),
        (("--checkpoint-every", "0"), "--checkpoint-every 0 is below 1"),
        (("--known", "1.5"), "--known 1.5 is outside 0 to 1"),
        (("--matrix-lr", "0"), "--matrix-lr 0.0 is not above 0"),
        (("--suite", "esay"), "Did you mean 'easy'?"),
        (("--policy", "nanno", "--suite", "easy"), "Did you mean 'nano'?"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments, message, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["warm_start.py", "--problems", "4", *arguments])
    assert main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert not list(Path().iterdir())


def test_what_has_no_help_to_read_is_said(toy_id, options, monkeypatch, capsys):
    Path(options.suite).write_text(SUITE.replace("pmd/GSM8K-v0", toy_id))
    monkeypatch.setattr(module, "read_options", lambda *_: options)
    assert main() == 2
    assert capsys.readouterr().err == (
        f"error: {toy_id}: its problems know neither plans nor mistakes, so there is no help to read\n"
    )
    assert not options.out.exists()

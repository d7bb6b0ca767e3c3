"""Kinds of problem that stay out of training: none is in both parts, and every process agrees which."""

import random

import gymnasium
import pytest
from toy_family import ToySums

import pmd_envs
from pmd_envs.env import load_family
from pmd_envs.errors import ConfigError
from pmd_envs.kinds import choose_kinds, unseen_kinds
from pmd_envs.wrappers import Curriculum, FewShot

FAMILIES = sorted({str(gymnasium.spec(env_id).kwargs["family"]) for env_id in pmd_envs.environment_ids()})
NAMED = ("pmd/GSM8K-v0", "pmd/KnightsKnaves-v0", "pmd/FunctionSynthesis-v0")


def make(env_id, **kwargs):
    return gymnasium.make(env_id, source="generated", **kwargs).unwrapped


@pytest.mark.parametrize("path", FAMILIES)
def test_the_kinds_of_a_level_are_parted_and_each_part_can_be_drawn(path):
    family = load_family(path)
    for level in family.difficulties:
        kinds = family.kinds(level)
        assert kinds
        if len(kinds) == 1:
            assert unseen_kinds(family, [level]) == frozenset()
            continue
        seen, unseen = (choose_kinds(family, [level], part)[level] for part in ("seen", "unseen"))
        assert sorted(seen + unseen) == sorted(kinds)
        assert len(unseen) == max(len(kinds) // 4, 1)
    together = unseen_kinds(family, family.difficulties)
    for level, kinds in choose_kinds(family, family.difficulties, "seen").items():
        assert not set(kinds) & together, level
    problem = family.generate_kind(random.Random(0), family.kinds(family.difficulties[0])[0], family.difficulties[0])
    assert problem.prompt


class Greek(ToySums):
    def kinds(self, difficulty):
        return ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")[: 4 * difficulty]


def test_which_kinds_are_unseen_never_changes():
    # the first of: printf NAME | sha256sum | sort
    assert unseen_kinds(Greek(), [1]) == {"delta"}
    assert unseen_kinds(Greek(), [2]) == {"delta", "zeta"}
    assert unseen_kinds(Greek(), [1, 2]) == {"delta", "zeta"}
    assert set(choose_kinds(Greek(), [1, 2], "unseen")[1]) <= {"delta", "zeta"}


@pytest.mark.parametrize("env_id", NAMED)
def test_problems_are_of_the_part_that_was_asked_for(env_id):
    whole = make(env_id)
    level = whole.family.difficulties[2]
    unseen = unseen_kinds(whole.family, [level])
    prints = set()
    for part in ("seen", "unseen"):
        for split in ("train", "test"):
            env = make(env_id, split=split, difficulty=level, kinds=part)
            for index in range(6):
                task = env.dataset.at(index)
                assert (task.facts["kind"] in unseen) == (part == "unseen")
                assert task.split == split
                assert env.task_by_id(task.id) == task
            prints.add(env.dataset.fingerprint)
    assert len(prints) == 2  # the splits of a part share theirs
    assert make(env_id, difficulty=level).dataset.fingerprint not in prints


def test_an_id_of_one_part_is_not_one_of_the_other():
    seen, unseen = (make("pmd/GSM8K-v0", difficulty=3, kinds=part) for part in ("seen", "unseen"))
    with pytest.raises(ConfigError, match=r"is not of the form GSM8K-v0/generated/train/unseen/d<difficulty>"):
        unseen.task_by_id(seen.dataset.at(0).id)
    with pytest.raises(ConfigError, match="unknown difficulty of GSM8K 4"):
        unseen.task_by_id("GSM8K-v0/generated/train/unseen/d4/0")


@pytest.mark.parametrize("env_id", ["pmd/KnightsKnaves-v0", "pmd/Arithmetic-v0", "pmd/Sudoku-v0"])
@pytest.mark.parametrize("part", ["seen", "unseen"])
def test_one_id_is_one_problem(env_id, part):
    whole = make(env_id, kinds=part)
    for level in whole.family.difficulties[:3]:
        try:
            alone = make(env_id, kinds=part, difficulty=level)
        except ConfigError:
            continue
        task_id = alone.dataset.at(390).id
        assert task_id == f"{whole.family.scope}/generated/train/{part}/d{level}/390"
        assert whole.dataset.fingerprint != alone.dataset.fingerprint
        with pytest.raises(ConfigError, match=f"is not of the form .*/train/{part}-of-all/d<difficulty>"):
            whole.task_by_id(task_id)


def test_the_ids_of_one_level_are_what_they_were():
    env = make("pmd/KnightsKnaves-v0", kinds="seen", difficulty=1)
    assert env.dataset.at(390).id == "KnightsKnaves-v0/generated/train/seen/d1/390"


def test_wrappers_stay_within_the_kinds():
    unseen = unseen_kinds(load_family("pmd_envs.families.gsm8k:GSM8K"), [1])
    env = Curriculum(gymnasium.make("pmd/GSM8K-v0", source="generated", kinds="unseen"))
    for seed in range(5):
        env.reset(seed=seed)
        assert env.unwrapped.task.facts["kind"] in unseen
    shown = FewShot(gymnasium.make("pmd/GSM8K-v0", source="generated", kinds="unseen"), count=3)
    every = unseen_kinds(shown.unwrapped.family, shown.unwrapped.family.difficulties)
    assert not {task.facts["kind"] for task in shown._examples} & every  # what is new stays new


def test_what_is_unseen_at_one_level_is_unseen_at_all_of_several():
    family = load_family("pmd_envs.families.gsm8k:GSM8K")
    each = [unseen_kinds(family, (level,)) for level in family.difficulties]
    assert unseen_kinds(family, family.difficulties) == frozenset().union(*each)


def test_mistakes_are_named(toy_id, monkeypatch):
    with pytest.raises(ConfigError, match=r"unknown kinds 'unsen'. Did you mean 'unseen'\?"):
        make("pmd/GSM8K-v0", kinds="unsen")
    for wrong in (["seen"], {"seen"}, 3, ""):
        with pytest.raises(ConfigError, match=r"unknown kinds .* Known: seen, unseen\."):
            make("pmd/GSM8K-v0", kinds=wrong)
    with pytest.raises(ConfigError, match=r"Arithmetic has none; .* \{1: 1\}"):
        make("pmd/Arithmetic-v0", difficulty=1, kinds="unseen")
    with pytest.raises(ConfigError, match="ToySums has none"):
        make(toy_id, kinds="seen")
    with pytest.raises(ConfigError, match="kinds='seen' needs source='generated'"):
        gymnasium.make("pmd/GSM8K-v0", source="local", kinds="seen")
    with pytest.raises(ConfigError, match="unknown kind of ToySums at difficulty 1 'sums'"):
        make(toy_id).family.generate_kind(random.Random(0), "sums", 1)

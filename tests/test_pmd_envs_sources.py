import copy
import hashlib
import json
import logging
import os
import pickle
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_family import NASTY, ToySums

import pmd_envs
from pmd_envs import ConfigError, DatasetError, Problem
from pmd_envs.env import load_family
from pmd_envs.generated import split_of
from pmd_envs.records import SPLITS
from pmd_envs.sources import open_source

ROOT = Path(__file__).parent.parent
IDS = pmd_envs.environment_ids(reasoning_gym=False)
FAMILIES = [load_family(gymnasium.spec(env_id).kwargs["family"]) for env_id in IDS]
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
each_split = pytest.mark.parametrize("split", SPLITS)


class OnlyOneProblem(ToySums):
    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        return self.from_row({"a": 1, "b": 1})


class NoDataset(ToySums):
    dataset = None


TOY = ToySums()


@each_family
def test_no_problem_is_in_two_splits(family):
    contents = {}
    for split in SPLITS:
        source = open_source(family, split, None, "generated")
        tasks = [source.at(index) for index in range(0, 6, 2)]  # levels 1, 3 and 5
        contents[split] = {family.content(Problem(task.prompt, task.gold, task.facts)) for task in tasks}
        assert all(split_of(content) == split for content in contents[split])
    assert not contents["train"] & contents["test"]
    assert not contents["train"] & contents["validation"]
    assert not contents["validation"] & contents["test"]


@settings(max_examples=200)
@given(st.integers(0, 2**31 - 1), st.sampled_from(SPLITS), st.sampled_from((None, 1, 2)))
def test_every_task_is_in_the_split_of_its_content(index, split, difficulty):
    task = open_source(TOY, split, difficulty, "generated").at(index)
    assert task.split == split
    assert split_of(f"{task.facts['a']} + {task.facts['b']}") == split


def test_the_shares_of_the_splits():
    splits = [split_of(str(number)) for number in range(10_000)]
    assert 0.08 < splits.count("test") / 10_000 < 0.12
    assert 0.08 < splits.count("validation") / 10_000 < 0.12


def test_the_split_of_a_content_never_changes():
    splits = {number: split_of(str(number)) for number in range(40)}
    assert [number for number, split in splits.items() if split == "test"] == [15, 22]
    assert [number for number, split in splits.items() if split == "validation"] == [6, 7, 21, 39]


@given(st.text(st.characters(exclude_categories=())))
def test_any_content_has_a_split(content):
    assert split_of(content) in SPLITS


@each_family
@each_split
def test_an_id_leads_back_to_its_task(family, split):
    source = open_source(family, split, None, "generated")
    for index in (0, 1, 2, 12_345, 2**31 - 1) if split == "train" else (1, 12_342):
        task = source.at(index)
        assert source.by_id(task.id) == task
        assert task.fingerprint == source.fingerprint
        assert (task.family, task.split) == (family.name, split)
        json.dumps(dict(task.facts))


@each_family
def test_levels_take_turns_unless_one_is_asked_for(family):
    source = open_source(family, "train", None, "generated")
    levels = [int(source.at(index).id.split("/d")[-1].split("/")[0]) for index in range(len(family.difficulties))]
    assert levels == list(family.difficulties)
    hardest = family.difficulties[-1]
    assert f"/d{hardest}/0" in open_source(family, "train", hardest, "generated").at(0).id


@each_family
def test_an_id_of_one_level_is_found_by_a_source_of_another(family):
    hardest = open_source(family, "train", family.difficulties[-1], "generated")
    easiest = open_source(family, "train", family.difficulties[0], "generated")
    task = hardest.at(5)
    # What a source says of its data is about the levels that it draws from.
    assert easiest.by_id(task.id) == replace(task, fingerprint=easiest.fingerprint)


def test_tasks_do_not_depend_on_the_process():
    code = (
        "import hashlib, pmd_envs, gymnasium\n"
        "from pmd_envs.env import load_family\n"
        "from pmd_envs.sources import open_source\n"
        "digest = hashlib.sha256()\n"
        "for env_id in ('pmd/FunctionSynthesis-v0', 'pmd/GSM8K-v0', 'pmd/KnightsKnaves-v0'):\n"
        "    source = open_source(load_family(gymnasium.spec(env_id).kwargs['family']), 'train', None, 'generated')\n"
        "    for index in range(6):\n"
        "        digest.update(repr(source.at(index)).encode())\n"
        "print(digest.hexdigest())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    digest = hashlib.sha256()
    for env_id in ("pmd/FunctionSynthesis-v0", "pmd/GSM8K-v0", "pmd/KnightsKnaves-v0"):
        source = open_source(load_family(gymnasium.spec(env_id).kwargs["family"]), "train", None, "generated")
        for index in range(6):
            digest.update(repr(source.at(index)).encode())
    assert run.stdout.strip() == digest.hexdigest()


@pytest.mark.parametrize(
    "task_id",
    [
        "",
        "ToySums-v0/generated/train",
        "ToySums-v0/generated/test/d1/3",
        "ToySums-v1/generated/train/d1/3",
        "ToySums-v0/data/train/3",
        "ToySums-v0/generated/train/d1/-3",
        "ToySums-v0/generated/train/d1/03",
        "ToySums-v0/generated/train/d1/٣",
        "ToySums-v0/generated/train/d1/" + "9" * 5000,
        "ToySums-v0/generated/train/d1/3\n",
    ],
)
def test_an_id_that_is_not_one_is_refused_with_its_form(task_id):
    with pytest.raises(ConfigError, match="ToySums-v0/generated/train/d<difficulty>/<index>"):
        open_source(TOY, "train", None, "generated").by_id(task_id)


def test_an_id_of_an_unknown_level_names_the_levels():
    with pytest.raises(ConfigError, match="Known: 1, 2"):
        open_source(TOY, "train", None, "generated").by_id("ToySums-v0/generated/train/d7/3")


@pytest.mark.parametrize("index", [-1, 2**31])
def test_an_index_outside_the_range_is_refused(index):
    with pytest.raises(ConfigError, match=str(index)):
        open_source(TOY, "train", None, "generated").at(index)


@pytest.mark.parametrize("index", [True, False, np.True_, "3", None, 1.5, 1.0, np.float64(1), [1]], ids=repr)
@pytest.mark.parametrize("where", ["generated", "local"])
def test_an_index_that_is_no_integer_is_refused(index, where, tmp_path, monkeypatch, toy_id):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match=f"index {re.escape(repr(index))} is not an integer"):
        gymnasium.make(toy_id, source=where).reset(options={"index": index})


@pytest.mark.parametrize("where", ["generated", "local"])
def test_an_index_of_numpy_is_the_integer(where, tmp_path, monkeypatch):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    source = open_source(TOY, "train", None, where)
    for number in (np.int64(1), np.uint8(1), np.array(1)):
        task = source.at(number)
        assert task == source.at(1)
        assert task.id.endswith("/1")


def test_a_family_with_too_few_problems_says_so():
    only = OnlyOneProblem()
    other = next(split for split in SPLITS if split != split_of("1 + 1"))
    with pytest.raises(DatasetError, match="too few different problems"):
        open_source(only, other, None, "generated").at(0)


def write_rows(folder, count=30):
    toy = folder / "toy"
    toy.mkdir()
    for split, offset in (("train", 0), ("test", 1000)):
        rows = [{"a": offset + i, "b": i, "ending": NASTY} for i in range(count)]
        (toy / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_published_rows_become_tasks(tmp_path, monkeypatch):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    sources = {split: open_source(TOY, split, None, "local") for split in SPLITS}
    assert {source.name for source in sources.values()} == {"local"}
    assert sources["test"].size == 30
    assert sources["train"].size + sources["validation"].size == 30
    task = sources["test"].at(29)
    assert task.id == "ToySums-v0/data/test/29"
    assert task.prompt == f"What is 1029 + 29? {NASTY}"
    assert sources["test"].by_id(task.id) == task
    assert len({source.fingerprint for source in sources.values()}) == 3
    for index in (-1, 30):
        with pytest.raises(ConfigError, match=r"outside 0\.\.29"):
            sources["test"].at(index)
    for wrong in ("ToySums-v0/data/test/029", "ToySums-v0/data/train/2", "ToySums-v0/generated/test/d1/2", 2):
        with pytest.raises(ConfigError, match="ToySums-v0/data/test/<row>"):
            sources["test"].by_id(wrong)


def test_copies_share_rows_and_pickles_have_their_own(tmp_path, monkeypatch, toy_id):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    env = gymnasium.make(toy_id, source="local").unwrapped
    env.reset(seed=1)
    copied, pickled = copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    assert copied.dataset is env.dataset is not pickled.dataset
    assert copied.np_random is not env.np_random
    assert copied.reset()[1] == pickled.reset()[1] == env.reset()[1]


def test_a_relative_folder_is_looked_for_where_one_is_now(tmp_path, monkeypatch):
    for name, count in (("one", 30), ("two", 40)):
        (tmp_path / name).mkdir()
        write_rows(tmp_path / name, count)
    monkeypatch.setenv("PMD_DATA_DIR", ".")
    for name, count in (("one", 30), ("two", 40)):
        monkeypatch.chdir(tmp_path / name)
        assert open_source(TOY, "test", None, "local").size == count


@pytest.mark.parametrize(("split", "rows"), [("test", 0), ("train", 0), ("validation", 0), ("validation", 1)])
def test_a_split_without_rows_is_named_when_it_is_opened(tmp_path, monkeypatch, toy_id, split, rows, caplog):
    write_rows(tmp_path, rows)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError, match=rf"the '{split}' split of toy \(local\) has no rows"):
        gymnasium.make(toy_id, split=split, source="local")
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        assert gymnasium.make(toy_id, split=split).unwrapped.dataset.name == "generated"
    assert "has no rows); using generated problems" in caplog.text


def test_auto_takes_published_data_where_there_is_some(tmp_path, monkeypatch, toy_id, caplog):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        infos = [gymnasium.make(toy_id).reset(seed=0)[1] for _ in range(3)]
    assert {info["dataset"] for info in infos} == {"generated"}
    assert sum("using generated problems" in record.message for record in caplog.records) <= 1  # once a process
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    env = gymnasium.make(toy_id)
    _, info = env.reset(seed=0)
    assert (info["dataset"], env.unwrapped.dataset.name) == ("local", "local")
    assert info["fingerprint"] != infos[0]["fingerprint"]
    assert gymnasium.make(toy_id, difficulty=1).unwrapped.dataset.name == "generated"


def test_auto_takes_the_split_whose_file_is_there(tmp_path, monkeypatch, toy_id, caplog):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    (tmp_path / "toy" / "train.jsonl").unlink()
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        assert gymnasium.make(toy_id, split="test").unwrapped.dataset.name == "local"
        assert not caplog.records
        assert gymnasium.make(toy_id, split="train").unwrapped.dataset.name == "generated"
    assert "Put toy/train.jsonl into PMD_DATA_DIR, or pass source='generated'" in caplog.text


def test_a_data_folder_that_is_not_there_is_a_mistake(monkeypatch, tmp_path, toy_id):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path / "nothing here"))
    with pytest.raises(ConfigError, match=f"nothing here is no folder; the nearest is {tmp_path}"):
        gymnasium.make(toy_id)
    assert gymnasium.make(toy_id, source="generated").unwrapped.dataset.name == "generated"


def test_the_fallback_is_logged_and_not_a_warning(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        for _ in range(3):
            assert open_source(TOY, "test", None, "auto").name == "generated"
    messages = [record.message for record in caplog.records]
    assert len(messages) == 1
    assert "ToySums: no published data" in messages[0]
    assert "source='generated'" in messages[0]


def test_data_that_is_forced_and_missing_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError, match="toy"):
        open_source(TOY, "test", None, "local")
    with pytest.raises(DatasetError, match="PMD_DATA_DIR"):
        open_source(TOY, "test", None, "hub")
    with pytest.raises(ConfigError, match="has no published data set"):
        open_source(NoDataset(), "test", None, "local")
    assert open_source(NoDataset(), "test", None, "auto").name == "generated"


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda source: pickle.loads(pickle.dumps(source))])
def test_sources_can_be_copied_and_sent(clone, tmp_path, monkeypatch):
    write_rows(tmp_path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    for where in ("generated", "local"):
        source = open_source(TOY, "train", None, where)
        assert clone(source).at(3) == source.at(3)


@pytest.mark.realdata
@each_family
def test_real_rows_can_be_played(family, data_dir):
    if family.dataset is None or not (data_dir / family.dataset.folder).is_dir():
        pytest.skip(f"{family.name} has no data there")
    env = gymnasium.make(f"pmd/{family.name}-v{family.version}", split="test", source="local")
    env.reset(seed=0)
    assert env.unwrapped.dataset.size > 100
    for index in range(0, env.unwrapped.dataset.size, 25):
        observation, _ = env.reset(options={"index": index})
        assert observation in env.observation_space
        *_, info = env.step(family.gold_solution(env.unwrapped.task))
        assert info["score"] == 1, info

"""What the published sets are pinned to."""

import re
from pathlib import Path

import gymnasium
import pytest

import pmd_envs
from pmd_envs.datasets import read_rows
from pmd_envs.env import load_family

IDS = pmd_envs.environment_ids(reasoning_gym=False)
FAMILIES = [load_family(gymnasium.spec(env_id).kwargs["family"]) for env_id in IDS]
PUBLISHED = {family.name: family.dataset for family in FAMILIES if family.dataset is not None}
NOT_CHECKED = {"MATH": 6, "KnightsKnaves": 3, "FOLIO": 2}  # their commit fixes them, and nobody says their sha256
each_published = pytest.mark.parametrize("name", PUBLISHED)


@each_published
def test_every_published_file_is_held_to_a_sha256_but_those_that_are_counted(name: str):
    data = PUBLISHED[name]
    files = {file for where in (data.files, data.hub_files) for names in where.values() for file in names}
    assert set(data.checksums) <= files
    assert len(files - set(data.checksums)) == NOT_CHECKED.get(name, 0)
    assert all(re.fullmatch("[0-9a-f]{64}", found) for found in data.checksums.values())
    assert bool(data.hub_repo) == bool(data.hub_files) == (name != "SciKnowEval")


@each_published
def test_the_user_guide_says_where_a_set_comes_from(name: str):
    data = PUBLISHED[name]
    guide = (Path(__file__).parent.parent / "docs" / "index.md").read_text("utf-8")
    (line,) = (line for line in guide.splitlines() if line.startswith(f"| {name} |"))
    _, _, local, hub, unchecked, _ = (cell.strip() for cell in line.split("|"))
    assert local.startswith(f"`{data.folder}`: ")
    assert hub.startswith(f"`{data.hub_repo}` at `{data.hub_revision[:7]}`" if data.hub_repo else "not there")
    assert (re.findall(r"\d+", unchecked) or ["0"]) == [str(NOT_CHECKED.get(name, 0))]


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["MATH500", "CRUXEval"])
def test_the_hub_has_the_file_of_the_folder(name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    data = PUBLISHED[name]
    ((local,), (hub,)) = (data.files["test"], data.hub_files["test"])
    assert data.checksums[local] == data.checksums[hub]
    monkeypatch.setattr("pmd_envs.datasets.hub_path", lambda *_: data_dir / data.folder / local)
    assert read_rows(data, "test", "hub") == read_rows(data, "test", "local")

"""Every family's page is up to date: its episode is played again, and its table is made again."""

from pathlib import Path

import gymnasium
import pytest
from toy_family import ToySums

import pmd_envs
from pmd_envs import ConfigError, pages
from pmd_envs.__main__ import main
from pmd_envs.pages import new_page, page_path, updated, write_pages
from pmd_envs.registry import BUILT_IN

FOLDER = Path(__file__).parent.parent / "docs" / "envs"
IDS = pmd_envs.environment_ids(reasoning_gym=False)


@pytest.mark.parametrize("env_id", IDS)
def test_the_page_shows_what_happens_today(env_id):
    page = page_path(FOLDER, env_id).read_text("utf-8")
    assert updated(page, env_id) == page, "run: python -m pmd_envs docs docs/envs"
    assert "\nscore 1: " in page


def test_a_page_that_is_out_of_date_is_written_again(tmp_path, capsys):
    env_id = "pmd/Arithmetic-v0"
    path = page_path(tmp_path, env_id)
    page = page_path(FOLDER, env_id).read_text("utf-8")
    path.write_text(page.replace("score 1:", "score 2:"), "utf-8")
    assert write_pages(tmp_path, (env_id,)) == [path]
    assert path.read_text("utf-8") == page
    assert write_pages(tmp_path, (env_id,)) == []


def test_a_page_of_another_family_is_not_written_over(tmp_path, monkeypatch):
    """Pages have the names of modules, which two families may share."""
    path = page_path(tmp_path, "pmd/Arithmetic-v0")
    page = page_path(FOLDER, "pmd/Arithmetic-v0").read_text("utf-8").replace("# Arithmetic", "# Sums", 1)
    path.write_text(page, "utf-8")
    with pytest.raises(ConfigError, match=r"arithmetic\.md is the page of 'Sums'; that of pmd/Arithmetic-v0 would"):
        write_pages(tmp_path, ("pmd/Arithmetic-v0",))
    assert path.read_text("utf-8") == page


def test_a_page_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    env_id = "pmd/Arithmetic-v0"
    path = page_path(tmp_path, env_id)
    page = page_path(FOLDER, env_id).read_text("utf-8").replace("score 1:", "score 2:")
    path.write_text(page, "utf-8")
    monkeypatch.setattr(pages, "transcript", lambda _: "\ud800")
    with pytest.raises(UnicodeEncodeError):
        write_pages(tmp_path, (env_id,))
    assert [file.read_text("utf-8") for file in tmp_path.iterdir()] == [page]


def test_the_command_writes_no_pages_of_other_packages(tmp_path, monkeypatch, registered_toy):
    asked = []
    monkeypatch.setattr(pages, "write_pages", lambda folder, env_ids: asked.extend(env_ids) or [])
    monkeypatch.setattr("pmd_envs.rg.pages.write_data_set_pages", lambda folder: [])
    assert main(["docs", str(tmp_path)]) == 0
    assert registered_toy in pmd_envs.environment_ids()
    assert set(asked) == set(BUILT_IN)


@pytest.fixture
def registered_toy():
    env_id = pmd_envs.register(ToySums)
    yield env_id
    gymnasium.registry.pop(env_id)


def test_a_family_without_a_page_gets_one():
    page = new_page("pmd/Countdown-v0")
    assert page.startswith("# Countdown\n\n`pmd/Countdown-v0`\n\nMake a number from given ones")
    assert updated(page, "pmd/Countdown-v0") == page


def test_a_page_without_a_place_for_it_is_an_error():
    with pytest.raises(ConfigError, match=r"pmd/Countdown-v0 has no line .*transcript"):
        updated("# Countdown\n", "pmd/Countdown-v0")


def test_the_commands_list_ids_and_refuse_a_folder_that_is_not_there(tmp_path, capsys):
    assert main(["list"]) == 0
    assert capsys.readouterr().out.split() == list(pmd_envs.environment_ids())
    assert main(["docs", str(tmp_path / "none")]) == 2
    assert "docs/envs" in capsys.readouterr().err

"""What is needed to obtain a row again: a report that lacks any of it is refused, and the reason names it."""

import pytest
from test_leaderboard_entry import ENVS, drop, edit_report, set_in, write_run

from leaderboard import Leaderboard, LeaderboardError


def emptied(*path):
    return set_in(*path, value="")


NEEDED = {
    "commit": (("provenance", "commit"), "provenance.commit"),
    "dirty flag": (("provenance", "dirty"), "provenance.dirty"),
    "config": (("config",), "config"),
    "agent in the config": (("config", "agent"), "config.agent"),
    "policy in the config": (("config", "policy"), "config.policy"),
    "seed in the config": (("config", "seed"), "config.seed"),
    "seed": (("seed",), "seed"),
    "suite": (("suite",), "suite"),
    "version of the suite": (("config", "suite"), "config.suite"),
    "name of the suite in its version": (("config", "suite", "name"), "config.suite.name"),
    "data": (("environments", 0, "fingerprint"), "environments[0].fingerprint"),
    "settings of an environment": (("environments", 1, "kwargs"), "environments[1].kwargs"),
    "verifiers": (("provenance", "verifiers"), "provenance.verifiers"),
    "version of a verifier": (("provenance", "verifiers", ENVS[1]), f"provenance.verifiers does not have {ENVS[1]}"),
    "version of Python": (("provenance", "python"), "provenance.python"),
    "packages": (("provenance", "packages"), "provenance.packages"),
    "version of numpy": (("provenance", "packages", "numpy"), "provenance.packages does not have numpy"),
    "version of torch": (("provenance", "packages", "torch"), "provenance.packages does not have torch"),
    "platform": (("provenance", "platform"), "provenance.platform"),
    "processor": (("provenance", "processor"), "provenance.processor"),
    "cores": (("provenance", "cores"), "provenance.cores"),
    "threads": (("provenance", "threads"), "provenance.threads"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("needed") / "run")


@pytest.mark.parametrize("what", NEEDED)
@pytest.mark.parametrize("change", [drop, emptied])
def test_a_row_that_lacks_it_is_refused_and_the_reason_names_it(folder, tmp_path, what, change):
    path, named = NEEDED[what]
    report = (folder / "report.json").read_text()
    board = Leaderboard(tmp_path / "board.sqlite")
    try:
        edit_report(folder, change(*path))
        with pytest.raises(LeaderboardError) as error:
            board.post(folder)
    finally:
        (folder / "report.json").write_text(report)
    assert named in str(error.value)
    assert not board.path.exists()


def test_with_all_of_it_the_row_is_taken(folder, tmp_path):
    assert Leaderboard(tmp_path / "board.sqlite").post(folder).rank == 1


def test_a_served_policy_needs_no_version_of_what_it_does_not_compute_with(tmp_path):
    run = write_run(tmp_path / "run", policy="openai:model@http://127.0.0.1:1/v1")
    for package in ("torch", "transformers"):
        edit_report(run, drop("provenance", "packages", package))
    assert Leaderboard(tmp_path / "board.sqlite").post(run).rank == 1

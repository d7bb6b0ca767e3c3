"""What a cheat, or a broken disk, would hand in: none of it gets a rank, each gets a reason, the store stays whole.

Attacks in every text are in test_leaderboard_injection.py, uploads of a gigabyte over HTTP in test_leaderboard_web.py.
"""

import json
import os
import resource
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_leaderboard_entry import (
    CONFIG,
    ENVS,
    PACKAGES,
    PROBLEMS,
    PROVENANCE,
    K,
    drop,
    edit_episode,
    edit_report,
    reseal,
    set_in,
    write_run,
)

from leaderboard import Leaderboard, LeaderboardError, RefusedError
from leaderboard.__main__ import main
from leaderboard.chain import check_chain, links
from leaderboard.entry import Entry
from leaderboard.rescoring import rescore


@pytest.fixture
def board(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(write_run(tmp_path / "honest", "honest"))
    return board


def refusal(board, folder):
    """The reason; whatever was on the board is still all that is there."""
    before = board.boards()
    with pytest.raises(LeaderboardError) as error:
        board.post(folder)
    assert board.boards() == before
    connection = sqlite3.connect(board.path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return str(error.value)


def edited_reward(run):
    edit_episode(run, 20, score=0.5, resealed=False)


def edited_response(run):
    edit_episode(run, 0, response="I forged this.", resealed=False)


def edited_response_and_chain(run):
    edit_episode(run, 0, response="I forged this.")


def edited_reward_and_chain(run):
    edit_episode(run, 20, score=0.5)


def truncated(run):
    path = run / "evaluation.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))


def truncated_within_a_line(run):
    path = run / "evaluation.jsonl"
    path.write_bytes(path.read_bytes()[:-20])


def truncated_report(run):
    path = run / "report.json"
    path.write_bytes(path.read_bytes()[:-20])


def truncated_chain(run):
    path = run / "evaluation.chain"
    path.write_bytes(path.read_bytes()[:-17])


def truncated_training(run):
    (run / "metrics.jsonl").write_text('{"step": 0, "reward": 0.5}\n{"step": 1, "rew')


def longer(run):
    path = run / "evaluation.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[0] + "\n")


def another_chain(run):
    edit_report(run, set_in("chain", value="0" * 64))


def no_chain(run):
    edit_report(run, set_in("chain", value=""))


def no_chain_file(run):
    (run / "evaluation.chain").unlink()


def swapped_seed(run):
    edit_report(run, set_in("seed", value=7))


def seed_not_in_config_file(run):
    config = json.loads((run / "report.json").read_text())["config"]
    (run / "config.json").write_text(json.dumps({**config, "seed": 3}))
    edit_report(run, set_in("config", "seed", value=4))
    edit_report(run, set_in("seed", value=4))


def other_data(run):
    for name in ("report.json", "evaluation.jsonl"):
        text = (run / name).read_text()
        fingerprint = json.loads((run / "evaluation.jsonl").read_text().splitlines()[0])["fingerprint"]
        (run / name).write_text(text.replace(fingerprint, "0" * 16))
    reseal(run)


def huge(run):
    with (run / "evaluation.jsonl").open("wb") as file:
        file.truncate(2**30)


def huge_report(run):
    with (run / "report.json").open("wb") as file:
        file.truncate(2**30)


def huge_chain(run):
    with (run / "evaluation.chain").open("wb") as file:
        file.truncate(2**30)


def huge_config(run):
    with (run / "config.json").open("wb") as file:
        file.truncate(2**30)


def huge_training(run):
    with (run / "metrics.jsonl").open("wb") as file:
        file.truncate(2**30)


def pipe(run):
    (run / "evaluation.jsonl").unlink()
    os.mkfifo(run / "evaluation.jsonl")


def device(run):
    (run / "evaluation.jsonl").unlink()
    (run / "evaluation.jsonl").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (edited_reward, "evaluation.jsonl line 21 is not as the run wrote it"),
        (edited_reward_and_chain, "avg@k is 0.375 in report.json, 0.4375 from evaluation.jsonl"),
        (edited_response, "evaluation.jsonl line 1 is not as the run wrote it"),
        (edited_response_and_chain, "evaluation.jsonl says 1, the verifier says 0"),
        (truncated, "evaluation.jsonl is truncated: it has 45 episodes, its hash chain has 48 links"),
        (truncated_within_a_line, "evaluation.jsonl line 48 is not valid JSON"),
        (truncated_report, "report.json is not valid JSON"),
        (truncated_chain, "longer than it was: it has 48 episodes, its hash chain has 47 links"),
        (truncated_training, "metrics.jsonl line 2 is not valid JSON"),
        (longer, "longer than it was: it has 49 episodes"),
        (another_chain, "report.json seals other episodes"),
        (no_chain, "report.json has no hash chain over its episodes"),
        (no_chain_file, "evaluation.chain: No such file"),
        (swapped_seed, "seed is 7 in report.json, but 0 in its config"),
        (seed_not_in_config_file, "config.json and report.json differ in seed"),
        (other_data, "evaluated on data with fingerprint '0000000000000000'"),
        (huge, "evaluation.jsonl is larger than 512,000,000 bytes: it has 1,073,741,824"),
        (huge_report, "report.json is larger than 1,000,000 bytes"),
        (huge_chain, "evaluation.chain is larger than 32,000,000 bytes"),
        (huge_config, "config.json is larger than 1,000,000 bytes"),
        (huge_training, "metrics.jsonl is larger than 64,000,000 bytes"),
        (pipe, "evaluation.jsonl: it is not a regular file"),
        (device, "evaluation.jsonl: it is not a regular file"),
    ],
)
def test_a_forged_folder_is_refused_with_the_reason(board, tmp_path, forge, reason):
    run = write_run(tmp_path / "forged", "forged", config={**CONFIG, "seed": 0})
    forge(run)
    began = time.monotonic()
    assert reason in refusal(board, run)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (drop("provenance", "verifiers"), "provenance.verifiers does not have pmd/GSM8K-v0"),
        (drop("provenance", "packages", "numpy"), "provenance.packages does not have numpy"),
        (drop("provenance", "packages", "torch"), "provenance.packages does not have torch"),
        (drop("provenance", "python"), "provenance.python is missing"),
        (drop("provenance", "cores"), "provenance.cores is missing"),
        (drop("provenance", "commit"), "provenance.commit is missing"),
        (drop("seed"), "seed is missing"),
        (drop("environments", 0, "fingerprint"), "environments[0].fingerprint is missing"),
        (drop("config"), "config is missing"),
        (set_in("config", value={}), "config is empty"),
        (drop("provenance", "dirty"), "provenance.dirty is missing"),
        (drop("config", "suite"), "config.suite is missing"),
        (drop("chain"), "chain is missing"),
        (set_in("provenance", "processor", value=" "), "provenance.processor is empty"),
        (set_in("provenance", "commit", value="unknown"), "only a run from a git checkout"),
    ],
)
def test_what_could_not_be_run_again_is_refused_with_what_is_missing(board, tmp_path, change, reason):
    run = write_run(tmp_path / "poor", "poor")
    edit_report(run, change)
    assert reason in refusal(board, run)


def test_a_served_policy_needs_no_package_that_computes_it(board, tmp_path):
    packages = {name: PACKAGES[name] for name in ("numpy", "gymnasium")}
    provenance = type(PROVENANCE)(**{**vars(PROVENANCE), "packages": packages})
    run = write_run(tmp_path / "asked", "asked", policy="openai:qwen3-8b@http://127.0.0.1/v1", provenance=provenance)
    assert board.post(run).of == 2


def test_a_copy_under_another_name_is_refused(board, tmp_path):
    run = shutil.copytree(tmp_path / "honest", tmp_path / "copy")
    edit_report(run, set_in("run_id", value="copy"))
    assert "it is a copy of entry 1 (run 'honest')" in refusal(board, run)


def test_a_copy_with_other_white_space_is_refused(board, tmp_path):
    run = shutil.copytree(tmp_path / "honest", tmp_path / "copy")
    edit_report(run, set_in("run_id", value="copy"))
    lines = [json.loads(line) for line in (run / "evaluation.jsonl").read_text().splitlines()]
    changed = [json.dumps({**line, "response": f"{line['response']} \n"}) for line in lines]
    (run / "evaluation.jsonl").write_text("\n".join(changed))
    reseal(run)
    assert "it is a copy of entry 1 (run 'honest')" in refusal(board, run)


@pytest.mark.parametrize("lie", [{"seed": 5}, {"agent": "mine"}, {"steps": 11}, {"labels": ("mine", "m + memory")}])
def test_the_same_answers_under_another_seed_or_agent_get_no_rank(board, tmp_path, lie):
    # The answers name the run, so these are, word for word, those of the honest one.
    run = write_run(tmp_path / "copy", "honest", **lie)
    edit_report(run, set_in("run_id", value="copy"))
    if "labels" in lie:
        assert "it is a copy of entry 1" in refusal(board, run)
        return
    posted = board.post(run)
    assert (posted.rank, posted.of) == (None, 1)
    assert posted.mark == "same answers, word for word, as entry 1: no second measurement"


def test_a_marked_copy_stays_marked_however_often_and_whenever_it_is_posted(board, tmp_path):
    mark = "same answers, word for word, as entry 1: no second measurement"
    copy = write_run(tmp_path / "copy", "honest", seed=5)
    edit_report(copy, set_in("run_id", value="copy"))
    assert board.post(copy).mark == mark
    edit_report(copy, set_in("created", value="2026-01-03T00:00:00+00:00"))  # as --resume writes
    assert board.post(copy).mark == mark
    edit_report(tmp_path / "honest", set_in("created", value="2026-01-04T00:00:00+00:00"))
    again = board.post(tmp_path / "honest")
    assert (again.rank, again.of, again.mark) == (1, 1, "")  # a copy takes nothing away from who was first
    # Of a third run with these answers and the copy's settings the refusal names the copy.
    third = write_run(tmp_path / "third", "honest", seed=5)
    assert "it is a copy of entry 2 (run 'copy')" in refusal(board, third)


def test_a_verdict_that_changed_for_a_while_frees_no_copy_of_its_mark(board, tmp_path):
    copy = write_run(tmp_path / "copy", "honest", seed=5)
    edit_report(copy, set_in("run_id", value="copy"))
    board.post(copy)
    before = board.boards()
    Leaderboard(board.path, lambda episodes: [1 - score for score in rescore(episodes)]).verify()
    assert [s.stored.mark[:16] for s in board.boards()[0].standings] == ["verdicts changed"] * 2
    board.verify()
    assert board.boards() == before


def test_a_run_is_not_replaced_by_its_own_answers_under_another_seed(board, tmp_path):
    posted = board.post(write_run(tmp_path / "swapped", "honest", seed=9))
    assert (posted.rank, posted.of) == (None, 1)
    assert posted.mark == "same answers, word for word, as entry 1: no second measurement"
    assert [(s.rank, s.stored.id) for s in board.boards()[0].standings] == [(1, 1), (None, 2)]


def test_a_modified_verifier_is_found_out(board, tmp_path):
    """Somebody's own verifier gave full marks to everything, and report and chain are consistent with that."""
    run = write_run(tmp_path / "generous", "generous", solved=PROBLEMS)
    text = (run / "evaluation.jsonl").read_text()
    (run / "evaluation.jsonl").write_text(text.replace('"score": 0.0', '"score": 1.0'))

    def claim_everything(report):
        report["provenance"]["verifiers"][ENVS[0]] = "v0-mine"
        for row in report["rows"]:
            for scores in [*row["per_env"].values(), row["overall"]]:
                scores.update(avg_at_k=1.0, pass_at_k=1.0, high=1.0)

    edit_report(run, claim_everything)
    reseal(run)
    reason = refusal(board, run)
    assert "the verifier says 0 (the run was scored by verifier v0-mine" in reason


@pytest.mark.parametrize(
    "layers", [(), ("rlimits",), ("seccomp",), ("landlock",), ("seccomp", "landlock", "reachable: the network")]
)
def test_programs_run_without_a_sandbox_give_no_rank(board, tmp_path, monkeypatch, layers):
    provenance = type(PROVENANCE)(**{**vars(PROVENANCE), "sandbox": layers})
    assert board.post(write_run(tmp_path / "no-programs", "no-programs", provenance=provenance)).rank == 1
    monkeypatch.setattr("pmd_envs.families.gsm8k.GSM8K.starts_processes", True)
    posted = board.post(write_run(tmp_path / "unsafe", "unsafe", provenance=provenance))
    assert posted.rank is None
    assert posted.mark.startswith("unsafe sandbox: pmd/GSM8K-v0 ran programs that were not kept from the network")


def test_a_claim_of_billions_of_answers_is_refused_at_once(board, tmp_path):
    run = write_run(tmp_path / "many", "many")

    def claim(report):
        for row in report["rows"]:
            for scores in [*row["per_env"].values(), row["overall"]]:
                scores["k"] = 2**33

    edit_report(run, claim)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, limits[1]))
    try:
        assert "has samples [0, 1], not 0 to 8589934591" in refusal(board, run)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


INJECTIONS = (
    "'; DROP TABLE entries; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "../../../../etc/passwd",
    "/etc/passwd",
    "{{ 7 * 7 }}",
    "%s%n%00",
    "=HYPERLINK(1)",
)


def beside_the_database(folder):
    return {path.name for path in folder.iterdir() if not path.name.startswith("board.sqlite-")}


@pytest.mark.parametrize("text", INJECTIONS)
def test_injections_are_stored_and_shown_as_they_are(board, tmp_path, text):
    names = {"run_id": text, "agent": text, "policy": text, "suite": text, "memory_counts": {text: 1}}
    run = write_run(tmp_path / "evil", labels=(text,), seconds={text: 1.0}, **names)
    before = beside_the_database(tmp_path)
    board.post(run)
    [stored] = [s.stored for b in board.boards() for s in b.standings if s.stored.entry.report.run_id == text]
    assert stored.entry.report.agent == text
    board.export(tmp_path / "site")
    assert beside_the_database(tmp_path) == before | {"site"}
    names = {path.name for path in (tmp_path / "site" / "pages").iterdir()}
    assert all(".." not in name and "passwd" not in name for name in names)
    assert sum(len(b.standings) for b in board.boards()) == 2


@pytest.mark.parametrize(
    "field", [("run_id",), ("agent",), ("policy",), ("suite",), ("provenance", "verifiers", ENVS[0])], ids="-".join
)
@pytest.mark.parametrize("text", ["\x1b[2J", "a\x00b", "x" * 201, "line\nline", "\u202egnp.exe"])
def test_text_that_could_steer_a_terminal_is_refused(board, tmp_path, field, text):
    run = write_run(tmp_path / "evil", "evil")
    edit_report(run, set_in(*field, value=text))
    reason = refusal(board, run)
    assert "not a printable text" in reason
    assert reason.isprintable()


def test_names_that_could_steer_a_terminal_are_quoted(board, tmp_path):
    run = write_run(tmp_path / "field", "field")
    edit_report(run, set_in("\x1b[2J", value=1))
    assert r"report.json: '\x1b[2J' is not a field of this format" in refusal(board, run)
    run = write_run(tmp_path / "config", "config", config={"\x1b[2J": 1})
    (run / "config.json").write_text(json.dumps({"\x1b[2J": 2}))
    assert r"config.json and report.json differ in '\x1b[2J'" in refusal(board, run)


def test_what_an_older_version_took_steers_no_terminal_either(board, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as older:
        older.setattr("leaderboard.reproducibility.is_name", lambda _: True)
        versions = {name: f"\x1b[2J{version}" for name, version in PROVENANCE.verifiers.items()}
        board.post(write_run(tmp_path / "evil", "evil", solved=1, provenance=replace(PROVENANCE, verifiers=versions)))
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["show", "--db", str(board.path)]) == main(["verify", "--db", str(board.path)]) == 0
    said = capsys.readouterr().out
    assert r"\x1b[2Jv0-" in said
    assert "\x1b" not in said


@given(st.data())
def test_every_change_of_a_sealed_file_is_found(data):
    lines = data.draw(
        st.lists(st.binary(min_size=1, max_size=8).filter(lambda b: b.strip() and b"\n" not in b), min_size=1)
    )
    content = b"\n".join(lines)
    sealed = list(links(content))
    chain = "\n".join(link[:16] for link in sealed).encode()
    check_chain(content, chain, sealed[-1])
    other = data.draw(
        st.lists(st.binary(min_size=1, max_size=8).filter(lambda b: b.strip() and b"\n" not in b)).filter(
            lambda found: found != lines
        )
    )
    with pytest.raises(RefusedError):
        check_chain(b"\n".join(other), chain, sealed[-1])


def test_equal_answers_are_scored_once_and_all_get_the_score(tmp_path):
    entry = Entry.from_run(write_run(tmp_path / "a"))
    assert entry.rescored == 3 * len(ENVS) * PROBLEMS * K
    assert rescore([]) == []

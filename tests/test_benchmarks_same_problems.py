"""What is compared was measured on the same problems, and what goes on does so with the data that it began with."""

import json
import re
import shutil
import sys

import pytest
from safetensors.torch import load_file, save_file
from test_leaderboard_entry import ENVS, edit_report, write_run
from tiny_policy import tiny_policy

from agents.adapters import add_adapters
from benchmarks.data_used import DataUsed, check_data, check_same_start, write_data
from benchmarks.folder import file_name
from benchmarks.matrix_results import read_matrix
from benchmarks.run import main
from benchmarks.study_results import load_study
from leaderboard.records import BASELINE
from leaderboard.verifiers import verifier_version
from pmd_envs.errors import ConfigError

SUITE = {"envs": [{}, {}], "problems": 4, "rollouts": 8}
ARMS = ("pmd", "rlvr")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Two arms with two seeds each, in the folders of a study."""
    folder = tmp_path_factory.mktemp("cells")
    for arm in ARMS:
        for seed in range(2):
            name = f"{arm}-{seed}"
            changes = {"agent": arm, "seed": seed, "labels": (arm,), "config": {"split": "test"}}
            cell = write_run(folder / arm / f"seed{seed}", name, **changes)
            (cell / "config.json").write_text(json.dumps({"format": 1, "suite": SUITE}))
            lines = (cell / "evaluation.jsonl").read_text().splitlines(keepends=True)
            (cell / "unseen").mkdir()
            for label in (BASELINE, arm):
                own = [line for line in lines if json.loads(line)["row"] == label]
                (cell / "unseen" / f"{file_name(label)}.jsonl").write_text("".join(own))
            rows = json.loads((cell / "report.json").read_text())["rows"]
            (cell / "unseen.json").write_text(json.dumps(rows))
    return folder


@pytest.fixture
def folder(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "s")
    return tmp_path / "s"


def study(folder):
    return load_study(folder, ARMS, range(2))


def matrix(folder):
    folders = {("s", arm, seed): folder / arm / f"seed{seed}" for arm in ARMS for seed in range(2)}
    return read_matrix(folders, ("s",), ARMS, 2)


def edit(file, change):
    """Change every line that is about the second environment."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    rows = [change(row) if row["env"] == ENVS[1] else row for row in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows if row))


def other_data(row):
    return row | {"fingerprint": "f00"}


def other_problems(row):
    return row | {"task_id": row["task_id"].replace("/generated/", "/data/")}


def one_less(row):
    return None if row["task_id"].endswith("/3") else row


@pytest.mark.parametrize("read", [study, matrix])
@pytest.mark.parametrize("change", [other_data, other_problems, one_less])
def test_runs_on_different_problems_are_not_compared(read, change, folder):
    read(folder)
    edit(folder / "rlvr" / "seed1" / "evaluation.jsonl", change)
    both = rf"{re.escape(str(folder))}/pmd/seed0 \(.+\) and {re.escape(str(folder))}/rlvr/seed1 \(.+\)"
    with pytest.raises(ConfigError, match=rf"{both} were measured on different problems of {ENVS[1]}: .+ and "):
        read(folder)


@pytest.mark.parametrize("read", [study, matrix])
def test_problems_in_another_order_are_not_paired(read, folder):
    file = folder / "rlvr" / "seed0" / "evaluation.jsonl"
    file.write_text("".join(reversed(file.read_text().splitlines(keepends=True))))
    with pytest.raises(ConfigError, match="different problems"):
        read(folder)


@pytest.mark.parametrize("read", [study, matrix])
def test_a_run_that_went_on_with_other_data_is_not_compared(read, folder):
    for arm in ARMS:
        for seed in range(2):  # all of them alike
            cell = folder / arm / f"seed{seed}"
            edit(cell / "evaluation.jsonl", lambda row: other_data(row) if row["row"] in ARMS else row)
    with pytest.raises(ConfigError, match=r"pmd/seed0 \(frozen \(start\)\) and \S+/pmd/seed0 \(pmd\) were measured"):
        read(folder)


def test_problems_of_unseen_kinds_are_the_same_too(folder):
    edit(folder / "rlvr" / "seed1" / "unseen" / "rlvr.jsonl", other_data)
    with pytest.raises(ConfigError, match=rf"different problems of {ENVS[1]}: \S+ of data \w+ and \S+ of data f00"):
        study(folder)


def test_other_columns_of_a_matrix_have_other_problems(folder):
    edit(folder / "pmd" / "seed1" / "evaluation.jsonl", other_data)
    folders = {(suite, "pmd", 0): folder / "pmd" / f"seed{seed}" for seed, suite in enumerate("st")}
    assert len(read_matrix(folders, ("s", "t"), ("pmd",), 1).cells) == 2


@pytest.mark.parametrize("read", [study, matrix])
def test_a_damaged_evaluation_is_named(read, folder):
    file = folder / "rlvr" / "seed1" / "evaluation.jsonl"
    file.write_text(file.read_text()[:-20])
    with pytest.raises(ConfigError, match=rf"{re.escape(str(file))} is damaged"):
        read(folder)


def began_with(cell, digest, env="nano (float32)"):
    row = {"use": "start weights", "env": env, "source": "policy", "fingerprint": digest}
    (cell / "data.json").write_text(json.dumps([row]))


@pytest.mark.parametrize("read", [study, matrix])
def test_runs_that_began_with_different_weights_are_not_compared(read, folder):
    began_with(folder / "pmd" / "seed0", "abc")  # of the others nothing was written down
    began_with(folder / "pmd" / "seed1", "def", "nano (bfloat16)")
    read(folder)
    began_with(folder / "rlvr" / "seed1", "def")
    both = rf"{re.escape(str(folder))}/pmd/seed0 and {re.escape(str(folder))}/rlvr/seed1"
    with pytest.raises(
        ConfigError, match=rf"{both} began with different start weights of nano \(float32\): abc and def"
    ):
        read(folder)


def test_runs_with_adapters_begin_with_the_weights_beside_them(folder):
    for cell, rank, seed in (("pmd/seed0", 4, 0), ("pmd/seed1", 4, 1), ("rlvr/seed0", 0, 0)):
        policy = tiny_policy()
        if rank:
            add_adapters(policy, rank, seed)
        write_data(folder / cell, DataUsed.of_weights(policy, "nano"))
    check_same_start([folder / cell for cell in ("pmd/seed0", "pmd/seed1", "rlvr/seed0")])
    write_data(folder / "rlvr/seed1", DataUsed.of_weights(tiny_policy(1), "nano"))
    with pytest.raises(ConfigError, match="began with different start weights"):
        check_same_start([folder / "pmd/seed0", folder / "rlvr/seed1"])


@pytest.fixture
def command(toy_id, tmp_path, monkeypatch):
    """A run of an environment that takes published problems where it finds some: its exit status."""
    for name, first in (("one", 0), ("copy", 0), ("other", 100)):
        (tmp_path / name / "toy").mkdir(parents=True)
        for split, start in (("train", first), ("test", first + 30)):
            rows = [{"a": a, "b": 3} for a in range(start, start + 30)]
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / name / "toy" / f"{split}.jsonl").write_text(text)
    (tmp_path / "small.toml").write_text(
        'name = "small"\nsteps = 1\nproblems = 1\nrollouts = 2\npool = 2\nheld_out = 2\nk = 1\nmax_new_tokens = 2\n'
        f'[[envs]]\nid = "{toy_id}"\n'
    )
    monkeypatch.chdir(tmp_path)

    def run(agent, data, *more):
        if data is None:
            monkeypatch.delenv("PMD_DATA_DIR", raising=False)
        else:
            monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path / data))
        asked = ("--agent", agent, "--suite", "small.toml", "--no-post", "--threads", "1", "--out", "run", *more)
        monkeypatch.setattr(sys, "argv", ["run.py", *asked])
        return main()

    return run


def test_a_run_goes_on_only_with_the_data_it_began_with(command, toy_id, tmp_path, capsys):
    assert command("rlvr", "one", "--validate-every", "1") == 0
    uses = [row["use"] for row in json.loads((tmp_path / "run" / "data.json").read_text())]
    assert uses == ["training", "validation", "held out", "verifier", "start weights"]
    before = (tmp_path / "run" / "evaluation.jsonl").read_bytes()
    for data, what in ((None, "generated"), ("other", "local")):
        capsys.readouterr()
        assert command("rlvr", data, "--validate-every", "1", "--resume") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"error: run began with other training problems of {toy_id}: with local data " in line
        assert f"and there is {what} data" in line
    assert (tmp_path / "run" / "evaluation.jsonl").read_bytes() == before
    assert command("rlvr", "copy", "--validate-every", "1", "--resume") == 0  # the same problems from elsewhere


def test_a_run_goes_on_only_with_the_weights_it_began_with(command, tmp_path, capsys):
    assert command("rlvr", "one") == 0
    policy = shutil.copytree(tmp_path / "run" / "policy", tmp_path / "policy")
    shutil.rmtree(tmp_path / "run")
    assert command("rlvr", "one", "--policy", "policy") == 0
    weights = load_file(policy / "model.safetensors")
    next(iter(weights.values())).view(-1)[0] += 1
    save_file(weights, policy / "model.safetensors", metadata={"format": "pt"})
    capsys.readouterr()
    assert command("rlvr", "one", "--policy", "policy", "--resume") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "error: run began with other start weights of policy (float32): with " in line
    assert line.endswith("now; bring back those weights, or choose another --out")


def test_a_run_goes_on_only_with_the_verifier_it_began_with(command, toy_id, tmp_path, monkeypatch, capsys):
    assert command("frozen", "one") == 0
    (row,) = [row for row in json.loads((tmp_path / "run" / "data.json").read_text()) if row["use"] == "verifier"]
    assert row == {"use": "verifier", "env": toy_id, "source": "code", "fingerprint": verifier_version(toy_id)}
    (tmp_path / "run" / "evaluation" / "frozen.jsonl").unlink()  # killed before its end
    monkeypatch.setattr("benchmarks.data_used.verifier_version", lambda _: "v0-edited")
    capsys.readouterr()
    assert command("frozen", "one", "--resume") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"error: run began with other code of the verifier of {toy_id}: with {row['fingerprint']}, and there is "
        "v0-edited now; bring back that code (code.txt names its commit), or choose another --out"
    )
    kept = [one for one in json.loads((tmp_path / "run" / "data.json").read_text()) if one["use"] != "verifier"]
    (tmp_path / "run" / "data.json").write_text(json.dumps(kept))  # as older versions wrote it down
    assert command("frozen", "one", "--resume") == 0


@pytest.mark.parametrize("read", [study, matrix])
def test_runs_that_different_verifiers_scored_are_not_compared(read, folder):
    def scored_by(cell, version):
        edit_report(folder / cell, lambda report: report["provenance"]["verifiers"].update({ENVS[1]: version}))

    scored_by("pmd/seed1", "")  # an older one did not say
    read(folder)
    scored_by("rlvr/seed1", "v0-edited")
    both = rf"{re.escape(str(folder))}/pmd/seed0 and {re.escape(str(folder))}/rlvr/seed1"
    with pytest.raises(
        ConfigError, match=rf"{both} were scored by different verifiers of {ENVS[1]}: v0-\w+ and v0-edited"
    ):
        read(folder)


def test_of_a_policy_that_does_not_train_only_what_it_is_asked_matters(command, tmp_path, capsys):
    assert command("frozen", "one") == 0
    (tmp_path / "other" / "toy" / "test.jsonl").write_bytes((tmp_path / "one" / "toy" / "test.jsonl").read_bytes())
    assert command("frozen", "other", "--resume") == 0
    capsys.readouterr()
    assert command("frozen", None, "--resume") == 2
    assert "run began with other held out problems of" in capsys.readouterr().err


def test_a_run_of_which_nothing_was_written_down_goes_on_and_has_it_then(command, tmp_path, capsys):
    assert command("frozen", "one") == 0
    (tmp_path / "run" / "data.json").unlink()
    assert command("frozen", "other", "--resume") == 0
    assert command("frozen", "one", "--resume") == 2
    (tmp_path / "run" / "data.json").write_text("[{}]")
    capsys.readouterr()
    assert command("frozen", "other", "--resume") == 2
    assert "run/data.json cannot be read" in capsys.readouterr().err


def test_another_precision_is_another_start(tmp_path):
    start = {
        kind: DataUsed("start weights", f"nano ({kind})", "policy", f"digest of {kind}")
        for kind in ("float32", "bfloat16")
    }
    for kind, data in start.items():
        (tmp_path / kind).mkdir()
        write_data(tmp_path / kind, [data])
    check_data(tmp_path / "float32", [start["float32"]])
    with pytest.raises(ConfigError, match=r"began with nano \(float32\), and this is nano \(bfloat16\): tell --dtype"):
        check_data(tmp_path / "float32", [start["bfloat16"]])

"""Runs of a study or a matrix are told how weights are kept and trained, and refuse folders of other runs."""

import json

import pytest

from benchmarks import matrix, study
from benchmarks.options import Options as RunOptions
from benchmarks.ready import prepare
from pmd_envs.errors import ConfigError

HOW = {"lora": 4, "recompute": True, "dtype": "bfloat16"}


def planned(kind, tmp_path, **how):
    """The cells of one suite and seed, by agent."""
    if kind == "study":
        options = study.Options(suites=("smoke",), arms=("frozen", "rlvr"), seeds=1, out=tmp_path, unseen=0, **how)
        made = list(study.cells(options))
    else:
        options = matrix.Options(suites=("smoke",), agents=("frozen", "rlvr"), seeds=1, out=tmp_path, **how)
        made = list(matrix.cells(options, matrix.chosen_columns(options)).values())
    return {"frozen" if cell.name.startswith("frozen") else "rlvr": cell for cell in made}


@pytest.mark.parametrize("kind", ["study", "matrix"])
def test_runs_are_told_how_weights_are_trained(kind, tmp_path):
    told = planned(kind, tmp_path, **HOW)
    text = " ".join(told["rlvr"].options)
    assert "--dtype bfloat16 --lora 4 --recompute" in text
    assert "--dtype bfloat16" in " ".join(told["frozen"].options)
    assert not {"--lora", "--recompute"} & set(told["frozen"].options)  # it trains nothing
    for cell in planned(kind, tmp_path).values():
        assert not {"--lora", "--recompute", "--dtype"} & set(cell.options)


@pytest.mark.parametrize("kind", ["study", "matrix"])
def test_a_folder_of_a_run_with_other_weights_is_refused(kind, tmp_path):
    cell = planned(kind, tmp_path, **HOW)["rlvr"]
    arguments = dict(zip(cell.options, cell.options[1:], strict=False))
    options = RunOptions(
        agent="rlvr",
        suite="smoke",
        unseen=0,
        validate_every=int(arguments.get("--validate-every", 0)),
        lora=4,
        dtype="bfloat16",
    )
    cell.folder.mkdir(parents=True)
    (cell.folder / "config.json").write_text(json.dumps({"format": 1, **prepare(options).plan.config}))
    assert planned(kind, tmp_path, **HOW)["rlvr"].options == cell.options
    assert planned(kind, tmp_path, **HOW | {"recompute": False})  # which changes no result
    with pytest.raises(
        ConfigError, match=r'other settings: dtype \("bfloat16", now nothing\), lora \(4, now nothing\); repeat'
    ):
        planned(kind, tmp_path)


@pytest.mark.parametrize(("how", "message"), [({"dtype": "bf16"}, "unknown dtype"), ({"lora": 0}, "rank 0 is below 1")])
def test_mistakes_are_found_before_anything_starts(how, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        planned("study", tmp_path, **how)
    with pytest.raises(ConfigError, match=message):
        matrix.check(matrix.Options(suites=("smoke",), agents=("rlvr",), out=tmp_path, **how))


def test_what_is_written_down_of_a_run_names_its_weights_where_they_are_not_the_usual_ones():
    usual = prepare(RunOptions(agent="pmd-scripted", suite="smoke")).plan.config
    assert (usual["agent"], usual["policy"]) == ("pmd-scripted (upper bound)", "nano")
    assert list(usual) == ["agent", "settings", "policy", "suite", "seed", "split", "validation", "report_format"]
    found = prepare(RunOptions(agent="pmd-scripted", suite="smoke", lora=4, dtype="bfloat16")).plan.config
    assert found == usual | {"lora": 4, "dtype": "bfloat16"}

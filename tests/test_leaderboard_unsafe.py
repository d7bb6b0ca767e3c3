"""Programs that are run without isolation, from the option to the leaderboard, which gives such a run no rank."""

from dataclasses import replace
from pathlib import Path

import gymnasium
import pytest
from test_leaderboard_entry import PROVENANCE, write_run

from benchmarks.report import collect_provenance
from leaderboard import Leaderboard
from pmd_envs import verify_code
from pmd_envs.errors import VerifierError
from pmd_envs.families import code_family, function_synthesis
from pmd_envs.sandbox import Sandbox, allow_unsafe, default_sandbox, pool

ROOT = Path(__file__).parent.parent
PROGRAM, TESTS = "def f(x):\n    return x + 1", ["assert f(1) == 2"]


@pytest.fixture
def leaky(monkeypatch):
    """The sandbox of this process, without what keeps programs from files."""
    box = Sandbox(("mount namespace", "landlock"))
    monkeypatch.setattr(pool, "_DEFAULT", [box])
    judged = (code_family._run, function_synthesis._run)  # verdicts of the usual sandbox, and then of this one
    for cache in judged:
        cache.cache_clear()
    yield box
    for cache in judged:
        cache.cache_clear()
    box.close()


def test_the_unsafe_option_is_in_every_verdict_and_gives_no_rank(leaky, tmp_path, monkeypatch):
    with pytest.raises(VerifierError, match="could reach the file system"):
        verify_code(PROGRAM, TESTS, "f")
    assert collect_provenance(ROOT, 1).sandbox == ()
    allow_unsafe()
    assert default_sandbox() is leaky
    said = "unsafe: the file system not isolated"
    assert verify_code(PROGRAM, TESTS, "f").score == 1
    for program in (PROGRAM, "def f(x):\n    return 0", "x = (", ""):
        assert said in verify_code(program, TESTS, "f").reason
    for env_id in ("pmd/FunctionSynthesis-v0", "pmd/MBPP-v0"):
        env = gymnasium.make(env_id, source="generated", granularity="episode")
        env.reset(seed=0)
        info = env.step(env.unwrapped.task.gold)[-1]
        assert (info["score"], said in info["reason"]) == (1.0, True)
    layers = collect_provenance(ROOT, 1).sandbox
    assert "reachable: the file system" in layers
    monkeypatch.setattr("pmd_envs.families.gsm8k.GSM8K.starts_processes", True)
    board = Leaderboard(tmp_path / "board.sqlite")
    posted = board.post(write_run(tmp_path / "run", "run", provenance=replace(PROVENANCE, sandbox=layers)))
    assert posted.rank is None
    assert posted.mark.startswith("unsafe sandbox: pmd/GSM8K-v0 ran programs")

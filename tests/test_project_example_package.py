"""A stranger's package: installed into a fresh environment, it shows up everywhere without a change in ours."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from pmd_envs.plugins import GROUPS

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "pmd-example"
BROKEN = """[pmd.envs]
torn = pmd_example.roman:NoSuchFamily
[pmd.agents]
torn = no_such_module:Agent
[pmd.verifiers]
math = pmd_example.roman:verify_roman
[pmd.memories]
torn = json:loads
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of a new environment that has what this one has, and the example."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "shared.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    built = folder / "source"
    subprocess.run(["cp", "-r", str(EXAMPLE), str(built)], check=True)
    subprocess.run([*install, "--no-build-isolation", "--no-warn-conflicts", str(built)], check=True, cwd=folder)
    info = own / "torn-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text(BROKEN)
    return python


def run(python, *command):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    done = subprocess.run([python, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_the_list_has_it_and_names_what_is_broken(python):
    done = run(python, "benchmarks/run.py", "--list")
    blocks = dict(block.split(":\n", 1) for block in done.stdout.strip().split("\n\n"))
    names = {title: [line.strip() for line in block.splitlines()] for title, block in blocks.items()}
    assert "pmd/RomanNumerals-v0" in names["environments"]
    assert {"imitate", "pmd"} <= set(names["agents"])
    assert {"default", "smoke"} <= set(names["suites"])
    assert {"nano", "smollm2", "openai:MODEL@URL (evaluation only)"} <= set(names["policies"])
    assert [line.partition(":")[0] for line in names["entry points"]] == list(GROUPS)
    assert "pmd.agents: imitate = pmd_example.imitate:Imitate, torn = no_such_module:Agent" in names["entry points"]
    assert names["memories"] == ["sqlite", "small"]
    assert names["verifiers"] == ["math", "roman"]
    (broken,) = names["plug-ins that cannot be loaded"]
    assert broken.startswith("torn: agent 'no_such_module:Agent' cannot be loaded")
    for reported in (
        "torn (pmd_example.roman:NoSuchFamily)",
        "math (pmd_example.roman:verify_roman)",
        "torn (json:loads)",
    ):
        assert f"plug-in {reported} was skipped" in done.stderr
    as_json = json.loads(run(python, "benchmarks/run.py", "--list", "--json").stdout)
    assert as_json == names


EPISODE = """
import gymnasium, pmd_envs
from gymnasium.utils.env_checker import check_env
env = gymnasium.make("pmd/RomanNumerals-v0", difficulty=2)
check_env(env.unwrapped)
for index in range(20):
    env.reset(options={"index": index})
    assert env.step(env.unwrapped.family.gold_solution(env.unwrapped.task))[1] == 1
    assert pmd_envs.verifier("roman")("XIV", "XIV").score == 1
"""


def test_its_family_is_an_environment_like_ours(python):
    run(python, "-c", EPISODE)


BEFORE_US = """
import {module}
import pmd_envs, gymnasium
env = gymnasium.make("pmd/RomanNumerals-v0", difficulty=2)
env.reset(seed=0)
assert env.step(env.unwrapped.family.gold_solution(env.unwrapped.task))[1] == 1
assert pmd_envs.verifier("roman")("XIV", "XIV").score == 1
from agents.memories import memories
from agents.registry import usable_agents
assert "small" in memories() and "imitate" in usable_agents()[0]
"""


@pytest.mark.slow
@pytest.mark.parametrize("module", ["roman", "imitate", "memories"])
def test_its_modules_may_be_imported_before_us(python, module):
    done = run(python, "-c", BEFORE_US.format(module=f"pmd_example.{module}"))
    assert "plug-in roman" not in done.stderr
    assert "plug-in small" not in done.stderr

"""The same id is the same problem in every process, whatever order strings have in its sets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pmd_envs

ROOT = Path(__file__).parent.parent
OURS = pmd_envs.environment_ids(reasoning_gym=False)
THEIRS = tuple(sorted({*pmd_envs.environment_ids()} - {*OURS}))
PROGRAM = """
import json, random, sys
import gymnasium, pmd_envs

shown = {}
for env_id in sys.argv[1:]:
    for split in ("train", "validation", "test"):
        env = gymnasium.make(env_id, source="generated", split=split, difficulty=None).unwrapped
        level = env.family.difficulties[min(1, len(env.family.difficulties) - 1)]
        env = gymnasium.make(env_id, source="generated", split=split, difficulty=level).unwrapped
        for index in range(4):
            task = env.dataset.at(index)
            gold = env.family.gold_solution(task)
            wrong = env.family.wrong_solution(random.Random(index), task)
            verdict = env.family.verify(task, wrong)
            shown[task.id] = [task.prompt, gold, wrong, verdict.reason, repr(sorted(task.facts.items()))]
print(json.dumps(shown))
"""


def tasks(seed, env_ids, cache):
    settings = {**os.environ, "PYTHONHASHSEED": seed, "PMD_CACHE_DIR": str(cache / seed)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *env_ids], env=settings, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])  # some generators print


@pytest.mark.slow
@pytest.mark.parametrize("env_ids", [OURS, THEIRS], ids=["ours", "of reasoning-gym"])
def test_tasks_are_the_same_in_every_process(env_ids, tmp_path):
    if not env_ids:
        pytest.skip("reasoning-gym is not installed")
    one, other = (tasks(seed, env_ids, tmp_path) for seed in ("1", "2"))
    assert len(one) == len(env_ids) * 3 * 4
    assert [task_id for task_id in one if one[task_id] != other[task_id]] == []

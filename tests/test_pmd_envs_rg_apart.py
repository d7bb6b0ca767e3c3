"""The process in which some of reasoning-gym's generators work."""

import functools
import json
import os
import random
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from pmd_envs import DatasetError
from pmd_envs.rg import apart, catalogue, entries
from pmd_envs.rg.apart import APART
from pmd_envs.vector import ReasoningVectorEnv

pytest.importorskip("reasoning_gym")


@pytest.fixture(autouse=True, scope="module")
def ended():
    """Nothing is left running."""
    yield
    apart._CHILD.close()


@pytest.mark.parametrize("name", sorted(APART))
def test_entries_are_the_same_in_every_process(name, tmp_path):
    """Whatever order strings have in its sets, and whatever programs print that a generator runs."""
    level = catalogue.LEVELS[name][0]
    code = (
        "from pmd_envs.rg.entries import entry_at; import sys; level = int(sys.argv[2])\n"
        "print([entry_at(sys.argv[1], level, index) for index in range(20, 25)])"
    )
    shown = []
    for seed in ("1", "2"):
        settings = {**os.environ, "PYTHONHASHSEED": seed, "PMD_CACHE_DIR": str(tmp_path / seed)}
        command = [sys.executable, "-c", code, name, str(level)]
        shown.append(subprocess.run(command, env=settings, capture_output=True, text=True, check=True).stdout)
    assert shown[0].startswith("[Entry(question=")
    assert shown[0] == shown[1]
    assert len(shown[0].splitlines()) == 1


def test_a_process_that_makes_entries_is_replaced_when_it_is_killed():
    make = apart.made_apart
    made = make("ransom_note", 0, 3)
    apart._CHILD.process.kill()
    apart._CHILD.process.wait()
    assert make("ransom_note", 0, 3) == made
    apart._CHILD.close()
    assert make("ransom_note", 0, 3) == made


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_one_of_its_own():
    made = apart.made_apart("ransom_note", 0, 3)
    first = apart._CHILD.process
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, b"same" if apart.made_apart("ransom_note", 0, 3) == made else b"other")
            apart._CHILD.close()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reader, 10) == b"same"
    os.close(reader)
    os.close(writer)
    assert apart._CHILD.process is first
    assert apart.made_apart("ransom_note", 0, 3) == made


def test_what_a_process_apart_cannot_make_is_reported(monkeypatch):
    with pytest.raises(DatasetError, match="has no data set 'ransom'"):
        apart.made_apart("ransom", 0, 3)
    monkeypatch.setattr(apart, "_PROGRAM", "raise SystemExit")
    apart._CHILD.close()
    with pytest.raises(DatasetError, match="the process that makes entry 3 of ransom_note at level 0 ends"):
        apart.made_apart("ransom_note", 0, 3)


def test_a_program_whose_result_is_a_time_makes_no_problem():
    with pytest.raises(DatasetError, match="entry 110 of codeio at level 2 is another one each time"):
        apart.made_apart("codeio", 2, 110)
    assert apart.made_apart("codeio", 2, 111)["question"]


def test_a_program_that_ends_its_process_makes_no_problem(monkeypatch):
    monkeypatch.setattr(entries, "made_here", lambda *_: sys.exit(1))
    state = random.getstate(), np.random.get_state()
    try:
        assert json.loads(apart._answer('["codeio", 2, 241]')) == [
            None,
            "entry 241 of codeio at level 2 ends its process",
        ]
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])


def test_notes_that_are_not_json_are_texts():
    assert apart.made_apart("codeio", 2, 241)["metadata"]["output_data"] == "6"  # sympy's Integer


def test_files_that_programs_write_are_not_left_where_we_are(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "apart").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "apart"))
    apart._CHILD.close()
    assert apart.made_apart("codeio", 1, 568)["question"]
    assert [*(tmp_path / "here").iterdir()] == []
    (folder,) = (tmp_path / "apart").iterdir()
    assert [path.name for path in folder.iterdir()] == ["simulation_data.txt"]
    apart._CHILD.close()


def test_an_entry_that_takes_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(apart, "_PROGRAM", apart._PROGRAM.replace("; ", "; apart.CPU_SECONDS = 0.5; "))
    monkeypatch.setattr(apart, "_PROGRAM", f"from pmd_envs.rg import apart; {apart._PROGRAM}")
    apart._CHILD.close()
    level = catalogue.LEVELS["arc_1d"][-1]
    for index in (156, 566):  # ten blocks and more, of nine colours
        with pytest.raises(DatasetError, match=f"entry {index} of arc_1d at level {level} takes too long"):
            apart.made_apart("arc_1d", level, index)
    assert apart.made_apart("arc_1d", level, 157)["question"]
    apart._CHILD.close()


def make_one(env_id):
    return gymnasium.make(env_id, difficulty=0)


@pytest.mark.slow
def test_vector_environments_of_one_and_of_many_processes_are_the_same():
    ids = [catalogue.env_id(name) for name in ("ransom_note", "codeio", "gcd")]
    makers = [functools.partial(make_one, env_id) for env_id in ids]
    vectors = (
        ReasoningVectorEnv.of(makers),
        SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP),
        AsyncVectorEnv(makers, context="spawn", autoreset_mode=AutoresetMode.SAME_STEP),
    )
    found = []
    for vector in vectors:
        observation, info = vector.reset(seed=[5, 6, 7])
        after, rewards, ended, _, _ = vector.step(("<answer>Hm.</answer>",) * len(ids))
        found.append((observation["problem"], [*info["task_id"]], after["problem"], [*rewards], [*ended]))
        vector.close()
    assert found[0][3:] == ([0.0] * 3, [True] * 3)
    assert found[1:] == found[:1] * 2


def test_a_program_that_reads_gets_nothing_and_one_that_waits_is_given_up(monkeypatch):
    made = apart.made_apart("ransom_note", 0, 3)
    program = (
        "import sys, time; from pmd_envs.rg import apart, entries; apart.WALL_SECONDS = 0.5; make = entries.made_here; "
        "tricks = {8: lambda: sys.stdin.readline() or sys.exit(), 9: lambda: time.sleep(60)}; "
        "entries.made_here = lambda *which: tricks[which[2]]() if which[2] in tricks else make(*which); apart.serve()"
    )
    monkeypatch.setattr(apart, "_PROGRAM", program)
    apart._CHILD.close()
    for index, end in ((8, "ends its process"), (9, "takes too long")):
        with pytest.raises(DatasetError, match=f"entry {index} of ransom_note at level 0 {end}"):
            apart.made_apart("ransom_note", 0, index)
    assert apart.made_apart("ransom_note", 0, 3) == made
    apart._CHILD.close()

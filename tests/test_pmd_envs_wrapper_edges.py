"""Wrappers at their edges: the order they go in, what they are told wrongly, and what they leave on disk."""

import functools
import json
import sys
import threading
from pathlib import Path

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from toy_family import ToySums

from pmd_envs import ConfigError, DatasetError, ReasoningVectorEnv, environment_ids
from pmd_envs.generated import level_of
from pmd_envs.kinds import unseen_kinds
from pmd_envs.sandbox.code import cut
from pmd_envs.wrappers import (
    ChatMessages,
    Curriculum,
    FewShot,
    RecordEpisodes,
    ReplayEpisodes,
    Tools,
    python,
)
from pmd_envs.wrappers.episodes import read_episodes

ENV = "pmd/GSM8K-v0"


def make(env_id=ENV, **kwargs):
    return gymnasium.make(env_id, **{"source": "generated", **kwargs})


def gold_of(env):
    return env.unwrapped.family.gold_solution(env.unwrapped.task)


@pytest.mark.parametrize("wrap", [FewShot, Tools, ChatMessages, RecordEpisodes, ReplayEpisodes])
def test_a_chat_goes_outermost(wrap, tmp_path):
    arguments = (str(tmp_path / "episodes"),) if wrap in (RecordEpisodes, ReplayEpisodes) else ()
    with pytest.raises(ConfigError, match=f"ChatMessages goes outermost: {wrap.__name__} reads"):
        wrap(ChatMessages(make()), *arguments)


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_chats_side_by_side_are_as_gymnasium_has_them(mode):
    makers = [lambda: ChatMessages(make(difficulty=1))] * 2

    def played(vector):
        found = [vector.reset(seed=4)]
        golds = [gold_of(env) for env in vector.envs]
        assert found[0][0] in vector.observation_space
        for actions in (("1 + 1 = 3", "Hm."), tuple(golds)):
            found.append(vector.step(actions))
            assert found[-1][0] in vector.observation_space
        return [[as_lists(part) for part in parts] for parts in found]

    found = played(ReasoningVectorEnv.of(makers, mode))
    assert found == played(SyncVectorEnv(makers, autoreset_mode=mode))
    assert found[-1][1] == [1, 1]


def test_chats_and_others_do_not_go_side_by_side():
    with pytest.raises(ConfigError, match=r"ChatMessages.*are not like those of.*wrap all of them alike"):
        ReasoningVectorEnv.of([make, lambda: ChatMessages(make())])
    ReasoningVectorEnv.of([make, functools.partial(make, "pmd/Countdown-v0")]).close()


def test_a_curriculum_counts_only_tasks_of_its_level():
    env = Curriculum(make(granularity="episode"), window=1)
    _, info = env.reset(options={"task_id": "GSM8K-v0/generated/train/d9/5"})
    assert info["difficulty"] == 9
    assert env.step(gold_of(env))[4]["difficulty"] == 9
    assert env.level == 1
    env.reset(options={"task_id": "GSM8K-v0/generated/train/d1/5"})
    env.step(gold_of(env))
    assert env.level == 2
    with pytest.raises(ConfigError, match="ends in d<difficulty>"):
        level_of("GSM8K-v0/data/train/5")


def test_a_curriculum_looks_at_whole_windows_of_one_level():
    env = Curriculum(make(granularity="episode"), raise_at=1, window=2)
    levels = []
    for seed in range(5):
        levels.append(env.reset(seed=seed)[1]["difficulty"])
        env.step(gold_of(env))
    assert levels == [1, 1, 2, 2, 3]


def test_a_curriculum_counts_episodes_that_are_cut_off():
    env = Curriculum(make(max_episode_steps=1), raise_at=0.5, window=2)
    for action in ("Hm.", None):
        env.reset(seed=1)
        *_, truncated, _ = env.step(action or gold_of(env))
        assert truncated
    assert env.level == 2


def test_a_curriculum_begins_at_the_environments_own_difficulty():
    env = Curriculum(make(difficulty=5, granularity="episode"), window=1)
    for level in (5, 6):
        _, info = env.reset(seed=1)
        assert (info["difficulty"], level_of(info["task_id"])) == (level, level)
        env.step(gold_of(env))


def test_levels_of_a_curriculum_need_not_be_counted_from_one(toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "difficulties", (2, 4))
    env = Curriculum(make(toy_id, difficulty=4))
    assert (env.level, env.reset(seed=1)[1]["difficulty"]) == (4, 4)


def test_there_are_no_calls_once_an_episode_is_over():
    env = Tools(make())
    env.reset(seed=1)
    truncated = False
    while not truncated:
        *_, truncated, _ = env.step("Hm.")
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step("<calculator>3 * 4</calculator>")


@pytest.mark.parametrize("env_id", environment_ids(reasoning_gym=False))
@pytest.mark.parametrize("kinds", ["seen", "unseen"])
def test_a_curriculum_stays_within_the_kinds_of_its_environment_at_every_level(env_id, kinds):
    base = make(env_id, kinds=kinds, granularity="episode")
    family = base.unwrapped.family
    held_out = unseen_kinds(family, family.difficulties)
    has_some = [
        level
        for level in family.difficulties
        if any((kind in held_out) == (kinds == "unseen") for kind in family.kinds(level))
    ]
    env, levels = Curriculum(base, window=1), []
    for seed in range(len(has_some)):
        levels.append(env.level)
        _, info = env.reset(seed=seed)
        task = env.unwrapped.task
        assert info["difficulty"] == level_of(task.id) == env.level
        assert task == make(env_id, kinds=kinds).unwrapped.task_by_id(task.id)
        if task.facts.get("kind") in family.kinds(env.level):
            assert (task.facts["kind"] in held_out) == (kinds == "unseen")
        env._count(1.0)
    assert levels == has_some


def test_a_kind_that_levels_share_is_not_trained_on_at_one_of_them():
    arithmetic = "pmd/Arithmetic-v0"
    assert make(arithmetic, kinds="seen", difficulty=1).reset(seed=0)[1]  # by itself this level keeps none out
    env = Curriculum(make(arithmetic, kinds="seen"))
    assert env.level == 3
    _, info = env.reset(options={"task_id": "Arithmetic-v0/generated/train/seen-of-all/d5/5"})
    assert info["difficulty"] == 5
    with pytest.raises(ConfigError, match="unknown difficulty of Arithmetic 1"):
        env.reset(options={"task_id": "Arithmetic-v0/generated/train/seen-of-all/d1/5"})


@pytest.mark.parametrize("kinds", ["seen", "unseen"])
def test_kinds_of_one_level_make_no_curriculum(kinds):
    with pytest.raises(ConfigError, match=f"kinds='{kinds}' at difficulty=3 alone .* without a difficulty"):
        Curriculum(make(difficulty=3, kinds=kinds))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print(*range(3))", "0 1 2"),
        ("print('a', 'b')", "a b"),
        ("print()", ""),
        ("print(1, 2, sep='-', end='!')", "1-2!"),
        ("io, text = 7, 3\nprint(io, text, 'it\\'s {}')", "7 3 it's {}"),
        ("total = 0\nfor i in range(3):\n    total += i\n    print(total)", "0\n1\n3"),
        ("x = 3", "nothing was printed"),
        ("x = 3\nif x > 2:\n    print(x)", "3"),
        ("if __name__ == '__main__':\n    print(1)", "1"),
        ("print(1)\n2; 3,  # and no 4", "1\n(3,)"),
        ("'é'; (1 +\n 2)", "3"),
        ("\n\n  x = 1\n  x + 1\n", "2"),
        ("from __future__ import annotations\n'a'", "'a'"),
        ("None", "nothing was printed"),
        ("object()", "<object object>"),
        ("10**5_000", cut(f"1{'0' * 5_000}", 1_900)),  # Python itself refuses to write that out
        ("print('x' * 3_000)", cut("x" * 3_000, 1_900)),
    ],
)
def test_python_says_what_is_printed_and_what_the_last_line_is(code, text):
    assert python(code) == text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "error: ZeroDivisionError: division by zero (line 1)"),
        ("print(1 / 0)", "error: ZeroDivisionError: division by zero (line 1)"),
        ("import os; print(no_name)", "error: NameError: name 'no_name' is not defined (line 1)"),
        ("print(1)\n\n1 / 0", "1\nerror: ZeroDivisionError: division by zero (line 3)"),
        ("\nx = [1,\n     2]\r\nx[5]\n", "error: IndexError: list index out of range (line 3)"),
        ("print(1)\nimport sys\nsys.exit(3)", "1\nerror: exited with code 3"),
        ("input()", "error: EOFError: EOF when reading a line (line 1)"),
        ("while True: pass", "error: did not finish within 1 s"),
        ("x = 1\ndef", "not a program: invalid syntax (line 2)"),
        ("", "not a program: it is empty"),
    ],
)
def test_python_says_where_a_program_fails(code, said):
    assert python(code) == said


def test_what_stands_beside_a_call_is_said_to_be_unread():
    env = Tools(make())
    env.reset(seed=1)
    assert env.step("<think>Hm.</think>\n<calculator>3 * 4</calculator>\n")[0]["feedback"] == "calculator: 12"
    for action in ("<calculator>3 * 4</calculator>\n#### 12", "So 3 * 4:\n<calculator>3 * 4</calculator>"):
        observation, *_, info = env.step(action)
        assert observation["feedback"] == (
            "calculator: 12\n(Only this call was read, and not what stands before or after it.)"
        )
        assert "Nothing else in such an action is read." in info["instructions"]
    observation, *_ = env.step("<python>print('x' * 9_000)</python> or so")
    assert observation["feedback"].endswith("x\n(Only this call was read, and not what stands before or after it.)")
    assert observation in env.observation_space


@pytest.mark.parametrize(
    "wrap",
    [ChatMessages, Curriculum, FewShot, Tools, functools.partial(Tools, names=("python",))],
    ids=["chat", "curriculum", "few shot", "tools", "python alone"],
)
def test_a_spec_comes_back_from_json_as_it_was(wrap):
    spec = wrap(make()).spec
    again = EnvSpec.from_json(spec.to_json())
    assert again.additional_wrappers == spec.additional_wrappers
    assert gymnasium.make(again).spec == spec


@pytest.mark.parametrize("kind", [str, Path])
def test_the_spec_of_a_recording_comes_back_too(kind, tmp_path):
    path = kind(tmp_path / "episodes.jsonl")
    env = RecordEpisodes(make(granularity="episode"), path)
    env.reset(seed=1)
    env.step(gold_of(env))
    for one in (env, ReplayEpisodes(make(granularity="episode"), path)):
        assert gymnasium.make(EnvSpec.from_json(one.spec.to_json())).spec == one.spec


STEP = {"action": "#### 1", "feedback": "", "reward": 0.0, "terminated": True, "truncated": False, "score": 0.0}
EPISODE = {"task_id": "a", "fingerprint": "b", "steps": [STEP, {**STEP, "score": 1}]}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({**EPISODE, "task_id": 1}, "task_id is 1, not a str"),
        ({**EPISODE, "fingerprint": None}, "fingerprint is None, not a str"),
        ({**EPISODE, "steps": {}}, "TypeError('steps is not a list')"),
        *(
            ({**EPISODE, "steps": [STEP, {**STEP, name: value}]}, f"steps[1].{name} is {value!r}, not a {kind}")
            for name, value, kind in (
                ("action", 3, "str"),
                ("feedback", ["a"], "str"),
                ("reward", True, "float"),
                ("terminated", 1, "bool"),
                ("truncated", "no", "bool"),
                ("score", None, "float"),
            )
        ),
    ],
)
def test_a_field_of_another_type_is_no_episode(row, words, tmp_path):
    path = tmp_path / "episodes.jsonl"
    path.write_text(f"{json.dumps(EPISODE)}\n{json.dumps(row)}\n")
    with pytest.raises(DatasetError) as raised:
        read_episodes(path)
    assert str(raised.value) == f"{path}, line 2 is not an episode: {words}"


def test_a_file_that_is_no_text_has_no_episodes(tmp_path):
    path = tmp_path / "episodes.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match=r"cannot read the episodes of .*utf-8"):
        read_episodes(path)


def test_a_call_in_a_text_that_is_too_long_for_an_action_is_refused():
    env = ChatMessages(Tools(make()))
    env.reset(seed=1)
    with pytest.raises(ConfigError, match="not 70030 characters"):
        env.step(f"<calculator>3 * 4</calculator>{'x' * 70_000}")
    messages, *_, info = env.step("<calculator>3 * 4</calculator>")
    assert (messages[-1]["content"], info["tool_calls"]) == ("calculator: 12", 1)
    assert len(messages) == 4


def recorded(path):
    env = RecordEpisodes(make(granularity="episode"), path)
    env.reset(seed=len(path.read_bytes()))
    env.step("#### 1")


@pytest.fixture
def two_episodes(tmp_path):
    path = tmp_path / "episodes.jsonl"
    path.touch()
    recorded(path)
    recorded(path)
    return path


def test_an_episode_is_not_joined_to_a_last_line_without_an_end(two_episodes):
    found = read_episodes(two_episodes)
    two_episodes.write_bytes(two_episodes.read_bytes().rstrip(b"\n"))
    recorded(two_episodes)
    assert read_episodes(two_episodes)[:2] == found
    assert len(read_episodes(two_episodes)) == 3


def test_an_episode_that_was_torn_anywhere_is_cut_when_the_next_one_is_added(two_episodes):
    whole = two_episodes.read_bytes()
    first, second, _ = whole.split(b"\n")
    ends = [1, 5, 12, 20, len(second) // 2, second.index(b"}") + 1, len(second) - 1]
    for end in ends:
        two_episodes.write_bytes(first + b"\n" + second[:end])
        recorded(two_episodes)
        assert two_episodes.read_bytes().startswith(first + b"\n{")
        assert len(read_episodes(two_episodes)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody keeps processes apart")
def test_an_episode_that_another_process_is_writing_is_not_cut(two_episodes):
    import fcntl

    first, second, _ = two_episodes.read_bytes().split(b"\n")
    two_episodes.write_bytes(first + b"\n")
    with two_episodes.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(second[:-20])
        other.flush()
        adding = threading.Thread(target=recorded, args=(two_episodes,))
        adding.start()
        adding.join(0.3)
        assert adding.is_alive()
        other.write(second[-20:] + b"\n")
    adding.join()
    assert two_episodes.read_bytes().startswith(first + b"\n" + second + b"\n")
    assert len(read_episodes(two_episodes)) == 3


@pytest.mark.parametrize("rest", [b"my notes", b"\xff", b"{'a': 1}", b'{"task": 3', b"[" * 100_000])
def test_what_is_no_episode_is_not_cut(rest, tmp_path):
    path = tmp_path / "episodes.jsonl"
    path.write_bytes(rest)
    recorded(path)
    first, added, nothing = path.read_bytes().split(b"\n")
    assert (first, nothing) == (rest, b"")
    assert "steps" in json.loads(added)

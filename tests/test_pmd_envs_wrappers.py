"""Wrappers: what they change, and that the environment inside stays what it is."""

import dataclasses
import json
import random
import re
import time

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st
from toy_family import ToySums

from pmd_envs import ConfigError, DatasetError
from pmd_envs.datasets import Dataset
from pmd_envs.env import load_family
from pmd_envs.families.livecodebench import LIVECODEBENCH_DATA, LiveCodeBench
from pmd_envs.task_source import MAX_PROBLEM
from pmd_envs.wrappers import (
    ChatMessages,
    Curriculum,
    FewShot,
    RecordEpisodes,
    ReplayEpisodes,
    Tools,
    calculator,
    python,
)
from pmd_envs.wrappers.episodes import read_episodes
from pmd_envs.wrappers.tools import TOOLS

ENV = "pmd/GSM8K-v0"


def make(env_id=ENV, **kwargs):
    return gymnasium.make(env_id, **{"source": "generated", "difficulty": 1, **kwargs})


def gold_of(env):
    return env.unwrapped.family.gold_solution(env.unwrapped.task)


@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version")
@pytest.mark.parametrize("wrap", [FewShot, ChatMessages, Tools, Curriculum], ids=lambda wrap: wrap.__name__)
def test_a_wrapped_environment_is_an_environment(wrap):
    env = wrap(make(disable_env_checker=True).unwrapped)
    check_env(env, skip_render_check=True, skip_close_check=True)
    assert env.reset(seed=1)[0] in env.observation_space
    assert wrap(make()).reset(seed=4) == wrap(make()).reset(seed=4)
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(wrap(make()).spec.to_json()))
    assert again.reset(seed=4) == wrap(make()).reset(seed=4)
    with pytest.raises(ConfigError, match="is not a pmd environment"):
        wrap(gymnasium.make("CartPole-v1"))


def test_few_shot_shows_solved_examples_but_never_the_problem_itself():
    env = FewShot(make(), count=2)
    observation, _ = env.reset(seed=1)
    problem = env.unwrapped.task.prompt
    *examples, last = observation["problem"].split("\n\n\n")
    assert (len(examples), last) == (2, problem)
    assert all("#### " in example for example in examples)
    example = env._examples[0]
    observation, _ = env.reset(options={"task_id": example.id})
    assert observation["problem"].count(example.prompt) == 1
    after, *_ = env.step("Hm.")
    assert after["problem"] == observation["problem"]
    with pytest.raises(ConfigError, match="count=0"):
        FewShot(make(), count=0)


def test_the_seed_says_which_examples_and_the_last_that_does_not_fit_is_left_out(toy_id, monkeypatch):
    def shown(**kwargs):
        env = FewShot(gymnasium.make(toy_id, source="generated", difficulty=1), count=3, **kwargs)
        observation, _ = env.reset(options={"index": 0})
        *examples, problem = observation["problem"].split("\n\n\n")
        assert problem == env.unwrapped.task.prompt
        return examples

    three = shown()
    assert (len(three), shown(seed=0), shown(seed=1) == three) == (3, three, False)
    monkeypatch.setattr("pmd_envs.wrappers.few_shot.MAX_PROBLEM", len("\n\n\n".join(three)))
    assert shown() == three[:2]


def test_a_problem_in_other_words_is_no_example_of_itself(toy_id, monkeypatch):
    env = gymnasium.make(toy_id, source="generated", granularity="episode")
    wrapped = FewShot(env, count=2)
    assert len({ToySums().content(task) for task in wrapped._examples}) == len(wrapped._examples) == 3
    first = wrapped._examples[0]
    other = "Add."
    monkeypatch.setattr(
        type(env.unwrapped.dataset), "draw", lambda *_: dataclasses.replace(first, prompt=f"{first.prompt} {other}")
    )
    observation, _ = wrapped.reset(seed=0)
    *shown, problem = observation["problem"].split("\n\n\n")
    assert problem.endswith(other)
    assert len(shown) == 2
    assert all(first.prompt not in text for text in shown)


def test_few_shot_examples_are_of_the_train_split_and_fit():
    env = FewShot(make(split="test", granularity="episode"), count=200)
    observation, _ = env.reset(seed=1)
    assert len(observation["problem"]) <= MAX_PROBLEM
    assert observation in env.observation_space
    assert all("/train/" in task.id for task in env._examples)
    assert env.step(gold_of(env))[1] == 1


@pytest.mark.parametrize("levels", [(1, 2), ()], ids=["generator", "no generator"])
def test_few_shot_generates_its_examples_where_no_train_split_is_published(tmp_path, monkeypatch, toy_id, levels):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "test.jsonl").write_text("".join(f'{{"a": {i}, "b": 1000}}\n' for i in range(9)))
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(ToySums, "dataset", Dataset(folder="toy", files={"test": ("test.jsonl",)}))
    monkeypatch.setattr(ToySums, "difficulties", levels)
    env = gymnasium.make(toy_id, split="test", source="local")
    if not levels:
        with pytest.raises(DatasetError, match="no 'train' split"):
            FewShot(env)
        return
    wrapped = FewShot(env)
    observation, info = wrapped.reset(seed=1)
    *examples, last = observation["problem"].split("\n\n\n")
    assert (len(examples), last, info["dataset"]) == (2, wrapped.unwrapped.task.prompt, "local")
    assert all(task.id.startswith("ToySums-v0/generated/train/") for task in wrapped._examples)


def test_few_shot_does_not_make_up_for_a_train_split_that_is_missing(tmp_path, monkeypatch, toy_id):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "test.jsonl").write_text('{"a": 1, "b": 1000}\n')
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    env = gymnasium.make(toy_id, split="test", source="local")
    with pytest.raises(DatasetError, match=r"train\.jsonl .*does not exist"):
        FewShot(env)


def test_few_shot_generates_its_examples_where_rows_have_no_solutions(tmp_path, monkeypatch):
    cases = json.dumps([{"input": "1\n", "output": "2\n", "testtype": "stdin"}])
    row = {"question_id": "own", "question_content": "Add one."}
    row |= {"public_test_cases": cases, "private_test_cases": cases}
    (tmp_path / "livecodebench").mkdir()
    (tmp_path / "livecodebench" / "test6.jsonl").write_text(json.dumps(row))  # and none of the gigabytes to train on
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(LiveCodeBench, "dataset", dataclasses.replace(LIVECODEBENCH_DATA, checksums={}))
    env = FewShot(gymnasium.make("pmd/LiveCodeBench-v0", split="test", source="local"))
    observation, info = env.reset(seed=1)
    *examples, last = observation["problem"].split("\n\n\n")
    assert (len(examples), last, info["dataset"]) == (2, "Add one.", "local")
    assert all(task.id.startswith("LiveCodeBench-v0/generated/train/") for task in env._examples)


def test_few_shot_is_not_made_where_an_example_has_no_solution(monkeypatch, toy_id):
    def gold_solution(*_):
        raise DatasetError("publishes none")

    env = gymnasium.make(toy_id, source="generated")
    monkeypatch.setattr(ToySums, "gold_solution", gold_solution)
    with pytest.raises(DatasetError, match="publishes none"):
        FewShot(env)


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["MATH500", "HumanEval", "CRUXEval", "KnightsKnaves", "FOLIO", "GSM8K"])
def test_few_shot_goes_with_published_data(name, data_dir):
    folder = load_family(gymnasium.spec(f"pmd/{name}-v0").kwargs["family"]).dataset.folder
    if not (data_dir / folder).is_dir():
        pytest.skip(f"{name} has no data there")
    env = FewShot(gymnasium.make(f"pmd/{name}-v0", split="test", source="local"))
    observation, info = env.reset(seed=1)
    assert observation["problem"].endswith(f"\n\n\n{env.unwrapped.task.prompt}")
    assert info["dataset"] == "local"
    place = "data" if name == "GSM8K" else "generated"
    assert all(f"/{place}/train/" in task.id for task in env._examples)


def test_a_chat_holds_the_whole_conversation():
    env = ChatMessages(make())
    messages, info = env.reset(seed=1)
    assert messages == (
        {"role": "system", "content": info["instructions"]},
        {"role": "user", "content": env.unwrapped.task.prompt},
    )
    later, *_ = env.step("1 + 1 = 3")
    assert later[2:] == (
        {"role": "assistant", "content": "1 + 1 = 3"},
        {"role": "user", "content": "1 + 1 = 3 is wrong: it is 2"},
    )
    assert env.step("Hm.")[0][-1]["content"] == "Go on."
    assert len(messages) == 2
    last, reward, terminated, *_ = env.step(gold_of(env))
    assert (reward, terminated, last[-1]["role"]) == (1, True, "user")
    assert last[-1]["content"].startswith("the answer is correct")
    assert last in env.observation_space


def test_a_chat_without_feedback_says_what_tools_say_and_no_more():
    env = ChatMessages(Tools(make(feedback=False)))
    env.reset(seed=1)
    said = [
        env.step(action)[0][-1]["content"] for action in ("1 + 1 = 3", "<calculator>6 * 7</calculator>", gold_of(env))
    ]
    assert said == ["Go on.", "calculator: 42", "The episode is over."]


@pytest.mark.parametrize(
    ("last", "reply"), [("1 + 1 = 3", "1 + 1 = 3 is wrong: it is 2"), ("Hm.", "The episode is over.")]
)
def test_a_chat_that_a_time_limit_cuts_off_ends_with_what_was_wrong(last, reply):
    env = ChatMessages(gymnasium.wrappers.TimeLimit(make(), 2))
    env.reset(seed=1)
    env.step("Hm.")
    messages, _, terminated, truncated, info = env.step(last)
    assert (terminated, truncated, info["reason"]) == (False, True, "")
    assert messages[-1] == {"role": "user", "content": reply}


@pytest.mark.parametrize(
    ("text", "value"),
    [("12 * 7", "84"), ("(1 + 2) / 4", "3/4"), ("2 +", "not an arithmetic expression"), ("__import__('os')", None)],
)
def test_the_calculator_is_exact_and_no_interpreter(text, value):
    assert calculator(text) == (value or "not an arithmetic expression")


def test_python_runs_in_the_sandbox_and_never_raises():
    assert python("x = 6\nx * 7") == "42"
    assert python("def f(n):\n    return n + 1\nprint(f(2))") == "3"
    for text in ("", "def", "\x00", "(" * 5_000, "1" * 20_000):
        assert python(text).startswith("not a program"), text[:10]


def test_a_call_takes_no_step_and_calls_are_limited():
    env = Tools(make(), names=("calculator",), max_calls=2)
    first, info = env.reset(seed=1)
    assert info["tool_calls"] == 0
    for calls in (1, 2):
        observation, reward, terminated, truncated, info = env.step("<calculator>3 * 4</calculator>")
        assert observation == {**first, "feedback": "calculator: 12"}
        assert (reward, terminated, truncated, info["tool_calls"]) == (0, False, False, calls)
    observation, *_ = env.step("<calculator>3 * 4</calculator>")
    assert observation["turns_left"] == first["turns_left"] - 1
    assert env.step("<python>1</python>")[0]["turns_left"] == first["turns_left"] - 2
    assert env.step(gold_of(env))[1] == 1
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step("<calculator>1 + 1</calculator>")
    with pytest.raises(ConfigError, match="calculater"):
        Tools(make(), names=("calculater",))


def test_calls_are_counted_by_episode_and_check_nothing():
    env = Tools(make(), max_calls=1)
    for _ in range(2):
        assert env.reset(seed=1)[1]["tool_calls"] == 0
        assert env.step("1 + 1 = 3")[4]["verified"] == -1
        *_, info = env.step(CALL)
        assert (info["tool_calls"], info["verified"], info["first_wrong_step"]) == (1, 0, 0)
    with pytest.raises(ConfigError, match="max_calls=0 is below 1"):
        Tools(make(), max_calls=0)


@pytest.mark.parametrize("names", [("calculator",), ("python", "calculator")])
def test_a_policy_is_told_of_its_tools_and_can_call_them_as_it_is_told(names):
    env = Tools(make(), names=names, max_calls=3)
    _, info = env.reset(seed=1)
    own, _, told = info["instructions"].rpartition("\n")
    assert own == env.unwrapped.family.instructions
    assert "up to 3 times" in told
    calls = [found[0] for found in CALLED.finditer(told)]
    assert [call.split(">")[0].strip("<") for call in calls] == list(names)
    for number, call in enumerate(calls, 1):
        observation, *_, info = env.step(call)
        assert observation["feedback"] in ("calculator: 84", "python: 45")
        assert info["tool_calls"] == number
        assert info["instructions"].endswith(told)
    assert ChatMessages(Tools(make(), names=names, max_calls=3)).reset(seed=1)[0][0]["content"].endswith(told)


TAGS = ["<calculator>", "</calculator>", "<python>", "</python>", "1", "+", "\n"]
CALLED = re.compile(r"<(calculator|python)>((?:(?!</\1>).)*)</\1>", re.DOTALL)
"""What a call is. To look for it takes quadratic time."""


@given(st.lists(st.sampled_from(TAGS), max_size=12).map("".join))
def test_calls_are_those_of_the_pattern_that_takes_too_long(text):
    called = []
    env = Tools(make())
    env.reset(seed=1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("calculator", "python"):
            patch.setitem(TOOLS, name, lambda text, name=name: str(called.append((name, text))))
        env.step(text)
    found = CALLED.search(text)
    assert called == ([(found[1], found[2])] if found else [])


@pytest.mark.parametrize("repeated", ["<python>", "<python></calculator>", "<calculator>\n"])
def test_calls_that_do_not_end_take_no_time(repeated):
    env = Tools(make())
    env.reset(seed=1)
    began = time.process_time()
    *_, info = env.step((repeated * 8_192)[:65_536])
    assert info["tool_calls"] == 0
    assert time.process_time() - began < 3  # it is a hundredth of a second


CALL = "<calculator>3 * 4</calculator>"


@pytest.mark.parametrize(
    "action",
    [
        f"<think>{CALL}</think>",
        f"I could ask {CALL}\n</think>",  # the prompt had opened it
        f"<Thinking>{CALL}</thinking>\n3 * 4 = 12",
        f"<think>{CALL}",
        f"{CALL}<think>or not",
    ],
)
def test_a_call_that_is_only_thought_is_not_run(action):
    env = Tools(make())
    env.reset(seed=1)
    observation, *_, info = env.step(action)
    assert (info["tool_calls"], observation["feedback"]) == (0, "")


def test_an_answer_after_a_thought_of_a_tool_is_judged():
    env = Tools(make(granularity="episode"))
    env.reset(seed=1)
    _, reward, terminated, _, info = env.step(f"<think>{CALL} or <python>1 / 0</python></think>\n{gold_of(env)}")
    assert (reward, terminated, info["tool_calls"]) == (1, True, 0)


def test_a_call_after_a_thought_is_run_and_leaves_the_episode_as_it_was():
    env = Tools(make())
    first, _ = env.reset(seed=1)
    observation, *_ = env.step(f"<think>Let me ask.</think>{CALL}")
    assert observation == {**first, "feedback": "calculator: 12"}
    thought, *_ = env.step("<think>Let me see.")
    observation, *_, info = env.step(CALL)  # goes on with the thought
    assert (info["tool_calls"], observation["feedback"]) == (1, "")
    assert observation["turns_left"] == thought["turns_left"] - 1
    observation, *_, info = env.step(f"<think>{CALL}</think>{CALL}")  # the thought ends before the second one
    assert (info["tool_calls"], observation["feedback"]) == (2, "calculator: 12")
    assert env.unwrapped.in_thought  # as the steps so far say
    assert env.step(f"</think>{gold_of(env)}")[1] == 1


def test_a_submission_may_be_a_call_whatever_the_last_one_left_open():
    env = Tools(make("pmd/FunctionSynthesis-v0"))
    env.reset(seed=1)
    env.step("<think>")
    assert env.step(CALL)[0]["feedback"] == "calculator: 12"


def test_the_curriculum_rises_with_the_solve_rate_alone():
    env = Curriculum(make(difficulty=None, granularity="episode"), raise_at=0.5, window=2)
    levels = []
    for answers in ("right", "wrong", "wrong", "wrong", "right", "right") * 2:
        _, info = env.reset(seed=len(levels))
        levels.append(info["difficulty"])
        assert f"/d{info['difficulty']}/" in info["task_id"]
        assert env.step(gold_of(env) if answers == "right" else "#### no")[4]["difficulty"] == levels[-1]
        if len(levels) == 6:
            break
    assert levels == [1, 1, 2, 2, 2, 3]


def test_the_curriculum_ends_at_the_last_level_and_refuses_what_it_cannot_do():
    env = Curriculum(make(difficulty=None, granularity="episode"), window=1)
    for _ in range(12):
        env.reset(seed=0)
        env.step(gold_of(env))
    assert env.level == 10
    for kwargs, words in (
        ({"raise_at": 0}, "raise_at=0"),
        ({"raise_at": 2}, "raise_at=2"),
        ({"window": 0}, "window=0"),
    ):
        with pytest.raises(ConfigError, match=words):
            Curriculum(make(), **kwargs)


def test_recorded_episodes_are_played_again(tmp_path):
    path = str(tmp_path / "runs" / "episodes.jsonl")
    env = RecordEpisodes(make(), path)
    for seed in range(2):
        env.reset(seed=seed)
        env.step("cut off by the next reset")
        env.reset(seed=seed)
        wrong = env.unwrapped.family.wrong_solution(random.Random(seed), env.unwrapped.task)
        env.step("Hm. \ud800")
        env.step(wrong if seed else gold_of(env))
    replay = ReplayEpisodes(make(), path)
    assert [len(episode.steps) for episode in replay.episodes] == [2, 2]
    scores = []
    for episode in replay.episodes:
        assert replay.reset()[1]["task_id"] == episode.task_id
        with pytest.raises(ConfigError, match="the record goes on with 'Hm"):
            replay.step("something else")
        for _ in episode.steps:
            *_, info = replay.step(replay.next_action)
        scores.append(info["score"])
    assert scores == [1, 0]
    with pytest.raises(ConfigError, match="call reset"):
        replay.step("more")
    with pytest.raises(ConfigError, match="all 2 recorded episodes"):
        replay.reset()


def test_a_reset_that_is_refused_changes_no_record(tmp_path, toy_id):
    path = tmp_path / "episodes.jsonl"
    env = RecordEpisodes(gymnasium.make(toy_id, source="generated"), path)
    env.reset(seed=1)
    env.step("1 + 1 = 3")
    with pytest.raises(ConfigError):
        env.reset(options={"index": -1})
    env.step(gold_of(env).splitlines()[-1])
    (episode,) = read_episodes(path)
    assert episode.steps[0].action == "1 + 1 = 3"
    assert len(episode.steps) == 2
    replay = ReplayEpisodes(gymnasium.make(toy_id, source="generated"), path)
    with pytest.raises(gymnasium.error.Error):
        replay.reset(seed=-3)
    assert replay.reset()[1]["task_id"] == episode.task_id
    with pytest.raises(ConfigError, match="goes on with '1 \\+ 1 = 3', not with None"):
        replay.step(None)


def test_episodes_go_into_a_file(tmp_path):
    with pytest.raises(ConfigError, match="is a folder, and episodes go into a file"):
        RecordEpisodes(make(), tmp_path)


@given(st.integers(0, 2000))
def test_an_episode_that_was_torn_hides_no_other(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("torn") / "episodes.jsonl"
    env = RecordEpisodes(make(granularity="episode"), path)
    for seed in (1, 2):
        env.reset(seed=seed)
        env.step(gold_of(env))
    first, second, _ = path.read_bytes().split(b"\n")
    episodes = read_episodes(path)
    path.write_bytes(first + b"\n" + second[:cut])
    assert read_episodes(path) == (episodes if cut >= len(second) else episodes[:1])


def test_a_text_that_is_no_record_is_told_apart_from_a_torn_one(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes")
    with pytest.raises(DatasetError, match="line 1 is not an episode"):
        read_episodes(path)


def test_a_tool_call_repeats_no_change_of_a_wrapper_outside(toy_id):
    env = Tools(gymnasium.make(toy_id, source="generated"))
    for observation in (env.reset(seed=0)[0], env.step("Hm.")[0]):
        observation["problem"] += " (hint)"
        assert "(hint)" not in env.step("<calculator>1</calculator>")[0]["problem"]


def test_a_replay_notices_what_changed(tmp_path):
    path = tmp_path / "episodes.jsonl"
    env = RecordEpisodes(make(granularity="episode"), str(path))
    env.reset(seed=0)
    env.step(gold_of(env))
    row = json.loads(path.read_text())
    row["steps"][0]["score"] = 0.5
    path.write_text(json.dumps(row))
    replay = ReplayEpisodes(make(granularity="episode"), str(path))
    replay.reset()
    with pytest.raises(DatasetError, match=r"step 1: .*score=1.0.* was .*score=0.5"):
        replay.step(replay.next_action)
    path.write_text(json.dumps({**row, "fingerprint": "other"}))
    with pytest.raises(DatasetError, match="was played on data other"):
        ReplayEpisodes(make(), str(path)).reset()
    for text in ("{}", "[1]", "no json", "[" * 9_000):
        path.write_text(text)
        with pytest.raises(DatasetError, match="line 1 is not an episode"):
            read_episodes(path)
    with pytest.raises(DatasetError, match="cannot read"):
        read_episodes(tmp_path / "none")
    path.write_text("")
    with pytest.raises(DatasetError, match="has no episodes"):
        ReplayEpisodes(make(), str(path))


def test_wrappers_go_into_each_other():
    env = FewShot(Tools(make("pmd/Countdown-v0")), count=1)
    env.reset(seed=0)
    assert env.step("<calculator>2 * 2</calculator>")[0]["feedback"] == "calculator: 4"
    for action in env.unwrapped.family.split_steps(gold_of(env)):
        *_, info = env.step(action)
    assert info["score"] == 1

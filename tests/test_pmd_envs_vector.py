"""Vector environments: ours, Gymnasium's own two, and all of them the same."""

import copy
import functools
import multiprocessing
import os
import pickle
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from hypothesis import example, given, settings
from hypothesis import strategies as st
from toy_family import NASTY, ToySums

import pmd_envs
from pmd_envs import ConfigError, ReasoningVectorEnv
from pmd_envs.terminal import visible
from pmd_envs.wrappers import FewShot, Tools

IDS = pmd_envs.environment_ids(reasoning_gym=False)
each_env = pytest.mark.parametrize("env_id", IDS)
SAME_STEP = AutoresetMode.SAME_STEP
SEEDS = [7, 8, 9]


def make_one(env_id, **kwargs):
    pmd_envs.register(ToySums)  # once more in a worker process that was not forked
    return gymnasium.make(env_id, source="generated", **kwargs)


def comparable(value):
    """Arrays as lists, so that == compares everything; the order of keys does not matter."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return [str(value.dtype), [comparable(item) for item in value.tolist()]]
    return value


def play(vector, actions, seeds=SEEDS):
    """Everything that a vector environment returned."""
    returned = [comparable(part) for part in vector.reset(seed=seeds)]
    for action in actions:
        returned.extend(comparable(part) for part in vector.step(action))
    vector.close()
    return returned


def actions_for(env_id, **kwargs):
    """Per step one action for each of three sub-environments, so that episodes end at different steps."""
    golds = []
    for seed in SEEDS:
        env = make_one(env_id, **kwargs)
        env.reset(seed=seed)
        family, task = env.unwrapped.family, env.unwrapped.task
        golds.append((family.gold_solution(task), family.wrong_solution(random.Random(seed), task)))
    hm = f"Hm. {NASTY}"
    return [(golds[0][0], hm, golds[2][1]), (hm, golds[1][0], hm), (hm, hm, hm)]


@each_env
@pytest.mark.parametrize("granularity", ["step", "episode"])
def test_ours_is_gymnasiums_sync_vector_env(env_id, granularity):
    kwargs = {"granularity": granularity, "reward": "shaped"}
    actions = actions_for(env_id, **kwargs)
    ours = gymnasium.make_vec(env_id, num_envs=3, source="generated", **kwargs)
    theirs = SyncVectorEnv([functools.partial(make_one, env_id, **kwargs)] * 3, autoreset_mode=SAME_STEP)
    assert isinstance(ours, ReasoningVectorEnv)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.metadata["autoreset_mode"] == theirs.metadata["autoreset_mode"]
    assert play(ours, actions) == play(theirs, actions)


def test_without_autoreset_it_is_gymnasiums_too(toy_id):
    """Episodes of different length, of which those that are over are reset, in turn or all at once."""

    def play_on(vector):
        found = [comparable(part) for part in vector.reset(seed=SEEDS)]
        for number in range(9):
            texts = ["#### 5" if number % (lane + 1) == lane else f"Hm. {NASTY}" for lane in range(3)]
            *returned, infos = vector.step(tuple(texts))
            found += [comparable(part) for part in (*returned, infos)]
            over = returned[2] | returned[3]
            if over.any():
                seed = None if number % 2 else [4, 5, 6]
                found += [comparable(part) for part in vector.reset(seed=seed, options={"reset_mask": over})]
        assert {key for key in infos if key.startswith("final")} == set()
        vector.close()
        return found

    theirs = SyncVectorEnv([functools.partial(make_one, toy_id)] * 3, autoreset_mode=AutoresetMode.DISABLED)
    for mode in (AutoresetMode.DISABLED, "Disabled"):
        ours = gymnasium.make_vec(toy_id, num_envs=3, source="generated", autoreset_mode=mode)
        assert ours.metadata["autoreset_mode"] == AutoresetMode.DISABLED
        found = play_on(ours)
        theirs.reset()
        assert found == play_on(theirs)
        theirs = SyncVectorEnv([functools.partial(make_one, toy_id)] * 3, autoreset_mode=AutoresetMode.DISABLED)
    assert ReasoningVectorEnv.metadata["autoreset_mode"] == SAME_STEP  # only theirs who ask for it


def test_without_autoreset_no_task_is_drawn_and_what_is_over_waits(toy_id, monkeypatch):
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated", autoreset_mode="Disabled")
    vector.reset(seed=0)
    monkeypatch.setattr(type(vector.envs[0].unwrapped.dataset), "draw", lambda *_: pytest.fail("a task was drawn"))
    before, _, terminated, _, infos = vector.step(("Hm.", "#### 1"))
    assert terminated.tolist() == [False, True]
    assert infos["score"].tolist() == [0.0, 0.0]
    with pytest.raises(gymnasium.error.ResetNeeded, match="the episode of environment 1 is over"):
        vector.step(("Hm.", "Hm."))
    task_ids = [env.unwrapped.task.id for env in vector.envs]
    after, infos = vector.reset(options={"task_ids": task_ids, "reset_mask": [False, True]})
    assert after["turns_left"].tolist() == [3, 4]  # the first has not moved meanwhile
    assert infos["_task_id"].tolist() == [False, True]
    assert after["problem"] == before["problem"]
    vector.close()


def test_a_mask_or_mode_that_makes_no_sense_is_refused(toy_id):
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated", autoreset_mode="Disabled")
    with pytest.raises(ConfigError, match="leaves out environment 1, which has not begun"):
        vector.reset(options={"reset_mask": [True, False]})
    vector.reset(seed=0)
    for mask in ([[True], [True, False]], [True], [True] * 3, [False, False], [1, 0], "both", None):
        with pytest.raises(ConfigError, match="reset_mask has 2 booleans, some of them true, not"):
            vector.reset(options={"reset_mask": mask})
    vector.close()
    for mode in (AutoresetMode.NEXT_STEP, "Disable"):
        with pytest.raises(ConfigError, match="unknown autoreset_mode"):
            gymnasium.make_vec(toy_id, num_envs=1, source="generated", autoreset_mode=mode)


@pytest.mark.parametrize("limit", [1, 2, -1, None])
def test_a_time_limit_works_as_gymnasiums_does(toy_id, limit):
    actions = [("Hm.",) * 3] * 6
    ours = gymnasium.make_vec(toy_id, num_envs=3, source="generated", max_episode_steps=limit)
    makers = [functools.partial(make_one, toy_id, max_episode_steps=-1 if limit is None else limit)] * 3
    theirs = SyncVectorEnv(makers, autoreset_mode=SAME_STEP)
    assert play(ours, actions) == play(theirs, actions)


@pytest.mark.parametrize("tools", [("calculator", "python"), ("calculator",)])
def test_programs_of_tools_run_side_by_side(toy_id, tools):
    vector = ReasoningVectorEnv.of([lambda: FewShot(Tools(make_one(toy_id), names=tools), count=1)] * 2)
    assert (vector._pool is not None) == ("python" in tools)
    vector.close()


@pytest.mark.parametrize("shared_memory", [True, False], ids=["shared", "piped"])
def test_workers_in_other_processes_give_the_same(toy_id, shared_memory):
    actions = actions_for(toy_id)
    ours = gymnasium.make_vec(toy_id, num_envs=3, source="generated")
    theirs = AsyncVectorEnv(
        [functools.partial(make_one, toy_id)] * 3,
        shared_memory=shared_memory,
        context="spawn",
        autoreset_mode=SAME_STEP,
    )
    expected, found = play(ours, actions), play(theirs, actions)
    assert found == expected
    assert any(NASTY in text for part in found if isinstance(part, dict) for text in part.get("problem", ()))


@pytest.mark.slow
def test_every_family_is_the_same_in_ours_in_daemon_workers_and_one_by_one():
    # Workers are forked from a process that has imported what each of two dozen would import by itself.
    multiprocessing.get_context("forkserver").set_forkserver_preload(["gymnasium", "hypothesis", "pmd_envs", "pytest"])
    makers = [functools.partial(make_one, env_id, granularity="episode") for env_id in IDS]
    actions = []
    for env_id in IDS:
        env = make_one(env_id)
        env.reset(seed=4)
        actions.append(env.unwrapped.family.gold_solution(env.unwrapped.task))
    vectors = (
        ReasoningVectorEnv.of(makers),
        SyncVectorEnv(makers, autoreset_mode=SAME_STEP),
        AsyncVectorEnv(makers, context="forkserver", autoreset_mode=SAME_STEP),
    )
    expected, *others = [play(vector, [tuple(actions)], [4] * len(IDS)) for vector in vectors]
    assert all(found == expected for found in others)
    assert expected[3] == ["float64", [1.0] * len(IDS)]


THREADED = ("pmd/GSM8K-v0", "pmd/KnightsKnaves-v0", "pmd/Countdown-v0", "pmd/FunctionSynthesis-v0")


def test_other_environments_in_other_threads_change_nothing():
    def episode(env_id):
        vector = gymnasium.make_vec(env_id, num_envs=2, source="generated")
        return play(vector, [("Hm.", "1 + 1 = 3"), ("#### 1", "#### 2")], [1, 2])

    alone = [episode(env_id) for env_id in THREADED]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(episode, THREADED * 2)) == alone * 2


@pytest.mark.slow
def test_all_three_are_the_same_while_others_play_in_other_threads():
    over, makers = threading.Event(), [functools.partial(make_one, env_id) for env_id in THREADED]
    actions = [("Hm.", "Hm.", "1 + 1 = 2", "return"), ("#### 1", "A is a knave.", "#### 2", "Hm.")]
    seeds = [5, 6, 7, 8]
    alone = play(SyncVectorEnv(makers, autoreset_mode=SAME_STEP), actions, seeds)

    def others(number):
        played = 0
        while not over.is_set() or not played:
            play(ReasoningVectorEnv.of(makers), actions, [number + seed for seed in seeds])
            played += 1
        return played

    with ThreadPoolExecutor(2) as pool:
        playing = [pool.submit(others, number) for number in (0, 100)]
        try:
            vectors = (
                ReasoningVectorEnv.of(makers),
                SyncVectorEnv(makers, autoreset_mode=SAME_STEP),
                AsyncVectorEnv(makers, context="spawn", autoreset_mode=SAME_STEP),
            )
            found = [play(vector, actions, seeds) for vector in vectors]
        finally:
            over.set()
        assert all(one.result() for one in playing)
    assert found == [alone] * 3


def test_an_observation_that_was_read_stays_as_it_is(toy_id):
    vector = AsyncVectorEnv([functools.partial(make_one, toy_id)] * 2, context="spawn", autoreset_mode=SAME_STEP)
    first, _ = vector.reset(seed=1)
    kept = {key: list(value) for key, value in first.items()}
    second, *_ = vector.step(("Hm.", "Well."))
    assert {key: list(value) for key, value in first.items()} == kept
    assert (list(first["turns_left"]), list(second["turns_left"])) == ([4, 4], [3, 3])
    assert (first["steps"], second["steps"]) == (("", ""), ("Hm.", "Well."))
    assert second in vector.observation_space
    vector.close()


@each_env
def test_an_ended_episode_leaves_its_last_observation_and_starts_the_next(env_id):
    vector = gymnasium.make_vec(env_id, num_envs=2, source="generated", granularity="episode")
    observations, infos = vector.reset(seed=5)
    assert observations in vector.observation_space
    after, rewards, terminations, truncations, later = vector.step(("Hm.", "Hm."))
    assert after in vector.observation_space
    assert (terminations.all(), truncations.any(), rewards.sum()) == (True, False, 0)
    for i in range(2):
        assert later["final_obs"][i]["problem"] == observations["problem"][i] != after["problem"][i]
        assert later["final_info"]["task_id"][i] == infos["task_id"][i] != later["task_id"][i]
        assert later["final_info"]["reason"][i]
    vector.close()


@each_env
def test_each_sub_environment_gets_its_task(env_id):
    one = gymnasium.make(env_id, source="generated")
    task_ids = [one.unwrapped.dataset.at(index).id for index in (40, 3, 41)]
    vector = gymnasium.make_vec(env_id, num_envs=3, source="generated")
    observations, infos = vector.reset(options={"task_ids": task_ids})
    assert infos["task_id"].tolist() == task_ids
    assert list(observations["problem"]) == [one.unwrapped.task_by_id(task_id).prompt for task_id in task_ids]
    vector.close()


def test_the_order_of_results_does_not_depend_on_which_check_is_slow():
    env_id = "pmd/FunctionSynthesis-v0"
    vector = gymnasium.make_vec(env_id, num_envs=6, source="generated", granularity="episode")
    _, infos = vector.reset(seed=0)
    family, tasks = vector.envs[0].unwrapped.family, [env.unwrapped.task for env in vector.envs]
    actions = [family.gold_solution(task) if i % 2 else "" for i, task in enumerate(tasks)]
    _, rewards, *_, later = vector.step(actions)
    assert rewards.tolist() == [0, 1, 0, 1, 0, 1]
    assert later["final_info"]["task_id"].tolist() == infos["task_id"].tolist()
    vector.close()


def test_families_can_be_mixed(toy_id):
    ids = [*IDS, toy_id]
    vector = ReasoningVectorEnv.of([functools.partial(make_one, env_id) for env_id in ids])
    _, infos = vector.reset(seed=0)
    assert [task_id.split("-v")[0] for task_id in infos["task_id"]] == [
        env_id.split("/")[1].split("-v")[0] for env_id in ids
    ]
    observations, *_ = vector.step(["Hm."] * len(ids))
    assert observations["steps"] == ("Hm.",) * len(ids)
    assert vector.num_envs == len(ids)
    vector.close()


plain_values = st.one_of(st.text(max_size=3), st.integers(-9, 9), st.floats(allow_nan=False), st.booleans())
some_infos = st.lists(
    st.one_of(
        st.none(),
        st.fixed_dictionaries({"a": plain_values, "b": st.integers(0, 3)}),
        st.fixed_dictionaries({"b": st.integers(0, 3)}, optional={"a": st.just("x"), "c": st.just({"d": 1})}),
    ),
    min_size=1,
    max_size=4,
).filter(any)


@given(infos=some_infos)
@example(infos=[{"a": 0, "b": 0}, {"a": 2.0**63, "b": 0}])  # more than an array of whole numbers holds
@settings(max_examples=60, deadline=None)
def test_infos_are_stacked_as_gymnasium_does_it(infos):
    vector = ReasoningVectorEnv.of([functools.partial(gymnasium.make, "pmd/Countdown-v0")] * len(infos))
    try:
        expected = {}
        for place, info in enumerate(infos):
            expected = expected if info is None else vector._add_info(expected, info, place)
    except (TypeError, ValueError, OverflowError) as error:
        with pytest.raises(type(error)):
            vector._stack(infos)
        return
    assert comparable(vector._stack(infos)) == comparable(expected)


def test_one_seed_counts_up():
    env = ReasoningVectorEnv(3, family="toy_family:ToySums", source="generated")
    ids = [env.reset(seed=seed)[1]["task_id"].tolist() for seed in (5, [5, 6, 7], [5, 5, 5])]
    assert ids[0] == ids[1] != ids[2]


def test_rendering_gives_one_text_for_each(toy_id):
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated", render_mode="ansi")
    observations, _ = vector.reset(seed=0)
    for shown, problem in zip(vector.render(), observations["problem"], strict=True):
        assert shown.startswith(visible(problem))
    vector.close()


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
@pytest.mark.parametrize("env_id", ["pmd/GSM8K-v0", "pmd/MBPP-v0"])
def test_a_clone_goes_on_as_the_original_does(env_id, clone):
    vector = gymnasium.make_vec(env_id, num_envs=2, source="generated")
    vector.reset(seed=SEEDS[:2])
    vector.step(("Hm.", "So."))
    twin = clone(vector)
    golds = [env.unwrapped.family.gold_solution(env.unwrapped.task) for env in vector.envs]
    after = [comparable(part) for part in twin.step((golds[0], "Hm."))]
    twin.close()
    assert [comparable(part) for part in vector.step((golds[0], "Hm."))] == after  # whose threads are still there
    vector.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(toy_id, monkeypatch):
    monkeypatch.setattr(ToySums, "starts_processes", True)
    monkeypatch.setattr("pmd_envs.vector._pool", lambda: ThreadPoolExecutor(1))
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated")
    vector.reset(seed=0)
    vector.step(("Hm.", "Hm."))  # in threads, which a fork leaves behind
    child = os.fork()
    if child == 0:
        later = None
        signal.alarm(30)
        try:
            later = vector.step(("Hm.", "Hm."))[0]["turns_left"].tolist()
            vector.close()
        finally:
            os._exit(0 if later == [2, 2] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert vector.step(("Hm.", "Hm."))[0]["turns_left"].tolist() == [2, 2]
    vector.close()


def test_closing_twice_is_allowed():
    vector = gymnasium.make_vec("pmd/FunctionSynthesis-v0", num_envs=2, source="generated")
    vector.reset(seed=0)
    vector.close()
    vector.close()


def test_mistakes_are_answered(toy_id):
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated")
    for options, words in (
        ({"task_id": "x"}, "Did you mean 'task_ids'"),
        ({"task_ids": ["x"]}, "1 task ids for 2 environments"),
        ({"task_ids": ["x", "y"]}, "not of the form"),
        ({"task_ids": None}, "task_ids are a list of 2 ids, one for each environment, not None"),
        ({"task_ids": "xy"}, "task_ids are a list of 2 ids, one for each environment, not 'xy'"),
        ({"task_idx": ["x", "y"], 3: None}, "unknown reset option of a vector environment 3"),
    ):
        with pytest.raises(ConfigError, match=words):
            vector.reset(options=options)
    with pytest.raises(ConfigError, match="3 seeds for 2 environments"):
        vector.reset(seed=[1, 2, 3])
    vector.reset(seed=0)
    vector.step(["Hm.", "Hm."])
    for seed in ([1, -1], [1, 1.5], [1, "2"], -1, 1.5, "12", np.int64(3), np.array([1, 2])):
        with pytest.raises(ConfigError, match="a seed is an int"):
            vector.reset(seed=seed)
        assert vector.get_attr("turns_left") == (3, 3)  # no episode has ended
    vector.reset(seed=0)
    for actions in (["Hm."], ["Hm."] * 3, []):
        with pytest.raises(ConfigError, match=f"{len(actions)} actions for 2 environments"):
            vector.step(actions)
    for actions in ("#1", 3, None):
        with pytest.raises(ConfigError, match=f"list of 2 str, one for each environment, not {type(actions).__name__}"):
            vector.step(actions)
    assert vector.get_attr("turns_left") == (4, 4)
    for count in (0, -1, 1.5, None, "2"):
        with pytest.raises(ConfigError, match=f"num_envs={count!r}: a vector environment needs at least one"):
            gymnasium.make_vec(toy_id, num_envs=count, source="generated")
    with pytest.raises(ConfigError, match="is not a pmd environment"):
        ReasoningVectorEnv.of([functools.partial(gymnasium.make, "CartPole-v1")])
    vector.close()


@pytest.mark.parametrize("bad", ["x" * 70_000, None, 3, ["#### 1"]])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("mode", ["SameStep", "Disabled"])
def test_no_environment_steps_if_one_cannot(toy_id, bad, place, mode):
    vector, twin = (gymnasium.make_vec(toy_id, num_envs=2, source="generated", autoreset_mode=mode) for _ in range(2))
    for each in (vector, twin):
        each.reset(seed=0)
    actions = ["#### 1", "#### 1"]
    actions[place] = bad
    with pytest.raises(ConfigError, match="an action is a str of at most 65536 characters"):
        vector.step(actions)
    ours, theirs = (each.step(("#### 1", "Hm.")) for each in (vector, twin))
    assert ours[0]["steps"] == theirs[0]["steps"]
    assert ours[0]["turns_left"].tolist() == theirs[0]["turns_left"].tolist()
    assert ours[2].tolist() == theirs[2].tolist() == [True, False]


def test_attributes_and_calls_are_gymnasiums(toy_id):
    makers = [functools.partial(gymnasium.make, toy_id, source="generated", render_mode="ansi") for _ in range(2)]
    ours, theirs = ReasoningVectorEnv.of(makers), gymnasium.vector.SyncVectorEnv(makers)
    for vector in (ours, theirs):
        vector.reset(seed=0)
    for vector in (ours, theirs):
        assert vector.np_random_seed == (0, 1)
        assert [one is env.unwrapped.np_random for one, env in zip(vector.np_random, vector.envs, strict=True)] == [
            True,
            True,
        ]
    for name in ("turns_left", "render_mode", "render", "in_thought"):
        assert ours.get_attr(name) == theirs.get_attr(name) == ours.call(name)
    with pytest.raises(AttributeError, match="turn_left"):
        ours.get_attr("turn_left")
    ids = ours.get_attr("task")
    assert ours.call("task_by_id", ids[0].id) == theirs.call("task_by_id", task_id=ids[0].id) == (ids[0], ids[0])
    for vector in (ours, theirs):
        vector.set_attr("feedback", False)
        assert vector.get_attr("feedback") == (False, False)
        vector.set_attr("feedback", [True, False])
        assert vector.get_attr("feedback") == (True, False)
        with pytest.raises(ValueError, match="3"):
            vector.set_attr("feedback", [True] * 3)
        observations, *_ = vector.step(["1 + 1 = 3", "1 + 1 = 3"])
        assert [bool(text) for text in observations["feedback"]] == [True, False]
        vector.close()

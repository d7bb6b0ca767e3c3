"""Conformance: what every registered environment promises, whatever its family."""

import copy
import pickle
import random
import time

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env, data_equivalence
from hypothesis import given, settings
from hypothesis import strategies as st

import pmd_envs
from pmd_envs import ConfigError, Family, generated
from pmd_envs.records import SPLITS
from pmd_envs.rg import catalogue

# Over seven thousand tests; of what its generators run, some leave files open or threads that fail.
OF_REASONING_GYM = (
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
)
OURS = pmd_envs.environment_ids(reasoning_gym=False)
THEIRS = tuple(sorted({*pmd_envs.environment_ids()} - {*OURS}))
"""reasoning-gym's data sets, where that package is installed."""
IDS = (*OURS, *(pytest.param(env_id, marks=OF_REASONING_GYM) for env_id in THEIRS))
GRANULARITIES = ("step", "episode")
each_env = pytest.mark.parametrize("env_id", IDS)
each_split = pytest.mark.parametrize(
    "split", ["train", *(pytest.param(split, marks=pytest.mark.slow) for split in SPLITS if split != "train")]
)
each_cheap_split = pytest.mark.parametrize(
    "split", ["train", "test", pytest.param("validation", marks=pytest.mark.slow)]
)
"""Of tests that take little, two of the splits at every run."""
each_granularity = pytest.mark.parametrize("granularity", GRANULARITIES)

INFO_TYPES = {
    "task_id": str,
    "verified": int,
    "score": float,
    "reason": str,
    "first_wrong_step": int,
    "instructions": str,
    "dataset": str,
    "fingerprint": str,
}
HARD_TEXTS = (
    "",
    "\n\n\n",
    "\x00",
    "\ud800",
    "🦊" * 65_536,
    "a\n" * 32_768,
    "1+" * 32_768,
    "(" * 65_536,
    "9" * 65_536,
    "#### " * 13_000,
    "```python\n" * 6_000,
    "1 = 1\n" * 10_000,
    "#### 1\n" * 9_000,
    "\u2028\x85\x0c" * 20_000,
)
NESTED = (
    "[" * 60_000,
    '{"a":' * 4_000 + "1" + "}" * 4_000,
    "(" * 4_000 + "1" + ")" * 4_000,
    "-" * 9_000 + "1",
    "\\boxed{" * 4_000,
    "9" * 5_000,
    "1e" + "9" * 5_000,
    "9**" * 4_000 + "9",
    "A -> " * 2_000 + "A",
)
SAMPLED_STEPS = 50  # as in Gymnasium's own tests
ANSWER_MARKS = ("#### {}", "<answer>{}</answer>", "Answer: {}")
MOST_SECONDS = 10.0  # of the processor: far more than it takes, far less than an answer that hangs


QUICK_LEVELS = {
    **{catalogue.env_id(name): levels[0] for name, levels in catalogue.LEVELS.items()},
    **{"pmd/ZebraGrid-v0": 4, "pmd/Sudoku-v0": 4, "pmd/Ordering-v0": 4, "pmd/KnightsKnaves-v0": 3},
    **{"pmd/rg-boxnet-v0": 1, "pmd/rg-coin_flip-v0": 12, "pmd/rg-n_queens-v0": 1, "pmd/rg-products-v0": 1},
}
"""Of families whose other levels take long to draw for small splits, or have few problems.

Other tests draw those of our families; of reasoning-gym's, only the last is drawn besides, where a spec is made again.
"""


FEWEST = {"pmd/rg-tower_of_hanoi-v0": 12}
"""Different problems of twenty: this one has few, and a single level."""


def make(env_id, **kwargs):
    return gymnasium.make(env_id, **{"source": "generated", "difficulty": QUICK_LEVELS.get(env_id), **kwargs})


def play(env, actions, **reset):
    """Everything an episode returned: one tuple for the reset and one for each step until the end."""
    observation, info = env.reset(**reset)
    returned = [(observation, 0.0, False, False, info)]
    for action in actions:
        returned.append(env.step(action))
        if returned[-1][2] or returned[-1][3]:
            break
    return returned


def actions_of(env, response, granularity):
    """The actions that hand in a response, one step at a time or at once."""
    return env.unwrapped.family.split_steps(response) if granularity == "step" else (response,)


def until_the_end(env, actions):
    """The actions, then the last one again until the turns are used up."""
    return [*actions, *[actions[-1]] * env.unwrapped.max_turns]


def some_tasks(env, count):
    """Tasks of every level, in turn."""
    return [env.unwrapped.dataset.at(index) for index in range(count)]


@each_env
@each_split
@each_granularity
def test_gymnasium_finds_nothing_to_complain_about(env_id, split, granularity):
    env = make(env_id, split=split, granularity=granularity, disable_env_checker=True)
    check_env(env.unwrapped)


@each_env
@each_granularity
def test_the_passive_checker_finds_nothing_either(env_id, granularity):
    env = make(env_id, granularity=granularity, reward="shaped", disable_env_checker=False)
    env.action_space.seed(0)
    returned = play(env, [env.action_space.sample()[:500] for _ in range(env.unwrapped.max_turns)], seed=3)
    assert returned[-1][2] or returned[-1][3]


@each_env
@each_split
def test_the_same_seed_gives_the_same_episode_whatever_else_runs(env_id, split):
    alone, beside = {}, {}
    for granularity in GRANULARITIES:
        alone[granularity] = two_episodes(env_id, split, granularity)
    generated._generate.cache_clear()  # another time, nothing is remembered
    other = make(env_id, split=split)
    for granularity in GRANULARITIES:  # another environment in between, and other global randomness
        beside[granularity] = two_episodes(env_id, split, granularity, other)
    assert alone == beside
    assert all(first != second for first, second in alone.values())  # the next episode is another one


def two_episodes(env_id, split, granularity, other=None):
    env = make(env_id, split=split, granularity=granularity)
    env.reset(seed=11)
    wrong = env.unwrapped.family.wrong_solution(random.Random(0), env.unwrapped.task)
    actions = ["not an answer", *actions_of(env, wrong, granularity)]
    if other is not None:
        actions = meanwhile(actions, other)
    return play(env, actions, seed=11), play(env, actions)


class meanwhile(list):  # noqa: N801  reads as a verb where it is used
    """Actions, with something else going on before each of them."""

    def __init__(self, actions, other):
        super().__init__(actions)
        self.other = other

    def __iter__(self):
        for number, action in enumerate(super().__iter__()):
            random.seed(number)
            np.random.seed(number)
            self.other.reset(seed=number % 3)  # other tasks, but not so many that drawing them takes most of the time
            self.other.step("Hm.")
            yield action


@each_env
def test_a_split_takes_what_it_wants_of_what_is_drawn_and_nothing_else(env_id):
    """A family may decide before it has written a problem down; it has to be the same problem and the same decision."""
    for split in SPLITS:
        family = make(env_id).unwrapped.family.in_split(split)
        for number, level in enumerate(family.difficulties[:3]):
            kinds = (family.kinds(level)[:2] or None) if number % 2 else None
            asked = []

            def draw(answer, of=family, level=level, kinds=kinds, seed=f"{split} {number}", asked=asked):
                def wanted(content):
                    asked.append(content)
                    return answer

                return of.generate_wanted(random.Random(seed), level, kinds, wanted)

            problem = draw(True)
            assert draw(False) is None
            assert set(asked) == {family.content(problem)}
            whole = Family.generate_wanted(family, random.Random(f"{split} {number}"), level, kinds, lambda _: True)
            assert problem == whole
            assert kinds is None or problem.facts["kind"] in kinds


@each_env
def test_seeds_differ(env_id):
    env = make(env_id)
    problems = {env.reset(seed=seed)[0]["problem"] for seed in range(20)}
    assert len(problems) >= FEWEST.get(env_id, 18)


@each_env
@pytest.mark.parametrize(  # not every pair: problems are made anew for a clone that was pickled
    ("split", "granularity"),
    [
        *(("train", "step"), ("test", "episode")),
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in (("train", "episode"), ("validation", "step"))),
    ],
)
def test_clones_go_on_as_the_original_does(env_id, split, granularity):
    env = make(env_id, split=split, granularity=granularity)
    env.reset(seed=5)
    if granularity == "step":
        env.step("a first step")
    twins = copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    for action in actions_of(env, gold, granularity):
        outcome = env.step(action)
        assert [twin.step(action) for twin in twins] == [outcome, outcome]
    start = env.reset()
    assert [twin.reset() for twin in twins] == [start, start]


@each_env
def test_what_gymnasium_asks_of_its_own_environments(env_id):
    """Its ``tests/envs/test_envs.py`` besides ``check_env``: sampled actions, pickles, render modes."""
    spec = gymnasium.spec(env_id)
    first, second = (spec.make(source="generated", disable_env_checker=True) for _ in range(2))
    first.action_space.seed(0)
    over = True
    for _ in range(SAMPLED_STEPS):
        if over:
            assert data_equivalence(first.reset(seed=0), second.reset(seed=0))
        action = first.action_space.sample()
        outcome = first.step(action)
        assert data_equivalence(outcome, second.step(action))
        assert outcome[0] in first.observation_space
        over = outcome[2] or outcome[3]
    third = pickle.loads(pickle.dumps(first))
    assert data_equivalence(first.reset(), third.reset())
    action = first.action_space.sample()
    assert data_equivalence(first.step(action), third.step(action))
    for mode in first.metadata["render_modes"]:
        shown = spec.make(source="generated", render_mode=mode)
        shown.reset(seed=0)
        assert shown.render()
        shown.step(action)
        assert shown.render()


@each_env
@each_cheap_split
@each_granularity
def test_a_spec_survives_json(env_id, split, granularity):
    level = make(env_id).unwrapped.family.difficulties[-1]
    env = make(env_id, split=split, difficulty=level, granularity=granularity, reward="shaped")
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.spec == env.spec
    assert again.reset(seed=2) == env.reset(seed=2)


@each_env
@each_split
def test_the_gold_solution_scores_one_in_steps_and_at_once(env_id, split):
    envs = {granularity: make(env_id, split=split, granularity=granularity) for granularity in GRANULARITIES}
    for task in some_tasks(envs["step"], 6):
        ends = {}
        for granularity, env in envs.items():
            gold = env.unwrapped.family.gold_solution(task)
            returned = play(env, actions_of(env, gold, granularity), options={"task_id": task.id})
            _, _, terminated, truncated, info = ends[granularity] = returned[-1]
            assert terminated
            assert not truncated
            assert info["score"] == 1
            assert sum(reward for _, reward, *_ in returned) == 1
            assert all(verdict.ok is not False for verdict in env.unwrapped.step_verdicts)
            assert any(verdict.ok for verdict in env.unwrapped.step_verdicts)
            assert len(returned) - 1 <= env.unwrapped.max_turns
        assert same_verdict(ends)


@each_env
@each_split
def test_a_wrong_solution_scores_zero_in_steps_and_at_once(env_id, split):
    envs = {granularity: make(env_id, split=split, granularity=granularity) for granularity in GRANULARITIES}
    for number, task in enumerate(some_tasks(envs["step"], 4)):
        ends = {}
        for granularity, env in envs.items():
            wrong = env.unwrapped.family.wrong_solution(random.Random(number), task)
            actions = until_the_end(env, actions_of(env, wrong, granularity))
            returned = play(env, actions, options={"task_id": task.id})
            _, _, terminated, truncated, info = ends[granularity] = returned[-1]
            assert terminated or truncated
            assert info["score"] == 0
            assert info["reason"]
            assert sum(reward for _, reward, *_ in returned) == 0
        assert ends["step"][4]["score"] == ends["episode"][4]["score"]


@each_env
def test_steps_and_the_whole_get_the_same_verdict(env_id):
    in_steps, at_once = make(env_id, granularity="step"), make(env_id, granularity="episode")
    family = in_steps.unwrapped.family
    for number, task in enumerate(some_tasks(in_steps, 6)):
        wrong = family.wrong_solution(random.Random(number), task)
        ends = {"step": play(in_steps, until_the_end(in_steps, ["Hm.", wrong]), options={"task_id": task.id})[-1]}
        ends["episode"] = play(at_once, [ends["step"][0]["steps"]], options={"task_id": task.id})[-1]
        assert same_verdict(ends)


def same_verdict(ends):
    def verdict(end):
        observation, *_, info = end
        return observation["steps"], info["score"], info["reason"], info["first_wrong_step"]

    return verdict(ends["step"]) == verdict(ends["episode"])


@each_env
@each_granularity
def test_the_gold_answer_is_not_shown(env_id, granularity):
    env = make(env_id, granularity=granularity)
    for task in some_tasks(env, 10):
        wrong = env.unwrapped.family.wrong_solution(random.Random(0), task)
        for observation, *_ in play(env, until_the_end(env, [wrong]), options={"task_id": task.id}):
            gold = env.unwrapped.family.gold_solution(task).splitlines()[-1]
            assert gold not in observation["feedback"]


@each_env
@each_granularity
def test_hard_texts_are_judged_and_never_raise(env_id, granularity):
    env = make(env_id, granularity=granularity)
    for text in HARD_TEXTS:
        returned = play(env, [text], seed=1)
        assert returned[-1][0] in env.observation_space
        assert returned[-1][4]["score"] == 0


@each_env
def test_nested_and_endless_answers_score_nothing_and_take_no_time(env_id):
    env = make(env_id, granularity="episode")
    for number, text in enumerate(NESTED):
        env.reset(seed=1)
        began = time.process_time()
        *_, info = env.step(ANSWER_MARKS[number % len(ANSWER_MARKS)].format(text))
        assert (info["score"], time.process_time() - began < MOST_SECONDS) == (0, True), text[:20]


@each_env
@each_cheap_split
@each_granularity
@settings(max_examples=15)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=200), min_size=1, max_size=3))
def test_no_text_raises(env_id, split, granularity, texts):
    env = make(env_id, split=split, granularity=granularity)
    for observation, *_ in play(env, texts, seed=1):
        assert observation in env.observation_space


@each_env
@each_granularity
def test_a_step_after_the_end_needs_a_reset(env_id, granularity):
    env = make(env_id, granularity=granularity)
    for over in (env, env.unwrapped):
        env.reset(seed=1)
        gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
        assert play(over, [gold], seed=1)[-1][2]
        with pytest.raises(gymnasium.error.ResetNeeded):
            over.step("one more")


@each_env
def test_a_step_before_the_first_reset_needs_one(env_id):
    for env in (make(env_id), make(env_id).unwrapped):
        with pytest.raises(gymnasium.error.ResetNeeded):
            env.step("too early")
    with pytest.raises(ConfigError, match="before the first reset"):
        _ = make(env_id).unwrapped.task


@each_env
@each_cheap_split
@each_granularity
def test_closing_twice_is_allowed(env_id, split, granularity):
    env = make(env_id, split=split, granularity=granularity)
    env.reset(seed=0)
    env.close()
    env.close()


@each_env
@each_granularity
def test_shaped_rewards_sum_to_the_outcome(env_id, granularity):
    env = make(env_id, granularity=granularity, reward="shaped")
    family = env.unwrapped.family
    for number, task in enumerate(some_tasks(env, 4)):
        gold, wrong = family.gold_solution(task), family.wrong_solution(random.Random(number), task)
        for response in (gold, wrong, "Hm."):
            actions = until_the_end(env, actions_of(env, response, granularity))
            returned = play(env, actions, options={"task_id": task.id})
            assert sum(reward for _, reward, *_ in returned) == pytest.approx(returned[-1][4]["score"], abs=1e-12)


@each_env
@each_split
@each_granularity
def test_info_always_has_the_same_keys_and_types(env_id, split, granularity):
    env = make(env_id, split=split, granularity=granularity)
    env.reset(seed=0)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    for response in (gold, "no answer"):
        for *_, info in play(env, until_the_end(env, actions_of(env, response, granularity)), seed=0):
            assert {key: type(value) for key, value in info.items()} == INFO_TYPES
            assert info["verified"] in (-1, 0, 1)
            assert f"/{split}/" in info["task_id"]
            assert info["dataset"] == "generated"


@each_env
@each_granularity
def test_without_feedback_an_attempt_is_only_paid_or_not(env_id, granularity):
    told, untold = (make(env_id, granularity=granularity, feedback=tells) for tells in (True, False))
    family = told.unwrapped.family
    assert told.reset(seed=3) == untold.reset(seed=3)
    wrong = family.wrong_solution(random.Random(3), told.unwrapped.task)
    said = False
    for action in family.split_steps(wrong) if granularity == "step" else [wrong]:
        one, other = told.step(action), untold.step(action)
        said = said or bool(one[0]["feedback"])
        assert other[0] == {**one[0], "feedback": ""}
        assert other[1:] == one[1:]
        if one[2] or one[3]:
            break
    assert said


@each_env
def test_a_task_id_is_enough_to_play_it_again(env_id):
    env, other = make(env_id), make(env_id)
    observation, info = env.reset(seed=9)
    again, info_again = other.reset(options={"task_id": info["task_id"]})
    assert (observation, info) == (again, info_again)
    assert other.unwrapped.task_by_id(info["task_id"]) == env.unwrapped.task
    assert other.reset(options={"index": 7})[1]["task_id"].endswith("/7")


@each_env
@pytest.mark.parametrize(
    ("kwargs", "hint"),
    [
        ({"split": "tset"}, "Did you mean 'test'?"),
        ({"source": "generate"}, "Did you mean 'generated'?"),
        ({"granularity": "steps"}, "Did you mean 'step'?"),
        ({"reward": "shape"}, "Did you mean 'shaped'?"),
        ({"feedback": "false"}, "Did you mean 'False'?"),
        ({"difficulty": 99}, "Known: "),
        ({"difficulty": "lowest", "source": "local"}, "needs source='generated'"),
    ],
)
def test_a_wrong_argument_is_answered_with_the_right_one(env_id, kwargs, hint):
    if kwargs.get("difficulty") == "lowest":
        kwargs = {**kwargs, "difficulty": make(env_id).unwrapped.family.difficulties[0]}
    with pytest.raises(ConfigError) as caught:
        make(env_id, **kwargs)
    assert hint in str(caught.value)
    assert str(next(iter(kwargs.values()))) in str(caught.value)


@each_env
@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"taskid": "x"}, "Did you mean 'task_id'?"),
        ({"task_id": "x"}, "/generated/train/d<difficulty>/<index>"),
        ({"task_id": 3}, "/generated/train/d<difficulty>/<index>"),
        ({"index": -1}, "outside 0.."),
    ],
)
def test_a_wrong_reset_option_is_answered_with_the_right_one(env_id, options, hint):
    with pytest.raises(ConfigError) as caught:
        make(env_id).reset(options=options)
    assert hint in str(caught.value)


@each_env
def test_a_wrong_action_is_refused_and_costs_no_turn(env_id):
    env = make(env_id, disable_env_checker=True)
    observation, _ = env.reset(seed=0)
    for action in (None, 3, b"bytes", ["text"], "x" * 65_537):
        with pytest.raises(ConfigError, match="an action is a str of at most 65536"):
            env.step(action)
    assert env.step("a step")[0]["turns_left"] == observation["turns_left"] - 1


@each_env
def test_an_unknown_render_mode_is_refused(env_id):
    with pytest.raises(ConfigError, match="Did you mean 'ansi'"):
        pmd_envs.ReasoningEnv(gymnasium.spec(env_id).kwargs["family"], source="generated", render_mode="ascii")


@each_env
def test_rendering_shows_the_episode(env_id):
    env = make(env_id, render_mode="ansi")
    assert make(env_id).unwrapped.render() is None
    observation, _ = env.reset(seed=0)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    env.step(gold)
    shown = env.render()
    assert shown.startswith(observation["problem"])
    assert "✓" in shown
    assert "score 1: " in shown

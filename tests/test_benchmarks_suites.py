"""Suites: the named ones, and files of one's own with the mistakes that people make in them."""

import operator
from dataclasses import asdict, replace

import gymnasium
import pytest

from agents.arms import ARMS
from agents.registry import make_agent, named_agent
from benchmarks.evaluate import Problems
from benchmarks.listing import listed
from benchmarks.options import Options, choose_suite
from benchmarks.plan import Plan
from benchmarks.suite_files import find_suite, read_suite, suite_names, suite_settings
from benchmarks.suites import DEFAULT, GROUPS, SUITES
from benchmarks.weights import Weights
from pmd_envs.errors import ConfigError

WHOLE = """
name = "mine"
steps = 3
lr = 1
[[envs]]
id = "pmd/GSM8K-v0"
difficulty = 2
source = "generated"
[[envs]]
id = "pmd/Ordering-v0"
[settings.pmd]
recall = 5
"""


def written(folder, text):
    path = folder / "suite.toml"
    path.write_text(text)
    return path


def test_a_file_says_what_differs_from_a_suites_defaults(tmp_path):
    suite = find_suite(str(written(tmp_path, WHOLE)))
    assert (suite.name, suite.steps, suite.lr, suite.k) == ("mine", 3, 1.0, DEFAULT.k)
    assert isinstance(suite.lr, float)
    assert [(env.id, dict(env.kwargs)) for env in suite.envs] == [
        ("pmd/GSM8K-v0", {"granularity": "episode", "source": "generated", "difficulty": 2}),
        ("pmd/Ordering-v0", {"granularity": "episode", "source": "auto"}),
    ]
    assert suite.stop == ()
    assert suite_settings(suite, "pmd") == {"recall": 5}
    assert suite_settings(suite, "rlvr") == {}
    assert choose_suite(Options(suite=str(tmp_path / "suite.toml"), steps=9)).steps == 9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("steps = 3", "stepps = 3", "unknown key of suite file .*'stepps'. Did you mean 'steps'?"),
        ("steps = 3", 'steps = "3"', "steps = '3' is not of type int"),
        ("steps = 3", "steps = true", "steps = True is not of type int"),
        ("steps = 3", "steps = 0", "suite 'mine': steps = 0 is below 1"),
        ("steps = 3", 'stop = "x"', "stop is a list of texts"),
        ("steps = 3", 'stop = ["x", 3]', "stop is a list of texts"),
        ("steps = 3", 'stop = ["x", ""]', "has an empty text"),
        ("steps = 3", 'stop = ["\\n"]', "ends an answer at its first line, and pmd/GSM8K-v0 takes whole answers"),
        ("steps = 3", "problems = 99", "problems = 99 is above pool = 48"),
        (
            "difficulty = 2",
            'difficulty = 2\n[[envs]]\nid = "pmd/GSM8K-v0"',
            "has 'pmd/GSM8K-v0' twice: scores are by environ",
        ),
        ("lr = 1", "lr = -0.1", "lr = -0.1 has to be above 0"),
        ('name = "mine"', "", "has no key 'name'"),
        ('name = "mine"', 'name = "a b/../c"', "name = 'a b/../c' is a path, and it becomes .* folder: write 'a b-c'"),
        ('name = "mine"', "name = 'a\\b'", "is a path, .*: write 'a-b'"),
        ('name = "mine"', 'name = ".."', "is a path, .*: write 'my-suite'"),
        ("difficulty = 2", 'reward = "shaped"', "reward = 'shaped' of pmd/GSM8K-v0 has no effect, since training and"),
        ('name = "mine"', 'name = "a\\u0007b"', "not a short printable text"),
        ('id = "pmd/GSM8K-v0"', "", "environment 1 has no id such as"),
        ("difficulty = 2", 'split = "train"', "names a split; the runner chooses it"),
        ("[settings.pmd]", "[setting.pmd]", "Did you mean 'settings'?"),
        ("steps = 3", "steps = ", "is not TOML: .*line 3"),
        ("steps = 3", "settings = 3", "is not TOML|settings is written as tables"),
    ],
)
def test_a_mistake_is_named_with_the_nearest_right_key(tmp_path, old, new, message):
    assert old in WHOLE
    with pytest.raises(ConfigError, match=message):
        read_suite(written(tmp_path, WHOLE.replace(old, new, 1)))


def test_settings_of_an_agent_that_does_not_exist_are_a_mistake(tmp_path):
    suite = read_suite(written(tmp_path, WHOLE.replace("settings.pmd", "settings.pdm")))
    with pytest.raises(ConfigError, match=r"'pdm'. Did you mean 'pmd'\?"):
        suite_settings(suite, "pmd")


def test_files_and_names_that_are_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: No such file"):
        find_suite(str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match=r"unknown suite 'logik'. Did you mean 'logic'\?"):
        find_suite("logik")


def test_a_group_is_run_one_by_one():
    with pytest.raises(
        ConfigError, match=r"several suites.*paper-livecodebench.*run\.py --suite paper.*matrix\.py --suites paper"
    ):
        find_suite("paper")
    assert suite_names(["logic", "paper", "paper-biology"]) == ("logic", *GROUPS["paper"])
    assert all(name in SUITES for name in GROUPS["paper"])
    assert listed()["groups of suites"] == (f"paper: {', '.join(GROUPS['paper'])}",)


@pytest.mark.parametrize("name", [name for name in SUITES if not name.startswith("paper-") or name.endswith("bench")])
def test_every_suite_is_made_of_environments_and_agents_that_exist(name, monkeypatch):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    suite = SUITES[name]
    for choice in suite.envs:
        assert len(Problems.open(choice, "validation", 2).tasks) == 2
    for agent in ("rlvr", "sdpo", "pmd", "pmd-transient"):
        make_agent(agent, suite_settings(suite, agent))
    assert asdict(suite)["name"] == name


@pytest.mark.parametrize("tier", ["easy", "medium", "hard"])
def test_silent_tiers_are_the_tiers_without_feedback(tier):
    told, silent = SUITES[tier], SUITES[f"silent-{tier}"]
    assert [{**env.kwargs, "feedback": False} for env in told.envs] == [env.kwargs for env in silent.envs]
    assert replace(silent, name=tier, envs=told.envs) == told
    env = gymnasium.make(silent.envs[0].id, **silent.envs[0].kwargs)
    env.reset(seed=0)
    observation, reward, *_ = env.step("#### -1")
    assert (observation["feedback"], reward) == ("", 0)


def test_the_papers_suites_have_its_published_settings():
    # PMD paper, tables 10 and 11.
    biology, contests = SUITES["paper-biology"], SUITES["paper-livecodebench"]
    assert (biology.pool, biology.held_out, biology.k, biology.lr, biology.warmup) == (450, 50, 16, 1e-5, 10)
    assert (contests.pool, contests.held_out, contests.k, contests.lr, contests.warmup) == (131, 131, 4, 1e-6, 0)
    for suite in (biology, contests):
        assert (suite.problems, suite.rollouts, suite.max_new_tokens, suite.temperature) == (32, 8, 8192, 1.0)
        assert suite.steps == 20 * (suite.pool // 32)
        for arm in ("pmd", "pmd-transient"):
            assert make_agent(arm, suite_settings(suite, arm)).ours.reflection_tokens == 1024
        assert make_agent("rlvr", suite_settings(suite, "rlvr")).variant == "sdpo_baseline"
        assert make_agent("rlvr-dapo", suite_settings(suite, "rlvr-dapo")).variant == "dapo"
        assert suite.envs[0].kwargs.get("feedback", True) is (suite is contests)
    assert make_agent("pmd", suite_settings(biology, "pmd")).alpha == 0.5
    trained = make_agent("sdpo", suite_settings(contests, "sdpo"))
    assert (trained.alpha, trained.top_k, trained.teacher_rate) == (1.0, 20, 0.01)


def test_an_arm_keeps_what_makes_it_one():
    suite = SUITES["paper-livecodebench"]
    assert suite_settings(suite, "pmd-shuffled") == dict(suite.settings["pmd"])
    assert make_agent("pmd-shuffled", suite_settings(suite, "pmd-shuffled")).placebo == "shuffled"
    assert "pmd/LiveCodeBench-v0" in gymnasium.registry


def test_what_is_never_drawn_teaches_nothing(tmp_path):
    file = tmp_path / "greedy.toml"
    file.write_text('name = "greedy"\ntemperature = 0\n[[envs]]\nid = "pmd/GSM8K-v0"\n')
    suite, weights = read_suite(file), Weights("nano")
    assert Plan(named_agent("frozen", {}), weights, suite, 0).steps == 0
    with pytest.raises(ConfigError, match="suite 'greedy': temperature = 0 draws nothing to learn from"):
        Plan(named_agent("rlvr", {}), weights, suite, 0)


@pytest.mark.parametrize("form", ["nested", "quoted"])
@pytest.mark.parametrize("arm", [name for name, arm in ARMS.items() if arm.agent == "pmd"])
def test_a_suite_does_not_make_another_arm_of_an_arm(arm, form, tmp_path):
    knobs = {"copies": "true", "related": "20", "taught": '"any block"', "reward_weight": "0.0", "attempts_read": "3"}
    lines = [
        f"ours.{name} = {value}" if form == "nested" else f'"ours.{name}" = {value}' for name, value in knobs.items()
    ]
    path = tmp_path / "suite.toml"
    path.write_text(
        'name = "mine"\nsteps = 1\nproblems = 1\nrollouts = 2\npool = 2\nheld_out = 2\nk = 2\nmax_new_tokens = 8\n'
        '[[envs]]\nid = "pmd/GSM8K-v0"\n[settings.pmd]\n' + "\n".join(lines) + "\n"
    )
    made = make_agent(arm, suite_settings(find_suite(str(path)), arm))
    alone = make_agent(arm, {})
    for name, value in ARMS[arm].settings.items():
        knob = operator.attrgetter(name)
        assert knob(made) == knob(alone) == value
    assert made.ours.attempts_read == 3


def test_every_suite_measures_whole_responses():
    assert {env.kwargs["granularity"] for suite in SUITES.values() for env in suite.envs} == {"episode"}

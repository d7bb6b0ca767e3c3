import importlib.util
import logging
import os
import random
import subprocess
import sys
import time
import types
from importlib.metadata import EntryPoint
from pathlib import Path

import gymnasium
import pytest
from toy_family import NASTY, ToySums

import pmd_envs
from pmd_envs import ConfigError, plugins
from pmd_envs.env import load_family
from pmd_envs.registry import BUILT_IN


class Other(ToySums):
    """Takes a name that is taken."""


class Unnamed(ToySums):
    name = "no spaces, please"


class NoVerifier(pmd_envs.Family):
    name = "NoVerifier"
    instructions = ""
    difficulties = (1,)

    def generate(self, rng: random.Random, difficulty: int) -> pmd_envs.Problem:
        return pmd_envs.Problem("", "")


class Endless(ToySums):
    name = "Endless"
    max_turns = 1000


class NoLevels(ToySums):
    name = "NoLevels"
    difficulties = ()


class HalfATurn(ToySums):
    name = "HalfATurn"
    max_turns = 2.5


class OneLevel(ToySums):
    name = "OneLevel"
    difficulties = 3


class Easy(ToySums):
    name = "Easy"
    difficulties = (1, "easy")


class NoText(ToySums):
    name = "NoText"
    instructions = None


class Numbered(ToySums):
    name = 3


class Versioned(ToySums):
    name = "Versioned"
    version = "1"


class Foldered(ToySums):
    name = "Foldered"
    dataset = "toy"


class BelowZero(ToySums):
    name = "BelowZero"
    difficulties = (-1,)


class Holder:
    class Inner(ToySums):
        name = "Inner"


@pytest.fixture
def registered():
    """Forget what a test registers."""
    before = dict(gymnasium.registry)
    yield
    gymnasium.registry.clear()
    gymnasium.registry.update(before)


def test_the_built_in_ids_are_registered():
    assert {"pmd/GSM8K-v0", "pmd/KnightsKnaves-v0", "pmd/FunctionSynthesis-v0"} <= set(pmd_envs.environment_ids())


@pytest.mark.parametrize("env_id", pmd_envs.environment_ids())
def test_ids_and_specs_have_the_promised_form(env_id):
    spec = gymnasium.spec(env_id)
    assert spec.namespace == "pmd"
    assert spec.version is not None
    assert spec.reward_threshold == 0.95
    assert 1 <= spec.max_episode_steps <= 64
    assert isinstance(spec.entry_point, str)
    assert isinstance(spec.vector_entry_point, str)


def test_a_family_of_another_package_is_an_environment(toy_id):
    assert toy_id == "pmd/ToySums-v0"
    assert toy_id in pmd_envs.environment_ids()
    env = gymnasium.make(toy_id, source="generated")
    observation, info = env.reset(seed=1)
    assert observation["problem"].startswith("What is ")
    assert info["task_id"].startswith("ToySums-v0/generated/train/d")


def test_registering_twice_is_once(toy_id):
    assert pmd_envs.register(ToySums) == toy_id


def test_a_family_that_was_edited_takes_the_place_of_the_old_one(registered, monkeypatch):
    module = types.ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    for turns in (3, 5):
        body = {"__module__": "notebook", "name": "Edited", "max_turns": turns, "instructions": f"in {turns} turns"}
        module.Edited = type("Edited", (ToySums,), body)
        env_id = pmd_envs.register(module.Edited)
        env = gymnasium.make(env_id, source="generated")
        assert type(env.unwrapped.family) is module.Edited
        assert (env.reset(seed=0)[1]["instructions"], env.spec.max_episode_steps) == (f"in {turns} turns", turns)


@pytest.mark.parametrize("changed", [{"version": 1}, {"name": "Renamed"}], ids=lambda changed: next(iter(changed)))
def test_an_edited_family_of_another_version_or_name_leaves_no_earlier_id(changed, registered, monkeypatch):
    module = types.ModuleType("notebook")
    monkeypatch.setitem(sys.modules, "notebook", module)
    body = {"__module__": "notebook", "name": "Edited", "instructions": "old rules"}
    ids = []
    for each in ({}, {**changed, "instructions": "new rules"}):
        module.Edited = type("Edited", (ToySums,), {**body, **each})
        ids.append(pmd_envs.register(module.Edited))
    before, env_id = ids
    env = gymnasium.make(env_id, source="generated")
    info = env.reset(seed=0)[1]
    assert type(env.unwrapped.family) is module.Edited
    assert info["instructions"] == "new rules"
    assert info["task_id"].startswith(env_id.removeprefix("pmd/"))
    assert before not in gymnasium.registry


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (Unnamed, "not a valid id"),
        (NoVerifier, "does not define max_turns, check_step, gold_solution, is_final, verify"),
        (Endless, "max_turns=1000"),
        (HalfATurn, "max_turns=2.5"),
        (NoLevels, "at least one level"),
        (OneLevel, "difficulties=3 .* a list"),
        (Easy, "hold 'easy': a level is a whole number"),
        (BelowZero, "hold -1"),
        (NoText, "instructions=None of '.*NoText' is no str"),
        (Numbered, "name=3 of '.*Numbered' is no str"),
        (Versioned, "version='1' of '.*Versioned' is no whole number"),
        (Foldered, "dataset='toy' of '.*Foldered' is no pmd_envs.datasets.Dataset"),
        (type("Nowhere", (ToySums,), {"name": "Nowhere"}), "not there under that name"),
        (Holder.Inner, "at the top of a module"),
    ],
)
def test_a_bad_family_is_refused_in_words(family, words, registered):
    before = pmd_envs.environment_ids()
    with pytest.raises(ConfigError, match=words):
        pmd_envs.register(family)
    assert pmd_envs.environment_ids() == before


def test_a_decorator_registers_nothing_and_says_why(registered):
    body = "@pmd_envs.register\nclass Decorated(ToySums):\n    name = 'Decorated'\n"
    with pytest.raises(ConfigError, match="in the place of a decorator, its class is not there yet"):
        exec(body, {"pmd_envs": pmd_envs, "ToySums": ToySums, "__name__": __name__})


def test_a_name_that_is_taken_is_refused(toy_id):
    with pytest.raises(ConfigError, match="already registered by 'toy_family:ToySums'"):
        pmd_envs.register(Other)


@pytest.mark.parametrize(
    "path", ["no_such_module:Family", "toy_family:NoSuchClass", "toy_family:NASTY", "toy_family", "json:JSONDecoder"]
)
def test_a_family_that_cannot_be_loaded_is_named(path):
    with pytest.raises(ConfigError, match=path):
        gymnasium.make("pmd/GSM8K-v0", family=path)


def test_a_broken_plug_in_is_reported_and_skipped(monkeypatch, caplog, registered):
    points = [
        EntryPoint("gone", "no_such_module:Family", "pmd.envs"),
        EntryPoint("not_a_family", "json:loads", "pmd.envs"),
        EntryPoint("toy", "toy_family:ToySums", "pmd.envs"),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda group: [p for p in points if p.group == group])
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        pmd_envs.register_all()
    assert "plug-in gone (no_such_module:Family) was skipped" in caplog.text
    assert "plug-in not_a_family (json:loads) was skipped" in caplog.text
    assert "pmd/ToySums-v0" in pmd_envs.environment_ids()


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.exit('needs another Python')",
        "raise SystemExit(1)",
        "class Stop(BaseException): pass\nraise Stop('needs another Python')",
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute",
    ],
)
def test_a_plug_in_that_exits_does_not_take_us_along(body, tmp_path, monkeypatch, caplog):
    (tmp_path / "plug_in_that_exits.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "plug_in_that_exits", raising=False)
    point = EntryPoint("bad", "plug_in_that_exits:Family", "pmd.envs")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [point])
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        assert plugins.load_plugins("pmd.envs", lambda *_: None) == ()
    assert "plug-in bad (plug_in_that_exits:Family) was skipped: " in caplog.text


FAMILY = """
class Sums(ToySums):
    name = "Sums"
def same(response, gold):
    return Verdict(float(response == gold), "compared")
"""
IMPORTED_FIRST = [
    # the files of the package acme, its entry point, and what is printed after it was imported before pmd_envs
    ({"__init__": "from toy_family import ToySums\nfrom pmd_envs import Verdict" + FAMILY}, "acme", "made 1.0"),
    (
        {"__init__": "", "tasks": "from toy_family import ToySums\nfrom pmd_envs import Verdict" + FAMILY},
        "acme.tasks",
        "made 1.0",
    ),
    (
        {
            "__init__": "from acme.tasks import Sums, same",
            "tasks": "from pmd_envs import Verdict\nfrom toy_family import ToySums" + FAMILY,
        },
        "acme",
        "made 1.0",
    ),
    (
        {
            "__init__": "import pmd_envs\nversion = 3",
            "tasks": "from acme import version\nfrom toy_family import ToySums\nfrom pmd_envs import Verdict" + FAMILY,
        },
        "acme.tasks",
        "made 1.0",
    ),
    ({"__init__": "import pmd_envs"}, "acme", "NameNotFound no verifier"),
    ({"__init__": "import pmd_envs\nprint('ran')\nraise ValueError"}, "acme", "ran NameNotFound ran ran no verifier"),
]
USES = """
import contextlib, importlib, sys
with contextlib.suppress(ValueError):
    importlib.import_module(sys.argv[1])
import gymnasium, pmd_envs
try:
    made = gymnasium.make("pmd/Sums-v0", source="generated")
    made.reset(seed=0)
    print("made")
except gymnasium.error.NameNotFound:
    print("NameNotFound")
try:
    print(pmd_envs.verifier("same")("a", "a").score)
except pmd_envs.ConfigError:
    print("no verifier")
"""


@pytest.mark.parametrize(("files", "module", "printed"), IMPORTED_FIRST)
def test_a_plug_in_that_is_imported_before_us_is_not_lost(files, module, printed, tmp_path):
    for name, text in files.items():
        (tmp_path / "acme").mkdir(exist_ok=True)
        (tmp_path / "acme" / f"{name}.py").write_text(f"{text}\n")
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = f"[pmd.envs]\nsums = {module}:Sums\n[pmd.verifiers]\nsame = {module}:same\n"
    (info / "entry_points.txt").write_text(points)
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parent), str(Path(__file__).parent.parent)])
    first = module if "version" not in files["__init__"] else "acme"
    run = subprocess.run(
        [sys.executable, "-c", USES, first],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == printed.split()
    lost = "made" not in printed
    for name, what in (("sums", "Sums"), ("same", "same")):
        assert (f"plug-in {name} ({module}:{what}) was skipped" in run.stderr) == lost
    assert "partially initialized" not in run.stderr


def test_ctrl_c_while_a_plug_in_is_loaded_still_stops(monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(plugins, "entry_points", lambda group: [EntryPoint("toy", "toy_family:ToySums", group)])
    with pytest.raises(KeyboardInterrupt):
        plugins.load_plugins("pmd.envs", stopped)


def test_a_package_whose_plug_ins_cannot_be_read_is_reported_and_skipped(tmp_path, monkeypatch, caplog):
    for name, text in (("malformed", "[pmd.envs]\nbad\n"), ("sound", "[pmd.envs]\ntoy = toy_family:ToySums\n")):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        assert plugins.load_plugins("pmd.envs", lambda *_: None) == ("toy",)
    assert "the plug-ins of malformed were skipped: " in caplog.text


MAKES = """
import gymnasium, pmd_envs
assert "pmd/rg-gcd-v0" in pmd_envs.environment_ids()
try:
    gymnasium.make("pmd/rg-gcd-v0")
except pmd_envs.ConfigError as error:
    print(error)
"""


def output_beside(folder, code):
    path = os.pathsep.join([str(folder), str(Path(__file__).parent.parent), *sys.path])
    run = [sys.executable, "-c", code]
    return subprocess.run(
        run, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ModuleNotFoundError: No module named 'reasoning_gym.factory'"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise ValueError('compiled for another numpy')", "ValueError: compiled for another numpy"),
    ],
)
def test_a_reasoning_gym_that_does_not_work_is_a_mistake_when_one_is_made(text, reason, tmp_path):
    (tmp_path / "reasoning_gym").mkdir()
    (tmp_path / "reasoning_gym" / "__init__.py").write_text(text)
    said = output_beside(tmp_path, MAKES)
    assert said.startswith(f"reasoning-gym cannot be used ({reason}); install it with: pip install")


def test_a_folder_called_reasoning_gym_is_no_package(tmp_path):
    if importlib.util.find_spec("reasoning_gym") is not None:
        pytest.skip("an installed package comes before a folder")
    (tmp_path / "reasoning_gym").mkdir()
    assert (
        output_beside(tmp_path, "import pmd_envs; print([i for i in pmd_envs.environment_ids() if '/rg-' in i])")
        == "[]\n"
    )


def test_an_unreadable_package_hides_no_plug_in_of_another(tmp_path, monkeypatch, caplog):
    """Two packages use one name; a third, which does not say its own, cannot be read."""
    texts = {"one": "tasks = toy_family:ToySums", "two": "tasks = toy_family:NASTY", "malformed": "bad"}
    for name, text in texts.items():
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        if name != "malformed":
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[pmd.envs]\n{text}\n")
    older = tmp_path / "older" / "one-0.9.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: one\nVersion: 0.9\n")
    (older / "entry_points.txt").write_text("[pmd.envs]\ntasks = toy_family:Older\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path, str(tmp_path / "older")])
    taken = []
    with caplog.at_level(logging.WARNING, logger="pmd_envs"):
        assert plugins.load_plugins("pmd.envs", lambda _, what: taken.append(what)) == ("tasks", "tasks")
    assert sorted(taken, key=str) == sorted([ToySums, NASTY], key=str)
    (warning,) = caplog.messages
    assert warning.startswith("the plug-ins of malformed-1.0.dist-info were skipped: ")


def test_registering_every_id_is_quick(registered):
    def seconds():
        for env_id in pmd_envs.environment_ids():
            del gymnasium.registry[env_id]
        began = time.process_time()  # the process's own time, whatever else is running
        pmd_envs.register_all()
        return time.process_time() - began

    before = pmd_envs.environment_ids()
    assert min(seconds() for _ in range(3)) < 0.05
    assert pmd_envs.environment_ids() == before


def test_gymnasium_suggests_the_right_id():
    with pytest.raises(gymnasium.error.NameNotFound, match="GSM8K"):
        gymnasium.make("pmd/GSM8k-v0")


@pytest.mark.parametrize("env_id", BUILT_IN)
def test_what_is_registered_of_a_family_that_is_not_imported_is_what_it_says(env_id):
    path, max_turns = BUILT_IN[env_id]
    family = load_family(path)
    assert pmd_envs.register(type(family)) == env_id == f"pmd/{family.name}-v{family.version}"
    assert gymnasium.spec(env_id).max_episode_steps == family.max_turns == max_turns


def test_importing_the_package_imports_no_family():
    code = "import sys, pmd_envs; print([name for name in sys.modules if name.startswith('pmd_envs.families.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

"""Evaluations that are used again: what their key holds, by changing one thing at a time."""

import ast
import sys
from dataclasses import replace
from importlib.metadata import packages_distributions

import gymnasium
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_benchmarks_runner import ENV
from tiny_policy import tiny_policy

from agents.policy import Sampling
from agents.prompts import Blocks
from benchmarks.evaluate import Problems, held_out_rollout
from benchmarks.evaluation_cache import PACKAGES, EvaluationCache, digest_shown, digest_weights, evaluation_key
from benchmarks.suites import EnvChoice
from leaderboard.verifiers import module_files
from pmd_envs import environment_ids

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.int64)
TEXTS = st.text(max_size=4)


@st.composite
def weights(draw):
    """A few small tensors by name."""
    names = draw(st.lists(st.sampled_from(["a", "b", "layers.0.a", "norm"]), min_size=1, max_size=3, unique=True))
    made = {}
    for name in names:
        shape = draw(st.sampled_from([(), (1,), (3,), (2, 3), (3, 2)]))
        values = torch.tensor(draw(st.lists(st.integers(0, 5), min_size=6, max_size=6)))
        count = torch.Size(shape).numel()
        made[name] = values[:count].reshape(shape).to(draw(st.sampled_from(DTYPES)))
    return made


@given(weights(), st.data())
def test_weights_have_the_digest_of_their_names_types_shapes_and_values(tensors, data):
    digest = digest_weights(tensors)
    assert digest_weights({name: tensors[name].clone() for name in reversed(tensors)}) == digest
    name = data.draw(st.sampled_from(sorted(tensors)))
    changed = tensors[name].clone()
    place = data.draw(st.integers(0, changed.numel() - 1))
    changed.view(-1)[place] += 1
    others = [
        {**tensors, name: changed},
        {**tensors, name: tensors[name].to(next(d for d in DTYPES if d is not tensors[name].dtype))},
        {**tensors, name: tensors[name].unsqueeze(0)},
        {**{key: value for key, value in tensors.items() if key != name}, f"{name}.": tensors[name]},
        {**tensors, "one more": torch.zeros(1)},
    ]
    assert digest not in map(digest_weights, others)


@given(
    st.dictionaries(TEXTS, st.builds(Blocks, *[st.lists(TEXTS, max_size=2).map(tuple)] * 3, TEXTS, TEXTS), min_size=1),
    st.data(),
)
def test_what_is_shown_has_the_digest_of_all_of_its_texts(shown, data):
    digest = digest_shown(shown)
    assert digest_shown(dict(reversed(shown.items()))) == digest
    task_id = data.draw(st.sampled_from(sorted(shown)))
    field = data.draw(st.sampled_from(["strategies", "lessons", "behaviors", "solution", "feedback"]))
    given = getattr(shown[task_id], field)
    more = f"{given} more" if isinstance(given, str) else (*given, "more")
    others = [
        {**shown, task_id: replace(shown[task_id], **{field: more})},
        {**shown, task_id: None},
        {**shown, f"{task_id} more": Blocks()},
        {f"{key}." if key == task_id else key: blocks for key, blocks in shown.items()},
    ]
    assert digest not in map(digest_shown, others)


def test_an_evaluation_is_used_again_only_where_everything_agrees(tmp_path):
    cache, path = EvaluationCache(tmp_path / "cache"), tmp_path / "evaluation" / "a.jsonl"
    problems = (Problems.open(ENV, "test", 3),)
    rollout = held_out_rollout(2, Sampling(max_new_tokens=8), 0)
    shown = {task.id: Blocks(strategies=("count",)) for task in problems[0].tasks}
    usual = tiny_policy(), problems, rollout, 3, shown
    key = evaluation_key(*usual)
    asks = {"agents.decoding", "agents.prefixes", "agents.sampling", "agents.policy", "agents.prompts"}
    assert asks | {"pmd_envs.env", "pmd_envs.vector", "pmd_envs.sources", "benchmarks.evaluate"} <= set(key["code"])
    path.parent.mkdir()
    path.write_text('{"row": "frozen", "response": "\\u00e9", "score": 0.0}\n')
    cache.keep(key, path)
    again = tmp_path / "new" / "b.jsonl"
    assert cache.fetch(evaluation_key(*usual), "frozen (start)", again)
    assert again.read_text() == path.read_text().replace('"frozen"', '"frozen (start)"')

    def other(place, value):
        return evaluation_key(*usual[:place], value, *usual[place + 1 :])

    settings = Sampling(max_new_tokens=8)
    trained = tiny_policy()
    with torch.no_grad():
        next(trained.model.parameters()).view(-1)[0] += 1e-3
    ends_otherwise, begins, thinks = tiny_policy(), tiny_policy(), replace(tiny_policy(), thinks=True)
    ends_otherwise.model.generation_config.eos_token_id = [1, 5]
    begins.tokenizer.bos_token = "<end>"
    others = [
        other(0, tiny_policy(1)),
        other(0, trained),
        other(0, ends_otherwise),
        other(0, begins),
        other(0, thinks),
        other(1, (Problems.open(ENV, "validation", 3),)),
        other(1, (Problems.open(ENV, "test", 2),)),
        other(2, held_out_rollout(2, replace(settings, max_new_tokens=9), 0)),
        other(2, held_out_rollout(2, replace(settings, temperature=0.5), 0)),
        other(2, held_out_rollout(2, settings, 1)),
        other(2, held_out_rollout(3, settings, 0)),
        other(3, 4),
        other(4, None),
        other(4, {**shown, problems[0].tasks[1].id: Blocks(strategies=("count", "twice"))}),
    ]
    for number, one in enumerate(others):
        assert not cache.fetch(one, "x", tmp_path / "none"), number
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_text(kept.read_text().replace('"score": 0.0', '"score": 1.0'))
    assert not cache.fetch(key, "x", tmp_path / "none")  # damaged
    assert not (tmp_path / "none").exists()


def test_a_family_from_elsewhere_may_use_any_of_our_verifiers(toy_id):
    def key(env):
        problems = (Problems.open(EnvChoice(env, {"source": "generated"}), "test", 1),)
        return evaluation_key(tiny_policy(), problems, held_out_rollout(1, Sampling(), 0), 0, None)["problems"][0]

    assert {"math/verify.py", "verifiers/arithmetic.py", "sandbox/pool.py"} <= set(key(toy_id)["ours"])
    assert key(ENV.id)["ours"] == {}  # the version of its verifier says it


def imported_by(file):
    """The packages that a module imports, by name or by a text."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def test_the_key_holds_the_version_of_every_package_that_verifiers_use():
    families = {gymnasium.registry[env_id].kwargs["family"].partition(":")[0] for env_id in environment_ids()}
    files = {path for family in (*families, "pmd_envs.rg.family") for path in module_files(family).values()}
    used = {name.partition(".")[0] for file in files for name in imported_by(file)}
    own = {"pmd_envs", "_typeshed", *sys.stdlib_module_names}
    data = {"huggingface_hub", "pyarrow", "platformdirs"}  # read or keep problems, which have a fingerprint
    called = packages_distributions()
    found = {distribution for name in used - own - data for distribution in called.get(name, [name.replace("_", "-")])}
    assert {"mpmath", "python-sat", "reasoning-gym"} <= found
    assert found <= set(PACKAGES)
    asked = tiny_policy(), (Problems.open(ENV, "test", 1),), held_out_rollout(1, Sampling(max_new_tokens=1), 0), 0, None
    assert evaluation_key(*asked)["packages"].keys() >= {"torch", "numpy", "mpmath", "python-sat"}

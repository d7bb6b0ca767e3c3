"""The documentation is right: its code runs, its links lead somewhere, and its commands exist."""

import ast
import dataclasses
import importlib
import inspect
import os
import re
import sys
import tomllib
import types
from pathlib import Path

import gymnasium
import pytest

import pmd_envs
from agents.registry import BUILT_IN, make_agent
from benchmarks.options import Options, parse_setting
from pmd_envs.rg.apart import APART

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "index.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(r"^(`{3,})text\n.*?^\1$", re.MULTILINE | re.DOTALL)


def read(page):
    """A page without the texts that it shows: problems may have links and code of their own."""
    return SHOWN.sub("", page.read_text("utf-8"))


TEXT = "\n".join(map(read, PAGES))
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
FOLDERS = ("pmd_envs", "memory", "agents", "benchmarks", "leaderboard")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks():
    for page in PAGES:
        found = re.findall(r"^```python\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)
        for number, code in enumerate(found, 1):
            yield pytest.param(code, id=f"{page.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize("code", list(blocks()))
def test_every_python_block_runs(code, monkeypatch):
    module = types.ModuleType("a_block_of_the_docs")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # families have to be importable by name
    monkeypatch.setenv("PMD_DATA_DIR", os.environ.get("PMD_DATA_DIR", ""))  # put back if a block sets it
    before = dict(gymnasium.registry)
    try:
        exec(compile(code, module.__name__, "exec"), module.__dict__)
    finally:
        gymnasium.registry.clear()
        gymnasium.registry.update(before)


def anchors(page):
    """Where a link into a page can lead, by GitHub's rule."""
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_relative_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("env_id", pmd_envs.environment_ids(reasoning_gym=False))
def test_every_environment_is_documented(env_id):
    name = env_id.partition("/")[2].rpartition("-v")[0]
    family = gymnasium.spec(env_id).kwargs["family"]
    page = ROOT / "docs" / "envs" / f"{family.partition(':')[0].rpartition('.')[2]}.md"
    text = page.read_text("utf-8")
    assert text.startswith(f"# {name}\n\n`{env_id}`\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Description", "Action space", "Observation space", "Starting state", "Rewards", "Episode end", "Information",
        "Arguments", "Version history",
    ]  # fmt: skip
    assert env_id in (ROOT / "README.md").read_text("utf-8")
    assert f"envs/{page.name}" in (ROOT / "docs" / "index.md").read_text("utf-8")


def table_of(page, heading):
    """The cells of the first table below a heading, row by row, without its head."""
    below = read(page).partition(f"\n{heading}")[2]
    table = re.search(r"^\|.*\n\|[-:| ]+\n((?:\|.*\n)+)", below, re.MULTILINE)
    assert table is not None, heading
    return [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in table[1].splitlines()]


def test_the_arguments_of_environments_are_all_documented_with_their_defaults():
    taken = inspect.signature(pmd_envs.ReasoningEnv).parameters.values()
    defaults = {one.name: one.default for one in taken if one.kind is one.KEYWORD_ONLY}
    documented = {name.strip("`"): default for name, _, default in table_of(GUIDE, "**Arguments** of")}
    assert documented.keys() == defaults.keys()
    for name, default in defaults.items():
        shown = re.match(r"`([^`]+)`", documented[name])
        assert shown is not None
        assert ast.literal_eval(shown[1]) == default, name


def test_the_generators_of_reasoning_gym_that_work_apart_are_named():
    page = (ROOT / "docs" / "envs" / "reasoning_gym.md").read_text("utf-8")
    (said,) = re.findall(r"^\w+ generators work in another process(?:.+\n)+", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", said)) == APART
    numbers = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    assert said.split()[0].lower() == numbers[len(APART)]


def test_every_environment_id_in_the_docs_exists():
    own = {"pmd/Doubling-v0", "pmd/RomanNumerals-v0"}  # the examples of the user guide and of a package
    assert set(re.findall(r"pmd/\w+-v\d+", TEXT)) - own == set(pmd_envs.environment_ids(reasoning_gym=False))


def test_make_targets_exist_and_are_documented():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    used = set(re.findall(r"^make ([a-z]+)\b", COMMANDS, re.MULTILINE)) | set(re.findall(r"`make ([a-z]+)`", TEXT))
    assert used <= targets
    assert {"run", "test", "check", "venv"} <= used


def test_ci_checks_what_make_checks():
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    script = (ROOT / ".ci" / "run").read_text()
    for line in recipe[1].splitlines():
        tool, *arguments = line.removeprefix("\t$(BIN)/").split(" ")
        if tool != "python":  # the tests of the documentation are among all tests
            assert f'"$bin/{tool}"{"".join(f" {argument}" for argument in arguments)}\n' in script
    assert '"$bin/python" -m pytest\n' in script


def test_extras_that_are_installed_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for used in re.findall(r"-e \"?\.\[([\w,]+)\]", TEXT + (ROOT / "Makefile").read_text()):
        assert set(used.split(",")) <= set(extras)


def shown_help(capsys, package, *command):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"{package}.__main__").main([*command, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("package", [name for name in FOLDERS if (ROOT / name / "__main__.py").exists()])
def test_every_command_of_a_package_is_documented_and_exists(package, capsys):
    documented = set(re.findall(rf"python -m {package} (\w+)", TEXT))
    existing = set(re.findall(r"^    (\w+) ", shown_help(capsys, package), re.MULTILINE))
    assert documented == existing
    for line in re.findall(rf"^python -m {package} (.+?)(?:\s+#.*)?$", COMMANDS, re.MULTILINE):
        options = set(re.findall(r"(?<!\S)--[\w-]+", line))
        assert not options or options <= set(re.findall(r"--[\w-]+", shown_help(capsys, package, line.split()[0]))), (
            line
        )


def test_the_benchmark_takes_the_documented_options():
    options = {f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(Options)}
    options |= {"--help", "--tyro-print-completion"}
    lines = re.findall(r"python benchmarks/run\.py(.*)", TEXT)
    assert lines
    for line in lines:
        assert set(re.findall(r"(?<!\S)--[\w-]+", line)) <= options, line
    assert set(re.findall(r"--agent (\w+)", TEXT)) == set(BUILT_IN)


def options_of(script):
    """What a script of the benchmarks takes, by its class of options or by its source."""
    source = (ROOT / script).read_text("utf-8")
    known = {"--help", *re.findall(r'"(--[a-z][\w-]*)"', source)}
    if "import tyro" not in source:
        return known
    module = importlib.import_module(script.removesuffix(".py").replace("/", "."))
    return known | {f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(module.Options)}


def test_every_script_that_is_shown_takes_the_options_that_are_shown():
    lines = re.findall(r"python (benchmarks/[\w/]+\.py)(.*)", TEXT.replace("\\\n", " "))
    shown = {script: set() for script, _ in lines}
    for script, line in lines:
        shown[script] |= set(re.findall(r"(?<!\S)--[a-z][\w-]*", re.split(r"[`#]", line)[0]))
    assert len(shown) > 10
    for script, options in shown.items():
        assert options - {"--tyro-print-completion", "--print-completion"} <= options_of(script), script


def test_every_knob_of_an_agent_is_documented_with_its_default():
    rows = [
        (agents, [name.strip("`") for name in names.split(", ")], defaults.split(", "))
        for agents, names, defaults, _ in table_of(GUIDE, "The knobs of the agents")
    ]
    for agent in BUILT_IN:
        made = make_agent(agent, {})
        of_record = {f.name: getattr(made, f.name) for f in dataclasses.fields(made) if f.name != "ours"}
        shown = {
            name: as_value(default)
            for agents, names, defaults in rows
            for name, default in zip(names, defaults, strict=True)
            if f"`{agent}`" in agents
        }
        assert shown == of_record, agent


def test_every_choice_of_pmd_is_documented_with_its_default():
    shown = {}
    for names, defaults, _ in table_of(GUIDE, "What the PMD paper leaves open"):
        pairs = zip(names.split(", "), defaults.split(", "), strict=True)
        shown |= {name.strip("`").removeprefix("ours."): as_value(default) for name, default in pairs}
    assert shown == dataclasses.asdict(make_agent("pmd", {}).ours)


def as_value(text):
    """A default as the tables write it."""
    return parse_setting(f"knob={text.strip('`')}")[1]

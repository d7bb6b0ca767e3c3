"""The documentation is right: its code runs, its links lead somewhere, and its commands exist."""

import dataclasses
import importlib
import os
import re
import sys
import tomllib
import types
from pathlib import Path

import gymnasium
import pytest

import pmd_envs
from agents.registry import BUILT_IN
from benchmarks.options import Options

ROOT = Path(__file__).parent.parent
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

"""Every command shows by example how it is used, and says what its exit status means."""

import argparse
import importlib
import json
import sys
from pathlib import Path

import pytest
from peer_scripts import peer_scripts

ROOT = Path(__file__).parent.parent
MODULES = {
    "leaderboard": ("show", "post", "serve", "export", "verify", "rebuild", "complete"),
    "memory": ("show", "search", "stats", "diff", "export", "complete"),
    "pmd_envs": ("play", "list", "docs", "complete"),
    "pmd_envs.sandbox": ("check",),
    "pmd_envs.audit": (),
}
STUDIES = ("run", "matrix", "study", "discover", "probe", "levels", "warm_start")
MEASURES = ("soak", "annotations", *(f"peers/{name}" for name in peer_scripts()))


def shown(main, capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert stop.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("module", MODULES)
def test_the_help_of_a_package_has_examples_of_every_command(module, capsys):
    main = importlib.import_module(f"{module}.__main__").main
    page = shown(main, capsys, "--help")
    assert "``" not in page
    assert "Exit status: 0 " in page
    assert "130 stopped with Ctrl-C" in " ".join(page.split())
    for name in MODULES[module]:
        assert f"python -m {module} {name}" in page, name
        own = shown(main, capsys, name, "--help")
        assert f"python -m {module} {name}" in own.rpartition("example")[2], name
    if not MODULES[module]:
        assert page.count(f"python -m {module}") > 1


@pytest.mark.parametrize("name", [*STUDIES, "archive"])
def test_the_help_of_a_benchmark_has_examples_and_exit_statuses(name, monkeypatch, capsys):
    text = printed(importlib.import_module(f"benchmarks.{name}").main, f"{name}.py", monkeypatch, capsys)
    assert f"python benchmarks/{name}.py" in text.partition("Examples:")[2]
    assert "``" not in text
    assert "Exit status: 0 " in text
    assert "130 stopped with Ctrl-C" in text


def printed(main, program, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [program, "--help"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    return capsys.readouterr().out


def test_the_help_of_nanos_recipe_has_examples_and_exit_statuses(monkeypatch, capsys):
    recipe = importlib.import_module("agents.nano.pretrain")
    text = printed(recipe.main, "pretrain.py", monkeypatch, capsys)
    assert "python -m agents.nano.pretrain --check" in text.partition("Examples:")[2]
    assert "Exit status: 0 " in text
    monkeypatch.setattr(sys, "argv", ["pretrain.py", "--recipe.step", "3"])
    with pytest.raises(SystemExit) as stop:
        recipe.main()
    assert stop.value.code == 2
    assert capsys.readouterr().err == "error: unknown option '--recipe.step'. Did you mean '--recipe.steps'?\n"
    finding = recipe.manifest.Finding("corpus", "a", "b", holds=False)
    monkeypatch.setattr(recipe.manifest, "check", lambda *_: [finding])
    monkeypatch.setattr(sys, "argv", ["pretrain.py", "--check", "--no-probe", "--json"])
    assert recipe.main() == 1
    assert json.loads(capsys.readouterr().out) == [{"what": "corpus", "recorded": "a", "found": "b", "holds": False}]


@pytest.mark.parametrize("name", STUDIES)
def test_a_benchmark_names_the_option_that_was_meant(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--poliyc", "nano"])
    with pytest.raises(SystemExit) as stop:
        importlib.import_module(f"benchmarks.{name}").main()
    assert stop.value.code == 2
    assert capsys.readouterr().err == "error: unknown option '--poliyc'. Did you mean '--policy'?\n"


@pytest.mark.parametrize("name", MEASURES)
def test_the_help_of_a_measurement_is_what_its_file_says(name, monkeypatch):
    """Its parser is asked for, and not its help: some of these import what is not installed here."""
    source = (ROOT / "benchmarks" / f"{name}.py").read_text("utf-8")
    text = source.partition('"""')[2].partition('"""')[0]
    assert f"python benchmarks/{name}.py" in text
    assert "Exit status: 0 " in text
    assert "130 stopped with" in text
    assert "script_parser(__doc__)" in source
    assert "@as_command\ndef main() -> int:" in source


def test_no_package_has_a_command_that_is_not_looked_at_here(monkeypatch):
    made = []
    original = argparse._SubParsersAction.add_parser

    def note(self, name, **options):
        made.append(name)
        return original(self, name, **options)

    monkeypatch.setattr(argparse._SubParsersAction, "add_parser", note)
    for module, commands in MODULES.items():
        made.clear()
        with pytest.raises(SystemExit):
            importlib.import_module(f"{module}.__main__").main(["--help"])
        assert set(made) == set(commands)

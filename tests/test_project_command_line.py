"""What all command lines have in common: one line for a mistake, which names what was meant, and exit statuses."""

import importlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import tyro

from pmd_envs.command_line import Parser, _message, as_command, read_options
from pmd_envs.errors import ConfigError


@dataclass(frozen=True)
class Recipe:
    """What is within the options."""

    warm_up: int = 1


@dataclass(frozen=True)
class Options:
    """Nothing but options."""

    seed: int = 0
    dry_run: bool = False
    agents: tuple[str, ...] = ("pmd",)
    out: Path | None = None
    recipe: Recipe = field(default_factory=Recipe)


def read(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["some.py", *arguments])
    return read_options(Options, tyro.cli)


@pytest.mark.parametrize(
    ("module", "line", "message"),
    [
        (
            "leaderboard",
            "show --sute x",
            "leaderboard show: error: unknown option '--sute'. Did you mean '--suite'?",
        ),
        ("leaderboard", "shwo", "invalid choice: 'shwo'"),
        ("leaderboard", "shwo", ". Did you mean 'show'?"),
        ("memory", "show runs --levle=insight", "unknown option '--levle'. Did you mean '--level'?"),
        ("memory", "stats runs more", "unexpected argument 'more'"),
        ("memory", "show runs --level inisght", ". Did you mean 'insight'?"),
        ("memory", "show runs --qqqqqq", "unknown option '--qqqqqq'"),
        ("pmd_envs", "list --jsn", "unknown option '--jsn'. Did you mean '--json'?"),
        ("pmd_envs", "complete fish", "invalid choice: 'fish'"),
        ("pmd_envs.audit", "pmd/GSM8K-v0 --problem-s 3", "unknown option '--problem-s'. Did you mean '--problems'?"),
        ("pmd_envs.sandbox", "check --witout landlock", "unknown option '--witout'. Did you mean '--without'?"),
    ],
)
def test_a_mistake_is_one_line_that_names_what_was_meant(module, line, message, capsys):
    with pytest.raises(SystemExit) as stop:
        importlib.import_module(f"{module}.__main__").main(line.split())
    assert stop.value.code == 2
    [said] = capsys.readouterr().err.splitlines()
    assert message in said


def test_an_option_is_looked_for_in_the_command_that_is_given():
    parser = Parser(prog="x")
    commands = parser.add_subparsers()
    commands.add_parser("one").add_argument("--colour")
    commands.add_parser("two").add_argument("--color")
    with pytest.raises(SystemExit):
        parser.parse_args(["two", "--colr", "3"])
    assert parser.parse_args(["two", "--color", "3"]).color == "3"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sed", "3"), "unknown option '--sed'. Did you mean '--seed'?"),
        (("--sed=3",), "unknown option '--sed'. Did you mean '--seed'?"),
        (("--recipe.warmup", "3"), "unknown option '--recipe.warmup'. Did you mean '--recipe.warm-up'?"),
        (("--no-dry-rum",), "unknown option '--no-dry-rum'. Did you mean '--no-dry-run'?"),
        (("--seed", "x"), "Error parsing --seed: invalid literal for int() with base 10: 'x'"),
        (("--seed",), "Missing value for argument '--seed'. Expected 1 values"),
        (("more",), "Unrecognized options: more"),
    ],
)
def test_a_mistake_in_a_script_is_one_line(arguments, message, monkeypatch, capsys):
    with pytest.raises(SystemExit) as stop:
        read(monkeypatch, *arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_a_message_is_found_in_its_frame():
    framed = ["╭─ Title ──╮", "│ Too      │", "│ long.    │", "│ ──────── │", "│ See more │", "╰──────────╯"]
    plain = [" Title ", " -------- ", "  Too ", "  long. ", "  ------- ", "  See more ", "  "]
    assert _message(framed) == _message(plain) == "Too long"
    assert _message(["Something else", "was said."]) == "Something else was said"


def test_options_of_a_script_are_read_as_before(monkeypatch, capsys):
    given = ("--seed", "3", "--dry_run", "--agents", "a", "b", "--out=x", "--recipe.warm-up", "2")
    assert read(monkeypatch, *given) == Options(3, True, ("a", "b"), Path("x"), Recipe(2))
    assert read(monkeypatch, "--no-dry-run") == Options()
    with pytest.raises(SystemExit) as stop:
        read(monkeypatch, "--help")
    assert not stop.value.code
    assert "--agents" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(KeyboardInterrupt(), 130, "stopped"), (ConfigError("no such id"), 2, "no such id")],
)
def test_what_ends_a_command_is_said_on_one_line(error, status, said, capsys):
    @as_command
    def main():
        raise error

    assert main() == status
    assert capsys.readouterr().err == f"error: {said}\n"
    assert as_command(lambda: 1)() == 1


@pytest.mark.parametrize("module", ["memory", "pmd_envs", "pmd_envs.audit"])
def test_ctrl_c_ends_a_command_with_130(module, monkeypatch, capsys, tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    main = importlib.import_module(f"{module}.__main__")
    for name, line in {"_show": ["show", str(tmp_path)], "_run": ["list"], "audit": ["pmd/GSM8K-v0"]}.items():
        if hasattr(main, name):
            monkeypatch.setattr(main, name, stop)
            (tmp_path / "memory.sqlite").touch()
            assert main.main(line) == 130
    assert capsys.readouterr().err == "error: stopped\n"


def test_the_check_of_the_sandbox_is_json_for_programs(monkeypatch, capsys):
    from pmd_envs.sandbox import __main__ as check
    from pmd_envs.sandbox.probe import Finding

    found = [Finding("the network", True, "nothing", required=True), Finding("the file system", False, "a file", True)]
    monkeypatch.setattr(check, "check", lambda _: found)
    assert check.main(["check", "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["programs_are_run"] is False
    assert printed["reachable"] == ["the file system"]
    assert [finding["held"] for finding in printed["findings"]] == [True, False]
    assert set(printed["layers"].values()) <= {True, False}

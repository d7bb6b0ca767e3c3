"""Completion as people have it: a real shell, a key that is pressed, and what it puts on the line."""

import importlib
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import tyro
from peer_scripts import peer_scripts

ROOT = Path(__file__).parent.parent
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
STUDIES = ("run", "matrix", "study", "discover", "probe", "levels")
MEASURES = ("soak", "annotations", *(f"peers/{name}" for name in peer_scripts()))
# What is typed before the key is pressed, and the only thing that may come of its last word.
LINES = {
    "leaderboard": (
        ("pmd-leaderboard se", "serve"),
        ("pmd-leaderboard serve --po", "--port"),
        ("pmd-leaderboard export --js", "--json"),
        ("pmd-leaderboard complete z", "zsh"),
    ),
    "memory": (
        ("pmd-memory se", "search"),
        ("pmd-memory show --lev", "--level"),
        ("pmd-memory show --level be", "behavior"),
        ("pmd-memory diff runs 1 2 --li", "--limit"),
        ("pmd-memory complete b", "bash"),
    ),
    "pmd_envs": (
        ("pmd-envs pl", "play"),
        ("pmd-envs play --dif", "--difficulty"),
        ("pmd-envs play pmd/GSM", "pmd/GSM8K-v0"),
        ("pmd-audit --prob", "--problems"),
        ("pmd-audit --seed 1 pmd/KnightsK", "pmd/KnightsKnaves-v0"),
        ("pmd-sandbox check --without landl", "landlock"),
    ),
}
FILES = {
    "leaderboard": "pmd-leaderboard post --to x some-",
    "memory": "pmd-memory export --output some-",
    "pmd_envs": "pmd-audit --json some-",
}
PACKAGES = pytest.mark.parametrize("module", LINES)


def until(terminal, wanted, seconds=30):
    """What is printed until something wanted is, or the time is over."""
    seen, deadline = "", time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
    return seen


@contextmanager
def zsh(folder, command):
    """The terminal of a shell without any settings of its own, after a command."""
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "PS1": "READY> ", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    shell = subprocess.Popen(
        ["zsh", "-f", "-i"], cwd=ROOT, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True
    )
    os.close(inner)
    try:
        until(terminal, "READY> ")
        os.write(terminal, f"{command}; PS1='D''ONE> '\n".encode())
        said = until(terminal, "DONE> ")
        assert "DONE> " in said
        assert "not found" not in said
        yield terminal
    finally:
        shell.kill()
        shell.wait()
        os.close(terminal)


def complete(terminal, line, wanted):
    os.write(terminal, f"\x15{line}\t".encode())
    return until(terminal, wanted)


def bash(folder, line):
    """What bash makes of the last word of a line, after the script in the folder."""
    program, *words = line.split()
    asked = (
        f"cd {folder}; source {folder}/script; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
        f"f=$(complete -p {program}); f=${{f#*-F }}; ${{f%% *}}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True, env=environment)
    assert not done.stderr
    return done.stdout.split()


def write_script(folder, main, capsys, *arguments):
    """What a command prints for a shell; its exit status has to be 0."""
    try:
        status = main(*arguments)
    except SystemExit as stop:
        status = stop.code
    assert not status
    (folder / "script").write_text(capsys.readouterr().out)


def main_of(module):
    return importlib.import_module(f"{module}.__main__").main


@PACKAGES
def test_bash_completes_commands_options_and_their_values(module, tmp_path, capsys):
    write_script(tmp_path, main_of(module), capsys, ["complete", "bash"])
    (tmp_path / "some-run").touch()
    for line, wanted in (*LINES[module], (FILES[module], "some-run")):
        assert bash(tmp_path, line) == [wanted], line


@needs_zsh
@PACKAGES
def test_zsh_completes_commands_options_and_their_values(module, tmp_path, capsys):
    write_script(tmp_path, main_of(module), capsys, ["complete", "zsh"])
    # No compinit before: not every .zshrc has it.
    with zsh(tmp_path, f'eval "$(cat {tmp_path}/script)"') as terminal:
        for line, wanted in LINES[module]:
            assert wanted in complete(terminal, line, wanted), line


def script_of(folder, name, shell, capsys, monkeypatch):
    """The script by which a benchmark is completed, in a file of the folder."""
    monkeypatch.setattr(sys, "argv", [f"benchmarks/{name}.py", "--tyro-print-completion", shell])
    options = importlib.import_module(f"benchmarks.{name}").Options
    write_script(folder, tyro.cli, capsys, options)


@needs_zsh
@pytest.mark.parametrize("name", STUDIES)
def test_zsh_completes_the_options_of_a_benchmark(name, tmp_path, capsys, monkeypatch):
    script_of(tmp_path, name, "zsh", capsys, monkeypatch)
    (tmp_path / "script").rename(tmp_path / f"_pmd_{name}")
    python = Path(sys.executable).parent
    begin = f"path=({python} $path); fpath+=({tmp_path}); autoload -Uz compinit; compinit -i -D"
    with zsh(tmp_path, begin) as terminal:
        assert "--policy" in complete(terminal, f"benchmarks/{name}.py --poli", "--policy")


@pytest.mark.parametrize("name", STUDIES)
def test_bash_completes_the_options_of_a_benchmark(name, tmp_path, capsys, monkeypatch):
    script_of(tmp_path, name, "bash", capsys, monkeypatch)
    assert bash(tmp_path, f"benchmarks/{name}.py --poli") == ["--policy"]
    # tyro writes what an option is for into the script, and a second line of that is taken for more words.
    assert all(word.startswith("-") for word in bash(tmp_path, f"benchmarks/{name}.py -"))


@pytest.mark.parametrize("shell", ["bash", pytest.param("zsh", marks=needs_zsh)])
def test_a_measurement_is_completed_by_its_path(shell, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["benchmarks/soak.py", "--print-completion", shell])
    write_script(tmp_path, importlib.import_module("benchmarks.soak").main, capsys)
    line = "benchmarks/soak.py --thr"
    if shell == "bash":
        assert bash(tmp_path, line) == ["--threads"]
    else:
        with zsh(tmp_path, f'eval "$(cat {tmp_path}/script)"') as terminal:
            assert "--threads" in complete(terminal, line, "--threads")


@pytest.mark.parametrize("name", [*STUDIES, *MEASURES, "archive"])
def test_what_is_completed_can_be_started_by_its_name(name):
    path = ROOT / "benchmarks" / f"{name}.py"
    assert path.read_text("utf-8").startswith("#!/usr/bin/env python3\n")
    assert os.access(path, os.X_OK)

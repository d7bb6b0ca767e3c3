"""Completion as people have it: a real shell, a key that is pressed, and what it puts on the line."""

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

from benchmarks import matrix, run, study
from leaderboard.__main__ import main

ROOT = Path(__file__).parent.parent
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
SCRIPTS = pytest.mark.parametrize(("name", "options"), [("run", run), ("matrix", matrix), ("study", study)])


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


def script_of(options, shell, name, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [f"benchmarks/{name}.py", "--tyro-print-completion", shell])
    with pytest.raises(SystemExit) as stop:
        tyro.cli(options.Options)
    assert not stop.value.code
    return capsys.readouterr().out


@needs_zsh
def test_zsh_completes_the_leaderboards_commands_and_options(tmp_path, capsys):
    assert main(["complete", "zsh"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    # No compinit before: not every .zshrc has it.
    with zsh(tmp_path, f'eval "$(cat {tmp_path}/script)"') as terminal:
        assert "serve" in complete(terminal, "pmd-leaderboard se", "serve")
        assert "--port" in complete(terminal, "pmd-leaderboard serve --po", "--port")
        assert "export --json" in complete(terminal, "pmd-leaderboard export --js", "--json")


@needs_zsh
@SCRIPTS
def test_zsh_completes_the_options_of_a_benchmark(name, options, tmp_path, capsys, monkeypatch):
    (tmp_path / f"_pmd_{name}").write_text(script_of(options, "zsh", name, capsys, monkeypatch))
    python = Path(sys.executable).parent
    begin = f"path=({python} $path); fpath+=({tmp_path}); autoload -Uz compinit; compinit -i -D"
    with zsh(tmp_path, begin) as terminal:
        assert "--split" in complete(terminal, f"benchmarks/{name}.py --spl", "--split")


@SCRIPTS
def test_bash_completes_the_options_of_a_benchmark(name, options, tmp_path, capsys, monkeypatch):
    (tmp_path / "script").write_text(script_of(options, "bash", name, capsys, monkeypatch))
    program = f"benchmarks/{name}.py"
    asked = (
        f"source {tmp_path}/script; COMP_WORDS=({program} --spl); COMP_CWORD=1; "
        f"f=$(complete -p {program}); f=${{f#*-F }}; ${{f%% *}}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["--split"], done.stderr


@pytest.mark.parametrize("name", ["run", "matrix", "study", "discover", "probe", "levels"])
def test_what_is_completed_can_be_started_by_its_name(name):
    path = ROOT / "benchmarks" / f"{name}.py"
    assert path.read_text("utf-8").startswith("#!/usr/bin/env python3\n")
    assert os.access(path, os.X_OK)

"""What a terminal is given of texts that others wrote."""

import io
import os
import subprocess
import sys
from pathlib import Path

import gymnasium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from toy_family import ToySums

from pmd_envs import StepVerdict
from pmd_envs.play import play
from pmd_envs.terminal import visible

EVIL = "\x1b]0;mine\x07\x1b[2J\x9b2J\r\u202e\ud800"
ROOT = Path(__file__).resolve().parent.parent


@given(st.text(st.characters()) | st.text(st.sampled_from(EVIL + "ab\n\t")))
def test_nothing_steers_and_all_else_stays(text):
    shown = visible(text)
    shown.encode()
    assert not set(shown) & {*map(chr, range(9)), *map(chr, range(0xB, 0x20)), *map(chr, range(0x7F, 0xA0)), "\u202e"}
    assert visible(shown) == shown
    if set(text) <= set("abé€\n\t") or (text.isascii() and text.isprintable()):
        assert shown == text


def test_an_episode_is_rendered_so(toy_id):
    env = gymnasium.make(toy_id, source="generated", render_mode="ansi")
    env.reset(seed=0)
    env.step(f"say {EVIL}".replace("\r", ""))  # which would end the line
    shown = env.render()
    assert r"\x1b]0;mine\x07\x1b[2J\x9b2J\u202e\ud800" in shown
    assert shown.replace("\n", "").isprintable()


def test_a_person_is_shown_so(toy_id, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"12 + 1 = 14 {EVIL}\n" + "/skip\n" * 9))
    monkeypatch.setattr(ToySums, "check_step", lambda *arguments: StepVerdict(None, f"read {arguments[-1]}"))
    shown = io.StringIO()
    assert play(toy_id, {"source": "generated"}, 0, Console(file=shown, width=200)) == 0
    assert r"· read 12 + 1 = 14 \x1b]0;mine\x07\x1b[2J" in shown.getvalue()
    assert r"\x00 \ud800 é" in shown.getvalue()  # of the problem itself
    assert not {"\x1b", "\x00"} & set(shown.getvalue())
    shown.getvalue().encode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_marks_that_an_encoding_has_not_are_written_out(encoding):
    done = subprocess.run(
        [sys.executable, "-m", "pmd_envs", "play", "pmd/GSM8K-v0", "--source", "generated", "--seed", "3"],
        cwd=ROOT, input="1 + 1 = 3\n/quit\n", capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u2717 1 + 1 = 3 is wrong" in done.stdout


def test_nobody_has_to_read_on():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        command = [sys.executable, "-m", "pmd_envs", "list"]
        done = subprocess.run(
            command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (141, "")

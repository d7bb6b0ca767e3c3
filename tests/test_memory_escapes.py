"""LaTeX in the strings of JSON, with one backslash where JSON wants two."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_scene import attempts, saying, subject

from memory import Memory
from memory.escapes import unquoted
from memory.replies import read_actions, read_insights


def content(text):
    """What is read of an insight in which ``text`` stands as it is."""
    [item] = read_insights(f'{{"strategies": [{{"title": "T", "content": "{text}"}}]}}').items
    return item.content


@pytest.mark.parametrize(
    "said",
    [
        *(r"\frac{1}{2}", r"\text{odd}", r"\boxed{3}", r"2 \times 3", r"\theta", r"\sqrt{2}", r"\(x\)", r"\pi", r"\$5"),
        *(r"\beta \bar x \binom{n}{k}", r"\rho \right) \rightarrow", r"a \neq b \ne c \nu", r"\to \tan \tau", r"50\%"),
        *(
            r"\underline{x}",
            r"\Rightarrow",
            r"\forall x",
            r"\bword\b.",
            r"\times2",
            r"\tfrac12",
            r"\notin",
            r"\{1, 2\}",
        ),
    ],
)
def test_commands_are_kept_with_one_backslash_and_with_two(said):
    assert content(f"Use {said} here") in (f"Use {said} here", f"Use {said} here".replace(r"\b.", " ."))
    assert content("Use " + said.replace("\\", r"\\") + " here") == f"Use {said} here"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (r"First.\nAdd them.", "First. Add them."),
        (r"First.\nnext\tthen\r\nnote", "First. next then note"),
        (r"more\nless\nexists\nparallel", "more less exists parallel"),
        (r"a\n\n\frac{1}{2}", r"a \frac{1}{2}"),
        (r"say \"so\" and \/ or \\ and é", 'say "so" and / or \\ and é'),
        (r"it\'s", "it's"),
        (r"a\b \f.", "a ."),
        ("a\x01\x1bb\x7f", "a b"),
        (r"\u12", r"\u12"),
    ],
)
def test_escapes_are_escapes(said, read):
    assert content(said) == read


@given(st.text())
def test_strings_without_latex_are_those_of_json(text):
    for token in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        if "\\" not in text:
            assert unquoted(token) == json.loads(token)
        unquoted(token.replace("\\\\", "\\"))


@given(st.text("\\\"uU0aAbfnrt'/ {", max_size=12))
def test_no_backslash_makes_a_reader_raise(text):
    read_insights(f'{{"strategies": [{{"title": "T", "content": "{text}"}}]}}')
    read_actions(f'{{"behaviors": [{{"name": "{text}", "instruction": "{text}"}}]}}')


def test_an_answer_in_latex_is_given_away_with_one_backslash_too(tmp_path):
    about = subject(gold=r"\frac{1}{2}")
    reply = r'{"strategies": [{"title": "Halves", "content": "It comes to \frac{1}{2} there."}]}'
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(about, attempts(1), 0)
        report = memory.reflect([about], saying(reply), 0)
    assert (report.rejected_firewall, report.admitted) == (1, 0)

import json
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_scene import attempts, saying, sentence, subject

from memory import Attempt, FirewallError, Memory, Reflected, contamination_rate, find_shortcuts


@pytest.mark.parametrize("split", ["val", "dev", "Test", "eval", "Train", ""])
def test_only_the_split_called_train_can_be_written(tmp_path, split):
    with Memory(tmp_path / "m.sqlite") as memory:
        with pytest.raises(FirewallError, match="'train'"):
            memory.record(subject(split=split), attempts(1), 0)
        assert memory.counts().total == 0


@pytest.mark.parametrize("split", ["test", "validation"])
def test_a_held_out_problem_cannot_be_written(tmp_path, split):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        with pytest.raises(FirewallError, match=split):
            memory.record(subject(split=split), attempts(1), 0)
        with pytest.raises(FirewallError, match=split):
            memory.reflect([subject(), subject(split=split)], saying("{}"), 0)
        assert memory.counts().total == 0
        assert memory.context(subject(split=split)).is_empty
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute("INSERT INTO subjects VALUES ('i', 'f', ?, 'p', 'g', 'x', x'00', 0)", (split,))
    connection.close()


def test_the_graded_episode_is_never_shown(tmp_path):
    group = attempts(1) + attempts(1, 1, 0.0, "wrong")
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), group, 0)
        shown = memory.context(subject())
        assert (shown.solution.episode_id, shown.failure.episode_id) == ("episode-0", "episode-1")
        assert memory.context(subject(), exclude_episodes={"episode-0"}).solution is None
        assert memory.context(subject(), exclude_episodes={"episode-1"}).failure is None
        same = sentence(0).upper().replace(" ", " \n ")
        assert memory.context(subject(), exclude_texts={same}).solution is None
        assert memory.context(subject(), exclude_texts={sentence(1)}).failure is None
        assert memory.context(subject(), exclude_texts={"something else"}) == shown


def test_an_insight_that_quotes_the_graded_text_is_not_shown(tmp_path):
    graded = "Twice the base times the height gives it."
    reply = json.dumps({"strategies": [{"title": "Copy", "content": f"Say: {graded.lower()} Then stop."}]})
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), [Attempt("e", graded, 1.0)], 0)
        memory.reflect([subject()], saying(reply), 0)
        assert len(memory.context(subject()).strategies) == 1
        assert memory.context(subject(), exclude_texts={graded}).is_empty


def test_nor_is_one_whose_title_and_content_are_the_graded_text(tmp_path):
    lesson = {"title": "Careful reading", "content": "count the second half twice."}
    graded = "Careful reading: count the second half twice."
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), [Attempt("e", graded, 0.0, "no")], 0)
        memory.reflect([subject()], saying(json.dumps({"lessons": [lesson]})), 0)
        assert len(memory.context(subject()).lessons) == 1
        assert memory.context(subject(), exclude_episodes={"e"}, exclude_texts={graded}).is_empty


@pytest.mark.parametrize(("title", "content"), [("Nineteen it is", "Add both."), ("Sums", "Nineteen it is")])
def test_nor_is_one_with_a_short_graded_text_as_its_title_or_content(tmp_path, title, content):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 0)
        memory.reflect([subject()], saying(json.dumps({"strategies": [{"title": title, "content": content}]})), 0)
        assert len(memory.context(subject()).strategies) == 1
        assert memory.context(subject(), exclude_texts={"nineteen  it is"}).strategies == ()


@pytest.mark.parametrize(
    ("instruction", "graded"),
    [
        ("Say: twice the base times the height gives it. Then stop.", "Twice the base times the height gives it."),
        ("It is 12.", "It is 12."),
        ("It is 12.", "behavior_nearest: it is 12."),
    ],
)
def test_a_behavior_that_quotes_the_graded_text_makes_way_for_the_next(tmp_path, instruction, graded):
    near, other = {"name": "nearest", "instruction": instruction}, {"name": "other", "instruction": sentence(3)}
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 0)
        assert memory.consolidate(saying(json.dumps({"behaviors": [near, other]})), 0).added == 2
        [left] = memory.context(subject(), exclude_texts={graded}).behaviors
        assert left.name == "behavior_other"
        [nearest] = memory.context(subject(), recall=1).behaviors
        [second] = memory.context(subject(), exclude_texts={nearest.instruction}, recall=1).behaviors
        assert second != nearest


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.integers(0, 8))
def test_no_choice_of_solution_shows_the_graded_one(tmp_path_factory, numbers, graded):
    with Memory(tmp_path_factory.mktemp("memory") / "m.sqlite") as memory:
        memory.record(subject(), [Attempt(f"e{n}", sentence(n), 1.0) for n in numbers], 0)
        for step in range(4):
            shown = memory.context(subject(), exclude_texts={sentence(graded)}, as_of=step).solution
            assert shown is None or shown.text != sentence(graded)


def test_items_with_the_answer_are_counted_and_not_stored(tmp_path):
    leak = {"title": "The result", "content": "In the end one reads off 418 from the table."}
    fair = {"title": "Tables", "content": "Read the last row of a table before summing the columns."}
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 0)
        report = memory.reflect([subject()], saying(json.dumps({"strategies": [leak, fair]})), 0)
        assert (report.rejected_firewall, report.admitted) == (1, 1)
        named = {"name": "read_418", "instruction": "Look at the end of each table."}
        told = {"name": "read_end", "instruction": "The end of the table holds 418."}
        report = memory.consolidate(saying(json.dumps({"behaviors": [named, told]})), 0)
        assert (report.rejected_firewall, report.added) == (2, 0)
        assert memory.items("behavior") == ()


def test_a_title_that_announces_what_follows_is_read_as_a_teacher_reads_it(tmp_path):
    lettered = replace(subject(), gold="B")
    leak, fair = {"title": "Answer", "content": "B"}, {"title": "Units", "content": "Compare them in one unit."}
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(lettered, attempts(1), 0)
        report = memory.reflect([lettered], saying(json.dumps({"strategies": [leak, fair]})), 0)
        assert (report.rejected_firewall, report.admitted) == (1, 1)
        report = memory.consolidate(saying(json.dumps({"behaviors": [{"name": "answer", "instruction": "B"}]})), 0)
        assert (report.rejected_firewall, report.added) == (1, 0)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The attempts that failed skipped a step", "meta-language"),
        ("Successful solutions converted the units", "meta-language"),
        ("The model's answer ignored the sign", "meta-language"),
        ("Prefer option C when units differ", "option letter"),
        ("The value in (B) is too large", "option letter"),
        ("Then choose A.", "option letter"),
        ("Pick D", "option letter"),
        ("Select (C), which is smaller", "option letter"),
        ("Mark B when two of them agree", "option letter"),
        ("Often all of the above are right", "test-taking"),
        ("Say none of the above", "test-taking"),
        ("The earlier solutions forgot the sign", "meta-language"),
        ("Use process of elimination", "test-taking"),
        ("Eliminate the implausible options first", "test-taking"),
        ("Read the question carefully", "test-taking"),
        ("In this problem the train is late", "this question"),
        ("The given question needs two steps", "this question"),
        ("option b is a distractor", "option letter"),
        ("Avoid option: C", "option letter"),
        ("Option **C** is tempting", "option letter"),
        ("Answer: C", "option letter"),
        ("look at choice d", "option letter"),
        ("choose C. The rest is wrong", "option letter"),
        ("if unsure, guess", "test-taking"),
        ("When in doubt, pick the middle one", "test-taking"),
        ("The correct attempt summed first", "meta-language"),
    ],
)
def test_shortcuts_are_found(text, category):
    assert category in find_shortcuts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Attempt to factor the quadratic before using the formula",
        "P(A) and P(B) multiply when the events are independent",
        "Eliminate one variable by adding the two equations",
        "In this kind of problem, convert all units first",
        "Check the answer by putting it back into the equation",
        "A matrix A is invertible if its determinant is not zero",
        "Choose A and B with A + B = C",
        "Select D so that D divides both numbers",
        "Mark A on the line",
        "Add all of the above numbers",
        "Put the earlier solutions of the equation into the other one",
        "Keep the sum of the previous run of the loop",
        "Track the number of attempts the player makes",
        "Type (B) cells produce antibodies",
        "Let event (A) be rain",
        "Use P (A) and f (A) as they are given",
        "Count successful runs of the machine",
        "To study genes, choose C. elegans",
        "In this problem type, isolate x",
        "The choice I made, and the answer is A number",
        "Among the choices b > 0 holds",
        "Do not guess. Multiply first, or guess and check the value",
    ],
)
def test_ordinary_mathematics_is_no_shortcut(text):
    assert find_shortcuts(text) == frozenset()


def test_contamination_is_a_share(tmp_path):
    assert contamination_rate([]) == 0.0
    assert contamination_rate(["Use process of elimination", "Add the parts", "Pick option A", "Halve"]) == 0.5
    bad = {"title": "Guessing", "content": "Use process of elimination on the numbers."}
    good = {"title": "Units", "content": "Convert hours to minutes before multiplying by a rate."}
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 0)
        report = memory.reflect([subject()], saying(json.dumps({"strategies": [bad, good]})), 0)
    assert (report.rejected_shortcut, report.admitted, report.contamination) == (1, 1, 0.5)
    of_all = {"admitted": 1, "rejected_duplicate": 1, "rejected_firewall": 1, "rejected_shortcut": 1}
    assert Reflected(requests=1, **of_all).contamination == 0.25

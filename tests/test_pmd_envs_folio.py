"""First-order formulas, and the published set that is annotated with them."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.datasets import read_rows
from pmd_envs.errors import DatasetError
from pmd_envs.families.folio import Folio
from pmd_envs.logic.first_order import Atom, Compound, Negation, Quantified, decide, parse
from pmd_envs.records import Task

FAMILY = Folio()
LABELS = ("true", "false", "uncertain")
STATUS = {"true": "true", "false": "false", "open": "uncertain"}
ROW = {
    "premises": ["All cats are mammals. ", "Tom is a cat."],
    "premises-FOL": ["∀x (Cat(x) → Mammal(x))", "Cat(tom)"],
    "conclusion": "Tom is a mammal.",
    "conclusion-FOL": "Mammal(tom)",
    "label": "True",
}


def task_of(problem):
    return Task("x", FAMILY.name, "test", problem.prompt, problem.gold, problem.facts, "")


def test_conclusions_of_one_story_are_of_one_split(tmp_path, monkeypatch):
    stories = [["All cats are mammals.", f"Tom{number} is a cat."] for number in range(60)]
    rows = [
        {**ROW, "premises": form(story), "conclusion": f"Conclusion {number}."}
        for story in stories
        for number, form in enumerate((list, "\n".join, " \n".join))
    ]
    (tmp_path / "folio").mkdir()
    (tmp_path / "folio" / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    published = replace(FAMILY.dataset, files={"train": ("train.jsonl",)})
    train, validation = (read_rows(published, split, "local") for split in ("train", "validation"))
    assert len(train) + len(validation) == len(rows)
    told = [{FAMILY.content(FAMILY.from_row(row)) for row in part} for part in (train, validation)]
    assert len(told[0]) + len(told[1]) == len(stories)
    assert 1 <= len(told[1]) <= 20


def test_a_formula_is_read_by_the_usual_precedence():
    found = parse("∀x (P(x) ∧ ¬Q(x, tom) → R(x) ∨ S(x))")
    assert found == Quantified(
        True,
        "x",
        Compound(
            "→",
            Compound("∧", Atom("P", ("x",)), Negation(Atom("Q", ("x", "tom")))),
            Compound("∨", Atom("R", ("x",)), Atom("S", ("x",))),
        ),
    )
    assert parse("P(a) → Q(a) → R(a)") == Compound(
        "→", Atom("P", ("a",)), Compound("→", Atom("Q", ("a",)), Atom("R", ("a",)))
    )
    assert parse("P(a) ⊕ Q(a) ⟷ R(a)") == Compound(
        "↔", Compound("⊕", Atom("P", ("a",)), Atom("Q", ("a",))), Atom("R", ("a",))
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "P(", "P()", "P(a", "P(a))", "P(x)", "∀ (P(a))", "∀x", "P(a) ∧", "∧ P(a)", "P(a) Q(a)", "P(a,, b)"),
        *(
            "P(a) & Q(a)",
            "¬" * 5_000 + "P(a)",
            "(" * 500 + "P(a)" + ")" * 500,
            "P(a)" + " → P(a)" * 200,
            "P(a)" * 2_000,
        ),
    ],
)
def test_what_is_no_closed_formula_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@given(st.text(alphabet="∀∃¬∧∨→↔⊕(),xyPQab ", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        parse(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("premises", "conclusion", "status"),
    [
        (["∀x (Cat(x) → Mammal(x))", "Cat(tom)"], "Mammal(tom)", "true"),
        (["∀x (Cat(x) → Mammal(x))", "Mammal(tom)"], "Cat(tom)", "open"),
        (["∀x (Cat(x) → Mammal(x))", "¬Mammal(tom)"], "Cat(tom)", "false"),
        (["∀x (Cat(x) → Mammal(x))"], "∃x (Cat(x))", "open"),
        (["∃x (Cat(x))"], "∀x (Cat(x))", "open"),
        (["∃x (Cat(x))"], "Cat(tom)", "open"),
        (["∃x (Cat(x) ∧ Red(x))"], "¬∃x (Red(x))", "false"),
        (["∃x (Cat(x))", "∀x (Cat(x) → Red(x))"], "∃x (Red(x))", "true"),
        (["¬∀x (Cat(x))"], "∃x (¬Cat(x))", "true"),
        (["∀x ∀y (Likes(x, y) → Likes(y, x))", "Likes(a, b)"], "Likes(b, a)", "true"),
        (["P(a) ⊕ Q(a)", "P(a)"], "Q(a)", "false"),
        (["P(a)", "¬P(a)"], "Q(a)", "inconsistent"),
        ([], "∃x (P(x) ∨ ¬P(x))", "true"),
        # Something that has no name is not P.
        (["¬∀x P(x)", "P(a)"], "R(a)", "open"),
        (["∀x P(x) → Q(a)", "¬Q(a)", "P(a)"], "R(a)", "open"),
        (["∀x P(x) ⊕ Q(a)", "Q(a)", "P(a)"], "R(a)", "open"),
        (["∀x P(x) ↔ Q(a)", "¬Q(a)", "P(a)"], "R(a)", "open"),
    ],
)
def test_what_follows_by_grounding(premises, conclusion, status):
    assert decide(premises, conclusion) == status


def test_a_long_formula_is_not_a_deep_one():
    assert decide([" ∧ ".join(["P(a)"] * 150)], "P(a)") == "true"
    with pytest.raises(ValueError, match="nested too deeply"):
        decide(["¬" * 61 + "P(a)"], "P(a)")


def test_too_much_to_ground_is_refused():
    constants = [f"P(c{number})" for number in range(60)]
    with pytest.raises(ValueError, match="too many"):
        decide([*constants, "∀x ∀y ∀z ∀u (P(x) ∨ P(y) ∨ P(z) ∨ P(u))"], "P(a)")


@settings(max_examples=50)
@given(st.integers(0, 100_000), st.sampled_from(FAMILY.difficulties))
def test_the_formulas_of_our_own_problems_say_what_their_words_say(seed, difficulty):
    problem = FAMILY.generate(random.Random(seed), difficulty)
    assert STATUS[decide(problem.facts["premises_fol"], problem.facts["conclusion_fol"])] == problem.gold
    assert [label for label in LABELS if FAMILY.verify(task_of(problem), f"#### {label}").score] == [problem.gold]


def test_a_published_row_becomes_a_problem():
    problem = FAMILY.from_row(ROW)
    assert problem.prompt == (
        "All cats are mammals. Tom is a cat. Conclusion: Tom is a mammal. True, false or uncertain?"
    )
    task = task_of(problem)
    assert FAMILY.gold_solution(task) == "#### true"
    assert FAMILY.verify(task, FAMILY.gold_solution(task)).score == 1
    assert FAMILY.check_step(task, [], "Tom is a mammal.").ok is None
    assert FAMILY.check_step(task, [], "#### false").ok is False
    assert FAMILY.verify(task, FAMILY.wrong_solution(random.Random(1), task)).score == 0
    assert FAMILY.content(problem) == FAMILY.content(FAMILY.from_row({**ROW, "label": "False"}))


def test_premises_of_the_second_version_are_a_text_of_one_per_line():
    texts = {name: "\n".join(ROW[name]) + "\n" for name in ("premises", "premises-FOL")}
    assert FAMILY.from_row({**ROW, **texts, "story_id": 1, "example_id": 2}).prompt == FAMILY.from_row(ROW).prompt
    assert FAMILY.from_row({**ROW, **texts}).facts["premises_fol"] == ROW["premises-FOL"]


@pytest.mark.parametrize(
    "changed", [{"label": "Maybe"}, {"premises": 3}, {"premises-FOL": None}, {"conclusion": None}, {"label": True}]
)
def test_a_row_of_another_form_is_refused(changed):
    with pytest.raises(DatasetError, match="FOLIO row"):
        FAMILY.from_row({**ROW, **changed})


@pytest.mark.realdata
def test_published_problems(data_dir):
    rows = read_rows(FAMILY.dataset, "test", "local")
    assert len(rows) == 204
    for row in rows:
        task = task_of(FAMILY.from_row(row))
        assert FAMILY.verify(task, FAMILY.gold_solution(task)).score == 1
        for label in ("True", "False", "Uncertain"):
            assert FAMILY.verify(task, f"#### {label}").score == (label == row["label"])


@pytest.mark.realdata
def test_how_often_the_annotations_agree_with_the_published_label(data_dir):
    found = Counter()
    for row in read_rows(FAMILY.dataset, "test", "local"):
        try:
            status = STATUS[decide(row["premises-FOL"], row["conclusion-FOL"])]
        except ValueError:
            found["unreadable"] += 1
        else:
            found[status == row["label"].casefold()] += 1
    assert found == {True: 191, False: 8, "unreadable": 5}

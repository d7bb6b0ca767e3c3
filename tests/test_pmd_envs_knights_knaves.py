import os
import random
import time
from itertools import product

import gymnasium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.datasets import read_rows
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.families.knights_answers import find_answer, parse_assignment, states_answer
from pmd_envs.families.knights_claims import parse_claim
from pmd_envs.families.knights_forms import ABOUT_OTHERS, PERSONAL
from pmd_envs.families.knights_knaves import KnightsKnaves
from pmd_envs.families.knights_puzzle import Puzzle, Statement, assignment
from pmd_envs.generated import split_of
from pmd_envs.logic.formulas import And, Iff, Implies, Not, Or, Var, evaluate
from pmd_envs.logic.solver import unique_model
from pmd_envs.records import Task

FAMILY = KnightsKnaves()
ABC = ("Ann", "Bo", "Cal")
A, B, C = Var(0), Var(1), Var(2)


def task_of(problem):
    return Task("x", FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")


def draw(seed, difficulty):
    return FAMILY.generate(random.Random(f"test/{difficulty}/{seed}"), difficulty)


def same_kind_blame():
    """Ann: "Bo and I are the same kind." Bo: "Ann is a knave."  Ann is a knave, Bo a knight."""
    puzzle = Puzzle(
        ("Ann", "Bo"), (Statement(0, Iff(A, B), "Bo and Ann are the same kind"), Statement(1, Not(A), "Ann is a knave"))
    )
    facts = {**puzzle.to_facts(), "solution": [False, True]}
    return Task("x", FAMILY.name, "train", "", "Ann: knave, Bo: knight", facts, "")


puzzles = st.builds(draw, st.integers(0, 10_000), st.sampled_from(FAMILY.difficulties))


@pytest.mark.parametrize("difficulty", FAMILY.difficulties)
def test_every_kind_can_be_drawn_and_is_what_it_says(difficulty):
    for kind in FAMILY.kinds(difficulty):
        problem = FAMILY.generate_kind(random.Random(kind), kind, difficulty)
        assert problem.facts["kind"] == kind
        assert len(problem.facts["names"]) == max(2, difficulty)
        assert 8 <= len(problem.facts["plan"].split()) <= 25


def test_kinds_have_plans_of_their_own():
    kinds = {kind for difficulty in FAMILY.difficulties for kind in FAMILY.kinds(difficulty)}
    plans = {FAMILY.generate_kind(random.Random(1), k, d).facts["plan"] for d in (2, 5) for k in FAMILY.kinds(d)}
    assert len(plans) == len(kinds)
    assert 15 <= len(set(FAMILY.kinds(1)) | set(FAMILY.kinds(2))) <= 40


@settings(max_examples=60, deadline=None)
@given(puzzles)
def test_gold_scores_one_and_every_step_of_it_follows(problem):
    task = task_of(problem)
    solution = FAMILY.gold_solution(task)
    verdict = FAMILY.verify(task, solution)
    assert verdict.score == 1
    assert verdict.first_wrong_step is None
    accepted = []
    for step in FAMILY.split_steps(solution):
        judged = FAMILY.check_step(task, accepted, step)
        assert judged.ok is True, (problem.prompt, step, judged)
        assert FAMILY.is_final(task, step, judged) == step.startswith("####")
        accepted.append(step)
    assert len(accepted) <= FAMILY.max_turns


def neighbours(kinds):
    """The assignment itself, and those in which one person is another kind."""
    changed = (tuple(kind != (index == person) for index, kind in enumerate(kinds)) for person in range(len(kinds)))
    return kinds, *changed


@settings(max_examples=60, deadline=None)
@given(puzzles)
def test_exactly_one_assignment_scores_one(problem):
    task = task_of(problem)
    names = problem.facts["names"]
    puzzle = Puzzle.from_facts(problem.facts)
    right = [kinds for kinds in product((True, False), repeat=len(names)) if puzzle.violated(kinds) is None]
    assert [list(kinds) for kinds in right] == [problem.facts["solution"]]
    assert unique_model(puzzle.premises, len(names)) == right[0]
    others = product((True, False), repeat=len(names)) if len(names) <= 5 else neighbours(right[0])
    for kinds in others:
        score = FAMILY.verify(task, f"#### {assignment(names, kinds)}").score
        assert score == (kinds == right[0]), kinds


@settings(max_examples=60, deadline=None)
@given(puzzles, st.integers(0, 1000))
def test_a_wrong_solution_scores_zero_in_the_gold_format(problem, seed):
    task = task_of(problem)
    wrong = FAMILY.wrong_solution(random.Random(seed), task)
    verdict = FAMILY.verify(task, wrong)
    assert verdict.score == 0
    assert verdict.first_wrong_step is not None
    last = wrong.splitlines()[-1]
    assert parse_assignment(last.removeprefix("####"), problem.facts["names"]).problem == ""


@settings(max_examples=40, deadline=None)
@given(puzzles)
def test_reasons_are_short_and_keep_the_answer(problem):
    task = task_of(problem)
    for person, name in enumerate(problem.facts["names"]):
        kinds = [kind != (index == person) for index, kind in enumerate(problem.facts["solution"])]
        answer = f"#### {assignment(problem.facts['names'], kinds)}"
        for reason in (FAMILY.verify(task, answer).reason, FAMILY.check_step(task, [], answer).reason):
            assert len(reason) < 160
            assert "kni" not in reason
            assert "knave" not in reason
        claim = f"{name} is a {'knight' if kinds[person] else 'knave'}."
        reason = FAMILY.check_step(task, [], claim).reason
        assert [other for other in problem.facts["names"] if other in reason.split()] == [name]


@pytest.mark.parametrize("claim", [*PERSONAL, *ABOUT_OTHERS], ids=lambda claim: claim.name)
def test_wordings_of_a_claim_mean_the_same(claim):
    tables = {
        tuple(evaluate(wording.build(A, B), values) for values in product((True, False), repeat=2))
        for wording in claim.wordings
    }
    assert len(tables) == 1
    brief = claim.brief.format(me="Ann", x="Bo" if claim.personal else "Ann", y="Bo")
    parsed = parse_claim(brief, ABC)
    if parsed is not None:  # briefs such as "Bo or Ann is a knave" are elliptic and never parsed
        assert tuple(evaluate(parsed, (*v, True)) for v in product((True, False), repeat=2)) in tables


@pytest.mark.parametrize("claims", [PERSONAL, ABOUT_OTHERS], ids=["personal", "others"])
def test_claims_differ_from_each_other(claims):
    tables = {
        tuple(evaluate(claim.wordings[0].build(A, B), values) for values in product((True, False), repeat=2))
        for claim in claims
    }
    assert len(tables) == len(claims)
    texts = [wording.text for claim in claims for wording in claim.wordings]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("step", "formula"),
    [
        ("Bo is a knave.", Not(B)),
        ("bo IS A Knight", B),
        ("Bo is not a knight", Not(B)),
        ("Bo isn't a knave", B),
        ("Bo cannot be a knight", Not(B)),
        ("Bo: knave", Not(B)),
        ("- Bo: knave", Not(B)),
        ("2. Ann must be a knave, and Bo is a knight.", And(Not(A), B)),
        ("Ann and Bo are the same kind", Iff(A, B)),
        ("Ann says Bo is a knave, so Ann and Bo are different kinds.", Not(Iff(A, B))),
        ("Ann and Bo are both knights.", And(A, B)),
        ("Therefore, we know that Cal is a knave because Ann says so", Not(C)),
        ("Therefore, we know that Cal is a knave because Ann lies", Not(C)),
        ("Ann is a knave or Bo is a knave", Or(Not(A), Not(B))),
        ("Ann is a knave or Bo is a knave and Cal is a knave", None),
        ("If Ann is a knight then Bo is a knave", Implies(A, Not(B))),
        ("Suppose Ann is a knight, then Bo is a knave and Cal is a knight.", Implies(A, And(Not(B), C))),
        ("Assume Ann is a knight. Then Bo is a knave.", Implies(A, Not(B))),
        ("If Ann is a knight, Bo is a knave", Implies(A, Not(B))),
        ("If Ann is a knight then Bo is a knave and Bo is a knight, a contradiction.", Not(A)),
        ("If Ann is a knight then Bo is a knave and Bo is a knight, a contradiction, so Ann is a knave.", Not(A)),
        ("Suppose Ann is a knight.", None),
        ("Ann says Bo is a knave.", None),
        ('Ann says "Bo is a knave"', None),
        ("It is false that Bo is a knave", None),
        ("Bo is a knight or knave", None),
        ("Bo is a knightly person", None),
        ("Zed is a knave", None),
        ("so", None),
        ("", None),
    ],
)
def test_what_a_step_claims(step, formula):
    assert parse_claim(step, ABC) == formula


def test_steps_are_judged_by_the_statements():
    task = same_kind_blame()
    assert FAMILY.check_step(task, [], "Ann says Bo and Ann are the same kind, so Bo is a knight.").ok is True
    wrong = FAMILY.check_step(task, [], "Bo says Ann is a knave, so Ann is a knight.")
    assert wrong.ok is False
    assert wrong.reason == "that Ann is a knight contradicts the statements"
    assert FAMILY.check_step(task, [], "Let me think.").ok is None
    assert FAMILY.check_step(task, [], "If Ann is a knight then Bo is a knave").ok is True


def test_what_the_statements_leave_open_stays_so_whatever_was_said_before():
    puzzle = Puzzle(("Ann", "Bo"), (Statement(0, B, "Bo is a knight"),))
    task = Task("x", FAMILY.name, "train", "", "", {**puzzle.to_facts(), "solution": [True, True]}, "")
    assert FAMILY.check_step(task, [], "Ann is a knight").ok is None
    for before in (["Ann is a knight"], ["Bo is a knight"], ["Bo is a knave"], ["Bo is a knave", "Ann is a knight"]):
        assert FAMILY.check_step(task, before, "Ann is a knight").ok is None
    assert "does not follow" in FAMILY.check_step(task, [], "Ann is a knight").reason
    assert FAMILY.verify(task, "#### Ann: knave, Bo: knave").reason == "the answer is not the published one"


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("If Ann is a knight, the statement is true, so Bo is a knave.", True),
        ("If Ann is a knight, the statement is true, so Bo is a knight.", True),
        ("Suppose Ann is a knight. Then what Ann says is true, so Bo is a knave.", True),
        ("Let's assume that Ann is a knight, so Bo is a knave.", True),
        ("If Ann is a knave, Ann lies, so Bo is a knight.", True),
        ("If Ann is a knave, Ann lies, so Bo is a knave.", False),
        ("If Ann is a knave then Bo is a knight, and Ann is a knight, so Bo is a knave.", None),
        ("Suppose Ann is a knave. Suppose Ann is a knight, so Bo is a knave.", None),
        ("If what Ann says is true, so Bo is a knave.", None),
        ("If Ann is a knight, so Ann is a knight.", None),
        ("If Ann is a knight then Bo is a knave, a contradiction, so Ann is a knight.", False),
        ("If Ann is a knight then Bo is a knave, which is impossible, so Ann is a knave.", True),
        ("If Ann is a knight then no case fits, so Ann is a knight.", False),
        ("Ann says if, so Bo is a knave.", False),
        ("If Ann is a knight, Bo is a knave. Ann is a knave, so Bo is a knave.", None),
        ("If Ann is a knight, Bo is a knave; Ann is a knave, so Bo is a knave.", None),
        ("If Ann is a knight, Ann is a knave, so Bo is a knave.", None),
        ("Suppose Ann is a knight. But Ann is a knave, so Bo is a knave.", None),
        ("Suppose Ann is a knight. Ann is a knave, so Bo is a knave.", None),
        ("Suppose Ann is a knight. Then Bo cannot be a knight, so Bo is a knave.", True),
        ("Suppose for contradiction that Ann is a knight, so Bo is a knave.", True),
        ("Suppose, for the sake of argument, that Ann is a knight, so Bo is a knave.", True),
        ("If Ann is a knight, it is impossible that Bo tells the truth, so Bo is a knave.", True),
        ("But if Ann is a knight, Bo lies, so Bo is a knave.", True),
        ("Suppose Ann is a knight. Then Bo is a knave, a contradiction, as Bo says so, so Bo is a knave.", None),
        ("If Ann is a knight, that contradicts nothing, so Bo is a knave.", True),
        ("If Ann is a knight, there is no contradiction, so Bo is a knave.", True),
        ("Suppose Ann is a knight. Then Ann tells the truth and Bo lies, so Bo is a knave.", True),
    ],
)
def test_a_conclusion_under_a_condition_is_judged_under_it(step, ok):
    statements = (Statement(0, Iff(A, B), "Bo and Ann are the same kind"), Statement(1, Not(A), "Ann is a knave"))
    facts = {**Puzzle(("Ann", "Bo"), statements).to_facts(), "solution": [False, True]}
    assert FAMILY.check_step(Task("x", FAMILY.name, "train", "", "", facts, ""), [], step).ok is ok


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        # A contradiction that is a reason, or one that ends the supposition: who cannot tell does not say "wrong".
        ("Suppose Ann is a knight. Then Bo contradicts Ann, so Bo is a knave.", None),
        ("Suppose Ann is a knight. Then Cy does not contradict her, so Bo is a knave.", None),
        ("Suppose Ann is a knight. To avoid a contradiction Bo must lie, so Bo is a knave.", None),
        ("Suppose Ann is a knight. Then Bo contradicts Ann, so Bo is a knight.", True),
        # Who denies what was supposed has left the supposition.
        ("Suppose Ann is a knight. Then she lied, which cannot be right, so Ann is a knave and Bo is a knave.", False),
        ("Suppose Ann is a knight. Then she lied, which is inconsistent, so Ann is a knave and Bo is a knave.", False),
        ("Suppose Ann is a knight. Then she lied, so Ann is a knave and Bo is a knave.", False),
        ("Suppose Ann is a knight. Then she lied, so Ann is a knave and Bo is a knight.", True),
        # A second supposition that no word begins.
        ("Suppose Bo is a knight, Ann is a knight. Then Cy lies, so Cy is a knave.", None),
        ("Suppose Bo is a knight. Let Ann be a knight. Then Cy lies, so Cy is a knave.", None),
        ("Suppose Bo is a knight. When Ann is a knight, Cy lies, so Cy is a knave.", None),
        ("Suppose Bo is a knight, then Ann is a knave, so Cy is a knave.", False),
    ],
)
def test_where_a_supposition_ends_or_begins_is_not_guessed(step, ok):
    statements = (Statement(0, Iff(A, B), "alike"), Statement(1, Not(A), "Ann is a knave"), Statement(2, B, "Bo"))
    facts = {**Puzzle(("Ann", "Bo", "Cy"), statements).to_facts(), "solution": [False, True, True]}
    assert FAMILY.check_step(Task("x", FAMILY.name, "train", "", "", facts, ""), [], step).ok is ok


@pytest.mark.parametrize(
    "response",
    [
        "#### Ann: knave, Bo: knight",
        "thinking...\n####bo: KNIGHT, ann: Knave.",
        "#### Ann is a knave and Bo is a knight",
        "#### Ann: knight, Bo: knight\nNo:\n#### Ann: knave, Bo: knight",
        r"\boxed{Ann: knight, Bo: knight} is wrong, \boxed{\text{Ann: knave, Bo: knight}} is right",
        "The answer is: Ann is a knave, and Bo is a knight.",
        "<think>#### Ann: knight, Bo: knave</think><answer>(1) Ann is a knave\n(2) Bo is a knight</answer>",
        "First this.\n(1) Ann is a knave\n(2) Bo is a knight",
        "The answer is:\n* Ann is a knave.\n* Bo is a knight.",
        "The answer is:\n\n*   **Ann**: knave\n*   **Bo**: knight",
        "#### * Ann is a knave\n* Bo is a knight",
        "First this.\n**Ann** is a knave, and **Bo** is a knight.",
    ],
)
def test_right_answers(response):
    assert FAMILY.verify(same_kind_blame(), response).score == 1


@pytest.mark.parametrize(
    "announced",
    [
        "Let us see what the answer is.",
        "The answer is not clear yet.",
        "The final answer is",
        "The answer is:",
        "What the answer is: nobody has said yet who is a knight.",
    ],
)
def test_who_announces_an_answer_has_not_stated_it(announced):
    scores = {}
    for granularity in ("step", "episode"):
        env = gymnasium.make("pmd/KnightsKnaves-v0", source="generated", difficulty=1, granularity=granularity)
        env.reset(seed=1)
        lines = [announced, *FAMILY.gold_solution(env.unwrapped.task).splitlines()]
        for action in lines if granularity == "step" else ["\n".join(lines)]:
            *_, ended, _, info = env.step(action)
        scores[granularity] = ended, info["score"], info["first_wrong_step"]
    assert scores == dict.fromkeys(("step", "episode"), (True, 1, -1))


@pytest.mark.parametrize("stated", ["So the answer is: **Ann** is a knave.", "The final answer is (1) Bo: knight"])
def test_who_says_somebodys_kind_as_the_answer_has_stated_it(stated):
    assert states_answer(stated)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("", "no answer is given"),
        ("#### ", "no answer is given"),
        ("#### Ann: knave, Bo: knight\n####", "no answer is given"),
        ("<think>#### Ann: knave, Bo: knight", "no answer is given"),
        ("<THINK>#### Ann: knave, Bo: knight", "no answer is given"),
        ("<thinking>\\boxed{Ann: knave, Bo: knight}", "no answer is given"),
        ("\\boxed{}", "no answer is given"),
        ("The answer is:\n* Ann is a knave.\n* Ann is a knight.\n* Bo is a knight.", "is given a kind twice"),
        ("#### Ann: knight, Bo: knight\n#### Ann: knave, Bo: knight", "is given a kind twice"),
        ("\\boxed{Ann: knight, Bo: knave}\\boxed{Ann: knave, Bo: knight}", "is given a kind twice"),
        (r"\boxed{Ann: knave, Bo: knight", "no answer is given"),
        ("#### Ann: knave", "no kind is given for Bo"),
        ("#### Ann: knave, Bo: knave", "impossible"),
        ("#### Ann: knight, Bo: knight", "impossible"),
        ("#### Ann: knave, Bo: knight, Cal: knight", "Cal is not one of the people"),
        ("#### Ann: knave, Bo: knight, Bo: knight", "Bo is given a kind twice"),
        ("#### Ann: knave, Bo: knight, Bo: knave", "Bo is given a kind twice"),
        ("#### Ann: knave, Bo: knight or knave", "only give each person's kind once"),
        ("#### Ann: knave, Bo: knight. Or Ann: knight", "only give each person's kind once"),
        ("#### Ann: knave, Bo: not knave", "only give each person's kind once"),
        ("#### Ann: knaves, Bo: knights", "only give each person's kind once"),
        ("#### Ann: knave, Bo: knight I hope", "only give each person's kind once"),
        ("#### either Ann: knave, Bo: knight", "only give each person's kind once"),
        ("#### Ann: knaveBo: knight", "only give each person's kind once"),
        ("Ann is a knave. Bo is a knight.\nThis is my result.", "only give each person's kind once"),
        ("#### " + "Ann: knave, " * 1000, "too long"),
    ],
)
def test_wrong_answers_and_hedges(response, reason):
    verdict = FAMILY.verify(same_kind_blame(), response)
    assert verdict.score == 0
    assert reason in verdict.reason
    assert len(verdict.reason) < 160


_PIECES = st.sampled_from(
    [
        *("####", "\\boxed{", "}", "(1) ", "<think>", "</think>", "<answer>", "</answer>", "the answer is "),
        *("Ann", "Bo", " is a ", "knight", "knave", "so", "if ", " then ", "not ", "same kind", " are "),
        *("and", "or", ",", ":", " ", "\n"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.lists(_PIECES, max_size=30).map("".join))
def test_no_text_breaks_the_verifier(text):
    task = same_kind_blame()
    verdict = FAMILY.verify(task, text)
    assert verdict.score in (0, 1)
    assert len(verdict.reason) < 160
    judged = FAMILY.check_step(task, [text], text)
    assert len(judged.reason) < 160
    FAMILY.is_final(task, text, judged)
    if verdict.score == 1:
        answer = find_answer(text).casefold()
        assert (answer.count("knave"), answer.count("knight")) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 150_000,
        "####" * 250_000,
        "\\boxed{" * 150_000,
        "<answer>" * 120_000,
        "Ann is a knight and " * 50_000,
        "so " * 300_000,
        " " * 1_000_000,
        "Ann is a knave, so Bo is a knight.\n" * 30_000,
        ("Ann is a knight or " * 52 + "Ann is a knave\n") * 64,
        "#### " + "(" * 1_000_000,
    ],
    ids=["think", "hashes", "box", "tag", "and", "so", "space", "lines", "wide", "brackets"],
)
def test_megabytes_are_judged_quickly(text):
    started = time.perf_counter()
    assert FAMILY.verify(same_kind_blame(), text).score == 0
    assert time.perf_counter() - started < 3


def test_names_do_not_count_for_the_content_and_forms_do():
    first = draw(1, 3)
    puzzle = Puzzle.from_facts(first.facts)
    assert Puzzle(("X", "Y", "Z"), puzzle.statements).content() == FAMILY.content(first)
    turned = Puzzle(puzzle.names, puzzle.statements[::-1])
    assert turned.content() != FAMILY.content(first)


def test_content_numbers_people_by_first_mention():
    here = Puzzle(ABC, (Statement(0, B, ""), Statement(1, Not(A), "")))
    there = Puzzle(ABC, (Statement(2, A, ""), Statement(0, Not(C), "")))
    assert here.content() == there.content()


@pytest.mark.parametrize("difficulty", [1, 2])
def test_small_puzzles_fill_every_split(difficulty):
    contents = {"train": set(), "validation": set(), "test": set()}
    rng = random.Random(7)
    for _ in range(600):
        content = FAMILY.content(FAMILY.generate(rng, difficulty))
        contents[split_of(content)].add(content)
    assert min(len(found) for found in contents.values()) >= 30


def test_every_kind_of_small_puzzle_is_in_every_split():
    rng = random.Random(8)
    for kind in FAMILY.kinds(2):
        splits = {split_of(FAMILY.content(FAMILY.generate_kind(rng, kind, 2))) for _ in range(150)}
        assert splits == {"train", "validation", "test"}, kind


def test_the_same_seed_gives_the_same_puzzle():
    for difficulty in FAMILY.difficulties:
        assert draw(3, difficulty) == draw(3, difficulty)
        assert len({draw(seed, difficulty).prompt for seed in range(8)}) == 8


def test_a_thousand_puzzles_a_minute():
    rng = random.Random(9)
    started = time.process_time()
    for _ in range(50):
        FAMILY.generate(rng, 3)
    assert time.process_time() - started < 3


def test_a_callers_mistakes_are_named():
    with pytest.raises(ConfigError, match="difficulty"):
        FAMILY.kinds(11)
    with pytest.raises(ConfigError, match="Did you mean 'some_knave'"):
        FAMILY.generate_kind(random.Random(1), "some_knaves", 1)
    with pytest.raises(ValueError, match="no puzzle"):
        Puzzle.from_facts({})


ROW = {
    "quiz": "You meet Ann and Bo.",
    "names": ["Ann", "Bo"],
    "solution": [False, True],
    "statements": "(('<=>', ('telling-truth', 0), ('telling-truth', 1)), ('not', ('telling-truth', 0)))",
}


def test_a_published_row_becomes_a_problem():
    problem = FAMILY.from_row(ROW)
    assert problem.prompt == ROW["quiz"]
    assert problem.gold == "Ann: knave, Bo: knight"
    assert problem.facts["kind"] == "same_kind_then_blame"
    task = task_of(problem)
    assert FAMILY.verify(task, FAMILY.gold_solution(task)).score == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"names": "Ann"},
        {"solution": [True, True]},
        {"solution": [False]},
        {"statements": "(('lying', 0),)"},
        {"statements": "(('lying', 7), ('lying', 0))"},
        {"statements": "(('xor', 7), ('lying', 0))"},
        {"statements": "__import__('os')"},
        {"statements": "(("},
        {"statements": "3"},
    ],
)
def test_a_row_of_another_form_is_refused(changed):
    with pytest.raises(DatasetError):
        FAMILY.from_row({**ROW, **changed})


@pytest.mark.realdata
def test_published_puzzles():
    if not os.environ.get("PMD_DATA_DIR"):
        pytest.skip("PMD_DATA_DIR is not set")
    rows = read_rows(FAMILY.dataset, "test", "local")
    assert len(rows) == 300
    for row in rows:
        problem = FAMILY.from_row(row)
        task, puzzle = task_of(problem), Puzzle.from_facts(problem.facts)
        names, solution = row["names"], row["solution"]
        assert unique_model(puzzle.premises, len(names)) == tuple(solution)
        assignments = product((True, False), repeat=len(names))
        assert [list(kinds) for kinds in assignments if puzzle.violated(kinds) is None] == [solution]
        for response in (row["solution_text_format"], row["solution_text"], FAMILY.gold_solution(task)):
            assert FAMILY.verify(task, response).score == 1
        for step in FAMILY.gold_solution(task).splitlines():
            assert FAMILY.check_step(task, [], step).ok is True, step
        for person in range(len(names)):
            flipped = [kind != (index == person) for index, kind in enumerate(solution)]
            assert FAMILY.verify(task, f"#### {assignment(names, flipped)}").score == 0

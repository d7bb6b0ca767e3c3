"""What is shown of training: attempts at some problems, step by step, with the context of their teachers."""

import json

import gymnasium
import pytest
from test_leaderboard_entry import ENVS, KWARGS, write_run
from test_leaderboard_page import EVIL, Page

from leaderboard import Leaderboard, RefusedError, ReportError, StoreError
from leaderboard.database import reading
from leaderboard.lessons import ATTEMPTS, MAX_LINE_BYTES, STEPS, read_lessons
from leaderboard.links import ServerLinks
from leaderboard.pages import Pages
from leaderboard.reader import Reader
from leaderboard.records import Report

TAUGHT = "Strategies:\n- count what is left\nA correct solution:\n"


def write_training(folder, *, steps=30, teacher=TAUGHT, **changes):
    """A line for each attempt: in every step two problems of each environment, of whose attempts one is right."""
    envs = [gymnasium.make(env_id, **KWARGS, split="train").unwrapped for env_id in ENVS]
    lines = []
    for step in range(steps):
        for env in envs:
            for problem in (2 * step, 2 * step + 1):
                task = env.dataset.at(problem)
                for attempt in range(ATTEMPTS + 2):
                    text = env.family.gold_solution(task) if attempt == 0 else "I do not know."
                    line = {"step": step, "task_id": task.id, "fingerprint": task.fingerprint, "turns": [text]}
                    line |= {"score": float(attempt == 0), "reason": "" if attempt == 0 else "no answer"}
                    # Only the second problem has a teacher that knows anything, and only of wrong attempts.
                    shown = teacher if attempt and problem % 2 else ""
                    lines.append(line | ({"teacher": shown} if shown else {}) | changes)
    (folder / "episodes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    board = Leaderboard(folder / "board.sqlite")
    board.post(write_training(write_run(folder / "run", "run", labels=("pmd",), steps=30)))
    return board


def pages(board, make):
    with reading(board.path) as connection:
        return Page(make(Pages(Reader(connection), ServerLinks())))


def test_problems_are_chosen_over_the_whole_run_and_where_a_teacher_knew_something(board):
    with reading(board.path) as connection:
        lessons = Reader(connection).lessons(1)
    assert [lesson.step for lesson in lessons] == [0, 3, 5, 8, 11, 13, 16, 18, 21, 24, 26, 29]
    assert len(lessons) == STEPS
    for lesson in lessons:
        assert (lesson.env, lesson.kwargs) == (ENVS[0], {**KWARGS, "split": "train"})
        assert lesson.task_id.endswith(f"/{2 * lesson.step + 1}")
        assert (len(lesson.attempts), lesson.solved) == (ATTEMPTS, 1)
        assert [attempt.teacher for attempt in lesson.attempts] == ["", *[TAUGHT] * (ATTEMPTS - 1)]


def test_a_training_problem_is_shown_with_verdicts_and_the_teachers_context(board):
    page = pages(board, lambda pages: pages.lesson(1, 3))
    assert "step 8 of run · 1 of 8 attempts shown here were right" in page.text
    assert page.text.count("What its teacher was shown beside the problem") == ATTEMPTS - 1
    assert "count what is left" in page.text
    assert {"right", "not checked"} <= {tag.get("aria-label") for tag in page.all("span")}
    links = [link["href"] for link in page.all("a")]
    assert {"/entries/1/lessons/2", "/entries/1/lessons/4", "/entries/1"} <= set(links)
    assert "cannot be shown" not in page.text


def test_the_page_of_a_run_and_an_export_lead_there(board, tmp_path):
    page = pages(board, lambda pages: pages.run(1))
    assert [link["href"] for link in page.all("a") if "lessons" in link["href"]] == [
        f"/entries/1/lessons/{number}" for number in range(STEPS)
    ]
    assert "1 of 8 right, with what their teacher was shown" in page.text
    board.export(tmp_path / "site")
    assert len(list((tmp_path / "site" / "pages").glob("lesson-*.html"))) == STEPS
    with pytest.raises(StoreError, match="entry 1 has no training problem 12"):
        pages(board, lambda pages: pages.lesson(1, STEPS))


@pytest.mark.parametrize("changes", [{"score": 1.0}, {"turns": ["I do not know."]}])
def test_a_training_attempt_that_is_scored_otherwise_here_is_refused(tmp_path, changes):
    run = write_training(write_run(tmp_path / "run", "run", labels=("pmd",), steps=1), steps=1)
    path = run / "episodes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    place = ATTEMPTS + 2 + (1 if "score" in changes else 0)  # the second problem's first attempt is right
    lines[place] |= changes
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(RefusedError, match=r"training step 0, .*/1': episodes.jsonl says 1, the verifier says 0"):
        Leaderboard(tmp_path / "board.sqlite").post(run)


def test_a_training_attempt_that_is_not_kept_whole_is_left_alone(tmp_path):
    run = write_run(tmp_path / "run", "run", labels=("pmd",), steps=1)
    write_training(run, steps=1, turns=["x" * 20_000], score=1.0)
    assert Leaderboard(tmp_path / "board.sqlite").post(run).rank == 1


def test_texts_of_training_are_mere_texts(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    run = write_run(tmp_path / "run", "run", labels=("pmd",), steps=1)
    board.post(write_training(run, steps=1, teacher=EVIL, turns=[EVIL], reason=EVIL, fingerprint=EVIL))
    page = pages(board, lambda pages: pages.lesson(1, 0))
    assert page.all("script") == page.all("img") == []
    assert page.text.count("alert(2)") > ATTEMPTS
    assert "cannot be shown" in page.text  # its data is not the data here


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"step": 0, "task_id', "episodes.jsonl line 1 is not valid JSON"),
        ('{"step": 0, "task_id": "a", "turns": 3}', "turns is not a list of texts"),
        ('{"step": 0, "task_id": "a", "turns": ["b"], "score": 2, "reason": ""}', "score is 2.0, not between 0 and 1"),
        ('{"step": 0, "task_id": "\\u0007", "turns": ["b"]}', "not a printable text"),
        ('{"step": 0, "x": "' + "y" * MAX_LINE_BYTES + '"}', "episodes.jsonl line 1 is longer than"),
    ],
)
def test_a_damaged_line_of_a_chosen_step_is_named(tmp_path, line, message):
    run = write_run(tmp_path / "run", labels=("pmd",))
    (run / "episodes.jsonl").write_text(line + "\n")
    with pytest.raises(ReportError) as error:
        read_lessons(run, Report.read(run / "report.json"))
    assert message in str(error.value)


def test_a_file_that_never_ends_is_refused_and_an_older_one_is_read(tmp_path):
    run = write_run(tmp_path / "run", labels=("pmd",))
    report = Report.read(run / "report.json")
    assert read_lessons(run, report) == ()
    (run / "episodes.jsonl").symlink_to("/dev/zero")
    with pytest.raises(ReportError, match="not a regular file"):
        read_lessons(run, report)
    (run / "episodes.jsonl").unlink()
    older = {"step": 0, "task_id": "Gone-v0/1", "turns": ["a", "b"], "score": 0.0, "reason": "no"}
    (run / "episodes.jsonl").write_text(json.dumps(older) + "\n")
    [lesson] = read_lessons(run, report)
    assert (lesson.env, lesson.fingerprint, lesson.attempts[0].turns) == ("", "", ("a", "b"))

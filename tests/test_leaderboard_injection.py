"""An attack in every text of a run folder, one at a time: refused with a reason, or stored and shown as mere text."""

import json
import shutil
import sqlite3
from contextlib import redirect_stdout
from io import StringIO

import pytest
from test_leaderboard_entry import reseal, write_run
from test_leaderboard_page import Page, write_metrics

from leaderboard import Leaderboard, LeaderboardError
from leaderboard.__main__ import main
from leaderboard.database import reading
from leaderboard.links import ServerLinks
from leaderboard.methods import Player
from leaderboard.pages import Pages
from leaderboard.reader import Filters, Reader

EVIL = "../../x'; DROP TABLE entries; --\"><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7 * 7 }}\x1b[2J"


def places(value, path=()):
    """Every text in a JSON value, and every key that a run chooses itself."""
    if isinstance(value, str):
        yield path, "value"
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if path and path[-1] in ("packages", "verifiers", "memory_counts", "seconds", "config", "suite", "kwargs"):
            yield (*path, key), "key"
        yield from places(inner, (*path, key))


def attacked(value, path, what):
    """The value with :data:`EVIL` at a place."""
    value = json.loads(json.dumps(value))
    *above, last = path
    inner = value
    for key in above:
        inner = inner[key]
    if what == "key":
        inner[EVIL] = inner.pop(last)
    else:
        inner[last] = EVIL
    return value


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    folder = write_run(tmp_path_factory.mktemp("honest") / "run", "honest", labels=("pmd",))
    write_metrics(folder)
    return folder


def check(board, folder, where):
    """Post it; then look at everything that a reader would see."""
    entry_id, reason = None, ""
    try:
        entry_id = board.post(folder).entry_id
    except LeaderboardError as error:
        reason = str(error)
    assert reason.isprintable(), where
    connection = sqlite3.connect(board.path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] >= 1
    connection.close()
    if entry_id is None:
        return False
    with reading(board.path) as connection:
        pages = Pages(Reader(connection), ServerLinks())
        key = Reader(connection).row(entry_id).board
        shown = [
            pages.home(Filters()), pages.board(key, Filters()), pages.agents(key), pages.run(entry_id),
            pages.problem(entry_id, 0), pages.compare(entry_id, entry_id), pages.curves([entry_id]),
            *_of_agent(pages, Reader(connection), entry_id),
        ]  # fmt: skip
    for html in shown:
        page = Page(html)
        assert page.all("img") == page.all("script") == [], where
        assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes), where
        for link in page.all("a"):
            assert link["href"].startswith(("/", "#")), where
            assert "//" not in link["href"], where
        assert "</script>49" not in page.text, where  # the braces were no template
    said = StringIO()
    with redirect_stdout(said):
        assert main(["show", "--db", str(board.path)]) == 0
        assert main(["verify", "--db", str(board.path)]) == 0
    assert said.getvalue().replace("\n", "").isprintable(), where
    return True


def _of_agent(pages, reader, entry_id):
    row = reader.row(entry_id)
    player = Player(row.agent, row.policy)
    return [pages.compare_agents(row.board, player, player)] if row.ranked else []


@pytest.mark.slow
def test_every_text_of_a_report(honest, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(honest)
    report = json.loads((honest / "report.json").read_text())
    stored = 0
    found = [place for place in places(report) if place[0][0] != "rows" or place[0][-1] == "label"]
    assert len(found) > 40
    for number, (path, what) in enumerate(found):
        folder = shutil.copytree(honest, tmp_path / str(number))
        (folder / "report.json").write_text(json.dumps(attacked(report, path, what)))
        stored += check(board, folder, path)
    assert stored > 5  # a processor may be called anything
    assert sorted(
        path.name for path in tmp_path.iterdir() if not path.name.isdigit() and "sqlite-" not in path.name
    ) == ["board.sqlite"]


def test_every_text_of_an_answer_and_of_the_training_log(honest, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(honest)
    lines = (honest / "evaluation.jsonl").read_text().splitlines()
    first = {**json.loads(lines[-1]), "reason": "wrong", "context": "Strategies:"}
    stored = {}
    for number, (path, what) in enumerate(places(first)):
        folder = shutil.copytree(honest, tmp_path / str(number))
        changed = [*lines[:-1], json.dumps(attacked(first, path, what))]
        (folder / "evaluation.jsonl").write_text("\n".join(changed))
        reseal(folder)
        stored[path] = check(board, folder, path)
    assert {path for path, took in stored.items() if took} == {("response",), ("reason",), ("context",)}


def test_every_text_of_the_configuration_file(honest, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(honest)
    config = json.loads((honest / "report.json").read_text())["config"]
    for number, (path, what) in enumerate(places({"config": {**config, "agent": "pmd"}})):
        folder = shutil.copytree(honest, tmp_path / str(number))
        (folder / "config.json").write_text(json.dumps(attacked({"config": config | {"agent": "pmd"}}, path, what)))
        check(board, folder, path)


def test_every_text_of_the_memory_and_of_its_layout(honest, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    folder = shutil.copytree(honest, tmp_path / "run")
    connection = sqlite3.connect(folder / "memory.sqlite")
    name = EVIL.replace('"', '""')
    connection.execute(f'CREATE TABLE "{name}" ("{name}" TEXT)')
    connection.execute("CREATE TABLE stored (level, kind, title, body, score, written_step, removed_step, id)")
    rows = [
        (level, EVIL, EVIL, EVIL, 1.0, step, None, step) for level in ("insight", "behavior", EVIL) for step in (0, 1)
    ]
    connection.executemany("INSERT INTO stored VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("CREATE VIEW items AS SELECT * FROM stored")  # a view in the table's place, as a stranger might
    connection.commit()
    connection.close()
    assert check(board, folder, "memory.sqlite")
    with reading(board.path) as connection:
        shown = Page(Pages(Reader(connection), ServerLinks()).run(1)).text
    assert shown.count("DROP TABLE entries") == 4 * 3  # kind, title and body of two insights and two behaviors


@pytest.mark.parametrize(
    "damage", ["cut off", "no database", "a gigabyte", "numbers as texts", "no step", "a directory"]
)
def test_a_memory_that_cannot_be_read_is_left_out(honest, tmp_path, damage):
    board = Leaderboard(tmp_path / "board.sqlite")
    folder = shutil.copytree(honest, tmp_path / "run")
    path = folder / "memory.sqlite"
    if damage == "a directory":
        path.mkdir()
    elif damage == "no database":
        path.write_text(EVIL * 100)
    elif damage == "a gigabyte":
        with path.open("wb") as file:
            file.truncate(2**30)
    else:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE items (level, kind, title, body, score, written_step, removed_step, id)")
        numbers = (1.0, 9e999) if damage == "no step" else (EVIL, "now")
        connection.execute("INSERT INTO items VALUES ('insight', 'x', 'y', 'z', ?, ?, NULL, 1)", numbers)
        connection.commit()
        connection.close()
        if damage == "cut off":
            path.write_bytes(path.read_bytes()[:5000])
    assert check(board, folder, damage)
    with reading(board.path) as connection:
        assert Reader(connection).learned(1) == ()


def test_of_a_memory_only_scores_that_are_numbers_are_kept(honest, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    folder = shutil.copytree(honest, tmp_path / "run")
    connection = sqlite3.connect(folder / "memory.sqlite")
    connection.execute("CREATE TABLE items (level, kind, title, body, score, written_step, removed_step, id)")
    for number, score in enumerate((0.5, 9e999, -9e999, "nan")):
        connection.execute("INSERT INTO items VALUES ('insight', 'x', ?, 'z', ?, 1, NULL, 1)", (str(number), score))
    connection.commit()
    connection.close()
    assert check(board, folder, "memory.sqlite")
    with reading(board.path) as connection:
        assert [item.title for item in Reader(connection).learned(1)] == ["0"]


def test_names_in_the_training_log(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    folder = write_run(tmp_path / "run", "run", labels=("pmd",))
    level = EVIL.removesuffix("\x1b[2J")[-50:]  # which has to be printable
    point = {"step": 0, "reward": 0.5, f"memory/{level}": 1, EVIL: 2}
    (folder / "metrics.jsonl").write_text(json.dumps(point) + "\n")
    assert check(board, folder, "metrics")

import json
import os
import subprocess
import sys
import tracemalloc
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from memory_scene import live_a_step, subject

from memory import Attempt, Memory
from memory.__main__ import main
from memory.database import Database
from memory.draft import Draft
from memory.rows import NewItem, origin, put_subject


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with Memory(folder / "memory.sqlite") as memory:
        for step in range(4):
            live_a_step(memory, step)
    return folder


def test_show_says_what_was_learned_when_and_from_which_episode(run, capsys):
    assert main(["show", str(run), "--level", "insight", "--limit", "2"]) == 0
    shown = capsys.readouterr().out
    with Memory(run / "memory.sqlite", "r") as memory:
        newest, total = memory.items("insight")[0], memory.counts().insight
    assert f"insight: 2 of {total}" in shown
    assert newest.title in shown
    assert newest.episode_ids[0] in shown
    assert main(["show", str(run / "memory.sqlite")]) == 0
    shown = capsys.readouterr().out
    assert all(level in shown for level in ("experience:", "insight:", "behavior:"))


def test_model_text_cannot_style_or_control_the_terminal(tmp_path, capsys):
    with Memory(tmp_path / "memory.sqlite") as memory:
        memory.record(subject(), [Attempt("e", "[bold]not bold[/nope] \x1b[2J\x07 end", 1.0)], 0)
    assert main(["show", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "[bold]not bold[/nope]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_search_finds_the_item_that_says_it(run, capsys):
    with Memory(run / "memory.sqlite", "r") as memory:
        wanted = memory.items("behavior")[0]
    assert main(["search", str(run), wanted.instruction, "--limit", "1"]) == 0
    shown = capsys.readouterr().out
    assert "1.000" in shown
    assert len([line for line in shown.splitlines() if line.strip()[:1].isdigit()]) == 1


def test_diff_shows_what_came_and_went(run, capsys):
    assert main(["diff", str(run), "1", "3"]) == 0
    shown = capsys.readouterr().out
    with Memory(run / "memory.sqlite", "r") as memory:
        for level in ("experience", "insight", "behavior"):
            before, after = ({item.id for item in memory.items(level, step)} for step in (1, 3))
            for what, ids in (("new", after - before), ("gone", before - after)):
                assert (f"{level}: {len(ids)} {what} from step 1 to step 3" in shown) == bool(ids)
    assert " new from step 1" in shown
    assert main(["diff", str(run), "3", "3"]) == 0
    assert "experience: the same at step 3 and step 3" in capsys.readouterr().out
    assert main(["diff", str(run), "3", "1"]) == 2
    assert "step 3 is after step 1" in capsys.readouterr().err


def test_stats_show_the_growth(run, capsys):
    assert main(["stats", str(run)]) == 0
    shown = capsys.readouterr().out
    with Memory(run / "memory.sqlite", "r") as memory:
        assert f"{memory.counts().total} items about 5 problems" in shown
        rows = [line.split() for line in shown.splitlines() if line.strip()[:1].isdigit()]
        assert [row[4] for row in rows] == [str(counts.total) for _, counts in memory.growth()]
    assert main(["stats", str(run), "--as-of", "0"]) == 0
    assert "about 3 problems" in capsys.readouterr().out


def test_export_gives_every_item_with_its_provenance(run, tmp_path, capsys):
    output = tmp_path / "items.jsonl"
    assert main(["export", str(run), "--output", str(output)]) == 0
    capsys.readouterr()
    assert main(["export", str(run)]) == 0
    assert capsys.readouterr().out == output.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    with Memory(run / "memory.sqlite", "r") as memory:
        assert len(rows) == memory.counts().total
    assert {row["level"] for row in rows} == {"experience", "insight", "behavior"}
    assert all(row["provenance"]["episode_ids"] and row["provenance"]["split"] == "train" for row in rows)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A memory with 100 attempts of 200,000 characters at 10 problems, and what was removed of them at step 5."""
    path = tmp_path_factory.mktemp("large") / "memory.sqlite"
    with closing(Database(path, "rw")) as database, database.writing() as connection:
        for number in range(100):
            about, vector = subject(number // 10), np.zeros(512, dtype=np.float32)
            put_subject(connection, about, vector, 0)
            evidence = origin([about], [f"episode-{number}"], 1.0, 0)
            item = NewItem("success", about.id, "", f"{number:08}" * 25_000, None, evidence, vector)
            draft = Draft(connection, number % 10)
            item_id = draft.add(item)
            draft.write()
            if number % 2:
                draft = Draft(connection, max(5, number % 10))
                draft.remove(item_id, "evicted")
                draft.write()
    return path


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("show --limit 2", "experience: 2 of 50, newest first"),
        ("show --limit 2 --json", '"count": 50'),
        ("show --as-of 4 --limit 2", "experience: 2 of 50, newest first"),
        ("stats", "50 items about 10 problems"),
        ("stats --as-of 4", "50 items about 10 problems"),
        ("diff 2 8 --limit 2", "experience: 30 new from step 2 to step 8"),
        ("export --output items.jsonl", "wrote 50 items to items.jsonl"),
    ],
)
def test_no_more_is_read_at_once_than_is_shown(large, command, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name, *options = command.split()
    main([name, str(large), *options])  # what is imported on the way counts for nothing
    tracemalloc.start()
    assert main([name, str(large), *options]) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said in capsys.readouterr().out
    assert most < 4e6  # bytes, where the texts of 50 items are 10 million
    if name == "export":
        lines = Path("items.jsonl").read_text("utf-8").splitlines()
        texts = [json.loads(line)["text"][:8] for line in lines]
        assert texts == [f"{ten}{step}".zfill(8) for step in (8, 6, 4, 2, 0) for ten in range(9, -1, -1)]


def printed_json(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    return json.loads(printed)


def test_show_as_json_has_the_same_items_with_their_provenance(run, capsys):
    found = printed_json(capsys, "show", str(run), "--limit", "2")
    exported = exported_items(run, capsys)
    assert list(found) == ["experience", "insight", "behavior"]
    for level, held in found.items():
        own = [item for item in exported if item["level"] == level]
        assert held == {"count": len(own), "items": own[:2]}
    assert list(printed_json(capsys, "show", str(run), "--level", "insight")) == ["insight"]
    early = printed_json(capsys, "show", str(run), "--as-of", "0")
    assert 0 < early["experience"]["count"] < found["experience"]["count"]


def exported_items(run, capsys):
    assert main(["export", str(run)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_search_as_json_is_best_first(run, capsys):
    exported = {item["id"]: item for item in exported_items(run, capsys)}
    wanted = next(item for item in exported.values() if item["level"] == "behavior")
    hits = printed_json(capsys, "search", str(run), wanted["instruction"], "--limit", "30")
    assert len(hits) == 30
    cosines = [hit.pop("similarity") for hit in hits]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines[0] > cosines[-1]
    assert wanted["id"] in [hit["id"] for hit in hits]
    assert len(printed_json(capsys, "search", str(run), "apples", "--limit", "2")) == 2
    assert hits == [exported[hit["id"]] for hit in hits]


def test_stats_as_json_are_the_numbers_of_the_table(run, capsys):
    found = printed_json(capsys, "stats", str(run))
    with Memory(run / "memory.sqlite", "r") as memory:
        counts = memory.counts()
        growth = [[step, c.experience, c.insight, c.behavior, c.total] for step, c in memory.growth()]
    assert found["file"] == str(run / "memory.sqlite")
    assert (found["items"], found["problems"]) == (counts.total, 5)
    assert [[p[k] for k in ("step", "experience", "insight", "behavior", "total")] for p in found["growth"]] == growth
    provenances = [item["provenance"] for item in exported_items(run, capsys)]
    assert found["shown"] == sum(provenance["shown"] for provenance in provenances)
    assert found["succeeded"] == sum(provenance["succeeded"] for provenance in provenances)


def test_diff_as_json_is_what_came_and_went(run, capsys):
    found = printed_json(capsys, "diff", str(run), "1", "3", "--limit", "1")
    with Memory(run / "memory.sqlite", "r") as memory:
        for level in ("experience", "insight", "behavior"):
            before, after = ({item.id for item in memory.items(level, step)} for step in (1, 3))
            for what, ids in (("new", after - before), ("gone", before - after)):
                held = found[level][what]
                assert held["count"] == len(ids)
                assert len(held["items"]) == min(len(ids), 1)
                assert {item["id"] for item in held["items"]} <= ids
    assert any(found[level]["new"]["count"] for level in found)
    nothing = {"new": {"count": 0, "items": []}, "gone": {"count": 0, "items": []}}
    assert set(map(str, printed_json(capsys, "diff", str(run), "3", "3").values())) == {str(nothing)}


@pytest.mark.parametrize("command", [["show"], ["stats"], ["export"], ["search", "--", "query"]])
def test_bad_paths_give_one_clear_line_and_code_2(tmp_path, capsys, command):
    (tmp_path / "text.sqlite").write_text("not a database " * 100)
    for bad, complaint in (
        ("", "no memory.sqlite"),
        ("missing", "no memory file"),
        ("text.sqlite", "cannot be opened"),
    ):
        arguments = [part if part != "--" else str(tmp_path / bad) for part in command]
        assert main(arguments if "--" in command else [*arguments, str(tmp_path / bad)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert complaint in printed.err


def test_it_runs_as_a_module(run):
    root = Path(__file__).parent.parent
    env = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "memory", "show", str(run), "--level", "behavior"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=run)
    assert done.returncode == 0
    assert "behavior_use" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        "show {} --as-of",
        "show {} --limit",
        "search {} apples --limit",
        "stats {} --as-of",
        "export {} --as-of",
        "diff {} 0",
    ],
)
@pytest.mark.parametrize("number", [2**63, 10**40, -(2**70), "9" * 5000, "few", "1.5"])
def test_numbers_that_sqlite_does_not_have_are_a_mistake_on_one_line(run, capsys, command, number):
    with pytest.raises(SystemExit) as stopped:
        main([*command.format(run).split(), str(number)])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "too large" in said or "too small" in said or "not a whole number" in said


@pytest.mark.parametrize(
    ("command", "notes"),
    [
        ("show {} --as-of 3", []),
        ("show {} --as-of 99", ["there is no step 99 yet: the last one is 3"]),
        ("stats {} --as-of -5", ["step -5 is before the first, when the memory was empty: the last one is 3"]),
        ("search {} apples --as-of 4", ["there is no step 4 yet: the last one is 3"]),
        ("diff {} 0 99 --json", ["there is no step 99 yet: the last one is 3"]),
        ("diff {} 8 9", [f"there is no step {step} yet: the last one is 3" for step in (8, 9)]),
    ],
)
def test_steps_that_the_memory_does_not_have_are_said(run, command, notes, capsys):
    assert main(command.format(run).split()) == 0
    assert capsys.readouterr().err.splitlines() == [f"memory: {note}" for note in notes]


def test_an_empty_memory_has_no_steps(tmp_path, capsys):
    Memory(tmp_path / "memory.sqlite").close()
    assert main(["show", str(tmp_path), "--as-of", "2"]) == 0
    assert capsys.readouterr().err == "memory: there is no step 2: nothing was written yet\n"


@pytest.mark.parametrize("query", ["", " \n"])
def test_an_empty_query_is_a_mistake(run, query, capsys):
    assert main(["search", str(run), query]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "memory: the query is empty: say what to look for, or list everything with show\n",
    )


@pytest.mark.parametrize("step", [-1, 2**63 - 1])
def test_a_step_may_lie_before_and_after_all_of_them(run, step, capsys):
    found = printed_json(capsys, "stats", str(run), "--as-of", str(step))
    assert (found["items"] > 0) == (step > 0)

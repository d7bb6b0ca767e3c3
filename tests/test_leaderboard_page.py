"""The exported pages: complete, standing alone, and safe whatever a report says."""

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest
from test_leaderboard_entry import PROVENANCE, edit_report, reseal, set_in, write_run

from leaderboard import Leaderboard, RefusedError, ReportError, StoreError
from leaderboard.charts import Curve, draw
from leaderboard.cost import cost_of
from leaderboard.entry import Entry
from leaderboard.export import _code_version
from leaderboard.html import duration, percent, signed
from leaderboard.pages import Pages
from leaderboard.records import Report, Usage
from leaderboard.training import TrainingPoint

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Every start tag with its attributes; fails on tags that do not nest."""

    def __init__(self, html):
        super().__init__()
        self.tags, self._open, self.words = [], [], []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def write_metrics(folder, evil=""):
    points = [
        {"step": step, "reward": step / 20, "completion_tokens": 12.5, f"memory/behavior{evil}": step}
        for step in range(10)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in points))
    return folder


def export(tmp_path, **changes):
    leaderboard = Leaderboard(tmp_path / "board.sqlite")
    leaderboard.post(write_metrics(write_run(tmp_path / "run", **changes)))
    leaderboard.post(write_run(tmp_path / "other", **{"solved": 3, **changes, "run_id": "other"}))
    return leaderboard.export(tmp_path / "site")


def all_pages(index):
    return {path.name: path.read_text() for path in [index, *(index.parent / "pages").glob("*.html")]}


def the_page(index, kind):
    return Page(next(html for name, html in sorted(all_pages(index).items()) if name.startswith(kind)))


def test_every_page_stands_alone_and_links_lead_somewhere(tmp_path):
    index = export(tmp_path)
    pages = all_pages(index)
    assert len(pages) == 1 + 1 + 1 + 2 + 2 * 8 + 1  # index, board, its agents, runs, problems, comparison
    for name, html in pages.items():
        page = Page(html)
        folder = index.parent if name == "index.html" else index.parent / "pages"
        assert "http://" not in html
        assert "https://" not in html
        assert not {"iframe", "base", "img", "object"} & {tag for tag, _ in page.tags}
        assert {link["href"] for link in page.all("link")} == {"data:,"}
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for link in page.all("a"):
            target = unquote(link["href"])
            assert target[1:] in ids if target.startswith("#") else (folder / target).is_file(), (name, target)


def test_the_boards_say_what_was_checked(tmp_path):
    text = Page(export(tmp_path).read_text()).text
    assert (
        "avg@k, pass@k and the intervals (95 %) computed from them; maj@k, where a run states it, was checked" in text
    )


def test_an_export_that_is_too_large_for_a_page_each_links_only_to_what_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.pages.RUNS_OF_A_BOARD", 2)
    monkeypatch.setattr("leaderboard.export.RUNS_OF_A_BOARD", 2)
    monkeypatch.setattr("leaderboard.export.PROBLEMS_OF_A_RUN", 3)
    export(tmp_path)
    board = Leaderboard(tmp_path / "board.sqlite")
    for name, solved in (("third", 1), ("fourth", 0)):
        board.post(write_run(tmp_path / name, name, agent=name, solved=solved))
    index = board.export(tmp_path / "site")
    found, waiting = {}, [index]
    while waiting:
        path = waiting.pop()
        found[path] = Page(path.read_text())  # a dead link ends the test here
        for link in found[path].all("a"):
            target = path.parent.joinpath(unquote(link["href"])).resolve()
            assert target != path.resolve() or link.get("class") == "brand", link  # a next page is another one
            if not link["href"].startswith("#") and target not in found:
                waiting.append(target)
    assert {path.name for path in found} == set(all_pages(index))
    names = [path.name for path in found]
    assert [sum(name.startswith(kind) for name in names) for kind in ("run-", "problem-", "compare-")] == [4, 12, 1]
    run = next(page for path, page in found.items() if path.name.startswith("run-"))
    assert "Attempts at those without a link are shown by a server only" in run.text
    assert len([row for row in run.all("tr") if not row]) >= 8  # the scores of all problems


def test_tables_and_pictures_say_what_they_are(tmp_path):
    for html in all_pages(export(tmp_path)).values():
        page = Page(html)
        assert len(page.all("caption")) == len(page.all("table"))
        assert all("scope" in attributes for attributes in page.all("th"))
        for picture in page.all("svg"):
            assert picture.get("aria-label") or picture.get("aria-labelledby") or picture.get("aria-hidden")


def test_a_run_page_says_everything_that_its_folder_does(tmp_path):
    text = next(
        page.text
        for page in (Page(html) for name, html in all_pages(export(tmp_path)).items() if name.startswith("run-"))
        if "Learning curve of run-1" in page.text
    )
    for expected in ("37.5", "pmd + memory", "baseline", "pmd/GSM8K-v0", "0123abc", "behaviors", '"recall": 3',
                     "Items in memory", "1 min 1 s", "seccomp", "48 of 48 responses scored again"):  # fmt: skip
        assert expected in text


def test_the_page_of_a_run_names_its_gpu(tmp_path):
    provenance = replace(PROVENANCE, accelerator="NVIDIA <b>H100</b>")
    pages = all_pages(export(tmp_path, provenance=provenance))
    assert any("threads, NVIDIA &lt;b&gt;H100&lt;/b&gt;; " in html for html in pages.values())
    edit_report(tmp_path / "run", set_in("provenance", "accelerator", value=7))
    with pytest.raises(ReportError, match=r"provenance\.accelerator is 7"):
        Report.read(tmp_path / "run" / "report.json")


def test_what_a_solved_problem_cost(tmp_path):
    config = {"suite": {"problems": 2, "rollouts": 4}}
    points = [TrainingPoint(0, 0.5, 40.0, {}), TrainingPoint(1, 0.5, 60.0, {})]
    cost = cost_of(Entry.from_run(write_run(tmp_path / "run", config=config)), points)
    # Ten steps of 2 problems with 4 rollouts in each of 2 environments, in each of which 1.5 problems are solved.
    assert (cost.attempts, cost.tokens, cost.solved, cost.answers_only) == (160, 8000, 3.0, True)
    assert (cost.tokens_per_solved, cost.seconds_per_solved) == (8000 / 3, 61 / 3)
    nothing = cost_of(Entry.from_run(write_run(tmp_path / "nothing", "nothing", solved=0, config=config)), points)
    assert (nothing.solved, nothing.tokens_per_solved, nothing.seconds_per_solved) == (0, None, None)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"rollout": 900.0, "teacher": 1100.0}, "Tokens read and written in training about 20,000 "),
        ({}, "Tokens of answers in training (no others were counted) about 1,000 "),
    ],
)
def test_a_run_costs_the_tokens_of_all_models(parts, words, tmp_path):
    run = write_metrics(write_run(tmp_path / "run", config={"suite": {"problems": 1, "rollouts": 4}}))
    lines = (run / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) | {f"tokens/{part}": n for part, n in parts.items()} for line in lines]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    leaderboard = Leaderboard(tmp_path / "board.sqlite")
    leaderboard.post(run)
    assert words in the_page(leaderboard.export(tmp_path / "site"), "run-").text


@pytest.mark.parametrize(
    ("usage", "shown", "hidden"),
    [
        (
            Usage(12_345, 600),
            ("Prompt tokens 12,345", "Completion tokens 600", "about 4,315 tokens of prompts and answers"),
            "not told",
        ),
        (Usage(12_345, None), ("Prompt tokens 12,345", "Completion tokens not told by the server"), "and answers"),
        (None, (), "Prompt tokens"),
    ],
)
def test_the_page_of_a_served_policy_has_the_tokens_that_its_server_counted(tmp_path, usage, shown, hidden):
    pages = (Page(html).text for name, html in all_pages(export(tmp_path, usage=usage)).items() if name[:4] == "run-")
    text = next(text for text in pages if "Learning curve of run-1" in text)
    for expected in shown:
        assert expected in text
    assert hidden not in text


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": -1, "completion_tokens": 1}, {"prompt_tokens": 1}, {"prompt_tokens": "<b>"}, [7], 7]
)
def test_tokens_of_another_form_are_refused(tmp_path, usage):
    run = write_run(tmp_path / "run")
    edit_report(run, set_in("usage", value=usage))
    with pytest.raises(ReportError, match="usage"):
        Report.read(run / "report.json")
    edit_report(run, lambda report: report.pop("usage"))  # as before they were counted
    assert Report.read(run / "report.json").usage is None


def test_a_problem_page_shows_steps_with_their_verdicts(tmp_path):
    page = the_page(export(tmp_path), "problem-")
    assert {"right", "not checked"} <= {tag.get("aria-label") for tag in page.all("span")}
    assert "I, run-1, do not know." in page.text or "I, other, do not know." in page.text


def test_the_context_that_was_recorded_is_shown(tmp_path):
    folder = write_run(tmp_path / "a")
    lines = (folder / "evaluation.jsonl").read_text().splitlines()
    lines = [json.dumps({**json.loads(line), "context": f"{EVIL} hint", "reason": "because"}) for line in lines]
    (folder / "evaluation.jsonl").write_text("\n".join(lines))
    reseal(folder)
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(folder)
    page = the_page(board.export(tmp_path / "site"), "problem-")
    assert f"{EVIL} hint" in page.text
    assert page.all("script") == []


def test_the_policy_of_a_page_allows_exactly_what_it_has(tmp_path):
    for name, html in all_pages(export(tmp_path)).items():
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
        [policy] = [meta["content"] for meta in Page(html).all("meta") if "http-equiv" in meta]
        assert f"style-src 'sha256-{digest(style)}';" in policy
        assert policy.startswith("default-src 'none'; img-src data:; ")
        assert policy.endswith("base-uri 'none'; form-action 'none'")
        scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        assert len(scripts) == (name == "index.html")
        assert all(f"script-src 'sha256-{digest(script)}';" in policy for script in scripts)
        assert "style=" not in html


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_text_of_a_report_is_never_markup(tmp_path):
    index = export(
        tmp_path,
        run_id=EVIL,
        agent=EVIL,
        policy=EVIL,
        suite=EVIL,
        labels=(EVIL, EVIL + "memory"),
        config={EVIL: EVIL, "surrogate": "\ud800", "suite": {"steps": EVIL}},
        memory_counts={EVIL: 1},
        seconds={EVIL: 1.0},
    )
    pages = all_pages(index)
    for name, html in pages.items():
        page = Page(html)
        assert len(page.all("script")) == (name == "index.html")
        assert page.all("img") == []
        assert not any(attribute.startswith("on") for _, attributes in page.tags for attribute in attributes)
    assert EVIL in the_page(index, "run-").text
    assert EVIL in the_page(index, "board-").text


def test_an_export_that_cannot_be_written_says_where(tmp_path):
    export(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot write .*file/index.html"):
        Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "file")


def test_a_second_export_keeps_what_cannot_have_changed_and_removes_what_is_gone(tmp_path):
    index = export(tmp_path)
    problem = next((index.parent / "pages").glob("problem-*.html"))
    before = problem.stat().st_mtime_ns
    stranger = index.parent / "pages" / "notes.html"
    stranger.write_text("mine")
    gone = index.parent / "pages" / "run-0123456789ab.html"
    gone.write_text("an entry that is no longer shown")
    Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "site")
    assert problem.stat().st_mtime_ns == before
    assert stranger.exists()
    assert not gone.exists()
    (index.parent / "pages" / ".made-by").write_text("another version")
    Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "site")
    assert problem.stat().st_mtime_ns != before


def test_a_page_whose_problem_could_not_be_shown_is_made_again(tmp_path, monkeypatch):
    def missing(env_id, kwargs):
        raise RefusedError("no data")

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("leaderboard.attempts._env", missing)
        index = export(tmp_path)
    assert "The problem cannot be shown: no data" in the_page(index, "problem-").text
    Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "site")
    assert "cannot be shown" not in "".join(all_pages(index).values())


def test_an_edit_of_our_code_makes_all_pages_anew(tmp_path, monkeypatch):
    index = export(tmp_path)
    problem = next((index.parent / "pages").glob("problem-*.html"))
    problem.write_text("by older code")
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path.name == "comparison.py"))
    _code_version.cache_clear()
    Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "site")
    _code_version.cache_clear()
    assert "older" not in problem.read_text()


def test_an_export_waits_for_another_one_and_then_knows_more_than_it(tmp_path):
    index = export(tmp_path)
    board = Leaderboard(tmp_path / "board.sqlite")
    under_way = os.open(index.parent / "pages", os.O_RDONLY)
    fcntl.flock(under_way, fcntl.LOCK_EX)
    waiting = Thread(target=board.export, args=(tmp_path / "site",))
    waiting.start()
    waiting.join(1)
    assert waiting.is_alive()
    board.post(write_run(tmp_path / "newer", "newer", solved=4))
    os.close(under_way)
    waiting.join()
    assert "newer" in Page(index.read_text()).text


def test_an_export_that_was_killed_leaves_nothing_behind(tmp_path, monkeypatch):
    index = export(tmp_path)
    board = Leaderboard(tmp_path / "board.sqlite")
    pages = index.parent / "pages"
    kept = next(pages.glob("problem-*.html"))
    known = set(index.parent.rglob("*"))
    (index.parent / ".index.html.1234").touch()
    (pages / f".{kept.name}.1234").touch()
    (pages / ".made-by").write_bytes(b"\xff")
    board.export(index.parent)
    assert set(index.parent.rglob("*")) == known
    with monkeypatch.context() as patch:  # other code, which is killed after the first pages
        patch.setattr("leaderboard.export._code_version", lambda: "other")
        patch.setattr(Pages, "run", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            board.export(index.parent)
    kept.write_text("of other code")
    board.export(index.parent)
    assert "of other code" not in kept.read_text()


def test_a_filter_finds_boards_by_runs_that_are_not_among_their_best(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.pages.RUNS_OF_A_BOARD", 1)
    policies = sorted(["big", EVIL])
    board = Leaderboard(tmp_path / "board.sqlite")
    for number, policy in enumerate(policies):
        board.post(write_run(tmp_path / str(number), str(number), policy=policy, solved=3 - number))
    html = board.export(tmp_path / "site").read_text()
    [section] = [tag for tag in Page(html).all("section") if tag["class"] == "board"]
    assert json.loads(section["data-policies"]) == policies
    assert {row["data-policy"] for row in Page(html).all("tr") if "data-policy" in row} == {policies[0]}
    if node := shutil.which("node"):
        asked = [*policies, "other", ""]
        done = subprocess.run(
            [node, "-e", FILTERED], input=json.dumps([section, html, asked]), capture_output=True, text=True, check=True
        )
        assert done.stdout.split("\n") == ["1 board", "1 board", "0 boards", "1 board", ""]


FILTERED = """
const [section, html, asked] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const dataset = {policies: section["data-policies"], envs: section["data-envs"], suite: section["data-suite"]};
const board = {dataset, querySelectorAll: () => []};
const value = (text) => ({value: text});
const form = {elements: {suite: value(""), policy: value(""), env: value("")}};
form.addEventListener = (name, does) => { form[name] = does; };
const found = {};
global.document = {getElementById: (id) => id === "found" ? found : form, querySelectorAll: () => [board]};
new Function(html.match(/<script>([^]*)<\\/script>/)[1])();
for (const policy of asked) { form.elements.policy.value = policy; form.change(); console.log(found.textContent); }
"""


def test_a_picture_keeps_its_curves_inside():
    chart = draw("title", [Curve("a", [(0, 0.0), (1000, 1.0)], [(500, 0.5)])], share=True)
    numbers = [float(n) for n in re.findall(r"[\d.]+", chart.curves[0].path)]
    assert all(0 <= x <= 640 for x in numbers[::2])
    assert all(0 <= y <= 290 for y in numbers[1::2])
    assert chart.curves[0].summary == "line from 0.0 % at 0 to 100.0 % at 1000, dots 50.0 % at 500"
    alone = draw("title", [Curve("a", [(1000, 1.0), (0, 0.0)])], share=True)
    assert alone.curves[0].summary == "from 0.0 % at 0 to 100.0 % at 1000"
    assert draw("title", [Curve("a", [], [(10, 0.5)])], share=True).curves[0].summary == "50.0 % at 10"
    assert draw("title", [Curve("a", [])], share=True) is None
    assert [tick.label for tick in draw("t", [Curve("a", [(3, 5)])], share=False).y_ticks] == ["0", "2", "4", "6", "8"]


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (61, "1 min 1 s"), (3600, "1 h"), (7260, "2 h 1 min")])
def test_durations_read_like_durations(seconds, text):
    assert duration(seconds) == text


def test_shares_read_like_percent():
    assert (percent(None), percent(0.1234), percent(1)) == ("–", "12.3", "100.0")
    assert (signed(-0.05), signed(0.1)) == ("−5.0", "+10.0")

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from test_leaderboard_entry import write_run

from benchmarks.plots import Curve, learning_curve
from leaderboard import Leaderboard, StoreError
from leaderboard.page import duration, percent

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
VOID = {"meta", "img", "br"}


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


def export(tmp_path, **changes):
    folder = write_run(tmp_path / "run", **changes)
    learning_curve(Curve([1, 2, 3], [0.1, 0.2, 0.4], {"pmd": [(1, 0.1), (3, 0.5)]}), folder / "learning_curve.png")
    leaderboard = Leaderboard(tmp_path / "board.sqlite")
    leaderboard.post(folder)
    return leaderboard.export(tmp_path / "site").read_text()


def test_the_page_is_complete_and_stands_alone(tmp_path):
    html = export(tmp_path)
    page = Page(html)
    text = " ".join(" ".join(page.words).split())
    for expected in (
        "run-1",
        "37.5",
        "pmd + memory",
        "baseline",
        "pmd/GSM8K-v0",
        "0123abc",
        "behaviors",
        '"recall": 3',
    ):
        assert expected in text
    assert len(page.all("caption")) == len(page.all("table")) == 2
    assert all("scope" in attributes for attributes in page.all("th"))
    assert all(attributes["alt"] for attributes in page.all("img"))
    assert all(attributes["aria-label"] for attributes in page.all("svg"))
    assert [image["src"][:22] for image in page.all("img")] == ["data:image/png;base64,"]
    assert "http://" not in html
    assert "https://" not in html
    assert not {"script", "link", "iframe", "base", "form"} & {tag for tag, _ in page.tags}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a")} <= set(ids)


def test_the_policy_of_the_page_allows_exactly_its_own_style(tmp_path):
    html = export(tmp_path)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [meta["content"] for meta in Page(html).all("meta") if "http-equiv" in meta]
    assert policies == [
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert "style=" not in html


def test_text_of_a_report_is_never_markup(tmp_path):
    html = export(
        tmp_path,
        run_id=EVIL,
        agent=EVIL,
        policy=EVIL,
        suite=EVIL,
        labels=(EVIL, EVIL + "memory"),
        config={EVIL: EVIL, "surrogate": "\ud800"},
        memory_counts={EVIL: 1},
        seconds={EVIL: 1.0},
    )
    page = Page(html)
    assert page.all("script") == []
    assert [image["src"][:5] for image in page.all("img")] == ["data:"]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert EVIL in " ".join(page.words)


def test_an_export_that_cannot_be_written_says_where(tmp_path):
    export(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot write .*file/index.html"):
        Leaderboard(tmp_path / "board.sqlite").export(tmp_path / "file")


def test_an_export_leaves_only_the_page(tmp_path):
    export(tmp_path)
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (61, "1 min 1 s"), (3600, "1 h"), (7260, "2 h 1 min")])
def test_durations_read_like_durations(seconds, text):
    assert duration(seconds) == text


def test_a_missing_share_is_a_dash():
    assert (percent(None), percent(0.1234), percent(1)) == ("–", "12.3", "100.0")

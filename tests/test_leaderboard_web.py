"""The served pages and posting over HTTP, from the outside."""

import http.client
import json
import re
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from leaderboard_scene import TOKEN, filled, served
from test_leaderboard_entry import ENVS, edit_episode, write_run
from test_leaderboard_page import EVIL, Page

from leaderboard import Leaderboard, RefusedError
from leaderboard.__main__ import main
from leaderboard.upload import MAX_UPLOAD_BYTES, pack, send

pytest.importorskip("starlette", reason="the extra web is not installed")
pytest.importorskip("uvicorn", reason="the extra web is not installed")

FILES = ("report.json", "evaluation.jsonl", "evaluation.chain")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    board = filled(folder)
    with served(board.path) as address:
        yield address, folder, board


def ask(address, path, method="GET", body=None, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def page(site, path):
    status, headers, text = ask(site[0], path)
    assert status == 200, text
    assert headers["content-type"] == "text/html; charset=utf-8"
    return Page(text)


def test_every_page_that_is_linked_is_there(site):
    seen, waiting = set(), ["/", "/compare?entry=1&entry=2", "/curves?entry=1&entry=2"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for link in page(site, path).all("a"):
            if link["href"].startswith("/"):
                waiting.append(link["href"])
    assert {"/", "/entries/1", "/entries/3/problems/7", "/entries/1/lessons/9"} <= seen
    assert len(seen) > 3 * 8


def test_filters_work_without_a_script(site):
    assert page(site, "/").all("script") == []
    assert {row["data-policy"] for row in page(site, "/?policy=small").all("tr") if "data-policy" in row} == {"small"}
    assert "1 board" in page(site, f"/?env={ENVS[0]}").text
    assert "No board has what was asked for" in page(site, "/?suite=other").text
    assert [s["value"] for s in page(site, "/?policy=small").all("option") if "selected" in s] == ["small"]


def test_curves_are_overlaid_and_runs_compared(site):
    text = page(site, "/curves?entry=1&entry=2&entry=3").text
    assert all(f"{agent}-0 ({agent}): line from 0.0 % at 0 to" in text for agent in ("pmd", "sdpo", "rlvr"))
    text = page(site, "/compare?entry=1&entry=2").text
    assert "+25.0" in text
    assert "Solved by pmd-0 only (2)" in text


def test_the_page_of_a_run_has_what_it_remembered_and_what_it_cost(site):
    text = page(site, "/entries/1").text
    assert "Items in memory" in text
    for level in ("Insights", "Behaviors"):
        assert re.search(rf"{level} \([1-9]\d*, newest first\)", text), level
    assert "strategy, step 3" in text
    assert "before multiplying any" in text
    assert "Attempts in training 160" in text  # 10 steps of 2 problems with 4 rollouts in each of 2 environments
    assert "Time 1 min 1 s" in text
    assert "For each held-out problem solved 12 s" in text  # five of eight
    assert "Insights" not in page(site, "/entries/2").text


def test_a_run_can_be_filtered_by_all_three_at_once(site):
    for query, boards in (
        (f"suite=nano&policy=small&env={ENVS[1]}", 1),
        (f"suite=nano&policy=other&env={ENVS[1]}", 0),
        ("suite=nano&policy=small&env=pmd/Sudoku-v0", 0),
        (f"suite=other&policy=small&env={ENVS[1]}", 0),
    ):
        assert f"{boards} board" in page(site, f"/?{query}").text, query


def test_the_headers_protect_readers(site):
    for path in ("/", "/entries/99", "/nowhere"):
        _, headers, _ = ask(site[0], path)
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
        assert "script-src 'none'" in policy
        assert policy.endswith("form-action 'self'; frame-ancestors 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_another_host_name_is_not_answered(site):
    assert ask(site[0], "/", Host="evil.example")[0] == 421
    assert ask(site[0], "/", Host="localhost:1234")[0] == 200


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/entries/99", 404, "there is no entry 99"),
        ("/entries/9999999999999999999999", 404, "there is no entry"),
        (f"/entries/{'9' * 5000}", 404, "there is no entry"),
        (f"/entries/1/problems/{'9' * 5000}", 404, "entry 1 has no problem"),
        ("/entries/-1", 404, "There is no such page"),
        ("/entries/1/problems/8", 404, "entry 1 has no problem 8"),
        ("/entries/1/lessons/10", 404, "entry 1 has no training problem 10"),
        ("/entries/2/lessons/0", 404, "entry 2 has no training problem 0"),
        ("/entries/x", 404, "There is no such page"),
        ("/boards/'%20OR%201=1", 404, "there is no board"),
        ("/boards/..%2F..%2Fetc%2Fpasswd", 404, "There is no such page"),
        ("/boards/x/agents/compare?agent=pmd&policy=nano", 400, "needs two agents of one board, not 1"),
        (
            "/boards/x/agents/compare?agent=a&policy=b&agent='%20OR%201=1&policy=b",
            404,
            "there is no ranked run of agent",
        ),
        ("/compare", 400, "needs two runs of one board, not 0"),
        ("/compare?entry=1&entry=2&entry=3", 400, "needs two runs of one board, not 3"),
        ("/compare?entry=1&entry=x", 400, "not 1"),
        ("/curves?entry=77", 404, "there is no entry 77"),
        (f"/?suite={'x' * 5000}&start=-1&start=abc", 200, "No board has what was asked for"),
        ("/?policy=%3Cscript%3Ealert(1)%3C/script%3E", 200, "No board has what was asked for"),
        ("/?policy=%ed%a0%80%00", 200, "No board has what was asked for"),
    ],
)
def test_wrong_addresses_are_said_to_be_wrong(site, path, status, message):
    found, _, text = ask(site[0], path)
    made = Page(text)
    assert (found, message in made.text) == (status, True)
    assert made.all("script") == []


@pytest.fixture
def posting(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    with served(board.path) as address:
        yield address, board


def test_a_run_is_posted_shown_and_kept_for_rebuild(posting, tmp_path):
    address, board = posting
    folder = write_run(tmp_path / "run", EVIL)
    answer = send(folder, address, TOKEN)
    assert (answer.entry_id, answer.rank, answer.of, answer.already, answer.mark) == (1, 1, 1, False, "")
    assert send(folder, address, TOKEN) == replace(answer, already=True)
    status, _, text = ask(address, "/entries/1")
    assert (status, EVIL in Page(text).text, Page(text).all("script")) == (200, True, [])
    kept = tmp_path / "board-runs"
    assert len(list(kept.iterdir())) == 1
    assert board.rebuild(kept).entries == 1


def test_the_command_says_the_same_wherever_it_posts_to(posting, tmp_path, monkeypatch, capsys):
    address, _ = posting
    monkeypatch.setenv("PMD_LEADERBOARD_TOKEN", TOKEN)
    run = str(write_run(tmp_path / "run"))
    assert main(["post", run, "--to", address]) == 0
    assert capsys.readouterr().out.startswith("posted as entry 1\nrank 1 of 1 on board ")
    assert main(["post", run, "--to", address, "--json"]) == 0
    there = json.loads(capsys.readouterr().out)
    assert main(["post", run, "--db", str(tmp_path / "here.sqlite"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {**there, "already": False}


def test_what_is_not_a_run_is_refused_and_leaves_nothing(posting, tmp_path):
    address, board = posting
    forged = edit_and_return(write_run(tmp_path / "forged"))
    with pytest.raises(RefusedError, match=r"422: evaluation\.jsonl line 1 is not as the run wrote it"):
        send(forged, address, TOKEN)
    with pytest.raises(RefusedError, match="401: the token is missing or wrong"):
        send(forged, address, "a guess")
    for body, reason in (
        (b"[]", "not a JSON object"),
        (b"{", "not valid JSON"),
        (json.dumps({"../../evil": "x"}).encode(), "is not a file that is taken"),
        (json.dumps({"report.json": "{}"}).encode(), "evaluation.jsonl is missing"),
        (json.dumps(dict.fromkeys(FILES, "x")).encode(), "report.json is not valid JSON"),
        (
            json.dumps(dict.fromkeys(FILES, chr(0xD800))).encode(),
            "Unicode",
        ),
    ):
        status, _, text = ask(address, "/api/runs", "POST", body, Authorization=f"Bearer {TOKEN}")
        assert (status, reason in json.loads(text)["error"]) == (422, True)
        assert str(tmp_path) not in text
    assert board.boards() == ()
    assert list((tmp_path / "board-runs").iterdir()) == []


def edit_and_return(folder):
    edit_episode(folder, 0, response="forged", resealed=False)
    return folder


def test_a_run_cannot_take_the_place_of_another(posting, tmp_path):
    address, board = posting
    board.post(write_run(tmp_path / "mine", "mine", solved=3))
    with pytest.raises(RefusedError, match="run 'mine' with these settings is entry 1: a run in a folder of another"):
        send(write_run(tmp_path / "theirs", "mine", solved=1), address, TOKEN)
    assert board.boards()[0].standings[0].rank == 1
    assert send(write_run(tmp_path / "renamed", "theirs", solved=1), address, TOKEN).rank == 2
    assert send(write_run(tmp_path / "seeded", "mine", solved=1, labels=("x",), seed=1), address, TOKEN).of == 3


def test_a_gigabyte_is_refused_before_it_is_sent(posting):
    address, _ = posting
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    began = time.monotonic()
    connection.putrequest("POST", "/api/runs")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", str(2**30))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, f"{MAX_UPLOAD_BYTES:,}" in answer.read().decode()) == (413, True)
    connection.close()
    assert time.monotonic() - began < 2


def test_an_upload_of_unknown_length_is_cut_off_at_the_limit(posting):
    address, _ = posting
    chunks = (b"x" * 2**20 for _ in range(1024))
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    sent = 0
    with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012  which of the chunks fails is not known
        connection.request(
            "POST", "/api/runs", headers={"Authorization": f"Bearer {TOKEN}", "Transfer-Encoding": "chunked"}
        )
        for chunk in chunks:
            connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            sent += len(chunk)
    connection.close()
    assert sent < 2 * MAX_UPLOAD_BYTES


def test_posts_are_limited_in_number(posting):
    address, _ = posting
    answers = [ask(address, "/api/runs", "POST", b"", Authorization="Bearer wrong") for _ in range(12)]
    assert [status for status, _, _ in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1][1]["retry-after"]) > 0


def test_a_database_that_is_gone_or_damaged_is_said_to_be(tmp_path):
    database = tmp_path / "board.sqlite"
    with served(database) as address:
        database.unlink()
        assert_unusable(ask(address, "/"), "there is no leaderboard at board.sqlite", tmp_path)
        database.write_bytes(b"damaged" * 1000)
        assert_unusable(ask(address, "/entries/1"), "file is not a database", tmp_path)
        assert ask(address, "/nowhere")[0] == 404


def assert_unusable(answer, reason, folder):
    status, headers, text = answer
    assert (status, headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "The leaderboard cannot be read" in text
    assert reason in text
    assert str(folder) not in text


def test_without_a_token_nothing_can_be_posted(tmp_path):
    with served(tmp_path / "board.sqlite", token="") as address:
        assert ask(address, "/api/runs", "POST", b"", Authorization="Bearer ")[0] == 404
        assert "No run has been posted yet" in ask(address, "/")[2]


def test_a_server_that_is_not_there_is_said_to_be_not_there(tmp_path):
    folder = write_run(tmp_path / "run")
    with pytest.raises(RefusedError, match=r"cannot reach http://127\.0\.0\.1:1"):
        send(folder, "http://127.0.0.1:1", TOKEN)
    assert set(json.loads(pack(folder))) == set(FILES)

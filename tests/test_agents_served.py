"""Policies behind an API: a real server on the loopback that misbehaves in the ways servers do."""

import json
import os
import signal
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gymnasium
import pytest

from agents.policy import Sampling
from agents.prompts import Blocks
from agents.records import View
from agents.rollout import Rollout, roll_out
from agents.served import LARGEST_ANSWER, Limits, ServedPolicy, ServerError, Usage
from benchmarks.places import usual_folder
from pmd_envs import ReasoningVectorEnv
from pmd_envs.errors import ConfigError

QUICK = Limits(at_once=4, tries=4, wait=0.001)


def answer_of(text, finish="stop"):
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return {"choices": [{"message": {"content": text}, "finish_reason": finish}], "usage": usage}


@dataclass
class Script:
    """What the server does: ``plan`` is asked for status, headers and body of every request."""

    plan: object
    requests: list = field(default_factory=list)
    began: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    busiest: int = 0
    busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def serving(plan):
    script = Script(plan)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with script.lock:
                number = len(script.requests)
                script.requests.append((self.path, body))
                script.began.append(time.monotonic())
                script.headers.append(dict(self.headers))
                script.busy += 1
                script.busiest = max(script.busiest, script.busy)
            status, headers, answer = script.plan(number, body)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            with script.lock:
                script.busy -= 1
            if status == 0:  # hang up without a word
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def views(count):
    return [View(f"What is {i} + 1?", "End with the number.", "", "", continues=True) for i in range(count)]


def ask(policy, count=1, seed=0):
    return policy.answer(views(count), [None] * count, Sampling(max_new_tokens=9, temperature=0.5), seed)


def test_stop_texts_are_passed_on():
    with serving(lambda _, body: (200, {}, answer_of("19"))) as (url, script):
        policy = ServedPolicy.named(f"openai:tiny@{url}", QUICK)
        policy.answer(views(1), [None], Sampling(max_new_tokens=9, stop=("\n",)), 3)
    assert script.requests[0][1]["stop"] == ["\n"]


def test_answers_come_in_order_with_what_was_asked_for(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with serving(lambda _, body: (200, {}, answer_of(body["messages"][0]["content"][:30]))) as (url, script):
        policy = ServedPolicy.named(f"openai:tiny@{url}", QUICK)
        given = ask(policy, 12)
    assert [completion.text for completion in given] == [f"Problem: What is {i} + 1?\nSolve i"[:30] for i in range(12)]
    assert all(completion.finished for completion in given)
    path, body = script.requests[0]
    assert path == "/v1/chat/completions"
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0.5, 9)
    assert "stop" not in body
    assert body["messages"][0]["content"].endswith("End with the number.")
    assert len({body["seed"] for _, body in script.requests}) == 12
    assert script.busiest <= 4
    assert script.headers[0]["Authorization"] == "Bearer secret"
    assert (policy.usage.requests, policy.usage.prompt_tokens, policy.usage.completion_tokens) == (12, 84, 36)
    assert "secret" not in repr(policy)


def test_parts_of_a_group_are_asked_for_with_seeds_of_their_own(toy_id):
    env = ReasoningVectorEnv.of([lambda: gymnasium.make(toy_id, granularity="episode").unwrapped] * 2)
    tasks = [env.envs[0].unwrapped.dataset.at(0)]
    with serving(lambda _, body: (200, {}, answer_of("19"))) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", QUICK)
        for first in (0, 2):
            roll_out(env, policy, tasks, Rollout(2), first=first)
    env.close()
    assert len({body["seed"] for _, body in script.requests}) == 4


SECRET = "sk-secret-123"


@pytest.mark.parametrize("around", ["{}\r", " {}\n", "{}", "\t{} "])
def test_space_around_the_key_is_not_sent(around, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", around.format(SECRET))
    with serving(lambda *_: (200, {}, answer_of("ok"))) as (url, script):
        ask(ServedPolicy.named(f"openai:m@{url}", QUICK))
    assert script.headers[0]["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("key", [f"{SECRET}é", f"{SECRET}\rx", f"\x00{SECRET}", f"{SECRET}\x7f"])
def test_a_key_that_no_header_can_hold_is_a_mistake_and_not_shown(key, monkeypatch):
    monkeypatch.setattr("os.environ", {**os.environ, "OPENAI_API_KEY": key})
    with pytest.raises(ConfigError, match="OPENAI_API_KEY holds characters that are not printable ASCII") as error:
        ask(ServedPolicy.named("openai:m@http://127.0.0.1:9/v1", QUICK))
    assert SECRET not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, json.dumps({"error": {"message": f"no such key: {SECRET}"}}).encode()),
        (400, b"x" * 295 + SECRET.encode()),
        (503, f"not for {SECRET}".encode()),
        (200, f"what is {SECRET}?".encode()),
        (200, b"x" * 195 + SECRET.encode()),
    ],
)
def test_a_key_that_a_server_says_back_is_not_shown(status, body, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with serving(lambda *_: (status, {}, body)) as (url, _), pytest.raises(ServerError) as error:
        ask(ServedPolicy.named(f"openai:m@{url}", QUICK))
    assert SECRET[:4] not in str(error.value)


def test_a_request_that_is_no_http_is_given_up_at_once_and_not_shown(monkeypatch):
    monkeypatch.setattr("agents.served.api_key", lambda: f"{SECRET}\r")
    with serving(lambda *_: (200, {}, answer_of("ok"))) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", QUICK)
        with pytest.raises(ServerError, match="HTTP has no such request, perhaps because of OPENAI_API_KEY") as error:
            ask(policy)
        assert not script.requests
    assert policy.usage.retries == 0
    assert SECRET not in "".join(traceback.format_exception(error.value))


def test_help_and_accepted_steps_reach_the_server():
    with serving(lambda *_: (200, {}, answer_of("2", "length"))) as (url, script):
        view = View("What?", "Be brief.", "1 + 1 = 2", "", continues=True)
        blocks = Blocks(strategies=("add: slowly",))
        [given] = ServedPolicy.named(f"openai:m@{url}", QUICK).answer([view], [blocks], Sampling(), 0)
    assert not given.finished
    user, assistant = script.requests[0][1]["messages"]
    assert "- add: slowly" in user["content"]
    assert assistant == {"role": "assistant", "content": "1 + 1 = 2\n"}


@pytest.mark.parametrize("trouble", [(429, {}), (503, {}), (500, {}), (0, {})])
def test_what_passes_is_asked_again_later_and_later(trouble):
    waits = []
    with serving(lambda n, _: (200, {}, answer_of("ok")) if n == 2 else (*trouble, b"busy")) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(tries=4, wait=1))
        policy.sleep = lambda _, seconds: waits.append(seconds)
        assert [c.text for c in ask(policy)] == ["ok"]
    assert len(script.requests) == 3
    assert policy.usage.retries == 2
    assert 0.75 <= waits[0] <= 1.25
    assert 1.5 <= waits[1] <= 2.5


def test_tokens_of_a_request_that_is_sent_again_are_counted_once_and_kept(tmp_path):
    busy = {**answer_of("too late"), "error": "busy"}  # an error that says what it used
    with serving(lambda n, _: (200, {}, answer_of("ok")) if n % 2 else (503, {}, busy)) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=1, wait=0.001))
        policy.remember(tmp_path / "answers.jsonl")
        ask(policy, 3)
        assert len(script.requests) == 6
        again = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=1))
        again.remember(tmp_path / "answers.jsonl")
        ask(again, 3)
    assert policy.usage == Usage(requests=6, retries=3, prompt_tokens=21, completion_tokens=9)
    assert again.usage == Usage(requests=0, retries=0, prompt_tokens=21, completion_tokens=9)


def test_a_cut_line_is_cut_off_without_writing_the_others_again(tmp_path, monkeypatch):
    journal = tmp_path / "answers.jsonl"
    rows = [json.dumps({"key": str(n), "text": "a\u2028b", "finished": True}) + "\n" for n in range(300)]
    journal.write_text("".join(rows) + '{"key": "cut')
    monkeypatch.setattr(Path, "write_text", None)
    monkeypatch.setattr(Path, "write_bytes", None)
    ServedPolicy.named("openai:m@http://127.0.0.1:1/v1").remember(journal)
    assert journal.read_text() == "".join(rows)


@pytest.mark.parametrize(
    ("usage", "prompt", "completion"),
    [
        (None, None, None),
        ({}, None, None),
        ("7", None, None),
        ({"prompt_tokens": 7, "completion_tokens": None}, 14, None),
        ({"prompt_tokens": 7, "completion_tokens": -3}, 14, None),
        ({"prompt_tokens": True, "completion_tokens": 3}, None, 6),
        ({"prompt_tokens": 10**30, "completion_tokens": 2.5}, None, None),
    ],
)
def test_tokens_that_one_answer_does_not_tell_are_unknown(usage, prompt, completion, tmp_path):
    told = answer_of("ok")["usage"]
    with serving(lambda n, _: (200, {}, {**answer_of("ok"), "usage": usage if n else told})) as (url, _):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=1))
        policy.remember(tmp_path / "answers.jsonl")
        ask(policy, 2)
        again = ServedPolicy.named(f"openai:m@{url}")
        again.remember(tmp_path / "answers.jsonl")
    for found in (policy.usage, again.usage):
        assert (found.prompt_tokens, found.completion_tokens) == (prompt, completion)


def test_a_server_says_how_long_to_wait_within_reason():
    waits = []
    told = {0: "7", 1: "100000", 2: "Wed, 21 Oct 2026 07:28:00 GMT"}
    with serving(lambda n, _: (429, {"Retry-After": told[n]}, b"") if n in told else (200, {}, answer_of("ok"))) as (
        url,
        _,
    ):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(tries=4, wait=1, longest_wait=30))
        policy.sleep = lambda _, seconds: waits.append(seconds)
        ask(policy)
    assert waits[:2] == [7, 30]
    assert 3 <= waits[2] <= 5


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, {"error": {"message": "bad key\x1b[2J"}}, r"refused a request to 'm' with status 401: bad key \[2J"),
        (404, {"error": "no such model"}, "status 404: no such model"),
        (302, b"", "status 302"),
        (200, b"<html>", "in another form than OpenAI's: '<html>'"),
        (200, {"choices": []}, "in another form"),
        (200, {"choices": [{"message": {"content": 3}}]}, "in another form"),
        (200, b"[" * 100_000, "in another form"),
        (200, b"x" * (LARGEST_ANSWER + 1), "more than 8,000,000 bytes"),
    ],
)
def test_what_does_not_pass_is_said_at_once(status, body, message):
    with serving(lambda *_: (status, {}, body)) as (url, script):
        with pytest.raises(ServerError, match=message):
            ask(ServedPolicy.named(f"openai:m@{url}", QUICK))
        assert len(script.requests) == 1


def test_a_server_that_never_recovers_or_is_not_there_is_given_up():
    with serving(lambda *_: (503, {}, b"down")) as (url, script):
        with pytest.raises(ServerError, match="did not answer in 4 tries; the last one: status 503: down"):
            ask(ServedPolicy.named(f"openai:m@{url}", QUICK))
        assert len(script.requests) == 4
    with pytest.raises(ServerError, match="did not answer in 4 tries; the last one: ConnectError"):
        ask(ServedPolicy.named("openai:m@http://127.0.0.1:9/v1", QUICK))


@pytest.fixture
def interruptible():
    """A process that was started in the background of a script ignores interrupts, and so do those that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("interrupted", [True, False])
@pytest.mark.usefixtures("interruptible")
def test_nothing_is_sent_after_an_interrupt_or_a_fatal_error(interrupted):
    release, under_way = threading.Event(), threading.Semaphore(0)

    def plan(number, _):
        if number < 2:  # two whose answer takes long, two that are told to wait
            under_way.release()
            release.wait(20)
        elif number == 4 and not interrupted:
            under_way.acquire()
            under_way.acquire()
            return 400, {}, b"no"
        elif number == 4:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return 503, {"Retry-After": "0.3"}, b"down"

    with serving(plan) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=5, tries=9, wait=0.2))
        began = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt if interrupted else ServerError):
                ask(policy, 12)
            took, sent = time.monotonic() - began, len(script.requests)
        finally:
            release.set()
        time.sleep(1.5)
        assert took < 5
        assert len(script.requests) <= sent + 1  # one may have been about to be sent
        assert policy.usage.requests <= sent + 1


def test_what_comes_after_an_interrupt_is_written_down(tmp_path):
    def plan(number, _):
        if number:
            return 400, {}, b"no"
        time.sleep(1)
        return 200, {}, answer_of("late")

    journal = tmp_path / "answers.jsonl"
    with serving(plan) as (url, _):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=2))
        policy.remember(journal)
        with pytest.raises(ServerError, match="status 400"):
            ask(policy, 2)
        assert not journal.exists()
        until = time.monotonic() + 10
        while not journal.exists() and time.monotonic() < until:
            time.sleep(0.05)
    assert json.loads(journal.read_text())["text"] == "late"


def test_no_more_requests_start_in_a_minute_than_allowed():
    with serving(lambda *_: (200, {}, answer_of("ok"))) as (url, script):
        ask(ServedPolicy.named(f"openai:m@{url}", Limits(at_once=8, per_minute=1200)), 7)  # one in 50 ms
    assert max(script.began) - min(script.began) >= 0.05 * 6 - 0.02


def test_what_was_answered_before_a_stop_is_not_asked_again(tmp_path):
    journal = tmp_path / "answers.jsonl"
    with serving(lambda n, _: (200, {}, answer_of(f"{n} é\ud800")) if n < 3 else (400, {}, b"no")) as (url, script):
        policy = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=1))
        policy.remember(journal)
        with pytest.raises(ServerError, match="status 400"):
            ask(policy, 5)
        with journal.open("a") as file:
            file.write('{"key": "cut')  # as a killed process leaves it
        script.plan = lambda n, _: (200, {}, answer_of(f"later {n}"))
        again = ServedPolicy.named(f"openai:m@{url}", Limits(at_once=1))
        again.remember(journal)
        given = [completion.text for completion in ask(again, 5)]
        assert given[:3] == ["0 é\ud800", "1 é\ud800", "2 é\ud800"]
        assert all(text.startswith("later") for text in given[3:])
        asked = len(script.requests)
        assert [c.text for c in ask(again, 5)] == given
        assert len(script.requests) == asked
        assert [c.text for c in ask(again, 1, seed=99)] == [f"later {asked}"]  # another seed is another question


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("openai:m", "is not openai:MODEL@URL, such as openai:qwen3-8b@http"),
        ("openai:@http://x", "is not openai:MODEL@URL"),
        ("openai:m@ftp://x", "is not openai:MODEL@URL"),
        ("openai:m@http://user:password@x/v1", "holds a user, a password or a query; set OPENAI_API_KEY"),
        ("openai:m@http://x/v1?key=1", "holds a user"),
        ("openai:m@http://user:password@http://x/v1", "holds a user"),
        ("openai:@https://x", "is not openai:MODEL@URL"),
        ("openai:@cf/m@ftp://x", "is not openai:MODEL@URL"),
        ("openai:@cf/m", "is not openai:MODEL@URL"),
    ],
)
def test_a_name_of_another_form_is_a_mistake(name, message):
    with pytest.raises(ConfigError, match=message) as error:
        ServedPolicy.named(name)
    assert "user:password" not in str(error.value)


@pytest.mark.parametrize("model", ["m", "@cf/meta/llama-3.1-8b-instruct", "owner/m@main", "m@2025", "m:free"])
def test_a_models_name_may_have_an_at_sign(model, tmp_path, monkeypatch):
    policy = ServedPolicy.named(f"openai:{model}@https://x/v1/", QUICK)
    assert (policy.model, policy.url) == (model, "https://x/v1")
    monkeypatch.chdir(tmp_path)
    shown = model.rpartition("/")[2].replace("@", "-").replace(":", "-")
    assert str(usual_folder("frozen", policy.name, 0, resume=False)) == f"runs/frozen-{shown}-seed0"


def test_limits_that_make_no_sense_are_a_mistake():
    with pytest.raises(ConfigError, match="above 0"):
        Limits(per_minute=0)


def test_episodes_of_a_served_policy_are_judged_like_any_other(toy_id):
    def solve(_, body):
        numbers = [int(word) for word in body["messages"][0]["content"].replace("?", " ").split() if word.isdigit()]
        return 200, {}, answer_of(f"#### {numbers[0] + numbers[1]}")

    env = ReasoningVectorEnv.of([lambda: gymnasium.make(toy_id, granularity="episode").unwrapped] * 4)
    tasks = [env.envs[0].unwrapped.dataset.at(i) for i in range(2)]
    with serving(solve) as (url, _):
        groups = roll_out(env, ServedPolicy.named(f"openai:m@{url}", QUICK), tasks, Rollout(2))
    env.close()
    assert [[episode.verdict.score for episode in group.episodes] for group in groups] == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("texts", "marked"),
    [
        (["Hm.</think>\n4", "It might be 4. Hm", "<think>4", "4"], [False, True, False, False]),
        (["<think>Hm.</think>\n4", "It might be 4. Hm", "<think>4", "4"], [False] * 4),
        (["4", "It might be 4. Hm", "<think>4", "4"], [False] * 4),
    ],
)
def test_a_thought_that_was_cut_off_is_told_from_an_answer_where_others_close_one(texts, marked):
    """All but the last were cut off."""
    finish = dict.fromkeys(texts, "length") | {texts[-1]: "stop"}

    def plan(_, body):
        text = texts[int(body["messages"][0]["content"].split()[1])]
        return 200, {}, answer_of(text, finish[text])

    with serving(plan) as (url, _):
        views = [View(str(i), "", "", "", continues=True) for i in range(len(texts))]
        given = ServedPolicy.named(f"openai:m@{url}", QUICK).answer(views, [None] * len(texts), Sampling(), 0)
    assert [answer.text for answer in given] == [
        f"<think>\n{text}" if cut else text for text, cut in zip(texts, marked, strict=True)
    ]


def answers_in_a_turn(texts, earlier, stop=(), finish="length"):
    """What is read where so much was said earlier."""

    def plan(_, body):
        return 200, {}, answer_of(texts[int(body["messages"][0]["content"].split()[1])], finish)

    with serving(plan) as (url, _):
        views = [View(str(i), "", said, "", continues=True) for i, said in enumerate(earlier)]
        policy = ServedPolicy.named(f"openai:m@{url}", QUICK)
        return [answer.text for answer in policy.answer(views, [None] * len(texts), Sampling(stop=stop), 0)]


@pytest.mark.parametrize(
    ("turns", "marked"),
    [
        # Of each answer, which was cut off, what was said before, and it. Here one closes an earlier thought.
        ([("<think>\nHm", "4?</think>\n4"), ("<think>\nHm\n</think>\n1 + 1 = 2", "4")], [False, False]),
        ([("<think>\nHm", "4?</think>\n4"), ("1 + 1 = 2", "4")], [False, False]),
        ([("<think>\nHm", "4?</think>\n4"), ("", "4")], [False, False]),
        # And here one closes a thought that nobody opened.
        ([("", "4?</think>\n4"), ("<think>\nHm\n</think>\n1 + 1 = 2", "4")], [False, False]),
        ([("", "4?</think>\n4"), ("<think>\nHm", "4")], [False, False]),
        ([("1 + 1 = 2", "4?</think>\n4"), ("1 + 1 = 2", "4"), ("<think>\nHm", "4")], [False, True, False]),
        ([("1 + 1 = 2", "4?</think>\n4"), ("", "4")], [False, True]),
    ],
)
def test_in_a_later_turn_each_answer_is_read_after_what_was_said_before_it(turns, marked):
    earlier, texts = zip(*turns, strict=True)
    assert answers_in_a_turn(texts, earlier) == [
        f"<think>\n{text}" if cut else text for text, cut in zip(texts, marked, strict=True)
    ]


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_a_line_of_a_thought_is_none_of_an_answer_where_texts_end_what_is_said(finish):
    texts = ["Hm.</think> 4", "It might be 4.", "<think>4", "<think>Hm.</think> 4", ""]
    said = answers_in_a_turn(texts, [""] * 5, ("\n",), finish)
    assert said == ["Hm.</think> 4", "<think>\nIt might be 4.", "<think>4", "<think>Hm.</think> 4", "<think>\n"]
    assert answers_in_a_turn(texts[1:], [""] * 4, ("\n",), finish) == texts[1:]
    later = ["<think>\nHm.\n</think>\n1 + 1 = 2", "<think>\nHm."]
    assert answers_in_a_turn(["2 + 2 = 4", "so"], later, ("\n",), finish) == ["2 + 2 = 4", "so"]


def test_a_line_of_a_served_thought_is_not_judged_as_a_step(toy_id):
    def plan(_, body):
        numbers = [int(word) for word in body["messages"][0]["content"].replace("?", " ").split() if word.isdigit()]
        line = f"#### {sum(numbers[:2])}"
        return 200, {}, answer_of(line if body["seed"] % 2 else f"Hm.</think>{line}")

    env = ReasoningVectorEnv.of([lambda: gymnasium.make(toy_id, granularity="step").unwrapped] * 2)
    tasks, rollout = [env.envs[0].unwrapped.dataset.at(0)], Rollout(2, Sampling(stop=("\n",)))
    with serving(plan) as (url, _):
        [group] = roll_out(env, ServedPolicy.named(f"openai:m@{url}", QUICK), tasks, rollout)
    env.close()
    said = [[turn.completion.text[:7] for turn in episode.turns] for episode in group.episodes]
    assert sorted(len(turns) for turns in said)[0] == 1
    assert sorted(turns[0] for turns in said) == ["<think>", "Hm.</th"]

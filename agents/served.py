"""Policies that somebody else serves, behind any API of OpenAI's form: asked for answers, never trained.

``openai:MODEL@URL`` names one, ``URL`` being what ``/chat/completions`` is added to, such as
``openai:qwen3-8b@http://127.0.0.1:8000/v1``. A key is taken from the variable ``OPENAI_API_KEY``. Requests are sent
side by side; what is refused for a while (429, 5xx, a lost connection) is asked again, later and later.
Answers can be written down as they come, so that a run that is stopped does not pay for them twice.
"""

import hashlib
import json
import os
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from agents.crew import Crew
from agents.policy import Sampling
from agents.prompts import Blocks, continuation, instructed_prompt
from agents.records import Completion, View
from agents.replies import KEY, ServerError, api_key, read_reply, retry_after, said_of, with_cut_thoughts, without_key
from pmd_envs.errors import ConfigError
from pmd_envs.lines import end_of_lines

__all__ = ["PREFIX", "Limits", "ServedPolicy", "ServerError", "Usage"]
PREFIX = "openai:"
_NAME = re.compile(r"(.+?)@(https?://.*)", re.DOTALL)
"""A model and its address: the first one, since what stands before another ``@http`` is a user and a password."""
LARGEST_ANSWER = 8_000_000  # bytes
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that pass."""


@dataclass(frozen=True)
class Limits:
    """How a server is treated."""

    at_once: int = 8
    """Requests side by side."""
    per_minute: float | None = None
    """Requests started in a minute; None: as many as it takes."""
    tries: int = 6
    wait: float = 1.0
    """Seconds before the second try; every further one waits twice as long, give or take a quarter."""
    longest_wait: float = 60.0
    timeout: float = 600.0
    """Seconds for one answer."""

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.tries < 1 or (self.per_minute is not None and self.per_minute <= 0):
            raise ConfigError(
                f"requests at once ({self.at_once}) and tries ({self.tries}) are at least 1, requests per minute "
                f"({self.per_minute}) above 0"
            )


@dataclass
class Usage:
    """What was asked and answered. Of a request that is sent several times, only the answer's tokens are counted."""

    requests: int = 0
    """Sent by this process, those that were sent again included."""
    retries: int = 0
    prompt_tokens: int | None = 0
    """Of all answers, also those that are in the journal from earlier processes; None once an answer came without."""
    completion_tokens: int | None = 0

    def count(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """Add what the server says of one answer."""
        self.prompt_tokens = _sum(self.prompt_tokens, prompt_tokens)
        self.completion_tokens = _sum(self.completion_tokens, completion_tokens)


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


@dataclass
class ServedPolicy:
    """A model behind an address."""

    name: str
    model: str
    url: str
    limits: Limits = field(default_factory=Limits)
    journal: Path | None = None
    """Where answers are written down; those that are there already are not asked for again."""
    usage: Usage = field(default_factory=Usage)
    sleep: Callable[[threading.Event, float], object] = threading.Event.wait
    """Waits so many seconds, or until nothing is wanted any more."""
    _known: dict[str, Completion] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0

    @classmethod
    def named(cls, name: str, limits: Limits | None = None) -> "ServedPolicy":
        """The policy that ``openai:MODEL@URL`` names; a model's name may have ``@`` in it.

        Raises:
            ConfigError: The name has another form, or holds a password.
        """
        said = _NAME.fullmatch(name.removeprefix(PREFIX))
        example = "openai:qwen3-8b@http://127.0.0.1:8000/v1"
        if said is None:
            raise ConfigError(f"policy {name!r} is not openai:MODEL@URL, such as {example}")
        model, url = said.groups()
        try:
            address = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise ConfigError(f"policy {name!r}: {url!r} is no address: {error}") from error
        if address.userinfo or address.query or not address.host:
            raise ConfigError(f"policy of {address.host!r}: the address holds a user, a password or a query; set {KEY}")
        return cls(name, model, url.rstrip("/"), limits or Limits())

    def remember(self, journal: Path) -> None:
        """Write answers to ``journal`` from now on, and use those that it holds."""
        self.journal = journal
        if journal.exists():
            with journal.open("r+b") as file:  # cut where it is: a copy might not be written to its end either
                file.truncate(end_of_lines(file, file.seek(0, os.SEEK_END)))
        for line in journal.read_bytes().splitlines() if journal.exists() else ():
            row = json.loads(line)
            self._known[row["key"]] = Completion(row["text"], (), (), row["finished"])
            self.usage.count(row.get("prompt_tokens"), row.get("completion_tokens"))

    def answer(
        self,
        views: Sequence[View],
        helps: Sequence[Blocks | None],
        sampling: Sampling,
        seed: int,
        advance: Callable[[int], None] | None = None,
        rows: Sequence[int] | None = None,
    ) -> list[Completion]:
        """One completion for each view, in order. Tokens and their probabilities are not known.

        Args:
            views: What is asked.
            helps: What stands beside each.
            sampling: Length, temperature and stop texts.
            seed: That of row 0.
            advance: Told when an answer is there.
            rows: As :func:`agents.sampling.generate` takes them.

        Raises:
            ConfigError: The key holds what no header can.
            ServerError: The server refused a request, or did not answer in spite of all tries.
        """
        requests = [
            self._request(view, blocks, sampling, seed + number)
            for number, view, blocks in zip(range(len(views)) if rows is None else rows, views, helps, strict=True)
        ]
        if not requests:
            return []
        done: list[Completion | None] = [None] * len(requests)
        client = httpx2.Client(timeout=self.limits.timeout, headers=_headers(), follow_redirects=False)
        stop = threading.Event()
        try:
            crew = Crew(
                lambda number: self._complete(client, requests[number], stop),
                len(requests),
                self.limits.at_once,
                stop,
                client.close,
            )
            for number, completion in crew.results():
                done[number] = completion
                if advance is not None:
                    advance(1)
        except BaseException:
            stop.set()  # what is under way may end, and be written down, but nothing more is sent
            raise
        answers = [completion for completion in done if completion is not None]
        return with_cut_thoughts(answers, [continuation(view) for view in views], stopped=bool(sampling.stop))

    def _request(self, view: View, blocks: Blocks | None, sampling: Sampling, seed: int) -> dict[str, Any]:
        messages = [{"role": "user", "content": instructed_prompt(view, blocks)}]
        begun = continuation(view)
        if begun:
            messages.append({"role": "assistant", "content": begun})
        return {
            "model": self.model,
            "messages": messages,
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_new_tokens,
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
            "seed": seed % 2**31,
        }

    def _complete(self, client: httpx2.Client, body: dict[str, Any], stop: threading.Event) -> Completion:
        content = json.dumps(body, sort_keys=True)
        key = hashlib.sha256(f"{self.url}\n{content}".encode()).hexdigest()
        if key in self._known:
            return self._known[key]
        jitter = random.Random(f"wait/{key}")
        for number in range(1, self.limits.tries + 1):
            self._take_turn(stop)
            reason, pause = "", 0.0
            try:
                status, headers, text = _post(client, f"{self.url}/chat/completions", content)
            except httpx2.TransportError as error:
                reason = without_key(f"{type(error).__name__}: {error}".rstrip(": "))
            else:
                if status == 200:
                    return self._take(key, text)
                reason = f"status {status}: {said_of(text)}"
                if status not in AGAIN:
                    raise ServerError(f"{self.url} refused a request to {self.model!r} with {reason}")
                pause = retry_after(headers)
            if number < self.limits.tries:
                with self._lock:
                    self.usage.retries += 1
                backoff = self.limits.wait * 2 ** (number - 1) * jitter.uniform(0.75, 1.25)
                self.sleep(stop, min(max(backoff, pause), self.limits.longest_wait))
        raise ServerError(
            f"{self.url} did not answer in {self.limits.tries} tries; the last one: {reason}. "
            "The same command with --resume goes on from here"
        )

    def _take_turn(self, stop: threading.Event) -> None:
        """Wait until a request may be started.

        Raises:
            CancelledError: None may any more.
        """
        if self.limits.per_minute is not None:
            with self._lock:
                now = time.monotonic()
                turn = max(self._next, now)
                self._next = turn + 60 / self.limits.per_minute
            if turn > now:
                self.sleep(stop, turn - now)
        if stop.is_set():
            raise CancelledError
        with self._lock:
            self.usage.requests += 1

    def _take(self, key: str, text: bytes) -> Completion:
        completion, tokens = read_reply(text, self.url)
        row = {"key": key, "text": completion.text, "finished": completion.finished, **tokens}
        with self._lock:
            self.usage.count(**tokens)
            self._known[key] = completion
            if self.journal is not None:
                with self.journal.open("a") as file:
                    file.write(json.dumps(row) + "\n")
        return completion


def _headers() -> dict[str, str]:
    key = api_key()
    headers = {"Content-Type": "application/json", "User-Agent": "pmd-gym"}
    return headers | ({"Authorization": f"Bearer {key}"} if key else {})


def _post(client: httpx2.Client, url: str, content: str) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body; of a body that never ends, no more than is taken at most."""
    try:
        with client.stream("POST", url, content=content.encode()) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise ServerError(f"{url} sent more than {LARGEST_ANSWER:,} bytes in one answer")
            return response.status_code, response.headers, bytes(body)
    except httpx2.LocalProtocolError:  # its text may hold the headers, and trying again does not help
        raise ServerError(f"{url} was not asked: HTTP has no such request, perhaps because of {KEY}") from None

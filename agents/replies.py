"""What a server of OpenAI's form says, and the key it is asked with, which is in no message.

A server may say the key back, and whoever meets an error prints it into a log.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.records import Completion
from pmd_envs.errors import ConfigError, PMDError
from pmd_envs.thoughts import end_of_thought, is_thinking

KEY = "OPENAI_API_KEY"
MOST_TOKENS = 10**9
"""Counts of one answer above this are no counts."""


class ServerError(PMDError, RuntimeError):
    """A server did not answer, or not in the form it should."""


def api_key() -> str:
    """The key of the environment, or nothing.

    Raises:
        ConfigError: It holds what no header can.
    """
    key = os.environ.get(KEY, "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(f"{KEY} holds characters that are not printable ASCII; it is not shown here")
    return key


def without_key(text: str) -> str:
    """A text that may be shown."""
    key = os.environ.get(KEY, "").strip()
    return text.replace(key, f"[{KEY}]") if key else text


def read_reply(text: bytes, url: str) -> tuple[Completion, dict[str, int | None]]:
    """The answer, and its tokens as arguments of :meth:`Usage.count`."""
    try:
        answer = json.loads(text)
        choice = answer["choices"][0]
        said = choice["message"].get("content") or ""
        if not isinstance(said, str):
            raise TypeError(f"content is {said!r:.40}")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        shown = without_key(text.decode("utf-8", "replace"))[:200]
        raise ServerError(f"{url} answered in another form than OpenAI's: {shown!r}") from error
    usage = answer.get("usage")
    said_of = usage if isinstance(usage, dict) else {}
    tokens = {name: _tokens(said_of.get(name)) for name in ("prompt_tokens", "completion_tokens")}
    return Completion(said.strip("\n"), (), (), choice.get("finish_reason") == "stop"), tokens


def with_cut_thoughts(answers: Sequence[Completion], earlier: Sequence[str], *, stopped: bool) -> list[Completion]:
    """The answers to requests of one kind, with a tag before thoughts that were cut off before they closed.

    A server that does not keep thoughts apart sends them without the tag that its chat template opens them with. Where
    one answer closes a thought that nobody opened, that is so, and an answer that was cut off is the beginning of a
    thought if neither it nor what was said before it has a tag.

    Args:
        answers: As they came.
        earlier: What each of them goes on with.
        stopped: Whether texts were sent that end an answer: one that was cut off there has finished, says the server.
    """
    beginnings = [_has_no_tag(said) for said in earlier]
    if not any(begins and _closes_more(answer.text) for begins, answer in zip(beginnings, answers, strict=True)):
        return list(answers)
    return [
        replace(answer, text=f"<think>\n{answer.text}")
        if begins and (stopped or not answer.finished) and _has_no_tag(answer.text)
        else answer
        for begins, answer in zip(beginnings, answers, strict=True)
    ]


def _has_no_tag(text: str) -> bool:
    """Whether no thought begins or ends in a text, so that it stands in one where one was open before."""
    return is_thinking(text, True) and not is_thinking(text, False)


def _closes_more(text: str) -> bool:
    """Whether the first tag of a thought is a closing one."""
    end = end_of_thought(text)
    return end > 0 and not is_thinking(text[: end - 1], False)


def _tokens(said: object) -> int | None:
    """A number of tokens, if it is one."""
    if not isinstance(said, int) or isinstance(said, bool):
        return None
    return said if 0 <= said <= MOST_TOKENS else None


def said_of(text: bytes) -> str:
    """What a server says of its error, on one line."""
    try:
        found = json.loads(text)["error"]
        message = found["message"] if isinstance(found, dict) else found
    except (ValueError, KeyError, TypeError, RecursionError):
        message = text.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in without_key(str(message)))[:300]


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to wait; dates, which some send, are left to our own waiting."""
    said = headers.get("retry-after", "")
    try:
        return max(float(said), 0.0)
    except ValueError:
        return 0.0

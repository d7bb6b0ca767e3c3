"""Reading a whole answer: where it is in a response, and which kind it gives each person.

Strict on purpose: every person exactly once, nothing contradictory, nothing extra. A grader that looks for
the right words somewhere gives full marks to whoever calls everybody both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer

MAX_ANSWER = 512
_TAIL = 20_000
"""Only this much of the end of a response is searched for an answer."""

_FIRST_ITEM = re.compile(r"^[ \t]*\(?1[.)]", re.MULTILINE)
_MARK = re.compile(r"####|\\boxed\s*\{|</answer>", re.IGNORECASE)
_PHRASE = re.compile(r"\bthe (?:final )?answer is\b[\s:]*", re.IGNORECASE)

_ITEM = re.compile(
    r"(?:\(?\d{1,2}[.)]\s*|[-•*]\s*)?(?P<name>[^\W\d_][\w'’]*)\s*(?::|=|\bis\b)\s*(?:an?\s+)?(?P<kind>knight|knave)\b",
    re.IGNORECASE,
)
_REASON = re.compile(r"\b(?:because|since|as|so|for|which|if)\b", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!])\s+")
_SEPARATOR = re.compile(r"[\s,;.]*(?:\band\b\s*)?", re.IGNORECASE)
_DECORATION = re.compile(r"\*\*|__|\$|\\(?:text|textbf|mathrm)\b|[{}]|\\[,; ]|~")


@dataclass(frozen=True)
class Answer:
    """Everybody's kind, or what is wrong with the answer."""

    knights: tuple[bool, ...] = ()
    problem: str = ""


def states_answer(text: str) -> bool:
    """Whether a step says that it is the answer: by a mark, or by words with somebody's kind after them.

    "Let us see what the answer is" announces one, and leaves what comes to be said.
    """
    said = (text[phrase.end() : phrase.end() + MAX_ANSWER] for phrase in _PHRASE.finditer(text))
    return _MARK.search(text) is not None or any(_ITEM.match(_DECORATION.sub("", rest).lstrip()) for rest in said)


def read_answer(response: str, names: Sequence[str]) -> Answer:
    """The answer of a whole response."""
    return parse_assignment(find_answer(response), names)


def find_answer(response: str) -> str:
    """The part of a response that is its answer; empty if there is none.

    Several marked answers come back together, and then somebody is given a kind twice: hedging does not pay.
    """
    text = spoken(response)[-_TAIL:]
    marked = extract_answer(text)
    if marked is not None:
        return _with_next_lines(text, marked)
    if states_answer(text):
        rest = text.rpartition("####")[2]
        return rest if len(rest) > MAX_ANSWER else ""  # a mark without an answer, or with a whole book
    items = list(_FIRST_ITEM.finditer(text))
    if items:
        return text[items[-1].start() :]
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _with_next_lines(text: str, marked: str) -> str:
    """A marked answer may list one person a line or a sentence: then those after the first one belong to it.

    Behind an empty line, and where they give a reason, they are an explanation if they say anything else.
    """
    rest = text.rpartition(marked)[2] if marked and marked in text else ""
    same_line, *lines = rest.strip("* \t\r").split("\n")
    more = list(takewhile(kinds_in, _SENTENCES.split(same_line.lstrip(".! *\t"))))
    close = True
    for line in lines:
        clean = _DECORATION.sub("", line).strip()
        hedged = close and _ITEM.match(clean) and not _REASON.search(clean)
        if clean and not (kinds_in(clean) or hedged):
            break
        more += [line] if clean else []
        close = close and bool(clean)
    said_again = {kind for line in more for kind in kinds_in(line) or ("",)} <= set(kinds_in(marked))
    return marked if said_again else "\n".join([marked, *more])


def kinds_in(text: str) -> tuple[str, ...]:
    """Who is what, by a text that says nothing else."""
    clean = _DECORATION.sub("", text).strip(" \t\r.!,;")
    found: list[str] = []
    position = 0
    while position >= 0 and (item := _ITEM.match(clean, position)) is not None:
        found.append(f"{item['name']} {item['kind']}".casefold())
        if item.end() == len(clean):
            return tuple(found)
        position = _next_item(clean, item.end())
    return ()


def parse_assignment(text: str, names: Sequence[str]) -> Answer:
    """Read ``Ann: knave, Bo: knight`` and its like; ``names`` says who must be in it."""
    if not text.strip():
        return Answer(problem="no answer is given")
    if len(text) > MAX_ANSWER:
        return Answer(problem="the answer is too long")
    clean = _DECORATION.sub("", text).strip()
    people = {name.casefold(): index for index, name in enumerate(names)}
    found: dict[int, bool] = {}
    position = 0
    while position < len(clean):
        item = _ITEM.match(clean, position)
        problem = _problem(item, clean[position:], people, found)
        if problem or item is None:
            return Answer(problem=problem)
        found[people[item["name"].casefold()]] = item["kind"].casefold() == "knight"
        position = _next_item(clean, item.end())
        if position < 0:
            return Answer(problem=_not_plain(clean[item.start() :]))
    missing = [name for index, name in enumerate(names) if index not in found]
    if missing:
        return Answer(problem=f"no kind is given for {missing[0]}")
    return Answer(tuple(found[index] for index in range(len(names))))


def _next_item(text: str, end: int) -> int:
    """Where the next item starts; -1 if what stands between is not a separator."""
    separator = _SEPARATOR.match(text, end)
    after = separator.end() if separator else end
    return -1 if after == end and end < len(text) else after


def _problem(item: "re.Match[str] | None", rest: str, people: Mapping[str, int], found: Mapping[int, bool]) -> str:
    if item is None:
        return _not_plain(rest)
    name = item["name"]
    person = people.get(name.casefold())
    if person is None:
        return f"{name[:20]} is not one of the people"
    if person in found:
        return f"{name} is given a kind twice"
    return ""


def _not_plain(rest: str) -> str:
    shown = " ".join(rest[:60].split())
    return f"the answer should only give each person's kind once, not say {shown[:40]!r:.60}"

"""What a step claims, and what it supposes first.

    Suppose Ann is a knight. Then what Ann says is true, so Bo is a knave.

What stands behind the last "so" is the claim. A supposition that begins the step is read, and the claim is judged under
it. People have more ways to suppose something than can be read, such as "Case 1:" or "let": where a word of theirs
stands before the claim, it may hold under a condition, and is not called wrong.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pmd_envs.logic.formulas import Formula, Implies, Not
from pmd_envs.logic.solver import entails

MAX_STEP = 1_000

_CONCLUSION = re.compile(
    r"(?<!\bsay )(?<!\bsays )(?<!\bsaid )(?<!\bclaim )(?<!\bclaims )(?<!\bclaimed )(?<!\bnot )\bso\b"
    r"|\b(?:therefore|hence|thus)\b",
    re.IGNORECASE,
)
"""Not "Bo says so", after which comes what he says."""
_REASON = re.compile(r",?\s+(?:because|since)\b", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?:(?:step\s+)?\(?\d{1,2}[.):]|[-*•])\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:(?:we\s+(?:know|see|get|find|conclude)|it\s+follows|(?:this|that|which)\s+(?:means|shows))\s+(?:that\s+)?"
    r"|(?:then|finally|also|clearly)\b,?\s+)",
    re.IGNORECASE,
)
_SUPPOSING = re.compile(
    r"(?:(?:now|first|next|but|and|otherwise|similarly|likewise|conversely),?\s+)?"
    r"(?:if|(?:let\s+us\s+|let['’]s\s+|we\s+)?(?:suppose|assume)|supposing|assuming)"
    r"(?:,?\s+for\s+(?:the\s+sake\s+of\s+)?(?:an?\s+)?(?:contradiction|argument),?)?\s+(?:that\s+)?",
    re.IGNORECASE,
)
_AFTER_CONDITION = re.compile(r"[,;:.]|\bthen\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[;:.]\s")
_CLAUSE = re.compile(r"[,;:.]|\b(?:then|and|but|yet)\b", re.IGNORECASE)
_TURN = re.compile(
    r"\b(?:if|unless|suppos\w*|assum\w*|let|when|whenever|consider|given|in\s+case|but|however|yet|actually|instead"
    r"|otherwise|in\s+fact)\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:and|or|also)\b", re.IGNORECASE)
_REFUTED = re.compile(
    r"(?<!\bno )\bcontradiction(?=\s*(?:$|(?:with|to|since|because|as)\b))"
    r"|\b(?:which|that|this|it)\s+contradicts\b(?!\s+no)|\bcontradicting\b|\bimpossible\b(?!\s+(?:that|for|to)\b)|\babsurd\b|\binconsistent\b"
    r"|\b(?:cannot|can['’]t|can\s+not)\s+be\b(?!\s+(?!(?:right|true|so|the\s+case)\b)\w)"
    r"|\b(?:no\s+\w+|nothing)\s+(?:fits|works)\b",
    re.IGNORECASE,
)
_PERHAPS_REFUTED = re.compile(r"(?<!\bno )\bcontradict\w*\b(?!\s+no)", re.IGNORECASE)
"""Also said of what people state: "then Bo contradicts Ann"."""
_SECOND = re.compile(
    r"\b(?:if|suppos\w*|assum\w*|let|lets|when|whenever|consider\w*|otherwise)\b"
    r"|(?<!\bno )(?<!\bbe the )(?<!\bis the )(?<!\bnot the )\bcases?\b",
    re.IGNORECASE,
)
_PERHAPS_SUPPOSED = re.compile(
    rf"{_SECOND.pattern}|(?:^|[,;:.]|\b(?:now|we|us|['’]s|can|could))\s*say\b|\bby\s+way\s+of\b|\bsake\s+of\b"
    r"|\b(?:for|by|towards?|seek\w*)\s+(?:an?\s+|the\s+)?contra(?:diction|ry|position)\b|\breductio\b"
    r"|\b(?:unless|else|try|tries|trying|imagin\w*|pretend\w*|hypothe\w*|were|had|would|with|given|provid\w*|granted"
    r"|granting|tak(?:e|ing)|test\w*|guess\w*|perhaps|maybe|scenario|option|branch|in\s+the\s+event|as\s+long\s+as)\b"
    r"|\b(?:one|other|first|second|third)\s+possibility\b|\bpossibility\s*(?:\d|:)",
    re.IGNORECASE,
)
"""What may begin a supposition somewhere in a step."""
_CASE = re.compile(
    r"(?:now,?\s+)?(?:in\s+)?(?:the\s+)?(?:(?:first|second|third|last|other)\s+)?(?:case|option|scenario|possibility)"
    r"\s*(?:\d{1,2}|[a-d]|one|two|three|four)?\s*[:.,)]\s*(?:(?:if|suppose|assume)\s+)?(?:that\s+)?",
    re.IGNORECASE,
)
_LET = re.compile(r"(?:now,?\s+)?let\s+(\w{1,30})\s+be\s+([^,;:.]{1,200})", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:says|said|claim(?:s|ed)|state[sd])\b[^,;:.]*?(?=[,;:.]|\b(?:and|but)\b|$)", re.IGNORECASE)
"""What somebody says to be so, in which an "if" supposes nothing."""


def claim_of(step: str) -> str:
    """What a step claims: the words after its last "so" without a reason behind them; empty if it is too long."""
    if len(step) > MAX_STEP:
        return ""
    text = parts_of(unlabelled(step))[-1].strip(" ,:")
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    reason = _REASON.search(text, 1) if text else None
    text = text[: reason.start()] if reason else text
    return " ".join(text.strip(" ,.!").split())


@dataclass(frozen=True)
class Supposition:
    """What a step supposes before it draws a conclusion."""

    condition: str
    stated: tuple[str, ...]
    """What is said between the condition and the conclusion, clause by clause."""
    plain: bool
    """Whether nothing is joined to the condition."""
    clear: bool
    """Whether the conclusion is meant under the condition. An "if" may begin a rule that is used, and a contradiction
    in the middle may have ended the supposition."""
    perhaps_refuted: bool
    """Whether a contradiction at the end may have done so, or else was only a part of the reason."""

    def judged(
        self, ask: Callable[[Formula], bool | None], read: Callable[[str], Formula | None], claim: Formula
    ) -> bool | None:
        """The verdict on a conclusion under a condition, which is None where it cannot be read.

        It is right if it follows, or if the condition implies it, and wrong if the condition holds and the conclusion
        does not. Where the condition is denied, before the conclusion is drawn or by it, it is not meant under it.

        Args:
            ask: Whether the problem implies a formula; False where it implies its denial.
            read: What a text says, None where it cannot be read.
            claim: The conclusion.
        """
        alone, condition = ask(claim), read(self.condition)
        if alone is True or condition is None:
            return alone or None
        if entails([condition], Not(claim)):
            return alone
        under = None if condition == claim else ask(Implies(condition, claim))
        if self.perhaps_refuted:
            return None if under is True else alone
        stated = [said for said in map(read, self.stated) if said is not None]
        if not self.clear or any(entails([condition], Not(said)) for said in stated):
            return None
        if under is False:
            return False if self.plain and all(ask(Implies(condition, said)) is True for said in stated) else None
        return under


def supposition_of(step: str) -> Supposition | None:
    """What a step supposes whose conclusion comes after a "so"; None if nothing, or if that ends in a contradiction."""
    before = _before_claim(step)
    begun = _SUPPOSING.match(before)
    if begun is None:
        return None
    said = before[begun.end() :].rstrip(" ,;:.")
    last = re.split(r"[,;:.]", said)[-1]
    if _REFUTED.search(last):
        return None
    ends = _AFTER_CONDITION.search(said)
    condition, rest = (said[: ends.start()], said[ends.end() :]) if ends else (said, "")
    more = bool(_MORE.search(rest))
    clear = not (_TURN.search(rest) or _REFUTED.search(rest) or _PERHAPS_REFUTED.search(rest))
    if "if" in begun[0].casefold().split():
        clear = clear and not more and not _SENTENCE.search(said)
    stated = tuple(" ".join(clause.split()) for clause in _CLAUSE.split(rest))
    perhaps = bool(_PERHAPS_REFUTED.search(last))
    return Supposition(" ".join(condition.split()), tuple(filter(None, stated)), clear and not more, clear, perhaps)


def may_suppose(step: str, known: Iterable[str] = ()) -> bool:
    """Whether the claim of a step that has no :func:`supposition_of` may still be meant under a condition.

    Args:
        step: What was written.
        known: What the problem says, in whose "if" nothing is supposed.
    """
    before = _before_claim(step)
    for text in sorted(known, key=len, reverse=True):  # one may be a part of another
        before = re.sub(re.escape(text), " ", before, flags=re.IGNORECASE)
    before = _REPORTED.sub(" ", before).strip(" ,")
    begun = _SUPPOSING.match(before)
    # A contradiction ended what it began with, but not what was supposed before that or beside it.
    return _SECOND.search(before, begun.end()) is not None if begun else _PERHAPS_SUPPOSED.search(before) is not None


def unless_supposed(status: bool | None, step: str, known: Iterable[str] = ()) -> bool | None:
    """A verdict on the claim of a step that has no :func:`supposition_of`: not "wrong" if it :func:`may_suppose`."""
    return None if status is False and may_suppose(step, known) else status


def may_still_hold(earlier: Iterable[str], says_something: Callable[[str], bool]) -> bool:
    """Whether something that was supposed in a step of its own may still hold after the steps behind it.

    "If Ann is a knave, then Bo is a knight." is a claim of its own; "If Ann is a knave:" is not. A contradiction ends
    what was supposed last; where nobody says so, it is not guessed that it has ended.

    Args:
        earlier: The steps so far.
        says_something: Whether a text can be read as a claim: "let us suppose we know nothing" supposes nothing.
    """
    held = 0
    for step in earlier:
        text = unlabelled(step) if len(step) <= MAX_STEP else ""
        if _REFUTED.search(text.rstrip(" .!")):
            held = max(held - 1, 0)
        elif len(parts_of(text)) == 1 and (condition := _condition_alone(text)) and says_something(condition):
            held += 1
    return held > 0


def _condition_alone(text: str) -> str:
    """What a step supposes that does nothing else; empty for others."""
    if let := _LET.match(text):
        return f"{let[1]} is {let[2]}".rstrip(" ,;:.")
    begun = _SUPPOSING.match(text) or _CASE.match(text)
    if begun is None:
        return ""
    said = text[begun.end() :]
    ends = _AFTER_CONDITION.search(said)
    rest = said[ends.end() :].strip(" .") if ends else ""
    conditional = "if" in begun[0].casefold().split() and _CASE.match(text) is None
    return "" if conditional and rest else " ".join((said[: ends.start()] if ends else said).split())


def parts_of(text: str) -> list[str]:
    """A text, cut at every "so"."""
    return _CONCLUSION.split(" ".join(text.split()))


def _before_claim(step: str) -> str:
    """What stands before the last "so"; empty without one."""
    *reasons, _ = parts_of(unlabelled(step) if len(step) <= MAX_STEP else "")
    return " so ".join(reasons)


def unlabelled(step: str) -> str:
    """A step without marks and without the number before it."""
    text = step.replace("**", "").replace("#", "").strip()
    label = _LABEL.match(text)
    return text[label.end() :] if label else text

"""Reading one reasoning step: what it claims about people, as a formula.

What stands after the last "so" is the claim, and the rest is how it was found, or, if it starts with "if" or "suppose",
under which condition. A step without it is a claim as a whole, or, if it starts so, an implication. Text that is not
understood from its first to its last word is no claim: half-read text would be judged for what it does not say.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from pmd_envs.families.suppositions import MAX_STEP, parts_of
from pmd_envs.logic.formulas import And, Formula, Iff, Implies, Not, Or, Var, joined

_REASON = re.compile(r",?\s+(?:because|since)\b", re.IGNORECASE)
_SUPPOSITION = re.compile(r"(?:if|suppose|assume|assuming)\s+(?:that\s+)?", re.IGNORECASE)
_CONSEQUENCE = re.compile(r"[,.]?\s+then\b,?\s*", re.IGNORECASE)
_CONTRADICTION = re.compile(
    r"[\s,;]*(?:and\s+|which\s+is\s+)?(?:a\s+contradiction|impossible)\s*[.!]*\s*$", re.IGNORECASE
)
_LABEL = re.compile(r"\s*(?:(?:step\s+)?\(?\d{1,2}[.):]|[-*•])\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"[\s,:]*(?:(?:we\s+(?:know|see|get|find|conclude)|it\s+follows|(?:this|that|which)\s+(?:means|shows|makes))\s+"
    r"(?:that\s+)?|(?:then|finally|also|clearly|since|because)\b,?\s+)?",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][\w'’]*"
_SINGLE = re.compile(
    rf"(?P<name>{_WORD})\s*(?::|\b(?P<verb>is|isn't|isn’t|must\s+be|cannot\s+be|can't\s+be|can’t\s+be)\b)\s*"
    r"(?P<negation>not\s+)?(?:also\s+)?(?:an?\s+)?(?P<kind>knight|knave)\b(?:\s+too\b|\s+as\s+well\b)?",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"(?P<both>both\s+)?(?P<left>{_WORD})\s+and\s+(?P<right>{_WORD})\s+(?:are|must\s+be)\s+(?:both\s+)?(?:of\s+)?(?:the\s+)?"
    r"(?P<relation>knights|knaves|same\s+(?:kind|type)|different(?:\s+(?:kinds|types))?|opposite\s+(?:kinds|types))\b",
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s*[,;.]?\s*\b(?P<word>and|but|or)\b\s*|\s*[,;.]\s*(?!$)", re.IGNORECASE)
_END = re.compile(r"[\s.!]*$")


def parse_claim(step: str, names: Sequence[str]) -> Formula | None:
    """What a step claims, or None if it makes no claim that can be read from end to end."""
    if len(step) > MAX_STEP:
        return None
    people = {name.casefold(): index for index, name in enumerate(names)}
    text = step.replace("**", "").replace("####", "").strip()
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    text = parts_of(text)[-1].strip(" ,:")
    reason = _REASON.search(text, 1)
    text = text[: reason.start()] if reason else text
    supposition = _SUPPOSITION.match(text)
    if supposition:
        return _conditional(text[supposition.end() :], people)
    return _statements(text, people)


def reader(names: Sequence[str]) -> Callable[[str], Formula | None]:
    """What reads a text that states something about these people; it gives None where it cannot from end to end."""
    people = {name.casefold(): index for index, name in enumerate(names)}
    return lambda text: _statements(text, people)


def _conditional(text: str, people: Mapping[str, int]) -> Formula | None:
    """``P then Q``, ``P, Q``, or either of them ending in "a contradiction", which denies P."""
    bare = _CONTRADICTION.sub("", text)
    parts = _CONSEQUENCE.split(bare, maxsplit=1)
    if len(parts) == 1:
        parts = bare.split(",", maxsplit=1)
    if len(parts) == 1:
        return None
    condition = _statements(parts[0], people)
    consequence = _statements(parts[1], people)
    if condition is None or consequence is None:
        return None
    return Not(condition) if bare != text else Implies(condition, consequence)


def _statements(text: str, people: Mapping[str, int]) -> Formula | None:
    """Statements joined by "and" or by "or"; a mixture of both is not readable without brackets."""
    lead = _LEAD.match(text)
    position = lead.end() if lead else 0
    formulas: list[Formula] = []
    words: set[str] = set()
    while True:
        match = _PAIR.match(text, position) or _SINGLE.match(text, position)
        formula = _formula(match, people) if match else None
        if match is None or formula is None:
            return None
        formulas.append(formula)
        if _END.match(text, match.end()):
            break
        join = _JOIN.match(text, match.end())
        if join is None:
            return None
        words.add((join["word"] or ",").casefold())
        position = join.end()
    if "or" in words:
        return joined(Or, formulas) if words <= {"or", ","} else None
    return joined(And, formulas)


def _formula(match: "re.Match[str]", people: Mapping[str, int]) -> Formula | None:
    if match.re is _PAIR:
        left, right = people.get(match["left"].casefold()), people.get(match["right"].casefold())
        if left is None or right is None:
            return None
        return _pair(match["relation"].casefold(), Var(left), Var(right))
    person = people.get(match["name"].casefold())
    if person is None:
        return None
    verb = (match["verb"] or "").casefold()
    denied = ("n't" in verb or "n’t" in verb or "cannot" in verb) != bool(match["negation"])
    is_knight = (match["kind"].casefold() == "knight") != denied
    return Var(person) if is_knight else Not(Var(person))


def _pair(relation: str, left: Formula, right: Formula) -> Formula:
    if relation.startswith("same"):
        return Iff(left, right)
    if relation.startswith(("different", "opposite")):
        return Not(Iff(left, right))
    return And(left, right) if relation == "knights" else And(Not(left), Not(right))

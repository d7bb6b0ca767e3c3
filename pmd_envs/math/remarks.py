"""What people write around an answer that changes nothing in it, and forms that only a number is written in."""

import re

from pmd_envs.math.normalise import normalise

_CHECKED = re.compile(r"(?:\s*(?:[✅✓✔☑]\ufe0f?|\\checkmark(?![A-Za-z])))+\s*[.!]?\s*\Z")
_REQUIRED = r"as\s+(?:required|desired|claimed|expected)\s*[.!]?\s*"
_AS_REQUIRED = re.compile(
    rf"(?<=\S),?\s*(?:\\text\s*\{{\s*,?\s*{_REQUIRED}\}}|(?<![A-Za-z]){_REQUIRED})\Z", re.IGNORECASE
)
_RESIDUE = re.compile(
    r"""(?:[A-Za-z]\s*(?:\\equiv|=)\s*)?(?P<value>[0-9]{1,40})\s*
    (?: \\pmod\s*(?:\{\s*(?P<group>[0-9]{1,40})\s*\}|(?P<digit>[0-9]))
      | \(\s*(?:\\[bp]?mod\b|\\(?:text|mathrm)\s*\{\s*mod\s*\}|mod\b)\s*(?P<modulus>[0-9]{1,40})\s*\) )""",
    re.VERBOSE,
)
_COMBINATIONS = re.compile(r"(?<![A-Za-z\\_])C\s*\(\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*\)")


def without_remarks(answer: str) -> str:
    """An answer without a check mark or "as required" at its end."""
    answer = _CHECKED.sub("", answer) if _CHECKED.sub("", answer).strip() else answer
    return _AS_REQUIRED.sub("", answer)


def as_number(answer: str) -> str:
    r"""An answer to what has a number as its answer: ``42 \pmod{50}`` as 42, and ``C(5, 2)`` as a binomial coefficient.

    Elsewhere the first is a class of numbers, and the second a point C or a function.
    """
    residue = _RESIDUE.fullmatch(normalise(answer))
    if residue is not None:
        modulus = residue["group"] or residue["digit"] or residue["modulus"]
        return residue["value"] if int(residue["value"]) < int(modulus) else answer
    return _COMBINATIONS.sub(_binomial, answer)


def _binomial(call: re.Match[str]) -> str:
    upper, lower = call.groups()
    return rf"\binom{{{upper}}}{{{lower}}}" if int(lower) <= int(upper) else call[0]

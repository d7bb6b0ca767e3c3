"""One claim of arithmetic that was checked, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_MAX_SHOWN = 80
_MAX_FINDING = 110


@dataclass(frozen=True)
class EquationCheck:
    """One claim ``left = right``, or an inequality, and whether it is true."""

    text: str
    """The claim as it was written."""
    ok: bool
    computed: str
    """What the side that needs computing comes to."""
    chained: bool = False
    """Whether it is a link of a chain ``a = b = c``, which says that all its parts are equal."""
    numbers: int = field(default=0, compare=False)
    """How many numbers the longer side has."""

    @property
    def reason(self) -> str:
        """The finding in words."""
        if self.ok:
            return f"{self._shown} is right"
        chain = (
            ", and a chain says that all its parts are equal"
            if self.chained and " on the left " in self.computed
            else ""
        )
        return f"{self._shown} is wrong: it is {self.computed}{chain}"

    @property
    def untold(self) -> str:
        """That it is wrong, and not what it comes to."""
        return f"{self._shown} is wrong"

    @property
    def _shown(self) -> str:
        return self.text if len(self.text) <= _MAX_SHOWN else f"{self.text[:_MAX_SHOWN]}..."


def finding(checks: Sequence[EquationCheck], wrong: EquationCheck, told: bool = True) -> str:
    """What is wrong, after what was still right just before it; with what it comes to, if that may be told."""
    reason = wrong.reason if told else wrong.untold
    place = checks.index(wrong)
    whole = f"{checks[place - 1].reason}; {reason}" if place else reason
    return whole if len(whole) <= _MAX_FINDING else reason

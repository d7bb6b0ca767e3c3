"""How long what is under way will still take, and how people say it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """How much work was done since a moment; what is left is taken to go on like that."""

    done: int
    left: int
    seconds: float
    """Since that moment."""

    @property
    def seconds_left(self) -> float | None:
        """None as long as nothing was done."""
        return self.seconds * self.left / self.done if self.done else None

    def __str__(self) -> str:
        if not self.left:
            return f"{duration(self.seconds)} so far"
        left = "not yet known" if self.seconds_left is None else f"about {duration(self.seconds_left)}"
        return f"{duration(self.seconds)} so far, time left: {left}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"

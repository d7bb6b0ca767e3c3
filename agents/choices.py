"""What the PMD paper leaves open, as knobs of their own. All of these values are ours, and none is from the paper.

``--set ours.novelty=0.8`` sets one. Where the paper contradicts itself (behaviors are rebuilt each step in its
appendix, each epoch in its equation 3) the choice is here too.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from memory import Caps

Taught = Literal["any block", "as in sdpo"]


@dataclass(frozen=True)
class Choices:
    """How PMD fills the gaps of its paper."""

    novelty: float = 0.9
    """Cosine of two texts from which the newer one, at any level, is a duplicate and not stored."""
    related: int = 15
    """Problems that are looked at together when behaviors are written: about so many a cluster of k-means."""
    behaviors_every: int = 1
    """Epochs between two rounds in which behaviors are written."""
    taught: Taught = "any block"
    """Which rollouts are distilled: all whose teacher knows anything, or only those that SDPO would distil, because a
    sibling succeeded or the environment gave feedback."""
    reflection_tokens: int = 160
    """Longest reflection the policy may write; it writes its likeliest text."""
    support: float = 0.6
    """With insights=supported: cosine from which insights about two problems say nearly the same."""
    fruitless: int = 8
    """With insights=supported: attempts after its showings, none of them right, after which an insight goes all the
    same."""

    def __post_init__(self) -> None:
        for name in ("behaviors_every", "reflection_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"ours.{name}={getattr(self, name)} is below 1")
        if self.taught not in get_args(Taught):
            raise ValueError(f"ours.taught={self.taught!r}; known: {', '.join(get_args(Taught))}")
        self.caps  # noqa: B018  checks the others

    @property
    def caps(self) -> Caps:
        """The part that the memory keeps to; how many items it holds at each level is the paper's."""
        return Caps(novelty=self.novelty, related=self.related, support=self.support, fruitless=self.fruitless)

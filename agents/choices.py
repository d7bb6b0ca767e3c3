"""What the PMD paper leaves open, as knobs of their own. All of these values are ours, and none is from the paper.

``--set ours.novelty=0.8`` sets one. Where the paper contradicts itself (behaviors are rebuilt each step in its
appendix, each epoch in its equation 3) the choice is here too.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from memory import Caps

Taught = Literal["any block", "as in sdpo"]
Solution = Literal["sibling first", "stored first"]


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
    solution: Solution = "sibling first"
    """Which correct solution is shown where a sibling of the batch and the memory both have one."""
    copies: bool = True
    """Also show a sibling's solution that is word for word the graded rollout, as SDPO's code does; of stored solutions
    none is."""
    reward_weight: float = 0.0
    """Share of the reward beside the teacher, as in SDPO's mixture (there ``reward_weight``)."""
    insights_shown: int = 3
    """Strategies, and lessons, that are shown: the newest."""
    attempts_read: int = 1
    """Right attempts, and wrong ones, at a problem that the policy reads when it reflects on it: the newest."""
    problems_read: int = 3
    """Of the problems that are looked at together, those of which it reads when it writes behaviors."""
    behaviors_read: int = 8
    """Behaviors of the bank that it reads then."""
    reflection_tokens: int = 160
    """Longest reflection the policy may write."""
    reflection_temperature: float = 0.0
    """At which it writes; at 0 its likeliest text."""
    support: float = 0.6
    """With insights=supported: cosine from which insights about two problems say nearly the same."""
    fruitless: int = 8
    """With insights=supported: attempts after its showings, none of them right, after which an insight goes all the
    same."""

    def __post_init__(self) -> None:
        for name in ("behaviors_every", "reflection_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"ours.{name}={getattr(self, name)} is below 1")
        if not 0 <= self.reward_weight <= 1:
            raise ValueError(f"ours.reward_weight={self.reward_weight} is outside 0..1")
        if self.reflection_temperature < 0:
            raise ValueError(f"ours.reflection_temperature={self.reflection_temperature} is below 0")
        for name, value, kind in (("taught", self.taught, Taught), ("solution", self.solution, Solution)):
            if value not in get_args(kind):
                raise ValueError(f"ours.{name}={value!r}; known: {', '.join(get_args(kind))}")
        self.caps  # noqa: B018  checks the others

    @property
    def caps(self) -> Caps:
        """The part that the memory keeps to; how many items it holds at each level is the paper's."""
        return Caps(
            novelty=self.novelty,
            related=self.related,
            support=self.support,
            fruitless=self.fruitless,
            attempts_read=self.attempts_read,
            problems_read=self.problems_read,
            behaviors_read=self.behaviors_read,
            insights_shown=self.insights_shown,
        )

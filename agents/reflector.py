"""The policy as its own reflector: it reads attempts and writes strategies, lessons and behaviors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from agents.lengths import room_for_prompt
from agents.policy import Policy, Sampling
from agents.prompts import RULES, Blocks, reflection_prompt, shortened
from agents.records import Group
from agents.sampling import generate
from memory import Experience, InsightMode, InsightRequest, Provenance, ReflectionRequest, Reflector, Subject
from memory.insight import filter_replies
from memory.reflection import OneKind
from memory.replies import read_insights
from pmd_envs import Task
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer

_ASKED_FOR = frozenset({"Countdown"})
"""Families whose prompts name the gold as what has to be reached."""


@dataclass(frozen=True)
class PolicyReflector:
    """Answers the memory's requests with the policy's likeliest text, or at a temperature above 0 with one it draws."""

    policy: Policy
    max_tokens: int = 160
    spent: Counter[str] = field(default_factory=Counter)
    """Where its tokens are counted, as ``reflection``."""
    shortened: list[ReflectionRequest] = field(default_factory=list)
    """Requests that the memory had, and of which the prompts had no room for all that there was to say."""
    temperature: float = 0.0
    seed: int = 0
    """Decides what is drawn."""
    _tokens: dict[ReflectionRequest, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False)
    """Prompts of the requests so far: each is fitted before it is asked."""

    def __call__(self, requests: Sequence[ReflectionRequest]) -> Sequence[str]:
        """The reply to each request without what was thought before it; the memory checks and parses it."""
        sampling = Sampling(max_new_tokens=self.max_tokens, temperature=self.temperature)
        shown = [self._prompt(request) for request in requests]
        replies = generate(self.policy, shown, sampling, self.seed)
        self.spent["reflection"] += sum(map(len, shown)) + sum(len(reply.tokens) for reply in replies)
        thought = self.policy.begun_thought
        return [spoken(thought + reply.text) for reply in replies]

    def fit(self, request: OneKind) -> OneKind:
        """What there is room for: attempts and what is known are shortened, and never the problem or the request."""
        if len(self._encoded(request)) > self._room:
            self.shortened.append(request)
        return cast(OneKind, self._fitting(request))  # shortening leaves the kind as it is

    @property
    def _room(self) -> int:
        """The tokens that a prompt may have."""
        return room_for_prompt(self.policy.model, self.policy.max_prompt_tokens, self.max_tokens)

    def _prompt(self, request: ReflectionRequest) -> tuple[int, ...]:
        """A prompt that fits. Where shortening is not enough, its beginning goes: the end says what is wanted."""
        return self._encoded(self._fitting(request))[-self._room :]

    def _fitting(self, request: ReflectionRequest) -> ReflectionRequest:
        room = self._room
        while len(self._encoded(request)) > room and (shorter := shortened(request)) is not None:
            request = shorter
        return request

    def _encoded(self, request: ReflectionRequest) -> tuple[int, ...]:
        if request not in self._tokens:
            rules = RULES if self.policy.is_told else ""
            self._tokens[request] = self.policy.encode(reflection_prompt(request) + rules)
        return self._tokens[request]


def subject_of(task: Task) -> Subject:
    """The task as the memory knows it."""
    return Subject(task.id, task.family, task.split, task.prompt, _secret(task), task.fingerprint)


def _secret(task: Task) -> str:
    """What no item may state of a task: its answer, unless the prompt asks for that.

    Countdown's gold is the target, which the prompt names; what its solution ends with is to be found.
    """
    solution = task.facts.get("solution")
    found = extract_answer(solution) if isinstance(solution, str) and task.family in _ASKED_FOR else None
    return found or task.gold


def insights_without_memory(groups: Sequence[Group], reflector: Reflector) -> list[Blocks | None]:
    """What the policy writes about each group of attempts, for probing held-out problems, which no memory may hold.

    None where the reply could not be read. What a memory would turn away is left out.
    """
    requests = [_request(group) for group in groups]
    found: list[Blocks | None] = []
    for request, reply in zip(requests, reflector(requests), strict=True):
        if read_insights(reply) is None:
            found.append(None)
            continue
        kept = [candidate.proposed for candidate in filter_replies([request], [reply])[0]]
        lines = {
            kind: tuple(f"{i.title}: {i.content}" for i in kept if i.kind == kind) for kind in ("strategy", "lesson")
        }
        found.append(Blocks(strategies=lines["strategy"], lessons=lines["lesson"]))
    return found


def _request(group: Group) -> InsightRequest:
    tried = [_experience(group.task, e.id, e.response, e.verdict.score, e.feedback) for e in group.episodes]
    successes = tuple(item for item in tried if item.success)
    failures = tuple(item for item in tried if not item.success)
    mode: InsightMode = "contrastive" if successes and failures else "strategies" if successes else "lessons"
    return InsightRequest(subject_of(group.task), mode, successes[:1], failures[:1], len(successes), len(tried))


def _experience(task: Task, episode_id: str, text: str, score: float, feedback: str) -> Experience:
    provenance = Provenance((task.id,), (task.family,), task.split, (task.fingerprint,), (episode_id,), score, 0)
    return Experience(0, task.id, episode_id, text, score, feedback, 0, None, provenance)

"""The policy as its own reflector: it reads attempts and writes strategies, lessons and behaviors."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.policy import Policy, Sampling
from agents.prompts import RULES_FOR_CHAT, reflection_prompt
from agents.sampling import generate
from memory import ReflectionRequest, Subject
from pmd_envs import Task


@dataclass(frozen=True)
class PolicyReflector:
    """Answers the memory's requests with the policy's likeliest text (temperature 0, so nothing is drawn)."""

    policy: Policy
    max_tokens: int = 160

    def __call__(self, requests: Sequence[ReflectionRequest]) -> Sequence[str]:
        """The raw reply to each request; the memory checks and parses it."""
        rules = RULES_FOR_CHAT if self.policy.chats else ""
        prompts = [self.policy.encode(reflection_prompt(request) + rules) for request in requests]
        limit = self.policy.max_prompt_tokens
        sampling = Sampling(max_new_tokens=self.max_tokens, temperature=0)
        return [c.text for c in generate(self.policy, [p[-limit:] for p in prompts], sampling, seed=0)]


def subject_of(task: Task) -> Subject:
    """The task as the memory knows it."""
    return Subject(task.id, task.family, task.split, task.prompt, task.gold, task.fingerprint)

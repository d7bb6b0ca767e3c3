"""A reflector that cheats: it reads the plan that the problem's generator knows.

It exists for one arm only, ``pmd`` with ``writer=scripted``: an upper bound on what better reflections could bring. It
is no result of any policy and is labelled so wherever it appears.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memory import BehaviorRequest, InsightRequest, ReflectionRequest
from pmd_envs import Task
from pmd_envs.errors import ConfigError


@dataclass(frozen=True)
class ScriptedReflector:
    """Answers the memory's requests with the generator's own plans."""

    tasks: Mapping[str, Task]
    """The training problems by id."""

    def __call__(self, requests: Sequence[ReflectionRequest]) -> Sequence[str]:
        """A reply to each request."""
        return [json.dumps(self._insight(r) if isinstance(r, InsightRequest) else self._behaviors(r)) for r in requests]

    def _insight(self, request: InsightRequest) -> dict[str, list[dict[str, str]]]:
        kind, plan = self._plan(request.subject.id)
        reply: dict[str, list[dict[str, str]]] = {}
        if request.mode != "lessons":
            reply["strategies"] = [{"title": kind.replace("_", " "), "content": plan}]
        if request.mode != "strategies":
            reply["lessons"] = [{"title": "missed step", "content": f"Do not guess. {plan}"}]
        return reply

    def _behaviors(self, request: BehaviorRequest) -> dict[str, list[dict[str, str]]]:
        plans = dict(self._plan(summary.subject.id) for summary in request.problems)
        known = {behavior.name for behavior in request.existing}
        fresh = [{"name": f"behavior_{kind}", "instruction": plan} for kind, plan in plans.items()]
        fresh = [item for item in fresh if item["name"] not in known]
        if not request.existing:
            return {"behaviors": fresh}
        return {"actions": [{"action": "new", **item} for item in fresh]}

    def _plan(self, task_id: str) -> tuple[str, str]:
        facts = self.tasks[task_id].facts
        if "plan" not in facts:
            raise ConfigError(f"writer='scripted' needs generated problems; {task_id} knows no plan")
        return str(facts["kind"]), str(facts["plan"])

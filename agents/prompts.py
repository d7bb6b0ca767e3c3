"""Every wording that a model reads, in one place.

A student sees the problem alone. A teacher sees the same problem followed by what it may know: strategies, lessons,
behaviors, a correct solution, feedback (order of the PMD paper, appendix A; empty blocks are dropped). The reflector's
prompts ask for JSON. ``nano`` was pretrained on exactly these wordings; other models get them with the family's
formatting instructions, chat models as a user message.
"""

from dataclasses import dataclass, replace

from agents.records import View
from memory import Behavior, Context, Experience, Insight
from memory.reflection import BehaviorRequest, InsightRequest, ReflectionRequest
from pmd_envs.thoughts import spoken

PROBLEM = "Problem: "
STRATEGIES = "Strategies:"
LESSONS = "Lessons:"
BEHAVIORS = "Behaviors:"
SOLUTION = "A correct solution:"
FEEDBACK = "Feedback on a failed attempt: "
EARLIER = "The failed attempt:"
ANSWER = "Solve it.\n"
_CUT = "[...]"
_SHORTEST = 40
"""Characters of a text that is not cut any further."""
MEMORY_PHRASES = (STRATEGIES, LESSONS, BEHAVIORS, SOLUTION, FEEDBACK.strip())
"""What must never leak into the memory-free student's own output."""


@dataclass(frozen=True)
class Blocks:
    """What a teacher is shown beside the problem, as text."""

    strategies: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    behaviors: tuple[str, ...] = ()
    solution: str = ""
    feedback: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the teacher would know no more than the student."""
        return not (self.strategies or self.lessons or self.behaviors or self.solution or self.feedback)


def blocks_of(context: Context, solution: str = "", feedback: str = "") -> Blocks:
    """The memory's context as text; ``solution`` and ``feedback`` of the current group come before stored ones."""
    stored = demonstration(context.solution.text) if context.solution else ""
    failed = (context.failure.feedback or "") if context.failure else ""
    return Blocks(
        strategies=tuple(insight_line(insight) for insight in context.strategies),
        lessons=tuple(insight_line(insight) for insight in context.lessons),
        behaviors=tuple(behavior_line(behavior) for behavior in context.behaviors),
        solution=solution or stored,
        feedback=feedback or failed,
    )


def shown_items(context: Context, blocks: Blocks) -> tuple[int, ...]:
    """Ids of the items of a context whose text is in the blocks: a sibling's solution or a placebo may stand there."""
    insights = [i.id for i in context.strategies if insight_line(i) in blocks.strategies]
    insights += [i.id for i in context.lessons if insight_line(i) in blocks.lessons]
    behaviors = [b.id for b in context.behaviors if behavior_line(b) in blocks.behaviors]
    tried = []
    if context.solution and blocks.solution and demonstration(context.solution.text) == blocks.solution:
        tried.append(context.solution.id)
    if context.failure and blocks.feedback and context.failure.feedback == blocks.feedback:
        tried.append(context.failure.id)
    return (*insights, *behaviors, *tried)


def demonstration(response: str) -> str:
    """A correct answer as a teacher is shown it: without what was thought before it, as in SDPO's code.

    Empty where the thinking never ends. A closing tag alone ends a block that the chat template had opened.
    """
    said = spoken(response)
    return response if said == response else said.strip()


def insight_line(insight: Insight) -> str:
    """One strategy or lesson as the teacher reads it."""
    return f"{insight.title}: {insight.content}"


def behavior_line(behavior: Behavior) -> str:
    """One behavior as the teacher reads it."""
    return f"{behavior.name}: {behavior.instruction}"


def render_blocks(blocks: Blocks) -> str:
    """The teacher's extra text; each block ends with a line break."""
    parts = []
    for heading, lines in (
        (STRATEGIES, [f"- {line}" for line in blocks.strategies]),
        (LESSONS, [f"- {line}" for line in blocks.lessons]),
        (BEHAVIORS, [f"{number}. {line}" for number, line in enumerate(blocks.behaviors, 1)]),
        (SOLUTION, [blocks.solution] if blocks.solution else []),
    ):
        if lines:
            parts.append(heading + "\n" + "\n".join(lines) + "\n")
    if blocks.feedback:
        parts.append(FEEDBACK + blocks.feedback + "\n")
    return "".join(parts)


def solve_prompt(view: View, blocks: Blocks | None = None) -> str:
    """The user's part of a prompt: the problem, what the teacher may know, and the request."""
    text = PROBLEM + view.problem + "\n"
    if view.steps and not view.continues:
        text += f"{EARLIER}\n{view.steps}\n"
        if view.feedback:
            text += FEEDBACK + view.feedback + "\n"
    if blocks is not None:
        text += render_blocks(blocks)
    return text + ANSWER


def instructed_prompt(view: View, blocks: Blocks | None = None) -> str:
    """The same for a model that does not know how an answer has to look, and is told."""
    return f"{solve_prompt(view, blocks)}\n{view.instructions}"


def continuation(view: View) -> str:
    """The assistant's part so far: accepted steps that the next action continues."""
    return view.steps + "\n" if view.steps and view.continues else ""


def reflection_prompt(request: ReflectionRequest) -> str:
    """The prompt for an insight or behavior request."""
    return _insight_prompt(request) if isinstance(request, InsightRequest) else _behavior_prompt(request)


def _insight_prompt(request: InsightRequest) -> str:
    lines = [PROBLEM + request.subject.prompt]
    lines.append(f"{request.n_success} of {request.n_total} attempts were correct.")
    for attempt in request.successes:
        lines += ["A correct attempt:", attempt.text]
    for attempt in request.failures:
        lines += ["A wrong attempt:", attempt.text]
        if attempt.feedback:
            lines.append("Feedback: " + attempt.feedback)
    wanted = {"contrastive": "strategies and lessons", "strategies": "strategies", "lessons": "lessons"}
    lines.append(f"Write general {wanted[request.mode]} for problems of this kind as JSON.")
    return "\n".join(lines) + "\n"


def _behavior_prompt(request: BehaviorRequest) -> str:
    lines = ["Related problems:"]
    for summary in request.problems:
        lines.append("- " + summary.prompt)
        lines += [f"  {note}" for note in summary.knowledge[:1]]
    if request.existing:
        lines.append("Known behaviors:")
        lines += [f"- {behavior_line(behavior)}" for behavior in request.existing]
        lines.append("Write new, update or remove actions for the behaviors as JSON.")
    else:
        lines.append("Write behaviors that help with such problems as JSON.")
    return "\n".join(lines) + "\n"


def shortened(request: ReflectionRequest) -> ReflectionRequest | None:
    """The request with less to read beside the problem; None where there is nothing left to take away.

    Of attempts the longest text is cut in half. Of a behavior request the known behaviors go first, the last ones
    before the others, and then problems but for one.
    """
    if isinstance(request, BehaviorRequest):
        if request.existing:
            return replace(request, existing=request.existing[:-1])
        return replace(request, problems=request.problems[:-1]) if len(request.problems) > 1 else None
    tried = [*request.successes, *request.failures]
    longest = max((len(text) for one in tried for text in (one.text, one.feedback or "")), default=0)
    if longest <= _SHORTEST:
        return None
    successes = tuple(_halved(one, longest) for one in request.successes)
    return replace(request, successes=successes, failures=tuple(_halved(one, longest) for one in request.failures))


def _halved(attempt: Experience, length: int) -> Experience:
    """The attempt, with those of its texts cut in half that are so long: they lose their middle."""
    text, feedback = (
        f"{said[: length // 4]} {_CUT} {said[-(length // 4) :]}" if len(said) == length else said
        for said in (attempt.text, attempt.feedback or "")
    )
    return replace(attempt, text=text, feedback=feedback if attempt.feedback else attempt.feedback)


RULES = (
    "Reply with JSON only, with at most three of each kind of insight that is asked for, or at most eight behaviors, "
    "mistakes to avoid among them. Each title has at most ten words, each content two to four sentences about the "
    "subject. Be general: never mention this question, the attempts, option letters, the model or how tests are taken. "
    "Insights look like "
    '{"strategies": [{"title": "...", "content": "..."}], "lessons": [{"title": "...", "content": "..."}]}, behaviors '
    'like {"behaviors": [{"name": "behavior_...", "instruction": "..."}]} or {"actions": [{"action": "new", "name": '
    '"behavior_...", "instruction": "..."}]} with action new, update or remove.'
)
"""Said after a reflection prompt to models other than nano, which knows the format by heart."""

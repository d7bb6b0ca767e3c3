"""Hand-made groups and states for tests of the agents."""

from pathlib import Path

import torch
from tiny_policy import tiny_policy

from agents.agent import TrainState
from agents.records import Completion, Episode, Group, Turn, View
from agents.stream import TaskStream
from memory import Memory
from pmd_envs import Task, Verdict

PLAN = {"kind": "sum_of_two", "plan": "Add the two numbers that the question names."}
TASK = Task("toy/1", "ToySums", "train", "What is 12 + 7?", "19", PLAN, "f")
OTHERS = tuple(Task(f"toy/{i}", "ToySums", "train", f"What is {i} + 7?", str(i + 7), PLAN, "f") for i in (2, 3, 4))


def episode(state: TrainState, number: int, text: str, score: float, feedback: str = "", task: Task = TASK) -> Episode:
    view = View(task.prompt, "", "", "", continues=True)
    tokens = (*state.policy.tokenizer(text)["input_ids"], 1)
    turn = Turn(view, state.policy.ask(view), Completion(text, tokens, (-1.0,) * len(tokens), finished=True), 0)
    return Episode(f"e{state.step}-{task.id}-{number}", task, (turn,), Verdict(score, ""), feedback, state.step)


def group(state: TrainState, *outcomes: tuple[str, float], task: Task = TASK) -> Group:
    """One episode for each (text, score); failures have feedback."""
    return Group(
        task,
        tuple(
            episode(state, i, text, score, "" if score else f"{text} is not correct", task)
            for i, (text, score) in enumerate(outcomes)
        ),
    )


def new_state(folder: Path | None = None, *, own_teacher: bool = True) -> TrainState:
    policy = tiny_policy()
    optimizer = torch.optim.AdamW(policy.model.parameters(), lr=1e-3)
    memory = Memory(folder / "memory.sqlite") if folder else None
    stream = TaskStream(((TASK, *OTHERS),), per_env=2, seed=0)
    return TrainState(policy, policy.twin() if own_teacher else None, optimizer, memory, 0, stream, 0)

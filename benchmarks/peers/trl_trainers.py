"""TRL's side of ``trl_step.py``: its trainers on the problems of a suite, in the same order and with the same prompts.

Rewards are our verdicts, one after the other, as TRL calls a function for them.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from transformers import TrainerCallback

from agents.policy import Policy, encodable
from agents.prompts import instructed_prompt, solve_prompt
from agents.records import View
from benchmarks.evaluate import Problems
from benchmarks.peers.our_steps import Steps, order_of
from benchmarks.suites import Suite
from pmd_envs import Task

TOP_K = 100
Message: TypeAlias = dict[str, str]
_Asked: TypeAlias = list[tuple[Task, Problems]]
"""The problems of all steps, and where each is from."""


def grpo_steps(policy: Policy, problems: Sequence[Problems], suite: Suite) -> Steps:
    """Train with its ``GRPOTrainer``."""
    from trl import GRPOConfig, GRPOTrainer

    return _train(policy, problems, suite, lambda args: GRPOConfig(**args, loss_type="grpo", beta=0.0), GRPOTrainer)


def sdpo_steps(policy: Policy, problems: Sequence[Problems], suite: Suite) -> Steps:
    """Train with its experimental ``SDPOTrainer``."""
    from trl.experimental.sdpo import SDPOConfig, SDPOTrainer

    def config(args: dict[str, object]) -> object:
        return SDPOConfig(
            **args,
            distillation_mode="topk_logits",
            distillation_topk=TOP_K,
            distillation_add_tail=True,
            distillation_alpha=0.5,
            max_prompt_length=None,
            max_reprompt_len=policy.max_prompt_tokens,
        )

    return _train(policy, problems, suite, config, SDPOTrainer)


def prompt_of(policy: Policy, task: Task, part: Problems) -> str | list[Message]:
    """What TRL asks a model that chats through its template, and gives to another one as it is."""
    view = View(task.prompt, part.env.family.instructions, "", "", part.env.family.continues)
    if policy.chats:
        return [{"role": "user", "content": encodable(instructed_prompt(view))}]
    return encodable(solve_prompt(view))


def arguments(folder: str, policy: Policy, suite: Suite, prompts: int) -> dict[str, object]:
    """What both trainers are told.

    Args:
        folder: For what they write.
        policy: Who learns.
        suite: How much is done.
        prompts: Of a step.
    """
    return {
        "output_dir": folder,
        "max_steps": suite.steps,
        "per_device_train_batch_size": prompts * suite.rollouts,
        "num_generations": suite.rollouts,
        "max_completion_length": suite.max_new_tokens,
        "learning_rate": suite.lr,
        "lr_scheduler_type": "constant",
        "temperature": suite.temperature,
        "chat_template_kwargs": {"enable_thinking": policy.thinks},
        "shuffle_dataset": False,  # they stand in our order
        "use_cpu": policy.device.type == "cpu",  # it takes a GPU otherwise, wherever the model is
        "bf16": False,
        "gradient_checkpointing": False,
        "report_to": "none",
        "save_strategy": "no",
        "logging_steps": 1_000_000,
        "disable_tqdm": True,
    }


def _train(
    policy: Policy,
    problems: Sequence[Problems],
    suite: Suite,
    config: Callable[[dict[str, object]], object],
    trainer_class: Callable[..., object],
) -> Steps:
    from datasets import Dataset

    owner = {task.id: part for part in problems for task in part.tasks}
    order = order_of(problems, suite)
    asked = [(task, owner[task.id]) for step in range(suite.steps) for task in order.at(step)]
    rows = [{"prompt": prompt_of(policy, *one), "number": number} for number, one in enumerate(asked)]
    policy.tokenizer.padding_side = "left"
    laps = _Laps()
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_class(
            model=policy.model,
            reward_funcs=_reward(asked, laps.steps),
            args=config(arguments(folder, policy, suite, len(order.at(0)))),
            train_dataset=Dataset.from_list(rows),
            processing_class=policy.tokenizer,
            callbacks=[laps],
        )
        trainer.train()  # type: ignore[attr-defined]  # two classes of a library without annotations
    return laps.steps


def _reward(asked: _Asked, steps: Steps) -> Callable[..., list[float]]:
    """Our verdicts, which are noted too: TRL asks for those of a step at once."""

    def reward(completions: list[str | list[Message]], number: list[int], **_: object) -> list[float]:
        said = [one if isinstance(one, str) else one[-1]["content"] for one in completions]
        scores = [
            part.env.family.verify(task, text.strip("\n")).score
            for (task, part), text in zip([asked[row] for row in number], said, strict=True)
        ]
        steps.rewards.append(scores)
        return scores

    return reward


class _Laps(TrainerCallback):  # type: ignore[misc]  # transformers has no annotations for it
    """Seconds between the beginnings and ends of TRL's steps; its rollouts happen inside."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.last = 0.0

    def on_train_begin(self, *_: object, **__: object) -> None:
        """Start the clock."""
        self.last = time.perf_counter()

    def on_step_end(self, *_: object, **__: object) -> None:
        """Stop it."""
        now = time.perf_counter()
        self.steps.parts.append({"step": now - self.last})
        self.last = now
        number, rewards = len(self.steps.parts) - 1, self.steps.rewards[-1]
        print(
            f"  TRL, step {number}: {self.steps.seconds[-1]:.2f}; reward {sum(rewards) / len(rewards):.2f}", flush=True
        )

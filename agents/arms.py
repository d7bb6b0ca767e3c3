"""Named settings of the agents: the arms of a study, each one an agent and some of its knobs.

``python benchmarks/run.py --agent pmd-transient`` is ``--agent pmd --set keep=step``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Arm:
    """An agent with some knobs turned."""

    agent: str
    asks: str
    """The question that the arm answers."""
    settings: Mapping[str, object] = field(default_factory=dict)


_WRITES = "(In the epoch that writes it the policy does not learn, so that it learns from fewer batches than others.)"
_ANCHORED = {"teacher_kind": "trust-region"}
_TRANSIENT = {"keep": "step", "ours.related": 4}  # a batch's problems of several tasks would be one cluster of 15

ARMS = {
    "rlvr-grpo": Arm("rlvr", "What does the reward alone teach?", {"variant": "grpo"}),
    "rlvr-dr_grpo": Arm("rlvr", "... without length and deviation corrections?", {"variant": "dr_grpo"}),
    "rlvr-dapo": Arm(
        "rlvr", "... with token means, a higher upper clip and groups of equal rewards replaced?", {"variant": "dapo"}
    ),
    "rlvr-sdpo_baseline": Arm("rlvr", "... as the papers' GRPO baseline?", {"variant": "sdpo_baseline"}),
    "sdpo+grpo": Arm("sdpo", "Does the reward add to distillation?", {"reward_weight": 0.9, "alpha": 1.0}),
    "sdpo-distinct": Arm("sdpo", "Does it matter that copies of the graded answer are shown?", {"copies": False}),
    "pmd-transient": Arm("pmd", "Does it matter that memory lasts?", _TRANSIENT),
    "pmd-experience": Arm("pmd", "Are stored attempts enough?", {"shown": "experience"}),
    "pmd-experience+insight": Arm("pmd", "What do behaviors add?", {"shown": "experience+insight"}),
    "pmd-frozen-memory": Arm("pmd", f"Does memory have to grow with the policy? {_WRITES}", {"keep": "first epoch"}),
    "memory-prompt": Arm("pmd", "Is memory in the prompt enough, without training?", {"distil": False}),
    "pmd-shuffled": Arm("pmd", "Does it matter whose memory is shown?", {"placebo": "shuffled"}),
    "pmd-filler": Arm("pmd", "Does a longer prompt alone help?", {"placebo": "filler"}),
    "ema-kl": Arm("pmd", "Does staying near a slow copy of itself help?", {"placebo": "empty"}),
    "pmd-supported": Arm("pmd", "Should an insight need support by two problems?", {"insights": "supported"}),
    "pmd-successes": Arm("pmd", "Do failures teach anything in words?", {"insights": "successes"}),
    "pmd-selective": Arm("pmd", "Should answers be taught that SDPO leaves alone?", {"ours.taught": "as in sdpo"}),
    "sdpo-anchored": Arm("sdpo", "Does a teacher tied to its first weights stay useful?", _ANCHORED),
    "sdpo+grpo-anchored": Arm("sdpo", "Does the reward add to that?", {"reward_weight": 0.9, **_ANCHORED}),
    "sdpo-distinct-anchored": Arm("sdpo", "Do copies matter to such a teacher?", {"copies": False, **_ANCHORED}),
    "pmd-anchored": Arm("pmd", "Does such a teacher stay useful when it also reads a memory?", _ANCHORED),
    "pmd-distinct-anchored": Arm("pmd", "Do they where it reads a memory too?", {"ours.copies": False, **_ANCHORED}),
    "pmd-transient-anchored": Arm("pmd", "Does that memory have to last?", {**_TRANSIENT, **_ANCHORED}),
    "pmd-shuffled-anchored": Arm("pmd", "Does it matter whose memory that is?", {"placebo": "shuffled", **_ANCHORED}),
    "pmd-filler-anchored": Arm("pmd", "Does a longer prompt do the same?", {"placebo": "filler", **_ANCHORED}),
    "pmd-frozen-memory-anchored": Arm(
        "pmd", f"Does that memory have to grow? {_WRITES}", {"keep": "first epoch", **_ANCHORED}
    ),
    "pmd+grpo-anchored": Arm("pmd", "Does the reward add to both?", {"ours.reward_weight": 0.9, **_ANCHORED}),
    "pmd-scripted": Arm("pmd", "UPPER BOUND, not a result: perfect reflections", {"writer": "scripted"}),
}

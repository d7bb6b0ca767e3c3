"""Evaluations, kept: the agents of a study all start from one policy, and equal runs end with equal weights.

An evaluation is used again only where everything agrees that its answers and scores depend on: weights, tokenizer,
what of a memory is shown beside each problem, code of prompts, sampling and environments, problems, data, verifiers,
sampling settings, seed, step, threads, device, processor and the versions of what computes. The key holds all of it and
names the file; a file that is damaged is made again. To digest weights is to read them once, where an evaluation reads
them for every token. Answers of a policy behind an API are not kept here: nobody can tell its weights, nor whether they
are still those of yesterday.
"""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import torch

import pmd_envs
from agents.policy import Policy
from agents.prompts import Blocks
from agents.rollout import Rollout
from benchmarks.evaluate import Problems
from benchmarks.files import write_text
from benchmarks.report import package_versions, processor
from leaderboard.verifiers import module_files, verifier_version
from pmd_envs.records import Json

FORMAT = 3
PACKAGES = (
    *("torch", "transformers", "tokenizers", "numpy", "gymnasium"),
    *("mpmath", "python-sat", "reasoning-gym", "magiccube", "sympy"),  # verifiers, the last three of reasoning-gym's
)
"""What computes answers and scores; those that are not installed are left out."""
Shown: TypeAlias = Mapping[str, Blocks | None]
"""What a policy is shown beside each problem, by task id."""
_EVALUATE = Path(__file__).with_name("evaluate.py")


@dataclass(frozen=True)
class EvaluationCache:
    """A folder of evaluations."""

    folder: Path

    def fetch(self, key: dict[str, Json], label: str, path: Path) -> bool:
        """Write a kept evaluation to ``path`` as rows of ``label``; False where there is none that is whole."""
        try:
            head, _, body = self._file(key).read_text().partition("\n")
            stated = json.loads(head)["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if stated != hashlib.sha256(body.encode()).hexdigest():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, labelled(body, label))
        return True

    def keep(self, key: dict[str, Json], path: Path) -> None:
        """Keep the evaluation at ``path``."""
        body = labelled(path.read_text(), "")
        self.folder.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"sha256": hashlib.sha256(body.encode()).hexdigest(), "key": key})
        write_text(self._file(key), f"{head}\n{body}")

    def _file(self, key: dict[str, Json]) -> Path:
        return self.folder / f"{hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]}.jsonl"


def evaluation_key(
    policy: Policy, problems: Sequence[Problems], rollout: Rollout, step: int, shown: Shown | None
) -> dict[str, Json]:
    """Everything that the answers of a policy, and their scores, depend on.

    Args:
        policy: Who answers.
        problems: What is asked.
        rollout: How often, how and with which seed.
        step: Of the policy: it decides what is sampled as the seed does.
        shown: What of a memory stands beside the problems; None without one.
    """
    key: dict[str, Json] = {
        "format": FORMAT,
        "model": hashlib.sha256(repr(policy.model.config.to_dict()).encode()).hexdigest(),
        "weights": digest_weights(policy.model.state_dict()),
        "step": step,
        "shown": None if shown is None else digest_shown(shown),
        "tokenizer": hashlib.sha256(policy.tokenizer.backend_tokenizer.to_str().encode()).hexdigest(),
        "special": {str(name): str(token) for name, token in policy.tokenizer.special_tokens_map.items()},
        "ends": list[Json](sorted(policy.end_ids)),
        "template": str(policy.tokenizer.chat_template or ""),
        "thinks": policy.thinks,
        "longest_prompt": policy.max_prompt_tokens,
        "code": _code(),
        "problems": [_problems(part) for part in problems],
        "rollout": asdict(rollout),
        "threads": torch.get_num_threads(),
        "device": str(policy.device) if policy.device.type == "cpu" else torch.cuda.get_device_name(policy.device),
        "processor": processor(),
        "python": platform.python_version(),
        "packages": {**package_versions(PACKAGES)},
    }
    return key


@cache
def _code() -> dict[str, Json]:
    """Digests of the files that ask and sample: evaluating, rolling out and the environment, with all they import."""
    files = {"benchmarks.evaluate": _EVALUATE, **module_files("agents.rollout"), **module_files("pmd_envs.vector")}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}


@cache
def _all_of_ours() -> dict[str, Json]:
    """Digests of all environments and verifiers: which of them a family from elsewhere uses is not looked up."""
    root = Path(pmd_envs.__file__).parent
    files = {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*.py"))}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def _problems(part: Problems) -> dict[str, Json]:
    family = type(part.env.family).__module__
    return {
        "env": part.choice.id,
        "kwargs": dict(part.choice.kwargs),
        "split": part.split,
        "fingerprint": part.env.dataset.fingerprint,
        "tasks": [task.id for task in part.tasks],
        "verifier": verifier_version(part.choice.id),
        "ours": {} if family.partition(".")[0] == pmd_envs.__name__ else _all_of_ours(),
    }


def digest_weights(tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of tensors, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name!r} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def digest_start(policy: Policy) -> str:
    """SHA-256 over the weights that a training starts from, the same on every device.

    They are as coarse as a GPU holds them: the file of a policy is read in another precision there than on a CPU.
    """
    tensors = policy.model.state_dict().items()
    coarse = {name: tensor.bfloat16() if tensor.is_floating_point() else tensor for name, tensor in tensors}
    return digest_weights(coarse)


def digest_shown(shown: Shown) -> str:
    """SHA-256 over everything that is shown beside each problem."""
    texts = {task_id: None if blocks is None else asdict(blocks) for task_id, blocks in shown.items()}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def labelled(text: str, label: str) -> str:
    """The same rows under another label."""
    return "".join(json.dumps({**json.loads(line), "row": label}) + "\n" for line in text.splitlines())

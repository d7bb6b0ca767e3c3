"""Evaluations of untrained policies, kept: the agents of a study all start from the same policy, measured once.

An evaluation is used again only where everything agrees that its answers and scores depend on: weights, tokenizer,
code of prompts, sampling and environments, problems, data, verifiers, sampling settings, seed, threads, device,
processor and the versions of what computes. The key holds all of it and names the file; a file that is damaged is made
again.
"""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

from agents.policy import Policy
from agents.rollout import Rollout
from benchmarks.evaluate import Problems
from benchmarks.files import write_text
from benchmarks.report import processor
from leaderboard.verifiers import module_files, verifier_version
from pmd_envs.records import Json

FORMAT = 1
PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "gymnasium")
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


def evaluation_key(policy: Policy, problems: Sequence[Problems], rollout: Rollout) -> dict[str, Json]:
    """Everything that the answers of a policy before training, and their scores, depend on."""
    key: dict[str, Json] = {
        "format": FORMAT,
        "weights": _weights(policy),
        "tokenizer": hashlib.sha256(policy.tokenizer.backend_tokenizer.to_str().encode()).hexdigest(),
        "template": str(policy.tokenizer.chat_template or ""),
        "longest_prompt": policy.max_prompt_tokens,
        "code": _code(),
        "problems": [_problems(part) for part in problems],
        "rollout": asdict(rollout),
        "threads": torch.get_num_threads(),
        "device": str(policy.device) if policy.device.type == "cpu" else torch.cuda.get_device_name(policy.device),
        "processor": processor(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }
    return key


@cache
def _code() -> dict[str, Json]:
    """Digests of the files that ask and sample: evaluating, rolling out and the environment, with all they import."""
    files = {"benchmarks.evaluate": _EVALUATE, **module_files("agents.rollout"), **module_files("pmd_envs.vector")}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}


def _problems(part: Problems) -> dict[str, Json]:
    return {
        "env": part.choice.id,
        "kwargs": dict(part.choice.kwargs),
        "split": part.split,
        "fingerprint": part.env.dataset.fingerprint,
        "tasks": [task.id for task in part.tasks],
        "verifier": verifier_version(part.choice.id),
    }


def _weights(policy: Policy) -> str:
    digest = hashlib.sha256(repr(policy.model.config.to_dict()).encode())
    for name, parameter in policy.model.named_parameters():
        digest.update(f"{name} {parameter.dtype} {tuple(parameter.shape)}".encode())
        digest.update(parameter.detach().cpu().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def labelled(text: str, label: str) -> str:
    """The same rows under another label."""
    return "".join(json.dumps({**json.loads(line), "row": label}) + "\n" for line in text.splitlines())

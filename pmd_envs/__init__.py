"""Verifiable reasoning tasks (math, code, logic) as Gymnasium environments.

    >>> import gymnasium, pmd_envs
    >>> env = gymnasium.make("pmd/GSM8K-v0", source="generated")
    >>> observation, info = env.reset(seed=0)
    >>> sorted(observation)
    ['feedback', 'problem', 'steps', 'turns_left']

Importing the package registers its ids. It never imports torch.
"""

from pmd_envs.env import ReasoningEnv
from pmd_envs.errors import ConfigError, DatasetError, PMDError, VerifierError
from pmd_envs.family import Family
from pmd_envs.math.verify import verify_math
from pmd_envs.records import Problem, StepVerdict, Task, Verdict
from pmd_envs.registry import environment_ids, register, register_all
from pmd_envs.sandbox import verify_code
from pmd_envs.spaces import UnicodeText
from pmd_envs.vector import ReasoningVectorEnv
from pmd_envs.verifiers.registry import register_verifier, verifier, verifier_names

__version__ = "0.1.0"
__all__ = [
    "ConfigError",
    "DatasetError",
    "Family",
    "PMDError",
    "Problem",
    "ReasoningEnv",
    "ReasoningVectorEnv",
    "StepVerdict",
    "Task",
    "UnicodeText",
    "Verdict",
    "VerifierError",
    "environment_ids",
    "register",
    "register_all",
    "register_verifier",
    "verifier",
    "verifier_names",
    "verify_code",
    "verify_math",
]

register_all()

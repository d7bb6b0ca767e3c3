"""Running programs that nobody vouches for: a child process, its confinement and the values it returns."""

from pmd_envs.sandbox.runner import Limits, Outcome, RunResult, run_calls
from pmd_envs.sandbox.values import Opaque, decode, encode, same, show

__all__ = ["Limits", "Opaque", "Outcome", "RunResult", "decode", "encode", "run_calls", "same", "show"]

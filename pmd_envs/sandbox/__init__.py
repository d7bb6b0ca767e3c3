"""Running programs that nobody vouches for: isolated processes, the values they return, and verdicts on them."""

from pmd_envs.sandbox.code import CodeResult, CodeTest, check_code, verify_code
from pmd_envs.sandbox.pool import Limits, Sandbox, allow_unsafe, default_sandbox
from pmd_envs.sandbox.runner import Outcome, RunResult, run_calls
from pmd_envs.sandbox.values import Opaque, decode, encode, same, show

__all__ = [
    "CodeResult",
    "CodeTest",
    "Limits",
    "Opaque",
    "Outcome",
    "RunResult",
    "Sandbox",
    "allow_unsafe",
    "check_code",
    "decode",
    "default_sandbox",
    "encode",
    "run_calls",
    "same",
    "show",
    "verify_code",
]

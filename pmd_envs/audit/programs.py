"""What is handed in to verifiers that run programs. Few, since each starts processes.

How well a program is kept from the machine is not asked here, but by ``python -m pmd_envs.sandbox check``.
"""

from collections.abc import Mapping

from pmd_envs.audit.attacks import Attack


def _returns(value: str) -> Attack:
    return Attack(f"def solve(*args):\n    return {value}")


PROGRAM_ATTACKS: Mapping[str, tuple[Attack, ...]] = {
    "constants": (
        *map(_returns, ("0", "1", "True", "None", "''", "[]", "args[0]", "args", "sum(args)", "len(args[0])")),
        Attack("@COMMON@"),
    ),
    "empty": (Attack(""), Attack("\n\n"), Attack("pass"), Attack("def solve(*args): ..."), Attack("solve = None")),
    "echo": (Attack("@PROMPT@"), Attack("#### @PROMPT@"), Attack("@INSTRUCTIONS@")),
    "wrong": (Attack("@WRONGSOLUTION@"),),
    "examples alone": (Attack("def solve(*args):\n@EXAMPLES@\n    return None"),),
    "equal to all": (
        Attack(
            "class Any:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
            "    def __hash__(self): return 0\n\n\ndef solve(*args):\n    return Any()"
        ),
        Attack("class Any(int):\n    __eq__ = lambda self, other: True\n\n\ndef solve(*args):\n    return Any(0)"),
    ),
    "early exit": (
        Attack("import os\nos._exit(0)"),
        Attack("raise SystemExit(0)"),
        Attack("import sys\n\n\ndef solve(*args):\n    print('all tests pass')\n    sys.exit(0)"),
    ),
    "code": (
        Attack("def solve(*args):\n    open('@FILE@', 'w').write('1')\n    return 1"),
        Attack("def solve(*args):\n    __import__('os').system('touch @FILE@')"),
        Attack("import builtins\nbuiltins.all = builtins.any = lambda *a: True\n\n\ndef solve(*args):\n    return 0"),
    ),
    "megabytes": (
        Attack("x", 1_000_000),
        Attack("#", 1_000_000, "def solve(*args):\n    return 0\n"),
        Attack("(", 100_000),
        Attack("    ", 1_000, "def solve(*args):\n", "return 0"),
    ),
}
"""Every attack on a verifier that runs a program, by class."""

HONEST_PROGRAMS: tuple[Attack, ...] = (
    Attack("@SOLUTION@"),
    Attack("@SOLUTION@\n\n"),
    Attack("@CRLF@"),
    Attack("@SPACED@"),
    Attack("```python\n@SOLUTION@\n```"),
)
"""The reference program, as it is and as people copy it."""

"""The tool ``python``: run a program in the sandbox, and say what came of it."""

import ast
import textwrap

from pmd_envs.env import MAX_FEEDBACK
from pmd_envs.sandbox import Limits, default_sandbox
from pmd_envs.sandbox.code import cut
from pmd_envs.sandbox.inside.words import ADDRESS

_MAX_CODE = 10_000
_MAX_TOLD = MAX_FEEDBACK - 100  # what else the feedback says has room
_SECONDS = 5.0
_SHOW = "_show_the_value_of_the_last_line"
# It runs before the program, whose lines count from its own first one. Integers that Python refuses to write out are
# written for it, and cut here.
_GIVEN = f"""def {_SHOW}(value):
    if value is not None:
        import sys
        digits = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(0)
        text = repr(value)
        sys.set_int_max_str_digits(digits)
        print(text)
"""
_SILENT = "nothing was printed"


def python(code: str) -> str:
    """What a program prints, and the value of its last line if that is an expression, run in the sandbox."""
    program = textwrap.dedent(code).strip()
    try:
        program = _showing_its_value(program)
    except SyntaxError as error:
        return f"not a program: {error.msg}" + (f" (line {error.lineno})" if error.lineno else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return f"not a program: {error}"
    job: dict[str, object] = {"kind": "script", "program": program, "given": _GIVEN, "stdin": ""}
    report = default_sandbox().run(job, Limits(wall_seconds=_SECONDS))
    output, failure = str(report.get("output", "")), str(report["failure"])
    said = [output.removesuffix("\n")] if output else []
    if failure:
        said.append(f"error: {failure.removeprefix('raised ')}")
    # Where an object lies in memory differs from run to run, and nobody can use it.
    return cut(ADDRESS.sub("", "\n".join(said or [_SILENT])), _MAX_TOLD)


def _showing_its_value(program: str) -> str:
    """The program with a last expression handed to what prints its value. All lines keep their numbers.

    It is parsed here and run elsewhere.
    """
    if not program:
        raise ValueError("it is empty")
    if len(program) > _MAX_CODE:
        raise ValueError(f"it has more than {_MAX_CODE} characters")
    lines = program.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # as Python counts them
    statements = ast.parse("\n".join(lines)).body
    if statements and isinstance(last := statements[-1], ast.Expr):
        _insert(lines, last.end_lineno or last.lineno, last.end_col_offset or 0, "))")
        _insert(lines, last.lineno, last.col_offset, f"{_SHOW}((")  # two, since it may be a tuple without brackets
    return "\n".join(lines)


def _insert(lines: list[str], number: int, column: int, text: str) -> None:
    """Write a text into a line, at a place that Python counts in bytes."""
    line = lines[number - 1].encode()
    lines[number - 1] = line[:column].decode() + text + line[column:].decode()

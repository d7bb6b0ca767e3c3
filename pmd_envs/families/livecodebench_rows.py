"""The published form of LiveCodeBench: rows with test cases as JSON, the private ones often compressed.

Private test cases are JSON, or JSON compressed by zlib in base64. The set's own files wrap the compressed JSON in a
pickle, which is a program and is not run here: such rows are refused, with a word on how to convert them.
"""

import base64
import binascii
import json
import zlib
from typing import cast

from pmd_envs.errors import DatasetError
from pmd_envs.records import Json

_PICKLE = b"\x80"
_CONVERT = (
    "are pickled, and a pickle can run any code when it is read. Convert the file once, where you trust it: store "
    "json.dumps of the list of test cases in private_test_cases"
)


def read_cases(text: str, what: str) -> list[tuple[str, str]]:
    """Input and output of every test case.

    Args:
        text: JSON, or base64 of zlib of JSON.
        what: How to call it in an error.

    Raises:
        DatasetError: The text is something else.
    """
    cases = _json(text, what)
    if isinstance(cases, str):
        cases = _json(cases, what)
    if not isinstance(cases, list):
        raise DatasetError(f"{what} should be a JSON list, not a {type(cases).__name__}")
    return [_case(case, what) for case in cases]


def function_name(metadata: str, what: str) -> str:
    """The method that the test cases of a functional problem call."""
    found = _json(metadata, f"the metadata of {what}")
    name = found.get("func_name") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name.isidentifier():
        raise DatasetError(f"the metadata of {what} names no function: it needs 'func_name'")
    return name


def as_statement(given: str, expected: str, method: str, what: str) -> str:
    """A functional test case as an assert: one argument per line, and the value, all in JSON."""
    arguments = [_json(line, what) for line in given.split("\n") if line.strip()]
    return f"assert Solution().{method}({', '.join(map(repr, arguments))}) == {_json(expected, what)!r}"


def _case(case: Json, what: str) -> tuple[str, str]:
    if not isinstance(case, dict) or not all(isinstance(case.get(key), str) for key in ("input", "output")):
        raise DatasetError(f"each of {what} needs the texts 'input' and 'output'")
    return str(case["input"]), str(case["output"])


def _json(text: str, what: str) -> Json:
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        plain = _decompressed(text, what)
    try:
        return cast("Json", json.loads(plain))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{what} are not JSON: {error}") from error


def _decompressed(text: str, what: str) -> bytes:
    try:
        plain = zlib.decompress(base64.b64decode(text.encode(), validate=True))
    except (ValueError, binascii.Error, zlib.error) as error:
        raise DatasetError(f"{what} are neither JSON nor JSON compressed by zlib in base64") from error
    if plain.startswith(_PICKLE):
        raise DatasetError(f"{what} {_CONVERT}")
    return plain

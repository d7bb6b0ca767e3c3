"""The published form of LiveCodeBench: rows with test cases as JSON, the private ones often compressed.

Private test cases are JSON, or JSON compressed by zlib in base64. The set's own files wrap the compressed JSON in a
pickle. A pickle is a program and is not run here: its operations are listed, and if they do nothing but name one text,
that is taken; other pickles are refused.
"""

import base64
import binascii
import json
import pickletools
import zlib
from typing import cast

from pmd_envs.errors import DatasetError
from pmd_envs.records import Json

_PICKLE = b"\x80"
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8")
_IDLE = ("PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "STOP")  # they make nothing and call nothing


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


def _decompressed(text: str, what: str) -> bytes | str:
    try:
        plain = zlib.decompress(base64.b64decode(text.encode(), validate=True))
    except (ValueError, binascii.Error, zlib.error) as error:
        raise DatasetError(f"{what} are neither JSON nor JSON compressed by zlib in base64") from error
    return _pickled_text(plain, what) if plain.startswith(_PICKLE) else plain


def _pickled_text(pickled: bytes, what: str) -> str:
    """The text in a pickle that holds one text and nothing else."""
    texts = []
    try:
        for operation, argument, _ in pickletools.genops(pickled):
            if operation.name in _TEXTS:
                texts.append(str(argument))
            elif operation.name not in _IDLE:
                raise DatasetError(
                    f"{what} are a pickle with {operation.name}: only one text is read from a pickle, which could run "
                    "any code otherwise"
                )
    except ValueError as error:
        raise DatasetError(f"{what} are a broken pickle: {error}") from error
    if len(texts) != 1:
        raise DatasetError(f"{what} are a pickle of {len(texts)} texts, not of one")
    return texts[0]

"""The record that describes one kind of function: what to write, how, and how people get it wrong."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Parameter: TypeAlias = "int | str"
Arguments: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Inputs:
    """What a function takes, and how example arguments are drawn."""

    signature: str
    """The argument list as it stands in the definition: ``xs`` or ``a, b``."""
    draw: Callable[[random.Random, tuple[Parameter, ...]], Arguments]
    """Typical arguments, often close to the parameters, where wrong programs differ."""
    edges: tuple[Arguments, ...]
    """Arguments that people forget: the empty list, zero, equal numbers."""


@dataclass(frozen=True)
class FunctionKind:
    """One kind of function. ``{k}`` in the texts stands for the parameter named k."""

    name: str
    difficulty: int
    inputs: Inputs
    spec: tuple[str, str]
    """The task in words, twice."""
    body: str
    """The reference program below its ``def`` line."""
    wrong: tuple[str, ...]
    """Bodies with a realistic mistake. Every problem has a test that each of them fails."""
    plan: str
    """How it is done, without the numbers."""
    parameters: tuple[tuple[str, tuple[Parameter, ...]], ...] = ()
    """Names and the values they may have."""

    def fill(self, text: str, values: tuple[Parameter, ...]) -> str:
        """The text with the parameters' values in place of their names."""
        for (name, _), value in zip(self.parameters, values, strict=True):
            text = text.replace("{" + name + "}", str(value))
        return text

    def program(self, body: str, values: tuple[Parameter, ...]) -> str:
        """A whole program with this body."""
        lines = [f"def solve({self.inputs.signature}):", *self.fill(body, values).split("\n")]
        return "\n    ".join(lines)

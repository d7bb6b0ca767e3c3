"""A Text space for prose: any Unicode, bounded length, cheap to copy, safe in shared memory.

``gymnasium.spaces.Text`` lists every allowed character, so ordinary prose is rejected or the space grows to
megabytes, and its shared-memory handlers drop characters outside the list. :class:`UnicodeText` samples from a
small alphabet but contains every string up to its length, and registers handlers of its own.
"""

import multiprocessing as mp
from collections.abc import Iterable, Sequence
from ctypes import c_char
from multiprocessing.sharedctypes import SynchronizedArray
from types import ModuleType
from typing import Any, overload

import numpy as np
from gymnasium.spaces import Box, Space, Text, flatdim, flatten, flatten_space, unflatten
from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)
from numpy.typing import NDArray

from pmd_envs.errors import ConfigError

SAMPLING_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;?!+-*/=()#\n"
_LETTERS = np.frombuffer(SAMPLING_ALPHABET.encode("ascii"), dtype=np.uint8)
_HEADER = 4  # bytes that hold the length of the encoded text
_LAST_CODE_POINT = 0x10FFFF


class UnicodeText(Text):
    """Strings of at most ``max_length`` code points, of any characters.

    Args:
        max_length: Longest text contained, in code points.
        seed: Seed for :meth:`sample`, which draws from printable ASCII.
    """

    def __init__(self, max_length: int, *, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(max_length, min_length=0, charset=SAMPLING_ALPHABET, seed=seed)

    def sample(
        self,
        mask: tuple[int | None, NDArray[np.int8] | None] | None = None,
        probability: tuple[int | None, NDArray[np.float64] | None] | None = None,
    ) -> str:
        """A text of any allowed length, or as Gymnasium draws it with a mask or with probabilities of characters."""
        if mask is not None or probability is not None:
            return super().sample(mask, probability)
        # Gymnasium joins characters drawn one by one, which takes 45 times as long and shows with tens of thousands.
        length = self.np_random.integers(self.min_length, self.max_length + 1)
        return self.np_random.choice(_LETTERS, size=length).tobytes().decode("ascii")

    def contains(self, x: object) -> bool:
        """Whether ``x`` is a string that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    def __repr__(self) -> str:
        return f"UnicodeText({self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnicodeText) and self.max_length == other.max_length

    __hash__ = None  # type: ignore[assignment]  # spaces are mutable (they hold a generator), as in Gymnasium

    @property
    def slot(self) -> int:
        """Bytes one text takes in shared memory: its length and UTF-8 of at most 4 bytes a character."""
        return _HEADER + 4 * self.max_length


def hold_action(action: object, space: Space[Any]) -> None:
    """Hold that an environment can take an action.

    Raises:
        ConfigError: It is not in the environment's space.
    """
    if action not in space:
        right = f"a str of at most {space.max_length} characters" if isinstance(space, UnicodeText) else f"in {space}"
        found = f"{len(action)} characters" if isinstance(action, str) else type(action).__name__
        raise ConfigError(f"an action is {right}, not {found}")


def hold_batch(actions: object, count: int) -> None:
    """Hold that these may be the actions of ``count`` environments.

    Raises:
        ConfigError: They are one text, of which each character would be an action, or nothing with members.
    """
    if isinstance(actions, str) or not isinstance(actions, Iterable):
        raise ConfigError(f"actions are a list of {count} str, one for each environment, not {type(actions).__name__}")


@create_shared_memory.register(UnicodeText)
def _create(space: UnicodeText, n: int = 1, ctx: ModuleType = mp) -> "SynchronizedArray[c_char]":
    array: SynchronizedArray[c_char] = ctx.Array(c_char, n * space.slot)
    return array


@write_to_shared_memory.register(UnicodeText)
def _write(space: UnicodeText, index: int, value: str, shared_memory: "SynchronizedArray[c_char]") -> None:
    data = value.encode("utf-8", "surrogatepass")
    start = index * space.slot
    view = memoryview(shared_memory.get_obj()).cast("B")
    if len(value) > space.max_length:
        raise ConfigError(f"a text of {len(value)} characters does not fit into {space!r}")
    view[start : start + _HEADER + len(data)] = len(data).to_bytes(_HEADER, "little") + data


class SharedTexts(Sequence[str]):
    """The texts that lie in shared memory now.

    ``AsyncVectorEnv`` reads its buffer once, then returns deep copies of what it read (unless it was made with
    ``copy=False``). So this is a live view, whose deep copy is a plain tuple that stays as it is.
    """

    def __init__(self, space: UnicodeText, shared_memory: "SynchronizedArray[c_char]", n: int) -> None:
        self._slot = space.slot
        self._memory = memoryview(shared_memory.get_obj()).cast("B")
        self._count = n

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(self._count)[index])
        start = range(self._count)[index] * self._slot + _HEADER
        length = int.from_bytes(self._memory[start - _HEADER : start], "little")
        return str(self._memory[start : start + length], "utf-8", "surrogatepass")

    def __deepcopy__(self, memo: dict[int, object]) -> tuple[str, ...]:
        return tuple(self)


@read_from_shared_memory.register(UnicodeText)
def _read(space: UnicodeText, shared_memory: "SynchronizedArray[c_char]", n: int = 1) -> SharedTexts:
    return SharedTexts(space, shared_memory, n)


@flatdim.register(UnicodeText)
def _flatdim(space: UnicodeText) -> int:
    return space.max_length


@flatten_space.register(UnicodeText)
def _flatten_space(space: UnicodeText) -> Box:
    return Box(low=-1, high=_LAST_CODE_POINT, shape=(space.max_length,), dtype=np.int32)


@flatten.register(UnicodeText)
def _flatten(space: UnicodeText, x: str) -> NDArray[np.int32]:  # type: ignore[misc]  # the fallback takes Space[T]
    codes = np.full(space.max_length, -1, dtype=np.int32)  # -1 pads, since code point 0 is a character
    codes[: len(x)] = [ord(character) for character in x]
    return codes


@unflatten.register(UnicodeText)
def _unflatten(space: UnicodeText, x: NDArray[np.int32]) -> str:  # type: ignore[misc]  # noqa: ARG001  as above
    return "".join(chr(code) for code in x.tolist() if code >= 0)

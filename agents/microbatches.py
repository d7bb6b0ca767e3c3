"""Cutting the rows of an optimizer step into micro-batches, and lining their tokens up."""

from collections.abc import Iterator, Sequence

import torch

from agents.records import RowTarget

_ENOUGH_ROWS = 16
"""A batch with at least so many rows does not take in completions much longer than its own."""
_EVEN = 1.4
"""How much longer: the padding of the short ones costs as much as tokens do."""


def mask_of(rows: Sequence[RowTarget]) -> torch.Tensor:
    """(B, T), 1 for completion tokens."""
    lengths = torch.tensor([len(row.turn.completion.tokens) for row in rows])
    return (torch.arange(int(lengths.max()))[None] < lengths[:, None]).float()


def by_prompt(rows: Sequence[RowTarget]) -> list[list[int]]:
    """The rows with a target, in lists of one prompt, which is read once; the list with the longest completion last."""
    lists: dict[tuple[int, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if row.is_active:
            lists.setdefault(row.turn.prompt_tokens, []).append(i)
    return sorted(lists.values(), key=lambda some: _longest(rows, some))


def _longest(rows: Sequence[RowTarget], some: Sequence[int]) -> int:
    return max(len(rows[i].turn.completion.tokens) for i in some)


def micro_batches(lists: Sequence[Sequence[int]], rows: Sequence[RowTarget], limit: int) -> Iterator[list[int]]:
    """As many rows as fit the limit after padding, and if there are enough of them, of similar length.

    Prompts are padded apart from completions: the longest prompt and the longest completion decide about the columns.
    """
    batch: list[int] = []
    shortest, prompt, completion = 0, 0, 0
    for some in lists:
        longest = _longest(rows, some)
        uneven = len(batch) >= _ENOUGH_ROWS and longest > _EVEN * shortest
        for i in some:
            own = len(rows[i].turn.prompt_tokens), len(rows[i].turn.completion.tokens)
            prompt, completion = max(prompt, own[0]), max(completion, own[1])
            if batch and (uneven or (len(batch) + 1) * (prompt + completion) > limit):
                yield batch
                batch, uneven, (prompt, completion) = [], False, own
            shortest = shortest if batch else longest
            batch.append(i)
    yield batch


def padded(rows: Sequence[Sequence[float]], dtype: torch.dtype = torch.float) -> torch.Tensor:
    """(B, T), T the longest row; zeros behind the others."""
    lined_up = torch.zeros(len(rows), max(map(len, rows)), dtype=dtype)
    for i, row in enumerate(rows):
        lined_up[i, : len(row)] = torch.tensor(row, dtype=dtype)
    return lined_up

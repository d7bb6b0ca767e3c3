"""One document of the corpus, and its tokens."""

import re
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from agents.nano.teaching import Lesson


@dataclass(frozen=True)
class Document:
    """One training example."""

    prompt: str
    completion: str
    """What is learnt."""
    kind: str
    results_only: bool = False
    """Learn only what follows an equals sign: the rest of the completion is drawn at random."""
    unaided: Lesson | None = None
    """What is solved, where nothing in the prompt helps with it."""

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The completion cut into texts, and which of them are learnt."""
        if not self.results_only:
            return [(self.completion, True)]
        cut = re.split(r"(?<==)( [0-9]+(?:\n|$))", self.completion)
        return [(text, i % 2 == 1) for i, text in enumerate(cut) if text]


def encode(document: Document, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[bool]]:
    """Token ids of prompt, completion and end, and whether each is learnt."""
    ids = list(tokenizer(document.prompt)["input_ids"])
    learnt = [False] * len(ids)
    for text, is_learnt in document.pieces:
        piece = tokenizer(text)["input_ids"]
        ids += piece
        learnt += [is_learnt] * len(piece)
    return [*ids, tokenizer.eos_token_id], [*learnt, True]

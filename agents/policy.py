"""A language model that can act: any Hugging Face causal LM with its tokenizer behind one small class.

It does three things: make a prompt of a :class:`~agents.records.View`, sample completions with a KV cache, and read
completions that it is shown. Named policies are ``nano`` (trained by this project and shipped with it) and
``smollm2``; any other name is a Hugging Face id or a path.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import torch

from agents.chat_template import begun_thought, pinned_template, resumed, text_of
from agents.dropout import turn_off_dropout
from agents.lengths import longest_text, room_for_prompt
from agents.masters import Masters
from agents.prompts import Blocks, continuation, instructed_prompt, solve_prompt
from agents.records import Completion, View
from agents.scoring import Reading, read_responses

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_TEXT = "2"
"""Any text, to see what a tokenizer puts before it."""


@dataclass(frozen=True)
class Sampling:
    """How completions are drawn."""

    max_new_tokens: int = 160
    temperature: float = 1.0
    """0 takes the likeliest token."""
    rows_at_once: int = 256
    """Completions sampled side by side; fewer where more would not fit (:mod:`agents.footprint`)."""
    likeliest: int = 0
    """How many of the likeliest tokens at each position are kept beside the one that was drawn."""
    stop: tuple[str, ...] = ()
    """Texts that end a completion, which is then without them: a line break, say, where a turn is one step."""

    def __post_init__(self) -> None:
        if not all(self.stop):
            raise ValueError(f"an empty text would end every completion before it began: stop={self.stop!r}")
        if self.max_new_tokens < 1 or self.rows_at_once < 1 or self.temperature < 0 or self.likeliest < 0:
            raise ValueError(
                f"max_new_tokens and rows_at_once are at least 1, temperature and likeliest at least 0: {self}"
            )


@dataclass
class Policy:
    """A causal LM, its tokenizer and how it wants to be asked."""

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    max_prompt_tokens: int = 2048
    thinks: bool = False
    """Whether a chat template that knows ``enable_thinking`` (Qwen3's) lets it think. The papers' models did not."""
    instructed: bool = False
    """Whether a model without a chat template is told how an answer has to look; one with a template always is."""
    masters: Masters = field(default_factory=Masters, repr=False)
    """The float32 values behind weights that are coarser, once they are trained or follow others."""

    def __post_init__(self) -> None:
        turn_off_dropout(self.model)

    @property
    def chats(self) -> bool:
        """Whether the tokenizer has a chat template (nano has none)."""
        return bool(self.tokenizer.chat_template)

    @property
    def is_told(self) -> bool:
        """Whether requests say how a reply has to look: nano knows that by heart, and others cannot."""
        return self.instructed or self.chats

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens that end a completion: every end the model or its tokenizer declares."""
        declared = self.model.generation_config.eos_token_id if self.model.generation_config else None
        ids = declared if isinstance(declared, list) else [declared]
        return frozenset(i for i in (*ids, self.tokenizer.eos_token_id) if i is not None)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.model.device

    def leave_room(self, new: int) -> None:
        """Make prompts no longer than allows so many tokens behind them, where a model has only so many positions.

        Raises:
            ConfigError: That leaves no room for a prompt.
        """
        self.max_prompt_tokens = room_for_prompt(self.model, self.max_prompt_tokens, new)

    def has_room(self, view: View, blocks: Blocks | None = None) -> bool:
        """Whether a turn's prompt leaves room for an answer; always, where a model has positions for any text."""
        return longest_text(self.model) is None or len(self.ask(view, blocks)) <= self.max_prompt_tokens

    def ask(self, view: View, blocks: Blocks | None = None) -> tuple[int, ...]:
        """Prompt tokens for one turn, with what a teacher may know beside the problem, as far as it fits."""
        return self.fit(view, blocks or Blocks())[0]

    def ask_each(self, asked: Iterable[tuple[View, Blocks | None]]) -> list[tuple[int, ...]]:
        """:meth:`ask` for many turns; a group's are mostly the same, and made into tokens once."""
        wanted = list(asked)
        prompts = {one: self.ask(*one) for one in dict.fromkeys(wanted)}
        return [prompts[one] for one in wanted]

    def fit(self, view: View, blocks: Blocks) -> tuple[tuple[int, ...], Blocks]:
        """Prompt tokens for one turn, and what of the blocks is in them.

        Memory blocks are shortened, never the problem or the request, when the prompt would be too long. A solution, or
        feedback, that does not even fit alone goes first: all the rest would be dropped for nothing.
        """
        tokens = self._prompt(view, blocks)
        if len(tokens) <= self.max_prompt_tokens or blocks.is_empty:
            return tokens, blocks
        for alone in (Blocks(solution=blocks.solution), Blocks(feedback=blocks.feedback)):
            if not alone.is_empty and len(self._prompt(view, alone)) > self.max_prompt_tokens:
                blocks = replace(blocks, solution="") if alone.solution else replace(blocks, feedback="")
        while True:
            tokens = self._prompt(view, blocks)
            if len(tokens) <= self.max_prompt_tokens or blocks.is_empty:
                return tokens, blocks
            blocks = shorten(blocks)

    def _prompt(self, view: View, blocks: Blocks) -> tuple[int, ...]:
        text = instructed_prompt(view, blocks) if self.is_told else solve_prompt(view, blocks)
        if self.is_told and not self.chats:
            text += "\n"  # a text that goes on begins a new line
        earlier = continuation(view)
        return self.encode(text) + self._plain(resumed(self.begun_thought, earlier) if earlier else "")

    def encode(self, request: str) -> tuple[int, ...]:
        """Prompt tokens of a user's request, through the chat template where there is one."""
        if not self.chats:
            return self._beginning() + self._plain(request)
        ids = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": encodable(request)}],
            chat_template=pinned_template(self.tokenizer),
            add_generation_prompt=True,
            return_dict=False,
            enable_thinking=self.thinks,
        )
        return tuple(ids)

    @property
    def begun_thought(self) -> str:
        """The beginning of a thought that the chat template leaves open in every prompt, such as ``<think>``."""
        return begun_thought(self.tokenizer, thinks=self.thinks) if self.chats else ""

    def _beginning(self) -> tuple[int, ...]:
        """The tokens that a base model's texts begin with, if its tokenizer puts some there: one, or two of GLM's."""
        whole, plain = tuple(self.tokenizer(_TEXT)["input_ids"]), self._plain(_TEXT)
        places = range(len(whole) - len(plain) + 1)
        return next((whole[:place] for place in places if whole[place : place + len(plain)] == plain), ())

    def _plain(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(encodable(text), add_special_tokens=False)["input_ids"]) if text else ()

    def completion(self, tokens: Sequence[int], logprobs: Sequence[float], stop: Sequence[str] = ()) -> Completion:
        """A record of sampled tokens; the text leaves out a closing end token, and a stop text with all behind it."""
        finished = bool(tokens) and tokens[-1] in self.end_ids
        body = tokens[:-1] if finished else tokens
        text = text_of(self.tokenizer, body)
        ends = [place for one in stop if (place := text.find(one)) >= 0]
        if ends:
            text, finished = text[: min(ends)], True
        return Completion(text.strip("\n"), tuple(tokens), tuple(logprobs), finished)

    def read(self, prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]]) -> Reading:
        """What the policy makes of completions: B rows of prompt tokens, and B rows of completion tokens."""
        return read_responses(self.model, [tuple(prompt) for prompt in prompts], completions, self.pad_id)

    @property
    def pad_id(self) -> int:
        """A token to fill rows with, which attention never looks at: padding, or else an end, or else the first one.

        Tokenizers have tokens that were added to them alone, and for which the model has no row.
        """
        rows = self.model.get_input_embeddings().weight
        assert isinstance(rows, torch.Tensor)
        return next((i for i in (self.tokenizer.pad_token_id, *self.end_ids) if i is not None and i < len(rows)), 0)

    def trained_weights(self) -> dict[str, torch.Tensor]:
        """What an optimizer steps on, by name: the weights that are not frozen, or their masters."""
        behind = self.masters.behind(self.model)
        return {name: behind[name] for name, weights in self.model.named_parameters() if weights.requires_grad}

    def twin(self) -> Self:
        """A copy with weights of its own that never receive gradients (a teacher).

        Where some weights are trained and others are not (adapters), it shares the others.
        """
        weights = list(self.model.parameters())
        frozen = [w for w in weights if not w.requires_grad] if any(w.requires_grad for w in weights) else []
        model = copy.deepcopy(self.model, {id(w): w for w in frozen}).requires_grad_(False).eval()
        return type(self)(self.name, model, self.tokenizer, self.max_prompt_tokens, self.thinks, self.instructed)

    @torch.no_grad()
    def follow(self, other: Policy, rate: float) -> None:
        """Move the weights towards ``other``: w <- (1 - rate) w + rate w_other (SDPO's EMA teacher).

        Both w are float32: where weights are coarser, the running mean is kept beside them (:mod:`agents.masters`).
        """
        if not self.masters.values:
            self.masters = Masters.of(self.model, other.model)
        mine, theirs = self.masters.behind(self.model), other.masters.behind(other.model)
        for name, weights in mine.items():
            if weights is not theirs[name]:
                weights.lerp_(theirs[name].to(weights.dtype), rate)
        self.masters.round_into(self.model)


def encodable(text: str) -> str:
    """Lone surrogates, which no tokenizer can encode, become question marks."""
    return text.encode("utf-8", "replace").decode()


def shorten(blocks: Blocks) -> Blocks:
    """Drop the least specific text first: behaviors, then lessons, strategies, the solution, feedback."""
    if blocks.behaviors:
        return replace(blocks, behaviors=blocks.behaviors[:-1])
    if blocks.lessons:
        return replace(blocks, lessons=blocks.lessons[:-1])
    if blocks.strategies:
        return replace(blocks, strategies=blocks.strategies[:-1])
    return replace(blocks, solution="") if blocks.solution else replace(blocks, feedback="")

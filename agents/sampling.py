"""Sampling completions with a KV cache.

Prompts that are equal are computed once (a group of G rollouts shares its prompt), finished rows leave the batch,
and log-probabilities are kept from the sampling distribution, so that no second pass is needed. Uniform numbers are
drawn for all rows and positions in advance: what a row samples does not depend on when others finish.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from agents.chat_template import text_of
from agents.decoding import check_steps, decoder_for
from agents.footprint import rows_that_fit
from agents.lengths import check_lengths
from agents.policy import Policy, Sampling
from agents.records import Completion

Advance = Callable[[int], None]
"""Called with the number of completions that are done since the last call."""
DEAD_SHARE = 0.25
"""Share of a batch's rows that may have ended before they are dropped from it."""


def generate(
    policy: Policy,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    seed: int,
    advance: Advance | None = None,
    rows: Sequence[int] | None = None,
) -> list[Completion]:
    """One completion for each prompt, in order. What a row samples depends on its prompt, the seed and its number.

    Args:
        policy: Who answers.
        prompts: Token rows; equal rows are computed once.
        sampling: Length, temperature and batch size.
        seed: Same seed, prompts and settings give the same completions on the same machine.
        advance: Told how many rows each finished batch had, for a progress bar.
        rows: A number for each row, different from the others'; by default its place among the prompts. Where some of
            the rows of an earlier call go on, theirs keep what they sample from depending on who else does.

    Raises:
        ConfigError: The policy's model cannot be sampled from (:func:`agents.decoding.check_steps`), or has too few
            positions for a prompt and what may follow it.
    """
    if not prompts:
        return []
    check_lengths(policy.model, max(map(len, prompts)), sampling.max_new_tokens)
    check_steps(policy.model, policy.pad_id)
    longest_first = sorted(range(len(prompts)), key=lambda i: (-len(prompts[i]), tuple(prompts[i])))
    generator = torch.Generator().manual_seed(seed)
    numbers = list(range(len(prompts)) if rows is None else rows)
    uniforms = torch.rand(max(numbers) + 1, sampling.max_new_tokens, generator=generator)[numbers]
    done: list[Completion | None] = [None] * len(prompts)
    was_training = policy.model.training
    policy.model.eval()
    with torch.inference_mode():
        start = 0
        while start < len(prompts):
            columns = len(prompts[longest_first[start]]) + sampling.max_new_tokens
            fitting = min(sampling.rows_at_once, rows_that_fit(policy.model, columns))
            places = longest_first[start : start + fitting]
            start += len(places)
            batch = _Batch(policy, [tuple(prompts[i]) for i in places], sampling)
            for i, completion in zip(places, batch.run(uniforms[places].to(policy.device)), strict=True):
                done[i] = completion
            if advance is not None:
                advance(len(places))
    policy.model.train(was_training)
    return [completion for completion in done if completion is not None]


class _Batch:
    """Rows being sampled side by side.

    A row that has ended goes on being computed, unread, until many have: moving the others together costs more than a
    few tokens for nobody.
    """

    def __init__(self, policy: Policy, prompts: list[tuple[int, ...]], sampling: Sampling) -> None:
        self.policy, self.sampling = policy, sampling
        self.decoder = decoder_for(policy.model, policy.pad_id, sampling.max_new_tokens)
        self.logits = self.decoder.start(prompts)  # (B, V) for the next token
        self.rows = list(range(len(prompts)))  # which output row each lane is
        self.live = [True] * len(prompts)
        self.tokens: list[list[int]] = [[] for _ in prompts]
        self.logprobs: list[list[float]] = [[] for _ in prompts]
        self.likeliest: list[torch.Tensor] = []
        # A token adds a byte at least, so no stop text goes over more of them; decoders strip the first one's space.
        self.tail = max((len(text.encode()) + 1 for text in sampling.stop), default=0)

    def run(self, uniforms: torch.Tensor) -> list[Completion]:
        """Sample until every row has ended or is full. ``uniforms`` is (B, max_new_tokens)."""
        for position in range(self.sampling.max_new_tokens):
            tokens, logprobs = pick(self.logits, uniforms[self.rows, position], self.sampling.temperature)
            self._keep_likeliest()
            self._write(tokens, logprobs)
            last = position + 1 == self.sampling.max_new_tokens
            if last or not any(self.live):
                break
            self.logits = self.decoder.advance(self._gathered(tokens))
        stop = self.sampling.stop
        done = [self.policy.completion(t, p, stop) for t, p in zip(self.tokens, self.logprobs, strict=True)]
        if not self.sampling.likeliest:
            return done
        kept = torch.stack(self.likeliest, 1)  # (B, positions, K)
        return [replace(c, likeliest=kept[row, : len(c.tokens)].clone()) for row, c in enumerate(done)]

    def _write(self, tokens: torch.Tensor, logprobs: torch.Tensor) -> None:
        ends = self.policy.end_ids
        sampled = zip(self.rows, tokens.tolist(), logprobs.tolist(), strict=True)
        for lane, (row, token, logprob) in enumerate(sampled):
            if self.live[lane]:
                self.tokens[row].append(token)
                self.logprobs[row].append(logprob)
                self.live[lane] = token not in ends and not self._is_stopped(row)

    def _is_stopped(self, row: int) -> bool:
        """Whether the last token of a row completed a stop text."""
        if not self.tail:
            return False
        text = text_of(self.policy.tokenizer, self.tokens[row][-self.tail :])
        return any(stop in text for stop in self.sampling.stop)

    def _keep_likeliest(self) -> None:
        """Note the likeliest tokens at this position, for lanes that are still computed."""
        if self.sampling.likeliest:
            count = min(self.sampling.likeliest, self.logits.shape[-1])
            kept = torch.zeros(len(self.tokens), count, dtype=torch.int32, device=self.logits.device)
            kept[self.rows] = self.logits.topk(count, -1).indices.int()
            self.likeliest.append(kept)

    def _gathered(self, tokens: torch.Tensor) -> torch.Tensor:
        """The tokens to go on with; lanes that have ended are dropped when they are a quarter of all."""
        if sum(self.live) > len(self.live) * (1 - DEAD_SHARE):
            return tokens
        lanes = [lane for lane, is_live in enumerate(self.live) if is_live]
        left = torch.tensor(lanes, device=tokens.device)
        self.decoder.keep(left)
        self.rows, self.live = [self.rows[lane] for lane in lanes], [True] * len(lanes)
        return tokens[left]


def pick(logits: torch.Tensor, uniforms: torch.Tensor, temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
    """A token and its log-probability for each row.

    Args:
        logits: (B, V).
        uniforms: (B,) in [0, 1); the token is where the cumulative distribution passes the number.
        temperature: 0 takes the likeliest token, whose log-probability is then that at temperature 1.
    """
    scaled = logits.float() / (temperature or 1.0)
    logprobs = scaled.log_softmax(-1)
    if temperature == 0:
        chosen = scaled.argmax(-1)
    else:
        cumulative = logprobs.exp().cumsum(-1, dtype=torch.double)
        targets = uniforms.double()[:, None] * cumulative[:, -1:]
        chosen = torch.searchsorted(cumulative, targets, right=True)[:, 0].clamp(max=logits.shape[-1] - 1)
    return chosen, logprobs.gather(-1, chosen[:, None])[:, 0]

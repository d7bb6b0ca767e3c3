"""Sampling completions with a KV cache.

Prompts that are equal are computed once (a group of G rollouts shares its prompt), finished rows leave the batch,
and log-probabilities are kept from the sampling distribution, so that no second pass is needed. Uniform numbers are
drawn for all rows and positions in advance: what a row samples does not depend on when others finish.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from transformers import DynamicCache

from agents.policy import Policy, Sampling
from agents.records import Completion

Advance = Callable[[int], None]
"""Called with the number of completions that are done since the last call."""


def generate(
    policy: Policy,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    seed: int,
    advance: Advance | None = None,
) -> list[Completion]:
    """One completion for each prompt, in order.

    Args:
        policy: Who answers.
        prompts: Token rows; equal rows are computed once.
        sampling: Length, temperature and batch size.
        seed: Same seed, prompts and settings give the same completions on the same machine.
        advance: Told how many rows each finished batch had, for a progress bar.
    """
    if not prompts:
        return []
    longest_first = sorted(range(len(prompts)), key=lambda i: (-len(prompts[i]), tuple(prompts[i])))
    generator = torch.Generator().manual_seed(seed)
    uniforms = torch.rand(len(prompts), sampling.max_new_tokens, generator=generator)
    done: list[Completion | None] = [None] * len(prompts)
    was_training = policy.model.training
    policy.model.eval()
    with torch.inference_mode():
        for start in range(0, len(prompts), sampling.rows_at_once):
            rows = longest_first[start : start + sampling.rows_at_once]
            batch = _Batch.begin(policy, [tuple(prompts[i]) for i in rows], sampling)
            for i, completion in zip(rows, batch.run(uniforms[rows].to(policy.device)), strict=True):
                done[i] = completion
            if advance is not None:
                advance(len(rows))
    policy.model.train(was_training)
    return [completion for completion in done if completion is not None]


@dataclass
class _Batch:
    """Rows being sampled side by side."""

    policy: Policy
    sampling: Sampling
    cache: DynamicCache
    attention: torch.Tensor  # (B, prompt + sampled so far)
    logits: torch.Tensor  # (B, V) for the next token
    rows: torch.Tensor  # (B,) which output row each live row is
    tokens: list[list[int]]
    logprobs: list[list[float]]

    @classmethod
    def begin(cls, policy: Policy, prompts: list[tuple[int, ...]], sampling: Sampling) -> "_Batch":
        """Compute every different prompt once and spread its cache over its rows."""
        unique = list(dict.fromkeys(prompts))
        place = {prompt: i for i, prompt in enumerate(unique)}
        width = max(len(prompt) for prompt in unique)
        ids = torch.full((len(unique), width), policy.pad_id)
        attention = torch.zeros_like(ids)
        for i, prompt in enumerate(unique):
            ids[i, width - len(prompt) :] = torch.tensor(prompt)
            attention[i, width - len(prompt) :] = 1
        ids, attention = ids.to(policy.device), attention.to(policy.device)
        cache = DynamicCache(config=policy.model.config)
        positions = (attention.cumsum(-1) - 1).clamp(min=0)
        output = policy.model(
            input_ids=ids,
            attention_mask=attention,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        spread = torch.tensor([place[prompt] for prompt in prompts], device=policy.device)
        cache.batch_select_indices(spread)
        rows = torch.arange(len(prompts), device=policy.device)
        empty: list[list[int]] = [[] for _ in prompts]
        return cls(
            policy,
            sampling,
            cache,
            attention[spread],
            output.logits[spread, -1],
            rows,
            empty,
            [[] for _ in prompts],
        )

    def run(self, uniforms: torch.Tensor) -> list[Completion]:
        """Sample until every row has ended or is full. ``uniforms`` is (B, max_new_tokens)."""
        for position in range(self.sampling.max_new_tokens):
            tokens, logprobs = pick(self.logits, uniforms[self.rows, position], self.sampling.temperature)
            live = self._keep(tokens, logprobs)
            last = position + 1 == self.sampling.max_new_tokens
            if last or not bool(live.any()):
                break
            self._advance(tokens, live)
        return [self.policy.completion(t, p) for t, p in zip(self.tokens, self.logprobs, strict=True)]

    def _keep(self, tokens: torch.Tensor, logprobs: torch.Tensor) -> torch.Tensor:
        ends = self.policy.end_ids
        live = []
        for row, token, logprob in zip(self.rows.tolist(), tokens.tolist(), logprobs.tolist(), strict=True):
            self.tokens[row].append(token)
            self.logprobs[row].append(logprob)
            live.append(token not in ends)
        return torch.tensor(live, device=self.rows.device)

    def _advance(self, tokens: torch.Tensor, live: torch.Tensor) -> None:
        if not bool(live.all()):
            left = live.nonzero()[:, 0]
            self.cache.batch_select_indices(left)
            self.attention, self.rows, tokens = self.attention[left], self.rows[left], tokens[left]
        self.attention = torch.cat([self.attention, self.attention.new_ones(len(tokens), 1)], dim=1)
        positions = self.attention.sum(-1, keepdim=True) - 1
        output = self.policy.model(
            input_ids=tokens[:, None],
            attention_mask=self.attention,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
        )
        self.logits = output.logits[:, -1]


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
        cumulative = logprobs.double().exp().cumsum(-1)
        targets = uniforms.double()[:, None] * cumulative[:, -1:]
        chosen = torch.searchsorted(cumulative, targets, right=True)[:, 0].clamp(max=logits.shape[-1] - 1)
    return chosen, logprobs.gather(-1, chosen[:, None])[:, 0]

"""Training a model on texts of which parts are learnt: for pretraining, a course in one environment, a warm start.

Matrices are trained with Muon, the rest with AdamW; bfloat16 autocast is used where the device multiplies it in
hardware.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.attention import attend_in_float32
from agents.lengths import check_lengths
from agents.scoring import head_of

Row = tuple[list[int], list[bool]]
"""Token ids, and whether each is learnt."""


@dataclass
class Trainer:
    """A model being trained, and its optimizers."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    matrix_lr: float = 0.02
    other_lr: float = 3e-3
    micro_batch: int = 8
    """Rows in one forward pass; they are sorted by length first."""

    def __post_init__(self) -> None:
        self.head = head_of(self.model)  # now, since finding out would have a compiled model be compiled once more
        if fast_bfloat16(self.model.device):
            attend_in_float32(self.model)
        self.renew_optimizers()

    def renew_optimizers(self) -> None:
        """Forget the momentum: what follows depends on nothing but the weights it starts from."""
        matrices = [p for n, p in self.model.named_parameters() if p.ndim == 2 and "embed" not in n]
        others = [p for n, p in self.model.named_parameters() if p.ndim != 2 or "embed" in n]
        self.optimizers: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.Muon(matrices, lr=self.matrix_lr, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(others, lr=self.other_lr, betas=(0.9, 0.98), weight_decay=0.0),
        )

    def compile(self) -> None:
        """Fuse the small operations between the matrix products; attention written out is what compiles best."""
        self.model.set_attn_implementation("eager")
        self.model.base_model.compile(dynamic=True)

    def learn(self, rows: Sequence[Row], rate: float) -> float:
        """One optimizer step at a share of the full learning rates; the mean loss of a token that is learnt.

        Raises:
            ConfigError: A row is longer than what the model has positions for.
        """
        rows = sorted(rows, key=lambda row: len(row[0]))
        taught = sum(rows[-1][1])
        check_lengths(self.model, len(rows[-1][0]) - taught, taught)
        total = sum(sum(learnt) for _, learnt in rows)
        self._set_rate(rate)
        loss_sum = 0.0
        for start in range(0, len(rows), self.micro_batch):
            batch = rows[start : start + self.micro_batch]
            loss = self._loss(batch)
            (loss / total).backward()
            loss_sum += loss.item()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return loss_sum / total

    def _set_rate(self, share: float) -> None:
        for optimizer, rate in zip(self.optimizers, (self.matrix_lr, self.other_lr), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * share

    def _loss(self, batch: Sequence[Row]) -> torch.Tensor:
        """Sum of the losses of the tokens to learn."""
        width = _round_up(max(len(ids) for ids, _ in batch), 32)
        ids = torch.full((len(batch), width), self.tokenizer.pad_token_id or 0)
        is_target = torch.zeros_like(ids, dtype=torch.bool)
        for i, (row, learnt) in enumerate(batch):  # padded at the end, where causal attention cannot see it
            ids[i, : len(row)] = torch.tensor(row)
            is_target[i, : len(row) - 1] = torch.tensor(learnt[1:])  # a token is learnt at the one before it
        ids, is_target = ids.to(self.model.device), is_target.to(self.model.device)
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=fast_bfloat16(ids.device)):
            logits = self._logits(ids, is_target)
        return torch.nn.functional.cross_entropy(logits.float(), ids.roll(-1, 1)[is_target], reduction="sum")

    def _logits(self, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """The logits at some positions; those of all are only made where the model does more than its head."""
        if self.head is None:
            everywhere: torch.Tensor = self.model(input_ids=ids, use_cache=False).logits
            return everywhere[wanted]
        hidden = self.model.base_model(input_ids=ids, use_cache=False).last_hidden_state[wanted]
        count = len(hidden)
        hidden = torch.nn.functional.pad(hidden, (0, 0, 0, _round_up(count, 256) - count))
        logits: torch.Tensor = self.head(hidden)[:count]
        return logits


def _round_up(number: int, multiple: int) -> int:
    """Few different shapes: oneDNN compiles its bfloat16 kernels anew for every one."""
    return -(-number // multiple) * multiple


def fast_bfloat16(device: torch.device) -> bool:
    """Whether this device multiplies bfloat16 in hardware."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()

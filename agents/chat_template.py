"""What chat templates add to a request: the date of today, which is pinned here, and the beginning of a thought.

The templates of models that always think (DeepSeek-R1's, Qwen3-Thinking's) write ``<think>`` into the prompt. What is
sampled then holds the closing tag alone, and if it is cut off before that, no tag at all: whoever reads it has to be
told that it is a thought.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pmd_envs.thoughts import start_of_open_thought

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_CLOCK = "strftime_now"
"""What templates call to write today's date."""
_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")
_DATE = {
    **{"%Y": "2024", "%y": "24", "%m": "07", "%-m": "7", "%B": "July", "%b": "Jul", "%h": "Jul"},
    **{"%d": "26", "%-d": "26", "%e": "26", "%j": "208", "%A": "Friday", "%a": "Fri", "%u": "5", "%w": "5"},
    **{"%F": "2024-07-26", "%D": "07/26/24", "%H": "00", "%I": "12", "%M": "00", "%S": "00", "%p": "AM"},
    **{"%T": "00:00:00", "%R": "00:00"},
}
"""The date that Llama's templates fall back to, 26 July 2024, in the parts that a format may ask for."""


def pinned_template(tokenizer: PreTrainedTokenizerBase) -> str:
    """A tokenizer's chat template; one that writes today's date writes the same date every day.

    Or else the same seed would draw other samples tomorrow, and a run that goes on would not be the one that was begun.
    """
    template = tokenizer.get_chat_template()
    if _CLOCK not in template:
        return template
    parts = "".join(f" | replace('{part}', '{said}')" for part, said in _DATE.items())
    # The line break ends with the macro: templates are read with trim_blocks.
    return f"{{%- macro {_CLOCK}(format) -%}}{{{{ format{parts} }}}}{{%- endmacro %}}\n{template}"


def begun_thought(tokenizer: PreTrainedTokenizerBase, *, thinks: bool) -> str:
    """The thought that a chat template begins behind a request: its tag and what follows; empty where it begins none.

    Args:
        tokenizer: Whose template.
        thinks: What a template that knows ``enable_thinking`` is told.
    """
    request = "What is asked."
    written = tokenizer.apply_chat_template(
        [{"role": "user", "content": request}],
        chat_template=pinned_template(tokenizer),
        add_generation_prompt=True,
        tokenize=False,
        enable_thinking=thinks,
    )
    answer = str(written).rpartition(request)[2]
    return answer[start_of_open_thought(answer) :]


def resumed(thought: str, earlier: str) -> str:
    """What stands behind a prompt that begins a thought, so that the next turn goes on with what was said earlier.

    The thought itself, if it is what was said first. A thought that was over is not there any more; the one that the
    prompt begins is then closed, since nobody said the rest in it.
    """
    if not earlier or earlier.startswith(thought):
        return earlier.removeprefix(thought)
    return closing_of(thought) + earlier


def closing_of(thought: str, stop: Sequence[str] = ()) -> str:
    """What closes a thought that begins with a tag, and stands before what is said after it; empty without a thought.

    The tag and an empty line, as templates write it, or the tag alone where the rest would end what is sampled.
    """
    if not thought:
        return ""
    closing = f"</{thought.partition('>')[0].removeprefix('<')}>\n\n"
    return closing.rstrip("\n") if any(text in closing for text in stop) else closing


def text_of(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int]) -> str:
    """The text of tokens without special ones, but with tags of thoughts, which some tokenizers count among these."""
    ids = {tokenizer.convert_tokens_to_ids(tag): tag for tag in _TAGS}
    hidden = {i: tag for i, tag in ids.items() if isinstance(i, int) and i in tokens and _is_hidden(tokenizer, i, tag)}
    text, start = "", 0
    for place, token in enumerate(tokens):
        if token in hidden:
            text += str(tokenizer.decode(list(tokens[start:place]), skip_special_tokens=True)) + hidden[token]
            start = place + 1
    return text + str(tokenizer.decode(list(tokens[start:]), skip_special_tokens=True))


def _is_hidden(tokenizer: PreTrainedTokenizerBase, token: int, tag: str) -> bool:
    """Whether a token is this tag, and not one for what is unknown, and left out of texts."""
    return tokenizer.convert_ids_to_tokens(token) == tag and not tokenizer.decode([token], skip_special_tokens=True)

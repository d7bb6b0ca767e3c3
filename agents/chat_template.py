"""What chat templates add that depends on more than the messages: the date of today, which is pinned here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_CLOCK = "strftime_now"
"""What templates call to write today's date."""
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

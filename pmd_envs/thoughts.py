"""Which part of a response is said, and which was only thought.

A reasoning model thinks in a block, ``<think>...</think>`` or ``<thinking>...</thinking>``, before it answers. Where
the chat template opens the block in the prompt, a response holds the closing tag alone.
"""

import re

_TAG = re.compile(r"<(/?)(?:think|thinking)>", re.IGNORECASE)


def spoken(response: str, before: bool = False) -> str:
    """What a response says after its thoughts; nothing where they do not end.

    Args:
        response: What was written.
        before: Whether a thought was open before it.
    """
    if before and is_thinking(response, before):
        return ""
    return without_thinking(response[end_of_thought(response) :] if before else response) or ""


def is_thinking(text: str, before: bool) -> bool:
    """Whether a thought is open at the end of a text, given whether one was open before it."""
    if "<" not in text:  # as in most lines; a search for tags takes ten times as long
        return before
    *_, last = None, *_TAG.finditer(text)
    return before if last is None else not last[1]


def end_of_thought(text: str) -> int:
    """Where the first closing tag ends; 0 without one."""
    return next((tag.end() for tag in _TAG.finditer(text) if tag[1]), 0)


def start_of_open_thought(text: str) -> int:
    """Where the thought begins that is open at the end of a text; its length if there is none."""
    start = len(text)
    if "<" not in text:
        return start
    for tag in _TAG.finditer(text):
        start = len(text) if tag[1] else min(start, tag.start())
    return start


def without_thinking(response: str) -> str | None:
    """``response`` without its thinking blocks, or ``None`` if one is still open at the end.

    A closing tag alone ends a block that the prompt had opened.
    """
    if "<" not in response:
        return response
    said: list[str] = []
    start, thinking = 0, False
    for tag in _TAG.finditer(response):
        closing = bool(tag[1])
        if closing and not thinking:
            said.clear()
        elif not closing and not thinking:
            said.append(response[start : tag.start()])
        thinking = not closing
        start = tag.end()
    if thinking:
        return None
    whole = "".join([*said, response[start:]])
    # A tag that only comes about where a thought was taken out would make it matter how often thoughts are taken out.
    return "" if said and _TAG.search(whole) else whole

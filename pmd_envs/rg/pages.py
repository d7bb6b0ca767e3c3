"""The pages of reasoning-gym's data sets: each is made from one template, where that package is installed.

What the package's scorer is replaced for is read from the page that all of them share, where it is written by hand.
"""

import re
from pathlib import Path

from pmd_envs.pages import SHARED_PAGE, arguments_of, transcript, write_whole
from pmd_envs.rg import catalogue

FOLDER = "rg"
"""Where they are, in the folder of all pages."""
_WORKS_OF_OTHERS = frozenset({"codeio", "gsm_symbolic"})
"""Their problems are published programs and texts, which are not repeated."""
_RULE = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (.+) \|$", re.MULTILINE)
_PAGE = """# rg-{name}

`{env_id}`

The data set `{name}` of [reasoning-gym](https://github.com/open-thought/reasoning-gym): see [the page of all its data
sets](../{shared}) for what they have in common.

## Description

{transcript}

## Action space

A text ([`UnicodeText`](../../index.md#environments)). One step is one line; what stands between `<answer>` and
`</answer>` is one step, however many lines it has.

## Observation space

`problem`, `steps`, `feedback`, `turns_left`: see the [user guide](../../index.md#environments).

## Starting state

A random problem of the split, no steps, and all turns. `reset(options={{"task_id": ...}})` and
`reset(options={{"index": ...}})` choose the problem.

## Rewards

1 if the last stated answer is right, else 0. {judged}

## Episode end

Terminates with a step that states an answer; truncates when the turns are used up.

## Information

As in the [user guide](../../index.md#environments). `verified` is 0 for every step but the answer.

## Arguments

As in the [user guide](../../index.md#environments). `difficulty` is a level of the data set's curriculum.

{arguments}

## Version history

- v0: first version, with reasoning-gym 0.1.25.
"""


def page_path(folder: Path, name: str) -> Path:
    """Where the page of a data set is."""
    return folder / FOLDER / f"{name}.md"


def page(name: str, shared: str) -> str:
    """The page of a data set, with a real episode.

    Args:
        name: The data set's, as in the catalogue.
        shared: The page of all data sets.
    """
    env_id = catalogue.env_id(name)
    return _PAGE.format(
        name=name,
        env_id=env_id,
        shared=SHARED_PAGE,
        transcript=transcript(env_id, problem=name not in _WORKS_OF_OTHERS),
        judged=_judged(name, shared),
        arguments=arguments_of(env_id),
    )


def _judged(name: str, shared: str) -> str:
    reasons = [why for names, why in _RULE.findall(shared) if f"`{name}`" in names]
    if not reasons:
        return f"How that is decided stands on [the page of all data sets](../{SHARED_PAGE}#rewards)."
    return f"A rule of ours decides, not the package's scorer: {'; '.join(reasons)}."


def write_data_set_pages(folder: Path) -> list[Path]:
    """Bring the pages of all data sets up to date.

    Returns:
        The pages that changed.
    """
    shared = (folder / SHARED_PAGE).read_text("utf-8")
    changed = []
    for name in catalogue.LEVELS:
        path, text = page_path(folder, name), page(name, shared)
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            write_whole(path, text)
            changed.append(path)
    return changed

"""The pages of the documentation, one for each family, in Gymnasium's order of sections.

What a program can say is written by this module, between two comments: a transcript of a real episode, and the levels,
domains, turns and data of the family. The sentences around them are written by hand, and stay as they are. A family
without a page gets one whose sentences come from its module's docstring.
"""

import importlib
import os
import random
import re
import textwrap
from pathlib import Path
from typing import Protocol, runtime_checkable

import gymnasium

from pmd_envs.env import ReasoningEnv, load_family
from pmd_envs.errors import ConfigError
from pmd_envs.family import Family
from pmd_envs.records import Task
from pmd_envs.rg import catalogue

_BEGIN, _END = "<!-- generated: {name} -->", "<!-- end of generated -->"
SHARED_PAGE = "reasoning_gym.md"  # of all its data sets
_HEADING = re.compile(r"^# (.+?) *$", re.MULTILINE)
_INDEX = 1  # the episode that is shown
_SKELETON = """# {name}

`{env_id}`

{summary}

```
{example}
```

## Description

{description}

{transcript}

## Action space

A text ([`UnicodeText`](../index.md#environments)). One step is one line.

## Observation space

`problem`, `steps`, `feedback`, `turns_left`: see the [user guide](../index.md#environments).

## Starting state

A random problem of the split, no steps, and all turns. `reset(options={{"task_id": ...}})` and
`reset(options={{"index": ...}})` choose the problem.

## Rewards

1 if the final answer is right, whatever the steps before it; else 0, at the end. `reward="shaped"` spreads the reward
over the checked steps.

## Episode end

Terminates with a step that states a final answer; truncates when the turns are used up.

## Information

As in the [user guide](../index.md#environments). `verified` is about what the last step itself states.

## Arguments

As in the [user guide](../index.md#environments).

{arguments}

## Version history

- v{version}: first version.
"""


@runtime_checkable
class _KnowsMistakes(Protocol):
    def wrong_solution(self, rng: random.Random, task: Task) -> str: ...


def page_path(folder: Path, env_id: str) -> Path:
    """Where the page of an environment is: its family's module names it."""
    return folder / f"{_path(env_id).partition(':')[0].rpartition('.')[2]}.md"


def _path(env_id: str) -> str:
    return str(gymnasium.spec(env_id).kwargs["family"])


def write_pages(folder: Path, env_ids: tuple[str, ...]) -> list[Path]:
    """Bring the pages in ``folder`` up to date.

    Returns:
        The pages that changed.

    Raises:
        ConfigError: A page lacks the place of what is generated, or is that of another family, since it has the name of
            the module and not of the family.
    """
    changed = []
    for env_id in env_ids:
        path = page_path(folder, env_id)
        before = path.read_text("utf-8") if path.exists() else ""
        if before:
            _hold_to_its_family(before, env_id, path)
        after = updated(before, env_id) if before else new_page(env_id)
        if after != before:
            write_whole(path, after)
            changed.append(path)
    shared = folder / SHARED_PAGE
    if shared.exists() and (after := updated_table(before := shared.read_text("utf-8"))) != before:
        write_whole(shared, after)
        changed.append(shared)
    return changed


def write_whole(path: Path, text: str) -> None:
    """Write a page, whole or not at all: its sentences are written by hand."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, "utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _hold_to_its_family(page: str, env_id: str, path: Path) -> None:
    heading, name = _HEADING.search(page), load_family(_path(env_id)).name
    if heading is not None and heading[1] != name:
        raise ConfigError(f"{path} is the page of {heading[1]!r}; that of {env_id} would have the same name")


def updated_table(page: str) -> str:
    """The page of reasoning-gym's data sets with its table as it should be.

    Raises:
        ConfigError: There is no place for it.
    """
    rows = [
        f"| [`{catalogue.env_id(name)}`](rg/{name}.md) | {_levels(levels)} |"
        for name, levels in catalogue.LEVELS.items()
    ]
    return _filled(page, "data sets", "\n".join(["| id | `difficulty` |", "|---|---|", *rows]), SHARED_PAGE)


def _levels(levels: tuple[int, ...]) -> str:
    without_gaps = levels[-1] - levels[0] == len(levels) - 1 > 0
    return f"{levels[0]} to {levels[-1]}" if without_gaps else ", ".join(map(str, levels))


def updated(page: str, env_id: str) -> str:
    """A page with its generated parts as they should be.

    Raises:
        ConfigError: A part has no place in it.
    """
    family = load_family(_path(env_id))
    for name, text in (("transcript", transcript(env_id)), ("arguments", arguments(family))):
        page = _filled(page, name, text, f"the page of {env_id}")
    return page


def _filled(page: str, name: str, text: str, where: str) -> str:
    block = re.compile(f"{re.escape(_BEGIN.format(name=name))}.*?{re.escape(_END)}", re.DOTALL)
    if not block.search(page):
        raise ConfigError(f"{where} has no line {_BEGIN.format(name=name)!r}, nor an end of it")
    return block.sub(lambda _: _block(name, text), page, count=1)


def new_page(env_id: str) -> str:
    """A first page for a family, from its docstring."""
    family = load_family(_path(env_id))
    text = (importlib.import_module(type(family).__module__).__doc__ or family.name).strip()
    paragraphs = text.split("\n\n")
    example = [paragraph for paragraph in paragraphs[1:] if paragraph.startswith("    ")]
    words = [paragraph for paragraph in paragraphs[1:] if paragraph not in example]
    return _SKELETON.format(
        name=family.name,
        env_id=env_id,
        version=family.version,
        summary=paragraphs[0],
        example=textwrap.dedent("\n\n".join(example)),
        description="\n\n".join(words) or paragraphs[0],
        transcript=_block("transcript", transcript(env_id)),
        arguments=_block("arguments", arguments(family)),
    )


def _block(name: str, text: str) -> str:
    return f"{_BEGIN.format(name=name)}\n{text}\n{_END}"


def transcript(env_id: str, problem: bool = True) -> str:
    """A real episode of the easiest level: a wrong step if there is one, then the gold solution.

    Args:
        env_id: Whose.
        problem: Whether the problem is shown; not where its text is somebody's work.
    """
    level = load_family(_path(env_id)).difficulties[0]
    env = gymnasium.make(env_id, source="generated", difficulty=level, render_mode="ansi").unwrapped
    assert isinstance(env, ReasoningEnv)
    env.reset(options={"index": _INDEX})
    for action in _actions(env):
        env.step(action)
    shown = env.render() or ""
    if not problem:
        shown = shown.replace(env.task.prompt, "[the problem]")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)  # a problem may have fences of its own
    return f"Problem {_INDEX} of level {level}, as `render()` shows it:\n\n{fence}text\n{shown}\n{fence}"


def _actions(env: ReasoningEnv) -> list[str]:
    gold = list(env.family.split_steps(env.family.gold_solution(env.task)))
    if not isinstance(env.family, _KnowsMistakes) or not env.family.continues:
        return gold
    for number in range(10):
        for step in env.family.split_steps(env.family.wrong_solution(random.Random(number), env.task)):
            verdict = env.family.check_step(env.task, (), step)
            if verdict.ok is False and not env.family.is_final(env.task, step, verdict):
                return [step, *gold]
    return gold


def arguments_of(env_id: str) -> str:
    """The table of an environment's family."""
    return arguments(load_family(_path(env_id)))


def arguments(family: Family) -> str:
    """A table of what the common arguments may be for this family."""
    rows = [
        ("`difficulty`", _levels(family.difficulties)),
        ("turns", f'{family.max_turns} with `granularity="step"`, 1 with `granularity="episode"`'),
        ("published data", _data(family)),
    ]
    if family.domains:
        rows.insert(1, ("`domain`", ", ".join(f'`"{domain}"`' for domain in family.domains)))
    return "\n".join(["| argument | values |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _data(family: Family) -> str:
    data = family.dataset
    if data is None:
        return "none: every problem is generated"
    splits: dict[str, list[str]] = {}
    for split, names in data.files.items():
        for name in names:
            splits.setdefault(name, []).append(split)
    local = ", ".join(f"`{data.folder}/{name}` ({', '.join(found)})" for name, found in splits.items())
    if not data.hub_repo:
        return f"in `PMD_DATA_DIR`, also gzipped: {local}; not on the Hugging Face hub"
    hub = f"`{data.hub_repo}` on the Hugging Face hub at commit `{data.hub_revision[:7]}` ({', '.join(data.hub_files)})"
    return f"in `PMD_DATA_DIR`, also gzipped: {local}; {hub}"

"""Registration of task families as Gymnasium ids.

Gymnasium's own registry is the only one; this module fills it. A family of another package is added by
``pmd_envs.register(Family)``, or found through the entry-point group ``pmd.envs``. The data sets of reasoning-gym are
registered where that package is installed.
"""

import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping, Sequence

import gymnasium

from pmd_envs.datasets import Dataset
from pmd_envs.env import MAX_TURNS, load_family
from pmd_envs.errors import ConfigError
from pmd_envs.family import Family
from pmd_envs.plugins import load_plugins, load_waiting
from pmd_envs.rg import catalogue
from pmd_envs.verifiers.registry import load_verifiers

BUILT_IN: Mapping[str, tuple[str, int]] = {
    "pmd/GSM8K-v0": ("pmd_envs.families.gsm8k:GSM8K", 12),
    "pmd/MATH500-v0": ("pmd_envs.families.math500:MATH500", 64),
    "pmd/MATH-v0": ("pmd_envs.families.math_full:MATH", 64),
    "pmd/KnightsKnaves-v0": ("pmd_envs.families.knights_knaves:KnightsKnaves", 12),
    "pmd/Entailment-v0": ("pmd_envs.families.entailment:Entailment", 16),
    "pmd/FOLIO-v0": ("pmd_envs.families.folio:Folio", 16),
    "pmd/Ordering-v0": ("pmd_envs.families.ordering:Ordering", 32),
    "pmd/ZebraGrid-v0": ("pmd_envs.families.zebra_grid:ZebraGrid", 48),
    "pmd/Sudoku-v0": ("pmd_envs.families.sudoku:Sudoku", 64),
    "pmd/FunctionSynthesis-v0": ("pmd_envs.families.function_synthesis:FunctionSynthesis", 3),
    "pmd/HumanEval-v0": ("pmd_envs.families.humaneval:HumanEval", 3),
    "pmd/MBPP-v0": ("pmd_envs.families.mbpp:MBPP", 3),
    "pmd/CRUXEval-v0": ("pmd_envs.families.cruxeval:CRUXEval", 12),
    "pmd/LiveCodeBench-v0": ("pmd_envs.families.livecodebench:LiveCodeBench", 3),
    "pmd/ProgramRepair-v0": ("pmd_envs.families.program_repair:ProgramRepair", 3),
    "pmd/SciKnowEval-v0": ("pmd_envs.families.sciknoweval:SciKnowEval", 12),
    "pmd/Arithmetic-v0": ("pmd_envs.families.arithmetic:Arithmetic", 32),
    "pmd/LinearEquations-v0": ("pmd_envs.families.linear_equations:LinearEquations", 32),
    "pmd/NumberTheory-v0": ("pmd_envs.families.number_theory:NumberTheory", 32),
    "pmd/Countdown-v0": ("pmd_envs.families.countdown:Countdown", 16),
    "pmd/UnitConversion-v0": ("pmd_envs.families.unit_conversion:UnitConversion", 32),
    "pmd/OutputPrediction-v0": ("pmd_envs.families.output_prediction:OutputPrediction", 32),
}
"""Our families by id, with their most turns: they are imported when they are used, which keeps this import short."""
_ID = re.compile(r"pmd/[\w.-]+-v\d+", re.ASCII)
_DECLARED = ("name", "instructions", "difficulties", "max_turns")


def register(family: type[Family]) -> str:
    """Make ``pmd/<name>-v<version>`` known to Gymnasium and return that id.

    A class that was edited and defined again, as in a notebook, takes the place of the one that it was. If its name or
    version is another now, the earlier id is gone, since its class is.

    Raises:
        ConfigError: The name does not make a valid id, is taken by another family, or the class cannot be
            imported by its name (workers of a vector environment have to).
    """
    if not (isinstance(family, type) and issubclass(family, Family)):
        raise ConfigError(f"{family!r} is not a subclass of pmd_envs.Family")
    path = f"{family.__module__}:{family.__qualname__}"
    _check(family, path)
    env_id = f"pmd/{family.name}-v{family.version}"
    if not _ID.fullmatch(env_id):
        raise ConfigError(f"{env_id!r} is not a valid id: the name may hold letters, digits, '_', '.' and '-'")
    known = gymnasium.registry.get(env_id)
    if known is not None and known.kwargs.get("family") != path:
        raise ConfigError(f"{env_id!r} is already registered by {known.kwargs.get('family')!r}")
    earlier = [key for key, spec in gymnasium.registry.items() if spec.kwargs.get("family") == path]
    if earlier and type(load_family(path)) is not family:
        load_family.cache_clear()
        for key in earlier:  # also of another name or version, whose class is no longer there
            del gymnasium.registry[key]
    elif known is not None:
        return env_id
    _enter(env_id, path, family.max_turns)
    return env_id


def _enter(env_id: str, path: str, max_turns: int) -> None:
    gymnasium.register(
        id=env_id,
        entry_point="pmd_envs.env:ReasoningEnv",
        vector_entry_point="pmd_envs.vector:ReasoningVectorEnv",
        reward_threshold=0.95,
        max_episode_steps=max_turns,
        kwargs={"family": path},
    )


def _check(family: type[Family], path: str) -> None:
    missing = [name for name in _DECLARED if not hasattr(family, name)]
    if missing or inspect.isabstract(family):
        lacking = ", ".join([*missing, *sorted(family.__abstractmethods__)])
        raise ConfigError(f"family {path!r} does not define {lacking}")
    if "." in family.__qualname__:
        raise ConfigError(f"{path!r} is defined inside something else; define the family at the top of a module")
    if getattr(sys.modules.get(family.__module__), family.__qualname__, None) is not family:
        raise ConfigError(
            f"{path!r} is not there under that name; define the family at the top of a module, and register it below "
            "its definition: in the place of a decorator, its class is not there yet"
        )
    _check_values(family, path)


def _check_values(family: type[Family], path: str) -> None:
    for name in ("name", "instructions"):
        if not isinstance(getattr(family, name), str):
            raise ConfigError(f"{name}={getattr(family, name)!r} of {path!r} is no str")
    if type(family.version) is not int or family.version < 0:
        raise ConfigError(f"version={family.version!r} of {path!r} is no whole number from 0 on")
    if not isinstance(family.dataset, Dataset | None):
        raise ConfigError(f"dataset={family.dataset!r:.80} of {path!r} is no pmd_envs.datasets.Dataset")
    turns, levels = family.max_turns, family.difficulties
    if type(turns) is not int or not 1 <= turns <= MAX_TURNS:
        raise ConfigError(f"max_turns={turns!r} of {path!r} is no whole number from 1 to {MAX_TURNS}")
    if not isinstance(levels, Sequence) or not levels:
        raise ConfigError(f"difficulties={levels!r} of {path!r}: it needs a list of at least one level")
    wrong = [level for level in levels if type(level) is not int or level < 0]
    if wrong:
        raise ConfigError(f"difficulties of {path!r} hold {wrong[0]!r}: a level is a whole number from 0 on")


def environment_ids(*, reasoning_gym: bool = True) -> tuple[str, ...]:
    """Every registered ``pmd/`` id, sorted.

    Args:
        reasoning_gym: Whether the data sets of that package, if it is installed, are among them.
    """
    load_waiting()
    left_out = () if reasoning_gym else frozenset(map(catalogue.env_id, catalogue.LEVELS))
    return tuple(sorted(key for key in gymnasium.registry if key.startswith("pmd/") and key not in left_out))


def register_all() -> None:
    """Register our families and those of installed plug-ins; a broken plug-in is reported and skipped."""
    for env_id, (path, max_turns) in BUILT_IN.items():
        if env_id not in gymnasium.registry:
            _enter(env_id, path, max_turns)
    found = importlib.util.find_spec("reasoning_gym")
    if found is not None and found.origin is not None:  # a mere folder of that name has none
        _enter_reasoning_gym()
    load_plugins("pmd.envs", lambda _, family: register(family))  # type: ignore[arg-type]  # register checks it
    load_verifiers()


def _enter_reasoning_gym() -> None:
    """Its data sets, without importing it: that takes a second, and their classes are made when they are used."""
    for name in catalogue.LEVELS:
        env_id = catalogue.env_id(name)
        if env_id not in gymnasium.registry:
            _enter(env_id, catalogue.family_path(name), catalogue.MAX_TURNS)

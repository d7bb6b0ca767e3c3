"""Registration of task families as Gymnasium ids.

Gymnasium's own registry is the only one; this module fills it. A family of another package is added by
``pmd_envs.register(Family)``, or found through the entry-point group ``pmd.envs``. The data sets of reasoning-gym are
registered where that package is installed.
"""

import importlib
import importlib.util
import inspect
import re

import gymnasium

from pmd_envs.env import MAX_TURNS
from pmd_envs.errors import ConfigError
from pmd_envs.family import Family
from pmd_envs.plugins import load_plugins
from pmd_envs.rg import catalogue
from pmd_envs.verifiers.registry import load_verifiers

BUILT_IN = (
    "pmd_envs.families.gsm8k:GSM8K",
    "pmd_envs.families.math500:MATH500",
    "pmd_envs.families.math_full:MATH",
    "pmd_envs.families.knights_knaves:KnightsKnaves",
    "pmd_envs.families.entailment:Entailment",
    "pmd_envs.families.folio:Folio",
    "pmd_envs.families.ordering:Ordering",
    "pmd_envs.families.zebra_grid:ZebraGrid",
    "pmd_envs.families.sudoku:Sudoku",
    "pmd_envs.families.function_synthesis:FunctionSynthesis",
    "pmd_envs.families.humaneval:HumanEval",
    "pmd_envs.families.mbpp:MBPP",
    "pmd_envs.families.cruxeval:CRUXEval",
    "pmd_envs.families.livecodebench:LiveCodeBench",
    "pmd_envs.families.program_repair:ProgramRepair",
    "pmd_envs.families.sciknoweval:SciKnowEval",
    "pmd_envs.families.arithmetic:Arithmetic",
    "pmd_envs.families.linear_equations:LinearEquations",
    "pmd_envs.families.number_theory:NumberTheory",
    "pmd_envs.families.countdown:Countdown",
    "pmd_envs.families.unit_conversion:UnitConversion",
    "pmd_envs.families.output_prediction:OutputPrediction",
)
_ID = re.compile(r"pmd/[\w.-]+-v\d+", re.ASCII)
_DECLARED = ("name", "instructions", "difficulties", "max_turns")


def register(family: type[Family]) -> str:
    """Make ``pmd/<name>-v<version>`` known to Gymnasium and return that id.

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
    if known is not None:
        if known.kwargs.get("family") != path:
            raise ConfigError(f"{env_id!r} is already registered by {known.kwargs.get('family')!r}")
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
    if not 1 <= family.max_turns <= MAX_TURNS:
        raise ConfigError(f"max_turns={family.max_turns} of {path!r} is outside 1..{MAX_TURNS}")
    if not family.difficulties:
        raise ConfigError(f"difficulties of {path!r} are empty: it needs at least one level")


def environment_ids(*, reasoning_gym: bool = True) -> tuple[str, ...]:
    """Every registered ``pmd/`` id, sorted.

    Args:
        reasoning_gym: Whether the data sets of that package, if it is installed, are among them.
    """
    left_out = () if reasoning_gym else frozenset(map(catalogue.env_id, catalogue.LEVELS))
    return tuple(sorted(key for key in gymnasium.registry if key.startswith("pmd/") and key not in left_out))


def register_all() -> None:
    """Register our families and those of installed plug-ins; a broken plug-in is reported and skipped."""
    for path in BUILT_IN:
        module, _, name = path.partition(":")
        register(getattr(importlib.import_module(module), name))
    if importlib.util.find_spec("reasoning_gym") is not None:
        _enter_reasoning_gym()
    load_plugins("pmd.envs", lambda _, family: register(family))  # type: ignore[arg-type]  # register checks it
    load_verifiers()


def _enter_reasoning_gym() -> None:
    """Its data sets, without importing it: that takes a second, and their classes are made when they are used."""
    for name in catalogue.LEVELS:
        env_id = catalogue.env_id(name)
        if env_id not in gymnasium.registry:
            _enter(env_id, catalogue.family_path(name), catalogue.MAX_TURNS)

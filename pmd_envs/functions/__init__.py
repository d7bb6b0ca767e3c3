"""The catalogue of function kinds, by name."""

from pmd_envs.functions.chains import chains_of
from pmd_envs.functions.kind import FunctionKind, Inputs, Parameter
from pmd_envs.functions.lists import LIST_KINDS
from pmd_envs.functions.loops import LOOP_KINDS
from pmd_envs.functions.numbers import NUMBER_KINDS
from pmd_envs.functions.strings import STRING_KINDS

_SIMPLE = {kind.name: kind for kind in (*NUMBER_KINDS, *LIST_KINDS, *STRING_KINDS, *LOOP_KINDS)}
CATALOGUE: dict[str, FunctionKind] = _SIMPLE | {chain.name: chain for chain in chains_of(_SIMPLE)}

__all__ = ["CATALOGUE", "FunctionKind", "Inputs", "Parameter"]

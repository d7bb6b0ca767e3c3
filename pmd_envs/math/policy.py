"""The disputed rules, as settings."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from pmd_envs.errors import unknown

Percent = Literal["value", "optional"]
Decimals = Literal["exact", "rounded"]
Units = Literal["optional", "required", "ignored"]
Computed = Literal["optional", "required"]
Letters = Literal["cased", "caseless"]


@dataclass(frozen=True)
class Policy:
    """How :func:`pmd_envs.verify_math` decides where people disagree."""

    percent: Percent = "value"
    """``value``: 28% is 0.28 and nothing else. ``optional``: the sign may also be missing, so 28 is 28% too."""
    decimals: Decimals = "exact"
    """``exact``: a decimal is its exact value. ``rounded``: one with two or more places may be a rounded gold."""
    units: Units = "optional"
    """``optional``: a unit may be missing, but not another one. ``required``: both or neither. ``ignored``: any."""
    computed: Computed = "optional"
    """``optional``: 3 + 4 and 2^3 are the numbers that they come to. ``required``: where the gold is a plain number,
    the answer is written as one too, so that repeating a sum from the question is no answer."""
    letters: Letters = "cased"
    """``cased``: a gold letter without brackets or text around it may be a variable, and ``c`` alone is not ``C``.
    ``caseless``: the problem has several choices, and it is."""

    def __post_init__(self) -> None:
        known = {"percent": Percent, "decimals": Decimals, "units": Units, "computed": Computed, "letters": Letters}
        for field in fields(self):
            value = vars(self)[field.name]
            if value not in get_args(known[field.name]):
                raise unknown(f"{field.name} rule", value, get_args(known[field.name]))

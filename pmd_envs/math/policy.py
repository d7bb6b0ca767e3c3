"""The disputed rules, as settings."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from pmd_envs.errors import unknown

Percent = Literal["value", "optional"]
Decimals = Literal["exact", "rounded"]
Units = Literal["optional", "required", "ignored"]


@dataclass(frozen=True)
class Policy:
    """How :func:`pmd_envs.verify_math` decides where people disagree."""

    percent: Percent = "value"
    """``value``: 28% is 0.28 and nothing else. ``optional``: the sign may also be missing, so 28 is 28% too."""
    decimals: Decimals = "exact"
    """``exact``: a decimal is its exact value. ``rounded``: one with two or more places may be a rounded gold."""
    units: Units = "optional"
    """``optional``: a unit may be missing, but not another one. ``required``: both or neither. ``ignored``: any."""

    def __post_init__(self) -> None:
        known = {"percent": get_args(Percent), "decimals": get_args(Decimals), "units": get_args(Units)}
        for field in fields(self):
            value = {"percent": self.percent, "decimals": self.decimals, "units": self.units}[field.name]
            if value not in known[field.name]:
                raise unknown(f"{field.name} rule", value, known[field.name])

"""Short science problems of our own by domain, for where a published set is not at hand."""

from pmd_envs.science.formulas import DOMAINS, FORMULAS, Formula

__all__ = ["DOMAINS", "FORMULAS", "Formula"]

"""Propositional logic in two files: formulas as data, and the SAT solver that answers questions about them."""

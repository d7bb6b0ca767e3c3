"""Logic for puzzles: formulas, a SAT solver's answers about them, things at places, and first-order formulas."""

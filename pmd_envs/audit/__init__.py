"""Attacks on every verifier: what must never score, what must always score, and how long either takes.

``python -m pmd_envs.audit`` prints a table. ``attacks`` and ``programs`` list the attacks as data, ``cases`` fills them
in for one problem, ``runner`` tries them, and ``report`` writes down what it found.
"""

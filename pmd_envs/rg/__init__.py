"""The data sets of reasoning-gym as task families, when that package is installed (``pip install "pmd-envs[rg]"``).

``catalogue`` knows their names and levels without importing the package, ``entries`` makes problems, ``oracles`` solves
those that come without an answer, ``scoring`` judges answers by ``rules`` of ours or by the package's own scorers, and
``family`` puts it together. Text of a model is never handed to a scorer that runs it as Python.
"""

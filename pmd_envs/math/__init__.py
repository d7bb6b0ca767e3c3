"""Whether two mathematical answers are the same: read, compared exactly, and where that fails numerically.

``normalise`` and ``scan`` turn LaTeX, Unicode and plain text into tokens, ``parse`` makes a tree of them, ``compare``
decides by kind, ``exact`` by arithmetic without rounding, and ``guard`` asks a child process that can be killed. No
text is ever evaluated as code.
"""

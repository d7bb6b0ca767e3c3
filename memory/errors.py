"""Errors that a caller of the memory can cause.

    ProceduralMemoryError
    ├── MemoryStoreError (RuntimeError)  the file: missing, not a memory, newer than this code, locked
    ├── MemoryUseError (ValueError)      a bad argument: unknown level, caps below 1, a changed problem
    └── FirewallError (ValueError)       an attempt to learn from a held-out problem

What a language model writes badly is never one of these: it is counted and skipped.
"""


class ProceduralMemoryError(Exception):
    """Base of every error that the memory raises on purpose."""


class MemoryStoreError(ProceduralMemoryError, RuntimeError):
    """The memory file cannot be opened, read or written."""


class MemoryUseError(ProceduralMemoryError, ValueError):
    """A bad argument, named together with what would be right."""


class FirewallError(ProceduralMemoryError, ValueError):
    """A held-out problem was about to be written into the memory."""

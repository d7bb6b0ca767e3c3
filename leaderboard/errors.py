"""Errors of the leaderboard.

LeaderboardError (pmd_envs.PMDError)
├── ReportError   a report.json or evaluation.jsonl that cannot be read, and the field at fault
├── RefusedError  a run that may not be ranked, and why
└── StoreError    what a database does not have, or a page that cannot be written
    └── UnusableError  the database itself: missing, foreign, damaged or newer than this program
"""

from pmd_envs.errors import PMDError


class LeaderboardError(PMDError):
    """Base of every error that the leaderboard raises on purpose."""


class ReportError(LeaderboardError, ValueError):
    """A file of a run that is missing, damaged or of another format."""


class RefusedError(LeaderboardError):
    """A run whose scores cannot be reproduced or confirmed, so it is not ranked."""


class StoreError(LeaderboardError):
    """Something that is not in the database, or a page that cannot be written."""


class UnusableError(StoreError):
    """A database that this program cannot or must not use."""

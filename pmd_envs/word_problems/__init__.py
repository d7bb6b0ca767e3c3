"""Word problems of our own writing, one step (difficulty 1) to ten steps (difficulty 10) long.

Each topic is a file that lists templates; a template is data (see :mod:`pmd_envs.word_problems.template`).
To add one, append a ``Template`` to the topic where a reader would look for it.
"""

from pmd_envs.word_problems.ages import TEMPLATES as AGES
from pmd_envs.word_problems.animals import TEMPLATES as ANIMALS
from pmd_envs.word_problems.cooking import TEMPLATES as COOKING
from pmd_envs.word_problems.events import TEMPLATES as EVENTS
from pmd_envs.word_problems.farming import TEMPLATES as FARMING
from pmd_envs.word_problems.garden import TEMPLATES as GARDEN
from pmd_envs.word_problems.household import TEMPLATES as HOUSEHOLD
from pmd_envs.word_problems.school import TEMPLATES as SCHOOL
from pmd_envs.word_problems.sharing import TEMPLATES as SHARING
from pmd_envs.word_problems.shopping import TEMPLATES as SHOPPING
from pmd_envs.word_problems.sports import TEMPLATES as SPORTS
from pmd_envs.word_problems.template import Drawn, Step, Template
from pmd_envs.word_problems.trades import TEMPLATES as TRADES
from pmd_envs.word_problems.travel import TEMPLATES as TRAVEL
from pmd_envs.word_problems.trips import TEMPLATES as TRIPS
from pmd_envs.word_problems.work import TEMPLATES as WORK

__all__ = ["TEMPLATES", "Drawn", "Step", "Template"]

TEMPLATES: tuple[Template, ...] = (
    *SHOPPING,
    *SHARING,
    *TRAVEL,
    *WORK,
    *COOKING,
    *SCHOOL,
    *SPORTS,
    *ANIMALS,
    *GARDEN,
    *AGES,
    *EVENTS,
    *TRIPS,
    *TRADES,
    *HOUSEHOLD,
    *FARMING,
)
"""Every template, topic by topic."""

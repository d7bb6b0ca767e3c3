"""What people put around an environment: each is a ``gymnasium.Wrapper`` and works with every family.

env = gymnasium.make("pmd/GSM8K-v0", source="generated")
env = Tools(FewShot(env, count=2))
"""

from pmd_envs.wrappers.chat import ChatMessages
from pmd_envs.wrappers.curriculum import Curriculum
from pmd_envs.wrappers.episodes import RecordEpisodes, ReplayEpisodes
from pmd_envs.wrappers.few_shot import FewShot
from pmd_envs.wrappers.python_tool import python
from pmd_envs.wrappers.tools import Tools, calculator

__all__ = [
    "ChatMessages",
    "Curriculum",
    "FewShot",
    "RecordEpisodes",
    "ReplayEpisodes",
    "Tools",
    "calculator",
    "python",
]

"""What there is to choose from: environments, agents, suites, policies and what other packages add to them."""

from agents.arms import ARMS
from agents.memories import memories
from agents.policies import NAMED, PLACES
from agents.registry import usable_agents
from benchmarks.suites import GROUPS as SUITE_GROUPS
from benchmarks.suites import SUITES
from pmd_envs.plugins import GROUPS, declared
from pmd_envs.registry import environment_ids
from pmd_envs.verifiers.registry import verifier_names


def listed() -> dict[str, tuple[str, ...]]:
    """The names of each kind of thing; kinds of which there are none are left out."""
    agents, broken = usable_agents()
    found = {
        "environments": environment_ids(),
        "agents": agents,
        "arms": tuple(ARMS),
        "suites": tuple(SUITES),
        "groups of suites": tuple(f"{name}: {', '.join(of)}" for name, of in SUITE_GROUPS.items()),
        "policies": (*NAMED, *PLACES),
        "memories": tuple(memories()),
        "verifiers": verifier_names(),
        "entry points": tuple(f"{group}: {', '.join(declared(group)) or 'none installed'}" for group in GROUPS),
        "plug-ins that cannot be loaded": broken,
    }
    return {title: names for title, names in found.items() if names}


def listing() -> str:
    """A block for each kind of thing, one name a line."""
    return "\n\n".join("\n  ".join((f"{title}:", *names)) for title, names in listed().items())

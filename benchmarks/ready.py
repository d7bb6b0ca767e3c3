"""A run before it starts: everything about it that can be wrong is found out here, and nothing is written."""

from dataclasses import dataclass

from agents.policy import Policy
from agents.records import View
from agents.registry import named_agent
from agents.served import ServedPolicy
from agents.stream import TaskStream
from benchmarks.data_used import DataUsed
from benchmarks.estimate import Estimate, estimate, trial
from benchmarks.evaluate import Problems
from benchmarks.options import Options, choose_served, choose_suite, parse_setting
from benchmarks.plan import Plan, open_problems, open_unseen
from benchmarks.published import require_published
from benchmarks.suite_files import suite_settings
from benchmarks.validation import Validation
from benchmarks.weights import check_weights, weights_of
from leaderboard.errors import ReportError
from leaderboard.fields import Fields
from pmd_envs.errors import ConfigError, unknown


@dataclass(frozen=True)
class Ready:
    """A run that may start."""

    options: Options
    plan: Plan
    served: ServedPolicy | None
    training: tuple[Problems, ...]
    held_out: tuple[Problems, ...]
    unseen: tuple[Problems, ...]

    def load(self) -> Policy | ServedPolicy:
        """The policy, with adapters if these are to be trained."""
        if self.served is not None:
            return self.served
        return self.plan.weights.load(self.options.device, self.plan.seed)

    def data(self) -> tuple[DataUsed, ...]:
        """What the results of the run depend on."""
        measured = (*DataUsed.of("held out", self.held_out), *DataUsed.of("unseen", self.unseen))
        if not self.plan.agent.trains:
            return measured
        looks = self.plan.validation.open(self.plan.suite, self.plan.split)
        return (*DataUsed.of("training", self.training), *DataUsed.of("validation", looks), *measured)

    def first_prompt(self, policy: Policy | ServedPolicy) -> str:
        """What the policy reads of the first problem; empty where somebody else serves it, with their template."""
        if isinstance(policy, ServedPolicy):
            return ""
        part = (self.training or self.held_out)[0]
        family = part.env.family
        view = View(part.tasks[0].prompt, family.instructions, "", "", family.continues)
        return str(policy.tokenizer.decode(list(policy.ask(view))))

    def too_short_for(self) -> str:
        """What the agent does after an epoch, where the run has no batch after that; else empty."""
        plan = self.plan
        epoch = TaskStream(tuple(p.tasks for p in self.training), plan.suite.problems, plan.seed).epoch_steps
        later = plan.agent.after_an_epoch
        if not later or plan.steps > epoch:
            return ""
        return f"{plan.steps} training steps are no more than an epoch ({epoch}), after which {later}"

    def estimate(self, policy: Policy | ServedPolicy) -> Estimate:
        """What the run would take."""
        plan = self.plan
        tried = None if isinstance(policy, ServedPolicy) else trial(policy, plan.suite, self.training)
        return estimate(plan.suite, plan.agent, policy, self.held_out, tried, plan.validation)


def check_names(**names: str) -> None:
    """Refuse names that the report of a run, which is written at its end, could not hold.

    Raises:
        ConfigError: A name is empty, too long or not printable.
    """
    fields = Fields(dict(names), "the run's report")
    for name in names:
        try:
            fields.name(name)
        except ReportError as error:
            raise ConfigError(str(error)) from error


def prepare(options: Options) -> Ready:
    """Check everything that can be checked without the policy.

    Raises:
        ConfigError: An option is wrong, or the suite's data is missing.
    """
    suite = choose_suite(options)
    given = dict(parse_setting(text) for text in options.set)
    named = named_agent(options.agent, suite_settings(suite, options.agent) | given)
    agent = named.agent
    if options.split not in ("test", "validation"):
        raise unknown("split", options.split, ("test", "validation"))
    if options.device not in ("auto", "cpu", "cuda"):
        raise unknown("device", options.device, ("auto", "cpu", "cuda"))
    if options.lora is not None and not agent.trains:
        raise ConfigError(f"--lora {options.lora}: --agent {options.agent} trains nothing")
    check_weights(options)
    looks = Validation(options.validate_every)
    plan = Plan(named, weights_of(options, agent), suite, options.seed, options.split, looks)
    check_names(agent=options.agent, policy=options.policy, suite=suite.name)
    served = choose_served(options, agent)
    require_published(suite, options.split)
    training, held_out = open_problems(suite, options.split)
    if agent.trains:
        looks.open(suite, options.split)  # refuses what training would
    return Ready(options, plan, served, training, held_out, open_unseen(suite, options.split))

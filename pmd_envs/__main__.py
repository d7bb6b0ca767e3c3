"""``python -m pmd_envs``: play in the terminal, list the ids, bring the pages of the documentation up to date."""

import argparse
import io
import json
import sys
from pathlib import Path

from pmd_envs.command_line import Parser, as_command
from pmd_envs.completion import SHELLS, Command, completion_script
from pmd_envs.errors import ConfigError
from pmd_envs.registry import BUILT_IN, environment_ids

_EXAMPLES = """\
  python -m pmd_envs list
  python -m pmd_envs play pmd/KnightsKnaves-v0 --difficulty 2 --seed 1
  python -m pmd_envs play pmd/SciKnowEval-v0 --domain physics --source local
  python -m pmd_envs docs docs/envs
  eval "$(python -m pmd_envs complete bash)"    then: pmd-envs <Tab>, pmd-audit <Tab>, pmd-sandbox <Tab>
"""


@as_command
def main(arguments: list[str] | None = None) -> int:
    """Run one command; a caller's mistake is one line and exit status 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # marks and problems may not exist in the terminal's encoding
    return _run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m pmd_envs",
        description="Verifiable reasoning tasks.",
        epilog=f"examples:\n{_EXAMPLES}\nExit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, summary: str) -> argparse.ArgumentParser:
        own = "".join(line for line in _EXAMPLES.splitlines(keepends=True) if f"pmd_envs {name}" in line)
        how = argparse.RawDescriptionHelpFormatter
        return commands.add_parser(name, help=summary, epilog=f"examples:\n{own}", formatter_class=how)

    play = add("play", "play an environment in the terminal")
    play.add_argument("env_id", help="such as pmd/GSM8K-v0")
    play.add_argument("--difficulty", type=int, help="level of the generated problems")
    play.add_argument("--domain", help="part of the family, where it has several")
    play.add_argument("--source", default="auto", help="auto, local, hub or generated")
    play.add_argument("--split", default="train", help="train, validation or test")
    play.add_argument("--seed", type=int, help="which problems come")
    ids = add("list", "print every registered id")
    ids.add_argument("--json", action="store_true", help="as a JSON list")
    docs = add("docs", "bring the generated parts of the documentation up to date")
    docs.add_argument("folder", type=Path, help="where the pages are: docs/envs")
    complete = add("complete", "print a script that completes commands, options and ids in a shell")
    complete.add_argument("shell", choices=SHELLS)
    return parser


def _completed() -> tuple[Command, ...]:
    """This command and those of the packages within."""
    from pmd_envs.audit.__main__ import parser as audit
    from pmd_envs.sandbox.__main__ import parser as sandbox

    ids = environment_ids()
    return (
        Command("pmd-envs", "pmd_envs", _parser(), {"env_id": ids}),
        Command("pmd-audit", "pmd_envs.audit", audit(), {"env": ids}),
        Command("pmd-sandbox", "pmd_envs.sandbox", sandbox()),
    )


def _run(options: argparse.Namespace) -> int:
    if options.command == "list":
        ids = environment_ids()
        print(json.dumps(ids, indent=2) if options.json else "\n".join(ids))
    elif options.command == "complete":
        print(completion_script(_completed(), options.shell))
    elif options.command == "docs":
        from pmd_envs.pages import write_pages
        from pmd_envs.rg.pages import write_data_set_pages

        if not options.folder.is_dir():
            raise ConfigError(f"{options.folder} is not a folder; the pages are in docs/envs")
        changed = write_pages(options.folder, tuple(sorted(BUILT_IN)))  # a plug-in's page belongs elsewhere
        if len(environment_ids()) > len(environment_ids(reasoning_gym=False)):
            changed += write_data_set_pages(options.folder)
        for path in changed:
            print(f"changed {path}")
    else:
        from pmd_envs.play import play

        settings = {name: getattr(options, name) for name in ("difficulty", "domain", "source", "split")}
        return play(options.env_id, settings, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())

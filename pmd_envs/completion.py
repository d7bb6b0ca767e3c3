"""Completion of the command line in bash and zsh.

Shells complete by the name of a program, and ``python -m leaderboard`` has none of its own. So the script also defines
a function, such as ``pmd-leaderboard``, which is that command. A script has its path for a name.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from pmd_envs.command_line import Parser, options_of, subcommands

SHELLS = ("bash", "zsh")
# What bash calls complete, zsh builds on its own system, which not every .zshrc starts.
_ZSH = """\
whence compdef >/dev/null || { autoload -Uz compinit && compinit -i -D; }
autoload -Uz bashcompinit && bashcompinit
"""


@dataclass(frozen=True)
class Command:
    """What is completed."""

    name: str
    """In the shell."""
    module: str | None
    """What is run with ``python -m``; None for a script, which has a name."""
    parser: argparse.ArgumentParser
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What may stand for a positional argument, where its parser does not say it."""


def script_parser(description: str | None) -> Parser:
    """The parser of a script that is started by its path, and prints its own completion by that path."""
    parser = Parser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print-completion", choices=SHELLS, action=_Print, help="print a script for the shell")
    return parser


class _Print(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002  argparse gives all four
        values: str | Sequence[object] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        sys.stdout.write(completion_script([Command(sys.argv[0], None, parser)], str(values)) + "\n")
        parser.exit()


def completion_script(commands: Sequence[Command], shell: str) -> str:
    """A script for the shell to evaluate: commands first, then options, their values and arguments, else files."""
    return (_ZSH if shell == "zsh" else "") + "\n".join(map(_script, commands))


def _script(command: Command) -> str:
    function = "_" + re.sub(r"\W", "_", command.name)
    inner = subcommands(command.parser)
    if inner:
        cases = (f"{name})\n{_words(parser, command.values)} ;;" for name, parser in inner.items())
        first = f'if [ "$COMP_CWORD" -eq 1 ]; then words={quote(" ".join(inner))}; else case "${{COMP_WORDS[1]}}" in\n'
        body = first + "\n".join(cases) + "\nesac; fi"
    else:
        body = _words(command.parser, command.values)
    made = (
        "" if command.module is None else f'{command.name}() {{ {quote(sys.executable)} -m {command.module} "$@"; }}\n'
    )
    return f"""{made}{function}() {{
local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words=""
{body}
COMPREPLY=( $(compgen -W "$words" -- "$current") )
if [ -z "$words" ]; then COMPREPLY=( $(compgen -f -- "$current") ); fi
}}
complete -o filenames -F {function} {quote(command.name)}"""


def _words(parser: argparse.ArgumentParser, values: Mapping[str, Sequence[str]]) -> str:
    """Lines that set ``words`` to what may come next; to nothing where that is a file or anything else."""
    known = {option: choices for action in parser._actions for option, choices in _taken(action)}
    cases = [f"  {option}) words={quote(' '.join(choices))} ;;" for option, choices in known.items()]
    arguments = [
        word
        for action in parser._actions
        if not action.option_strings
        for word in (*map(str, action.choices or ()), *values.get(action.dest, ()))
    ]
    anything = (
        f'  *) case "$current" in -*) words={quote(" ".join(options_of(parser)))} ;; '
        f"*) words={quote(' '.join(arguments))} ;; esac ;;"
    )
    return "\n".join(['case "$before" in', *cases, anything, "esac"])


def _taken(action: argparse.Action) -> Iterator[tuple[str, list[str]]]:
    """The options that take a value, with the known values."""
    if action.nargs != 0:
        for option in action.option_strings:
            yield option, [str(choice) for choice in action.choices or ()]

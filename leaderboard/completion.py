"""Completion of the command line in bash and zsh.

Shells complete by the name of a program, and ``python -m leaderboard`` has none of its own. So the script also defines
the function ``pmd-leaderboard``, which is that command.
"""

import argparse
import sys
from collections.abc import Iterator
from shlex import quote

SHELLS = ("bash", "zsh")
NAME = "pmd-leaderboard"
# What bash calls complete, zsh builds on its own system, which not every .zshrc starts.
_ZSH = """\
whence compdef >/dev/null || { autoload -Uz compinit && compinit -i -D; }
autoload -Uz bashcompinit && bashcompinit
"""


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """A script for the shell to evaluate: commands first, then the options of the command, else files."""
    subcommands = _subcommands(parser)
    cases = "\n".join(
        f"    {name}) words={quote(' '.join(_options(command)))} ;;" for name, command in subcommands.items()
    )
    return f"""{_ZSH if shell == "zsh" else ""}{NAME}() {{ {quote(sys.executable)} -m leaderboard "$@"; }}
_{NAME.replace("-", "_")}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words={quote(" ".join(subcommands))}
  else
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
    case "$current" in -*) ;; *) words="" ;; esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
  if [ -z "$words" ]; then COMPREPLY=( $(compgen -f -- "$current") ); fi
}}
complete -o filenames -F _{NAME.replace("-", "_")} {NAME}"""


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if not action.option_strings and action.choices:
            yield from map(str, action.choices)

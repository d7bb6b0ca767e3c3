"""What a family's methods have to give back. Where one does not, the error names it: the family has to be mended."""

from typing import TypeVar

from pmd_envs.errors import ConfigError
from pmd_envs.records import RecordError

_Made = TypeVar("_Made")


def made_by(family: object, method: str, kind: type[_Made], *args: object) -> _Made:
    """What a method of a family gives back for these arguments.

    Raises:
        ConfigError: It is of another kind, or holds values that it cannot have.
    """
    try:
        made: object = getattr(family, method)(*args)
    except RecordError as error:
        raise not_held(family, method, error) from error
    if not isinstance(made, kind):
        raise not_a(kind, made, family, method)
    return made


def texts_by(family: object, method: str, *args: object) -> tuple[str, ...]:
    """The texts that a method of a family gives back for these arguments.

    Raises:
        ConfigError: It gives something else, such as one text, each letter of which would be taken for one.
    """
    made: object = getattr(family, method)(*args)
    if not isinstance(made, (tuple, list)):
        raise not_a("tuple of str", made, family, method)
    try:
        "".join(made)  # the fastest way to see that all are texts: this is done at every step
    except TypeError as error:
        raise not_a("tuple of str", made, family, method) from error
    return tuple(made)


def not_held(family: object, method: str, error: RecordError) -> ConfigError:
    """An error about a record that a method of a family could not make."""
    return ConfigError(f"{_path(family)}.{method}: {error}")


def not_a(kind: type | str, made: object, family: object, method: str) -> ConfigError:
    """An error about what a method of a family gave back, which is of another kind."""
    right = kind if isinstance(kind, str) else kind.__name__
    return ConfigError(f"{_path(family)}.{method} has to return a {right}, and returned {made!r:.80}")


def _path(family: object) -> str:
    return f"{type(family).__module__}:{type(family).__qualname__}"

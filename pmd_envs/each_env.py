"""What Gymnasium's vector environments let be asked of, and set in, each of their environments."""

from typing import Any

import gymnasium
import numpy as np

from pmd_envs.errors import ConfigError


class EachEnv:
    """``call``, ``get_attr``, ``set_attr`` and generators as ``gymnasium.vector.SyncVectorEnv`` has them."""

    envs: list[gymnasium.Env[Any, Any]]

    @property
    def np_random_seed(self) -> tuple[int, ...]:
        """The seed that each environment began with."""
        return self.get_attr("np_random_seed")

    @property
    def np_random(self) -> tuple[np.random.Generator, ...]:
        """The generator that each environment draws its tasks from."""
        return self.get_attr("np_random")

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:  # noqa: ANN401  whatever it is called with
        """Call a method of each environment, or of the outermost of its wrappers that has one of this name.

        What is no method is read, and not called.

        Raises:
            AttributeError: There is nothing of this name.
        """
        found = [env.get_wrapper_attr(name) for env in self.envs]  # of all, before any is called
        return tuple([one(*args, **kwargs) if callable(one) else one for one in found])

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """An attribute of each environment, or of the outermost of its wrappers that has it.

        Raises:
            AttributeError: There is nothing of this name.
        """
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:  # noqa: ANN401  whatever the attribute may be
        """Set an attribute of each environment, or of the outermost of its wrappers that has it.

        Args:
            name: What it is called. One that nobody has becomes one of the outermost wrapper, as in Gymnasium.
            values: A list or tuple holds one value for each environment. Anything else is the value of all.

        Raises:
            ConfigError: There are more or fewer values than environments.
        """
        each = list(values) if isinstance(values, (list, tuple)) else [values] * len(self.envs)
        if len(each) != len(self.envs):
            raise ConfigError(f"{len(each)} values of {name!r} for {len(self.envs)} environments")
        for env, value in zip(self.envs, each, strict=True):
            env.set_wrapper_attr(name, value)

"""The built-in task families, one class a file; :mod:`pmd_envs.registry` names them."""

"""Names and levels of reasoning-gym's data sets, so that ids can be registered without importing the package.

A level is one of the data set's curriculum; a data set without one (or whose curriculum its own checks refuse) has the
level 0, which is its default configuration. Levels are left out that the package refuses, whose problems are longer
than an observation or whose answers are longer than 10,000 characters, where a problem takes seconds to make, or where
there are so few different ones that a split has none. So is level 1 of ``propositional_logic``, where one formula is
right for three problems in ten; ``docs/envs/reasoning_gym.md`` says what is left of that at other levels.

Data sets with few answers stay, though a guess is often right: there are two of ``circuit_logic``, ``course_schedule``,
``game_of_life_halting``, ``isomorphic_strings``, ``ransom_note`` and ``syllogism``, three of ``acre`` and
``mahjong_puzzle``. ``composite`` is left out: it mixes the others.
"""

from collections.abc import Mapping

MAX_TURNS = 16


def _levels(count: int) -> tuple[int, ...]:
    return tuple(range(count))


LEVELS: Mapping[str, tuple[int, ...]] = {
    "ab": _levels(4),
    "acre": _levels(1),
    "advanced_geometry": _levels(4),
    "aiw": _levels(9),
    "arc_1d": _levels(4),
    "arc_agi": _levels(4),
    "base_conversion": _levels(5),
    "basic_arithmetic": _levels(5),
    "bf": _levels(3),
    "binary_alternation": _levels(4),
    "binary_matrix": _levels(3),
    "bitwise_arithmetic": _levels(10),
    "boxnet": _levels(9),
    "caesar_cipher": _levels(2),
    "calendar_arithmetic": _levels(4),
    "chain_sum": _levels(11),
    "circuit_logic": _levels(2),
    "codeio": _levels(4),
    "coin_flip": _levels(13),
    "color_cube_rotation": _levels(5),
    "complex_arithmetic": _levels(4),
    "count_bits": _levels(5),
    "count_primes": _levels(5),
    "countdown": _levels(5),
    "course_schedule": _levels(5),
    "cryptarithm": _levels(4),
    "decimal_arithmetic": _levels(4),
    "decimal_chain_sum": _levels(5),
    "dice": _levels(4),
    "emoji_mystery": _levels(6),
    "family_relationships": _levels(9),
    "figlet_font": _levels(6),
    "fraction_simplification": _levels(4),
    "futoshiki": _levels(4),
    "game_of_life": _levels(3),
    "game_of_life_halting": _levels(2),
    "gcd": _levels(4),
    "graph_color": _levels(4),
    "group_anagrams": _levels(4),
    "gsm_symbolic": _levels(1),
    "intermediate_integration": _levels(8),
    "isomorphic_strings": _levels(4),
    "jugs": _levels(2),
    "kakurasu": _levels(4),
    "knight_swap": _levels(1),
    "knights_knaves": _levels(4),
    "largest_island": _levels(3),
    "lcm": _levels(4),
    "leg_counting": _levels(36),
    "letter_counting": _levels(8),
    "letter_jumble": _levels(5),
    "list_functions": _levels(1),
    "mahjong_puzzle": _levels(3),
    "manipulate_matrix": _levels(3),
    "maze": _levels(4),
    "mini_sudoku": _levels(5),
    "modulo_grid": (0, 2, 3, 4, 5),
    "n_queens": _levels(5),
    "needle_haystack": _levels(2),
    "number_filtering": _levels(4),
    "number_format": _levels(4),
    "number_sequence": _levels(2),
    "number_sorting": _levels(3),
    "palindrome_generation": _levels(4),
    "palindrome_partitioning": _levels(4),
    "path_star": _levels(4),
    "polynomial_equations": _levels(4),
    "polynomial_multiplication": _levels(4),
    "pool_matrix": _levels(3),
    "power_function": _levels(5),
    "prime_factorization": _levels(4),
    "products": _levels(11),
    "propositional_logic": (2, 3, 4),
    "puzzle24": _levels(7),
    "quantum_lock": _levels(10),
    "ransom_note": _levels(4),
    "rearc": _levels(7),
    "rectangle_count": _levels(5),
    "rotate_matrix": _levels(3),
    "rotten_oranges": _levels(3),
    "rubiks_cube": _levels(4),
    "rush_hour": _levels(4),
    "self_reference": _levels(10),
    "sentence_reordering": _levels(4),
    "shortest_path": _levels(3),
    "simple_equations": _levels(4),
    "simple_geometry": _levels(4),
    "simple_integration": _levels(4),
    "sokoban": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    "spell_backward": _levels(5),
    "spiral_matrix": _levels(3),
    "string_insertion": _levels(4),
    "string_manipulation": _levels(5),
    "string_splitting": _levels(4),
    "string_synthesis": _levels(4),
    "sudoku": _levels(5),
    "survo": _levels(2),
    "syllogism": _levels(4),
    "time_intervals": _levels(7),
    "tower_of_hanoi": (1,),
    "tsumego": _levels(4),
    "word_ladder": _levels(3),
    "word_sequence_reversal": _levels(4),
    "word_sorting": _levels(5),
    "zebra_puzzles": _levels(4),
}


def env_id(name: str) -> str:
    """The id of a data set's environment."""
    return f"pmd/rg-{name}-v0"


def class_name(name: str) -> str:
    """The name of a data set's family in :mod:`pmd_envs.rg.family`."""
    return "".join(word.capitalize() for word in name.split("_"))


def family_path(name: str) -> str:
    """Where :func:`pmd_envs.env.load_family` finds it."""
    return f"pmd_envs.rg.family:{class_name(name)}"

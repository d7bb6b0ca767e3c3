"""An example of a package that adds to PMD Gym from outside."""

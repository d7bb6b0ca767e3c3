"""Measuring: suites, evaluation, statistics, reports and plots. Nothing here decides how an agent trains."""

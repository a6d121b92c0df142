"""Decides how many failed sign-ins a vendor is told of, so that a flood of them hides nothing else that happened."""

from datetime import timedelta

WITHIN = timedelta(hours=1)
OF_ONE = 4  # of one person, or of everybody whom nobody knows
OF_ALL = 12


def told_of(of_one: int, of_all: int) -> bool:
    """Whether one more is told, after so many in the last hour."""
    return of_one < OF_ONE and of_all < OF_ALL


def is_last_told(of_one: int, of_all: int) -> bool:
    """Whether this one is the last of its hour: its line says that there may be others."""
    return of_one + 1 >= OF_ONE or of_all + 1 >= OF_ALL

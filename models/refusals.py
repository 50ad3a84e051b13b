"""Refuses a question that has no bill on one of its two sides."""

from __future__ import annotations

from .case import Case
from .verdict import provider_name


def refuse_one_sided(case: Case, therefore: str) -> None:
    """Raise ``ValueError`` where one side has no bill; ``therefore`` says what that prevents."""
    if case.build_misfit:
        raise ValueError(f"{therefore}: the work does not fit the build, {case.build_misfit}")
    if case.against is None:
        against = case.scenario.rental.against
        of_whom = "" if against == "cheapest" else f" of {provider_name(against)}"
        raise ValueError(f"{therefore}: no offer{of_whom} is considered")

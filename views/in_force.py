"""The figures that answer a question here: the bundled ones, with what is newer or the reader's own."""

from __future__ import annotations

from models import Figures, load_figures
from models.ci_rates import with_runner_rates
from models.currency import with_rates
from pricing import load_currencies
from pricing.own_tables import load_runner_tables


def figures_in_force() -> Figures:
    """The bundled figures with the newest exchange rates and the reader's own tables of GitHub."""
    rates, own = load_currencies(), load_runner_tables()
    figures = with_rates(load_figures(), rates.units_per_eur, rates.as_of.isoformat(), rates.source)
    return with_runner_rates(figures, own.runners, own.plans)

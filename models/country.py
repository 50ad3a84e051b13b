"""Moving a question to another country: electricity, cloud regions, currency and value-added tax at once."""

from __future__ import annotations

from .figures import Figures, load_figures
from .scenario import Scenario


def in_country(scenario: Scenario, country: str, figures: Figures | None = None) -> Scenario:
    """The same question asked in another country.

    Parameters
    ----------
    scenario : any question.
    country : a code of data/electricity.csv, such as ``DE`` or ``US-CA``.
    figures : dated figures; the bundled ones by default.

    Returns
    -------
    The scenario with that country's tariff, its currency, its value-added tax (0 where none is known: the
    United States have none) and the cloud regions of its continent. ``ValueError`` names the known countries.
    """
    known = load_figures() if figures is None else figures
    known.tariff(country)
    whole, _, _ = country.partition("-")
    vat = known.vat.get(whole)
    return scenario.model_copy(
        update={
            "electricity": scenario.electricity.model_copy(
                update={
                    "country": country,
                    "usd_per_kwh": None,
                    "time_of_use": (),
                    "tiers": (),
                    "grams_co2_per_kwh": None,
                }
            ),
            "rental": scenario.rental.model_copy(update={"regions": None}),
            "money": scenario.money.model_copy(
                update={
                    "currency": known.currency_of.get(country, "USD"),
                    "vat_fraction": vat.value if vat else 0.0,
                }
            ),
        }
    )

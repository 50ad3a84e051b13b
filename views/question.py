"""What makes up a question on the command line: a file, a country, `--set`, and options of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from models import Figures, Scenario, in_country
from models.scenario import TERMS

ONE_OF_TERMS = f"One of {', '.join(TERMS)}."

ScenarioFile = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="FILE", help="A scenario as TOML, or JSON by its ending."),
]
Country = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="Ask in this country, such as DE or US-CA: its tariff, currency, value-added tax and cloud "
        "regions. --set changes each of them back.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Change one field, such as workload.busy_hours_per_week=40. May be repeated.",
    ),
]
Providers = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Consider only this provider. May be repeated.")
]
Regions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Consider only this region or continent: us-east-1, europe. May be repeated."
    ),
]
Terms = Annotated[
    list[str] | None,
    typer.Option(metavar="TERM", help=f"Consider only this way of buying. {ONE_OF_TERMS} May be repeated."),
]
Against = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Compare with this provider's cheapest offer, or with 'cheapest'."),
]
OwnOffers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=VALUE,...",
        help='A rate of your own, such as gpu="RTX 4090",usd_per_hour=0.45,access=container. Repeatable.',
    ),
]


def begun(file: Path | None, country: str | None, figures: Figures) -> Scenario:
    """The scenario of a file, else the default one, asked in a country."""
    scenario = Scenario()
    if file is not None:
        text = file.read_text(encoding="utf-8")
        is_json = file.suffix == ".json"
        scenario = Scenario.model_validate_json(text) if is_json else Scenario.from_toml(text)
    if not country:
        return scenario
    if country not in figures.tariffs:
        known = ", ".join(sorted(figures.tariffs))
        raise ValueError(f"--country: there is no tariff for {country!r}; known are {known}")
    return in_country(scenario, country, figures)


def changed(
    scenario: Scenario,
    settings: list[str] | None,
    provider: list[str] | None,
    region: list[str] | None,
    term: list[str] | None,
    against: str | None,
    offers: list[str] | None,
) -> Scenario:
    """A scenario changed by ``--set`` and then by the options that have names of their own."""
    scenario = scenario.with_settings(dict(_pair("--set", text) for text in settings or ()))
    rental = scenario.rental.model_dump()
    named = {"providers": provider, "regions": region, "terms": term, "against": against}
    rental |= {field: value for field, value in named.items() if value}
    for number, text in enumerate(offers or (), start=1):
        # A comma inside quotes is part of a name.
        own = dict(_pair("--offer", field) for field in re.findall(r'(?:[^,"]|"[^"]*")+', text))
        rental["own_offers"] = (*rental["own_offers"], {"name": f"own rate {number}", **own})
    return Scenario.model_validate({**scenario.model_dump(), "rental": rental})


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{option}: {text!r} is not of the form FIELD=VALUE")
    return name.strip(), value.strip().strip('"')

"""Replaces each default of a scenario by the dated figure it stands for."""

from __future__ import annotations

from collections.abc import Iterable

from .ci import SYSTEMS
from .currency import exchange
from .figures import BuildPart, Figures
from .inputs import CiRunners, FreeCredit
from .scenario import Part, Scenario

GLOBAL_REGION = "global"
OWN_PROVIDER = "own rate"


def resolve(
    scenario: Scenario, figures: Figures, providers: Iterable[str], regions: Iterable[str]
) -> Scenario:
    """The scenario with every ``None`` filled in from the figures, names checked against them.

    Parameters
    ----------
    scenario : what the reader said.
    figures : the dated figures.
    providers, regions : those that occur in the offers.

    ``ValueError`` names a GPU, build, country, provider or region that is not known. A resolved scenario
    gives the same comparison as the one it came from.
    """
    workload, workstation, rental = scenario.workload, scenario.workstation, scenario.rental
    assumed, power = figures.assumptions, figures.workstation_power
    tariff = figures.tariff(scenario.electricity.country)
    return scenario.model_copy(
        update={
            "workload": workload.model_copy(
                update={
                    "hours_measured_on": figures.gpu_name(workload.hours_measured_on),
                    "relative_throughput": _own_speeds(scenario, figures),
                    "gpus_measured_on": workload.gpus_measured_on or workload.gpus,
                    "ci_runners": _runners(scenario, figures),
                }
            ),
            "workstation": workstation.model_copy(
                update={
                    "parts": _parts(scenario, figures),
                    "load_w": _given(workstation.load_w, power["load"].value),
                    "idle_w": _given(workstation.idle_w, power["idle"].value),
                    "asleep_w": _given(workstation.asleep_w, power["asleep"].value),
                    "off_w": _given(workstation.off_w, power["off"].value),
                    "sale_fee_fraction": _given(
                        workstation.sale_fee_fraction, assumed["sale_fee_fraction"].value
                    ),
                }
            ),
            "electricity": scenario.electricity.model_copy(
                update={
                    "usd_per_kwh": _given(scenario.electricity.usd_per_kwh, tariff.usd_per_kwh),
                    "cooling_cop": _given(scenario.electricity.cooling_cop, assumed["cooling_cop"].value),
                    "grams_co2_per_kwh": _grams(scenario, figures),
                }
            ),
            "money": scenario.money.model_copy(
                update={
                    "currency": exchange(scenario.money.currency, figures).currency,
                    "loan_yearly_rate_fraction": _given(
                        scenario.money.loan_yearly_rate_fraction, _loan_rate(scenario, figures)
                    ),
                }
            ),
            "rental": rental.model_copy(
                update={
                    "providers": _providers(scenario, set(providers)),
                    "object_storage_usd_per_gb_month": _given(
                        rental.object_storage_usd_per_gb_month,
                        figures.side_prices("*", "global").storage_usd_per_gb_month,
                    ),
                    "free_credits": _credits(scenario, set(providers)),
                    "grams_co2_per_kwh": _given_or(
                        scenario.rental.grams_co2_per_kwh, _grams(scenario, figures)
                    ),
                    "regions": _regions(scenario, figures, tariff.continent, set(regions)),
                    "start_up_hours": _given(rental.start_up_hours, assumed["start_up_hours"].value),
                    "checkpoint_interval_hours": _given(
                        rental.checkpoint_interval_hours, assumed["checkpoint_interval_hours"].value
                    ),
                    "restart_hours": _given(rental.restart_hours, assumed["restart_hours"].value),
                }
            ),
        }
    )


def build_gpu(scenario: Scenario, figures: Figures) -> str:
    """The GPU of the chosen build."""
    return next(part.gpu for part in figures.build(scenario.workstation.build) if part.gpu)


def build_gpu_count(scenario: Scenario, figures: Figures) -> int:
    """How many GPUs the chosen build has."""
    return sum(bool(part.gpu) for part in figures.build(scenario.workstation.build))


def is_gpu(part: Part, gpu: str) -> bool:
    """Whether a part loses value as graphics cards do."""
    return part.name.lower().startswith("gpu") or gpu.lower() in part.name.lower()


def known(value: float | None) -> float:
    """A field that ``resolve`` has filled in."""
    if value is None:
        raise ValueError("the scenario is not resolved: compare() works on the result of resolve()")
    return value


def _given(own: float | None, figure: float) -> float:
    return figure if own is None else own


def _given_or(own: float | None, figure: float | None) -> float | None:
    return figure if own is None else own


def _grams(scenario: Scenario, figures: Figures) -> float | None:
    """Carbon intensity of the country's grid; a grid that is not known is never guessed."""
    own = scenario.electricity.grams_co2_per_kwh
    listed = figures.carbon_of(scenario.electricity.country)
    return _given_or(own, listed.value if listed else None)


def _loan_rate(scenario: Scenario, figures: Figures) -> float:
    """Rate of a consumer's loan in the country, else in the United States: the only others with a source."""
    country, _, _ = scenario.electricity.country.partition("-")
    rates = figures.interest
    for key in ((country, "instalment_loan_paid"), ("US", "personal_loan_24_months")):
        if key in rates:
            return rates[key].value
    raise LookupError("data/interest.csv holds no loan of the United States")


def _runners(scenario: Scenario, figures: Figures) -> CiRunners:
    """The hosted runners, each of the system that it stands for."""
    chosen = scenario.workload.ci_runners
    for system in SYSTEMS:
        sku = getattr(chosen, system)
        runner = figures.runners.get(sku)
        if runner is None or runner.system != system:
            known_skus = ", ".join(sku for sku, it in sorted(figures.runners.items()) if it.system == system)
            raise ValueError(
                f"workload.ci_runners.{system}: {sku!r} is no {system} runner of GitHub; "
                f"known are {known_skus}"
            )
    return chosen


def _credits(scenario: Scenario, offered: set[str]) -> tuple[FreeCredit, ...]:
    for credit in scenario.rental.free_credits:
        if credit.provider not in offered | {OWN_PROVIDER}:
            raise ValueError(
                f"rental.free_credits: there are no offers of {credit.provider!r}; "
                f"known are {', '.join(sorted(offered))}"
            )
    return scenario.rental.free_credits


def _own_speeds(scenario: Scenario, figures: Figures) -> dict[str, float]:
    rented = {offer.gpu for offer in scenario.rental.own_offers}
    speeds = {}
    for name, speed in scenario.workload.relative_throughput.items():
        gpu = figures.gpu_aliases.get(name, name)
        if gpu not in figures.gpus and gpu not in rented:
            raise ValueError(
                f"workload.relative_throughput: {name!r} is neither a known GPU nor that of an own rate; "
                f"known are {', '.join(sorted(figures.gpus))}"
            )
        speeds[gpu] = speed
    return speeds


def _parts(scenario: Scenario, figures: Figures) -> tuple[Part, ...]:
    listed = figures.build(scenario.workstation.build)
    gpu = build_gpu(scenario, figures)
    own = scenario.workstation.parts
    # The builds are listed at US prices without sales tax: elsewhere its value-added tax comes on top.
    factor = 1.0 + scenario.money.vat_fraction
    parts = tuple(_listed(part, factor) for part in listed) if own is None else own
    assumed = figures.assumptions
    return tuple(
        part.model_copy(
            update={
                "new_to_used_fraction": _given(
                    part.new_to_used_fraction, assumed["new_to_used_fraction"].value
                ),
                "yearly_loss_fraction": _given(
                    part.yearly_loss_fraction,
                    assumed[
                        "gpu_yearly_loss_fraction"
                        if is_gpu(part, gpu)
                        else "other_parts_yearly_loss_fraction"
                    ].value,
                ),
                "yearly_failure_fraction": _given(
                    part.yearly_failure_fraction, scenario.workstation.yearly_failure_fraction
                ),
            }
        )
        for part in parts
    )


def _listed(part: BuildPart, factor: float) -> Part:
    return Part(
        name=f"{part.part}: {part.model}",
        price_usd=part.price_usd * factor,
        new_to_used_fraction=0.0 if part.used else None,
    )


def _providers(scenario: Scenario, offered: set[str]) -> tuple[str, ...]:
    against = scenario.rental.against
    own = {OWN_PROVIDER} if scenario.rental.own_offers else set()
    if against != "cheapest" and against not in offered | own:
        raise ValueError(
            f"rental.against: {against!r} is neither 'cheapest' nor a provider with offers; "
            f"known are {', '.join(sorted(offered | own))}"
        )
    wanted = scenario.rental.providers
    if wanted is None:
        return tuple(sorted(offered))
    for provider in wanted:
        if provider not in offered | {OWN_PROVIDER}:
            raise ValueError(
                f"rental.providers: there are no offers of {provider!r}; "
                f"known are {', '.join(sorted(offered))}"
            )
    return wanted


def _regions(scenario: Scenario, figures: Figures, continent: str, offered: set[str]) -> tuple[str, ...]:
    """Region names; a continent stands for its regions and for offers that have no region."""
    known = {region for _, region in figures.continents}
    continents = set(figures.continents.values()) | {tariff.continent for tariff in figures.tariffs.values()}
    wanted = scenario.rental.regions or (continent,)
    regions: set[str] = set()
    for name in wanted:
        if name in continents:
            regions |= {
                region
                for (provider, region), place in figures.continents.items()
                if place == name and (provider, region) not in figures.government
            }
            regions.add(GLOBAL_REGION)
        elif name in offered | known | {GLOBAL_REGION}:
            regions.add(name)
        else:
            raise ValueError(
                f"rental.regions: {name!r} is neither a region nor a continent; "
                f"continents are {', '.join(sorted(continents - {GLOBAL_REGION, ''}))}, "
                f"regions with offers are {', '.join(sorted(offered))}"
            )
    return tuple(sorted(regions))

"""Whether the work fits an offer, and whether the reader wants to see it considered."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .checks import FloatArray
from .figures import Figures
from .rental import OfferTerms, RentedWeek, rented_hours
from .resolve import known
from .scenario import OwnOffer, Scenario

# Of the quantiles of a market, only the middle one stands for it.
MEDIAN = 0.5
HOSTS_A_RUNNER = ("vm", "runner")


def rented_week(scenario: Scenario) -> RentedWeek:
    """The part of a resolved scenario's week that all rentals share."""
    return RentedWeek(
        scenario.workload.attended_idle_hours_per_week,
        scenario.workload.sessions_per_week,
        known(scenario.rental.start_up_hours) + scenario.rental.data_loading_hours,
    )


def misfits(
    scenario: Scenario,
    text: dict[str, list[str]],
    number: dict[str, FloatArray],
    own: list[OwnOffer | None],
    relative: FloatArray,
    terms: OfferTerms,
    figures: Figures,
) -> list[str]:
    """Why the work does not fit each offer; empty where it fits."""
    need, start_up = scenario.workload, rented_week(scenario).start_up_hours
    ratio = np.where(np.isfinite(relative), terms.hours_per_busy_hour, 1.0)
    # A slower GPU needs longer for the longest run; a faster one gets no credit: its speed is an estimate.
    longest_hours = need.longest_run_hours * np.maximum(ratio, 1.0)
    with np.errstate(invalid="ignore"):
        held = rented_hours(need.busy_hours_per_week, rented_week(scenario), terms).held_per_month
    misfits = []
    for i, gpu in enumerate(text["gpu"]):
        why = []
        if not number["vram_gb"][i] >= need.vram_gb:
            why.append(f"has {_amount(number['vram_gb'][i])} GB a GPU, {need.vram_gb:g} GB needed")
        if max(number["gpu_count"][i], 1.0) < need.gpus:
            why.append(f"has {_amount(number['gpu_count'][i])} GPUs, {need.gpus} needed")
        limit = terms.max_session_hours[i]
        if longest_hours[i] > limit:
            why.append(f"sessions end after {limit:g} h, the longest run takes {longest_hours[i]:.3g} h")
        elif limit <= start_up:
            why.append(f"sessions end after {limit:g} h, before the start-up of {start_up:g} h is over")
        if need.needs_own_environment and text["access"][i] == "notebook":
            why.append("a notebook, not an environment of one's own")
        if need.needs_runner and text["access"][i] not in HOSTS_A_RUNNER:
            why.append(f"a {text['access'][i]} cannot serve as a CI runner")
        if need.min_compute_capability is not None:
            why += _too_old(gpu, own[i], need.min_compute_capability, figures)
        if np.isinf(terms.hours_per_busy_hour[i]):
            why.append("is interrupted faster than the work gets on")
        elif held[i] > number["free_hours_per_month"][i]:
            why.append(f"gives {number['free_hours_per_month'][i]:g} h a month, {held[i]:.0f} h needed")
        misfits.append("; ".join(why))
    return misfits


def _too_old(gpu: str, own: OwnOffer | None, least: float, figures: Figures) -> list[str]:
    model = figures.gpus.get(gpu)
    capability = own.compute_capability if own is not None else None
    if capability is None and model is not None:
        capability = model.compute_capability
    if capability is None:
        return [f"compute capability of {gpu} is not known, {least:g} needed"]
    return [f"compute capability {capability:g}, {least:g} needed"] if capability < least else []


def _amount(value: float) -> str:
    return "an unknown number of" if np.isnan(value) else f"{value:g}"


def passes_filters(
    scenario: Scenario,
    text: dict[str, list[str]],
    quantile: FloatArray,
    own: list[OwnOffer | None],
    figures: Figures,
    on: date,
) -> tuple[NDArray[np.bool_], list[str]]:
    """Whether each offer passes the filters, and why not; an old price that passes is noted too.

    The reader's own rates pass every filter: whoever types a rate wants to see it.
    """
    rental = scenario.rental
    providers, regions, terms = set(rental.providers or ()), set(rental.regions or ()), set(rental.terms)
    notes: list[str] = []
    for provider, region, term, at, typed in zip(
        text["provider"], text["region"], text["term"], quantile.tolist(), own, strict=True
    ):
        if typed is not None:
            notes.append("")
        elif provider not in providers:
            notes.append(f"provider {provider} is not chosen")
        elif (provider, region) in figures.government:
            notes.append(f"{region} is a government cloud, not open to everyone")
        elif region not in regions:
            notes.append(f"region {region} is not chosen")
        elif term not in terms:
            notes.append(f"term {term} is not chosen")
        elif not np.isnan(at) and at != MEDIAN:
            notes.append("one host's price is not the market's: the median is considered")
        else:
            notes.append("")
    passes = np.array([not note for note in notes], dtype=bool)
    max_age_days = int(figures.assumptions["max_price_age_days"].value)
    oldest = (on - timedelta(days=max_age_days)).isoformat()
    fresh = {text["provider"][i] for i in np.flatnonzero(passes) if text["as_of"][i] >= oldest}
    for i in np.flatnonzero(passes):
        if text["as_of"][i] < oldest:
            notes[i] = f"price of {text['as_of'][i]} is more than {max_age_days} days old"
            if text["provider"][i] in fresh:
                notes[i] += f", and {text['provider'][i]} has newer ones"
                passes[i] = False
    return passes, notes

"""What each offer can do: how fast it is, whether the work fits, and whether it is considered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .checks import FloatArray
from .figures import Figures, Throughput
from .fit import misfits, passes_filters
from .rental import OfferTerms
from .resolve import OWN_PROVIDER, known
from .scenario import OwnOffer, Scenario
from .side_costs import SidePrice, kept_usd_per_month, side_costs_usd, side_prices
from .speed import gpus_factor, measured_speed, share_of_speed, throughput
from .usage import spot_overhead

TEXT_COLUMNS = (
    "provider",
    "instance_type",
    "gpu",
    "region",
    "term",
    "access",
    "kind",
    "as_of",
    "source",
    "tier",
    "listed_currency",
)
NUMBER_COLUMNS = (
    "gpu_count",
    "vram_gb",
    "usd_per_hour",
    "committed_hours_per_month",
    "commitment_months",
    "billing_increment_s",
    "minimum_billing_s",
    "pack_hours",
    "pack_valid_days",
    "free_hours_per_month",
    "max_session_hours",
    "interruptions_per_hour",
    "vcpus",
    "ram_gb",
    "hosts",
    "storage_usd_per_gb_month",
    "stopped_storage_usd_per_gb_month",
    "upload_usd_per_gb",
    "download_usd_per_gb",
    "listed_per_hour",
    "quantile",
)


class Columns(NamedTuple):
    """The offers' columns as plain lists of text and arrays of numbers, read again and again."""

    text: dict[str, list[str]]
    number: dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Options:
    """Every offer, the reader's own among them: speed, fit, terms. Arrays have shape (offers,)."""

    names: list[str]
    text: dict[str, list[str]]
    number: dict[str, FloatArray]
    speeds: list[Throughput | None]
    relative_throughput: FloatArray
    terms: OfferTerms
    fits: NDArray[np.bool_]
    passes: NDArray[np.bool_]
    considered: NDArray[np.bool_]
    misfits: list[str]
    filter_notes: list[str]
    side_prices: list[SidePrice]

    @property
    def reasons(self) -> list[str]:
        """Why each offer does not fit or is not considered, or what to know of its price."""
        return ["; ".join(filter(None, two)) for two in zip(self.misfits, self.filter_notes, strict=True)]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Offers that fit and whose speed is known: those with a bill."""
        return self.fits & np.isfinite(self.relative_throughput)


def columns_of(offers: pd.DataFrame) -> Columns:
    """The columns that judging reads."""
    return Columns(
        {name: [str(value) for value in offers[name].tolist()] for name in TEXT_COLUMNS},
        {name: offers[name].to_numpy(dtype=float) for name in NUMBER_COLUMNS},
    )


def options(scenario: Scenario, offers: Columns, figures: Figures, on: date) -> Options:
    """Judge every offer for a resolved scenario; ``on`` is the day from which prices are aged."""
    own: list[OwnOffer | None] = [None] * len(offers.text["provider"])
    # The reader's own rates are appended to copies.
    text = {name: list(values) for name, values in offers.text.items()}
    number = dict(offers.number)
    for offer in scenario.rental.own_offers:
        _append(offer, text, number, figures, on)
        own.append(offer)

    workload = scenario.workload
    by_gpu = {gpu: throughput(gpu, workload, figures) for gpu in set(text["gpu"])}
    speeds = [_speed(offer, by_gpu[gpu]) for offer, gpu in zip(own, text["gpu"], strict=True)]
    share = share_of_speed(number["gpu_count"], workload)
    relative = np.array([speed.relative if speed else np.nan for speed in speeds]) * share
    prices = side_prices(text, number, figures)
    terms = _terms(scenario, text, number, relative, prices, figures)
    reasons = misfits(scenario, text, number, own, relative, terms, figures)
    fits = np.array([not reason for reason in reasons], dtype=bool)
    unknown = [
        "" if speed else f"speed of {gpu} for {workload.workload_class} is not known"
        for speed, gpu in zip(speeds, text["gpu"], strict=True)
    ]
    passes, notes = passes_filters(scenario, text, number["quantile"], own, figures, on)
    return Options(
        names=[
            " ".join(parts)
            for parts in zip(
                text["provider"], text["instance_type"], text["region"], text["term"], strict=True
            )
        ],
        text=text,
        number=number,
        speeds=speeds,
        relative_throughput=relative,
        terms=terms,
        fits=fits,
        passes=passes,
        considered=passes & fits & np.isfinite(relative),
        misfits=[reason or speed for reason, speed in zip(reasons, unknown, strict=True)],
        filter_notes=notes,
        side_prices=prices,
    )


def _append(
    offer: OwnOffer, text: dict[str, list[str]], number: dict[str, FloatArray], figures: Figures, on: date
) -> None:
    gpu = figures.gpu_aliases.get(offer.gpu, offer.gpu)
    model = figures.gpus.get(gpu)
    words = {
        "provider": OWN_PROVIDER,
        "instance_type": offer.name,
        "gpu": gpu,
        "region": "global",
        "term": offer.term,
        "access": offer.access,
        "kind": "assumption",
        "as_of": on.isoformat(),
        "source": "typed in by the reader",
        "tier": "",
        "listed_currency": "USD",
    }
    months = {"1y": 12.0, "3y": 36.0}.get(offer.term.rpartition("_")[2], np.nan)
    numbers = {
        "gpu_count": offer.gpu_count,
        "vram_gb": offer.vram_gb or (model.vram_gb * min(1.0, offer.gpu_count) if model else np.nan),
        "usd_per_hour": offer.usd_per_hour,
        "committed_hours_per_month": np.nan if np.isnan(months) else 730.0,
        "commitment_months": months,
        "billing_increment_s": offer.billing_increment_s,
        "minimum_billing_s": offer.minimum_billing_s,
        "max_session_hours": offer.max_session_hours,
        "interruptions_per_hour": offer.interruptions_per_hour,
        "storage_usd_per_gb_month": offer.storage_usd_per_gb_month,
        "download_usd_per_gb": offer.egress_usd_per_gb,
        "listed_per_hour": offer.usd_per_hour,
    }
    for name in TEXT_COLUMNS:
        text[name].append(words[name])
    for name in NUMBER_COLUMNS:
        value = numbers.get(name)
        number[name] = np.append(number[name], np.nan if value is None else value)


def _speed(own: OwnOffer | None, of_gpu: Throughput | None) -> Throughput | None:
    if own is not None and own.relative_throughput is not None:
        return Throughput(own.relative_throughput, "assumption", 0.0)
    return of_gpu


def _terms(
    scenario: Scenario,
    text: dict[str, list[str]],
    number: dict[str, FloatArray],
    relative: FloatArray,
    prices: list[SidePrice],
    figures: Figures,
) -> OfferTerms:
    assumed, rental, workload = figures.assumptions, scenario.rental, scenario.workload
    interruptions = np.where(
        np.array(text["term"]) == "spot",
        _or(number["interruptions_per_hour"], assumed["interruptions_per_hour"].value),
        0.0,
    )
    overhead = spot_overhead(
        interruptions, known(rental.checkpoint_interval_hours), known(rental.restart_hours)
    )
    return OfferTerms(
        usd_per_hour=number["usd_per_hour"],
        hours_per_busy_hour=(
            measured_speed(workload, figures).relative / relative * overhead * gpus_factor(workload)
        ),
        committed_hours_per_month=_or(number["committed_hours_per_month"], 0.0),
        commitment_months=_or(number["commitment_months"], 0.0),
        billing_increment_s=_or(number["billing_increment_s"], assumed["billing_increment_s"].value),
        minimum_billing_s=_or(number["minimum_billing_s"], assumed["minimum_billing_s"].value),
        pack_hours=_or(number["pack_hours"], np.inf),
        pack_valid_days=_or(number["pack_valid_days"], np.inf),
        max_session_hours=_or(number["max_session_hours"], np.inf),
        side_usd_per_month=side_costs_usd(scenario, prices) + kept_usd_per_month(scenario),
        credit_usd=_of_credit(scenario, text, "usd"),
        credit_months=_of_credit(scenario, text, "months"),
        credit_is_monthly=_of_credit(scenario, text, "every_month") > 0,
    )


def _of_credit(scenario: Scenario, text: dict[str, list[str]], field: str) -> FloatArray:
    """A field of the free credit of each offer's provider, 0 where it gives none."""
    credits = {credit.provider: float(getattr(credit, field)) for credit in scenario.rental.free_credits}
    return np.array([credits.get(provider, 0.0) for provider in text["provider"]], dtype=float)


def _or(values: FloatArray, instead: float) -> FloatArray:
    return np.where(np.isnan(values), instead, values)

"""The answer in sentences: overall first, then one line a provider, then what the reader should know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .case import Case
from .doubt import saving_range, unknown_winners
from .notes import amount, notes
from .resolve import OWN_PROVIDER

Outcome = Literal["build", "rent", "too_close", "does_not_fit", "nothing_left", "nothing_fits"]

PROVIDER_NAMES = {
    "aws": "AWS",
    "azure": "Azure",
    "gcp": "GCP",
    "colab": "Colab",
    "github": "GitHub",
    "lambda": "Lambda",
    "runpod": "RunPod",
    "vast": "Vast.ai",
    "ecb": "the European Central Bank",
    "own rate": "your own rate",
}
TERM_NAMES = {
    "on_demand": "on demand",
    "spot": "spot",
    "reserved_1y": "reserved for 1 year",
    "reserved_3y": "reserved for 3 years",
    "savings_1y": "savings plan for 1 year",
    "savings_3y": "savings plan for 3 years",
    "prepaid": "prepaid units",
    "free": "free",
    "included": "included",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, its sentences, the notes beneath, and the saving of building against the cheapest rental.

    ``saving_usd`` is the rental's present value less the build's; low and high span the stated errors of
    speed and resale. NaN where one side has no bill.
    """

    outcome: Outcome
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    saving_usd: float
    saving_low_usd: float
    saving_high_usd: float


def judge(case: Case) -> Verdict:
    """Word the answer for a worked-out case."""
    low, saving, high = saving_range(case)
    outcome = _outcome(case, low, saving, high)
    sentences = [_overall(case, outcome, low, high)]
    if outcome in ("build", "rent", "too_close"):
        sentences.append(_flip(case))
    sentences += _provider_lines(case)
    sentences += [
        f"The speed of {gpu} is not known: {offer_name(case, offer)} would win if it were at least "
        f"{speed:.2f} times as fast as an RTX 4090."
        for gpu, (speed, offer) in sorted(unknown_winners(case).items())
    ]
    return Verdict(outcome, tuple(sentences), tuple(notes(case)), saving, low, high)


def provider_name(provider: str) -> str:
    """A provider as people write it."""
    return PROVIDER_NAMES.get(provider, provider)


def offer_name(case: Case, offer: int) -> str:
    """An offer in words: provider, machine, region, way of buying."""
    text = case.offers.text
    place = "" if text["region"][offer] == "global" else f", {text['region'][offer]}"
    machine, gpu = text["instance_type"][offer], text["gpu"][offer]
    says_gpu = gpu in machine or machine.partition(",")[0] in gpu
    machine = machine if says_gpu else f"{machine} with {gpu}"
    term = TERM_NAMES.get(text["term"][offer], text["term"][offer])
    return f"{provider_name(text['provider'][offer])} ({machine}{place}, {term})"


def _outcome(case: Case, low: float, saving: float, high: float) -> Outcome:
    if case.build_misfit:
        return "nothing_fits" if case.best is None else "does_not_fit"
    if case.best is None:
        return "nothing_left"
    if low < 0 < high or saving == 0:
        return "too_close"
    return "build" if saving > 0 else "rent"


def _overall(case: Case, outcome: Outcome, low: float, high: float) -> str:
    months = case.owned.months
    build = amount(case, float(case.owned.present_value_usd(case.owned.busy_hours_per_week)))
    if case.best is None:
        left = _why_nothing(case)
        if outcome == "nothing_fits":
            return f"Neither way works: the work does not fit the build ({case.build_misfit}), and {left}."
        return f"Nothing is left to rent: {left}. The build costs {build} today over {months} months."
    rental = offer_name(case, case.best)
    rent = amount(case, float(case.present_value_usd[case.row_of(case.best)]))
    mark = _marks(case, case.best)
    if outcome == "does_not_fit":
        return (
            f"Rent: the work does not fit the build ({case.build_misfit}). "
            f"Cheapest is {rental}: {months} months cost {rent} today{mark}."
        )
    if outcome == "too_close":
        return (
            f"Too close to call: over {months} months the build costs {build} today and {rental} {rent}; "
            f"building saves from {amount(case, low)} to {amount(case, high)} "
            f"within the stated error of speed and resale{mark}."
        )
    if outcome == "build":
        return f"Build: {months} months cost {build} today, {rental} {rent}{mark}."
    return f"Rent from {rental}: {months} months cost {rent} today, the build {build}{mark}."


def _marks(case: Case, offer: int) -> str:
    """What weakens a figure, said beside it: derived speed, estimated price, old price."""
    marks = []
    speed = case.offers.speeds[offer]
    if speed is not None and speed.kind == "derived":
        marks.append(f"rental speed derived, within {speed.error_fraction:.0%}")
    if case.offers.text["kind"][offer] == "estimate":
        marks.append(f"rental price estimated {case.offers.text['as_of'][offer]}")
    if case.offers.filter_notes[offer]:
        marks.append(f"rental {case.offers.filter_notes[offer]}")
    return f" ({'; '.join(marks)})" if marks else ""


def _flip(case: Case) -> str:
    """From how many hours a week the answer flips, and the build beats whom the reader compares with."""
    if case.against is None:
        wanted = case.scenario.rental.against
        return f"There is nothing to compare with from {provider_name(wanted)}: {_why_nothing(case, wanted)}."
    assert case.break_evens is not None
    row, rental = case.row_of(case.against), offer_name(case, case.against)
    on, of_provider = case.scenario.workload.hours_measured_on, _of_provider(case)
    hours, direction = case.break_evens.hours_against_all(np.array([row]))
    last, side = case.flips_at
    if last == hours:
        return _flip_against(case, rental, hours, direction)
    beaten = (
        f"{direction} {hours:.1f}{' already' if direction == 'above' else ''}" if hours else "at any hours"
    )
    whose = "its cheapest today" if of_provider else "today's cheapest"
    todays = f"{whose}, {rental}, {beaten}."
    if last == np.inf:
        return (
            f"However many hours a week the GPU works, {_room(case)}, some rental{of_provider} stays cheaper "
            f"than the build; it beats {todays}"
        )
    if np.isnan(last):
        least, most = case.break_evens.wins_between(case.compared_rows)
        wins = f"The build beats every rental{of_provider} from {least:.1f} to {most:.1f} busy hours a week"
        return f"{wins} ({on}); {todays}"
    return (
        f"The answer flips at {last:.1f} busy hours a week ({on}): {side} that the build beats every "
        f"rental{of_provider}; {todays}"
    )


def _flip_against(case: Case, rental: str, hours: float, direction: str) -> str:
    """The same where today's rental is the last one to beat."""
    on = case.scenario.workload.hours_measured_on
    if hours == np.inf:
        return (
            f"However many hours a week the GPU works, {_room(case)}, {rental} stays cheaper than the build."
        )
    if hours == 0:
        return f"However few hours a week the GPU works, the build stays cheaper than {rental}."
    return (
        f"The answer flips at {hours:.1f} busy hours a week ({on}): "
        f"the build wins {direction} that, else {rental}."
    )


def _room(case: Case) -> str:
    """How far one can go: a machine that is held or left on all week has little room for more work."""
    return f"up to the {round(case.owned.most_busy_hours_per_week, 1):g} that the week has room for"


def _of_provider(case: Case) -> str:
    against = case.scenario.rental.against
    return "" if against == "cheapest" else f" from {provider_name(against)}"


def _provider_lines(case: Case) -> list[str]:
    lines = []
    providers = dict.fromkeys(list(case.best_by_provider) + list(case.scenario.rental.providers or ()))
    for provider in providers:
        offer = case.best_by_provider.get(provider)
        if offer is None:
            lines.append(f"{_capital(provider_name(provider))}: {_why_nothing(case, provider)}.")
            continue
        row = case.row_of(offer)
        cost = f"{offer_name(case, offer)}: {amount(case, float(case.present_value_usd[row]))} today"
        if case.break_evens is None:
            lines.append(f"{_capital(cost)}{_marks(case, offer)}.")
            continue
        months = float(case.break_evens.months[row])
        lines.append(
            f"Against {cost}, the build {_pays_back(months, case.owned.months)}{_marks(case, offer)}."
        )
    return lines


def _pays_back(months: float, horizon_months: int) -> str:
    if months == np.inf:
        return f"never pays for itself within {horizon_months} months"
    if months == 0:
        return "is ahead from the first day"
    if months < 0.5:
        return "pays for itself within the first month"
    return f"pays for itself in month {months:.0f}"


def _why_nothing(case: Case, provider: str | None = None) -> str:
    """Why no offer (of a provider) is considered: the commonest reason among those nearest to it."""
    offers = case.offers
    asked = [provider] if provider else [*(case.scenario.rental.providers or ()), OWN_PROVIDER]
    of_provider = np.array([name in asked for name in offers.text["provider"]], dtype=bool)
    within = of_provider & offers.passes
    if not of_provider.any():
        return "there are no offers"
    if within.any():
        commonest = _commonest([offers.misfits[i] for i in np.flatnonzero(within)])
        return (
            f"none of the {within.sum()} offers in the chosen regions and terms fits; most often: {commonest}"
        )
    commonest = _commonest([offers.filter_notes[i] for i in np.flatnonzero(of_provider)])
    return f"none of the {of_provider.sum()} offers passes the filters; most often: {commonest}"


def _commonest(reasons: list[str]) -> str:
    """The commonest first reason, the first by name where several are."""
    counts = Counter(reason.partition("; ")[0] for reason in reasons)
    return min(counts, key=lambda reason: (-counts[reason], reason))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

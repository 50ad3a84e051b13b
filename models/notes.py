"""What a reader should know beside the answer: what is not counted, and what the figures do not say."""

from __future__ import annotations

from .build_side import hosted_ci_usd
from .case import Case
from .currency import exchange, money
from .figures import REFERENCE_GPU
from .resolve import build_gpu
from .usage import WEEK_HOURS, mean_wait_jobs

# From here on a job that comes at any moment waits longer than a job of its own length.
BUSY_FRACTION = 0.5


def notes(case: Case) -> list[str]:
    """The notes beneath the verdict, in the order in which they matter."""
    return [note for group in (_not_counted, _money, _capacity, _ci, _renting) for note in group(case)]


def amount(case: Case, amount_usd: float, decimals: int = 0) -> str:
    """An amount in the reader's currency."""
    return money(amount_usd, exchange(case.scenario.money.currency, case.figures), decimals)


def _not_counted(case: Case) -> list[str]:
    station, money = case.scenario.workstation, case.scenario.money
    left_out = [
        name
        for name, is_counted in (
            ("tax", money.marginal_tax_rate_fraction or money.vat_fraction),
            ("repairs", any(part.yearly_failure_fraction for part in case.owned.parts)),
            ("insurance", station.insurance_usd_per_year),
            ("the time of the person who builds, sets up and waits", money.value_per_hour_usd),
        )
        if not is_counted
    ]
    if not left_out:
        return []
    *most, last = left_out
    return [f"Not counted: {', '.join(most)}{' and ' if most else ''}{last}."]


def _money(case: Case) -> list[str]:
    return _currency(case) + _undiscounted(case)


def _currency(case: Case) -> list[str]:
    rate = exchange(case.scenario.money.currency, case.figures)
    vat_fraction = case.scenario.money.vat_fraction
    said = []
    if rate.currency != "USD":
        said.append(
            f"Converted at {rate.units_per_usd:.4f} {rate.currency} for 1 USD, the rate of the European "
            f"Central Bank of {rate.as_of}; bills to come follow the rate of their day."
        )
    if vat_fraction:
        said.append(
            f"Value-added tax of {vat_fraction * 100:.3g} % is in the parts' prices and comes on top of "
            "listed cloud prices."
        )
    return said


def _undiscounted(case: Case) -> list[str]:
    owned = case.owned
    if case.build_misfit or owned.total_usd >= float(owned.present_value_usd(owned.busy_hours_per_week)):
        return []
    return [
        f"Undiscounted the build costs {amount(case, owned.total_usd)}, less than its cost today: "
        "the money from selling it comes at the end, and is worth less today."
    ]


def _capacity(case: Case) -> list[str]:
    scenario, owned = case.scenario, case.owned
    said = []
    gpu, load = build_gpu(scenario, case.figures), case.figures.workstation_power["load"]
    if gpu != REFERENCE_GPU and scenario.workstation.load_w == load.value:
        said.append(
            f"The {load.value:g} W under load are those of an {REFERENCE_GPU} build: "
            f"give workstation.load_w for the {gpu}."
        )
    if case.build_misfit:
        return said
    if owned.week.count > 1:
        said.append(f"The build's bill is that of {owned.week.count} builds that share the work.")
    if owned.rented_rest_usd is not None and owned.rented_rest_usd.any():
        said.append("The week of the build is full: the rest of the work is rented, and stands in its bill.")
    held = owned.busy_on_build_hours + scenario.workload.attended_idle_hours_per_week
    busy_fraction = held / (WEEK_HOURS * owned.week.count)
    if busy_fraction >= 1 - 1e-9:
        said.append("The build works around the clock: what comes in between waits for the next free week.")
    elif busy_fraction > BUSY_FRACTION:
        said.append(
            f"The build is taken {busy_fraction:.0%} of the week. A job that comes at any moment waits "
            f"{float(mean_wait_jobs(busy_fraction)):.1f} times as long as a job takes; rented machines do "
            "not queue."
        )
    return said


def _ci(case: Case) -> list[str]:
    scenario, figures = case.scenario, case.figures
    said = []
    minutes = scenario.workload.ci_minutes_per_month
    if minutes.linux + minutes.windows + minutes.macos > 0:
        hosted = amount(case, hosted_ci_usd(scenario, figures, with_build=False), 2)
        kept = amount(case, hosted_ci_usd(scenario, figures, with_build=True), 2)
        if scenario.workload.ci_public_repositories:
            said.append(
                f"GitHub's runners cost {hosted} a month on the plan {scenario.workload.ci_plan}, "
                "with the build and without it: it serves no public repositories."
            )
        else:
            said.append(
                f"GitHub's runners cost {hosted} a month beside every rental; beside the build, which "
                f"serves Linux and Windows, {kept} for macOS."
            )
    if scenario.workload.needs_runner or scenario.workload.ci_public_repositories:
        said.append(
            "Standard GitHub runners are free in public repositories, and a self-hosted runner there would "
            "run the code of anybody's pull request on your machine: use one for private repositories only."
        )
    return said


def _renting(case: Case) -> list[str]:
    said = []
    if case.scenario.workload.needs_own_environment:
        said.append(
            "Colab's paid plans allow a tunnel from VS Code, but the machine is rebuilt each session; "
            "drop the need for an own environment to see them considered."
        )
    if case.against is None:
        return said
    if case.offers.text["access"][case.against] == "notebook":
        said.append(
            "A notebook stops some time after its browser tab is closed; of Colab's plans only Pro+ runs on "
            "in the background. No plan promises a certain GPU."
        )
    gpus, needed = float(case.offers.number["gpu_count"][case.against]), case.scenario.workload.gpus
    if gpus > max(needed, 1):
        said.append(
            f"The compared rental has {gpus:g} GPUs and the work uses {needed:g}: "
            "the others are paid and idle."
        )
    if case.offers.side_prices[case.against].borrowed:
        said.append(
            "Storage and download prices of the compared rental are borrowed or assumed, see the receipt."
        )
    return said

"""What hosted CI costs beside each option, and what the build does in its place.

Prices of GitHub's runners are written down from ``data/``: Linux 0.006, Windows 0.010, macOS 0.062 USD a
minute. A minute on Windows uses up 2 of the included minutes, one on macOS 10.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from models import Comparison, Scenario, compare

Offers = Callable[..., pd.DataFrame]

CENT = 0.005
MONTHS = 12


@pytest.fixture
def ci(offers_of: Offers) -> Callable[..., Comparison]:
    """Compare a year of CI with one plain offer; ``money`` aside, all fields are those of the workload."""

    def answer(money: dict[str, object] | None = None, **workload: object) -> Comparison:
        asked = {
            "workload": {"longest_run_hours": 1, **workload},
            "money": {"horizon_months": MONTHS, "yearly_discount_fraction": 0, **(money or {})},
        }
        return compare(Scenario.model_validate(asked), offers_of({}))

    return answer


def hosted_usd(comparison: Comparison) -> list[float]:
    """Monthly hosted CI in the bill of the build and of the rental."""
    receipt = comparison.receipt
    options = comparison.table["option"].tolist()
    assert set(receipt["option"]) == set(options)
    return [
        float(
            receipt.loc[(receipt["option"] == option) & (receipt["component"] == "hosted CI")][
                "total_usd"
            ].sum()
        )
        / MONTHS
        for option in options
    ]


@pytest.mark.parametrize(
    ("plan", "usd"), [("free", 480.0), ("pro", 474.0), ("team", 474.0), ("enterprise_cloud", 192.0)]
)
def test_the_plan_decides_the_included_minutes(ci: Callable[..., Comparison], plan: str, usd: float) -> None:
    """82,000 Linux minutes, less 2,000, 3,000 or 50,000; the build does all of them."""
    answer = ci(ci_minutes_per_month={"linux": 82_000}, ci_plan=plan)
    # 82,000 minutes are more hours than a build's week has.
    assert not answer.table["fits"].iloc[0]
    half = ci(ci_minutes_per_month={"linux": 41_000}, ci_plan=plan)
    included = {"free": 2000, "enterprise_cloud": 50_000}.get(plan, 3000)
    assert (82_000 - included) * 0.006 == pytest.approx(usd)
    assert hosted_usd(half) == pytest.approx([0.0, max(41_000 - included, 0) * 0.006])


def test_macos_stays_hosted_beside_the_build(ci: Callable[..., Comparison]) -> None:
    """The build leaves 500 minutes of macOS: 5,000 included ones wanted, 2,000 there, 300 minutes to pay.

    Beside a rental the included minutes first serve Windows, where one saves least: 400 minutes take 800.
    The next are those of Linux, 1,200 of its 4,000 minutes; all of macOS is paid.
    """
    answer = ci(ci_minutes_per_month={"linux": 4000, "windows": 400, "macos": 500})
    assert hosted_usd(answer) == pytest.approx([300 * 0.062, 2800 * 0.006 + 500 * 0.062])
    assert any("$18.60 for macOS" in note for note in answer.judgement.notes)


def test_a_job_is_billed_in_whole_minutes(ci: Callable[..., Comparison]) -> None:
    """1,000 jobs of 2.5 minutes are 3,000 minutes on the bill; the plan includes 2,000."""
    answer = ci(ci_minutes_per_month={"linux": 2500}, ci_jobs_per_month={"linux": 1000})
    assert hosted_usd(answer) == pytest.approx([0.0, 1000 * 0.006])
    without = ci(ci_minutes_per_month={"linux": 2500})
    assert hosted_usd(without) == pytest.approx([0.0, 500 * 0.006])


def test_larger_runners_are_paid_from_the_first_minute(ci: Callable[..., Comparison]) -> None:
    answer = ci(ci_minutes_per_month={"linux": 1000}, ci_runners={"linux": "linux_4_core_gpu"})
    assert hosted_usd(answer) == pytest.approx([0.0, 1000 * 0.052])


def test_public_repositories_are_free_and_never_served_by_the_build(ci: Callable[..., Comparison]) -> None:
    minutes = {"linux": 50_000, "windows": 9000, "macos": 700}
    free = ci(ci_minutes_per_month=minutes, ci_public_repositories=True)
    assert hosted_usd(free) == [0.0, 0.0]
    # The build is not kept on by them.
    assert free.table["hours_per_month"].iloc[0] == ci().table["hours_per_month"].iloc[0]
    # A larger runner costs the same with the build and without it.
    large = ci(
        ci_minutes_per_month={"linux": 1000},
        ci_runners={"linux": "linux_8_core"},
        ci_public_repositories=True,
    )
    assert hosted_usd(large) == pytest.approx([22.0, 22.0])
    assert any("serves no public repositories" in note for note in large.judgement.notes)


def test_included_minutes_that_suffice_cost_nothing_anywhere(ci: Callable[..., Comparison]) -> None:
    assert hosted_usd(ci(ci_minutes_per_month={"linux": 2000})) == [0.0, 0.0]


@pytest.mark.parametrize("reclaimed", [False, True])
def test_vat_on_hosted_ci_is_the_same_on_both_sides(ci: Callable[..., Comparison], reclaimed: bool) -> None:
    """1,200 minutes of macOS cost 62 USD after the included 200, with the build and without it."""
    answer = ci(
        money={"vat_fraction": 0.25, "vat_reclaimed": reclaimed},
        ci_minutes_per_month={"macos": 1200},
    )
    with_tax = 1.0 if reclaimed else 1.25
    sums = []
    for option in answer.table["option"]:
        receipt = answer.receipt[answer.receipt["option"] == option].set_index("component")["total_usd"]
        if "own" in option:
            sums.append(receipt["hosted CI"] + receipt.get("VAT given back on hosted CI", 0.0))
        else:
            plain = receipt["hosted CI"]
            others = sum(receipt[name] for name in ("hours", "storage", "egress"))
            vat = receipt.get("VAT", 0.0) - others * (with_tax - 1.0)
            sums.append(plain + vat)
    assert sums == pytest.approx([MONTHS * 62 * with_tax] * 2)


def test_the_same_ci_on_both_sides_moves_no_break_even(ci: Callable[..., Comparison]) -> None:
    """macOS is paid with and without the build, whoever pays tax and reclaims VAT."""
    for money in (
        {},
        {"vat_fraction": 0.19},
        {"vat_fraction": 0.19, "vat_reclaimed": True, "marginal_tax_rate_fraction": 0.3},
    ):
        without = ci(money=money)
        beside = ci(money=money, ci_minutes_per_month={"macos": 1200})
        own, rent = beside.table["present_value_usd"] - without.table["present_value_usd"]
        assert own > 0
        assert own == pytest.approx(rent)
        assert beside.break_even["months_if_sold"] == pytest.approx(without.break_even["months_if_sold"])
        assert beside.break_even["usd_per_hour"] == pytest.approx(without.break_even["usd_per_hour"])

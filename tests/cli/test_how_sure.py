"""How sure the answer is, on the command line: what it prints, what JSON holds, and what is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli
from models import Scenario, compare, flip_points, simulate, tornado
from models.uncertainty import share_of_cases
from pricing import load_offers

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()

    def call(*words: str) -> Result:
        return runner.invoke(cli.cli, ["compare", *words])

    return call


def test_without_being_asked_nothing_is_added(run: Run) -> None:
    shown = run()
    assert shown.exit_code == 0
    assert not any(word in shown.stdout for word in ("building wins  ", "saved at low", "draws"))
    asked = {"flip_points", "tornado", "simulation"}
    assert not asked & set(json.loads(run("--json").stdout))


def test_flip_points_stand_after_the_answer_with_those_that_never_flip(run: Run) -> None:
    shown = run("--flip-points")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[: len(run().stdout.splitlines())] == run().stdout.splitlines()
    expected = flip_points(Scenario(), load_offers()).set_index("input")
    hours = expected.loc["workload.busy_hours_per_week"]
    (line,) = [text for text in lines if text.startswith("workload.busy_hours_per_week")]
    assert line.split() == [
        "workload.busy_hours_per_week",
        "20",
        str(hours["direction"]),
        f"{hours['flips_at']:.4g}",
        "h",
        "a",
        "week",
    ]
    # The answer's own sentence says the same number.
    assert any(text.startswith(f"The answer flips at {hours['flips_at']:.1f} busy hours") for text in lines)
    assert lines[-1].endswith("against the considered rental that is cheapest there.")
    never = expected.index[expected["direction"] == "none"]
    (said,) = [text for text in lines if text.startswith("No flip in the plausible range")]
    assert len(never) > 0
    assert all(name in said for name in never)


def test_the_tornado_starts_with_the_largest_swing_in_the_readers_currency(run: Run) -> None:
    expected = tornado(Scenario(), load_offers()).iloc[0]
    lines = run("--tornado").stdout.splitlines()
    heading = next(i for i, line in enumerate(lines) if line.startswith("input"))
    first = lines[heading + 1].split()
    assert first[0] == expected["input"]
    assert first[3:] == [
        f"−${-usd:,.0f}" for usd in (expected["saving_usd_at_low"], expected["saving_usd_at_high"])
    ]
    euros = run("--tornado", "--set", "money.currency=EUR").stdout.splitlines()
    assert "€" in euros[[line.startswith("input") for line in euros].index(True) + 1]


def test_the_simulation_says_the_sentence_of_the_model(run: Run) -> None:
    done = run("--simulate", "500", "--seed", "3")
    expected = simulate(Scenario(), load_offers(), draws=500, seed=3)
    lines = done.stdout.splitlines()
    assert expected.sentence in lines
    assert lines[-1] == "500 draws, seed 3."
    assert expected.never_fraction == 1.0
    assert "within 36 months in 100% of cases; in the middle case never." in done.stdout


def test_the_ranges_behind_the_chance_stand_beneath_it(run: Run) -> None:
    lines = run("--simulate", "10").stdout.splitlines()
    heading = next(i for i, line in enumerate(lines) if "nine cases of ten lie between" in line)
    said = dict(re.split(r"\s{2,}", line.strip()) for line in lines[heading + 1 : -1])
    assert list(said) == list(simulate(Scenario(), load_offers(), draws=10).ranges)
    assert said["workload.busy_hours_per_week"] == "10 h a week and 40 h a week"
    assert said["yearly_usage_growth_fraction"] == "−20.0% a year and 25.0% a year"
    # One value for all futures.
    assert said["yearly_end_fraction"] == "always 10.0% a year"


def test_the_month_at_which_building_wins_is_one_of_its_months(run: Run) -> None:
    settings = ("--against", "aws")
    flips = flip_points(Scenario().with_settings({"rental.against": "aws"}), load_offers())
    months = flips.set_index("input").loc["money.horizon_months"]
    assert months["direction"] == "above"
    lines = run("--flip-points", *settings).stdout.splitlines()
    (line,) = [text for text in lines if text.startswith("money.horizon_months")]
    assert f" from {months['flips_at']:g} " in line


def test_in_another_currency_no_amount_of_the_simulation_is_in_dollars(run: Run) -> None:
    plain = run("--set", "money.currency=EUR").stdout.splitlines()
    lines = run("--simulate", "500", "--set", "money.currency=EUR").stdout.splitlines()
    added = "\n".join(lines[len(plain) :])
    euros = Scenario().with_settings({"money.currency": "EUR"})
    assert added.startswith(f"\n{simulate(euros, load_offers(), draws=500).sentence}\n")
    # Of the sentence, of the middle case, and of the range of the price of electricity.
    assert added.count("€") == 5
    assert "$" not in added


def test_json_holds_each_further_question_with_the_figures_of_the_model(run: Run) -> None:
    done = run("--json", "--top", "1", "--flip-points", "--tornado", "--simulate", "500", "--seed", "3")
    document = json.loads(done.stdout)
    offers = load_offers()
    assert list(document)[-3:] == ["flip_points", "tornado", "simulation"]

    flips = flip_points(Scenario(), offers)
    assert [row["input"] for row in document["flip_points"]] == flips["input"].tolist()
    for row, expected in zip(document["flip_points"], flips["flips_at"].tolist(), strict=True):
        assert row["flips_at"] == (None if math.isnan(expected) else expected)
    assert document["tornado"] == tornado(Scenario(), offers).to_dict("records")

    expected = simulate(Scenario(), offers, draws=500, seed=3)
    simulation = document["simulation"]
    assert (simulation["draws"], simulation["seed"]) == (500, 3)
    assert simulation["chance_build_wins"] == expected.chance_build_wins
    assert simulation["never_fraction"] == expected.never_fraction
    assert simulation["ranges"] == {
        name: [spread.low, spread.high] for name, spread in expected.ranges.items()
    }
    assert simulation["ranges"]["workload.busy_hours_per_week"] == [10, 40]
    assert simulation["ranges"]["rental.yearly_price_drift_fraction"] == [-0.2, 0.05]
    assert list(simulation["saving_usd"]) == ["0.05", "0.5", "0.95"]
    assert (
        list(simulation["saving_usd"].values()) == expected.saving_quantiles_usd([0.05, 0.5, 0.95]).tolist()
    )
    assert simulation["break_even_months"]["0.5"] == "never"


def test_the_rest_of_the_json_document_stays_as_it_is(run: Run) -> None:
    alone = json.loads(run("--json").stdout)
    more = json.loads(run("--json", "--simulate", "10").stdout)
    assert more.pop("simulation")
    assert more == alone


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(run: Run) -> None:
    first, again, other = (run("--simulate", "500", "--seed", seed).stdout for seed in ("7", "7", "8"))
    assert first == again
    assert first.replace("seed 7", "seed 8") != other
    assert run("--simulate", "500").stdout == run("--simulate", "500", "--seed", "0").stdout


def test_the_simulation_compares_with_whom_the_reader_names(run: Run) -> None:
    document = json.loads(run("--json", "--simulate", "500", "--against", "aws").stdout)
    offers = load_offers()
    against = Scenario().with_settings({"rental.against": "aws"})
    expected = simulate(against, offers, draws=500)
    assert document["simulation"]["chance_build_wins"] == expected.chance_build_wins
    assert expected.chance_build_wins > simulate(Scenario(), offers, draws=500).chance_build_wins


def test_each_answer_names_whom_it_compares_with(run: Run) -> None:
    shown = run("--flip-points", "--simulate", "500", "--against", "aws").stdout
    against = Scenario().with_settings({"rental.against": "aws"})
    expected = flip_points(against, load_offers()).set_index("input").loc["workload.busy_hours_per_week"]
    assert f"above {expected['flips_at']:.4g}" in shown
    assert "against the offer of AWS that is cheapest there." in shown
    futures = simulate(against, load_offers(), draws=500)
    assert 0.0 < futures.never_fraction < 1.0
    (months,) = futures.break_even_quantiles_months([0.5])
    never = share_of_cases(futures.never_fraction)
    assert f"in {never} of cases; in the middle case it does in month {months:.0f}." in shown


@pytest.mark.parametrize("draws", ["0", "-5", "1000001"])
def test_a_number_of_draws_out_of_range_is_refused_in_one_sentence(run: Run, draws: str) -> None:
    done = run("--simulate", draws)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"rig-or-rent: --simulate: the number of draws must be from 1 to 1,000,000, not {draws}\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "1"], "there is nothing to draw without --simulate N"),
        (["--simulate", "10", "--seed", "-1"], "--seed: must be a whole number from 0, not -1"),
        (["--simulate", "10", "--csv", "-"], "write the CSV to a file, not to the screen"),
        (["--flip-points", "--cash-flows", "-"], "write the CSV to a file, not to the screen"),
    ],
)
def test_what_makes_no_sense_together_is_refused_in_one_sentence(
    run: Run, words: list[str], said: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_bill_of_the_build_nothing_flips_and_a_simulation_says_why(run: Run) -> None:
    too_much = ("--set", "workload.vram_gb=80")
    assert compare(Scenario().with_settings({"workload.vram_gb": "80"}), load_offers()).case.build_misfit
    shown = run("--flip-points", "--tornado", *too_much)
    assert shown.exit_code == 0
    assert "Nothing can flip: one side has no bill" in shown.stdout
    assert "No input moves the saving: one side has no bill" in shown.stdout
    assert json.loads(run("--json", "--flip-points", *too_much).stdout)["flip_points"] == []
    refused = run("--simulate", "10", *too_much)
    assert refused.exit_code == 2
    assert "nothing can be simulated: the work does not fit the build" in refused.stderr


def test_a_csv_file_and_a_further_question_go_together(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answer.csv"
    done = run("--csv", str(file), "--simulate", "10")
    assert file.exists()
    assert done.stdout.endswith("10 draws, seed 0.\n")

"""The command line: what it prints, what it writes, and what it says of a mistake."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from models import PERSONAS, Scenario, compare
from pricing import Progress, RefreshReport, RegionResult, find_offers, load_offers

Run = Callable[..., Result]

OVERLAP = '[{"usd_per_kwh": 0.1, "from_hour": 0, "to_hour": 8}, {"usd_per_kwh": 0.2, "from_hour": 7}]'


@pytest.fixture
def run() -> Run:
    runner = CliRunner()

    def call(*words: str) -> Result:
        return runner.invoke(cli.cli, list(words))

    return call


def test_help_names_the_commands_that_exist_and_no_other(run: Run) -> None:
    shown = run("--help").stdout
    assert all(word in shown for word in ("compare", "offers", "refresh", "app"))
    assert "usage   " not in shown


@pytest.mark.parametrize("command", ["compare", "offers", "refresh", "app"])
def test_each_option_of_a_command_is_explained(run: Run, command: str) -> None:
    shown = run(command, "--help")
    assert shown.exit_code == 0
    options = [line for line in shown.stdout.splitlines() if line.startswith("│ --")]
    assert options
    assert all(len(line.split()) > 4 for line in options)


def test_compare_prints_the_verdict_first_and_the_build_at_the_head_of_the_table(run: Run) -> None:
    done = run("compare")
    answer = compare(Scenario(), load_offers())
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[: len(answer.verdict)] == list(answer.verdict)
    heading = next(i for i, line in enumerate(lines) if line.startswith("option"))
    assert lines[heading + 1].startswith("own rtx4090_used_ws_2026_usd")


def test_compare_as_json_is_one_document_with_the_cents_of_the_model(run: Run) -> None:
    answer = compare(Scenario(), load_offers())
    document = json.loads(run("compare", "--json").stdout)
    assert list(document) == [
        "version",
        "snapshot_id",
        "scenario",
        "verdict",
        "break_even",
        "flips_at",
        "receipt",
        "measures",
        "emissions",
        "options",
    ]
    assert list(document["break_even"]) == [
        "against",
        "months",
        "months_if_sold",
        "hours_per_week",
        "direction",
        "usd_per_hour",
    ]
    assert len(document["options"]) == len(answer.table)
    assert document["options"][0]["present_value_usd"] == answer.table["present_value_usd"].iloc[0]
    assert document["break_even"]["months"] == "never"
    hours, direction = answer.flips_at
    assert document["flips_at"] == {"hours_per_week": hours, "direction": direction}
    assert document["options"][-1]["present_value_usd"] is None


def test_compare_as_csv_on_the_screen_is_the_table(run: Run) -> None:
    answer = compare(Scenario(), load_offers())
    read = pd.read_csv(io.StringIO(run("compare", "--csv", "-").stdout), comment="#")
    assert list(read.columns) == list(answer.table.columns)
    assert read["present_value_usd"].equals(answer.table["present_value_usd"])


def test_compare_writes_the_csv_file_and_still_answers(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answer.csv"
    done = run("compare", "--csv", str(file), "--top", "5")
    assert done.stdout.startswith("Rent from")
    assert len(pd.read_csv(file, comment="#")) == 5


def test_json_says_never_and_unknown_of_measures_and_emissions(run: Run) -> None:
    chip = "gpu=my chip,usd_per_hour=0.01,relative_throughput=1,vram_gb=24"
    document = json.loads(run("compare", "--json", "--offer", chip).stdout)
    answer = compare(
        Scenario.model_validate(document["scenario"]),
        load_offers(),
    )
    by_name = {row["measure"]: row["value"] for row in document["measures"]}
    assert by_name["simple payback"] == "never"
    assert (
        by_name["levelised cost, build"]
        == answer.measures.set_index("measure")["value"]["levelised cost, build"]
    )
    carbon = {row["option"]: row["co2_kg"] for row in document["emissions"]}
    assert carbon["own rate own rate 1 global on_demand"] is None
    assert carbon[document["options"][0]["option"]] > 0


def test_the_decision_in_other_measures_is_one_line(run: Run) -> None:
    (line,) = [text for text in run("compare").stdout.splitlines() if text.startswith("Building in place of")]
    assert "simple payback never" in line
    measures = compare(Scenario(), load_offers()).measures.set_index("measure")["value"]
    assert f"rate of return −{-measures['internal rate of return']:.1%} a year" in line
    build, rental = (f"${measures[f'levelised cost, {side}']:.2f}" for side in ("build", "rental"))
    assert f"levelised cost {build} a useful hour against {rental} a useful hour" in line
    nothing = run("compare", "--set", "workload.vram_gb=5000")
    assert nothing.exit_code == 0
    assert "Building in place of" not in nothing.stdout


def test_cash_flows_on_the_screen_are_every_component_of_every_month(run: Run) -> None:
    answer = compare(Scenario(), load_offers())
    text = run("compare", "--cash-flows", "-").stdout
    read = pd.read_csv(io.StringIO(text), comment="#")
    assert list(read.columns) == ["option", "component", "month", "usd", "present_value_usd"]
    pd.testing.assert_frame_equal(read, answer.cash_flows, check_dtype=False, check_exact=True)
    assert text.splitlines()[:4] == answer.to_csv().splitlines()[:4]
    build = read[read["option"] == answer.table["option"].iloc[0]]
    assert build["present_value_usd"].sum() == pytest.approx(answer.table["present_value_usd"].iloc[0])


def test_cash_flows_go_to_a_file_beside_the_answer_and_the_table(run: Run, tmp_path: Path) -> None:
    flows, table = tmp_path / "flows.csv", tmp_path / "table.csv"
    done = run("compare", "--cash-flows", str(flows), "--csv", str(table))
    assert done.stdout.startswith("Rent from")
    assert {"option", "component", "month"} < set(pd.read_csv(flows, comment="#").columns)
    assert "verdict" not in pd.read_csv(table, comment="#").columns
    printed = run("compare", "--cash-flows", "-", "--csv", str(table)).stdout
    assert printed == flows.read_text(encoding="utf-8")


def test_top_cuts_the_rows_of_the_json_too(run: Run) -> None:
    assert len(json.loads(run("compare", "--json", "--top", "3").stdout)["options"]) == 3


def test_a_scenario_file_is_changed_by_set_and_then_by_named_options(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "week.toml"
    file.write_text(PERSONAS["cuda"].to_toml())
    words = ("--scenario", str(file), "--set", "workload.busy_hours_per_week=9", "--provider", "gcp")
    used = json.loads(run("compare", "--json", *words, "--term", "spot", "--region", "europe").stdout)[
        "scenario"
    ]
    assert used["workload"]["workload_class"] == "wall_clock"
    assert used["workload"]["busy_hours_per_week"] == 9
    assert used["rental"]["providers"] == ["gcp"]
    assert used["rental"]["terms"] == ["spot"]
    assert "europe-west4" in used["rental"]["regions"]


def test_a_scenario_may_be_a_json_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "week.json"
    file.write_text(PERSONAS["maintainer"].model_dump_json())
    used = json.loads(run("compare", "--json", "--scenario", str(file)).stdout)["scenario"]
    assert used["workload"]["needs_runner"]


def test_a_rate_of_ones_own_is_one_option(run: Run) -> None:
    own = 'gpu="RTX 4090",usd_per_hour=0.05,access=container,name=friend'
    document = json.loads(run("compare", "--json", "--offer", own).stdout)
    assert document["break_even"]["against"] == "own rate friend global on_demand"
    row = next(row for row in document["options"] if row["provider"] == "own rate")
    assert (row["gpu"], row["access"], row["considered"]) == ("RTX 4090", "container", True)


def test_against_moves_what_the_build_is_compared_with(run: Run) -> None:
    document = json.loads(run("compare", "--json", "--against", "aws").stdout)
    assert document["break_even"]["against"].startswith("aws ")
    assert {line["option"] for line in document["receipt"]} == {
        document["options"][0]["option"],
        document["break_even"]["against"],
    }


def test_offers_are_what_find_offers_finds(run: Run) -> None:
    words = ("--gpu", "L4", "--vram-gb", "24", "--term", "spot", "--max-usd-per-hour", "0.4")
    rows = json.loads(run("offers", "--json", *words).stdout)
    found = find_offers(load_offers(), gpu="L4", min_vram_gb=24, term="spot", max_usd_per_hour=0.4)
    assert len(rows) == len(found) > 0
    assert [row["usd_per_hour"] for row in rows] == list(found["usd_per_hour"])
    assert all(row["source"] for row in rows)


def test_offers_as_csv_hold_every_column(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    run("offers", "--provider", "colab", "--csv", str(file))
    read = pd.read_csv(file, comment="#")
    found = find_offers(load_offers(), provider="colab")
    assert list(read.columns) == list(found.columns)
    assert read["usd_per_hour"].equals(found["usd_per_hour"])


def test_offers_on_the_screen_say_how_many_there_are(run: Run) -> None:
    assert f"40 of {len(load_offers())} offers" in run("offers").stdout
    assert "No offer matches." in run("offers", "--gpu", "L4", "--max-usd-per-hour", "0.01").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("compare", "--set", "workload.busy_hours_per_week=169"), "workload.busy_hours_per_week"),
        (("compare", "--set", "workload.busy_hours=3"), "there is no field 'workload.busy_hours'"),
        (("compare", "--set", "hours"), "--set: 'hours' is not of the form FIELD=VALUE"),
        (("compare", "--set", "workload.busy_hours_per_week=150"), "but a week has 168"),
        (("compare", "--set", "workload.workload_class=mining"), "'mining'"),
        (("compare", "--provider", "awz"), "rental.providers: there are no offers of 'awz'"),
        (("compare", "--region", "atlantis"), "rental.regions: 'atlantis'"),
        (("compare", "--term", "forever"), "'forever'"),
        (("compare", "--against", "ibm"), "rental.against: 'ibm'"),
        (("compare", "--offer", "gpu=L4"), "usd_per_hour"),
        (("compare", "--offer", "gpu=L4,usd_per_hour=-1"), "usd_per_hour"),
        (("compare", "--scenario", "/no/such/file.toml"), "/no/such/file.toml: No such file or directory"),
        (("compare", "--csv", "/no/such/folder/x.csv"), "No such file or directory"),
        (("compare", "--csv", "-", "--json"), "--csv and --json"),
        (("compare", "--cash-flows", "-", "--json"), "--cash-flows and --json"),
        (("compare", "--cash-flows", "-", "--csv", "-"), "--cash-flows and --csv -"),
        (("compare", "--cash-flows", "/no/such/folder/x.csv"), "No such file or directory"),
        (("compare", "--set", "money.horizon_months=0"), "money.horizon_months"),
        (("compare", "--set", "workstation.warranty_usd=nan"), "workstation.warranty_usd"),
        (("compare", "--set", "workstation.insurance_usd_per_year=1e308"), "insurance_usd_per_year"),
        (("compare", "--set", "workload.ci_runners.linux=moon"), "workload.ci_runners.linux: 'moon'"),
        (("compare", "--set", f"electricity.time_of_use={OVERLAP}"), "electricity.time_of_use: "),
        (("compare", "--country", "XX"), "--country: there is no tariff for 'XX'"),
        (("compare", "--set", "money.currency=XXX"), "money.currency: there is no rate for 'XXX'"),
        (
            ("offers", "--override", "prices"),
            "the table is 'prices'; those that can be replaced are colab_plans",
        ),
        (("offers", "colab_rates"), "'colab_rates' is a word too many"),
        (("offers", "--override", "--json"), "--override lists and copies tables"),
        (("offers", "--gpu", "RTX 9999"), "gpu is 'RTX 9999'"),
        (("offers", "--vram-gb", "-1"), "min_vram_gb is -1.0"),
        (("refresh", "--provider", "moon"), "provider is 'moon'; a refresh can ask aws, azure, gcp, "),
        (("refresh", "--region", "atlantis"), "region is 'atlantis'; allowed are regions of aws, azure"),
        (("refresh", "--provider", "aws", "--region", "eastus"), "region is 'eastus'"),
        (("refresh", "--aws-source", "scrolls"), "aws_source is 'scrolls'; allowed are feed, bulk"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_exit_code_2(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_file_that_is_not_toml_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "week.toml"
    file.write_text("workload = ")
    done = run("compare", "--scenario", str(file))
    assert done.exit_code == 2
    assert "not valid TOML" in done.stderr


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, object]]]:
    """Lets a refresh end as told, and gives what it was asked with."""

    def put(*results: RegionResult, error: BaseException | None = None) -> list[dict[str, object]]:
        asked: list[dict[str, object]] = []

        def refresh(
            providers: list[str] | None,
            regions: list[str] | None,
            *,
            force: bool,
            aws_source: str,
            progress: Callable[[Progress], None],
        ) -> RefreshReport:
            asked.append(
                {"providers": providers, "regions": regions, "force": force, "aws_source": aws_source}
            )
            progress(Progress("aws", 2, 1, 12_345))
            if error is not None:
                raise error
            return RefreshReport(results)

        monkeypatch.setattr(cli, "refresh", refresh)
        return asked

    return put


def test_refresh_prints_a_line_for_each_region_and_what_was_left_out(
    run: Run, refreshed: Callable[..., object]
) -> None:
    refreshed(
        RegionResult("aws", "us-east-1", "refreshed", "61 offers.", 61, ("p9.large", "g9.xlarge")),
        RegionResult("azure", "eastus", "unchanged", "Nothing changed since the last refresh.", 24),
        RegionResult("gcp", "us-central1", "skipped", "A key is needed."),
    )
    done = run("refresh")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "aws us-east-1: refreshed: 61 offers. "
        "GPU types that are not known here, left out: p9.large, g9.xlarge.",
        "azure eastus: unchanged: Nothing changed since the last refresh.",
        "gcp us-central1: skipped: A key is needed.",
    ]
    # What is no terminal gets no bars.
    assert done.stderr == ""


@pytest.mark.parametrize("outcome", ["failed", "held_back"])
def test_refresh_ends_with_1_where_a_region_failed_or_was_held_back(
    run: Run, refreshed: Callable[..., object], outcome: Literal["failed", "held_back"]
) -> None:
    refreshed(
        RegionResult("aws", "us-east-1", outcome, "Why it [so] is."),
        RegionResult("azure", "eastus", "refreshed", "24 offers.", 24),
    )
    done = run("refresh")
    assert done.exit_code == 1
    assert f"aws us-east-1: {outcome.replace('_', ' ')}: Why it [so] is." in done.stdout
    assert "azure eastus: refreshed" in done.stdout


def test_refresh_asks_what_its_options_say(run: Run, refreshed: Callable[..., object]) -> None:
    asked = refreshed()
    run("refresh")
    words = (
        "--provider",
        "aws",
        "--provider",
        "gcp",
        "--region",
        "us-east-1",
        "--aws-source",
        "bulk",
        "--force",
    )
    run("refresh", *words)
    usual = {"providers": None, "regions": None, "force": False, "aws_source": "feed"}
    chosen = {"providers": ["aws", "gcp"], "regions": ["us-east-1"], "force": True, "aws_source": "bulk"}
    assert asked == [usual, chosen]


def test_ctrl_c_during_a_refresh_is_one_sentence(run: Run, refreshed: Callable[..., object]) -> None:
    refreshed(error=KeyboardInterrupt())
    done = run("refresh")
    assert done.exit_code == 130
    assert "last good prices" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_refresh_that_reaches_nobody_says_so_and_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    before = load_offers()
    # A base URL that no request is sent to.
    monkeypatch.setenv("RIG_OR_RENT_AZURE_URL", "ftp://example.org")
    done = run("refresh", "--provider", "azure")
    assert done.exit_code == 1
    assert [line.partition(": ")[0] for line in done.stdout.splitlines()] == [
        "azure eastus",
        "azure westeurope",
    ]
    assert done.stdout.count("failed: ") == 2
    pd.testing.assert_frame_equal(load_offers(), before)
    last = run("compare").stdout.splitlines()[-1]
    assert "Azure bundled, the newest of 2026-09-06; eastus, westeurope: " in last


def test_compare_says_last_how_old_each_providers_prices_are(run: Run) -> None:
    last = run("compare").stdout.splitlines()[-1]
    assert last.startswith("Prices: AWS bundled, the newest of 2026-09-25; Azure bundled")
    for provider in ("Colab", "GCP", "RunPod", "Vast.ai", "the European Central Bank"):
        assert f"; {provider} bundled, the newest of 202" in last

"""The tab that says how sure the answer is: the model's figures in words, in charts and in files."""

from __future__ import annotations

import base64
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from models import (
    Scenario,
    break_even_line,
    compare,
    flip_points,
    load_figures,
    simulate,
    tornado,
    two_way,
)
from models.currency import exchange, from_usd
from models.numeric_inputs import INPUTS
from models.uncertainty import share_of_cases, simulate_case
from pricing import load_offers
from views import how_sure
from views.currency import DOLLARS
from views.downloads import table_csv
from views.input_words import INPUT_NAMES, UNITS, axis_title, input_value, on_axis, side_of

from .conftest import opened

TAB = "How sure"
EURO = exchange("EUR", load_figures())
CHARTS = ("swing", "saving", "met")
BAND = ("build low", "build high", "against low", "against high")

pytestmark = pytest.mark.usefixtures("flips")


@pytest.fixture
def page(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "app.py"), default_timeout=120)


def asked(page: AppTest, settings: dict[str, str], tab: str = TAB) -> AppTest:
    """The page with that question and a tab open."""
    for name, value in settings.items():
        page.query_params[name] = value
    return opened(page, tab)


@pytest.fixture(scope="module")
def default_page(root: Path) -> AppTest:
    """The tab with the default question. To be read, not to be changed."""
    return opened(AppTest.from_file(str(root / "app.py"), default_timeout=120), TAB)


def text_of(page: AppTest) -> str:
    """What the page says outside its inputs, without marks."""
    elements = (*page.subheader, *page.caption, *page.markdown)
    marked = [re.sub(r"\\(.)", r"\1", str(element.value)) for element in elements]
    bodies = [str(element.value) for element in page.html if "<style>" not in element.value]
    texts = marked + [unescape(re.sub(r"<[^>]*>", " ", body)) for body in bodies]
    return "\n".join(" ".join(text.split()) for text in texts)


def chart(page: AppTest, meta: str) -> go.Figure:
    """The one chart with a trace of that kind."""
    specs: list[dict[str, Any]] = [json.loads(found.proto.spec) for found in page.get("plotly_chart")]
    (spec,) = [spec for spec in specs if any(trace.get("meta") == meta for trace in spec["data"])]
    return go.Figure(spec)


def metas(page: AppTest) -> set[str]:
    """The kinds of all traces of the page's charts."""
    specs = [json.loads(found.proto.spec) for found in page.get("plotly_chart")]
    return {trace.get("meta", "") for spec in specs for trace in spec["data"]}


def said_above_the_tabs(page: AppTest) -> list[str]:
    """The sentences of the simulation that stand above the tabs."""
    bodies = [str(element.value) for element in page.html]
    found = [text for body in bodies for text in re.findall(r'<p class="how-sure">(.*?)</p>', body)]
    return [unescape(re.sub(r"<.*?>", "", text)) for text in found]


def traces(figure: go.Figure, meta: str) -> list[Any]:
    found = [trace for trace in figure.data if trace.meta == meta]
    assert found, f"no trace of {meta}"
    return found


def numbers(values: Any) -> Any:
    """The numbers along a trace's axis; the page sends long ones in binary."""
    if not isinstance(values, dict):
        return np.array(values, dtype=float).tolist()
    flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    shape = [int(length) for length in str(values.get("shape", len(flat))).split(",")]
    return flat.reshape(shape).tolist()


def table_rows(page: AppTest, title: str) -> list[list[str]]:
    (table,) = [str(element.value) for element in page.html if f"<caption>{title}</caption>" in element.value]
    bodies = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2])
    return [[unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", body)] for body in bodies]


def test_nothing_of_it_is_worked_out_while_the_tab_is_closed(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(how_sure, "tab", lambda comparison, futures: drawn.append(comparison.snapshot_id))
    page.run()
    assert not page.exception
    assert TAB in [tab.label for tab in page.tabs]
    assert drawn == []
    opened(page, TAB)
    assert len(drawn) == 1


def test_the_sentence_is_that_of_the_simulation_and_stands_above_every_tab(page: AppTest) -> None:
    settings = {"workload.busy_hours_per_week": "60", "rental.against": "runpod"}
    simulation = simulate(Scenario().with_settings(settings), load_offers())
    assert 0.0 < simulation.chance_build_wins < 1.0
    assert 0.0 < simulation.never_fraction < 1.0
    asked(page, settings)
    assert said_above_the_tabs(page) == [simulation.sentence]
    said = text_of(page)
    assert said.count(simulation.sentence) == 2
    assert "against RunPod in each of 10,000 futures" in said
    never = share_of_cases(simulation.never_fraction)
    assert f"the two bills never meet within 36 months in {never} of cases" in said
    assert said_above_the_tabs(opened(page, "Sources")) == [simulation.sentence]


def test_the_ranges_behind_the_chance_stand_beneath_it(default_page: AppTest) -> None:
    price = load_figures().tariffs["US"].usd_per_kwh
    assert table_rows(default_page, "What varies") == [
        ["Busy hours", "10 h a week and 40 h a week"],
        ["Growth of the busy hours", "−20.0% a year and 25.0% a year"],
        ["Projects given up", "always 10.0% a year"],
        ["Drift of rental prices", "−20.0% a year and 5.0% a year"],
        ["The card's loss of value", "10.0% a year and 30.0% a year"],
        ["Price of electricity", f"${0.8 * price:.4f}/kWh and ${1.3 * price:.4f}/kWh"],
        ["Failures of the build's parts", "0.03 a year and 0.1 a year"],
    ]


def test_the_months_in_which_the_bills_meet_are_those_of_the_simulation(page: AppTest) -> None:
    settings = {"workload.busy_hours_per_week": "60", "rental.against": "runpod"}
    met = simulate(Scenario().with_settings(settings), load_offers()).met_by_month
    assert 0.0 < met["met_fraction"].iloc[-1] < 1.0
    (trace,) = traces(chart(asked(page, settings), "met"), "met")
    assert numbers(trace.x) == met["month"].to_list()
    assert numbers(trace.y) == pytest.approx(met["met_fraction"].to_list())


def test_bills_that_meet_in_no_future_have_no_chart_of_months_and_are_said_never_to_meet(
    page: AppTest,
) -> None:
    settings = {"workload.busy_hours_per_week": "1", "money.horizon_months": "12"}
    assert simulate(Scenario().with_settings(settings), load_offers()).never_fraction == 1.0
    asked(page, settings)
    assert "met" not in metas(page)
    assert "the two bills never meet within 12 months in 100% of cases" in text_of(page)


@pytest.mark.parametrize(
    "settings",
    [{}, {"rental.against": "aws"}, {"electricity.country": "DE", "money.currency": "EUR"}],
    ids=["the default question", "against AWS", "in euros"],
)
def test_the_band_is_that_of_the_simulation_around_the_curves_over_time(
    page: AppTest, settings: dict[str, str]
) -> None:
    asked(page, settings, "Over time")
    comparison = compare(Scenario().with_settings(settings), load_offers())
    simulation = simulate_case(comparison.case)
    rate = exchange(comparison.scenario.money.currency, load_figures())
    band, figure = simulation.cost_band, chart(page, "build low")
    for meta in BAND:
        role, side = meta.split()
        rows = band[band["role"] == role]
        (trace,) = traces(figure, meta)
        assert numbers(trace.x) == rows["month"].to_list()
        assert numbers(trace.y) == pytest.approx([from_usd(usd, rate) for usd in rows[f"{side}_usd"]])
    assert {"build", "against"} <= {trace.meta for trace in figure.data}
    assert said_above_the_tabs(page) == [simulation.sentence]


def test_sentence_and_band_follow_whom_the_build_is_compared_with(page: AppTest) -> None:
    page.run()
    (before,), figure = said_above_the_tabs(page), chart(page, "build low")
    page.selectbox(key="rental.against").set_value("aws").run()
    simulation = simulate(Scenario().with_settings({"rental.against": "aws"}), load_offers())
    assert said_above_the_tabs(page) == [simulation.sentence]
    assert simulation.sentence != before
    assert "than AWS" in simulation.sentence
    (old,), (new,) = (traces(drawn, "against high") for drawn in (figure, chart(page, "build low")))
    assert numbers(new.y)[-1] > numbers(old.y)[-1]


def test_every_flip_stands_in_the_table_and_every_other_input_is_named(default_page: AppTest) -> None:
    flips = flip_points(Scenario(), load_offers())
    found, none = flips[flips["flips_at"].notna()], flips[flips["flips_at"].isna()]
    assert len(found) > 3
    assert len(none) > 3
    assert table_rows(default_page, "All else as you ask") == [
        [
            INPUT_NAMES[field],
            input_value(field, value, DOLLARS),
            f"{side_of(field, direction)} {input_value(field, at, DOLLARS)}",
        ]
        for field, value, at, direction in zip(
            found["input"], found["value"], found["flips_at"], found["direction"], strict=True
        )
    ]
    said = text_of(default_page)
    (sentence,) = re.findall(r"Without a flip in any plausible range: ([^.]*)\.", said)
    assert len(sentence.split(", ")) >= len(none)
    for field in none["input"]:
        assert INPUT_NAMES[field].lower() in sentence.lower()
    assert "Each trial takes the rental that is cheapest then" in said


def test_the_bars_are_the_widest_swings_in_their_order(default_page: AppTest) -> None:
    bars = tornado(Scenario(), load_offers()).head(how_sure.MOST_BARS)
    assert len(bars) == how_sure.MOST_BARS
    figure = chart(default_page, "swing")
    assert [trace.y[0] for trace in traces(figure, "swing")] == [
        INPUT_NAMES[field] for field in bars["input"]
    ]
    assert figure.layout.yaxis.autorange == "reversed"
    for end in ("low", "high"):
        (trace,) = traces(figure, end)
        assert numbers(trace.x) == pytest.approx(bars[f"saving_usd_at_{end}"].to_list())
    today, level = (shape.x0 for shape in figure.layout.shapes)
    comparison = compare(Scenario(), load_offers())
    assert today == pytest.approx(comparison.measures.set_index("measure")["value"][how_sure.SAVING])
    assert level == 0


def test_the_map_shows_two_inputs_their_line_and_the_readers_place(default_page: AppTest) -> None:
    saving = two_way(Scenario(), load_offers())
    line = break_even_line(saving)
    assert len(line) > 2
    figure = chart(default_page, "saving")
    (heat,) = traces(figure, "saving")
    table = saving.pivot(index="second", columns="first", values="saving_usd")
    assert numbers(heat.x) == pytest.approx(list(table.columns))
    assert numbers(heat.y) == pytest.approx(list(table.index))
    assert np.array(numbers(heat.z)) == pytest.approx(table.to_numpy())
    assert heat.zmid == 0
    assert sum(len(numbers(trace.x)) for trace in traces(figure, "line")) == len(line)
    (own,) = traces(figure, "own")
    price = load_figures().tariffs["US"].usd_per_kwh
    assert (own.x[0], own.y[0]) == (Scenario().workload.busy_hours_per_week, pytest.approx(price))


def test_another_pair_of_inputs_can_be_chosen_for_the_map(page: AppTest) -> None:
    opened(page, TAB)
    page.selectbox(key="map across").set_value("money.horizon_months").run()
    page.selectbox(key="map up").set_value("workstation.parts.price_usd").run()
    assert not page.exception
    layout = chart(page, "saving").layout
    assert layout.xaxis.title.text == "Months compared (months)"
    assert layout.yaxis.title.text == "Price of the parts ($)"
    assert "money.horizon_months" not in page.selectbox(key="map up").options
    # The input that was chosen upright is chosen across: the other axis takes another one.
    page.selectbox(key="map across").set_value("workstation.parts.price_usd").run()
    assert not page.exception
    assert page.selectbox(key="map up").value != "workstation.parts.price_usd"


def test_in_euros_its_amounts_and_axes_are_in_euros(page: AppTest) -> None:
    settings = {"electricity.country": "DE", "money.currency": "EUR"}
    asked(page, settings)
    said = text_of(page)
    scenario = Scenario().with_settings(settings)
    simulation = simulate(scenario, load_offers())
    assert re.search(r"bad case −€[\d,]+, good case [+−]€[\d,]+\.", simulation.sentence)
    assert simulation.sentence in said
    assert re.findall(r"(?<!US)\$\d", said) == []
    rows = {row[0]: row for row in table_rows(page, "All else as you ask")}
    assert rows["Price of the parts"][1].startswith("€")
    varied = dict(table_rows(page, "What varies"))
    assert re.fullmatch(r"€0\.\d{4}/kWh and €0\.\d{4}/kWh", varied["Price of electricity"])
    own = traces(chart(page, "saving"), "own")[0]
    assert own.y[0] == pytest.approx(from_usd(load_figures().tariffs["DE"].usd_per_kwh, EURO))
    assert chart(page, "saving").layout.yaxis.title.text == "Price of electricity (€/kWh)"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"workload.vram_gb": "5000"}, "the work does not fit the build"),
        ({"rental.providers": "aws", "rental.against": "gcp"}, "no offer of GCP is considered"),
        ({"workload.gpus": "2"}, "the work does not fit the build"),
    ],
)
def test_where_one_side_has_no_bill_a_sentence_says_so(
    page: AppTest, settings: dict[str, str], reason: str
) -> None:
    asked(page, settings)
    assert f"Nothing can be simulated: {reason}" in text_of(page)
    assert not metas(page) & set(CHARTS)
    assert said_above_the_tabs(page) == []
    opened(page, "Over time")
    assert not metas(page) & set(BAND)
    assert "nine of ten futures" not in text_of(page)
    assert said_above_the_tabs(page) == []


def test_every_input_has_a_name_of_its_own() -> None:
    assert set(INPUT_NAMES) == {field.name for field in INPUTS}
    assert len({name.lower() for name in INPUT_NAMES.values()}) == len(INPUT_NAMES)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("workload.busy_hours_per_week", 68.701, "68.7 h a week"),
        ("workload.storage_gb", 2806.27, "2,806 GB"),
        ("workstation.parts.price_usd", 2197.92, "$2,198"),
        ("electricity.usd_per_kwh", 0.1844, "$0.1844/kWh"),
        ("workstation.upkeep_usd_per_month", 12.345, "$12.35 a month"),
        ("rental.public_ip_usd_per_hour", 0.0, "$0/h"),
        ("rental.yearly_price_drift_fraction", -0.125, "−12.5% a year"),
        ("workstation.sale_fee_fraction", 0.1, "10.0%"),
        ("rental.price_factor", 2.2407, "2.24 times today's prices"),
        ("money.horizon_months", float("nan"), "–"),
    ],
)
def test_values_of_inputs_are_said_with_their_units(field: str, value: float, said: str) -> None:
    assert input_value(field, value, DOLLARS) == said


def test_of_a_whole_number_the_flip_itself_is_on_the_winning_side() -> None:
    assert side_of("money.horizon_months", "above") == "from"
    assert side_of("money.horizon_months", "below") == "up to"
    assert side_of("workload.busy_hours_per_week", "above") == "above"


def test_prices_alone_are_converted_on_an_axis() -> None:
    money = [field for field, unit in UNITS.items() if unit.startswith("USD")]
    assert len(money) > 10
    for field in UNITS:
        expected = from_usd(2.0, EURO) if field in money else 2.0
        assert on_axis(field, EURO)(2.0) == pytest.approx(expected)
        assert ("€" in axis_title(field, EURO)) == (field in money)


def test_a_file_names_its_question_and_holds_the_figures_unrounded() -> None:
    comparison = compare(Scenario(), load_offers())
    table = tornado(Scenario(), load_offers())
    text = table_csv(comparison, table, ["said of it"])
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert f"# snapshot {comparison.snapshot_id}" in head[1]
    assert head[-1] == "# said of it"
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(text), comment="#", dtype={"input": "str"}), table, check_exact=True
    )

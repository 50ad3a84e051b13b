"""The answer: the verdict, whom the build is compared with, three tiles, and both bills."""

from __future__ import annotations

import math
import re
from functools import partial

import pandas as pd
import streamlit as st

from models import Comparison
from models.currency import Exchange, from_usd
from models.summary import short_bills

from . import currency, words
from .futures import Futures
from .state import change, known_offers, last_good

# What weakens a figure stands in brackets at the end of its sentence, and is set smaller there.
MARKS = re.compile(r" \((rental [^()]*)\)\.$")


def verdict(comparison: Comparison) -> None:
    """The overall answer, large; where it flips beneath."""
    first, *rest = comparison.verdict
    flip = rest[0] if comparison.judgement.outcome in ("build", "rent", "too_close") else ""
    st.html(
        f'<div class="verdict" data-outcome="{comparison.judgement.outcome}">'
        f"<h2>{_marked(first)}</h2>" + (f"<p>{words.html(flip)}</p>" if flip else "") + "</div>"
    )


def provider_lines(comparison: Comparison) -> None:
    """The verdict's further sentences: one a provider, and what would win at a plausible speed."""
    skipped = 2 if comparison.judgement.outcome in ("build", "rent", "too_close") else 1
    lines = "".join(f"<li>{_marked(line)}</li>" for line in comparison.verdict[skipped:])
    if lines:
        st.html(f'<ul class="providers">{lines}</ul>')


def pays_back(comparison: Comparison) -> None:
    """Against whom the build pays for itself, and when, at a glance."""
    table = comparison.table.iloc[1:]
    best = table[table["considered"]].drop_duplicates("provider")
    months = dict(zip(best["provider"].map(words.provider_name), best["break_even_months"], strict=True))
    when = [f"{name} {words.months_tile(month)}" for name, month in months.items() if math.isfinite(month)]
    never = [name for name, month in months.items() if math.isinf(month)]
    said = [", ".join(when), f"never against {', '.join(never)}" if never else ""]
    if any(said):
        st.html(
            '<div class="glance"><div class="title">The build pays for itself against</div>'
            f"{words.html('; '.join(filter(None, said)))}.</div>"
        )


def compared_with() -> None:
    """Whom tiles, charts and flips compare the build with."""
    chosen = str(st.session_state["rental.against"])
    options = ["cheapest", *sorted(set(known_offers()["provider"])), chosen]
    if last_good().rental.own_offers:
        options.append("own rate")
    st.selectbox(
        "Compared with",
        list(dict.fromkeys(options)),
        key="rental.against",
        format_func=words.provider_name,
        help="Whom the tiles, the charts and the receipt compare the build with. The verdict looks at all.",
    )


def tiles(comparison: Comparison) -> None:
    """Both bills, the month in which they meet, the hours at which the answer flips."""
    rate = currency.rate_of(comparison)
    build_usd, rent_usd = present_values(comparison)
    meets = comparison.break_even
    months, sold, hours = (float(str(meets[name])) for name in ("months", "months_if_sold", "hours_per_week"))
    flips_at, side = comparison.flips_at
    horizon = comparison.scenario.money.horizon_months
    st.html(
        '<div class="tiles">'
        + _tile(
            f"Build · rent, in today's {currency.name(rate)}",
            f'<span class="build">{currency.amount(build_usd, rate)}</span> · '
            f'<span class="rent">{currency.amount(rent_usd, rate)}</span>',
            f"{_saving(comparison, rate)}{horizon} months{_converted(rate)}",
            {"build-usd": build_usd, "rent-usd": rent_usd},
        )
        + _tile(
            "The build pays for itself",
            words.months_tile(months),
            _why_unknown(build_usd, rent_usd) or _sold_words(sold),
            {"months": months, "months-if-sold": sold},
        )
        + _tile(
            "The answer flips at",
            words.hours_tile(flips_at),
            _why_unknown(build_usd, rent_usd) or _flip_words(flips_at, side),
            {
                "flips-at": flips_at,
                "hours-per-week": hours,
                "usd-per-hour": float(str(meets["usd_per_hour"])),
            },
        )
        + "</div>"
    )


def how_sure(found: Futures | str) -> None:
    """In how many futures building wins; nothing where a side has no bill."""
    if isinstance(found, Futures):
        # A sign stays with its amount, or a loss would read as a gain at the end of a phone's line.
        sentence = re.sub(r"[+−]\S+", r'<span class="amount">\g<0></span>', words.html(found.sentence))
        st.html(f'<p class="how-sure">{sentence}</p>')


def notes(comparison: Comparison) -> None:
    """What the reader should know; dropping the need for an own environment is one click."""
    table = comparison.table.iloc[1:]
    best = table[table["considered"]].drop_duplicates("provider")
    days = zip(best["provider"].map(words.provider_name), best["as_of"], strict=True)
    prices = " · ".join(f"{provider} {day}" for provider, day in days)
    said = [*comparison.judgement.notes, f"Prices: {prices or 'none considered'}."]
    st.html('<div class="notes">' + "".join(f"<p>{words.html(note)}</p>" for note in said) + "</div>")
    if comparison.scenario.workload.needs_own_environment:
        st.button(
            "Consider notebooks too",
            key="drop own environment",
            on_click=change,
            args=("workload.needs_own_environment", False),
        )


def bills(comparison: Comparison) -> None:
    """Both bills side by side; the last line of each is the tile's figure."""
    rate = currency.rate_of(comparison)
    shown = comparison.bills.assign(detail=_details(comparison, rate))
    for column, (option, lines) in zip(st.columns(2), shown.groupby("option", sort=False), strict=False):
        with column:
            _bill(comparison.labels.get(str(option), str(option)), lines, rate)
    if text := currency.converted(rate):
        st.caption(f"{text}; listed prices are in US dollars.")
    if len(comparison.receipt):
        with st.expander("Every line of both bills"):
            lines = comparison.receipt.assign(option=comparison.receipt["option"].map(comparison.labels))
            amounts = partial(currency.cell, rate=rate)
            st.dataframe(
                lines.style.format(
                    {
                        "detail": partial(currency.listed, rate=rate),
                        "total_usd": amounts,
                        "present_value_usd": amounts,
                    }
                ),
                hide_index=True,
                column_config={
                    "total_usd": st.column_config.NumberColumn("paid"),
                    "present_value_usd": st.column_config.NumberColumn("worth today"),
                },
            )


def _details(comparison: Comparison, rate: Exchange) -> list[str]:
    """What stands beneath each line: sums in the reader's currency, prices as they are listed."""
    receipt = comparison.receipt
    details = [str(detail) for detail in comparison.bills["detail"]]
    if currency.is_dollar(rate):
        return details
    in_currency = {
        column: receipt[column].map(partial(from_usd, rate=rate))
        for column in ("total_usd", "present_value_usd")
    }
    # Where several lines are one, the model words their amounts, always with the sign of the dollar.
    summed = short_bills(receipt.assign(**in_currency))["detail"]
    single = set(receipt["detail"])
    return [
        currency.listed(before, rate) if before in single else str(after).replace("$", currency.sign(rate))
        for before, after in zip(details, summed, strict=True)
    ]


def present_values(comparison: Comparison) -> tuple[float, float]:
    """What the build and the compared rental cost in today's money; NaN where there is no bill. [USD]"""
    table = comparison.table
    build_usd = float(table["present_value_usd"].iloc[0])
    rent = table.loc[table["option"] == comparison.break_even["against"], "present_value_usd"]
    return build_usd, float(rent.iloc[0]) if len(rent) else math.nan


def _bill(title: str, lines: pd.DataFrame, rate: Exchange) -> None:
    rows = "".join(
        f'<tr class="{"total" if component == "total" else ""}">'
        f"<td>{words.html(component)}<small>{words.html(detail)}</small></td>"
        f"<td>{currency.amount(paid_usd, rate, cents=True)}</td>"
        f"<td>{currency.amount(today_usd, rate, cents=True)}</td></tr>"
        for component, detail, paid_usd, today_usd in zip(
            lines["component"], lines["detail"], lines["total_usd"], lines["present_value_usd"], strict=True
        )
    )
    st.html(
        f'<table class="bill"><caption>{words.html(title)}</caption>'
        f"<thead><tr><th></th><th>paid</th><th>worth today</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _tile(title: str, headline: str, caption: str, figures: dict[str, float]) -> str:
    """One tile; its attributes hold the figures unrounded, *never* as inf, unknown as an empty text."""
    data = " ".join(
        f'data-{name}="{"" if math.isnan(figure) else repr(figure)}"' for name, figure in figures.items()
    )
    return (
        f'<div class="tile" {data}><div class="title">{title}</div>'
        f'<div class="headline">{headline}</div><div class="caption">{words.html(caption)}</div></div>'
    )


def _marked(sentence: str) -> str:
    """A sentence as HTML, with its mark set apart."""
    mark = MARKS.search(sentence)
    if mark is None:
        return words.html(sentence)
    return f"{words.html(sentence[: mark.start()])} <small>({words.html(mark[1])}).</small>"


def _saving(comparison: Comparison, rate: Exchange) -> str:
    """The saving, where the compared rental is the one that the verdict is about."""
    judged = comparison.judgement
    if comparison.scenario.rental.against != "cheapest" or math.isnan(judged.saving_usd):
        return ""
    way = "building" if judged.saving_usd > 0 else "renting"
    return f"{way} saves {currency.amount(abs(judged.saving_usd), rate)} over "


def _converted(rate: Exchange) -> str:
    """That the tile's amounts are converted; nothing where they are dollars."""
    text = currency.converted(rate)
    return f"; {text[:1].lower()}{text[1:]}" if text else ""


def _why_unknown(build_usd: float, rent_usd: float) -> str:
    if math.isnan(build_usd):
        return "the work does not fit the build"
    return "there is nothing to rent" if math.isnan(rent_usd) else ""


def _sold_words(months: float) -> str:
    if math.isinf(months):
        return "nor when it is sold on the way"
    if months == 0:
        return "ahead at once if it is sold on the way"
    return f"if it is sold on the way: ahead from month {months:.0f}"


def _flip_words(hours: float, direction: str) -> str:
    if math.isnan(hours):
        return "only between two numbers of hours"
    if math.isinf(hours):
        return "renting stays cheaper at any hours that the week has room for"
    if hours == 0:
        return "building is cheaper at any hours"
    return f"building is cheaper {direction} that"

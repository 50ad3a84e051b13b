"""How the page words names and amounts. Formatting only: no figure is calculated here."""

from __future__ import annotations

import math
import re
from html import escape

from models import explain, verdict
from models.currency import Exchange

from .currency import DOLLARS, amount

MARKDOWN = re.compile(r"([\\`*_\[\]$~:<>#|])")
PERSONA_NAMES = {
    "experimenter": "Experimenter",
    "cuda": "CUDA programmer",
    "maintainer": "Maintainer with CI",
}
PERSONA_HELP = {
    "experimenter": "Trains small transformers some evenings a week: 20 busy hours on an RTX 4090.",
    "cuda": "Writes and debugs kernels: 4 busy hours, 25 hours at the keyboard, root and own drivers needed.",
    "maintainer": "Runs GPU tests for private repositories: 12 busy hours, a runner that waits all week.",
}
BUILD_NAMES = {
    "rtx4090_used_ws_2026_usd": "Used RTX 4090, prices of 2026",
    "rtx4090_ws_2025-07_usd": "New RTX 4090, July 2025",
    "rtx4090_ws_2023-12_usd": "New RTX 4090, December 2023",
    "rtx4090_value_2023-12_usd": "New RTX 4090, thrifty, December 2023",
    "rtx5090_ws_2026_usd": "New RTX 5090, prices of 2026",
    "rtx5090_ws_2025-07_usd": "New RTX 5090, July 2025",
}
WORKLOAD_NAMES = {
    "transformer_training": "Transformer training (fp16)",
    "vision_training": "Vision training (fp16)",
    "fp32_training": "Training in fp32 or TF32",
    "llm_inference": "LLM inference (4 bit, batch 1)",
    "wall_clock": "Wall clock: any GPU takes as long",
}
PROVIDER_NAMES = {
    "own": "your build",
    "cheapest": "the cheapest that meets my needs",
} | verdict.PROVIDER_NAMES
SYSTEM_NAMES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
PLAN_NAMES = {"free": "Free", "pro": "Pro", "team": "Team", "enterprise_cloud": "Enterprise Cloud"}
WHEN_FULL_NAMES = {
    "refuse": "the work does not fit",
    "add_builds": "another build is bought",
    "rent_the_rest": "the rest is rented",
}
TAX_SCHEDULE_NAMES = {
    "none": "not at all",
    "macrs_half_year": "US: MACRS, half year",
    "macrs_mid_quarter": "US: MACRS, mid-quarter",
    "section_179": "US: section 179",
    "bonus_100": "US: 100 % bonus",
    "germany_one_year": "Germany: one year",
    "germany_three_years": "Germany: three years",
    "uk_annual_investment_allowance": "UK: annual investment allowance",
    "uk_writing_down": "UK: writing down",
    "uk_first_year_40": "UK: 40 % in the first year",
}
CONTINENT_NAMES = {
    "africa": "Africa",
    "asia": "Asia",
    "europe": "Europe",
    "north_america": "North America",
    "oceania": "Oceania",
    "south_america": "South America",
    "global": "without a region",
}


def months_tile(months: float) -> str:
    """The break-even month as a tile's headline."""
    if math.isnan(months):
        return "–"
    if math.isinf(months):
        return "never"
    return "from day one" if months == 0 else f"in month {months:.0f}"


def months_cell(cell: object) -> str:
    """The break-even month in a table."""
    months = float(str(cell))
    if math.isnan(months):
        return ""
    return "never" if math.isinf(months) else f"{months:.1f}"


def hours_tile(hours: float) -> str:
    """The break-even hours as a tile's headline."""
    if math.isnan(hours):
        return "–"
    if math.isinf(hours):
        return "never"
    return "always build" if hours == 0 else f"{round(hours, 1):g} h a week"


def hours_cell(cell: object) -> str:
    """The break-even hours in a table."""
    hours = float(str(cell))
    if math.isnan(hours):
        return ""
    if math.isinf(hours):
        return "never"
    return "always" if hours == 0 else f"{hours:.1f}"


def speed_cell(cell: object) -> str:
    """A speed in a table, the RTX 4090 being 1."""
    relative = float(str(cell))
    return "" if math.isnan(relative) else f"{relative:.2f}"


def price_cell(cell: object) -> str:
    """The listed price of an hour in a table, in the currency that stands beside it."""
    listed = float(str(cell))
    return "" if math.isnan(listed) else f"{listed:,.4f}"


def build_name(build: str) -> str:
    """A preset in words."""
    return BUILD_NAMES.get(build, build)


def term_name(term: str) -> str:
    """A way of buying in words."""
    return verdict.TERM_NAMES.get(term, term)


def provider_name(provider: str) -> str:
    """A provider as people write it."""
    return PROVIDER_NAMES.get(provider, provider)


def region_name(region: str) -> str:
    """A continent in words, a region as its provider calls it."""
    return CONTINENT_NAMES.get(region, region)


def when_full_name(choice: str) -> str:
    """What happens with work beyond the week, in words."""
    return WHEN_FULL_NAMES.get(choice, choice)


def tax_schedule_name(schedule: str) -> str:
    """How the tax office writes parts off, in words."""
    return TAX_SCHEDULE_NAMES.get(schedule, schedule)


def measure(value: float, unit: str, rate: Exchange = DOLLARS) -> str:
    """A measure of the decision as it is said: with its unit, *never*, or *unknown*."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "never"
    forms = {"months": "month {:.1f}", "a year": "{:.1%} a year", "kWh": "{:,.0f} kWh", "kg": "{:,.0f} kg"}
    if unit in forms:
        return forms[unit].format(value).replace("-", "−")
    _, _, per = unit.partition(" ")
    return f"{amount(value, rate, cents=per == 'a useful hour')} {per}".strip()


def source_note(value: str, kind: str, as_of: str, source: str) -> str:
    """What a widget's help says about its default."""
    return plain(f"Default {value}: {kind}, {as_of}. {source}")


def refused(error: ValueError, hint: str) -> str:
    """Why something cannot be answered, and what to do, as Markdown shows it."""
    reason = explain(error)
    return plain(f"{reason[:1].upper()}{reason[1:]}. {hint}.")


def plain(text: str) -> str:
    """Text that Markdown shows as it stands: a dollar sign begins a formula, a bracket a link."""
    return MARKDOWN.sub(r"\\\1", text)


def html(text: str) -> str:
    """Text that HTML shows as it stands."""
    return escape(text, quote=True)

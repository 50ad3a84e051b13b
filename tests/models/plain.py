"""A question in round numbers, and the same with some fields changed.

21 busy hours a week are 91.25 a month. The build is one part that draws power in busy hours only, nothing is
kept, brought home or started up, and money later counts as money today.
"""

from __future__ import annotations

from collections.abc import Mapping

from models import Scenario

Sections = dict[str, dict[str, object]]

PLAIN: Sections = {
    "workload": {
        "busy_hours_per_week": 21,
        "attended_idle_hours_per_week": 0,
        "sessions_per_week": 5,
        "storage_gb": 0,
        "download_gb_per_month": 0,
        "longest_run_hours": 1,
    },
    "workstation": {
        "parts": [{"name": "gpu", "price_usd": 2000, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.2}],
        "load_w": 1000,
        "idle_w": 0,
        "asleep_w": 0,
        "off_w": 0,
        "left_on_hours_per_week": 0,
        "sale_fee_fraction": 0,
    },
    "electricity": {"usd_per_kwh": 0.20},
    "rental": {"start_up_hours": 0},
    "money": {"horizon_months": 24, "yearly_discount_fraction": 0},
}


def changed(base: Sections, **sections: Mapping[str, object]) -> Sections:
    """A question with some fields changed."""
    return {name: {**base[name], **sections.get(name, {})} for name in base}


def ask(base: Sections, **sections: Mapping[str, object]) -> Scenario:
    """The scenario of a question with some fields changed."""
    return Scenario.model_validate(changed(base, **sections))

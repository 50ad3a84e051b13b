"""Three people who ask the question, as scenarios to begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from .scenario import Scenario

_SETTINGS: dict[str, dict[str, str]] = {
    "experimenter": {},
    "cuda": {
        "workload.busy_hours_per_week": "4",
        "workload.attended_idle_hours_per_week": "25",
        "workload.workload_class": "wall_clock",
        "workload.longest_run_hours": "2",
        "workload.needs_own_environment": "true",
        "workload.min_compute_capability": "8.9",
    },
    # 2,500 Linux and 600 Windows minutes a month are 12 busy hours a week; the machine waits all week.
    "maintainer": {
        "workload.busy_hours_per_week": "12",
        "workload.attended_idle_hours_per_week": "0",
        "workload.sessions_per_week": "40",
        "workload.workload_class": "wall_clock",
        "workload.vram_gb": "8",
        "workload.storage_gb": "50",
        "workload.longest_run_hours": "1",
        "workload.needs_runner": "true",
        "workload.ci_minutes_per_month": '{"linux": 2500, "windows": 600, "macos": 200}',
        "workstation.left_on_hours_per_week": "156",
    },
}


class _Personas(Mapping[str, Scenario]):
    """Scenarios by name, built when they are asked for: an import of the model should not wait for them."""

    def __getitem__(self, name: str) -> Scenario:
        return _persona(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_SETTINGS)

    def __len__(self) -> int:
        return len(_SETTINGS)


@cache
def _persona(name: str) -> Scenario:
    return Scenario().with_settings(_SETTINGS[name])


PERSONAS: Mapping[str, Scenario] = _Personas()

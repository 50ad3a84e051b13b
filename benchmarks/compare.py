"""How long a comparison takes, and what importing the model costs next to importing pandas.

Prints medians over several runs; the import ratio is taken pair by pair, so that it holds when the machine's
speed drifts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from rig_or_rent.models import Scenario, compare
from rig_or_rent.pricing import load_offers

RUNS = 20
PAIRS = 15


def milliseconds_to_compare() -> list[float]:
    offers = load_offers()
    scenario = Scenario().with_settings({"money.horizon_months": "60"})
    compare(scenario, offers)
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        compare(scenario, offers)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def seconds_to_run(statement: str) -> float:
    program = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
    return float(
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    )


def main() -> None:
    offers = load_offers()
    taken = milliseconds_to_compare()
    print(
        f"compare, {len(offers)} offers, 60 months, warm: median {statistics.median(taken):.1f} ms "
        f"(min {min(taken):.1f}, max {max(taken):.1f}, {RUNS} runs)"
    )
    for statement in ("import rig_or_rent.models", "from rig_or_rent.models import Scenario, compare"):
        seconds_to_run(statement)
        pairs = [(seconds_to_run("import pandas"), seconds_to_run(statement)) for _ in range(PAIRS)]
        pandas_s, models_s = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(models / pandas for pandas, models in pairs)
        print(
            f"{statement}: median {models_s * 1e3:.0f} ms, import pandas: {pandas_s * 1e3:.0f} ms, "
            f"median ratio {ratio:.2f} ({PAIRS} pairs)"
        )


if __name__ == "__main__":
    main()

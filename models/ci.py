"""What continuous integration costs on hosted runners, and what a machine of one's own can take over.

Prices and included minutes are arguments; the bundled ones are ``data/actions_runners.csv`` and
``data/actions_plans.csv``. Runners stand on the last axis: several kinds are one bill.

Sources: GitHub Docs, *Actions runner pricing* (from 2026-01-01; a job is rounded up to whole minutes, larger
runners never use included minutes), *GitHub Actions billing* (standard runners are free in public
repositories) and *Product usage included with each plan*.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import FloatArray, not_negative, positive
from .usage import WEEKS_PER_MONTH, whole_above

# Nothing that a month can hold is near these; beyond them sums would leave the range of numbers.
MOST = 1e12
LEAST = 1e-12

SYSTEMS = ("linux", "windows", "macos")


def billed_minutes(minutes: ArrayLike, jobs: ArrayLike = 0.0) -> FloatArray:
    """Minutes on the bill when only totals are known: each job is rounded up to whole minutes.

    The mean job is rounded up, which is exact where all jobs are alike. Where they differ, the result is off
    by less than a minute a job, either way; with a list of jobs `billed_minutes_of_jobs` is exact.

    Parameters
    ----------
    minutes : run time of all jobs together. [min]
    jobs : how many jobs that was; 0 = not known, and nothing is rounded.

    Returns
    -------
    jobs * ceil(minutes / jobs), inputs broadcast. [min] ``ValueError`` names an input that is empty,
    negative, NaN, infinite or above 1e12, and both where their shapes do not match.

    Examples
    --------
    100 jobs of 2.5 minutes are billed as 100 jobs of 3 minutes.

    >>> float(billed_minutes(250, 100))
    300.0
    """
    run, count = _together(**_amounts(minutes=minutes, jobs=jobs))
    known = count >= LEAST
    mean = run / np.where(known, count, 1.0)
    return np.asarray(np.where(known, whole_above(mean) * count, run))


def billed_minutes_of_jobs(job_minutes: ArrayLike) -> FloatArray:
    """Minutes on the bill of a list of jobs, each rounded up to whole minutes.

    Parameters
    ----------
    job_minutes : run time of each job, jobs on the last axis. [min]

    Returns
    -------
    Sum of the rounded run times. [min] ``ValueError`` names a value that is negative, NaN, infinite or above
    1e12, and an empty list.

    Examples
    --------
    >>> float(billed_minutes_of_jobs([0.2, 1.0, 4.5]))
    7.0
    """
    run = np.atleast_1d(_amounts(job_minutes=job_minutes)["job_minutes"])
    return np.asarray(whole_above(run).sum(axis=-1))


def paid_minutes(
    minutes: ArrayLike,
    usd_per_minute: ArrayLike,
    *,
    included_minutes: ArrayLike = 0.0,
    included_apply: ArrayLike = True,
    included_per_minute: ArrayLike = 1.0,
    free: ArrayLike = False,
) -> FloatArray:
    """Billed minutes that the included ones leave to be paid, by runner.

    GitHub's pages of 2026 say neither which runner the included minutes serve first, nor whether a minute on
    Windows and macOS still uses up 2 and 10 of them, as it did until 2025. The careful, dearer reading is
    taken: they serve the runner first at which an included minute saves least. Give 1, 2 and 10 for Linux,
    Windows and macOS as ``included_per_minute`` to be careful there too; the default 1 counts plain minutes.

    Parameters
    ----------
    minutes : billed minutes a month, runners on the last axis; a single number is one runner. [min]
    usd_per_minute : price of a minute by runner. [USD/min]
    included_minutes : minutes a month that the plan includes for all runners together; its shape is that of
        ``minutes`` without the runners. [min]
    included_apply : by runner, whether included minutes can be used: true for standard runners, false for
        larger and GPU runners.
    included_per_minute : included minutes that one minute on the runner uses up.
    free : by runner, whether its minutes cost nothing: standard runners in public repositories. They use up
        no included minutes.

    Returns
    -------
    Minutes to be paid, by runner. [min] ``ValueError`` names an input that is empty, negative, NaN, infinite
    or above 1e12, a flag that is not true or false, and inputs whose shapes do not match.

    Examples
    --------
    Team includes 3,000 minutes. A minute on Windows uses up 2 of them, so that each saves half a cent there
    and 0.6 cents on Linux: Windows is served first, and Linux gets the rest.

    >>> paid_minutes(
    ...     [2000, 1000], [0.006, 0.010], included_minutes=3000, included_per_minute=[1, 2]
    ... ).tolist()
    [1000.0, 0.0]
    """
    amounts = _amounts(minutes=minutes, usd_per_minute=usd_per_minute, included_minutes=included_minutes)
    weight = _ratios(included_per_minute=included_per_minute)["included_per_minute"]
    apply, gratis = _flags(included_apply=included_apply, free=free)
    run, price, drawn_per_minute, may_draw, costs_nothing, quota = _together(
        minutes=np.atleast_1d(amounts["minutes"]),
        usd_per_minute=amounts["usd_per_minute"],
        included_per_minute=weight,
        included_apply=apply,
        free=gratis,
        included_minutes=amounts["included_minutes"][..., np.newaxis],
    )
    payable = np.where(costs_nothing > 0, 0.0, run)
    wanted = np.where(may_draw > 0, payable * drawn_per_minute, 0.0)
    order = np.argsort(price / drawn_per_minute, axis=-1, kind="stable")
    in_order = np.take_along_axis(wanted, order, axis=-1)
    before = np.cumsum(in_order, axis=-1) - in_order
    drawn = np.empty_like(in_order)
    np.put_along_axis(drawn, order, np.clip(quota - before, 0.0, in_order), axis=-1)
    served = (wanted > 0) & (drawn >= wanted)
    return np.where(served, 0.0, np.maximum(payable - drawn / drawn_per_minute, 0.0))


def hosted_ci_usd_per_month(
    minutes: ArrayLike,
    usd_per_minute: ArrayLike,
    *,
    included_minutes: ArrayLike = 0.0,
    included_apply: ArrayLike = True,
    included_per_minute: ArrayLike = 1.0,
    free: ArrayLike = False,
) -> FloatArray:
    """Bill of a month of hosted runners: the minutes of `paid_minutes`, each at its runner's price.

    What a machine of one's own takes over has 0 ``minutes`` here: the rest, macOS above all, keeps the
    included minutes for itself. The price of the plan is not part of the bill: it is paid anyway.

    Parameters
    ----------
    minutes : billed minutes a month, runners on the last axis; a single number is one runner. [min]
    usd_per_minute : price of a minute by runner. [USD/min]
    included_minutes : minutes a month that the plan includes for all runners together. [min]
    included_apply : by runner, whether included minutes can be used; false for larger and GPU runners.
    included_per_minute : included minutes that one minute on the runner uses up; 1, 2 and 10 for Linux,
        Windows and macOS are the careful reading, see `paid_minutes`.
    free : by runner, whether its minutes cost nothing: standard runners in public repositories.

    Returns
    -------
    Bill of all runners together. [USD a month] ``ValueError`` as in `paid_minutes`.

    Examples
    --------
    5,000 Linux minutes on Team, of which 3,000 are included: 2,000 minutes at 0.6 cents.

    >>> float(hosted_ci_usd_per_month(5000, 0.006, included_minutes=3000))
    12.0
    """
    paid = paid_minutes(
        minutes,
        usd_per_minute,
        included_minutes=included_minutes,
        included_apply=included_apply,
        included_per_minute=included_per_minute,
        free=free,
    )
    return np.asarray((paid * np.asarray(usd_per_minute, dtype=float)).sum(axis=-1))


def own_runner_hours_per_week(minutes: ArrayLike, relative_speed: ArrayLike = 1.0) -> FloatArray:
    """Hours a week that a machine of one's own works for CI.

    Run time counts, not billed time: a machine of one's own is not rounded up.

    Parameters
    ----------
    minutes : run time a month on the hosted runner. [min]
    relative_speed : speed of the own machine at these jobs, the hosted runner being 1.

    Returns
    -------
    minutes / relative_speed / 60 / (730 / 168), inputs broadcast. [h a week] ``ValueError`` names an input
    that is empty, negative, NaN, infinite or above 1e12, and a speed below 1e-12.

    Examples
    --------
    A month has 730 hours, a week 168: 43,800 minutes a month are a machine that never rests.

    >>> round(float(own_runner_hours_per_week(43_800)), 9)
    168.0
    """
    run, speed = _together(**_amounts(minutes=minutes), **_ratios(relative_speed=relative_speed))
    return np.asarray(run / speed / 60.0 / WEEKS_PER_MONTH)


def own_runner_can_serve(system: str) -> bool:
    """Whether a machine of one's own can do the jobs of a runner system.

    Linux and Windows: yes, Windows only where the machine runs Windows (or a virtual machine with it), whose
    licence is not part of any price here. macOS: no, its licence allows Apple's machines only.

    ``ValueError`` names a system that is none of ``linux``, ``windows`` and ``macos``.

    Examples
    --------
    >>> [own_runner_can_serve(system) for system in ("linux", "windows", "macos")]
    [True, True, False]
    """
    if system not in SYSTEMS:
        raise ValueError(f"system must be one of {', '.join(SYSTEMS)}, not {system!r}")
    return system != "macos"


def _amounts(**values: ArrayLike) -> dict[str, FloatArray]:
    """Amounts as float arrays: filled, 0 or more, at most `MOST`."""
    return dict(zip(values, _bounded(values, not_negative(**values)), strict=True))


def _ratios(**values: ArrayLike) -> dict[str, FloatArray]:
    """Ratios as float arrays: filled, from `LEAST` to `MOST`."""
    arrays = _bounded(values, positive(**values))
    for name, array in zip(values, arrays, strict=True):
        if (array < LEAST).any():
            raise ValueError(f"{name} must be at least {LEAST:g}, not {array.min():g}")
    return dict(zip(values, arrays, strict=True))


def _bounded(names: dict[str, ArrayLike], arrays: list[FloatArray]) -> list[FloatArray]:
    for name, array in zip(names, arrays, strict=True):
        if array.size == 0:
            raise ValueError(f"{name} must hold at least one number, not none")
        if (array > MOST).any():
            raise ValueError(f"{name} must be at most {MOST:g}, not {array.max():g}")
    return arrays


def _flags(**values: ArrayLike) -> list[NDArray[np.bool_]]:
    arrays = []
    for name, value in values.items():
        array = np.asarray(value)
        if array.size == 0 or array.dtype != np.bool_:
            raise ValueError(f"{name} must be true or false for each runner, not {value!r}")
        arrays.append(array)
    return arrays


def _together(**values: ArrayLike) -> list[FloatArray]:
    """Broadcast to one shape; ``ValueError`` names the inputs whose shapes do not match."""
    arrays = [np.asarray(value, dtype=float) for value in values.values()]
    try:
        return [np.asarray(array) for array in np.broadcast_arrays(*arrays)]
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, arrays, strict=True))
        raise ValueError(f"the shapes of these inputs must match: {shapes}") from None

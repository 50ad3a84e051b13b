"""How fast each GPU is for the reader's class of work, the RTX 4090 being 1."""

from __future__ import annotations

import numpy as np

from .checks import FloatArray
from .figures import Figures, Throughput
from .scenario import Workload
from .usage import relative_hours

CLASS_ROWS: dict[str, tuple[str, ...]] = {
    "vision_training": ("cnn_train_fp16",),
    "transformer_training": ("transformer_train_fp16",),
    "fp32_training": ("lambda_mix_train_fp32_tf32",),
    "llm_inference": ("llm_decode_q4_batch1", "llm_decode_bandwidth_bound"),
}
WALL_CLOCK = Throughput(relative=1.0, kind="assumption", error_fraction=0.0)


def throughput(gpu: str, workload: Workload, figures: Figures) -> Throughput | None:
    """Speed of one whole GPU for the reader's class of work, ``None`` where nothing is known.

    The reader's own figure comes first, then a row for this GPU, then the row of its stand-in (derived).
    """
    if gpu in workload.relative_throughput:
        return Throughput(workload.relative_throughput[gpu], "assumption", 0.0)
    if workload.workload_class == "wall_clock":
        return WALL_CLOCK
    rows = CLASS_ROWS[workload.workload_class]
    known = figures.gpus.get(gpu)
    for name in (gpu, known.stand_in if known else ""):
        for row in rows:
            found = figures.throughput.get((name, row))
            if found and name == gpu:
                return found
            if found:
                return Throughput(found.relative, "derived", found.error_fraction)
    return None


def measured_speed(workload: Workload, figures: Figures) -> Throughput:
    """Speed of the GPU on which the reader counted the hours; ``ValueError`` where nothing is known."""
    speed = throughput(workload.hours_measured_on, workload, figures)
    if speed is None:
        rows = CLASS_ROWS[workload.workload_class]
        known = sorted({gpu for gpu, row in figures.throughput if row in rows})
        raise ValueError(
            f"workload.hours_measured_on: no {workload.workload_class} speed is known for "
            f"{workload.hours_measured_on!r}; count the hours on one of {', '.join(known)}, "
            "or give workload.relative_throughput"
        )
    return speed


def gpus_factor(workload: Workload) -> float:
    """Hours with the GPUs that the work needs, for one hour with those on which the hours were counted.

    Several GPUs keep only a share of their joint speed (``parallel_efficiency``); a person's clock does not
    run faster with more of them.
    """
    measured = workload.gpus if workload.gpus_measured_on is None else workload.gpus_measured_on
    if workload.workload_class == "wall_clock" or measured == workload.gpus:
        return 1.0
    of_all = {1: 1.0}
    one_hour = measured * of_all.get(measured, workload.parallel_efficiency)
    return float(
        relative_hours(one_hour, 1.0, workload.gpus, of_all.get(workload.gpus, workload.parallel_efficiency))
    )


def share_of_speed(gpu_count: FloatArray, workload: Workload) -> FloatArray:
    """A fraction of a GPU runs at that share of its speed, unless a person's clock sets the pace."""
    if workload.workload_class == "wall_clock":
        return np.ones_like(gpu_count)
    return np.minimum(gpu_count, 1.0)


def speed_ceiling(gpu: str, figures: Figures) -> float:
    """The fastest that a GPU could plausibly be, the RTX 4090 being 1."""
    known = figures.gpus.get(gpu)
    return known.ceiling if known else max(other.ceiling for other in figures.gpus.values())

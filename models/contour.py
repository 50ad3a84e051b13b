"""Where a map of values on a grid crosses zero, by linear interpolation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .checks import FloatArray

Point = tuple[float, float]
# An edge of the grid: the corner that it starts from, and whether it runs along the first axis.
Edge = tuple[int, int, bool]


def zero_lines(first: FloatArray, second: FloatArray, values: FloatArray) -> list[list[Point]]:
    """Lines along which the values are 0 (marching squares).

    Parameters
    ----------
    first, second : the grid's rising coordinates, shapes (n,) and (m,).
    values : shape (n, m); a cell with a NaN corner has no line.

    Returns
    -------
    Lines as lists of points (first, second). A line that closes ends where it begins. In a cell whose
    corners alternate in sign, the mean of the four decides which of them hang together.
    """
    positive = values >= 0
    segments: list[tuple[Edge, Edge]] = []
    for i in range(len(first) - 1):
        for j in range(len(second) - 1):
            if not np.isnan(values[i : i + 2, j : j + 2]).any():
                segments += _segments(i, j, positive, float(values[i : i + 2, j : j + 2].mean()) >= 0)
    return [[_point(edge, first, second, values) for edge in line] for line in _joined(segments)]


def _segments(i: int, j: int, positive: NDArray[np.bool_], is_positive: bool) -> list[tuple[Edge, Edge]]:
    """The line's pieces inside one cell, from edge to edge."""
    # Around the cell: corners, and the edges that lead from each to the next.
    corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
    edges: list[Edge] = [(i, j, True), (i + 1, j, False), (i, j + 1, True), (i, j, False)]
    signs = [bool(positive[corner]) for corner in corners]
    crossed = [edge for k, edge in enumerate(edges) if signs[k] != signs[(k + 1) % 4]]
    if len(crossed) < 4:
        return [(crossed[0], crossed[1])] if crossed else []
    # A saddle: two corners of one sign are joined through the middle, the other two are cut off.
    if signs[0] == is_positive:
        return [(edges[0], edges[1]), (edges[2], edges[3])]
    return [(edges[3], edges[0]), (edges[1], edges[2])]


def _joined(segments: list[tuple[Edge, Edge]]) -> list[list[Edge]]:
    """Pieces that share an edge, put together end to end."""
    left = dict.fromkeys(segments)
    at: dict[Edge, list[tuple[Edge, Edge]]] = {}
    for segment in segments:
        for edge in segment:
            at.setdefault(edge, []).append(segment)
    # Lines that end at the border come first, so that none is begun in its middle.
    starts = [edge for edge, meeting in at.items() if len(meeting) == 1] + list(at)
    lines = []
    for start in starts:
        line = [start]
        while following := [segment for segment in at[line[-1]] if segment in left]:
            del left[following[0]]
            line.append(following[0][1] if following[0][0] == line[-1] else following[0][0])
        if len(line) > 1:
            lines.append(line)
    return lines


def _point(edge: Edge, first: FloatArray, second: FloatArray, values: FloatArray) -> Point:
    i, j, along_first = edge
    k, m = (i + 1, j) if along_first else (i, j + 1)
    before, after = float(values[i, j]), float(values[k, m])
    share = before / (before - after)
    return (
        float(first[i] + share * (first[k] - first[i])),
        float(second[j] + share * (second[m] - second[j])),
    )

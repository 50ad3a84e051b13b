"""What the benchmarks share: medians, goals, a server on this machine, the memory of another process."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

T = TypeVar("T")

FIRST_PAGE = "first"
# How the three interfaces name a further page.
PAGE_PARAMETERS = ("$skip", "pageToken")
# On Linux the usage of a child begins with the peak of the process that started it, so it is not asked for.
PEAK = """
def peak_kib():
    from pathlib import Path
    if Path("/proc/self/status").exists():
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


class Goal(NamedTuple):
    """A bound on one figure, and what is compared; both figures have the same unit."""

    what: str
    figure: float
    at_most: float
    unit: str = "×"

    def __str__(self) -> str:
        verdict = "met" if self.figure <= self.at_most else "missed"
        space = "" if self.unit == "×" else " "
        return (
            f"{verdict:>6}  {self.what}: {self.figure:.3g}{space}{self.unit}, "
            f"the goal is at most {self.at_most:g}{space}{self.unit}"
        )


def arguments(description: str | None) -> argparse.Namespace:
    """Read ``--scale``, ``--seed`` and ``--runs`` from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--scale", type=float, default=1.0, help="size against the real one; 0.1 is quick")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other prices and orders")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured")
    return parser.parse_args()


def medians_s(contestants: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Measure all in turn, several times, so that a machine whose speed drifts drifts for all. [s]"""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def print_medians(medians: Mapping[str, float], runs: int, *, of: str) -> None:
    """Print every median in milliseconds, and against one of them."""
    width = max(map(len, medians))
    for name, seconds in medians.items():
        print(f"  {name:<{width}}  {seconds * 1e3:9.2f} ms  {seconds / medians[of]:7.2f} × {of}")
    print(f"  (medians of {runs} runs)")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP from another process; gives the base URL."""
    program = [sys.executable, str(Path(__file__)), str(folder)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def grown_mib(imports: str, program: str, *given: str) -> tuple[float, str]:
    """Run a program in a process of its own.

    Parameters
    ----------
    imports, program : Python code; the program prints its answer in one line.
    given : its arguments.

    Returns
    -------
    By how much its peak memory grew after the imports, and its answer. [MiB]
    """
    whole = f"{PEAK}{imports}\nprint(peak_kib())\n{program}\nprint(peak_kib())"
    done = subprocess.run([sys.executable, "-c", whole, *given], check=True, capture_output=True, text=True)
    before, answer, after = done.stdout.splitlines()
    return (int(after) - int(before)) / 1024, answer


class _Handler(BaseHTTPRequestHandler):
    """Sends the file that lies where the path and the page say."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        page = next((query[name][0] for name in PAGE_PARAMETERS if name in query), FIRST_PAGE)
        path = (self.folder / address.path.strip("/") / page).resolve()
        if not path.is_relative_to(self.folder) or not path.is_file():
            self.send_error(404)
            return
        with path.open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            self.wfile.flush()
            self.connection.sendfile(file)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve one folder until the process is ended."""
    _Handler.folder = Path(sys.argv[1]).resolve()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()

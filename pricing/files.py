"""Files that several processes read and write: told apart without reading, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

UNFINISHED = ".unfinished"
# A refresh takes minutes: what is unfinished after a day was left behind by a process that was killed.
UNFINISHED_KEPT_S = 24 * 3600


class FileState(NamedTuple):
    """What tells two versions of a file apart without reading them."""

    path: str
    modified_ns: int
    size: int
    inode: int


def file_state(path: Path) -> FileState | None:
    """The state of one file; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return FileState(str(path), state.st_mtime_ns, state.st_size, state.st_ino)


def file_states(folder: Path, ending: str) -> tuple[FileState, ...]:
    """The state of every file in a folder whose name ends so, by name; none where there is no folder.

    Raises
    ------
    OSError : the folder is there and cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            paths = [Path(entry.path) for entry in entries if entry.name.endswith(ending)]
    except FileNotFoundError:
        return ()
    # A file may vanish between the listing and the look at it.
    return tuple(state for path in sorted(paths) if (state := file_state(path)) is not None)


def write_whole(path: Path, body: bytes) -> None:
    """Write a file so that whoever reads it finds the old content or the new, never a part.

    Raises
    ------
    OSError : it cannot be written; the old content is unharmed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            # Without it a power cut may leave the new name on an empty file.
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove unfinished files that a killed process left behind."""
    for path in folder.glob(f"*{UNFINISHED}"):
        # Another process may be faster, and a folder that cannot be written is told of where it matters.
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > UNFINISHED_KEPT_S:
                path.unlink()

"""What the refreshes brought: one Parquet file for each provider and region, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .arrow import frame, packed_schema, plain
from .files import FileState, file_state, file_states, write_whole
from .instances import TABLE as SHAPES_TABLE
from .offers import OFFER_COLUMNS, TERMS, TEXT_COLUMNS, UNPAID

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SCHEMA_VERSION = 2
METADATA_KEY = b"rig_or_rent"
METADATA_TEXTS = ("provider", "region", "retrieved_at", "source", "shapes_id")
# The file holds its own fingerprint, taken while these places were zeros.
SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"')
UNSEALED = "0" * 64
STATUS_FILE = "status.json"
FILE_NAME = re.compile(r"(?P<provider>[a-z0-9-]+)\.(?P<region>[a-z0-9-]+)\.parquet")


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The prices of one provider in one region, as a refresh left them.

    ``table`` is an Arrow table with the columns of the offers table. ``terms`` are the ways of buying that it
    replaces, also those without a row. ``validators`` holds ``etag`` and ``last_modified`` by URL.
    ``retrieved_at`` is when the provider last gave or confirmed them, in UTC. ``shapes_id`` is the
    fingerprint of the instance types that were known then.
    """

    provider: str
    region: str
    retrieved_at: str
    terms: tuple[str, ...]
    validators: Mapping[str, Mapping[str, str]]
    source: str
    shapes_id: str
    table: pa.Table

    def offers(self) -> pd.DataFrame:
        """The rows as an offers table."""
        return frame(self.table)


def cache_folder() -> Path:
    """The folder of the stored prices: ``RIG_OR_RENT_CACHE_DIR``, else the user's cache folder."""
    chosen = os.environ.get("RIG_OR_RENT_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("rig-or-rent", appauthor=False)


@lru_cache(maxsize=1)
def shapes_id() -> str:
    """Fingerprint of the instance types that are known: more of them make more offers of the same answer."""
    return hashlib.sha256(SHAPES_TABLE.read_bytes()).hexdigest()[:16]


def stored_files(folder: Path) -> tuple[FileState, ...]:
    """The state of every stored file, by name; none where there is no folder.

    Raises
    ------
    OSError : the folder is there and cannot be read.
    """
    return file_states(folder, ".parquet")


def stored_path(folder: Path, provider: str, region: str) -> Path:
    """Where the prices of one provider and region lie."""
    return folder / f"{provider}.{region}.parquet"


@lru_cache(maxsize=512)
def read_stored(file: FileState) -> Stored | str:
    """One stored file, or a sentence that says why it is ignored."""
    path = Path(file.path)
    try:
        return _read(path)
    except ValueError as error:
        return f"{path.name} is ignored: {error}"
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror or error}"


def stored_of(folder: Path, provider: str, region: str) -> Stored | None:
    """What is stored of a provider and region, if it can be read."""
    file = file_state(stored_path(folder, provider, region))
    found = read_stored(file) if file is not None else None
    return found if isinstance(found, Stored) else None


def store(
    folder: Path,
    offers: pd.DataFrame,
    *,
    provider: str,
    region: str,
    retrieved_at: str,
    terms: Sequence[str],
    validators: Mapping[str, Mapping[str, str]],
) -> Path:
    """Write the prices of one provider and region as a whole, in place of those before.

    Raises
    ------
    OSError : the folder cannot be made or written, or the disk is full; what was stored before is unharmed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata = {
        "schema_version": SCHEMA_VERSION,
        "provider": provider,
        "region": region,
        "retrieved_at": retrieved_at,
        "terms": sorted(terms),
        "validators": {url: dict(of_url) for url, of_url in validators.items()},
        "source": "; ".join(sorted(set(offers["source"]))),
        "shapes_id": shapes_id(),
        "sha256": UNSEALED,
    }
    table = plain(offers).replace_schema_metadata({METADATA_KEY: json.dumps(metadata).encode()})
    body = pa.BufferOutputStream()
    # Zstandard would save nothing here, and reading would take three times as long.
    pq.write_table(table, body, compression="snappy", write_statistics=False)
    path = stored_path(folder, provider, region)
    write_whole(path, sealed(body.getvalue().to_pybytes()))
    return path


def sealed(body: bytes) -> bytes:
    """The file with its fingerprint, by which damage is told: what Parquet checks itself leaves gaps.

    ``ValueError`` if it has no place for one.
    """
    places = list(SEAL.finditer(body))
    if not places:
        raise ValueError("it holds no fingerprint")
    start, end = places[-1].span(1)
    unsealed = body[:start] + UNSEALED.encode() + body[end:]
    return body[:start] + hashlib.sha256(unsealed).hexdigest().encode() + body[end:]


def read_status(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """How the last refresh of each provider and region ended: ``at``, ``outcome`` and ``sentence``.

    Nothing where no refresh ran or the note of it is damaged: it explains the prices and holds none.
    """
    try:
        notes = json.loads((folder / STATUS_FILE).read_bytes())["regions"]
        return {
            (str(note["provider"]), str(note["region"])): {
                name: str(note[name]) for name in ("at", "outcome", "sentence")
            }
            for note in notes
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_status(folder: Path, notes: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
    """Note how the refresh of some providers and regions ended; what is noted of others stays.

    Raises
    ------
    OSError : the folder cannot be written.
    """
    merged = {**read_status(folder), **notes}
    regions = [
        {"provider": provider, "region": region, **note}
        for (provider, region), note in sorted(merged.items())
    ]
    text = json.dumps({"schema_version": SCHEMA_VERSION, "regions": regions}, indent=1)
    write_whole(folder / STATUS_FILE, text.encode())


def _read(path: Path) -> Stored:
    """Read and check one stored file; ``ValueError`` says what is wrong with it."""
    import pyarrow as pa

    name = FILE_NAME.fullmatch(path.name)
    if name is None:
        raise ValueError("its name is not of the form PROVIDER.REGION.parquet")
    content = path.read_bytes()
    try:
        has_seal = SEAL.search(content) is not None
        if has_seal and content != sealed(content):
            raise pa.ArrowInvalid
        with _opened(content) as file:
            # The columns may be others in another version, so the version is looked at first.
            metadata = _metadata(file.metadata.metadata or {})
            if (metadata["provider"], metadata["region"]) != name.group("provider", "region"):
                raise ValueError(f"it holds {metadata['provider']} {metadata['region']}")
            if tuple(file.schema.names) != OFFER_COLUMNS:
                raise ValueError("its columns are not those of the offers table")
            if not has_seal:
                raise ValueError("it holds no fingerprint")
            table = file.read(use_threads=False).replace_schema_metadata(None)
    except (pa.ArrowException, OSError):
        raise ValueError("it is damaged, or not a Parquet file") from None
    _check_table(table, metadata)
    return Stored(table=table, **metadata)


def _opened(content: bytes) -> pq.ParquetFile:
    """Open a file so that its texts come as codes and the few texts they stand for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(pa.BufferReader(content), read_dictionary=list(TEXT_COLUMNS))
    except KeyError:
        # It has other columns; what it says about itself tells why.
        return pq.ParquetFile(pa.BufferReader(content))


def _metadata(stored: Mapping[bytes, bytes]) -> dict[str, Any]:
    """What the file says about itself, without its schema version."""
    if METADATA_KEY not in stored:
        raise ValueError("it was not written by Rig or Rent")
    try:
        metadata = json.loads(stored[METADATA_KEY])
        version = metadata["schema_version"]
    except (ValueError, KeyError, TypeError):
        raise ValueError("what it says about itself cannot be read") from None
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"its schema version is {version!r}; this version of Rig or Rent reads {SCHEMA_VERSION}"
        )
    try:
        found: dict[str, Any] = {key: metadata[key] for key in METADATA_TEXTS}
        found["terms"] = tuple(metadata["terms"])
        found["validators"] = {
            str(url): {key: str(of_url[key]) for key in ("etag", "last_modified")}
            for url, of_url in metadata["validators"].items()
        }
        moment = pd.Timestamp(found["retrieved_at"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("what it says about itself cannot be read") from None
    is_sound = all(isinstance(found[key], str) for key in METADATA_TEXTS) and set(found["terms"]) <= set(
        TERMS
    )
    if not is_sound or pd.isna(moment) or moment.tzinfo is None:
        raise ValueError("what it says about itself cannot be read")
    return found


def _check_table(table: pa.Table, metadata: Mapping[str, Any]) -> None:
    """Refuse rows that no refresh of this provider and region writes; the gate has seen them before."""
    if table.schema != packed_schema() or any(column.null_count for column in table.itercolumns()):
        for field, column in zip(packed_schema(), table.itercolumns(), strict=True):
            if table.schema.field(field.name) != field or column.null_count:
                raise ValueError(f"its column {field.name} holds {column.type} or gaps")
    terms = set(metadata["terms"])
    known = {"provider": {metadata["provider"]}, "region": {metadata["region"]}, "term": terms}
    for name, allowed in known.items():
        found = (chunk.dictionary.to_pylist() for chunk in table.column(name).chunks)
        strangers = set().union(*found) - allowed
        if strangers:
            raise ValueError(f"it holds the {name} {min(strangers)!r}")
    prices = table.column("usd_per_hour").to_numpy()
    if not terms & set(UNPAID) and not (np.isfinite(prices) & (prices > 0)).all():
        raise ValueError("it holds a price that is not above 0")

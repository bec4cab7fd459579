"""Facts of a Spark column of notes, by ``mapInArrow``.

>>> from karuta.spark import SCHEMA, facts
>>> found = notes.mapInArrow(facts(), SCHEMA)  # doctest: +SKIP

Spark hands Arrow batches to a Python process for each core. A process builds its engine, packs and all, once and keeps it from
task to task; it takes one thread, so that cores are not shared out twice. Workers need the wheel, pyarrow and the packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from ._karuta import Engine

#: The columns, as Spark writes a schema; offsets count code points.
SCHEMA = (
    "id string, fact_id string, kind string, text string, name string, start long, end long, number double, unit string, "
    "assertion string, codings array<struct<system:string,code:string,display:string>>"
)


_engines: dict[tuple[str, ...], Engine] = {}


def engine(packs: tuple[str, ...] = ()) -> Engine:
    """The engine of this process, with these packs: built at the first call."""
    found = _engines.get(packs)
    return found if found is not None else _engines.setdefault(packs, Engine(packs))


def facts(packs: Iterable[str] = (), id: str = "id", text: str = "text", date: str | None = None) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function for ``mapInArrow``: a row a fact of the notes in the column ``text``, with the note's ``id`` as a string.

    ``packs`` are paths that hold on every worker; ``date`` names the column of the notes' days, where there is one.
    """
    paths = tuple(packs)
    names = [c.split(" ")[0] for c in SCHEMA.split(", ")][1:]

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            days = None if date is None else batch.column(date).to_pylist()
            notes = engine(paths).structure_many(batch.column(text), days, threads=1)
            table = pa.table(notes.to_arrow())
            ids = batch.column(id).cast(pa.string()).take(table["note_number"].combine_chunks()) if table.num_rows else pa.array([], pa.string())
            out = table.select(names).add_column(0, "id", ids)
            for column in ("start", "end"):
                at = out.schema.get_field_index(column)
                out = out.set_column(at, column, out[column].cast(pa.int64()))
            yield from out.combine_chunks().to_batches()

    return read

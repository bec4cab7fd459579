"""Facts of a Spark column, by mapInArrow: `spark-submit spark.py` or `python spark.py`. Needs pyspark and Java 17.

Spark hands Arrow batches to a Python worker for each core; each takes one engine and one thread, so that cores are not shared out twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

SCHEMA = "id string, fact_id string, kind string, text string, name string, start long, end long, number double, unit string, assertion string, codings array<struct<system:string,code:string,display:string>>"


def facts(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A row a fact of notes with the columns id and text."""
    import karuta

    engine = karuta.Engine()
    columns = [c.split(" ")[0] for c in SCHEMA.split(", ")][1:]
    for batch in batches:
        table = pa.table(engine.structure_many(batch.column("text"), threads=1).to_arrow())
        ids = batch.column("id").take(table["note_number"].combine_chunks())
        out = table.select(columns).add_column(0, "id", [ids] if table.num_rows else [pa.array([], pa.string())])
        for name in ("start", "end"):
            at = out.schema.get_field_index(name)
            out = out.set_column(at, name, out[name].cast(pa.int64()))
        yield from out.combine_chunks().to_batches()


def main() -> None:
    from pyspark.sql import SparkSession

    spark: Any = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000").getOrCreate()
    notes = spark.createDataFrame([(f"n{i}", f"BT3{6 + i % 4}.{i % 10} 咳嗽（－）") for i in range(1000)], "id string, text string").repartition(4)
    found = notes.mapInArrow(facts, SCHEMA)
    feverish = found.where("name = '発熱' and assertion = 'present'").select("id").distinct().count()
    rows = found.where("name = '体温'").count()
    spark.stop()
    assert rows == 1000, rows
    assert feverish > 0, feverish
    print(f"{rows} temperatures, {feverish} notes with a fever")


if __name__ == "__main__":
    main()

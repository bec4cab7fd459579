"""Facts of a Spark column: `python spark.py [MASTER]` or `spark-submit spark.py`. Needs pyspark and Java 17.

MASTER is local[2] where none is named; local-cluster[2,1,1024] starts two workers of one core each, in processes of their own.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from karuta.spark import SCHEMA, facts


def main(master: str = "local[2]", copies: int = 1000) -> None:
    from pyspark.sql import SparkSession

    # the workers' Python: the one that has the wheel
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder
    # what is said to spark-submit comes first
    spark: Any = builder.master(master).config("spark.ui.enabled", "false").config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    notes = spark.createDataFrame([(f"n{i}", f"BT3{6 + i % 4}.{i % 10} 咳嗽（－）") for i in range(copies)], "id string, text string").repartition(4)
    found = notes.mapInArrow(facts(), SCHEMA)
    started = time.perf_counter()
    feverish = found.where("name = '発熱' and assertion = 'present'").select("id").distinct().count()
    rows = found.where("name = '体温'").count()
    took = time.perf_counter() - started
    spark.stop()
    assert rows == copies, rows
    assert feverish > 0, feverish
    print(f"{rows} temperatures, {feverish} notes with a fever, {took:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "local[2]")

"""Spark with workers in processes of their own, where pyspark and Java 17 are there."""

import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys

import pyarrow as pa
import pytest

from karuta.spark import SCHEMA, engine, facts


def java() -> int:
    """The major version of Java; 0 where there is none."""
    if not shutil.which("java"):
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def test_batches() -> None:
    batch = pa.RecordBatch.from_pydict({"nr": [7, 8, 9], "note": ["BT39.2", None, "3日前から咳嗽"], "day": ["2024-05-04", None, "2024-05-04"]})
    read = facts(id="nr", text="note", date="day")
    rows = pa.Table.from_batches(read(iter([batch, batch]))).to_pylist()
    assert [r["id"] for r in rows if r["name"] in ("体温", "咳嗽")] == ["7", "9", "7", "9"]
    assert list(rows[0]) == [c.split(" ")[0] for c in SCHEMA.split(", ")]
    assert engine() is engine()


def test_a_batch_without_facts() -> None:
    batch = pa.RecordBatch.from_pydict({"id": ["a"], "text": [""]})
    assert sum(b.num_rows for b in facts()(iter([batch]))) == 0


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None or java() < 17, reason="pyspark and Java 17 are not both there")
def test_two_workers() -> None:
    example = pathlib.Path(__file__).parent.parent / "examples" / "spark.py"
    # in a process of its own: Spark starts a Java machine that outlives its session
    done = subprocess.run([sys.executable, str(example), "local-cluster[2,1,1024]"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.startswith("1000 temperatures, ")

"""Facts of a Ray dataset: `python ray_data.py`. Needs ray[data]. One engine an actor, one thread each."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

import karuta


class Facts:
    """Called with Arrow batches of the columns id and text."""

    def __init__(self) -> None:
        self.engine = karuta.Engine()

    def __call__(self, batch: pa.Table) -> pa.Table:
        table = pa.table(self.engine.structure_many(batch["text"].combine_chunks(), threads=1).to_arrow())
        return table.add_column(0, "id", batch["id"].take(table["note_number"].combine_chunks()))


def main() -> None:
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    notes: Any = ray.data.from_items([{"id": f"n{i}", "text": f"BT3{6 + i % 4}.{i % 10}"} for i in range(1000)])
    found = notes.map_batches(Facts, batch_format="pyarrow", batch_size=256, compute=ray.data.ActorPoolStrategy(size=2))
    names = found.to_pandas()["name"]
    assert (names == "体温").sum() == 1000
    print(f"{len(names)} facts")
    ray.shutdown()


if __name__ == "__main__":
    main()

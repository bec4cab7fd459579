"""The bar of structure_many(progress=True)."""

from __future__ import annotations

import sys
import time
from typing import Protocol, cast


class Bar(Protocol):
    """What the engine calls."""

    def update(self, n: int) -> object: ...
    def close(self) -> object: ...


class Lines:
    """Without tqdm: a line that is written over, when somebody watches."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.started, self.shown = total, 0, time.monotonic(), 0.0

    def update(self, n: int) -> None:
        self.done += n
        now = time.monotonic()
        if sys.stderr.isatty() and now - self.shown > 0.2:
            self.shown = now
            rate = self.done / max(now - self.started, 1e-3)
            print(f"\r{self.done}/{self.total} notes  {rate:.0f}/s  {(self.total - self.done) / rate:.0f} s left ", end="", file=sys.stderr)

    def close(self) -> None:
        if self.shown:
            print(file=sys.stderr)


def bar(total: int) -> Bar:
    """tqdm where it is installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Lines(total)
    return cast(Bar, tqdm(total=total, unit="note"))

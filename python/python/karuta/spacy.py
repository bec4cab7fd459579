"""A component for spaCy: ``nlp.add_pipe("karuta")``.

>>> import spacy
>>> nlp = spacy.blank("ja")  # doctest: +SKIP
>>> nlp.add_pipe("karuta")  # doctest: +SKIP
>>> doc = nlp("BT39.2 咳嗽（－）")  # doctest: +SKIP
>>> [(s.text, s.label_, s._.karuta.assertion) for s in doc.spans["karuta"]]  # doctest: +SKIP

Each fact that was written is a span of ``doc.spans["karuta"]`` with its kind as the label, its id as ``span.id_`` and the
:class:`karuta.Fact` as ``span._.karuta``; ``doc._.karuta`` is the whole :class:`karuta.Note`. Spans grow to whole tokens. The
longest ones that don't overlap become ``doc.ents`` unless ``ents`` is false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import spacy.util
from spacy.language import Language
from spacy.tokens import Doc, Span

from ._karuta import Engine, Fact, Note

for _holder in (Doc, Span):
    if not _holder.has_extension("karuta"):
        _holder.set_extension("karuta", default=None)


@Language.factory("karuta", default_config={"packs": [], "spans_key": "karuta", "ents": True}, assigns=["doc.spans", "doc.ents"])
def make_karuta(nlp: Language, name: str, packs: list[str], spans_key: str, ents: bool) -> KarutaComponent:
    """Makes the component; ``packs`` are laid over the built-in dictionaries."""
    return KarutaComponent(Engine(packs), spans_key, ents)


class KarutaComponent:
    """Facts as spans of a Doc."""

    def __init__(self, engine: Engine, spans_key: str = "karuta", ents: bool = True) -> None:
        self.engine, self.spans_key, self.ents = engine, spans_key, ents

    def __call__(self, doc: Doc) -> Doc:
        return self._annotate(doc, self.engine.structure(doc.text))

    def pipe(self, stream: Iterable[Doc], batch_size: int = 256) -> Iterator[Doc]:
        """Reads the notes of a batch on all cores."""
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            for doc, note in zip(docs, self.engine.structure_many([d.text for d in docs])):
                yield self._annotate(doc, note)

    def _annotate(self, doc: Doc, note: Note) -> Doc:
        doc._.karuta = note
        spans = [s for s in (self._span(doc, f) for f in note.facts if not f.sources) if s is not None]
        doc.spans[self.spans_key] = spans
        if self.ents:
            doc.ents = spacy.util.filter_spans([*doc.ents, *spans])
        return doc

    @staticmethod
    def _span(doc: Doc, fact: Fact) -> Any:
        span = doc.char_span(fact.start, fact.end, label=fact.kind.upper(), alignment_mode="expand", span_id=fact.id)
        if span is not None:
            span._.karuta = fact
        return span

    def to_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> None:
        """Nothing to keep: the dictionaries are the package's."""

    def from_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> KarutaComponent:
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> KarutaComponent:
        return self

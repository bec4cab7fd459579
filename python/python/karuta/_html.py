"""A note in a notebook: the text with its facts marked."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._karuta import Fact, Note

# colours that stay apart for the colour-blind (Okabe and Ito), light enough for black text
_COLOURS = {
    "vital": "#cfe8f7",
    "lab": "#cfe8f7",
    "disorder": "#f7d9c4",
    "finding": "#fbeec2",
    "medication": "#cdeadd",
    "procedure": "#e6d5e8",
    "allergy": "#f5c9d6",
    "lifestyle": "#e8e8e8",
    "preference": "#e8e8e8",
    "score": "#dfe3f7",
    "time": "#f2f2f2",
}


def render(note: Note) -> str:
    """Marks the facts that were written; nested ones within the longer. What was derived stands in the hint."""
    derived: dict[str, list[str]] = {}
    written = []
    for fact in note.facts:
        if fact.sources:
            for source in fact.sources:
                derived.setdefault(source, []).append(fact.name)
        elif fact.end > fact.start:
            written.append(fact)
    written.sort(key=lambda f: (f.start, -f.end))
    out, at, last = [], 0, -1
    for fact in written:
        if fact.start < last:
            continue
        out.append(escape(note.text[at : fact.start]))
        inside = [f for f in written if f is not fact and f.start >= fact.start and f.end <= fact.end]
        out.append(_mark(note.text, fact, inside, derived.get(fact.id, [])))
        at = last = fact.end
    out.append(escape(note.text[at:]))
    return f'<div style="white-space:pre-wrap;line-height:1.9">{"".join(out)}</div>'


def _mark(text: str, fact: Fact, inside: list[Fact], derived: list[str]) -> str:
    lines = [_line(f) for f in [fact, *inside]]
    lines += [f"→ {name}" for name in derived]
    style = f"background:{_COLOURS.get(fact.kind, '#eee')};border-radius:3px;padding:1px 2px"
    if fact.assertion == "absent":
        style += ";text-decoration:line-through"
    elif fact.assertion != "present":
        style += ";border-bottom:2px dotted #555"
    return f'<mark style="{style}" title="{escape(chr(10).join(lines))}">{escape(text[fact.start : fact.end])}</mark>'


def _line(fact: Fact) -> str:
    parts = [fact.kind, fact.name]
    value = fact.value
    if value is not None and value.number is not None:
        parts.append(f"{value.comparator or ''}{value.number:g} {value.unit or ''}".strip())
    elif value is not None and value.text:
        parts.append(value.text)
    parts.append("·".join([fact.assertion] + ([fact.subject] if fact.subject != "patient" else [])))
    parts += [c.code for c in fact.codings[:1]]
    parts += [r.rule for r in fact.because[:1]]
    return "  ".join(parts)

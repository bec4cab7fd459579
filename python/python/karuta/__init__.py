"""Japanese chart notes (カルテ) to coded facts.

>>> import karuta
>>> note = karuta.Engine().structure("O) BT39.2 咳嗽（－）")
>>> [(f.name, f.assertion) for f in note.facts]
[('体温', 'present'), ('咳嗽', 'absent'), ('発熱', 'present')]
>>> note.facts[0].value.number, note.facts[0].code("http://loinc.org")
(39.2, '8310-5')

Offsets count code points: ``note.text[f.start:f.end] == f.text``. Karuta supports a person's reading; it does not diagnose.
"""

from ._karuta import (
    Candidate,
    Coded,
    Coding,
    Engine,
    Fact,
    FactTable,
    Medication,
    Note,
    Notes,
    Reason,
    Relation,
    Section,
    Time,
    Value,
    __version__,
)

__all__ = [
    "Candidate",
    "Coded",
    "Coding",
    "Engine",
    "Fact",
    "FactTable",
    "Medication",
    "Note",
    "Notes",
    "Reason",
    "Relation",
    "Section",
    "Time",
    "Value",
    "__version__",
]

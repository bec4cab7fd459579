"""The extension module; its names are taken from the package ``karuta``."""

import datetime
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

if TYPE_CHECKING:
    import pandas
    import polars

__version__: str

Kind: TypeAlias = Literal[
    "vital", "lab", "disorder", "finding", "medication", "procedure", "allergy", "lifestyle", "preference", "score", "time"
]
Assertion: TypeAlias = Literal["present", "absent", "possible", "conditional", "planned"]
Subject: TypeAlias = Literal["patient", "family", "other"]
Temporality: TypeAlias = Literal["current", "past", "future"]
Applicability: TypeAlias = Literal["auto", "confirm", "show"]
RelationKind: TypeAlias = Literal["has_value", "treats", "caused_by", "located_at", "part_of", "same_as"]
Day: TypeAlias = datetime.date | str | None

@final
class Engine:
    """The dictionaries and rules, built once; every method may be called from any thread.

    ``packs`` are files of ``karuta terms import`` that are laid over the built-in dictionaries, the later ones preferred.
    Raises OSError when a pack can't be opened.
    """

    def __new__(cls, packs: Sequence[str | os.PathLike[str]] = ...) -> Engine: ...
    @property
    def packs(self) -> list[str]:
        """The packs with the hashes of their contents."""

    def structure(self, text: str, date: Day = None) -> Note:
        """Reads a note. ``date`` is the day it was written on: 昨日 and 5/4 are resolved against it."""

    def structure_many(self, texts: Iterable[str | None], dates: Iterable[Day] | None = None, *, threads: int | None = None, progress: bool = False) -> Notes:
        """Reads many notes on all cores (or ``threads``), in order; other Python threads go on meanwhile.

        ``texts`` is a list, or a column of pandas, polars or pyarrow; a column that speaks Arrow is not copied. A missing
        text has no facts. ``progress`` shows a bar.
        """

    def code(self, phrase: str) -> Coded:
        """Codes a phrase that stands alone: a diagnosis field, a problem title."""

    def code_many(self, phrases: Iterable[str | None]) -> list[Coded]:
        """Codes many phrases on all cores, in order."""

@final
class Note:
    """What a note says. In a notebook it shows the text with its facts marked."""

    @property
    def text(self) -> str:
        """The text as it was given."""

    @property
    def facts(self) -> list[Fact]:
        """Facts in the order of the text; derived ones after what they were derived from."""

    @property
    def sections(self) -> list[Section]: ...
    @property
    def relations(self) -> list[Relation]: ...
    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``karuta structure``: sections, facts, relations."""

    def to_json(self) -> str: ...
    def to_arrow(self) -> FactTable: ...
    def to_pandas(self) -> pandas.DataFrame: ...
    def to_polars(self) -> polars.DataFrame: ...
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int: ...

@final
class Notes:
    """What many notes say, in their order."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Note: ...
    def __iter__(self) -> Iterator[Note]: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def to_arrow(self) -> FactTable: ...
    def to_pandas(self) -> pandas.DataFrame:
        """A row a fact; ``note_number`` is the note's position."""

    def to_polars(self) -> polars.DataFrame:
        """A row a fact; ``note_number`` is the note's position."""

@final
class FactTable:
    """A row a fact, for whatever speaks Arrow: ``pyarrow.table(t)``, ``polars.DataFrame(t)``, DuckDB."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Fact:
    """A fact of a note: a measured value, a disorder, a finding, a medicine …"""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def text(self) -> str:
        """The words as written."""

    @property
    def start(self) -> int:
        """The first code point of the span."""

    @property
    def end(self) -> int:
        """One past the last code point of the span."""

    @property
    def name(self) -> str:
        """The usual Japanese name of what was found."""

    @property
    def codings(self) -> list[Coding]:
        """Codes, the most specific standard first."""

    @property
    def value(self) -> Value | None: ...
    @property
    def assertion(self) -> Assertion: ...
    @property
    def subject(self) -> Subject: ...
    @property
    def temporality(self) -> Temporality: ...
    @property
    def time(self) -> Time | None: ...
    @property
    def medication(self) -> Medication | None: ...
    @property
    def section(self) -> str: ...
    @property
    def confidence(self) -> float:
        """0 to 1."""

    @property
    def applicability(self) -> Applicability: ...
    @property
    def because(self) -> list[Reason]:
        """Why it was found and read so."""

    @property
    def sources(self) -> list[str]:
        """Ids of the facts that it was derived from."""

    def code(self, system: str) -> str | None:
        """The first code of a system, by its URL."""

    def to_dict(self) -> dict[str, Any]: ...

@final
class Coding:
    """A code with its system."""

    @property
    def system(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def display(self) -> str: ...

@final
class Value:
    """A value: a number with its UCUM unit, or a word."""

    @property
    def number(self) -> float | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def comparator(self) -> str | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def text(self) -> str | None: ...

@final
class Time:
    """When something was: ISO 8601, an age, or a length."""

    @property
    def start(self) -> str | None: ...
    @property
    def end(self) -> str | None: ...
    @property
    def precision(self) -> str: ...

@final
class Medication:
    """What a medication says beyond its name."""

    @property
    def ingredients(self) -> list[str]: ...
    @property
    def strength(self) -> str | None: ...
    @property
    def dose(self) -> str | None: ...
    @property
    def amount(self) -> Value | None: ...
    @property
    def daily(self) -> Value | None: ...
    @property
    def times_per_day(self) -> float | None: ...
    @property
    def days(self) -> float | None: ...
    @property
    def route(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def usage(self) -> str | None: ...
    @property
    def as_needed(self) -> str | None: ...
    @property
    def usage_codings(self) -> list[Coding]: ...
    @property
    def classes(self) -> list[str]: ...

@final
class Reason:
    """One reason for a fact: the rule, where it was read, the pack with its hash."""

    @property
    def rule(self) -> str: ...
    @property
    def spans(self) -> list[tuple[int, int]]: ...
    @property
    def pack(self) -> str: ...

@final
class Section:
    """A section of a note."""

    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...

@final
class Relation:
    """A relation between two facts, by their ids."""

    @property
    def kind(self) -> RelationKind: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def rule(self) -> str: ...

@final
class Coded:
    """What a phrase was coded as; empty ``codings`` refuse, and ``refused`` says why."""

    @property
    def text(self) -> str: ...
    @property
    def name(self) -> str:
        """The composed 標準病名."""

    @property
    def codings(self) -> list[Coding]: ...
    @property
    def candidates(self) -> list[Candidate]: ...
    @property
    def refused(self) -> str | None: ...
    def code(self, system: str) -> str | None: ...
    def to_dict(self) -> dict[str, Any]: ...

@final
class Candidate:
    """A reading of a phrase."""

    @property
    def name(self) -> str: ...
    @property
    def codings(self) -> list[Coding]: ...
    @property
    def score(self) -> float: ...
    @property
    def applicability(self) -> Applicability: ...
    @property
    def rule(self) -> str: ...

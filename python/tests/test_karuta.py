"""The package: facts as objects, columns of every library, threads, notebooks."""

import datetime
import json
import threading
from collections.abc import Iterator
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import karuta

NOTES = ["O) BT39.2 咳嗽（－）", "WBC 12,300 CRP 8.4", "😷肺炎疑い。父がHT。"]


@pytest.fixture(scope="module")
def engine() -> karuta.Engine:
    return karuta.Engine()


def test_facts_are_objects(engine: karuta.Engine) -> None:
    note = engine.structure(NOTES[0])
    body = note.facts[0]
    assert (body.id, body.kind, body.text, body.name, body.section) == ("f1", "vital", "BT39.2", "体温", "objective")
    assert body.value is not None and (body.value.number, body.value.unit) == (39.2, "Cel")
    assert body.code("http://loinc.org") == "8310-5" and body.code("urn:none") is None
    assert body.codings[0] == body.codings[0] and body.codings[0].system == "http://loinc.org"
    assert body.because[0].spans == [(3, 9)] and "curated@" in body.because[0].pack
    assert [f.assertion for f in note.facts if f.name == "咳嗽"] == ["absent"]
    assert [f.sources for f in note.facts if f.name == "発熱"] == [["f1"]]
    assert note.sections[0].kind == "objective" and note.sections[0].title == "O)"
    assert "体温" in repr(body) and "3 facts" in repr(note)
    drug = engine.structure("アムロジピン錠5mg 1錠 分1 朝食後 14日分").facts[0]
    assert drug.medication is not None and drug.medication.days == 14 and len(drug.medication.ingredients) == 1


def test_offsets_count_code_points(engine: karuta.Engine) -> None:
    text = "😷🌡BT39.2 ㎎ ｶﾞﾝ\r\n咳嗽（－）"
    for fact in engine.structure(text).facts:
        assert text[fact.start : fact.end] == fact.text


def test_any_text(engine: karuta.Engine) -> None:
    text = "\ud83dBT39.2\udc00 咳嗽"
    note = engine.structure(text)
    assert note.text == text
    assert text[note.facts[0].start : note.facts[0].end] == "BT39.2"
    assert len(engine.structure("")) == 0
    assert len(engine.structure("\0" * 100)) == 0


def test_json_and_dict(engine: karuta.Engine) -> None:
    note = engine.structure(NOTES[0])
    assert json.loads(note.to_json()) == note.to_dict()
    assert note.to_dict()["facts"][0] == note.facts[0].to_dict()


def test_dates(engine: karuta.Engine) -> None:
    dates: list[datetime.date | str] = ["2024-05-04", "2024/5/4", datetime.date(2024, 5, 4), datetime.datetime(2024, 5, 4, 10), pd.Timestamp("2024-05-04")]
    for date in dates:
        time = engine.structure("昨日から発熱", date).facts[1].time
        assert time is not None and time.start == "2024-05-03"
    with pytest.raises(ValueError, match="yesterday"):
        engine.structure("発熱", "yesterday")
    many = engine.structure_many(["昨日から発熱"] * 2, dates=pd.to_datetime(pd.Series(["2024-05-04", None])))
    assert [n.facts[1].time.start if n.facts[1].time else None for n in many][0] == "2024-05-03"
    with pytest.raises(ValueError, match="1 dates"):
        engine.structure_many(["a", "b"], dates=["2024-05-04"])


def generated() -> Iterator[str]:
    yield from NOTES


@pytest.mark.parametrize(
    "column",
    [
        NOTES,
        tuple(NOTES),
        generated(),
        pd.Series(NOTES, index=[7, 8, 9]),
        pd.Series(NOTES, dtype="string"),
        pd.Series(NOTES, dtype=pd.ArrowDtype(pa.string())),
        pl.Series(NOTES),
        pl.Series(NOTES, dtype=pl.Categorical),
        pa.array(NOTES),
        pa.array(NOTES, pa.large_string()),
        pa.array(NOTES, pa.string_view()),
        pa.array(NOTES).dictionary_encode(),
        pa.array(["x", *NOTES]).slice(1),
        pa.chunked_array([NOTES[:1], NOTES[1:]]),
    ],
    ids=lambda c: type(c).__module__ + "." + type(c).__name__,
)
def test_columns(engine: karuta.Engine, column: Any) -> None:
    notes = engine.structure_many(column)
    assert len(notes) == 3
    for text, note in zip(NOTES, notes):
        assert note.text == text
        assert note.to_dict() == engine.structure(text).to_dict()
    assert notes[-1].text == NOTES[-1]
    with pytest.raises(IndexError):
        notes[3]


@pytest.mark.parametrize("column", [["BT39", None], pd.Series(["BT39", None]), pl.Series(["BT39", None]), pa.array(["BT39", None])])
def test_missing_texts(engine: karuta.Engine, column: Any) -> None:
    notes = engine.structure_many(column)
    assert len(notes[0]) > 0 and len(notes[1]) == 0 and notes[1].text == ""


def test_what_is_no_text_is_refused(engine: karuta.Engine) -> None:
    with pytest.raises(TypeError, match="Int64"):
        engine.structure_many(pl.Series([1]))
    with pytest.raises(TypeError, match="text 1: found int"):
        engine.structure_many(["a", 1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="expected a list"):
        engine.structure_many("BT39")
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    with pytest.raises(ValueError):
        engine.structure_many(broken)


def test_tables(engine: karuta.Engine) -> None:
    notes = engine.structure_many(NOTES)
    expected = [f for n in notes for f in n.facts]
    table = pa.table(notes.to_arrow())
    assert table.num_rows == len(expected) == len(notes.to_arrow())
    assert table["text"].to_pylist() == [f.text for f in expected]
    assert table["codings"][0].as_py()[0]["code"] == expected[0].codings[0].code
    frame = notes.to_pandas()
    assert list(frame["note_number"]) == [i for i, n in enumerate(notes) for _ in n.facts]
    polars = notes.to_polars()
    assert polars["number"].to_list() == [f.value.number if f.value else None for f in expected]
    assert notes[0].to_polars().height == len(notes[0].facts) == len(notes[0].to_pandas())
    assert notes.to_dicts()[1] == notes[1].to_dict()


def test_threads_give_the_same(engine: karuta.Engine) -> None:
    texts = [f"BT3{i % 5 + 5}.{i % 10} {NOTES[i % 3]}" for i in range(3000)]
    one = engine.structure_many(texts, threads=1)
    all_cores = engine.structure_many(texts, progress=True)
    assert pa.table(one.to_arrow()) == pa.table(all_cores.to_arrow())


def test_other_threads_go_on(engine: karuta.Engine) -> None:
    texts = NOTES * 4000
    stop, ticks = threading.Event(), 0

    def tick() -> None:
        nonlocal ticks
        while not stop.wait(0.001):
            ticks += 1

    other = threading.Thread(target=tick)
    other.start()
    engine.structure_many(texts, threads=1)
    stop.set()
    other.join()
    assert ticks > 10


def test_one_engine_in_many_threads(engine: karuta.Engine) -> None:
    expected = [engine.structure(t).to_json() for t in NOTES]
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            wrong.extend(t for t, e in zip(NOTES, expected) if engine.structure(t).to_json() != e)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_a_note_shows_itself(engine: karuta.Engine) -> None:
    html = engine.structure("<b>BT39.2</b> 咳嗽（－）")._repr_html_()
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert html.count("<mark") == 2 and "line-through" in html and "発熱" in html


def test_codes(engine: karuta.Engine) -> None:
    coded = engine.code("右橈骨遠位端骨折の術後")
    assert coded.code("http://medis.or.jp/CodeSystem/master-disease-exCode") == "CJTR"
    assert coded.candidates[0].score > 0.5 and coded.refused is None
    assert coded.to_dict()["codings"][0]["code"] == "CJTR"
    refused = engine.code("特記事項なし")
    assert not refused.codings and refused.refused
    assert [c.text for c in engine.code_many(pl.Series(["肺炎", "高血圧症"]))] == ["肺炎", "高血圧症"]


def test_packs() -> None:
    assert karuta.Engine().packs[0].startswith("curated@")
    with pytest.raises(OSError, match=r"official\.kpack"):
        karuta.Engine(packs=["/nowhere/official.kpack"])

"""The component for spaCy."""

import pytest

spacy = pytest.importorskip("spacy")


def test_facts_are_spans() -> None:
    # a blank pipeline of any language does: facts come from the text, tokens only bound the spans
    nlp = spacy.blank("xx")
    nlp.add_pipe("karuta")
    docs = list(nlp.pipe(["体温 39.2℃ , 咳嗽 なし", "WBC 12,300"]))
    by_name = {s._.karuta.name: s for s in docs[0].spans["karuta"]}
    assert by_name["体温"].label_ == "VITAL" and by_name["咳嗽"]._.karuta.assertion == "absent"
    assert docs[1]._.karuta.facts[0].name == "白血球"
    assert nlp("WBC 12,300").ents[0].label_ == "LAB"
    assert nlp.from_bytes(nlp.to_bytes())("咳嗽 なし").ents

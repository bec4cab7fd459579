"""EntityNormalizer with its own dictionary of adverse events, whose rows name a standard disease name and an ICD code.

`entity_names.py TEXTS [OUT]`: with OUT, writes what each phrase became, a line of JSON each.
"""

import json
import sys

import peer
from EntityNormalizer import Dictionaries, EntityNormalizer

normalizer = EntityNormalizer(Dictionaries.MedDicCancerADE(target_column="[標準病名]"), matching_threshold=70)
given = peer.texts(sys.argv[1])
if len(sys.argv) > 2:
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for text in given:
            name, score = normalizer.normalize(text)
            out.write(json.dumps({"text": text, "name": None if name.startswith("[NO_") else name, "score": score}, ensure_ascii=False) + "\n")
peer.serve(given, lambda texts: sum(not normalizer.normalize(t)[0].startswith("[NO_") for t in texts))

"""Writes tiny random models with the logits that transformers gives over PyTorch, for tests/neural_peers.rs.

  torch_models.py OUT     BERT, RoBERTa and DeBERTa-v2
"""
import json
import pathlib
import random
import sys

import numpy as np
import torch
from transformers import BertConfig, BertForTokenClassification, BertModel
from transformers import DebertaV2Config, DebertaV2ForTokenClassification, RobertaConfig, RobertaForTokenClassification

out = pathlib.Path(sys.argv[1])
random.seed(7)
torch.manual_seed(7)


def model(name, m, config):
    """Weights of a tiny model, and the logits of rows of several lengths, filled up and masked."""
    m.eval()
    with torch.no_grad():
        for p in m.parameters():  # as large as those of a trained model
            p.add_(torch.randn_like(p) * 0.08)
    f = out / name
    f.mkdir(parents=True, exist_ok=True)
    m.save_pretrained(f)
    rows = [[random.randrange(5, config.vocab_size) for _ in range(n)] for n in (3, 17, 40, 40)]
    longest = max(map(len, rows))
    ids = torch.tensor([r + [config.pad_token_id] * (longest - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in rows])
    with torch.no_grad():
        got = m(input_ids=ids, attention_mask=mask)
    value = (got.logits if hasattr(got, "logits") else got.last_hidden_state).numpy()
    logits = {"rows": rows, "logits": [value[i, : len(r)].reshape(-1).tolist() for i, r in enumerate(rows)]}
    (f / "logits.json").write_text(json.dumps(logits), "utf-8")
    print(name, value.shape, float(np.abs(value).max()))


labels = {"num_labels": 5, "id2label": {0: "O", 1: "B-d+", 2: "I-d+", 3: "B-d-", 4: "I-d-"}}
size = dict(vocab_size=200, hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64)
c = BertConfig(**size, max_position_embeddings=64, **labels)
model("model-bert", BertForTokenClassification(c), c)
c = BertConfig(**size, max_position_embeddings=64, hidden_act="gelu_new")
model("model-bert-embedding", BertModel(c, add_pooling_layer=False), c)
c = RobertaConfig(**size, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, **labels)
model("model-roberta", RobertaForTokenClassification(c), c)
for name, more in {
    "model-deberta-v2": dict(share_att_key=True, position_buckets=8, norm_rel_ebd="layer_norm", conv_kernel_size=3, conv_act="gelu"),
    "model-deberta-v2-own": dict(share_att_key=False, position_buckets=-1, max_relative_positions=24),
}.items():
    c = DebertaV2Config(**size, max_position_embeddings=64, relative_attention=True, pos_att_type=["c2p", "p2c"], position_biased_input=False, type_vocab_size=0, **more, **labels)
    model(name, DebertaV2ForTokenClassification(c), c)

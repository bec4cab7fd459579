"""Writes the model folder: safetensors (fp16) with config and tokenizer in Hugging Face form, ONNX in fp32 and in int8.

The ONNX graph is built here node by node, so that its operators are few and known; it is checked against PyTorch.
"""
from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto as T, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import save_file

from data import LABELS, LABEL_ID, MAX_TOKENS, TYPE_SIZE
from linear import TEMPLATES, kinds_of
from model import Tagger, read_vocab

POSITIONS = 256


class Graph:
    """A little builder of ONNX nodes; names are those of the weights they use."""

    def __init__(self, weights):
        self.w, self.nodes, self.init, self.n = weights, [], {}, 0

    def const(self, value, dtype=np.int64):
        value = np.asarray(value, dtype=dtype)
        name = f"const_{value.dtype}_{'_'.join(map(str, value.shape))}_{'_'.join(str(x) for x in value.ravel())}"
        self.init[name] = value
        return name

    def weight(self, name, transpose=False):
        value = self.w[name]
        self.init[name] = np.ascontiguousarray(value.T if transpose else value)
        return name

    def op(self, kind, *inputs, **attributes):
        self.n += 1
        out = f"{kind.lower()}_{self.n}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=out, **attributes))
        return out

    def linear(self, x, name):
        return self.op("Add", self.op("MatMul", x, self.weight(name + ".weight", True)), self.weight(name + ".bias"))

    def norm(self, x, name, eps):
        return self.op("LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1, epsilon=eps)

    def gelu(self, x):
        half = self.op("Mul", x, self.const(0.5, np.float32))
        erf = self.op("Erf", self.op("Mul", x, self.const(2 ** -0.5, np.float32)))
        return self.op("Mul", half, self.op("Add", erf, self.const(1.0, np.float32)))


def build(weights, c):
    """The ONNX model of BertForTokenClassification: input_ids, attention_mask, token_type_ids -> logits."""
    g = Graph(weights)
    e = "bert.embeddings."
    length = g.op("Gather", g.op("Shape", "input_ids"), g.const(1), axis=0)
    position = g.op("Range", g.const(0), length, g.const(1))
    x = g.op("Add", g.op("Gather", g.weight(e + "word_embeddings.weight"), "input_ids"),
             g.op("Gather", g.weight(e + "token_type_embeddings.weight"), "token_type_ids"))
    x = g.op("Add", x, g.op("Gather", g.weight(e + "position_embeddings.weight"), position))
    x = g.norm(x, e + "LayerNorm", c.layer_norm_eps)
    mask = g.op("Unsqueeze", g.op("Cast", "attention_mask", to=T.FLOAT), g.const([1, 2]))
    bias = g.op("Mul", g.op("Sub", g.const(1.0, np.float32), mask), g.const(-10000.0, np.float32))
    heads, size = c.num_attention_heads, c.hidden_size // c.num_attention_heads
    for i in range(c.num_hidden_layers):
        p = f"bert.encoder.layer.{i}."
        split = lambda y, perm: g.op("Transpose", g.op("Reshape", y, g.const([0, 0, heads, size])), perm=perm)
        q = split(g.linear(x, p + "attention.self.query"), [0, 2, 1, 3])
        k = split(g.linear(x, p + "attention.self.key"), [0, 2, 3, 1])
        v = split(g.linear(x, p + "attention.self.value"), [0, 2, 1, 3])
        score = g.op("Add", g.op("Mul", g.op("MatMul", q, k), g.const(size ** -0.5, np.float32)), bias)
        y = g.op("MatMul", g.op("Softmax", score, axis=-1), v)
        y = g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.const([0, 0, c.hidden_size]))
        x = g.norm(g.op("Add", x, g.linear(y, p + "attention.output.dense")), p + "attention.output.LayerNorm", c.layer_norm_eps)
        y = g.linear(g.gelu(g.linear(x, p + "intermediate.dense")), p + "output.dense")
        x = g.norm(g.op("Add", x, y), p + "output.LayerNorm", c.layer_norm_eps)
    g.nodes.append(helper.make_node("Identity", [g.linear(x, "classifier")], ["logits"], name="logits"))
    ids = [helper.make_tensor_value_info(n, T.INT64, ["batch", "length"]) for n in ("input_ids", "attention_mask", "token_type_ids")]
    out = helper.make_tensor_value_info("logits", T.FLOAT, ["batch", "length", len(LABELS)])
    graph = helper.make_graph(g.nodes, "tagger", ids, [out], [numpy_helper.from_array(v, k) for k, v in g.init.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="karuta", ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def write_folder(model, vocab_path, linear, out):
    os.makedirs(out, exist_ok=True)
    config = {
        "architectures": ["BertForTokenClassification"], "model_type": "bert", "vocab_size": model.config.vocab_size,
        "hidden_size": model.config.hidden_size, "num_hidden_layers": model.config.num_hidden_layers,
        "num_attention_heads": model.config.num_attention_heads, "intermediate_size": model.config.intermediate_size,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": POSITIONS, "type_vocab_size": TYPE_SIZE, "layer_norm_eps": model.config.layer_norm_eps,
        "initializer_range": 0.02, "pad_token_id": 0, "position_embedding_type": "absolute", "dtype": "float16",
        "torch_dtype": "float16",
        "id2label": {str(i): x for i, x in enumerate(LABELS)}, "label2id": LABEL_ID,
        "tokenizer_class": "BertJapaneseTokenizer",
    }
    tokenizer = {
        "tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "basic", "subword_tokenizer_type": "character",
        "do_lower_case": False, "model_max_length": MAX_TOKENS, "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
        "sep_token": "[SEP]", "mask_token": "[MASK]",
    }
    for name, value in (("config.json", config), ("tokenizer_config.json", tokenizer)):
        with open(f"{out}/{name}", "w", encoding="utf-8") as f:
            json.dump(value, f, ensure_ascii=False, indent=1)
            f.write("\n")
    shutil.copyfile(vocab_path, f"{out}/vocab.txt")
    extra = {"input": "lines", "types": "facts", "window": MAX_TOKENS, **({"linear": TEMPLATES} if linear else {})}
    with open(f"{out}/karuta.json", "w", encoding="utf-8") as f:
        json.dump(extra, f)
        f.write("\n")


def take_in(model, linear, share):
    """Scales the encoder's word by its share, and gives it what of the linear part hangs on labels alone."""
    with torch.no_grad():
        for x in (model.bert.classifier.weight, model.bert.classifier.bias, *model.crf.parameters()):
            x.mul_(share)
        if linear:
            model.crf.transitions.add_(torch.from_numpy(linear.transitions))
            model.bert.classifier.bias[linear.unseen] -= 3


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("weights", help="of cv.py --folds all")
    p.add_argument("--vocab", required=True)
    p.add_argument("--layers", type=int, default=3)
    p.add_argument("--hidden", type=int, default=192)
    p.add_argument("--linear", help="the linear part of cv.py --folds all")
    p.add_argument("--share", type=float, default=1.0, help="the weight of the encoder's word beside it")
    p.add_argument("--out", default="../default")
    a = p.parse_args()
    model = Tagger(len(read_vocab(a.vocab)), layers=a.layers, hidden=a.hidden)
    model.load_state_dict(torch.load(a.weights))
    model.eval()
    linear = None
    if a.linear:
        with open(a.linear, "rb") as f:
            linear = pickle.load(f)
    take_in(model, linear, a.share)
    write_folder(model, a.vocab, linear, a.out)
    state = {k: v.clone() for k, v in model.bert.state_dict().items() if "position_ids" not in k}
    state["bert.embeddings.position_embeddings.weight"] = state["bert.embeddings.position_embeddings.weight"][:POSITIONS].clone()
    state.update({f"crf.{k}": v.clone() for k, v in model.crf.state_dict().items()})
    state = {k: v.half() for k, v in state.items()}
    extra = {}
    if linear:
        kinds = np.array(kinds_of(read_vocab(a.vocab)), np.uint8)
        extra = {k: torch.from_numpy(v) for k, v in {**linear.tensors(), "linear.kinds": kinds}.items()}
    save_file({**state, **extra}, f"{a.out}/model.safetensors", metadata={"format": "pt"})
    # ONNX holds the very numbers of the fp16 file, so that both engines compute the same
    whole = {k: v.float().numpy() for k, v in state.items()}
    onnx.save(build(whole, model.config), f"{a.out}/model.onnx")
    quantize_dynamic(f"{a.out}/model.onnx", f"{a.out}/model.int8.onnx", weight_type=QuantType.QInt8, per_channel=True,
                     op_types_to_quantize=["MatMul"], extra_options={"MatMulConstBOnly": True})
    for k, v in model.bert.named_parameters():
        v.data = v.data.half().float()
    ids = torch.randint(5, model.config.vocab_size, (3, 60))
    types = torch.randint(0, TYPE_SIZE, (3, 60))
    mask = torch.ones(3, 60, dtype=torch.long)
    mask[1, 40:] = 0
    with torch.no_grad():
        want = model.logits({"ids": ids, "types": types, "mask": mask}).numpy()
    for name in ("model.onnx", "model.int8.onnx"):
        got = ort.InferenceSession(f"{a.out}/{name}").run(None, {
            "input_ids": ids.numpy(), "attention_mask": mask.numpy(), "token_type_ids": types.numpy()})[0]
        far = float(np.abs(got - want)[mask.numpy() > 0].max())
        print(f"{name}: {os.path.getsize(f'{a.out}/{name}') / 1e6:.2f} MB, farthest logit from PyTorch {far:.5f}")


if __name__ == "__main__":
    main()

"""Writes tiny random models with the logits that onnxruntime gives, for tests/neural_peers.rs.

  onnx_models.py OUT     BERT (gelu and its tanh form, with a classifier and without) and RoBERTa

The graphs are of onnxruntime's own steps for such encoders (EmbedLayerNormalization, Attention, SkipLayerNormalization,
BiasGelu, FastGelu): another implementation than ours, which needs no PyTorch. Sequences are filled up and masked.
"""
import json
import pathlib
import random
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

out = pathlib.Path(sys.argv[1])
random.seed(7)
rng = np.random.default_rng(7)
VOCAB, HIDDEN, LAYERS, HEADS, INNER, LABELS, EPS = 200, 32, 3, 2, 64, 5, 1e-12


def weights(prefix, positions, types, classifies):
    """Weights by Hugging Face's names, as large as those of a trained model."""
    w = {}

    def both(name, *shape):
        w[f"{name}.weight"], w[f"{name}.bias"] = rng.normal(0, 0.1, shape), rng.normal(0, 0.1, shape[0])

    def norm(name):
        w[f"{name}.weight"], w[f"{name}.bias"] = rng.normal(1, 0.1, HIDDEN), rng.normal(0, 0.1, HIDDEN)

    for name, n in (("word", VOCAB), ("position", positions), ("token_type", types)):
        w[f"{prefix}.embeddings.{name}_embeddings.weight"] = rng.normal(0, 0.3, (n, HIDDEN))
    norm(f"{prefix}.embeddings.LayerNorm")
    for i in range(LAYERS):
        at = f"{prefix}.encoder.layer.{i}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            both(f"{at}.{part}", HIDDEN, HIDDEN)
        norm(f"{at}.attention.output.LayerNorm")
        both(f"{at}.intermediate.dense", INNER, HIDDEN)
        both(f"{at}.output.dense", HIDDEN, INNER)
        norm(f"{at}.output.LayerNorm")
    if classifies:
        both("classifier", LABELS, HIDDEN)
    return {k: v.astype(np.float32) for k, v in w.items()}


def graph(w, prefix, act, first):
    """The ONNX bytes: input_ids, token types and a mask (int32, rows × length) to rows × length × width."""
    nodes, tensors = [], []

    def const(name, value):
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def node(op, inputs, outputs, **attributes):
        ours = op in {"EmbedLayerNormalization", "Attention", "SkipLayerNormalization", "BiasGelu", "FastGelu"}
        nodes.append(helper.make_node(op, inputs, outputs, domain="com.microsoft" if ours else "", **attributes))
        return outputs[0]

    get = lambda name: w[f"{prefix}.{name}"]
    e = "embeddings."
    names = [const(e + n, get(f"{e}{n}_embeddings.weight")[first if n == "position" else 0 :]) for n in ("word", "position", "token_type")]
    gains = [const(e + n, get(f"{e}LayerNorm.{n}")) for n in ("weight", "bias")]
    x = node("EmbedLayerNormalization", ["input_ids", "token_type_ids", *names, *gains, "mask"], ["x", "mask_index"], epsilon=EPS)
    for i in range(LAYERS):
        at = f"encoder.layer.{i}."
        qkv = [f"{at}attention.self.{n}" for n in ("query", "key", "value")]
        weight = const(f"{at}qkv", np.concatenate([get(n + ".weight").T for n in qkv], 1))
        bias = const(f"{at}qkv.bias", np.concatenate([get(n + ".bias") for n in qkv]))
        read = node("Attention", [x, weight, bias, "mask_index"], [f"read{i}"], num_heads=HEADS)

        def linear(name, x, to):
            return node("MatMul", [x, const(at + name, get(f"{at}{name}.weight").T)], [to])

        def added(a, b, dense, name, to):
            gains = [const(f"{at}{name}.{n}", get(f"{at}{name}.{n}")) for n in ("weight", "bias")]
            return node("SkipLayerNormalization", [a, b, *gains, const(f"{at}{dense}.b", get(f"{at}{dense}.bias"))], [to], epsilon=EPS)

        x = added(linear("attention.output.dense", read, f"out{i}"), x, "attention.output.dense", "attention.output.LayerNorm", f"mid{i}")
        up = linear("intermediate.dense", x, f"up{i}")
        up = node("BiasGelu" if act == "gelu" else "FastGelu", [up, const(f"{at}up.b", get(f"{at}intermediate.dense.bias"))], [f"act{i}"])
        x = added(linear("output.dense", up, f"down{i}"), x, "output.dense", "output.LayerNorm", f"x{i}")
    if "classifier.weight" in w:
        x = node("MatMul", [x, const("classifier", w["classifier.weight"].T)], ["said"])
        x = node("Add", [x, const("classifier.b", w["classifier.bias"])], ["logits"])
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT32, ["rows", "length"]) for n in ("input_ids", "token_type_ids", "mask")]
    outputs = [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["rows", "length", "width"])]
    g = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    model = helper.make_model(g, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=8)
    return model.SerializeToString()


def case(name, kind, act, positions, types, pad, classifies=True):
    prefix = kind
    w = weights(prefix, positions, types, classifies)
    config = dict(model_type=kind, vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=INNER,
                  max_position_embeddings=positions, type_vocab_size=types, hidden_act=act, layer_norm_eps=EPS, pad_token_id=pad)
    if classifies:
        config["id2label"] = {str(i): n for i, n in enumerate(["O", "B-d+", "I-d+", "B-d-", "I-d-"])}
    rows = [[random.randrange(5, VOCAB) for _ in range(n)] for n in (3, 17, 40, 40)]
    longest = max(map(len, rows))
    ids = np.array([r + [pad] * (longest - len(r)) for r in rows], np.int32)
    mask = np.array([[1] * len(r) + [0] * (longest - len(r)) for r in rows], np.int32)
    session = onnxruntime.InferenceSession(graph(w, prefix, act, pad + 1 if kind == "roberta" else 0), providers=["CPUExecutionProvider"])
    value = session.run(None, {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "mask": mask})[0]
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file(w, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    logits = {"rows": rows, "logits": [value[i, : len(r)].reshape(-1).tolist() for i, r in enumerate(rows)]}
    (folder / "logits.json").write_text(json.dumps(logits), "utf-8")
    print(name, value.shape, float(np.abs(value).max()), "onnxruntime", onnxruntime.__version__)


case("onnx-bert", "bert", "gelu", 64, 2, 0)
case("onnx-bert-embedding", "bert", "gelu_new", 64, 2, 0, classifies=False)
case("onnx-roberta", "roberta", "gelu", 66, 1, 1)

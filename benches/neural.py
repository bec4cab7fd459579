"""Our engines beside PyTorch and onnxruntime, on the same weights and shapes, taking turns in one run.

  neural.py BENCH [FOLDER]   BENCH: the built bench (cargo bench --bench neural --no-run); FOLDER: a model (else 6 × 384, random)

Prints a table and JSON lines. Every figure is the best round of several seconds: another program's load lowers it.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
bench = sys.argv[1]
shapes = [(8, 256), (1, 254), (1, 64)]
SECONDS = float(os.environ.get("SECONDS", "3"))
WORKER = """
import json, os, resource, sys, time
kind, folder, rows, length, seconds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
import numpy as np
config = json.load(open(folder + "/config.json"))
ids = np.array([[(r * 131 + i * 17) % config["vocab_size"] for i in range(length)] for r in range(rows)])
begun = time.perf_counter()
if kind == "torch":
    import torch, transformers
    torch.set_num_threads(threads)
    m = transformers.BertForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
    t = torch.tensor(ids)
    def run():
        with torch.inference_mode():
            return m(input_ids=t).logits
else:
    import onnxruntime as ort
    o = ort.SessionOptions(); o.intra_op_num_threads = threads; o.inter_op_num_threads = 1
    s = ort.InferenceSession(folder + ("/peer.int8.onnx" if kind == "ort-int8" else "/peer.onnx"), o, providers=["CPUExecutionProvider"])
    mask = np.ones_like(ids)
    def run():
        return s.run(None, {"input_ids": ids, "attention_mask": mask})
load = (time.perf_counter() - begun) * 1000
run()
rounds, begun = [], time.perf_counter()
while time.perf_counter() - begun < seconds or len(rounds) < 3:
    at = time.perf_counter(); run(); rounds.append(rows * length / (time.perf_counter() - at))
rounds.sort()
print(json.dumps({"best": round(rounds[-1]), "median": round(rounds[len(rounds) // 2]), "load_ms": round(load), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def make(folder):
    """A random BERT, and its ONNX by PyTorch's own export with onnxruntime's own 8-bit rounding."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import BertConfig, BertForTokenClassification

    if not os.path.exists(folder + "/config.json"):
        torch.manual_seed(1)
        c = BertConfig(vocab_size=6000, hidden_size=384, num_hidden_layers=6, num_attention_heads=6, intermediate_size=1536, max_position_embeddings=512, num_labels=33)
        BertForTokenClassification(c).save_pretrained(folder)
    m = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    class Two(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.m = m

        def forward(self, input_ids, attention_mask):
            return self.m(input_ids=input_ids, attention_mask=attention_mask).logits

    ids = torch.randint(5, m.config.vocab_size, (2, 32))
    axes = {n: {0: "rows", 1: "length"} for n in ("input_ids", "attention_mask", "logits")}
    torch.onnx.export(Two().eval(), (ids, torch.ones_like(ids)), folder + "/peer.onnx", input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False)
    quantize_dynamic(folder + "/peer.onnx", folder + "/peer.int8.onnx", weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"], extra_options={"MatMulConstBOnly": True})


with tempfile.TemporaryDirectory() as temporary:
    folder = temporary
    if len(sys.argv) > 2:
        import shutil

        shutil.copytree(sys.argv[2], temporary, dirs_exist_ok=True)
    make(folder)
    open(temporary + "/worker.py", "w").write(WORKER)
    for threads in (1, 2):
        for rows, length in shapes:
            found = {}
            for turn in range(2):  # turns: a load that comes and goes meets all of them
                for kind in ("torch", "ort", "ort-int8", "candle", "rten", "rten-int8"):
                    env = {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
                    args = [str(x) for x in (rows, length, SECONDS)]
                    ours = not kind.startswith(("torch", "ort"))
                    command = [bench, folder, kind, *args] if ours else [sys.executable, temporary + "/worker.py", kind, folder, *args, str(threads)]
                    out = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1])
                    if out["best"] > found.get(kind, {"best": 0})["best"]:
                        found[kind] = out
            for kind, f in found.items():
                print(json.dumps({"threads": threads, "rows": rows, "length": length, "engine": kind, "tokens_per_second": f["best"], "median": f["median"], "load_ms": f["load_ms"], "peak_mb": round(f["peak_mb"])}), flush=True)

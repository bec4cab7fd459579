"""Our engines beside PyTorch and onnxruntime, on the same weights and shapes, taking turns in one run.

  neural.py BENCH [NAME ...]   BENCH: the built bench (cargo bench --bench neural --no-run)
                               NAME: default (models/default), small (6 × 384) or base (12 × 768), the last two random

Prints a JSON line for each engine and shape, then a table. Every figure is the best round of several seconds in several
turns: a load that comes and goes lowers it. SECONDS, TURNS and THREADS are set by the environment. The peers' ONNX is
PyTorch's own export; its 8-bit form is onnxruntime's own dynamic one, each column of a weight for itself.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
root = pathlib.Path(__file__).resolve().parents[1]
bench, names = sys.argv[1], sys.argv[2:] or ["default", "small", "base"]
# rows × tokens
SHAPES = {"default": [(1, 64), (1, 128), (1, 254), (8, 128), (8, 254)]}
ELSE = [(1, 64), (1, 128), (1, 256), (1, 512), (8, 128)]
SIZES = {"small": (384, 6, 6), "base": (768, 12, 12)}
KINDS = os.environ.get("KINDS", "torch ort ort-int8 candle rten rten-int8 native native-int8").split()
SECONDS, TURNS = float(os.environ.get("SECONDS", "2")), int(os.environ.get("TURNS", "2"))
THREADS = [int(t) for t in os.environ.get("THREADS", "1 2").split()]
WORKER = """
import json, resource, sys, time
import numpy as np
kind, folder, rows, length, seconds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
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
MAKE = """
import sys, torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import BertConfig, BertForTokenClassification
folder, sizes = sys.argv[1], [int(x) for x in sys.argv[2:]]
if sizes:
    torch.manual_seed(1)
    hidden, layers, heads = sizes
    c = BertConfig(vocab_size=6000, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=4 * hidden, max_position_embeddings=512, num_labels=33)
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
"""


def measure(folder, kind, rows, length, threads):
    env = {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    args = [str(x) for x in (rows, length, SECONDS)]
    ours = not kind.startswith(("torch", "ort"))
    command = [bench, folder, kind, *args] if ours else [sys.executable, folder + "/worker.py", kind, folder, *args, str(threads)]
    return json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip().splitlines()[-1])


table = []
for name in names:
    with tempfile.TemporaryDirectory() as folder:
        if name == "default":
            shutil.copytree(root / "models" / "default", folder, dirs_exist_ok=True)
        pathlib.Path(folder, "worker.py").write_text(WORKER)
        subprocess.run([sys.executable, "-c", MAKE, folder, *map(str, SIZES.get(name, ()))], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for threads in THREADS:
            for rows, length in SHAPES.get(name, ELSE):
                found = {}
                for _ in range(TURNS):
                    for kind in KINDS:
                        out = measure(folder, kind, rows, length, threads)
                        if out["best"] > found.get(kind, {"best": 0})["best"]:
                            found[kind] = out
                for kind, f in found.items():
                    print(json.dumps({"model": name, "threads": threads, "rows": rows, "length": length, "engine": kind, "tokens_per_second": f["best"], "median": f["median"], "load_ms": f["load_ms"], "peak_mb": round(f["peak_mb"])}), flush=True)
                table.append((name, threads, f"{rows} × {length}", found))
print("\n| model | threads | rows × tokens | " + " | ".join(KINDS) + " | native / ort | native-int8 / ort |\n|" + "---|" * (len(KINDS) + 5))
for name, threads, shape, found in table:
    part = lambda a, b: f"{found[a]['best'] / found[b]['best']:.2f}" if a in found and b in found else ""
    print(f"| {name} | {threads} | {shape} | " + " | ".join(str(found[k]["best"]) for k in KINDS) + f" | {part('native', 'ort')} | {part('native-int8', 'ort')} |")

"""The held-out loss of a small GPT while it learns Shakespeare's characters, by torch's own operations (python3-torch 1.13).

python3 -B shakespeare_golden.py tinyshakespeare.txt.gz > shakespeare_golden.json

Initial weights and batches are draws written again in random_stream.py; everything is in double precision, so that the
curve is that of the algorithm and not of a library's order of sums.
"""
import gzip
import json
import math
import pathlib
import sys

import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "model"))
from random_stream import RandomStream

torch.set_default_dtype(torch.float64)
D, LAYERS, H, F, LENGTH, TEXTS = 64, 2, 4, 256, 64, 16
SEED, STEPS, EVERY, WARMUP, PEAK = 17, 300, 50, 20, 1e-2
BETA1, BETA2, EPSILON, DECAY, CLIP = 0.9, 0.99, 1e-8, 0.1, 1.0
HELD_OUT_TEXTS = 64

data = numpy.frombuffer(gzip.open(sys.argv[1]).read(), dtype=numpy.uint8)
characters = numpy.unique(data)
V = len(characters)
tokens = numpy.searchsorted(characters, data)
split = len(tokens) * 9 // 10
train, held_out = tokens[:split], tokens[split:]


def initial(name, shape, deviation):
    """Uniform values of this deviation, so that no inverse of a distribution function is needed."""
    draws = RandomStream(SEED, "initial " + name, 0, 0).uniforms(numpy.arange(math.prod(shape)))
    return torch.tensor(math.sqrt(3) * deviation * (2 * draws - 1)).reshape(shape).requires_grad_()


w = {"wte.weight": initial("wte.weight", (V, D), 0.02), "wpe.weight": initial("wpe.weight", (LENGTH, D), 0.02)}


def linear_weights(name, out, width, deviation):
    w[name + ".weight"] = initial(name + ".weight", (out, width), deviation)
    w[name + ".bias"] = torch.zeros(out, requires_grad=True)


def norm_weights(name):
    w[name + ".weight"] = torch.ones(D, requires_grad=True)
    w[name + ".bias"] = torch.zeros(D, requires_grad=True)


for layer in range(LAYERS):
    into_sum = 0.02 / math.sqrt(2 * LAYERS)
    norm_weights(f"h.{layer}.ln_1")
    for part in ("query", "key", "value"):
        linear_weights(f"h.{layer}.attn.{part}", D, D, 0.02)
    linear_weights(f"h.{layer}.attn.c_proj", D, D, into_sum)
    norm_weights(f"h.{layer}.ln_2")
    linear_weights(f"h.{layer}.mlp.c_fc", F, D, 0.02)
    linear_weights(f"h.{layer}.mlp.c_proj", D, F, into_sum)
norm_weights("ln_f")


def norm(x, name):
    return torch.nn.functional.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], 1e-5)


def linear(x, name):
    return torch.nn.functional.linear(x, w[name + ".weight"], w[name + ".bias"])


def loss(texts):
    """The mean over all positions but the last of each text."""
    ids = torch.tensor(texts)
    batch, length = ids.shape
    heads = lambda y: y.reshape(batch, length, H, D // H).transpose(1, 2)
    causal = torch.ones(length, length).tril().bool()
    x = w["wte.weight"][ids] + w["wpe.weight"][:length]
    for layer in range(LAYERS):
        p = f"h.{layer}"
        y = norm(x, p + ".ln_1")
        q, k, v = (heads(linear(y, f"{p}.attn.{part}")) for part in ("query", "key", "value"))
        scores = (q @ k.transpose(2, 3) / math.sqrt(D // H)).masked_fill(~causal, -math.inf)
        x = x + linear((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, D), p + ".attn.c_proj")
        x = x + linear(torch.nn.functional.gelu(linear(norm(x, p + ".ln_2"), p + ".mlp.c_fc")), p + ".mlp.c_proj")
    logits = norm(x, "ln_f") @ w["wte.weight"].T
    return torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, V), ids[:, 1:].reshape(-1))


def held_out_loss():
    step = (len(held_out) - LENGTH) // HELD_OUT_TEXTS
    with torch.no_grad():
        return loss(numpy.stack([held_out[i * step : i * step + LENGTH] for i in range(HELD_OUT_TEXTS)])).item()


def rate(step):
    if step < WARMUP:
        return PEAK * (step + 1) / (WARMUP + 1)
    return PEAK / 2 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))


optimizer = torch.optim.AdamW(
    [
        {"params": [p for p in w.values() if p.dim() == 2], "weight_decay": DECAY},
        {"params": [p for p in w.values() if p.dim() == 1], "weight_decay": 0.0},
    ],
    betas=(BETA1, BETA2),
    eps=EPSILON,
)
curve = [held_out_loss()]
for step in range(STEPS):
    draws = RandomStream(SEED, "texts", 0, step).uniforms(numpy.arange(TEXTS))
    starts = (draws * (len(train) - LENGTH)).astype(int)
    optimizer.zero_grad()
    loss(numpy.stack([train[s : s + LENGTH] for s in starts])).backward()
    total = math.sqrt(sum((p.grad**2).sum().item() for p in w.values()))
    for p in w.values():
        p.grad *= min(1, CLIP / total)
    for group in optimizer.param_groups:
        group["lr"] = rate(step)
    optimizer.step()
    if (step + 1) % EVERY == 0:
        curve.append(held_out_loss())
print(json.dumps({"every": EVERY, "held_out_loss": curve}, indent=1))

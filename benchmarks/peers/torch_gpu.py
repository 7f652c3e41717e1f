"""What PyTorch does on the GPU that gpu-check measures: products, attention, training steps, exact search.

Run: python3 torch_gpu.py [--quick] > torch_gpu.md          (torch 2.4 or later with CUDA; no other package)
The same shapes, units and statistics as `batchwright gpu-check`: seven samples of at least a twentieth of a second for
operations, 30 steps after 5 for training (20 more where compiled), min, median and max. Real tokens only: every text has
128 tokens. Steps are InfoNCE at temperature 0.05 over pairs, clipping to norm 1, fused AdamW.
"""
import argparse
import math
import time

import torch
import torch.nn.functional as F

TOKENS = 8192
LAYERS = [(768, 2304), (768, 768), (768, 3072), (3072, 768), (384, 1152), (384, 384), (384, 1536), (1536, 384)]


def row(name, unit, rates):
    rates = sorted(rates)
    print(f"| {name} | {unit} | {rates[0]:.4g} | {rates[len(rates) // 2]:.4g} | {rates[-1]:.4g} |", flush=True)


def head(title):
    print(f"\n## {title}\n\n| what | unit | min | median | max |\n|---|---|---|---|---|")


def seconds(call, calls):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(name, unit, amount, call):
    seconds(call, 1)
    calls = 1
    taken = seconds(call, calls)
    while taken < 0.05:
        calls = math.ceil(calls * max(2, 1.2 * 0.05 / taken))
        taken = seconds(call, calls)
    row(name, unit, [amount * calls / seconds(call, calls) for _ in range(7)])


def products(dtype):
    head(f"Matrix products, {dtype}")

    def one(name, m, n, k, ta, tb):
        a = torch.randn((k, m) if ta else (m, k), device="cuda", dtype=dtype)
        b = torch.randn((n, k) if tb else (k, n), device="cuda", dtype=dtype)
        a = a.t() if ta else a
        b = b.t() if tb else b
        measure(name, "TF/s", 2e-12 * m * n * k, lambda: torch.matmul(a, b))

    one("4096^3", 4096, 4096, 4096, False, True)
    for i, o in LAYERS:
        name = f"{TOKENS} tokens, {i} -> {o}"
        one("forward " + name, TOKENS, o, i, False, True)
        one("inputs' gradient " + name, TOKENS, i, o, False, False)
        one("weights' gradient " + name, o, i, TOKENS, True, False)


def attention(dtype):
    head(f"Attention, {dtype}")
    for length in (128, 512):
        for dims in (32, 64):
            q, k, v = (torch.randn(TOKENS // length, 12, length, dims, device="cuda", dtype=dtype, requires_grad=True)
                       for _ in range(3))
            flops = 4e-12 * TOKENS * length * 12 * dims
            name = f"{TOKENS // length} x {length}, 12 heads of {dims}"
            with torch.no_grad():
                measure("forward, " + name, "TF/s", flops, lambda: F.scaled_dot_product_attention(q, k, v))
            out = F.scaled_dot_product_attention(q, k, v)
            grad = torch.randn_like(out)
            measure("backward, " + name, "TF/s", 2.5 * flops,
                    lambda: torch.autograd.grad(out, (q, k, v), grad, retain_graph=True))


class Encoder(torch.nn.Module):
    def __init__(self, d, layers, heads, f, vocabulary=30522, positions=512):
        super().__init__()
        self.heads = heads
        self.tokens = torch.nn.Embedding(vocabulary, d)
        self.positions = torch.nn.Embedding(positions, d)
        self.norm = torch.nn.LayerNorm(d, eps=1e-12)
        self.layers = torch.nn.ModuleList(torch.nn.ModuleDict({
            "qkv": torch.nn.Linear(d, 3 * d), "out": torch.nn.Linear(d, d), "norm1": torch.nn.LayerNorm(d, eps=1e-12),
            "up": torch.nn.Linear(d, f), "down": torch.nn.Linear(f, d), "norm2": torch.nn.LayerNorm(d, eps=1e-12),
        }) for _ in range(layers))

    def forward(self, ids):
        b, n = ids.shape
        x = self.norm(self.tokens(ids) + self.positions.weight[:n])
        d = x.shape[-1]
        for layer in self.layers:
            q, k, v = layer["qkv"](x).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
            mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d)
            x = layer["norm1"](x + layer["out"](mixed))
            x = layer["norm2"](x + layer["down"](F.gelu(layer["up"](x))))
        return F.normalize(x.float().mean(1), dim=-1)


def steps(name, d, layers, heads, f, pairs, length, precision, compiled):
    torch.manual_seed(1)
    model = Encoder(d, layers, heads, f).cuda()
    forward = torch.compile(model, mode="max-autotune") if compiled else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids = torch.randint(0, 30522, (2 * pairs, length), device="cuda")
    targets = torch.arange(pairs, device="cuda")
    autocast = torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16")

    def step():
        with autocast:
            z = forward(ids)
        loss = F.cross_entropy(z[:pairs] @ z[pairs:].t() / 0.05, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    torch.cuda.reset_peak_memory_stats()
    for _ in range(25 if compiled else 5):
        step()
    rates = []
    for _ in range(30):
        start = time.perf_counter()
        step()
        rates.append(2 * pairs * length / (time.perf_counter() - start))
    what = f"{name}, {precision}{', compiled' if compiled else ''}; {pairs} pairs of {length} tokens"
    flops = 1e-12 * layers * (6 * (4 * d * d + 2 * d * f) + 12 * d * length)
    row(what, "tokens/s", rates)
    row(what, "TF/s", [flops * r for r in rates])
    row(what, "GB at most", [1e-9 * torch.cuda.max_memory_allocated()])


def search():
    head("Exact search, 1,000,000 x 768, k = 10")
    passages = F.normalize(torch.randn(1_000_000, 768, device="cuda"), dim=-1)
    queries = F.normalize(torch.randn(1024, 768, device="cuda"), dim=-1)
    measure("1,024 queries, float32", "queries/s", 1024, lambda: torch.topk(queries @ passages.t(), 10))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="no compiled steps, no search")
    quick = parser.parse_args().quick
    print(f"# PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}")
    for dtype in (torch.float32, torch.bfloat16):
        products(dtype)
        attention(dtype)
    head("Training steps of encoders")
    for compiled in (False,) if quick else (False, True):
        for precision in ("float32", "bf16"):
            steps("MiniLM-L6", 384, 6, 12, 1536, 256, 128, precision, compiled)
            steps("BERT-base", 768, 12, 12, 3072, 64, 128, precision, compiled)
    if not quick:
        search()

"""Makes the training step that bench engine gives to PyTorch as a TorchScript file.

Run: python3 torch_training_step.py spark-jobs/src/main/resources/io/batchwright/jobs/bench/engine/training_step.pt
Written with torch 1.13 (Debian), run by 2.7 through DJL: the two operators
that 1.13 lacks (fused attention, fused AdamW) are put into the file's code afterwards, which is plain text.
"""
import os
import re
import sys
import zipfile
from typing import List, Optional

import torch
import torch.nn.functional as F


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: Optional[torch.Tensor]) -> torch.Tensor:
    return torch.matmul(torch.softmax(torch.matmul(q, k.transpose(-2, -1)), -1), v)


def update(p: List[torch.Tensor], g: List[torch.Tensor], m: List[torch.Tensor], v: List[torch.Tensor],
           steps: List[torch.Tensor], rate: float) -> None:
    torch._foreach_add_(p, g)


class TrainingStep(torch.nn.Module):
    p: List[torch.Tensor]
    w: List[torch.Tensor]
    m: List[torch.Tensor]
    v: List[torch.Tensor]
    steps: List[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.p = []
        self.w = []
        self.m = []
        self.v = []
        self.steps = []
        self.dims = 0
        self.sparse = False
        self.heads = 0
        self.layers = 0

    def add(self, shape: List[int], deviation: float, mean: float) -> None:
        t = torch.randn(shape) * deviation + mean
        self.w.append(t)
        self.p.append(t.detach().requires_grad_(True))
        self.m.append(torch.zeros(shape))
        self.v.append(torch.zeros(shape))
        self.steps.append(torch.zeros([]))

    def build(self, size: torch.Tensor) -> torch.Tensor:
        """size: vocabulary, positions, dims, layers, heads, feed-forward dims, sparse;
        0 layers: mean of token vectors, where sparse asks for sparse gradients and SparseAdam."""
        vocabulary = int(size[0].item())
        positions = int(size[1].item())
        d = int(size[2].item())
        self.layers = int(size[3].item())
        self.heads = int(size[4].item())
        f = int(size[5].item())
        self.sparse = int(size[6].item()) > 0
        self.dims = d
        self.p.clear()
        self.w.clear()
        self.m.clear()
        self.v.clear()
        self.steps.clear()
        self.add([vocabulary, d], 0.02, 0.0)
        if self.layers > 0:
            self.add([positions, d], 0.02, 0.0)
            self.add([d], 0.0, 1.0)
            self.add([d], 0.0, 0.0)
        for l in range(self.layers):
            self.add([3 * d, d], 0.02, 0.0)
            self.add([3 * d], 0.0, 0.0)
            self.add([d, d], 0.02, 0.0)
            self.add([d], 0.0, 0.0)
            self.add([d], 0.0, 1.0)
            self.add([d], 0.0, 0.0)
            self.add([f, d], 0.02, 0.0)
            self.add([f], 0.0, 0.0)
            self.add([d, f], 0.02, 0.0)
            self.add([d], 0.0, 0.0)
            self.add([d], 0.0, 1.0)
            self.add([d], 0.0, 0.0)
        return size

    def encode(self, tokens: torch.Tensor, lengths: Optional[torch.Tensor]) -> torch.Tensor:
        """tokens [B, N]; lengths [B] where rows are padded behind their texts."""
        b = tokens.size(0)
        n = tokens.size(1)
        d = self.dims
        h = self.heads
        p = self.p
        if self.layers == 0:
            offsets = torch.arange(0, b * n, n)
            means = torch.embedding_bag(p[0], tokens.reshape([-1]), offsets, False, 1, self.sparse)[0]
            return F.normalize(means)
        mask: Optional[torch.Tensor] = None
        real: Optional[torch.Tensor] = None
        if lengths is not None:
            real = torch.arange(n).unsqueeze(0) < lengths.unsqueeze(1)
            mask = real.unsqueeze(1).unsqueeze(1)
        x = F.embedding(tokens, p[0]) + p[1][0:n]
        x = torch.layer_norm(x, [d], p[2], p[3], 1e-12)
        for l in range(self.layers):
            at = 4 + 12 * l
            q, k, v = F.linear(x, p[at], p[at + 1]).view([b, n, 3, h, d // h]).permute([2, 0, 3, 1, 4]).unbind(0)
            mixed = attend(q, k, v, mask).transpose(1, 2).reshape([b, n, d])
            x = torch.layer_norm(x + F.linear(mixed, p[at + 2], p[at + 3]), [d], p[at + 4], p[at + 5], 1e-12)
            fed = F.linear(F.gelu(F.linear(x, p[at + 6], p[at + 7])), p[at + 8], p[at + 9])
            x = torch.layer_norm(x + fed, [d], p[at + 10], p[at + 11], 1e-12)
        if real is not None and lengths is not None:
            return F.normalize((x * real.unsqueeze(2)).sum(1) / lengths.unsqueeze(1))
        return F.normalize(x.mean(1))

    def sparse_adam(self, g: torch.Tensor) -> None:
        """torch.optim.SparseAdam with its defaults but the rate, after clipping to norm 1: only rows of the batch move."""
        rows = g.indices()[0]
        values = g.values()
        norm = float(torch.norm(values).item())
        if norm > 1.0:
            values = values / norm
        self.steps[0].add_(1)
        step = float(self.steps[0].item())
        m = self.m[0].index_select(0, rows)
        v = self.v[0].index_select(0, rows)
        dm = (values - m) * 0.1
        dv = (values * values - v) * 0.001
        self.m[0].index_add_(0, rows, dm)
        self.v[0].index_add_(0, rows, dv)
        size = 1e-4 * (1.0 - 0.999 ** step) ** 0.5 / (1.0 - 0.9 ** step)
        self.w[0].index_add_(0, rows, (m + dm) / ((v + dv).sqrt() + 1e-8), alpha=-size)

    def forward(self, queries: torch.Tensor, positives: torch.Tensor,
                query_lengths: Optional[torch.Tensor] = None,
                positive_lengths: Optional[torch.Tensor] = None) -> torch.Tensor:
        """One step of InfoNCE at temperature 0.05, clipped to norm 1, AdamW at 1e-4; the loss."""
        if queries.dim() == 1:
            return self.build(queries)
        scores = torch.matmul(self.encode(queries, query_lengths), self.encode(positives, positive_lengths).t()) / 0.05
        loss = F.cross_entropy(scores, torch.arange(queries.size(0)))
        found = torch.autograd.grad([loss], self.p)
        grads: List[torch.Tensor] = []
        for g in found:
            if g is not None:
                grads.append(g)
        if self.sparse:
            self.sparse_adam(grads[0].coalesce())
            return loss.detach()
        norm = float(torch.norm(torch.stack(torch._foreach_norm(grads))).item())
        if norm > 1.0:
            torch._foreach_mul_(grads, 1.0 / norm)
        update(self.w, grads, self.m, self.v, self.steps, 1e-4)
        return loss.detach()


NEWER = {
    "attend": "  return torch.scaled_dot_product_attention(q, k, v, mask)\n",
    "update": "  torch._foreach_add_(steps, 1)\n"
              "  torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), steps, lr=rate, beta1=0.9, beta2=0.999,"
              " weight_decay=0.01, eps=1e-08, amsgrad=False, maximize=False)\n  return None\n",
}


def with_newer_operators(code: str) -> str:
    functions = re.split(r"(?m)^(?=def |class )", code)
    for name, body in NEWER.items():
        for i, head in enumerate(functions):
            if head.startswith("def " + name + "("):
                functions[i] = head[: head.index("  ", head.index("->"))] + body
    return "".join(functions)


def save_for_newer(module: torch.nn.Module, path: str) -> None:
    plain = path + ".plain"
    torch.jit.script(module).save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            # attend and update stand in the file of the script they were read from.
            if "code/" in name and name.endswith(".py"):
                data = with_newer_operators(data.decode()).encode()
            if not name.endswith(".debug_pkl"):
                new.writestr(name, data)
    os.remove(plain)


if __name__ == "__main__":
    save_for_newer(TrainingStep(), sys.argv[1])

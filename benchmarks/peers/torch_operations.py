"""Makes the operations that bench engine times in PyTorch as a TorchScript file.

Run: python3 torch_operations.py spark-jobs/src/main/resources/io/batchwright/jobs/bench/engine/operations.pt
Written with torch 1.13 (Debian), run by 2.7 through DJL: fused attention and fused AdamW, which 1.13 lacks in this
form, are put into the file's code by torch_training_step.py. Shapes and names are those of Operations.java.
"""
import sys
from typing import List, Optional

import torch
import torch.nn.functional as F

from torch_training_step import attend, save_for_newer, update


class Operations(torch.nn.Module):
    weights: List[torch.Tensor]
    gradients: List[torch.Tensor]
    moments1: List[torch.Tensor]
    moments2: List[torch.Tensor]
    steps: List[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.x = torch.zeros([1])
        self.y = torch.zeros([1])
        self.inner = torch.zeros([1])
        self.d_inner = torch.zeros([1])
        self.scores = torch.zeros([1])
        self.shares = torch.zeros([1])
        self.gain = torch.zeros([1])
        self.bias = torch.zeros([1])
        self.mean = torch.zeros([1])
        self.rstd = torch.zeros([1])
        self.table = torch.zeros([1])
        self.tokens = torch.zeros([1], dtype=torch.long)
        self.bags = torch.zeros([1], dtype=torch.long)
        self.d_means = torch.zeros([1])
        self.into = torch.zeros([1])
        self.heads = torch.zeros([1])
        self.d_heads = torch.zeros([1])
        self.weights = []
        self.gradients = []
        self.moments1 = []
        self.moments2 = []
        self.steps = []

    def build(self) -> None:
        self.x = torch.randn([4096, 384])
        self.y = torch.randn([4096, 384])
        self.inner = torch.randn([4096, 1536])
        self.d_inner = torch.randn([4096, 1536])
        self.scores = torch.randn([4096, 512])
        self.shares = torch.softmax(self.scores, -1)
        self.gain = torch.ones([384])
        self.bias = torch.zeros([384])
        n = torch.native_layer_norm(self.x, [384], self.gain, self.bias, 1e-12)
        self.mean = n[1]
        self.rstd = n[2]
        self.table = torch.randn([30522, 384])
        self.tokens = torch.randint(0, 30522, [65536])
        self.bags = torch.arange(0, 65536, 64)
        self.d_means = torch.randn([1024, 384])
        self.into = torch.zeros([30522, 384])
        self.heads = torch.randn([3, 64, 4, 64, 64])
        self.d_heads = torch.randn([64, 4, 64, 64])
        # Lists of the module: what only local lists hold, the compiler would not update at all.
        self.weights.append(torch.randn([8192, 1024]))
        self.gradients.append(torch.randn([8192, 1024]))
        self.moments1.append(torch.zeros([8192, 1024]))
        self.moments2.append(torch.zeros([8192, 1024]))
        self.steps.append(torch.zeros([]))

    def once(self, op: int) -> torch.Tensor:
        if op == 0:
            return self.x + self.y
        if op == 1:
            return torch.exp(self.x)
        if op == 2:
            return torch.tanh(self.x)
        if op == 3:
            return F.gelu(self.inner)
        if op == 4:
            return torch.ops.aten.gelu_backward(self.d_inner, self.inner)
        if op == 5:
            return torch.softmax(self.scores, -1)
        if op == 6:
            return torch._softmax_backward_data(self.shares, self.scores, -1, torch.float32)
        if op == 7:
            return torch.logsumexp(self.scores, -1)
        if op == 8:
            return torch.layer_norm(self.x, [384], self.gain, self.bias, 1e-12)
        if op == 9:
            return torch.ops.aten.native_layer_norm_backward(
                self.y, self.x, [384], self.mean, self.rstd, self.gain, self.bias, [True, True, True])[0]
        if op == 10:
            return F.normalize(self.x)
        if op == 11:
            return torch.sum(self.x, 0)
        if op == 12:
            return torch.sum(self.x, 1)
        if op == 13:
            return self.x.t().contiguous()
        if op == 14:
            return F.embedding(self.tokens, self.table)
        if op == 15:
            return torch.embedding_bag(self.table, self.tokens, self.bags, False, 1)[0]
        if op == 16:
            table = self.table.detach().requires_grad_(True)
            means = torch.embedding_bag(table, self.tokens, self.bags, False, 1)[0]
            d_means: List[Optional[torch.Tensor]] = [self.d_means]
            of_table = torch.autograd.grad([means], [table], d_means)
            gradient = of_table[0]
            if gradient is None:
                return means
            return gradient
        if op == 17:
            return self.into.index_add_(0, self.tokens[0:4096], self.x)
        if op == 18:
            return torch.dropout(self.x, 0.1, True)
        if op == 19:
            h = self.heads
            return attend(h[0], h[1], h[2], None)
        if op == 20:
            q = self.heads[0].detach().requires_grad_(True)
            k = self.heads[1].detach().requires_grad_(True)
            v = self.heads[2].detach().requires_grad_(True)
            out = attend(q, k, v, None)
            d: List[Optional[torch.Tensor]] = [self.d_heads]
            found = torch.autograd.grad([out], [q, k, v], d)
            first = found[0]
            if first is None:
                return out
            return first
        update(self.weights, self.gradients, self.moments1, self.moments2, self.steps, 1e-4)
        return self.weights[0]

    def forward(self, select: torch.Tensor) -> torch.Tensor:
        """select: operation and how often; -1 draws the inputs."""
        op = int(select[0].item())
        count = int(select[1].item())
        if op < 0:
            self.build()
            return select
        out = self.x
        for i in range(count):
            out = self.once(op)
        return out.reshape([-1])[0:1].detach()


if __name__ == "__main__":
    save_for_newer(Operations(), sys.argv[1])

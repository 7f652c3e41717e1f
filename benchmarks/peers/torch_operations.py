"""Makes the operations that bench engine times in PyTorch as a TorchScript file.

Run: python3 torch_operations.py spark-jobs/src/main/resources/io/batchwright/jobs/bench/engine/operations.pt
Written with torch 1.13 (Debian), run by 2.7 through DJL: fused attention and fused AdamW, which 1.13 lacks in this
form, are put into the file's code by torch_training_step.py. The names, with their shapes, are those of Operations.java
and the classes that it lists.
"""
import sys
from typing import List, Optional

import torch
import torch.nn.functional as F

from torch_training_step import attend, save_for_newer, update


def first(found: List[Optional[torch.Tensor]]) -> torch.Tensor:
    for gradient in found:
        if gradient is not None:
            return gradient
    raise ValueError("no gradient")


class Operations(torch.nn.Module):
    weights: List[torch.Tensor]
    gradients: List[torch.Tensor]
    moments1: List[torch.Tensor]
    moments2: List[torch.Tensor]
    steps: List[torch.Tensor]
    clipped: List[torch.Tensor]

    def __init__(self):
        super().__init__()
        none = torch.zeros([1])
        whole = torch.zeros([1], dtype=torch.long)
        self.x, self.y, self.positive, self.row, self.sum, self.half = none, none, none, none, none, none
        self.drop, self.drop_scores = none.bool(), none.bool()
        self.inner, self.d_inner = none, none
        self.scores, self.shares, self.best_of = none, none, none
        self.gain, self.bias, self.mean, self.rstd = none, none, none, none
        self.d_pooled = none
        self.up, self.up_bias, self.down, self.down_bias = none, none, none, none
        self.heads, self.d_heads = none, none
        self.queries, self.positives, self.words = none, none, none
        self.pairs, self.targets = whole, whole
        self.table, self.d_means, self.into, self.picked = none, none, none, none
        self.tokens, self.bags, self.columns = whole, whole, whole
        self.touched, self.d_touched, self.table1, self.table2 = whole, none, none, none
        self.weights = []
        self.gradients = []
        self.moments1 = []
        self.moments2 = []
        self.steps = []
        self.clipped = []

    def build(self) -> None:
        self.x = torch.randn([4096, 384])
        self.y = torch.randn([4096, 384])
        self.positive = torch.randn([4096, 384]) * 0.3 + 3.0
        self.row = torch.randn([384])
        self.sum = torch.zeros([4096, 384])
        self.half = self.x.to(torch.bfloat16)
        self.drop = torch.rand([4096, 384]) < 0.5
        self.inner = torch.randn([4096, 1536])
        self.d_inner = torch.randn([4096, 1536])
        self.scores = torch.randn([4096, 512])
        self.drop_scores = torch.rand([4096, 512]) < 0.5
        self.shares = torch.softmax(self.scores, -1)
        self.best_of = torch.randn([256, 4096])
        self.gain = torch.ones([384])
        self.bias = torch.zeros([384])
        n = torch.native_layer_norm(self.x, [384], self.gain, self.bias, 1e-12)
        self.mean = n[1]
        self.rstd = n[2]
        self.d_pooled = torch.randn([64, 384])
        self.up = torch.randn([1536, 384])
        self.up_bias = torch.randn([1536])
        self.down = torch.randn([384, 1536])
        self.down_bias = torch.randn([384])
        self.heads = torch.randn([3, 64, 4, 64, 64])
        self.d_heads = torch.randn([64, 4, 64, 64])
        self.queries = torch.randn([1024, 384])
        self.positives = torch.randn([1024, 384])
        self.pairs = torch.arange(1024)
        self.words = torch.randn([8192, 384])
        self.targets = torch.randint(0, 8192, [256])
        self.table = torch.randn([30522, 384])
        self.tokens = torch.randint(0, 30522, [65536])
        self.bags = torch.arange(0, 65536, 64)
        self.d_means = torch.randn([1024, 384])
        self.into = torch.zeros([30522, 384])
        self.columns = torch.randint(0, 384, [4096, 1])
        self.picked = torch.randn([4096, 1])
        self.touched = torch.arange(0, 7 * 4096, 7)
        self.d_touched = torch.randn([4096, 384])
        self.table1 = torch.zeros([30522, 384])
        self.table2 = torch.zeros([30522, 384])
        # Lists of the module: what only local lists hold, the compiler would not update at all.
        self.weights.append(torch.randn([8192, 1024]))
        self.gradients.append(torch.randn([8192, 1024]))
        self.moments1.append(torch.zeros([8192, 1024]))
        self.moments2.append(torch.zeros([8192, 1024]))
        self.steps.append(torch.zeros([]))
        for i in range(8):
            self.clipped.append(torch.randn([1024, 1024]))

    def element(self, op: str) -> Optional[torch.Tensor]:
        if op == "add [4096, 384]":
            return self.x + self.y
        if op == "add a row [4096, 384]":
            return self.x + self.row
        if op == "subtract [4096, 384]":
            return self.x - self.y
        if op == "multiply [4096, 384]":
            return self.x * self.y
        if op == "divide [4096, 384]":
            return self.x / self.positive
        if op == "scale [4096, 384]":
            return self.x * 0.3
        if op == "add a multiple to [4096, 384]":
            return self.sum.add_(self.x, alpha=0.3)
        if op == "masked fill [4096, 384]":
            return self.x.masked_fill(self.drop, 0.0)
        if op == "copy [4096, 384]":
            return self.x.clone()
        if op == "fill [4096, 384]":
            return torch.full([4096, 384], 0.3)
        if op == "cast to bf16 [4096, 384]":
            return self.x.to(torch.bfloat16)
        if op == "cast from bf16 [4096, 384]":
            return self.half.to(torch.float32)
        if op == "exp [4096, 384]":
            return torch.exp(self.x)
        if op == "log [4096, 384]":
            return torch.log(self.positive)
        if op == "square root [4096, 384]":
            return torch.sqrt(self.positive)
        if op == "sign [4096, 384]":
            return torch.sign(self.x)
        if op == "tanh [4096, 384]":
            return torch.tanh(self.x)
        if op == "tanh backward [4096, 384]":
            return torch.ops.aten.tanh_backward(self.y, self.x)
        if op == "relu [4096, 384]":
            return torch.relu(self.x)
        if op == "relu backward [4096, 384]":
            return torch.ops.aten.threshold_backward(self.y, self.x, 0)
        if op == "gelu [4096, 1536]":
            return F.gelu(self.inner)
        if op == "gelu backward [4096, 1536]":
            return torch.ops.aten.gelu_backward(self.d_inner, self.inner)
        if op == "dropout [4096, 384]":
            return torch.dropout(self.x, 0.1, True)
        if op == "uniform numbers [4096, 384]":
            return torch.rand([4096, 384])
        if op == "normal numbers [4096, 384]":
            return torch.randn([4096, 384])
        return None

    def reduction(self, op: str) -> Optional[torch.Tensor]:
        if op == "sum over rows [4096, 384]":
            return torch.sum(self.x, 0)
        if op == "sum over columns [4096, 384]":
            return torch.sum(self.x, 1)
        if op == "mean over columns [4096, 384]":
            return torch.mean(self.x, 1)
        if op == "greatest of columns [4096, 384]":
            return torch.amax(self.x, 1)
        if op == "sum of all [4096, 384]":
            return torch.sum(self.x)
        if op == "all are finite [4096, 384]":
            return torch.isfinite(self.x).all()
        if op == "norm for clipping, 8 of [1024, 1024]":
            return torch.norm(torch.stack(torch._foreach_norm(self.clipped)))
        if op == "10 best of each row [256, 4096]":
            return torch.topk(self.best_of, 10)[0]
        if op == "softmax [4096, 512]":
            return torch.softmax(self.scores, -1)
        if op == "masked softmax [4096, 512]":
            return torch.softmax(self.scores.masked_fill(self.drop_scores, float("-inf")), -1)
        if op == "softmax backward [4096, 512]":
            return torch._softmax_backward_data(self.shares, self.scores, -1, torch.float32)
        if op == "log sum exp [4096, 512]":
            return torch.logsumexp(self.scores, -1)
        if op == "l2 normalize [4096, 384]":
            return F.normalize(self.x)
        if op == "l2 normalize and its gradient [4096, 384]":
            x = self.x.detach().requires_grad_(True)
            d: List[Optional[torch.Tensor]] = [self.y]
            return first(torch.autograd.grad([F.normalize(x)], [x], d))
        if op == "normalized means of 64 texts of 64 [4096, 384]":
            return F.normalize(self.x.view([64, 64, 384]).mean(1))
        if op == "normalized means and their gradient [4096, 384]":
            x = self.x.detach().requires_grad_(True)
            d_pooled: List[Optional[torch.Tensor]] = [self.d_pooled]
            return first(torch.autograd.grad([F.normalize(x.view([64, 64, 384]).mean(1))], [x], d_pooled))
        return None

    def layer(self, op: str) -> Optional[torch.Tensor]:
        if op == "layer norm [4096, 384]":
            return torch.layer_norm(self.x, [384], self.gain, self.bias, 1e-12)
        if op == "layer norm backward [4096, 384]":
            return torch.ops.aten.native_layer_norm_backward(
                self.y, self.x, [384], self.mean, self.rstd, self.gain, self.bias, [True, True, True])[0]
        if op == "layer norm of a sum [4096, 384]":
            return torch.layer_norm(self.x + self.y, [384], self.gain, self.bias, 1e-12)
        if op == "transpose [4096, 384]":
            return self.x.t().contiguous()
        if op == "linear, 384 to 1536 [4096, 384]":
            return F.linear(self.x, self.up, self.up_bias)
        if op == "linear and gelu, 384 to 1536 [4096, 384]":
            return F.gelu(F.linear(self.x, self.up, self.up_bias))
        if op == "linear and residual, 1536 to 384 [4096, 1536]":
            return F.linear(self.inner, self.down, self.down_bias) + self.x
        if op == "attention, 64 texts of 64, 4 heads of 64":
            h = self.heads
            return attend(h[0], h[1], h[2], None)
        if op == "attention and its gradients":
            q = self.heads[0].detach().requires_grad_(True)
            k = self.heads[1].detach().requires_grad_(True)
            v = self.heads[2].detach().requires_grad_(True)
            d: List[Optional[torch.Tensor]] = [self.d_heads]
            return first(torch.autograd.grad([attend(q, k, v, None)], [q, k, v], d))
        if op == "InfoNCE and its gradients, 1024 pairs":
            queries = self.queries.detach().requires_grad_(True)
            positives = self.positives.detach().requires_grad_(True)
            loss = F.cross_entropy(torch.matmul(queries, positives.t()) / 0.05, self.pairs)
            return first(torch.autograd.grad([loss], [queries, positives]))
        if op == "cross-entropy of 8192 words and its gradients [256, 384]":
            states = self.queries[0:256].detach().requires_grad_(True)
            words = self.words.detach().requires_grad_(True)
            loss = F.cross_entropy(torch.matmul(states, words.t()), self.targets, reduction="sum")
            return first(torch.autograd.grad([loss], [states, words]))
        return None

    def rows(self, op: str) -> Optional[torch.Tensor]:
        if op == "pick a column [4096, 384]":
            return torch.gather(self.x, 1, self.columns)
        if op == "add to a picked column [4096, 384]":
            return self.sum.scatter_add_(1, self.columns, self.picked)
        if op == "join rows, two of [4096, 384]":
            return torch.cat([self.x, self.y])
        if op == "scatter-add [4096] into [30522, 384]":
            return self.into.index_add_(0, self.tokens[0:4096], self.x)
        if op == "gradient of 4096 rows of [30522, 384]":
            return torch.ops.aten.embedding_dense_backward(self.x, self.tokens[0:4096], 30522, -1, False)
        if op == "embedding [65536] of [30522, 384]":
            return F.embedding(self.tokens, self.table)
        if op == "embedding bag [1024 x 64] of [30522, 384]":
            return torch.embedding_bag(self.table, self.tokens, self.bags, False, 1)[0]
        if op == "embedding bag and its gradient":
            table = self.table.detach().requires_grad_(True)
            means = torch.embedding_bag(table, self.tokens, self.bags, False, 1)[0]
            d: List[Optional[torch.Tensor]] = [self.d_means]
            return first(torch.autograd.grad([means], [table], d))
        return None

    def step(self, op: str) -> Optional[torch.Tensor]:
        """Updates; where torch.optim has no fused one, its own formula, or the authors', out of as few calls as there are."""
        w, g, m, v = self.weights[0], self.gradients[0], self.moments1[0], self.moments2[0]
        if op == "SGD [8192, 1024]":
            return w.add_(g, alpha=-1e-4)
        if op == "AdamW [8192, 1024]":
            update(self.weights, self.gradients, self.moments1, self.moments2, self.steps, 1e-4)
            return w
        if op == "directions of Adam [8192, 1024]":
            m.lerp_(g, 0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            return (m / v.sqrt().mul_(31.6).add_(1e-8)).mul_(10.0)
        if op == "directions of Lion [8192, 1024]":
            direction = torch.lerp(m, g, 0.1).sign_()
            m.lerp_(g, 0.01)
            return direction
        if op == "SparseAdam on 4096 rows of [30522, 384]":
            rows = self.touched
            old1 = self.table1.index_select(0, rows)
            old2 = self.table2.index_select(0, rows)
            d1 = self.d_touched.sub(old1).mul_(0.1)
            d2 = self.d_touched.pow(2).sub_(old2).mul_(0.001)
            self.table1.index_add_(0, rows, d1)
            self.table2.index_add_(0, rows, d2)
            self.table.index_add_(0, rows, old1.add_(d1).div_(old2.add_(d2).sqrt_().add_(1e-8)), alpha=-1e-4)
            return self.table
        return None

    def once(self, op: str) -> torch.Tensor:
        out = self.element(op)
        if out is None:
            out = self.reduction(op)
        if out is None:
            out = self.layer(op)
        if out is None:
            out = self.rows(op)
        if out is None:
            out = self.step(op)
        if out is None:
            raise ValueError("no operation " + op)
        return out

    def forward(self, select: torch.Tensor) -> torch.Tensor:
        """select: how often, and the letters of the operation's name; without letters it draws the inputs."""
        letters: List[int] = select.tolist()
        if len(letters) == 1:
            self.build()
            return select
        op = ""
        for letter in letters[1:]:
            op += chr(letter)
        out = self.x
        for i in range(letters[0]):
            out = self.once(op)
        return out.reshape([-1])[0:1].detach()


if __name__ == "__main__":
    save_for_newer(Operations(), sys.argv[1])

"""Golden values of a small BERT without and with dropout, written with torch's own operations (Debian's python3-torch 1.13).

python3 bert_golden.py > bert_golden.json

Weights are a formula of their name's place and their position, so that both sides can make them.
Two texts are padded and masked here; the encoder under test computes without padding.
"""
import json
import math

import numpy
import torch

from random_stream import RandomStream

torch.set_default_dtype(torch.float64)
V, D, LAYERS, H, F, POSITIONS = 50, 16, 2, 4, 32, 12
TEXTS = [[3, 17, 4, 49, 3], [8], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]
EPSILON = 1e-12
HIDDEN, ATTENTION, SEED, STEP, ROLE = 0.3, 0.2, 5, 2, "query"  # of the run with dropout
PLACES = [4, 0, 2]  # of the texts in the global batch


def names():
    yield "embeddings.word_embeddings.weight", (V, D)
    yield "embeddings.position_embeddings.weight", (POSITIONS, D)
    yield "embeddings.token_type_embeddings.weight", (2, D)
    yield "embeddings.LayerNorm.weight", (D,)
    yield "embeddings.LayerNorm.bias", (D,)
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            yield p + f"attention.self.{part}.weight", (D, D)
            yield p + f"attention.self.{part}.bias", (D,)
        yield p + "attention.output.dense.weight", (D, D)
        yield p + "attention.output.dense.bias", (D,)
        yield p + "attention.output.LayerNorm.weight", (D,)
        yield p + "attention.output.LayerNorm.bias", (D,)
        yield p + "intermediate.dense.weight", (F, D)
        yield p + "intermediate.dense.bias", (F,)
        yield p + "output.dense.weight", (D, F)
        yield p + "output.dense.bias", (D,)
        yield p + "output.LayerNorm.weight", (D,)
        yield p + "output.LayerNorm.bias", (D,)


def formula(place, shape):
    count = math.prod(shape)
    return torch.tensor([0.4 * math.sin(1 + 0.7 * i + 3.1 * place) for i in range(count)]).reshape(shape)


weights = {}
for place, (name, shape) in enumerate(names()):
    value = formula(place, shape)
    if name.endswith("LayerNorm.weight"):
        value = value + 1
    weights[name] = value.requires_grad_()


def norm(x, name):
    return torch.nn.functional.layer_norm(x, (D,), weights[name + ".weight"], weights[name + ".bias"], EPSILON)


def linear(x, name):
    return torch.nn.functional.linear(x, weights[name + ".weight"], weights[name + ".bias"])


longest = max(map(len, TEXTS))
ids = torch.tensor([t + [0] * (longest - len(t)) for t in TEXTS])
mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in TEXTS])
# What each position is to the draws; those of the padding do not matter.
rows = numpy.array(PLACES)[:, None] * POSITIONS + numpy.arange(longest)  # [B, S]


def drop_hidden(x, place):
    positions = rows[:, :, None] * D + numpy.arange(D)
    return x * torch.tensor(RandomStream(SEED, f"dropout {ROLE} {place}", 0, STEP).kept(positions, HIDDEN))


def drop_attention(p, place):
    queries = rows[:, None, :, None] * H + numpy.arange(H)[None, :, None, None]
    positions = (queries << 20) + numpy.arange(longest)
    return p * torch.tensor(RandomStream(SEED, f"dropout {ROLE} {place}", 0, STEP).kept(positions, ATTENTION))


def states(dropout, ids=ids):
    hidden = drop_hidden if dropout else lambda x, place: x
    attention = drop_attention if dropout else lambda p, place: p
    x = (
        torch.nn.functional.embedding(ids, weights["embeddings.word_embeddings.weight"])
        + weights["embeddings.position_embeddings.weight"][:longest]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = hidden(norm(x, "embeddings.LayerNorm"), "embeddings")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        p = name + "."
        heads = lambda y: y.reshape(len(TEXTS), longest, H, D // H).transpose(1, 2)
        q, k, v = (heads(linear(x, p + "attention.self." + part)) for part in ("query", "key", "value"))
        scores = q @ k.transpose(2, 3) / math.sqrt(D // H)
        scores = scores.masked_fill(mask[:, None, None, :] == 0, -math.inf)
        probabilities = attention(scores.softmax(-1), name + ".attention.weights")
        mixed = (probabilities @ v).transpose(1, 2).reshape(len(TEXTS), longest, D)
        mixed = hidden(linear(mixed, p + "attention.output.dense"), name + ".attention")
        x = norm(x + mixed, p + "attention.output.LayerNorm")
        fed = linear(torch.nn.functional.gelu(linear(x, p + "intermediate.dense")), p + "output.dense")
        x = norm(x + hidden(fed, name + ".output"), p + "output.LayerNorm")
    return x


WHOLE = [
    "embeddings.position_embeddings.weight",
    "encoder.layer.0.attention.self.query.weight",
    "encoder.layer.0.attention.output.LayerNorm.weight",
    "encoder.layer.1.intermediate.dense.bias",
]


def whole(weights, names):
    """Some gradients in full: what one dot product cannot see, such as two exchanged elements."""
    return {name: [float(f"{g:.12g}") for g in weights[name].grad.flatten().tolist()] for name in names}


def golden(dropout):
    x = states(dropout)
    m = mask[:, :, None].to(x.dtype)
    pooled = {
        "MEAN": (x * m).sum(1) / m.sum(1),
        "CLS": x[:, 0],
        "LAST": torch.stack([x[b, len(t) - 1] for b, t in enumerate(TEXTS)]),
    }
    # Cosines of all pairs of texts, scaled, against themselves: InfoNCE at temperature 0.5.
    unit = torch.nn.functional.normalize(pooled["MEAN"], dim=1)
    loss = torch.nn.functional.cross_entropy(unit @ (unit + 0.1).T / 0.5, torch.arange(len(TEXTS)))
    for weight in weights.values():
        weight.grad = None
    loss.backward()
    return {
        "pooled": {name: value.tolist() for name, value in pooled.items()},
        "loss": loss.item(),
        # Of each gradient its dot product with the formula of another place.
        "gradients": {
            name: (weights[name].grad * formula(place + 7, shape)).sum().item()
            for place, (name, shape) in enumerate(names())
        },
        "whole gradients": whole(weights, WHOLE),
    }


if __name__ == "__main__":
    print(json.dumps({"evaluation": golden(False), "dropout": golden(True)}, indent=1))

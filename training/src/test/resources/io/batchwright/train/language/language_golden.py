"""Golden values of a small GPT and of a small masked BERT, by torch's own operations (Debian's python3-torch 1.13).

python3 -B language_golden.py > language_golden.json

Weights are a formula of their name's place and their position, as in bert_golden.py, whose BERT this uses; so is
what is dropped and which tokens are masked, by draws written again in random_stream.py.
"""
import json
import math
import pathlib
import sys

import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "model"))
import bert_golden as bert
from bert_golden import ATTENTION, D, F, H, HIDDEN, LAYERS, PLACES, POSITIONS, ROLE, SEED, STEP, TEXTS, V
from bert_golden import drop_attention, drop_hidden, formula, ids, longest, mask
from bert_golden import whole
from random_stream import RandomStream

GPT_EPSILON = 1e-5
SHARE, MASKED, RANDOM, MASK_TOKEN, SPECIAL = 0.4, 0.5, 0.3, 2, [3, 8]


def gpt_names():
    yield "wte.weight", (V, D)
    yield "wpe.weight", (POSITIONS, D)
    for layer in range(LAYERS):
        p = f"h.{layer}."
        yield p + "ln_1.weight", (D,)
        yield p + "ln_1.bias", (D,)
        for part in ("query", "key", "value", "c_proj"):
            yield p + f"attn.{part}.weight", (D, D)
            yield p + f"attn.{part}.bias", (D,)
        yield p + "ln_2.weight", (D,)
        yield p + "ln_2.bias", (D,)
        yield p + "mlp.c_fc.weight", (F, D)
        yield p + "mlp.c_fc.bias", (F,)
        yield p + "mlp.c_proj.weight", (D, F)
        yield p + "mlp.c_proj.bias", (D,)
    yield "ln_f.weight", (D,)
    yield "ln_f.bias", (D,)


def is_gain(name):
    return name.split(".")[-2] in ("ln_1", "ln_2", "ln_f", "LayerNorm") and name.endswith("weight")


def make(names):
    return {
        name: (formula(place, shape) + (1 if is_gain(name) else 0)).requires_grad_()
        for place, (name, shape) in enumerate(names)
    }


def dots(weights):
    """Of each gradient its dot product with the formula of another place."""
    return {
        name: (weight.grad * formula(place + 7, weight.shape)).sum().item()
        for place, (name, weight) in enumerate(weights.items())
    }


def packed(x):
    """The rows of the texts' tokens, without the padding."""
    return x[mask.bool()]


def gpt_states(w, dropout):
    hidden = drop_hidden if dropout else lambda x, place: x
    attention = drop_attention if dropout else lambda p, place: p
    norm = lambda x, name: torch.nn.functional.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], GPT_EPSILON)
    linear = lambda x, name: torch.nn.functional.linear(x, w[name + ".weight"], w[name + ".bias"])
    heads = lambda y: y.reshape(len(TEXTS), longest, H, D // H).transpose(1, 2)
    causal = torch.ones(longest, longest).tril().bool()
    x = hidden(w["wte.weight"][ids] + w["wpe.weight"][:longest], "embeddings")
    for layer in range(LAYERS):
        p = f"h.{layer}"
        y = norm(x, p + ".ln_1")
        q, k, v = (heads(linear(y, f"{p}.attn.{part}")) for part in ("query", "key", "value"))
        scores = (q @ k.transpose(2, 3) / math.sqrt(D // H)).masked_fill(~causal, -math.inf)
        mixed = attention(scores.softmax(-1), p + ".attention.weights") @ v
        mixed = linear(mixed.transpose(1, 2).reshape(len(TEXTS), longest, D), p + ".attn.c_proj")
        x = x + hidden(mixed, p + ".attention")
        fed = torch.nn.functional.gelu(linear(norm(x, p + ".ln_2"), p + ".mlp.c_fc"))
        x = x + hidden(linear(fed, p + ".mlp.c_proj"), p + ".output")
    return norm(x, "ln_f")


def gpt(dropout):
    w = make(gpt_names())
    states = packed(gpt_states(w, dropout))
    targets = torch.tensor([t for text in TEXTS for t in text[1:] + [-100]])
    loss = torch.nn.functional.cross_entropy(states @ w["wte.weight"].T, targets, ignore_index=-100)
    loss.backward()
    return {
        "states": states.tolist(),
        "loss": loss.item(),
        "gradients": dots(w),
        "whole gradients": whole(w, ["wpe.weight", "h.0.attn.query.weight", "h.0.ln_1.weight", "h.1.mlp.c_fc.bias"]),
    }


def below(stream, position, bound):
    """A draw in [0, bound) by multiplication with rejection."""
    for attempt in range(100):
        c = [position & 0xFFFFFFFF, position >> 32, 4, attempt]
        key0, key1 = stream.key & 0xFFFFFFFF, stream.key >> 32
        for _ in range(10):
            p0, p1 = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
            c = [(p1 >> 32) ^ c[1] ^ key0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ key1, p0 & 0xFFFFFFFF]
            key0, key1 = (key0 + 0x9E3779B9) & 0xFFFFFFFF, (key1 + 0xBB67AE85) & 0xFFFFFFFF
        draw = c[0] | c[1] << 32
        if draw * bound % 2**64 >= 2**64 % bound:
            return draw * bound >> 64
    raise ValueError(position)


def masked():
    """The texts after masking, padded, and the target of each token of the packed batch."""
    choice = RandomStream(SEED, "choice of tokens " + ROLE, 0, STEP)
    change = RandomStream(SEED, "change of tokens " + ROLE, 0, STEP)
    read, targets = ids.clone(), []
    for b, text in enumerate(TEXTS):
        for i, token in enumerate(text):
            draw = (PLACES[b] << 24) + i
            chosen = token not in SPECIAL and choice.uniforms(draw) < SHARE
            targets.append(token if chosen else -100)
            kind = change.uniforms(draw)
            if chosen and kind < MASKED:
                read[b, i] = MASK_TOKEN
            elif chosen and kind < MASKED + RANDOM:
                read[b, i] = below(change, draw, V)
    return read, torch.tensor(targets)


def masked_bert():
    read, targets = masked()
    bert.weights.update(
        make(
            list(bert.names())
            + [
                ("cls.predictions.transform.dense.weight", (D, D)),
                ("cls.predictions.transform.dense.bias", (D,)),
                ("cls.predictions.transform.LayerNorm.weight", (D,)),
                ("cls.predictions.transform.LayerNorm.bias", (D,)),
                ("cls.predictions.bias", (V,)),
            ]
        )
    )
    states = packed(bert.states(False, read))
    seen = torch.nn.functional.gelu(bert.linear(states, "cls.predictions.transform.dense"))
    seen = bert.norm(seen, "cls.predictions.transform.LayerNorm")
    logits = seen @ bert.weights["embeddings.word_embeddings.weight"].T + bert.weights["cls.predictions.bias"]
    loss = torch.nn.functional.cross_entropy(logits, targets, ignore_index=-100)
    loss.backward()
    return {
        "tokens": packed(read).tolist(),
        "targets": targets.tolist(),
        "states": states.tolist(),
        "loss": loss.item(),
        "gradients": dots(bert.weights),
        "whole gradients": whole(bert.weights, bert.WHOLE + ["cls.predictions.bias"]),
    }


print(json.dumps({"gpt": gpt(False), "gpt with dropout": gpt(True), "masked bert": masked_bert()}, indent=1))

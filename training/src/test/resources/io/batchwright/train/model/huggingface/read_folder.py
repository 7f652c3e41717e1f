"""Reads an encoder's folder without our code, by torch's operations, and compares vectors.

python3 read_folder.py FOLDER VECTORS.json     (Debian's python3-torch 1.13)

VECTORS.json holds {"ids": [[..], ..], "vectors": [[..], ..]}: the tokens of texts, special tokens included, and the vectors
of them; of ours what Encoder.open(FOLDER) gives as tokens(texts) and encode(texts). Each of the folders beside this script
has such a file, golden.json. The forward pass is written from the documentation of BertModel, DistilBertModel, RobertaModel
and of sentence-transformers' modules, over padded batches with masks, in float64. Exits with 1 if a cosine is below 0.9999.
"""
import json
import math
import os
import struct
import sys

import torch
from torch.nn.functional import gelu, layer_norm, normalize

TOLERANCE = 0.9999
TEXTS_AT_ONCE = 64
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
BERT = "attention.self.query attention.self.key attention.self.value attention.output.dense attention.output.LayerNorm"
BERT += " intermediate.dense output.dense output.LayerNorm"
DISTILBERT = "attention.q_lin attention.k_lin attention.v_lin attention.out_lin sa_layer_norm ffn.lin1 ffn.lin2"
DISTILBERT += " output_layer_norm"


def tensors(path, prefix):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] in TYPES:
            begin, end = entry["data_offsets"]
            values = torch.frombuffer(data[begin:end], dtype=TYPES[entry["dtype"]]).double()
            found[name[len(prefix) :] if name.startswith(prefix) else name] = values.reshape(entry["shape"])
    return found


class Encoder:
    def __init__(self, folder):
        self.folder = folder
        config = self.json("config.json")
        kind = config["model_type"]
        self.distilled, self.roberta = kind == "distilbert", kind.endswith("roberta")
        self.heads = config["n_heads" if self.distilled else "num_attention_heads"]
        self.layers = config["n_layers" if self.distilled else "num_hidden_layers"]
        self.epsilon = config.get("layer_norm_eps", 1e-12)
        self.pad = config.get("pad_token_id", 0)
        assert config["activation" if self.distilled else "hidden_act"] == "gelu"
        self.w = tensors(os.path.join(folder, "model.safetensors"), "roberta." if self.roberta else kind + ".")
        self.pooling, self.unit = "mean", False
        if os.path.exists(os.path.join(folder, "modules.json")):
            for module in self.json("modules.json"):
                name = module["type"].split(".")[-1]
                assert name in ("Transformer", "Pooling", "Normalize"), name
                self.unit |= name == "Normalize"
                if name == "Pooling":
                    pooling = self.json(os.path.join(module["path"], "config.json"))
                    flagged = [m for m in ("cls", "mean") if any(pooling.get(f"pooling_mode_{m}_{t}") for t in ("token", "tokens"))]
                    self.pooling = pooling.get("pooling_mode") or flagged[0]

    def json(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return json.load(file)

    def linear(self, x, name):
        return torch.nn.functional.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, x, name):
        gain = self.w.get(name + ".weight", self.w.get(name + ".gamma"))
        shift = self.w.get(name + ".bias", self.w.get(name + ".beta"))
        return layer_norm(x, x.shape[-1:], gain, shift, self.epsilon)

    def attention(self, q, k, v, mask):
        b, n, d = q.shape
        split = lambda y: y.reshape(b, n, self.heads, d // self.heads).transpose(1, 2)
        scores = split(q) @ split(k).transpose(2, 3) / math.sqrt(d // self.heads)
        scores = scores.masked_fill(mask[:, None, None, :] == 0, -math.inf)
        return (scores.softmax(-1) @ split(v)).transpose(1, 2).reshape(b, n, d)

    def vectors(self, ids):
        longest = max(map(len, ids))
        rows = torch.tensor([text + [self.pad] * (longest - len(text)) for text in ids])
        mask = torch.tensor([[1] * len(text) + [0] * (longest - len(text)) for text in ids])
        places = torch.arange(longest).expand_as(rows)
        if self.roberta:
            places = torch.cumsum(mask, 1) * mask + self.pad
        x = self.w["embeddings.word_embeddings.weight"][rows] + self.w["embeddings.position_embeddings.weight"][places]
        if not self.distilled:
            x = x + self.w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x, "embeddings.LayerNorm")
        layer, parts = ("transformer.layer.", DISTILBERT) if self.distilled else ("encoder.layer.", BERT)
        for l in range(self.layers):
            q, k, v, out, norm1, up, down, norm2 = (f"{layer}{l}.{part}" for part in parts.split())
            seen = self.attention(self.linear(x, q), self.linear(x, k), self.linear(x, v), mask)
            x = self.norm(x + self.linear(seen, out), norm1)
            x = self.norm(x + self.linear(gelu(self.linear(x, up)), down), norm2)
        m = mask[:, :, None].double()
        pooled = x[:, 0] if self.pooling == "cls" else (x * m).sum(1) / m.sum(1)
        return normalize(pooled, dim=1) if self.unit else pooled


def main():
    folder, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    kept = [i for i, ids in enumerate(given["ids"]) if ids and any(given["vectors"][i])]
    encoder = Encoder(folder)
    smallest, farthest = 1.0, 0.0
    for at in range(0, len(kept), TEXTS_AT_ONCE):
        some = kept[at : at + TEXTS_AT_ONCE]
        read = encoder.vectors([given["ids"][i] for i in some])
        stated = torch.tensor([given["vectors"][i] for i in some], dtype=torch.float64)
        cosines = (normalize(read, dim=1) * normalize(stated, dim=1)).sum(1)
        smallest = min(smallest, cosines.min().item())
        farthest = max(farthest, (read - stated).abs().max().item())
    print(f"{len(kept)} of {len(given['ids'])} texts have tokens; smallest cosine {smallest:.14f}, largest difference {farthest:.2e}")
    return 0 if smallest >= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())

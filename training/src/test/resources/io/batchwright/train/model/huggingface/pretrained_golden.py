"""Small folders in Hugging Face's layout with random weights, and what PyTorch computes with them.

python3 pretrained_golden.py     (Debian's python3-torch 1.13; writes the folders beside itself)

The forward passes are written from the documentation of BertModel, DistilBertModel, RobertaModel
and XLMRobertaModel, over padded batches with masks, in float64 from the weights as they are stored.
Tokenizers are written by hand, and their ids found by the plain definitions of greedy longest match
(WordPiece), of merges in their order (BPE) and of the best sum of scores (Unigram).
"""
import json
import math
import os
import struct

import torch

torch.manual_seed(4)
HERE = os.path.dirname(os.path.abspath(__file__))
D, LAYERS, HEADS, F = 8, 2, 2, 12
TEXTS = ["the cat sat", "a", "cats sat at the table", "Über cat"]


def save(folder, name, value):
    path = os.path.join(HERE, folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def raw(tensor):
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().tobytes()
    return tensor.numpy().tobytes()


def safetensors(folder, tensors):
    types = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        piece = raw(tensor.contiguous())
        header[name] = {
            "dtype": types[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(piece)],
        }
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, folder, "model.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def weights(shapes, dtype):
    made = {}
    for name, shape in shapes.items():
        value = 0.5 * torch.randn(shape)
        if "norm" in name.lower() and not name.endswith(("bias", "beta")):
            value = value + 1
        made[name] = value.to(dtype)
    return made


def bert_shapes(vocabulary, positions, types, gain, shift):
    shapes = {
        "embeddings.word_embeddings.weight": (vocabulary, D),
        "embeddings.position_embeddings.weight": (positions, D),
        "embeddings.token_type_embeddings.weight": (types, D),
        "embeddings.LayerNorm." + gain: (D,),
        "embeddings.LayerNorm." + shift: (D,),
    }
    for l in range(LAYERS):
        p = f"encoder.layer.{l}."
        linears = {"attention.self.query": (D, D), "attention.self.key": (D, D), "attention.self.value": (D, D)}
        linears |= {"attention.output.dense": (D, D), "intermediate.dense": (F, D), "output.dense": (D, F)}
        for name, shape in linears.items():
            shapes[p + name + ".weight"], shapes[p + name + ".bias"] = shape, shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[p + name + "." + gain] = shapes[p + name + "." + shift] = (D,)
    shapes["pooler.dense.weight"], shapes["pooler.dense.bias"] = (D, D), (D,)
    return shapes


def distilbert_shapes(vocabulary, positions):
    shapes = {
        "embeddings.word_embeddings.weight": (vocabulary, D),
        "embeddings.position_embeddings.weight": (positions, D),
        "embeddings.LayerNorm.weight": (D,),
        "embeddings.LayerNorm.bias": (D,),
    }
    for l in range(LAYERS):
        p = f"transformer.layer.{l}."
        linears = {f"attention.{n}_lin": (D, D) for n in "q k v out".split()}
        linears |= {"ffn.lin1": (F, D), "ffn.lin2": (D, F)}
        for name, shape in linears.items():
            shapes[p + name + ".weight"], shapes[p + name + ".bias"] = shape, shape[:1]
        for name in ("sa_layer_norm", "output_layer_norm"):
            shapes[p + name + ".weight"] = shapes[p + name + ".bias"] = (D,)
    return shapes


def padded(ids, pad):
    longest = max(map(len, ids))
    rows = torch.tensor([t + [pad] * (longest - len(t)) for t in ids])
    mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in ids])
    return rows, mask


def attention(q, k, v, mask):
    b, n, _ = q.shape
    heads = lambda y: y.reshape(b, n, HEADS, D // HEADS).transpose(1, 2)
    scores = heads(q) @ heads(k).transpose(2, 3) / math.sqrt(D // HEADS)
    scores = scores.masked_fill(mask[:, None, None, :] == 0, -math.inf)
    return (scores.softmax(-1) @ heads(v)).transpose(1, 2).reshape(b, n, D)


def forward(w, ids, mask, position_ids, names, types, epsilon):
    gelu, layer_norm = torch.nn.functional.gelu, torch.nn.functional.layer_norm

    def norm(x, name):
        gain = w.get(name + ".weight", w.get(name + ".gamma"))
        shift = w.get(name + ".bias", w.get(name + ".beta"))
        return layer_norm(x, (D,), gain, shift, epsilon)

    linear = lambda x, name: torch.nn.functional.linear(x, w[name + ".weight"], w[name + ".bias"])
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][position_ids]
    if types:
        x = x + w["embeddings.token_type_embeddings.weight"][torch.zeros_like(ids)]
    x = norm(x, "embeddings.LayerNorm")
    for l in range(LAYERS):
        q, k, v, o, norm1, up, down, norm2 = (names["layer"].format(l) + part for part in names["parts"])
        x = norm(x + linear(attention(linear(x, q), linear(x, k), linear(x, v), mask), o), norm1)
        x = norm(x + linear(gelu(linear(x, up)), down), norm2)
    return x


BERT_NAMES = {
    "layer": "encoder.layer.{}.",
    "parts": "attention.self.query attention.self.key attention.self.value attention.output.dense"
    " attention.output.LayerNorm intermediate.dense output.dense output.LayerNorm".split(),
}
DISTILBERT_NAMES = {
    "layer": "transformer.layer.{}.",
    "parts": "attention.q_lin attention.k_lin attention.v_lin attention.out_lin sa_layer_norm"
    " ffn.lin1 ffn.lin2 output_layer_norm".split(),
}


def golden(folder, w, ids, pad, names, types, epsilon, pooling, normalize, roberta=False):
    w = {name: value.double() for name, value in w.items()}
    rows, mask = padded(ids, pad)
    positions = torch.arange(rows.shape[1]).expand_as(rows)
    if roberta:  # create_position_ids_from_input_ids
        not_padding = rows.ne(pad).int()
        positions = (torch.cumsum(not_padding, 1) * not_padding).long() + pad
    x = forward(w, rows, mask, positions, names, types, epsilon)
    m = mask[:, :, None].to(x.dtype)
    pooled = x[:, 0] if pooling == "cls" else (x * m).sum(1) / m.sum(1)
    if normalize:
        pooled = torch.nn.functional.normalize(pooled, dim=1)
    save(folder, "golden.json", {"texts": TEXTS, "ids": ids, "vectors": pooled.tolist()})


def special(content, id):
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": id, "content": content} | flags


def template(first, second):
    piece = lambda token: {"SpecialToken": {"id": token[0], "type_id": 0}}
    return {
        "type": "TemplateProcessing",
        "single": [piece(first), {"Sequence": {"id": "A", "type_id": 0}}, piece(second)],
        "pair": [piece(first), {"Sequence": {"id": "A", "type_id": 0}}, piece(second), {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {t[0]: {"id": t[0], "ids": [t[1]], "tokens": [t[0]]} for t in (first, second)},
    }


def tokenizer(folder, added, normalizer, pre_tokenizer, post_processor, decoder, model, truncation=None, padding=None):
    save(
        folder,
        "tokenizer.json",
        {
            "version": "1.0",
            "truncation": truncation,
            "padding": padding,
            "added_tokens": added,
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": post_processor,
            "decoder": decoder,
            "model": model,
        },
    )


def word_piece(folder, **limits):
    pieces = "[PAD] [UNK] [CLS] [SEP] [MASK] the cat sat a at table ##s ##t u ##b ##e ##r b ##a".split()
    ids = {piece: i for i, piece in enumerate(pieces)}
    tokenizer(
        folder,
        [special(piece, ids[piece]) for piece in pieces[:5]],
        {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        {"type": "BertPreTokenizer"},
        template(("[CLS]", 2), ("[SEP]", 3)),
        {"type": "WordPiece", "prefix": "##", "cleanup": True},
        {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids},
        **limits,
    )
    save(folder, "vocab.txt", "\n".join(pieces) + "\n")

    def encode(text):
        found = [2]
        for word in text.lower().replace("ü", "u").split():
            at = 0
            while at < len(word):
                end = next(e for e in range(len(word), at, -1) if ("##" if at else "") + word[at:e] in ids)
                found.append(ids[("##" if at else "") + word[at:end]])
                at = end
        return found + [3]

    return len(pieces), [encode(text) for text in TEXTS]


def byte_alphabet():
    kept = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    alphabet, extra = {}, 256
    for byte in range(256):
        alphabet[byte] = chr(byte) if byte in kept else chr(extra)
        extra += byte not in kept
    return alphabet


def byte_level_bpe(folder):
    alphabet = byte_alphabet()
    merges = [("a", "t"), ("t", "h"), ("th", "e"), ("c", "at"), ("s", "at"), ("Ġ", "sat"), ("Ġ", "the"), ("b", "l")]
    used = sorted({alphabet[b] for text in TEXTS for b in text.encode()} | {p for m in merges for p in m if len(p) == 1})
    pieces = ["<s>", "<pad>", "</s>", "<unk>"] + used + [a + b for a, b in merges] + ["<mask>"]
    ids = {piece: i for i, piece in enumerate(pieces)}
    tokenizer(
        folder,
        [special(piece, ids[piece]) for piece in pieces[:4] + pieces[-1:]],
        None,
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False},
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": ids,
            "merges": [" ".join(m) for m in merges],
        },
    )

    def encode(text):
        found = [0]
        for place, word in enumerate(text.split()):
            parts = [alphabet[b] for b in ((" " if place else "") + word).encode()]
            for merge in merges:
                at = 0
                while at + 1 < len(parts):
                    if (parts[at], parts[at + 1]) == merge:
                        parts[at : at + 2] = ["".join(merge)]
                    at += 1
            found += [ids[part] for part in parts]
        return found + [2]

    return len(pieces), [encode(text) for text in TEXTS]


def unigram(folder):
    scored = {"▁the": -2.1, "▁cat": -2.5, "▁sat": -2.7, "▁at": -2.6, "▁a": -2.2, "▁": -1.9, "s": -2.0, "▁ta": -3.1, "ble": -3.2}
    scored |= {letter: -4.0 - i / 8 for i, letter in enumerate("Ütheacblr")}
    pieces = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]] + [[p, s] for p, s in scored.items()]
    pieces += [["<mask>", 0.0]]
    ids = {piece: i for i, (piece, _) in enumerate(pieces)}
    tokenizer(
        folder,
        [special(piece, ids[piece]) for piece in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")],
        {"type": "NFKC"},
        {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True},
        template(("<s>", 0), ("</s>", 2)),
        {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True},
        {"type": "Unigram", "unk_id": 3, "vocab": pieces},
    )

    def encode(text):
        found = [0]
        for word in ("▁" + w for w in text.split()):
            best = {0: (0.0, [])}
            for end in range(1, len(word) + 1):
                ways = [
                    (best[start][0] + scored[word[start:end]], best[start][1] + [ids[word[start:end]]])
                    for start in range(end)
                    if start in best and word[start:end] in scored
                ]
                if ways:
                    best[end] = max(ways)
            found += best[len(word)][1]
        return found + [2]

    return len(pieces), [encode(text) for text in TEXTS]


def modules(folder, pooling, normalize, length, lower):
    names = ["Transformer", "Pooling"] + ["Normalize"] * normalize
    paths = ["", "1_Pooling", "2_Normalize"]
    save(
        folder,
        "modules.json",
        [{"idx": i, "name": str(i), "path": paths[i], "type": "sentence_transformers.models." + n} for i, n in enumerate(names)],
    )
    save(folder, "1_Pooling/config.json", pooling)
    save(folder, "sentence_bert_config.json", {"max_seq_length": length, "do_lower_case": lower})


def flags(mode):
    names = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]
    return {"word_embedding_dimension": D} | {"pooling_mode_" + n: n == mode for n in names}


def sizes(model_type, vocabulary, positions, types, epsilon, pad):
    return {
        "model_type": model_type,
        "vocab_size": vocabulary,
        "hidden_size": D,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": F,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "initializer_range": 0.02,
        "layer_norm_eps": epsilon,
        "pad_token_id": pad,
        "position_embedding_type": "absolute",
    }


# BERT as of TensorFlow's days, in BF16: gamma and beta, prefix, pooler, position_ids.
vocabulary, ids = word_piece("bert")
w = weights(bert_shapes(vocabulary, 16, 2, "gamma", "beta"), torch.bfloat16)
stored = {"bert." + name: value for name, value in w.items()}
stored["bert.embeddings.position_ids"] = torch.arange(16)[None]
stored["cls.predictions.bias"] = torch.zeros(vocabulary)
safetensors("bert", stored)
save("bert", "config.json", sizes("bert", vocabulary, 16, 2, 1e-12, 0) | {"torch_dtype": "bfloat16", "architectures": ["BertForPreTraining"]})
modules("bert", flags("cls_token"), True, 12, True)
save("bert", "2_Normalize/config.json", {})
save("bert", "config_sentence_transformers.json", {"prompts": {"query": "search: "}, "default_prompt_name": None})
save("bert", "special_tokens_map.json", {"cls_token": "[CLS]"})
save("bert", "README.md", "# The model we start from\n")
golden("bert", w, ids, 0, BERT_NAMES, True, 1e-12, "cls", True)

# DistilBERT as a bare folder, with the head of masked language models.
vocabulary, ids = word_piece("distilbert")
w = weights(distilbert_shapes(vocabulary, 16), torch.float32)
stored = {"distilbert." + name: value for name, value in w.items()}
stored["vocab_transform.weight"] = torch.randn(D, D)
safetensors("distilbert", stored)
config = {"model_type": "distilbert", "vocab_size": vocabulary, "dim": D, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": F}
config |= {"max_position_embeddings": 16, "activation": "gelu", "dropout": 0.1, "initializer_range": 0.02, "pad_token_id": 0}
save("distilbert", "config.json", config)
golden("distilbert", w, ids, 0, DISTILBERT_NAMES, False, 1e-12, "mean", False)

# RoBERTa in F16, without a prefix: positions from 2.
vocabulary, ids = byte_level_bpe("roberta")
w = weights(bert_shapes(vocabulary, 28, 1, "weight", "bias"), torch.float16)
safetensors("roberta", w)
save("roberta", "config.json", sizes("roberta", vocabulary, 28, 1, 1e-5, 1) | {"torch_dtype": "float16"})
modules("roberta", flags("mean_tokens"), False, 26, False)
golden("roberta", w, ids, 1, BERT_NAMES, True, 1e-5, "mean", False, roberta=True)

# XLM-RoBERTa as multilingual E5: Unigram, prompts, the short form of pooling.
vocabulary, ids = unigram("xlm-roberta")
w = weights(bert_shapes(vocabulary, 24, 1, "weight", "bias"), torch.float32)
stored = {"roberta." + name: value for name, value in w.items()}
stored["lm_head.bias"] = torch.zeros(vocabulary)
safetensors("xlm-roberta", stored)
save("xlm-roberta", "config.json", sizes("xlm-roberta", vocabulary, 24, 1, 1e-5, 1))
modules("xlm-roberta", {"word_embedding_dimension": D, "pooling_mode": "mean", "include_prompt": True}, True, 20, False)
save("xlm-roberta", "2_Normalize/config.json", {})
save("xlm-roberta", "config_sentence_transformers.json", {"prompts": {"query": "the: ", "document": "a: "}})
golden("xlm-roberta", w, ids, 1, BERT_NAMES, True, 1e-5, "mean", True, roberta=True)

# MiniLM as sentence-transformers has it: BERT without a prefix, the mean, a Normalize without a folder, and a
# tokenizer that would cut at 4 tokens and pad to as many, below the length that the folder states.
vocabulary, ids = word_piece(
    "minilm",
    truncation={"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
    padding={"strategy": {"Fixed": 4}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
)
w = weights(bert_shapes(vocabulary, 16, 2, "weight", "bias"), torch.float32)
safetensors("minilm", {"embeddings.position_ids": torch.arange(16)[None]} | w)
config = sizes("bert", vocabulary, 16, 2, 1e-12, 0) | {"architectures": ["BertModel"], "gradient_checkpointing": False, "use_cache": True}
save("minilm", "config.json", config)
modules("minilm", flags("mean_tokens"), True, 10, False)
save("minilm", "config_sentence_transformers.json", {"__version__": {"sentence_transformers": "2.0.0", "pytorch": "1.7.0"}})
golden("minilm", w, ids, 0, BERT_NAMES, True, 1e-12, "mean", True)

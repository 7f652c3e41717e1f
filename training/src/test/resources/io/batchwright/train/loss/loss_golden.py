"""Golden values of the losses over pairs, row by row from their formulas, in torch's float64.

/usr/bin/python3 loss_golden.py > loss_golden.json        (Debian's python3-torch 1.13)

Vectors are a formula of their name's place and their position, so that both sides can make them.
Every loss is written with loops over rows and lists of candidates; the code under test uses masked
matrices, so that the two have little in common but the formula.
"""
import json
import math

import torch
from torch.nn.functional import normalize

torch.set_default_dtype(torch.float64)
N, M, D, G = 6, 7, 5, 4
POSITIVE_IDS = [1, 2, 3, 2, 5, 6]
HASHES = [10, 20, 30, 40, 50, 10]
NEGATIVE_IDS = [9, 3, 1, 11, 12, 6, 13]
OWNERS = [0, 0, 1, 2, 3, 5, 5]


def formula(place, rows, columns):
    values = [math.sin(12.9898 * (i + 1) + 78.233 * place) for i in range(rows * columns)]
    return torch.tensor(values).reshape(rows, columns)


QUERIES, NEGATIVES = formula(0, N, D), formula(2, M, D)
POSITIVES = QUERIES + formula(1, N, D)
GUIDE = [formula(3, N, G), formula(3, N, G) + formula(4, N, G), formula(5, M, G)]
TEACHER_POSITIVES = (5 + 3 * formula(6, N, 1)[:, 0]).tolist()
TEACHER_NEGATIVES = (2 + 4 * formula(7, M, 1)[:, 0]).tolist()


def other_pairs(i):
    """The pairs that may be negatives of pair i."""
    return [j for j in range(N) if j != i and POSITIVE_IDS[j] != POSITIVE_IDS[i] and HASHES[j] != HASHES[i]]


def mined(i):
    """The mined negatives that may be negatives of pair i."""
    answers = {POSITIVE_IDS[i]} | {POSITIVE_IDS[j] for j in range(N) if HASHES[j] == HASHES[i]}
    return [k for k in range(M) if NEGATIVE_IDS[k] not in answers]


def log_sum_exp(values):
    return torch.logsumexp(torch.stack(values), 0) if values else None


def info_nce(q, p, n, temperature, symmetric, among_queries, among_positives):
    total = 0
    for i in range(N):
        logits = [q[i] @ p[i]] + [q[i] @ p[j] for j in other_pairs(i)] + [q[i] @ n[k] for k in mined(i)]
        if among_queries:
            logits += [q[i] @ q[j] for j in other_pairs(i)]
        total = total + log_sum_exp([x / temperature for x in logits]) - q[i] @ p[i] / temperature
        if symmetric:
            logits = [p[i] @ q[i]] + [p[i] @ q[j] for j in other_pairs(i)]
            if among_positives:
                logits += [p[i] @ p[j] for j in other_pairs(i)]
            total = total + log_sum_exp([x / temperature for x in logits]) - q[i] @ p[i] / temperature
    return total / (N * (2 if symmetric else 1))


def gist(q, p, n, temperature, kind, margin, among_queries, among_positives):
    gq, gp, gn = (normalize(x, dim=1) for x in GUIDE)
    total = 0
    for i in range(N):
        own = (gq[i] @ gp[i]).item()
        limit = own - margin if kind == "ABSOLUTE" else own - abs(own) * margin
        logits = [q[i] @ p[i]]
        logits += [q[i] @ p[j] for j in other_pairs(i) if gq[i] @ gp[j] <= limit]
        logits += [q[i] @ n[k] for k in mined(i) if gq[i] @ gn[k] <= limit]
        if among_queries:
            logits += [q[i] @ q[j] for j in other_pairs(i) if gq[i] @ gq[j] <= limit]
        if among_positives:
            logits += [p[i] @ p[j] for j in other_pairs(i) if gp[i] @ gp[j] <= limit]
        total = total + log_sum_exp([x / temperature for x in logits]) - q[i] @ p[i] / temperature
    return total / N


def margin_mse(q, p, n, scale):
    errors = [
        scale * (q[i] @ p[i] - q[i] @ n[k]) - (TEACHER_POSITIVES[i] - TEACHER_NEGATIVES[k])
        for k, i in enumerate(OWNERS)
    ]
    return torch.stack(errors).square().mean()


def dual(q, p, n, scale, guide_scale, weight):
    gq, gp, gn = GUIDE
    own = lambda i: scale * q[i] @ p[i] - guide_scale * gq[i] @ gp[i]
    positives = [own(i) - (scale * q[i] @ p[j] - guide_scale * gq[i] @ gp[j]) for i in range(N) for j in range(N) if i != j]
    negatives = [own(i) - (scale * q[i] @ n[k] - guide_scale * gq[i] @ gn[k]) for i in range(N) for k in range(M) if OWNERS[k] != i]
    in_batch = torch.stack(positives).square().mean() + torch.stack(negatives).square().mean()
    return margin_mse(q, p, n, scale) + weight * in_batch / 2


def dcl(q, p, n, temperature, sigma=None):
    own = torch.stack([q[i] @ p[i] for i in range(N)])
    weights = torch.ones(N) if sigma is None else 2 - torch.exp(own / sigma) / torch.exp(own / sigma).mean()
    total = 0
    for i in range(N):
        j_s = other_pairs(i)
        of_query = [q[i] @ p[j] for j in j_s] + [q[i] @ q[j] for j in j_s] + [q[i] @ n[k] for k in mined(i)]
        of_positive = [p[i] @ q[j] for j in j_s] + [p[i] @ p[j] for j in j_s]
        for logits in (of_query, of_positive):
            total = total + log_sum_exp([x / temperature for x in logits]) - weights[i] * own[i] / temperature
    return total / (2 * N)


def ngame(q, p, n, margin, k_most, temperature):
    total = 0
    for i in range(N):
        scores = torch.stack([q[i] @ p[j] for j in other_pairs(i)] + [q[i] @ n[k] for k in mined(i)])
        hardest = torch.topk(scores, min(k_most, len(scores))).values
        losses = torch.clamp(hardest - q[i] @ p[i] + margin, min=0)
        weights = torch.softmax(hardest / temperature * (losses != 0), 0)
        total = total + (weights * losses).mean()
    return total / N


CASES = {
    "InfoNce": lambda q, p, n: info_nce(q, p, n, 0.1, False, False, False),
    "InfoNce, symmetric": lambda q, p, n: info_nce(q, p, n, 0.1, True, False, False),
    "InfoNce, symmetric, among queries and positives": lambda q, p, n: info_nce(q, p, n, 0.1, True, True, True),
    "GistEmbed": lambda q, p, n: gist(q, p, n, 0.1, "ABSOLUTE", 0, True, True),
    "GistEmbed, absolute margin": lambda q, p, n: gist(q, p, n, 0.1, "ABSOLUTE", 0.2, True, True),
    "GistEmbed, relative margin": lambda q, p, n: gist(q, p, n, 0.1, "RELATIVE", 0.2, True, True),
    "GistEmbed, retrieval only": lambda q, p, n: gist(q, p, n, 0.1, "ABSOLUTE", 0, False, False),
    "MarginMse": lambda q, p, n: margin_mse(q, p, n, 3),
    "TasDualSupervision": lambda q, p, n: dual(q, p, n, 3, 2, 0.75),
    "Dcl": lambda q, p, n: dcl(q, p, n, 0.1),
    "Dclw": lambda q, p, n: dcl(q, p, n, 0.1, 0.5),
    "NgameTriplet": lambda q, p, n: ngame(q, p, n, 0.3, 10, 0.1),
    "NgameTriplet, three negatives": lambda q, p, n: ngame(q, p, n, 0.3, 3, 0.1),
}

golden = {}
for name, loss in CASES.items():
    leaves = [x.clone().requires_grad_() for x in (QUERIES, POSITIVES, NEGATIVES)]
    value = loss(*(normalize(x, dim=1) for x in leaves))
    value.backward()
    gradients = [(torch.zeros_like(x) if x.grad is None else x.grad).flatten().tolist() for x in leaves]
    golden[name] = {"loss": value.item(), **dict(zip(("queries", "positives", "negatives"), gradients))}
print(json.dumps(golden, indent=1))

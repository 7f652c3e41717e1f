"""Writes golden.json: MinHash signatures as SlimPajama's to_hash.py makes them with datasketch 1.5.9.

    pip install datasketch==1.5.9 numpy && python3 golden.py > golden.json

Computed here from numpy alone; where datasketch is installed, each signature is compared with its own.
"""
import hashlib
import json
import re
import string
import struct
import sys

import numpy

PERMUTATIONS = 128
WIDTH = 13
PRIME = (1 << 61) - 1

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and then it does so again.",
    "  White\t space\n\nruns, ALL of it: (punctuation) goes! `$+<=>^|~`  ",
    "Stra\u00dfe, \u0130stanbul, \u039f\u0394\u039f\u03a3 \u03ba\u03b1\u03b9 \u03c3\u03bf\u03c6\u03cc\u03c2; na\u00efve caf\u00e9 \u2014 \u201cquoted\u201d",
    "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3042\u308a\u3001\u4e16\u754c\u6700\u5927\u306e\u90fd\u5e02\u306e\u4e00\u3064\u3067\u3042\u308b\u3002",
    "\u0627\u0644\u0644\u063a\u0629 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0647\u064a \u0625\u062d\u062f\u0649 \u0623\u0643\u062b\u0631 \u0627\u0644\u0644\u063a\u0627\u062a",
    "emoji \U0001f600\U0001f680 and \U0001d400\U0001d401\U0001d402 letters beyond the plane",
    "nul\x00byte, unit\x1fseparator, no\u00a0break, thin\u2009space and next\x85line",
    "exactly13char",
    "a" * 500,
    " ".join(f"word{i * i % 97}" for i in range(400)),
]


def cleaned(text):
    text = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\s+", " ", text.strip())


def shingles(text):
    clean = cleaned(text)
    return [clean[i : i + WIDTH] for i in range(len(clean) - WIDTH + 1)]


def permutations():
    random = numpy.random.RandomState(1)
    pairs = [
        (random.randint(1, PRIME, dtype=numpy.uint64), random.randint(0, PRIME, dtype=numpy.uint64))
        for _ in range(PERMUTATIONS)
    ]
    return numpy.array(pairs, dtype=numpy.uint64).T


def signature(text, a, b):
    values = numpy.full(PERMUTATIONS, 0xFFFFFFFF, dtype=numpy.uint64)
    for shingle in shingles(text):
        x = struct.unpack("<I", hashlib.sha1(shingle.encode("utf8")).digest()[:4])[0]
        wrapped = a * numpy.uint64(x) + b  # modulo 2^64, as numpy multiplies
        values = numpy.minimum(values, wrapped % numpy.uint64(PRIME) & numpy.uint64(0xFFFFFFFF))
    return [int(v) for v in values]


def main():
    a, b = permutations()
    rows = [{"text": text, "cleaned": cleaned(text), "signature": signature(text, a, b)} for text in TEXTS]
    try:
        import datasketch
    except ImportError:
        print("datasketch is not installed: not compared", file=sys.stderr)
    else:
        for row in rows:
            theirs = datasketch.MinHash(num_perm=PERMUTATIONS)
            for shingle in shingles(row["text"]):
                theirs.update(shingle.encode("utf8"))
            assert [int(v) for v in theirs.hashvalues] == row["signature"], row["text"]
        print(f"equal to datasketch {datasketch.__version__}", file=sys.stderr)
    print("[" + ",\n ".join(json.dumps(row) for row in rows) + "]")


main()

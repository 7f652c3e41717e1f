#!/usr/bin/env python3
"""Loads an exported model folder in the real sentence-transformers and compares vectors.

Not part of `mvn verify`, and not run on the machines that test this project, which have no
sentence-transformers: what is tested there is a second reader written from the formats.

    pip install "sentence-transformers>=3.2"
    bin/batchwright encode --model DIR/model ... # or any vectors of ours, as JSON lines
    python benchmarks/peers/load_in_sentence_transformers.py DIR/model [vectors.jsonl]

vectors.jsonl holds one object a line: {"text": "...", "embedding": [..]}. The script exits with 1
if a cosine is below 0.9999.
"""

import argparse
import json
import sys

import numpy
from sentence_transformers import SentenceTransformer, __version__

TOLERANCE = 0.9999


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the exported folder")
    parser.add_argument("vectors", nargs="?", help="JSON lines with text and embedding")
    arguments = parser.parse_args()

    model = SentenceTransformer(arguments.model, device="cpu")
    print(f"sentence-transformers {__version__} loaded {arguments.model}: {model}")
    empty, known = model.encode(["", "reverse an array in place"])
    print(f"dims {known.shape[0]}, norm {numpy.linalg.norm(known):.6f}, "
          f"norm of the empty text {numpy.linalg.norm(empty):.6f}")
    if not arguments.vectors:
        return 0

    with open(arguments.vectors, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    theirs = model.encode([row["text"] for row in rows])
    ours = numpy.asarray([row["embedding"] for row in rows], dtype=numpy.float64)
    norms = numpy.linalg.norm(theirs, axis=1) * numpy.linalg.norm(ours, axis=1)
    kept = norms > 0
    cosines = (theirs * ours).sum(axis=1)[kept] / norms[kept]
    print(f"{kept.sum()} of {len(rows)} texts have tokens, smallest cosine {cosines.min():.7f}")
    return 0 if cosines.min() >= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())

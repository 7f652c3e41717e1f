"""Exact search by faiss' flat index, for bench negatives: the same vectors, threads and k.

Run by the bench as: /usr/bin/python3 faiss_flat_search.py FOLDER N Q D K THREADS ROUNDS
FOLDER holds documents.f32 and queries.f32, raw little-endian floats of unit length. Prints a line for each round (its wall and processor seconds) and
leaves found.i64, the K nearest documents of each query. Needs Debian's python3-faiss AND libopenblas0-pthread: with the reference BLAS faiss is 40
times as slow, and the script refuses to pose as a peer.
"""
import os
import sys
import time

folder, n, q, d, k, threads, rounds = sys.argv[1], *map(int, sys.argv[2:8])
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(threads)

import faiss  # noqa: E402 - after the number of threads is set
import numpy  # noqa: E402

with open("/proc/self/maps") as maps:
    if "openblas" not in maps.read():
        sys.exit("faiss is not on OpenBLAS: install libopenblas0-pthread")
faiss.omp_set_num_threads(threads)
documents = numpy.fromfile(os.path.join(folder, "documents.f32"), "<f4").reshape(n, d)
queries = numpy.fromfile(os.path.join(folder, "queries.f32"), "<f4").reshape(q, d)
index = faiss.IndexFlatIP(d)
index.add(documents)
for _ in range(rounds):
    wall, cpu = time.perf_counter(), time.process_time()
    _, found = index.search(queries, k)
    print("round", time.perf_counter() - wall, time.process_time() - cpu, flush=True)
found.astype("<i8").tofile(os.path.join(folder, "found.i64"))

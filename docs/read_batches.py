"""Reads the plan and the shards of a run with pyarrow: python3 docs/read_batches.py RUN [EPOCH]."""

import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def table(run, name):
    """A committed table: exactly the files that its manifest names."""
    folder = run / "tables" / name
    files = json.loads((folder / "_manifest.json").read_text())["files"]
    return pa.concat_tables(pq.read_table(folder / file["name"]) for file in files)


def steps(run, epoch):
    """Each step of an epoch: its number and, by lane, the row of the shard that holds its part."""
    folder = run / "shards" / f"epoch-{epoch:05d}"
    manifest = json.loads((folder / "manifest.json").read_text())
    lanes = [[] for _ in range(manifest["lanes"])]
    for file in manifest["files"]:
        reader = pa.ipc.open_file(pa.memory_map(str(folder / file["name"])))
        lanes[file["lane"]] += [(reader, block) for block in range(reader.num_record_batches)]
    for step in range(manifest["steps"]):
        yield step, [reader.get_batch(block) for reader, block in (lane[step] for lane in lanes)]


run, epoch = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
plan = table(run, "plan").filter(pc.field("epoch") == epoch)
print(f"epoch {epoch}: {plan.num_rows} samples planned in {len(plan['step'].unique())} steps")
for step, parts in steps(run, epoch):
    samples, tokens = [], 0
    for part in parts:
        row = part.to_pylist()[0]  # a record batch is one row: the part of a step
        samples += row["sample"]
        tokens += sum(len(row[name]) for name in row if name.endswith("_tokens"))
    planned = plan.filter(pc.field("step") == step)["sample"].to_pylist()
    assert sorted(samples) == sorted(planned), f"step {step} is not as planned"
    print(f"step {step}: {len(samples)} samples, {tokens} tokens")

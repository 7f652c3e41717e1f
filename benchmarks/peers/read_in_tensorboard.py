#!/usr/bin/env python3
"""Reads a run's event files with TensorBoard's own reader and compares them with metrics.jsonl.

Not part of `mvn verify`. Run with TensorBoard 2.21.0 on files of this project.

    pip install tensorboard
    python benchmarks/peers/read_in_tensorboard.py DIR

Exits with 1 if a loss differs or a step of metrics.jsonl that the event files reach is missing.
"""

import json
import pathlib
import sys

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main() -> int:
    run = pathlib.Path(sys.argv[1])
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    print("tags:", ", ".join(events.Tags()["scalars"]))
    losses = {event.step: event.value for event in events.Scalars("train/loss")}
    failed = not losses
    compared = 0
    for line in (run / "metrics.jsonl").read_text().splitlines():
        step = json.loads(line)
        if "loss" in step:
            found = losses.get(step["step"])
            if found is None or found != numpy.float32(step["loss"]):
                print(f"step {step['step']}: {found} in the event files, {step['loss']} in metrics.jsonl")
                failed = True
            compared += 1
    print(f"{compared} steps compared")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

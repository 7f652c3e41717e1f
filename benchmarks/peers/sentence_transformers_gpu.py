"""Training steps of sentence-transformers on the GPU that gpu-check measures: its own trainer, bf16.

Run: python3 sentence_transformers_gpu.py MODEL_FOLDER [--pairs 256] > st_gpu.md
Needs sentence-transformers 5 or later, datasets and accelerate; MODEL_FOLDER is a local MiniLM-L6 or BERT-base. Texts are
words drawn until the tokenizer makes at least 128 tokens of them, which the model cuts to 128, so every token is real.
"""
import argparse
import random
import time

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import MultipleNegativesRankingLoss
from transformers import TrainerCallback

LENGTH = 128
STEPS = 60
WARM_UP = 20


class Clock(TrainerCallback):
    def __init__(self):
        self.ends = []

    def on_step_end(self, args, state, control, **kwargs):
        torch.cuda.synchronize()
        self.ends.append(time.perf_counter())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--pairs", type=int, default=256)
    args = parser.parse_args()
    model = SentenceTransformer(args.model)
    model.max_seq_length = LENGTH
    words = [w for w in model.tokenizer.get_vocab() if w.isalpha() and len(w) > 3]
    random.seed(1)
    texts = [" ".join(random.choices(words, k=LENGTH)) for _ in range(2 * args.pairs * STEPS)]
    half = len(texts) // 2
    clock = Clock()
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir="st_gpu_out", max_steps=STEPS, per_device_train_batch_size=args.pairs, bf16=True,
            learning_rate=1e-4, save_strategy="no", logging_strategy="no", report_to=[], dataloader_num_workers=2),
        train_dataset=Dataset.from_dict({"anchor": texts[:half], "positive": texts[half:]}),
        loss=MultipleNegativesRankingLoss(model),
        callbacks=[clock])
    trainer.train()
    rates = sorted(2 * args.pairs * LENGTH / (b - a)
                   for a, b in zip(clock.ends[WARM_UP:], clock.ends[WARM_UP + 1:]))
    print(f"| {args.model}, {args.pairs} pairs of {LENGTH} tokens | tokens/s | {rates[0]:.4g} | "
          f"{rates[len(rates) // 2]:.4g} | {rates[-1]:.4g} |")

package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.JobGroup;

/** Where a pipeline ends, and what the job that ends there is called. */
enum Until {
  CORPUS("corpus", JobGroup.STAGES, "Read and normalize the corpus"),
  DUPLICATES("dedup", JobGroup.STAGES, "Read, filter and deduplicate documents"),
  SPLIT("split", JobGroup.STAGES, "Up to the held-out split"),
  TOKENS("tokenize", JobGroup.STAGES, "Up to the tokenizer, tokens and samples"),
  BUCKETS("bucket", JobGroup.STAGES, "Up to samples in buckets of like length"),
  PLAN("plan", JobGroup.STAGES, "Up to the plan of all batches and their shards"),
  TRAIN("train", JobGroup.EVERYDAY, "Train on prepared batches, preparing what is missing"),
  EVALUATE("pipeline", JobGroup.EVERYDAY, "Run a whole recipe: corpus to measured model");

  private final String job;
  private final JobGroup group;
  private final String description;

  Until(String job, JobGroup group, String description) {
    this.job = job;
    this.group = group;
    this.description = description;
  }

  String job() {
    return job;
  }

  JobGroup group() {
    return group;
  }

  String description() {
    return description;
  }
}

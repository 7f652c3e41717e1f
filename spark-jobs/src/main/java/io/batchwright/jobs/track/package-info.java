/**
 * Where training is seen while it happens: TensorBoard, MLflow, Spark's metrics, Spark's web
 * interface.
 *
 * <p>Reading order: {@link io.batchwright.jobs.track.Tracker} (the family; recipes name its members
 * under {@code track}), {@link io.batchwright.jobs.track.Trackers} (all of one training), {@code
 * QueuedRun} (why none can hold training up), then the members: {@link
 * io.batchwright.jobs.track.TensorBoard}, {@link io.batchwright.jobs.track.MlFlow}, {@link
 * io.batchwright.jobs.track.SparkMetrics}, {@link io.batchwright.jobs.track.TrainingTab}.
 *
 * <p>To add one, write a record that opens a {@link io.batchwright.jobs.track.TrackedRun} and name
 * it in the {@code permits} clause, or from outside implement {@link
 * io.batchwright.jobs.track.CustomTracker}.
 */
package io.batchwright.jobs.track;

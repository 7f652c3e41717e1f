package io.batchwright.kernel.check;

/**
 * Operations that two backends must agree on.
 *
 * @param group what it belongs to, as in {@code attention}
 * @param name what is special about it, with its shape
 * @param tolerance greatest error of F32 results, relative to results above 1 and absolute below;
 *     those of F64 must agree within {@value CaseRun#F64_TOLERANCE}, or it, if that is less
 * @param work the operations
 */
public record KernelCase(String group, String name, double tolerance, Work work) {

  /** The same for two backends that must agree in every bit. */
  public KernelCase exactly() {
    return new KernelCase(group, name, 0, work);
  }

  /** Draws inputs, runs operations and names what they gave. */
  public interface Work {
    void on(CaseRun run);
  }
}

package io.batchwright.kernel.cuda;

/**
 * A call of the CUDA driver that failed: the message names the call, its arguments and the code.
 */
public final class CudaFailure extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  CudaFailure(String message) {
    super(message);
  }

  CudaFailure(String message, Throwable cause) {
    super(message, cause);
  }
}

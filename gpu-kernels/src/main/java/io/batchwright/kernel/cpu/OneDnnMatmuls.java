package io.batchwright.kernel.cpu;

import io.batchwright.kernel.cpu.OneDnnMatmul.Form;
import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The products that a thread has asked for lately, so that each is generated once; what is dropped
 * is freed, and all of it when the thread is gone.
 */
final class OneDnnMatmuls {
  /** Products kept, at most: an encoder's step has about twelve, of up to three heights. */
  static final int MOST = 128;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final ThreadLocal<OneDnnMatmuls> OF_THREAD =
      ThreadLocal.withInitial(OneDnnMatmuls::new);

  static {
    // The library keeps kernels for whoever asks next, a thousand if it is not told otherwise.
    OneDnn.check(OneDnn.dnnl_set_primitive_cache_capacity(MOST));
  }

  private final long stream = OneDnnMatmul.openStream();
  private final Map<Form, OneDnnMatmul> kept = new LinkedHashMap<>(16, 0.75f, true);

  private OneDnnMatmuls() {
    CLEANER.register(this, release(stream, kept));
  }

  static OneDnnMatmuls ofThisThread() {
    return OF_THREAD.get();
  }

  private static Runnable release(long stream, Map<Form, OneDnnMatmul> kept) {
    return () -> {
      kept.values().forEach(OneDnnMatmul::close);
      OneDnn.dnnl_stream_destroy(stream);
    };
  }

  long stream() {
    return stream;
  }

  /** The product of this form, generated if it is new. */
  OneDnnMatmul of(Form form) {
    OneDnnMatmul found = kept.get(form);
    if (found == null) {
      if (kept.size() == MOST) {
        Iterator<OneDnnMatmul> eldest = kept.values().iterator();
        eldest.next().close();
        eldest.remove();
      }
      found = new OneDnnMatmul(form);
      kept.put(form, found);
    }
    return found;
  }
}

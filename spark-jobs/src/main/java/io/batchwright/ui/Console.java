package io.batchwright.ui;

import java.io.PrintStream;

/** The user's terminal: plain lines, and one redrawn line for the stage at work. */
public final class Console {
  private final PrintStream out;
  private final boolean redraws;
  private StageDisplay current;

  /**
   * @param out where to print
   * @param redraws whether lines may be redrawn; otherwise each stage prints its result alone
   */
  public Console(PrintStream out, boolean redraws) {
    this.out = out;
    this.redraws = redraws;
  }

  /** The process's standard output, redrawn where it is a terminal and {@code quiet} is unset. */
  public static Console standard(boolean quiet) {
    boolean terminal =
        System.console() != null && !"dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
    return new Console(System.out, terminal && !quiet);
  }

  /** Prints one line; a progress bar moves below it. */
  public synchronized void line(String text) {
    erase();
    out.println(text);
    if (current != null) {
      redraw(current);
    }
  }

  /** Begins the display of stage {@code number} of {@code total} (0: unknown). */
  public synchronized StageDisplay stage(int number, int total, String title) {
    current = new StageDisplay(this, redraws, number, total, title);
    return current;
  }

  synchronized StageDisplay current() {
    return current;
  }

  /** Draws the stage's bar anew, unless the stage has ended: nothing may follow its result. */
  synchronized void redraw(StageDisplay stage) {
    if (redraws && stage == current) {
      out.print("\r\u001b[K" + stage.render());
      out.flush();
    }
  }

  synchronized void end(String result) {
    erase();
    current = null;
    if (!result.isEmpty()) {
      out.println(result);
    }
    out.flush();
  }

  private void erase() {
    if (redraws && current != null) {
      out.print("\r\u001b[K");
    }
  }
}

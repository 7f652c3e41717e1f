package io.batchwright.jobs.run;

/** The headings under which {@code --help} lists the jobs. */
public enum JobGroup {
  EVERYDAY("Everyday"),
  STAGES("Stages of prepare, also alone"),
  HELP("Help"),
  BUILDERS("Builders");

  private final String heading;

  JobGroup(String heading) {
    this.heading = heading;
  }

  /** The heading as printed. */
  public String heading() {
    return heading;
  }
}

package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import scala.tools.nsc.Settings;
import scala.tools.nsc.interpreter.IMain;
import scala.tools.nsc.interpreter.Results;
import scala.tools.nsc.interpreter.shell.ReplReporterImpl;

/** Scala's interpreter with this process's classes, as a notebook has it. */
public final class ScalaShell implements AutoCloseable {
  private final StringWriter text = new StringWriter();
  private final IMain interpreter;

  /** Opens one; {@code spark} is the active session. */
  public ScalaShell() {
    Settings settings = new Settings();
    settings
        .classpath()
        .value_$eq(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    interpreter = new IMain(settings, new ReplReporterImpl(settings, new PrintWriter(text, true)));
    run("val spark = org.apache.spark.sql.SparkSession.active");
  }

  /** Runs {@code code} and returns what it printed. */
  public String run(String code) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Results.Result result =
        (Results.Result) scala.Console.withOut(out, () -> interpreter.interpret(code));
    assertThat(result).as(code + "\n" + text).isEqualTo(Results.Success$.MODULE$);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    interpreter.close();
  }
}

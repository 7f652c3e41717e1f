package io.batchwright.jobs.run;

import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.AppenderComponentBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.spark.internal.Logging;
import org.slf4j.Logger;

/** Sends all logging of this process to one file, so that the console stays the user's. */
final class LogFile {
  private LogFile() {}

  /** Spark configures logging when one of its classes logs first, over whatever stands there. */
  private static final class SparkLogging implements Logging {
    private transient Logger log;

    @Override
    public Logger org$apache$spark$internal$Logging$$log_() {
      return log;
    }

    @Override
    public void org$apache$spark$internal$Logging$$log__$eq(Logger logger) {
      log = logger;
    }
  }

  static void open(Path file) {
    // spark-submit leaves this undone, so that the next Spark class would take our console.
    new SparkLogging().initializeLogIfNecessary(false, true);
    ConfigurationBuilder<BuiltConfiguration> builder =
        ConfigurationBuilderFactory.newConfigurationBuilder();
    AppenderComponentBuilder appender =
        builder
            .newAppender("file", "File")
            .addAttribute("fileName", file.toString())
            .addAttribute("append", true)
            .add(
                builder
                    .newLayout("PatternLayout")
                    .addAttribute("pattern", "%d{ISO8601}{UTC} %-5p %c{1.} %m%n%ex"));
    builder
        .setConfigurationName("batchwright")
        // A log that cannot be written must not take the console.
        .setStatusLevel(Level.OFF)
        .add(appender)
        .add(builder.newLogger("org.apache", Level.WARN))
        .add(builder.newLogger("org.sparkproject", Level.WARN))
        .add(builder.newRootLogger(Level.INFO).add(builder.newAppenderRef("file")));
    Configurator.reconfigure(builder.build(false));
  }
}

package io.batchwright.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.dedup.SignatureScheme;
import io.batchwright.jobs.cli.FamilyCatalogue.Family;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TechniquesPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("batchwright.root"), "docs/techniques.md");

  @Test
  void thePageIsWhatTheCodeSays() throws IOException {
    String made = TechniqueTable.markdown();
    String stands = Files.exists(PAGE) ? Files.readString(PAGE) : "";
    if (Boolean.getBoolean("batchwright.update")) {
      Files.writeString(PAGE, made);
      return;
    }
    assertThat(stands)
        .as("stale: run bin/batchwright techniques --markdown > docs/techniques.md")
        .isEqualTo(made);
  }

  @Test
  void everyTechniqueNamesItsPublicationAndHasDefaults() {
    assertThat(FamilyCatalogue.families()).hasSizeGreaterThan(3);
    for (Family family : FamilyCatalogue.families()) {
      for (Class<?> member : family.members()) {
        assertThat(member.isAnnotationPresent(Paper.class)).as("@Paper of " + member).isTrue();
        assertThat(Techniques.defaults(member)).as("PAPER of " + member).isPresent();
      }
    }
  }

  /** But signatures: any other run must be able to read what an index stores. */
  @Test
  void everyFamilyTakesTechniquesFromOutside() {
    for (Family family : FamilyCatalogue.families()) {
      if (family.type() == SignatureScheme.class) {
        continue;
      }
      assertThat(family.type().getPermittedSubclasses())
          .as(family.type() + " permits a Custom member")
          .anyMatch(member -> member.isInterface() && member.getSimpleName().startsWith("Custom"));
    }
  }
}

package io.batchwright.jobs.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final String COMPARISON = "eq(op, ";

  @Tag("cluster") // some seconds of drawing and of first calls
  @Test
  void eachRunsAndPyTorchsModuleHasIt() throws IOException {
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("operations")) {
      List<Operation> operations = Operations.all(backend, arena);
      List<String> names = operations.stream().map(Operation::name).toList();
      assertThat(names).doesNotHaveDuplicates();
      String code = codeOfTheModule();
      assertThat(names).allSatisfy(name -> assertThat(code).contains('"' + name + '"'));
      assertThat(code.split(Pattern.quote(COMPARISON), -1)).hasSize(names.size() + 1);
      operations.forEach(operation -> operation.once().run());
    }
  }

  private static String codeOfTheModule() throws IOException {
    StringBuilder code = new StringBuilder();
    try (ZipInputStream zip =
        new ZipInputStream(OperationsTest.class.getResourceAsStream("operations.pt"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".py")) {
          code.append(new String(zip.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    return code.toString();
  }
}

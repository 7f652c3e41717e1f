package io.batchwright.jobs.javadoc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.javaparser.ParseProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodCommentsTest {
  private static final String FILE =
      """
      package a.b;

      /** Of the class. */
      public class Outer {
        /** Counts. */ // and a remark
        @Deprecated
        public int count(final String text, int... more) {
          // explains
          String url = "http://x/*no comment*/"; /* but this */
          char quote = '"';

          return text.isEmpty() ? 0 : 1 + count(text.substring(1)); // recursion
        }

        /* not a doc comment */
        void plain() {}

        /** Built. */
        public Outer() {}

        /** Abstract. */
        abstract void open();

        interface Inner<T> {
          /** Twice. */
          default void run(List<? extends T> list) { list.forEach(this::run); }
          /** Twice, with other types. */
          default void run(List<? extends T> list) {}
        }

        record Pair(int left, int right) {
          /** Text block. */
          String text() { return \"""
              /** inside \\\""" a block */
              \"""; }
        }
      }
      """;

  @Test
  void eachDocumentedMethodIsFoundWithItsCodeWithoutComments() {
    List<MethodComment> found = new MethodComments().of(FILE);

    assertThat(found)
        .extracting(MethodComment::signature)
        .containsExactly(
            "Outer.count(String,int...)",
            "Outer.Outer()",
            "Outer.open()",
            "Outer.Inner.run(List<? extends T>)",
            "Outer.Inner.run(List<? extends T>)-2",
            "Outer.Pair.text()");
    assertThat(found.get(0).className()).isEqualTo("a.b.Outer");
    assertThat(found.get(3).className()).isEqualTo("a.b.Outer.Inner");
    assertThat(found.get(0).line()).isEqualTo(6);
    assertThat(found.get(0).comment()).isEqualTo("/** Counts. */");
    assertThat(found.get(0).code())
        .isEqualTo(
            """
            @Deprecated
            public int count(final String text, int... more) {
              String url = "http://x/*no comment*/";
              char quote = '"';
              return text.isEmpty() ? 0 : 1 + count(text.substring(1));
            }\
            """);
    assertThat(found.get(2).code()).isNull();
    assertThat(found.get(5).code()).contains("/** inside");
  }

  @Test
  void lineEndsOfWindowsAndTabsDoNotMoveAnything() {
    String windows = FILE.replace("\n", "\r\n").replace("  ", "\t");
    assertThat(new MethodComments().of(windows).get(0).code())
        .isEqualTo(new MethodComments().of(FILE).get(0).code().replace("  ", "\t"));
  }

  @Test
  void theNameIsHiddenWhereItIsDeclaredCalledOrReferredTo() {
    assertThat(
            SourceText.renamed(
                "int run(int run) { return this.run (1) + rerun(2) + run; }", "run", "method"))
        .isEqualTo("int method(int run) { return this.method (1) + rerun(2) + run; }");
    assertThat(SourceText.renamed("list.forEach(this::run).runs()", "run", "method"))
        .isEqualTo("list.forEach(this::method).runs()");
  }

  @Test
  void whatIsNotJavaIsRefused() {
    assertThatThrownBy(() -> new MethodComments().of("class { /** x */ void"))
        .isInstanceOf(ParseProblemException.class);
  }
}

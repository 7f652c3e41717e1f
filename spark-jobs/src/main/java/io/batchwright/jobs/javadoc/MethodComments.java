package io.batchwright.jobs.javadoc;

import com.github.javaparser.JavaParser;
import com.github.javaparser.ParseProblemException;
import com.github.javaparser.ParseResult;
import com.github.javaparser.ParserConfiguration;
import com.github.javaparser.ParserConfiguration.LanguageLevel;
import com.github.javaparser.ast.CompilationUnit;
import com.github.javaparser.ast.body.BodyDeclaration;
import com.github.javaparser.ast.body.CallableDeclaration;
import com.github.javaparser.ast.body.ConstructorDeclaration;
import com.github.javaparser.ast.body.MethodDeclaration;
import com.github.javaparser.ast.body.TypeDeclaration;
import com.github.javaparser.ast.nodeTypes.NodeWithName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the documented methods and constructors of a Java file.
 *
 * <p>The parser is JavaParser at its fastest: language level RAW (nothing is validated), no
 * attribution of comments, which is done here by position. A comment belongs to the declaration
 * that follows it with nothing but space and other comments between. Members of local and anonymous
 * classes are passed over.
 */
final class MethodComments {
  private final JavaParser parser =
      new JavaParser(
          new ParserConfiguration()
              .setLanguageLevel(LanguageLevel.RAW)
              .setAttributeComments(false)
              .setDetectOriginalLineSeparator(false));

  /**
   * The documented methods of {@code file}, in the order of their declaration.
   *
   * @throws ParseProblemException if {@code file} is not Java
   */
  List<MethodComment> of(String file) {
    SourceText source = SourceText.of(file);
    ParseResult<CompilationUnit> parsed = parser.parse(source.text());
    if (!parsed.isSuccessful() || parsed.getResult().isEmpty()) {
      throw new ParseProblemException(parsed.getProblems());
    }
    CompilationUnit unit = parsed.getResult().get();
    String prefix =
        unit.getPackageDeclaration()
            .map(NodeWithName::getNameAsString)
            .map(n -> n + ".")
            .orElse("");
    List<MethodComment> found = new ArrayList<>();
    Map<String, Integer> signatures = new HashMap<>();
    for (TypeDeclaration<?> type : unit.getTypes()) {
      members(type, type.getNameAsString(), prefix, source, signatures, found);
    }
    return found;
  }

  private static void members(
      TypeDeclaration<?> type,
      String name,
      String prefix,
      SourceText source,
      Map<String, Integer> signatures,
      List<MethodComment> found) {
    for (BodyDeclaration<?> member : type.getMembers()) {
      if (member instanceof TypeDeclaration<?> nested) {
        members(nested, name + "." + nested.getNameAsString(), prefix, source, signatures, found);
      } else if (member instanceof CallableDeclaration<?> callable) {
        int begin = source.offset(callable.getBegin().orElseThrow());
        String comment = source.docCommentBefore(begin);
        if (comment != null) {
          String signature = unique(name + "." + signature(callable), signatures);
          int end = source.offset(callable.getEnd().orElseThrow()) + 1;
          found.add(
              new MethodComment(
                  prefix + name,
                  callable.getNameAsString(),
                  signature,
                  callable.getBegin().orElseThrow().line,
                  comment,
                  hasBody(callable) ? source.withoutComments(begin, end) : null));
        }
      }
    }
  }

  private static String signature(CallableDeclaration<?> callable) {
    StringBuilder text = new StringBuilder(callable.getNameAsString()).append('(');
    for (int i = 0; i < callable.getParameters().size(); i++) {
      var parameter = callable.getParameter(i);
      text.append(i == 0 ? "" : ",")
          .append(parameter.getType().asString())
          .append(parameter.isVarArgs() ? "..." : "");
    }
    return text.append(')').toString();
  }

  private static boolean hasBody(CallableDeclaration<?> callable) {
    return callable instanceof ConstructorDeclaration
        || callable instanceof MethodDeclaration method && method.getBody().isPresent();
  }

  private static String unique(String signature, Map<String, Integer> signatures) {
    int occurrence = signatures.merge(signature, 1, Integer::sum);
    return occurrence == 1 ? signature : signature + "-" + occurrence;
  }
}

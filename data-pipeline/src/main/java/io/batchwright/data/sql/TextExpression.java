package io.batchwright.data.sql;

import java.io.Serializable;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ImplicitCastInputTypes;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import scala.Option;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * One call of a {@link TextFunction}: its name, types and null rules for the analyser; the work,
 * interpreted and in generated code, is Spark's own call of a static method of {@link
 * TextFunctions}. Null in, null out.
 */
final class TextExpression extends Expression implements ImplicitCastInputTypes, Serializable {
  private static final long serialVersionUID = 1L;

  private final TextFunction function;
  private final Seq<Expression> arguments;
  private transient StaticInvoke call;

  TextExpression(TextFunction function, Seq<Expression> arguments) {
    this.function = function;
    this.arguments = arguments;
  }

  @Override
  public Seq<AbstractDataType> inputTypes() {
    return function.inputTypes();
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    TypeCheckResult types = ImplicitCastInputTypes.super.checkInputDataTypes();
    return types.isSuccess() ? function.checkOptions(arguments) : types;
  }

  @Override
  public DataType dataType() {
    return function.result();
  }

  @Override
  public boolean nullable() {
    return call().nullable();
  }

  @Override
  public boolean foldable() {
    return arguments.forall(Expression::foldable);
  }

  @Override
  public Object eval(InternalRow row) {
    return call().eval(row);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return call().doGenCode(context, code);
  }

  @Override
  public String prettyName() {
    return function.sqlName();
  }

  @Override
  public Seq<Expression> children() {
    return arguments;
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new TextExpression(function, children);
  }

  @Override
  public int productArity() {
    return 1; // what is printed between the parentheses
  }

  @Override
  public Object productElement(int index) {
    return arguments;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof TextExpression;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextExpression that
        && function == that.function
        && arguments.equals(that.arguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(function.name(), arguments);
  }

  private StaticInvoke call() {
    if (call == null) {
      call =
          new StaticInvoke(
              TextFunctions.class,
              function.result(),
              function.method(),
              arguments,
              function.inputTypes(),
              true, // null in, null out
              function.mayFindNothing(),
              true,
              Option.empty());
    }
    return call;
  }
}

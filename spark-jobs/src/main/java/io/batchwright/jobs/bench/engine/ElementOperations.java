package io.batchwright.jobs.bench.engine;

import static io.batchwright.jobs.bench.engine.OperationInputs.DIMS;
import static io.batchwright.jobs.bench.engine.OperationInputs.INNER;
import static io.batchwright.jobs.bench.engine.OperationInputs.ROWS;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What is computed element by element. */
final class ElementOperations {
  private ElementOperations() {}

  static List<Operation> all(OperationInputs inputs) {
    List<Operation> all = new ArrayList<>();
    all.addAll(arithmetic(inputs));
    all.addAll(functions(inputs));
    all.addAll(draws(inputs));
    return all;
  }

  private static List<Operation> arithmetic(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor y = inputs.gaussian(ROWS, DIMS);
    Tensor positive = inputs.positive(ROWS, DIMS);
    Tensor row = inputs.gaussian(DIMS);
    Tensor keep = inputs.coins(ROWS, DIMS);
    Tensor half = inputs.bf16(ROWS, DIMS);
    Tensor sum = inputs.zeros(ROWS, DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    return List.of(
        new Operation("add [4096, 384]", () -> backend.add(x, y, out)),
        new Operation("add a row [4096, 384]", () -> backend.add(x, row, out)),
        new Operation("subtract [4096, 384]", () -> backend.subtract(x, y, out)),
        new Operation("multiply [4096, 384]", () -> backend.multiply(x, y, out)),
        new Operation("divide [4096, 384]", () -> backend.divide(x, positive, out)),
        new Operation("scale [4096, 384]", () -> backend.scale(x, 0.3, out)),
        new Operation("add a multiple to [4096, 384]", () -> backend.axpy(0.3, x, sum)),
        new Operation("masked fill [4096, 384]", () -> backend.maskedFill(x, keep, 0, out)),
        new Operation("copy [4096, 384]", () -> backend.copy(x, out)),
        new Operation(
            "fill [4096, 384]",
            () -> backend.fill(out, 0.3),
            "copies of a tile instead of stores alone; training fills with zeros, which are set"),
        new Operation("cast to bf16 [4096, 384]", () -> backend.cast(x, half)),
        new Operation("cast from bf16 [4096, 384]", () -> backend.cast(half, out)));
  }

  private static List<Operation> functions(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor d = inputs.gaussian(ROWS, DIMS);
    Tensor positive = inputs.positive(ROWS, DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    Tensor inner = inputs.gaussian(ROWS, INNER);
    Tensor dInner = inputs.gaussian(ROWS, INNER);
    Tensor innerOut = inputs.zeros(ROWS, INNER);
    return List.of(
        new Operation("exp [4096, 384]", () -> backend.exp(x, out)),
        new Operation(
            "log [4096, 384]",
            () -> backend.log(positive, out),
            "StrictMath's, an element at a time and the same on every processor; no model or loss"
                + " here takes one"),
        new Operation("square root [4096, 384]", () -> backend.sqrt(positive, out)),
        new Operation("sign [4096, 384]", () -> backend.sign(x, out)),
        new Operation("tanh [4096, 384]", () -> backend.tanh(x, out)),
        new Operation("tanh backward [4096, 384]", () -> backend.tanhBackward(x, d, out)),
        new Operation("relu [4096, 384]", () -> backend.relu(x, out)),
        new Operation("relu backward [4096, 384]", () -> backend.reluBackward(x, d, out)),
        new Operation("gelu [4096, 1536]", () -> backend.gelu(inner, innerOut)),
        new Operation(
            "gelu backward [4096, 1536]", () -> backend.geluBackward(inner, dInner, innerOut)));
  }

  private static List<Operation> draws(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    Tensor rows = inputs.rowNumbers(ROWS);
    RandomStream stream = RandomStream.of(1, "draws of an operation", 0, 0);
    String alone =
        "a number is a function of its place, drawn alone and the same on every machine; models"
            + " draw when they are made";
    return List.of(
        new Operation("dropout [4096, 384]", () -> backend.dropout(x, stream, rows, 0.1, out)),
        new Operation(
            "uniform numbers [4096, 384]", () -> backend.fillUniform(out, stream, 0, 0, 1), alone),
        new Operation(
            "normal numbers [4096, 384]", () -> backend.fillGaussian(out, stream, 0, 0, 1), alone));
  }
}

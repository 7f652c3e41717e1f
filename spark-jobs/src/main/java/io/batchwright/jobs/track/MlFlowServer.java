package io.batchwright.jobs.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An MLflow tracking server, by its REST API 2.0 as <a
 * href="https://mlflow.org/docs/latest/rest-api.html">documented</a>: {@code
 * experiments/get-by-name}, {@code experiments/create}, {@code runs/create}, {@code runs/log-batch}
 * (at most 1,000 metrics or 100 parameters a request), {@code runs/update}.
 *
 * <p>A request has 5 seconds; one that fails because the server is away or busy is tried three
 * times.
 */
final class MlFlowServer implements MlFlowStore {
  private static final int METRICS_AT_ONCE = 1000;
  private static final int PARAMETERS_AT_ONCE = 100;
  private static final int LONGEST_PARAMETER = 500;
  private static final int TRIES = 3;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final String api;
  private final String authorization;
  private String run = "";

  /**
   * @param server such as {@code http://host:5000}
   * @param authorization the header of that name, or empty
   */
  MlFlowServer(URI server, String authorization) {
    this.api = server.toString().replaceAll("/+$", "") + "/api/2.0/mlflow/";
    this.authorization = authorization;
  }

  /** The header that MLflow's own clients would send by these environment variables. */
  static String authorization(Map<String, String> environment) {
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    if (!user.isEmpty()) {
      String both = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
      return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
    return token.isEmpty() ? "" : "Bearer " + token;
  }

  @Override
  public void start(String experiment, TrainingFacts facts) throws IOException {
    ObjectNode create = JSON.createObjectNode();
    create.put("experiment_id", experimentId(experiment));
    create.put("run_name", facts.name());
    create.put("start_time", facts.clock().millis());
    ArrayNode tags = create.putArray("tags");
    tags.addObject().put("key", "mlflow.runName").put("value", facts.name());
    tags.addObject().put("key", "batchwright.run_id").put("value", facts.runId());
    run = post("runs/create", create).path("run").path("info").path("run_id").asText();
    if (run.isEmpty()) {
      throw new IOException("the tracking server's answer to runs/create names no run_id");
    }
    ArrayNode parameters = JSON.createArrayNode();
    for (Map.Entry<String, String> parameter : facts.parameters().entrySet()) {
      String value = parameter.getValue();
      parameters
          .addObject()
          .put("key", parameter.getKey())
          .put("value", value.substring(0, Math.min(value.length(), LONGEST_PARAMETER)));
      if (parameters.size() == PARAMETERS_AT_ONCE) {
        batch("params", parameters);
        parameters = JSON.createArrayNode();
      }
    }
    if (!parameters.isEmpty()) {
      batch("params", parameters);
    }
  }

  private String experimentId(String name) throws IOException {
    String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
    HttpResponse<String> found =
        send(request("experiments/get-by-name?experiment_name=" + query).GET().build());
    if (found.statusCode() == 200) {
      return JSON.readTree(found.body()).path("experiment").path("experiment_id").asText();
    }
    if (found.statusCode() != 404) {
      throw refused("experiments/get-by-name", found);
    }
    return post("experiments/create", JSON.createObjectNode().put("name", name))
        .path("experiment_id")
        .asText();
  }

  @Override
  public void log(List<Metric> metrics) throws IOException {
    for (int from = 0; from < metrics.size(); from += METRICS_AT_ONCE) {
      ArrayNode batch = JSON.createArrayNode();
      for (Metric metric :
          metrics.subList(from, Math.min(metrics.size(), from + METRICS_AT_ONCE))) {
        batch
            .addObject()
            .put("key", metric.key())
            .put("value", metric.value())
            .put("timestamp", metric.timestamp())
            .put("step", metric.step());
      }
      batch("metrics", batch);
    }
  }

  private void batch(String kind, ArrayNode entries) throws IOException {
    ObjectNode body = JSON.createObjectNode().put("run_id", run);
    body.set(kind, entries);
    post("runs/log-batch", body);
  }

  @Override
  public void end(boolean finished, long timestamp) throws IOException {
    post(
        "runs/update",
        JSON.createObjectNode()
            .put("run_id", run)
            .put("status", finished ? "FINISHED" : "FAILED")
            .put("end_time", timestamp));
  }

  private JsonNode post(String path, ObjectNode body) throws IOException {
    HttpResponse<String> answer =
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    if (answer.statusCode() != 200) {
      throw refused(path, answer);
    }
    return JSON.readTree(answer.body());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path)).timeout(TIMEOUT);
    return authorization.isEmpty() ? request : request.header("Authorization", authorization);
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
          boolean busy = answer.statusCode() == 429 || answer.statusCode() >= 500;
          if (!busy || attempt == TRIES) {
            return answer;
          }
        } catch (IOException e) {
          if (attempt == TRIES) {
            throw new IOException(
                "the tracking server %s does not answer (%s)".formatted(request.uri(), e), e);
          }
        }
        Thread.sleep(250L * attempt);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while speaking to the tracking server", e);
    }
  }

  private static IOException refused(String path, HttpResponse<String> answer) {
    String body = answer.body();
    return new IOException(
        "the tracking server answered %s with %d: %s"
            .formatted(path, answer.statusCode(), body.substring(0, Math.min(body.length(), 200))));
  }
}

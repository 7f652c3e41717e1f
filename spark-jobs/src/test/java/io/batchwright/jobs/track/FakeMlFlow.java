package io.batchwright.jobs.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A tracking server that keeps what it is told, and refuses what MLflow's documentation does. */
final class FakeMlFlow implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final Map<String, String> experiments = new ConcurrentHashMap<>();
  final Map<String, String> parameters = new ConcurrentHashMap<>();
  final Map<String, String> tags = new ConcurrentHashMap<>();
  final Map<String, Map<Long, Double>> metrics = new ConcurrentHashMap<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  volatile String status = "";
  final AtomicInteger busyAnswers = new AtomicInteger();
  volatile boolean silent;

  private final HttpServer server;

  FakeMlFlow() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "fake-mlflow");
              thread.setDaemon(true);
              return thread;
            }));
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.start();
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String call = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
    calls.add(exchange.getRequestMethod() + " " + call);
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (silent) {
      return;
    }
    if (busyAnswers.getAndDecrement() > 0) {
      reply(exchange, 503, "busy");
      return;
    }
    try {
      reply(exchange, 200, handle(call, exchange.getRequestURI().getQuery(), body));
    } catch (Refused e) {
      reply(exchange, e.code, "{\"error_code\": \"" + e.getMessage() + "\"}");
    }
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    Refused(int code, String error) {
      super(error);
      this.code = code;
    }
  }

  private String handle(String call, String query, byte[] body) throws IOException, Refused {
    JsonNode json = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    switch (call) {
      case "experiments/get-by-name" -> {
        String id = experiments.get(query.substring("experiment_name=".length()));
        if (id == null) {
          throw new Refused(404, "RESOURCE_DOES_NOT_EXIST");
        }
        return "{\"experiment\": {\"experiment_id\": \"" + id + "\"}}";
      }
      case "experiments/create" -> {
        experiments.put(json.path("name").asText(), "7");
        return "{\"experiment_id\": \"7\"}";
      }
      case "runs/create" -> {
        require(experiments.containsValue(json.path("experiment_id").asText()));
        require(json.path("start_time").isIntegralNumber());
        json.path("tags").forEach(t -> tags.put(t.get("key").asText(), t.get("value").asText()));
        status = "RUNNING";
        return "{\"run\": {\"info\": {\"run_id\": \"abc\"}}}";
      }
      case "runs/log-batch" -> {
        require(json.path("run_id").asText().equals("abc"));
        require(json.path("metrics").size() <= 1000 && json.path("params").size() <= 100);
        for (JsonNode parameter : json.path("params")) {
          require(parameter.get("key").asText().matches("[\\w. :/-]{1,250}"));
          require(parameter.get("value").asText().length() <= 500);
          parameters.put(parameter.get("key").asText(), parameter.get("value").asText());
        }
        for (JsonNode metric : json.path("metrics")) {
          require(metric.path("timestamp").isIntegralNumber());
          metrics
              .computeIfAbsent(metric.get("key").asText(), any -> new TreeMap<>())
              .put(metric.get("step").asLong(), metric.get("value").asDouble());
        }
        return "{}";
      }
      case "runs/update" -> {
        require(json.path("run_id").asText().equals("abc"));
        status = json.path("status").asText();
        return "{\"run_info\": {}}";
      }
      default -> throw new Refused(404, "ENDPOINT_NOT_FOUND");
    }
  }

  private static void require(boolean holds) throws Refused {
    if (!holds) {
      throw new Refused(400, "INVALID_PARAMETER_VALUE");
    }
  }

  private static void reply(HttpExchange exchange, int code, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

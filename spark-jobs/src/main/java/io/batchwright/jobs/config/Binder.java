package io.batchwright.jobs.config;

import io.batchwright.technique.ConditionalSettings;
import io.batchwright.technique.DependentDefaults;
import io.batchwright.technique.Renamed;
import io.batchwright.technique.Techniques;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Binds given values to record types.
 *
 * <p>A value that cannot be bound is reported and stands in for itself with its default, so that
 * the rest of the recipe is still checked.
 */
final class Binder {
  private static final String CHOICE = "name";

  private final Problems problems;
  private final Origins origins = new Origins();
  private final List<String> warnings = new ArrayList<>();

  Binder(Problems problems) {
    this.problems = problems;
  }

  List<ResolvedValue> values() {
    return origins.values();
  }

  List<String> warnings() {
    return warnings;
  }

  Object bindRoot(Class<? extends Record> type, Given root) {
    return record(type, root, Techniques.defaults(type).orElse(null), "");
  }

  /** A record of {@code type}: given fields over {@code base}; null where that is impossible. */
  private Record record(Class<?> type, Given section, Object base, String key) {
    if (!section.isMapping()) {
      problems.add(section, key, "expected a section with " + keysOf(type));
      return (Record) base;
    }
    RecordComponent[] components = type.getRecordComponents();
    unknownKeys(type, section, key);
    String origin = Origins.ofDefault(base);
    Object[] values = new Object[components.length];
    Object[] defaults = new Object[components.length];
    boolean[] given = new boolean[components.length];
    boolean complete = true;
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String name = join(key, component.getName());
      Given field = section.fields().get(component.getName());
      defaults[i] = base == null ? null : defaultOf(base, components, values, i);
      if (field != null) {
        given[i] = true;
        values[i] =
            value(component.getGenericType(), component.getName(), field, defaults[i], name);
      } else if (base != null) {
        values[i] = defaults[i];
        origins.addTree(name, values[i], origin);
      } else {
        values[i] = absent(component, section, name);
      }
      complete &= values[i] != null;
    }
    if (!complete) {
      return (Record) base;
    }
    Record bound = new RangeCheck(type, section, key, problems).construct(values, defaults, given);
    if (bound instanceof ConditionalSettings settings) {
      warn(settings, section, key);
    }
    return bound == null ? (Record) base : bound;
  }

  /** Of the component {@code i}, where those before it have these values. */
  private static Object defaultOf(
      Object base, RecordComponent[] components, Object[] values, int i) {
    Optional<Object> dependent = Optional.empty();
    if (base instanceof DependentDefaults defaults) {
      Map<String, Object> before = new HashMap<>();
      for (int j = 0; j < i; j++) {
        before.put(components[j].getName(), values[j]);
      }
      dependent = defaults.defaultOf(components[i].getName(), before);
    }
    return dependent.orElseGet(() -> Components.read((Record) base, components[i]));
  }

  private Object absent(RecordComponent component, Given section, String key) {
    Class<?> type = component.getType();
    if (type == Optional.class) {
      return Optional.empty();
    }
    Optional<Object> defaults = Techniques.defaults(type);
    if (defaults.isPresent()) {
      origins.addTree(key, defaults.get(), Origins.ofDefault(defaults.get()));
      return defaults.get();
    }
    problems.add(
        section.origin(),
        section.line(),
        key + ": is required, " + Scalars.expected(type, component.getName()));
    return null;
  }

  private Object value(Type type, String name, Given field, Object base, String key) {
    Class<?> raw =
        type instanceof ParameterizedType generic
            ? (Class<?>) generic.getRawType()
            : (Class<?>) type;
    if (raw == Optional.class) {
      return optional(argument(type, 0), name, field, base, key);
    }
    if (raw == List.class) {
      return list(argument(type, 0), name, field, key);
    }
    if (raw == Map.class) {
      return map(field, key);
    }
    if (Families.isFamily(raw)) {
      return member(raw, field, base, key);
    }
    if (raw.isRecord()) {
      Object overlaid = raw.isInstance(base) ? base : Techniques.defaults(raw).orElse(null);
      return record(raw, field, overlaid, key);
    }
    Optional<Object> scalar = Scalars.read(raw, name, field);
    if (scalar.isEmpty()) {
      problems.add(field, key, Scalars.mistake(raw, name, field));
      return base == null ? Scalars.filler(raw) : base;
    }
    origins.add(key, scalar.get(), field.origin());
    return scalar.get();
  }

  private Object optional(Type type, String name, Given field, Object base, String key) {
    if (field.isNull()) {
      origins.add(key, Optional.empty(), field.origin());
      return Optional.empty();
    }
    Object inner = base instanceof Optional<?> present ? present.orElse(null) : null;
    return Optional.ofNullable(value(type, name, field, inner, key));
  }

  private Object list(Type type, String name, Given field, String key) {
    if (!field.isList()) {
      problems.add(field, key, "expected a list, such as [a, b]");
      return List.of();
    }
    List<Object> bound = new ArrayList<>();
    for (int i = 0; i < field.items().size(); i++) {
      Object item = value(type, name, field.items().get(i), null, key + "[" + i + "]");
      if (item != null) {
        bound.add(item);
      }
    }
    if (field.items().isEmpty()) {
      origins.add(key, List.of(), field.origin());
    }
    return List.copyOf(bound);
  }

  private Object map(Given field, String key) {
    if (!field.isMapping()) {
      problems.add(field, key, "expected a section of `key: value` lines");
      return Map.of();
    }
    Map<String, String> bound = new TreeMap<>();
    flatten("", field, bound, key);
    return bound;
  }

  /** Dotted names such as spark.sql.x may stand as one key or as nested ones. */
  private void flatten(String prefix, Given section, Map<String, String> bound, String key) {
    section
        .fields()
        .forEach(
            (name, value) -> {
              String dotted = join(prefix, name);
              if (value.isMapping()) {
                flatten(dotted, value, bound, key);
              } else if (value.isScalar()) {
                bound.put(dotted, value.text());
                origins.add(join(key, dotted), value.text(), value.origin());
              } else {
                problems.add(value, join(key, dotted), "expected text");
              }
            });
  }

  private Object member(Class<?> family, Given field, Object base, String key) {
    Given section = field;
    Given name = field;
    if (field.isMapping()) {
      name = field.fields().get(CHOICE);
    } else {
      section = Given.mapping(field.origin(), field.line());
    }
    if (name == null && base != null) {
      origins.add(join(key, CHOICE), Families.nameOf(base.getClass()), Origins.ofDefault(base));
      return record(base.getClass(), section, base, key);
    }
    List<String> known = Families.names(family);
    if (name == null || !name.isScalar()) {
      problems.add(field, join(key, CHOICE), "is required, one of " + String.join(", ", known));
      return null;
    }
    Optional<Class<?>> member = Families.find(family, name.text());
    if (member.isEmpty()) {
      problems.add(
          name,
          field.isMapping() ? join(key, CHOICE) : key,
          "no such " + family.getSimpleName() + Nearest.hint(name.text(), known));
      return base;
    }
    origins.add(join(key, CHOICE), name.text(), name.origin());
    return record(member.get(), section, Techniques.defaults(member.get()).orElse(null), key);
  }

  private void unknownKeys(Class<?> type, Given section, String key) {
    Map<String, String> dead = new LinkedHashMap<>();
    for (Renamed renamed : type.getAnnotationsByType(Renamed.class)) {
      dead.put(renamed.from(), renamed.to());
    }
    List<String> known = names(type);
    section
        .fields()
        .forEach(
            (name, value) -> {
              if (known.contains(name) || (name.equals(CHOICE) && Families.isMember(type))) {
                return;
              }
              String what =
                  dead.containsKey(name)
                      ? "was removed; use " + dead.get(name)
                      : "no such key" + Nearest.hint(name, known);
              problems.add(value, join(key, name), what);
            });
  }

  private void warn(ConditionalSettings settings, Given section, String key) {
    warn(settings.withoutEffect(), " has no effect: ", section, key);
    warn(settings.doubtful(), ": ", section, key);
  }

  /** Warns of those components that the recipe gives. */
  private void warn(Map<String, String> reasons, String link, Given section, String key) {
    new TreeMap<>(reasons)
        .forEach(
            (name, reason) -> {
              Given field = section.fields().get(name);
              if (field != null) {
                warnings.add(field.origin() + ": " + join(key, name) + link + reason);
              }
            });
  }

  private static List<String> names(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  private static String keysOf(Class<?> type) {
    return String.join(", ", names(type));
  }

  private static Type argument(Type type, int index) {
    return ((ParameterizedType) type).getActualTypeArguments()[index];
  }

  private static String join(String parent, String name) {
    return parent.isEmpty() ? name : parent + "." + name;
  }
}

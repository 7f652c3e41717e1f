package io.batchwright.technique;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A key that recipes of the annotated record no longer have; using it is an error. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Renamed.All.class)
public @interface Renamed {
  /** The dead key. */
  String from();

  /** What to write instead: a key, or a few words. */
  String to();

  /** The container of several. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {
    /** The dead keys. */
    Renamed[] value();
  }
}

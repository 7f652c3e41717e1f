package io.batchwright.technique;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the publication a technique follows. The technique table in docs/ is made from it. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Paper {
  /** The title as published; for techniques without a paper, the common name of the method. */
  String title();

  /** The arXiv identifier such as {@code 1711.05101}, or empty where there is none. */
  String arxiv() default "";

  /** The place in the publication that defines the method, such as {@code Algorithm 2}. */
  String where() default "";
}

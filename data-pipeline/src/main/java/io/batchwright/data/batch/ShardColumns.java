package io.batchwright.data.batch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What the shards hold of each text.
 *
 * @param roles the roles whose texts each record batch holds
 * @param scores whether each text has a teacher's score
 * @param guide whether each text has a guide's vector
 * @param knownPositives whether each sample has {@link KnownPositives}
 */
record ShardColumns(List<String> roles, boolean scores, boolean guide, boolean knownPositives)
    implements Serializable {
  ShardColumns {
    roles = new ArrayList<>(roles); // Kryo cannot read an immutable list back
  }

  int listsPerRole() {
    return ShardLayout.LISTS_PER_ROLE + (scores ? 1 : 0) + (guide ? 1 : 0);
  }

  /** The place of a role's first list among all lists. */
  int firstListOf(int role) {
    return ShardLayout.SAMPLE_LISTS + (knownPositives ? 2 : 0) + role * listsPerRole();
  }
}

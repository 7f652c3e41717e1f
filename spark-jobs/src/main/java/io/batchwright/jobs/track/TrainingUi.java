package io.batchwright.jobs.track;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.Function0;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.xml.Node;
import scala.xml.Unparsed;

/**
 * The tab and its only page, one for each web interface. It keeps the newest {@value #KEPT}
 * trainings.
 */
final class TrainingUi extends SparkUITab {
  static final int KEPT = 8;
  static final String PREFIX = "training";

  private static final Map<SparkUI, TrainingUi> ATTACHED = new WeakHashMap<>();

  private final Deque<ShownTraining> newestFirst = new ArrayDeque<>();

  private TrainingUi(SparkUI ui) {
    super(ui, PREFIX);
    attachPage(new Page());
  }

  /** The tab of {@code ui}, attached at the first call. */
  static TrainingUi of(SparkUI ui) {
    synchronized (ATTACHED) {
      TrainingUi tab = ATTACHED.get(ui);
      if (tab == null) {
        tab = new TrainingUi(ui);
        ui.attachTab(tab);
        ATTACHED.put(ui, tab);
      }
      return tab;
    }
  }

  /** Shows {@code training} above all others. */
  synchronized void show(ShownTraining training) {
    newestFirst.addFirst(training);
    while (newestFirst.size() > KEPT) {
      newestFirst.removeLast();
    }
  }

  private synchronized List<ShownTraining.View> views() {
    return newestFirst.stream().map(ShownTraining::view).toList();
  }

  private final class Page extends WebUIPage {
    Page() {
      super("");
    }

    @Override
    public Seq<Node> render(HttpServletRequest request) {
      Node body = new Unparsed(TrainingHtml.of(views()));
      Function0<Seq<Node>> content = () -> CollectionConverters.asScala(List.of(body)).toList();
      return UIUtils.headerSparkPage(
          request, "Training", content, TrainingUi.this, Option.empty(), false, false);
    }
  }
}

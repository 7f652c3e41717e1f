package io.batchwright.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.batchwright.jobs.bench.gpu.GpuCheck;
import java.util.Random;
import org.apache.spark.rdd.RDDBarrier;
import org.apache.spark.sql.Encoders;

/** The arrows and bans of the house, over the main classes of all modules. */
@AnalyzeClasses(packages = "io.batchwright", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] KERNELS = {"io.batchwright.tensor..", "io.batchwright.kernel.."};
  private static final String[] DATA = {"io.batchwright.technique..", "io.batchwright.data.."};
  private static final String TRAINING = "io.batchwright.train..";
  private static final String[] JOBS = {
    "io.batchwright.jobs..", "io.batchwright.report..", "io.batchwright.ui..", "io.batchwright.ml.."
  };

  @ArchTest
  static final ArchRule kernelsKnowNoOtherModuleOfOurs =
      noClasses()
          .that()
          .resideInAnyPackage(KERNELS)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(DATA).or(resideInAPackage(TRAINING)).or(resideInAnyPackage(JOBS)));

  @ArchTest
  static final ArchRule kernelsKnowNoSpark =
      noClasses()
          .that()
          .resideInAnyPackage(KERNELS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..");

  @ArchTest
  static final ArchRule dataKnowsKernelsOnly =
      noClasses()
          .that()
          .resideInAnyPackage(DATA)
          .should()
          .dependOnClassesThat(resideInAPackage(TRAINING).or(resideInAnyPackage(JOBS)));

  @ArchTest
  static final ArchRule trainingKnowsNoJobs =
      noClasses()
          .that()
          .resideInAPackage(TRAINING)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(JOBS);

  @ArchTest
  static final ArchRule jcudaStaysInItsPackage =
      noClasses()
          .that(not(resideInAPackage("io.batchwright.kernel.cuda..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jcuda..");

  @ArchTest
  static final ArchRule trainingKnowsSparkInRanksOnly =
      noClasses()
          .that(
              resideInAPackage(TRAINING).and(not(resideInAPackage("io.batchwright.train.rank.."))))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..");

  @ArchTest
  static final ArchRule trainingKnowsHadoopInRanksAndCheckpointsOnly =
      noClasses()
          .that(
              resideInAPackage(TRAINING)
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.batchwright.train.rank..", "io.batchwright.train.checkpoint.."))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.hadoop..");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses().should().haveNameMatching(".*(Utils?|Helpers?|Manager|Common|Misc)(\\$.*)?");

  @ArchTest
  static final ArchRule randomnessIsAParameter =
      noClasses()
          .should()
          .callMethod(Math.class, "random")
          .orShould()
          .callConstructor(Random.class)
          .orShould()
          .callConstructor(Random.class, long.class);

  @ArchTest
  static final ArchRule beansAreNoEncoders =
      noClasses().should().callMethod(Encoders.class, "bean", Class.class);

  @ArchTest
  static final ArchRule barrierStagesAreBarrierStages =
      noClasses()
          .should()
          .callMethodWhere(
              target(owner(assignableTo(RDDBarrier.class)))
                  .and(target(name("mapPartitionsWithEvaluator"))))
          .because("in Spark 4.1.0 it silently runs a stage without barrier");

  /** The application, and the check of a GPU, which is a jar of its own. */
  @ArchTest
  static final ArchRule onlyProgramsExit =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Batchwright.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(GpuCheck.class.getName())
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);

  @ArchTest
  static final ArchRule kernelPackagesHaveNoCycles =
      slices().matching("io.batchwright.(tensor|kernel)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule dataPackagesHaveNoCycles =
      slices().matching("io.batchwright.data.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule trainingPackagesHaveNoCycles =
      slices().matching("io.batchwright.train.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule jobPackagesHaveNoCycles =
      slices().matching("io.batchwright.jobs.(*)..").should().beFreeOfCycles();
}

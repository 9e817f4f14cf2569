// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/statistics.hpp"

#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace mapctl::catalog;
using mapctl::test::Approx;

namespace {

// The values "v<from>" to "v<to - 1>".
ColumnStatistics range(int from, int to) {
  ColumnProfiler profiler;
  for (int i = from; i < to; ++i) {
    profiler.add("v" + std::to_string(i));
  }
  return profiler.finish();
}

}  // namespace

TEST_CASE("the overlap of small columns is exact", "[catalog][statistics]") {
  const Overlap overlap = estimate_overlap(range(0, 60), range(40, 240));
  CHECK(overlap.jaccard == Approx(20.0 / 240));
  CHECK(overlap.left_in_right == Approx(20.0 / 60));
  CHECK(overlap.right_in_left == Approx(20.0 / 200));
}

TEST_CASE("the overlap of large columns is estimated well", "[catalog][statistics]") {
  const Overlap half = estimate_overlap(range(0, 20'000), range(10'000, 30'000));
  CHECK(half.jaccard == Approx(1.0 / 3).margin(0.09));
  CHECK(half.left_in_right == Approx(0.5).margin(0.12));
  const Overlap contained = estimate_overlap(range(0, 5'000), range(0, 20'000));
  CHECK(contained.left_in_right == Approx(1.0));
  CHECK(contained.right_in_left == Approx(0.25).margin(0.09));
  CHECK(estimate_overlap(range(0, 20'000), range(0, 20'000)).jaccard == 1);
}

TEST_CASE("columns without common values, or without values, do not overlap",
          "[catalog][statistics]") {
  CHECK(estimate_overlap(range(0, 9'000), range(9'000, 18'000)).jaccard == 0);
  CHECK(estimate_overlap(range(0, 9), {}).left_in_right == 0);
  CHECK(estimate_overlap({}, {}).jaccard == 0);
}

TEST_CASE("a few values that hit a large column by chance are no containment",
          "[catalog][statistics]") {
  // Three values in a column of 100,000: the sample that both know is too thin to tell.
  CHECK(estimate_overlap(range(0, 3), range(0, 100'000)).left_in_right == 0);
}

TEST_CASE("overlap ignores case, marks and blanks at the ends", "[catalog][statistics]") {
  ColumnProfiler left;
  left.add("  Zürich");
  left.add("BERN");
  ColumnProfiler right;
  right.add("zurich");
  right.add("Bern ");
  CHECK(estimate_overlap(left.finish(), right.finish()).jaccard == 1);
}

TEST_CASE("a number is one value however many zeros it is written with", "[catalog][statistics]") {
  CHECK(value_hash("10.00") == value_hash("10"));
  CHECK(value_hash("6.70") == value_hash("6.7"));
  CHECK(value_hash("-5.0") == value_hash("-5"));
  CHECK(value_hash("0736") == value_hash("736"));
  CHECK(value_hash("00.50") == value_hash("0.5"));
  CHECK(value_hash("000") == value_hash("0"));
  CHECK(value_hash("100") != value_hash("1"));
  CHECK(value_hash("10.05") != value_hash("10.5"));
  CHECK(value_hash("1.2.0") != value_hash("1.2"));
  CHECK(value_hash("v1.0") != value_hash("v1"));
  CHECK(value_hash("192.168.0.10") != value_hash("192.168.0.1"));

  ColumnProfiler money;
  ColumnProfiler exported;
  for (int i = 0; i < 40; ++i) {
    money.add(std::to_string(i) + ".5000");
    exported.add(std::to_string(i) + ".5");
  }
  CHECK(estimate_overlap(money.finish(), exported.finish()).jaccard == 1);
}

TEST_CASE("a pattern that was not seen has no share", "[catalog][statistics]") {
  ColumnStatistics statistics;
  statistics.patterns = {{ValuePattern::email, 0.75}};
  CHECK(statistics.share(ValuePattern::email) == 0.75);
  CHECK(statistics.share(ValuePattern::phone) == 0);
}

TEST_CASE("the distinct share is of the values, not of the rows", "[catalog][statistics]") {
  ColumnStatistics statistics;
  CHECK(statistics.distinct_share() == 0);
  statistics.rows = 200;
  statistics.null_share = 0.5;
  statistics.distinct = 50;
  CHECK(statistics.distinct_share() == Approx(0.5));
  statistics.distinct = 120;  // an estimate may be too high
  CHECK(statistics.distinct_share() == 1);
}

TEST_CASE("values tell rows apart when none is null and none comes twice",
          "[catalog][statistics]") {
  ColumnStatistics statistics;
  statistics.rows = statistics.distinct = 100;
  CHECK(statistics.tells_rows_apart());
  statistics.distinct = 99;
  CHECK_FALSE(statistics.tells_rows_apart());
  statistics.distinct = 100;
  statistics.null_share = 0.01;
  CHECK_FALSE(statistics.tells_rows_apart());
  statistics = {};
  statistics.rows = statistics.distinct = 1;
  CHECK_FALSE(statistics.tells_rows_apart());
}

TEST_CASE("names of keys are told from other names", "[catalog][statistics]") {
  for (const char* name :
       {"id", "ID", "order_id", "orderId", "CustomerKey", "sku code", "doc_no"}) {
    CHECK(is_named_like_key(name));
  }
  for (const char* name : {"paid", "amount", "note", "valid", "keyboard"}) {
    CHECK_FALSE(is_named_like_key(name));
  }
}

TEST_CASE("the words of patterns lead back to them", "[catalog][statistics]") {
  for (int i = 0; i < value_pattern_count; ++i) {
    const auto pattern = static_cast<ValuePattern>(i);
    CHECK_FALSE(to_string(pattern).empty());
    CHECK(value_pattern_from(to_string(pattern)) == pattern);
  }
  CHECK_FALSE(value_pattern_from("iban"));
}

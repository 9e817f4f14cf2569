// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/profiler.hpp"

#include "core/base/text.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace mapctl::catalog;
using mapctl::test::Approx;

namespace {

ColumnStatistics profile(const std::vector<std::string>& values) {
  ColumnProfiler profiler;
  for (const std::string& value : values) {
    profiler.add(value);
  }
  return profiler.finish();
}

}  // namespace

TEST_CASE("a column without rows or without values has no figures", "[catalog][profiler]") {
  CHECK(ColumnProfiler{}.finish() == ColumnStatistics{});
  ColumnProfiler nulls;
  nulls.add_null();
  nulls.add_null();
  const ColumnStatistics statistics = nulls.finish();
  CHECK(statistics.rows == 2);
  CHECK(statistics.null_share == 1);
  CHECK(statistics.distinct == 0);
  CHECK_FALSE(statistics.minimum);
  CHECK_FALSE(statistics.longest);
}

TEST_CASE("a small column is described exactly", "[catalog][profiler]") {
  ColumnProfiler profiler;
  for (const char* value : {"open", "won", "open", "lost", "open", "won", "größe"}) {
    profiler.add(value);
  }
  profiler.add_null();
  const ColumnStatistics statistics = profiler.finish();
  CHECK(statistics.rows == 8);
  CHECK(statistics.null_share == 0.125);
  CHECK(statistics.distinct == 4);
  CHECK(statistics.minimum == "größe");
  CHECK(statistics.maximum == "won");
  CHECK(statistics.shortest == 3);
  CHECK(statistics.longest == 5);  // characters, not bytes
  CHECK(statistics.average_length == Approx(27.0 / 7).margin(1e-6));
  CHECK(statistics.frequent ==
        std::vector<FrequentValue>{{"open", 3}, {"won", 2}, {"größe", 1}, {"lost", 1}});
  CHECK(statistics.samples == std::vector<std::string>{"open", "won", "lost", "größe"});
  CHECK(statistics.sketch.size() == 4);
  CHECK_FALSE(statistics.mean);
  CHECK_FALSE(statistics.sampled);
}

TEST_CASE("numbers are compared as numbers and described by their distribution",
          "[catalog][profiler]") {
  std::vector<std::string> values;
  for (int i = 1; i <= 101; ++i) {
    values.push_back(std::to_string(i));
  }
  values.push_back("-12.125");
  const ColumnStatistics statistics = profile(values);
  CHECK(statistics.minimum == "-12.125");
  CHECK(statistics.maximum == "101");
  CHECK(statistics.integer_digits == 3);
  CHECK(statistics.fraction_digits == 3);
  REQUIRE(statistics.mean);
  CHECK(*statistics.mean == Approx((101 * 51 - 12.125) / 102));
  REQUIRE(statistics.quantiles.size() == 7);
  CHECK(statistics.quantiles[0] == -12.125);
  CHECK(statistics.quantiles[3] == Approx(51).margin(1));
  CHECK(statistics.quantiles[6] == 101);
  CHECK(std::is_sorted(statistics.quantiles.begin(), statistics.quantiles.end()));
  CHECK(statistics.share(ValuePattern::integer_number) == Approx(101.0 / 102).margin(1e-6));
}

TEST_CASE("the deviation of numbers is that of a sample", "[catalog][profiler]") {
  const ColumnStatistics statistics = profile({"2", "4", "4", "4", "5", "5", "7", "9"});
  CHECK(*statistics.mean == Approx(5));
  CHECK(*statistics.deviation == Approx(2.13809).margin(1e-5));
  CHECK(*profile({"3"}).deviation == 0);
}

TEST_CASE("digits are counted without zeros in front and with exponents", "[catalog][profiler]") {
  CHECK(profile({"0.25"}).integer_digits == 0);
  CHECK(profile({"0.25"}).fraction_digits == 2);
  CHECK(profile({"1.5e3"}).integer_digits == 4);
  CHECK(profile({"15e-3"}).fraction_digits == 3);
  CHECK(profile({"+7", "12"}).integer_digits == 2);
}

TEST_CASE("codes with leading zeros are text, not numbers", "[catalog][profiler]") {
  const ColumnStatistics statistics = profile({"00123", "00200", "09999"});
  CHECK_FALSE(statistics.mean);
  CHECK(statistics.share(ValuePattern::leading_zeros) == 1);
  CHECK(statistics.share(ValuePattern::integer_number) == 0);
}

TEST_CASE("a few strays do not turn a column of numbers into text", "[catalog][profiler]") {
  std::vector<std::string> values(98, "7");
  values.push_back("N/A");
  values.push_back("1000");
  const ColumnStatistics statistics = profile(values);
  CHECK(statistics.minimum == "7");
  CHECK(statistics.maximum == "1000");
  CHECK(statistics.share(ValuePattern::null_word) == 0.01);
}

TEST_CASE("many distinct values are estimated within three percent", "[catalog][profiler]") {
  for (const int count : {4096, 4097, 6'000, 25'000, 100'000, 400'000}) {
    ColumnProfiler profiler;
    for (int i = 0; i < count; ++i) {
      profiler.add("key-" + std::to_string(i));
    }
    const ColumnStatistics statistics = profiler.finish();
    INFO(count);
    CHECK(static_cast<double>(statistics.distinct) == Approx(count).epsilon(0.03));
    if (count <= 4096) {
      CHECK(statistics.distinct == count);
    }
    CHECK(statistics.sketch.size() == sketch_size);
    CHECK(std::is_sorted(statistics.sketch.begin(), statistics.sketch.end()));
    CHECK(statistics.frequent.empty());  // none comes twice
  }
}

TEST_CASE("frequent values survive among many, and no count is above the truth",
          "[catalog][profiler]") {
  ColumnProfiler profiler;
  for (int i = 0; i < 60'000; ++i) {
    profiler.add("unique-" + std::to_string(i));
    if (i % 3 == 0) {
      profiler.add("often");
    }
    if (i % 6 == 0) {
      profiler.add("sometimes");
    }
  }
  const ColumnStatistics statistics = profiler.finish();
  REQUIRE(statistics.frequent.size() >= 2);
  CHECK(statistics.frequent[0].text == "often");
  CHECK(statistics.frequent[1].text == "sometimes");
  CHECK(statistics.frequent[0].count <= 20'000);
  CHECK(statistics.frequent[0].count > 19'000);
  CHECK(statistics.frequent[1].count <= 10'000);
  for (std::size_t i = 2; i < statistics.frequent.size(); ++i) {
    CHECK(statistics.frequent[i].count == 1);
  }
}

TEST_CASE("quantiles of a large column are close and the same every time", "[catalog][profiler]") {
  const auto run = [] {
    ColumnProfiler profiler;
    for (int i = 0; i < 200'000; ++i) {
      profiler.add(std::to_string((static_cast<long long>(i) * 7919) % 200'000));
    }
    return profiler.finish();
  };
  const ColumnStatistics first = run();
  CHECK(first == run());
  REQUIRE(first.quantiles.size() == 7);
  CHECK(first.quantiles.front() == 0);
  CHECK(first.quantiles.back() == 199'999);
  CHECK(first.quantiles[3] == Approx(100'000).epsilon(0.08));
  CHECK(first.quantiles[5] == Approx(180'000).epsilon(0.05));
}

TEST_CASE("long values are shown by their beginning and counted by their whole",
          "[catalog][profiler]") {
  const std::string base(5000, 'x');
  const ColumnStatistics statistics = profile({base + "1", base + "2"});
  CHECK(statistics.distinct == 2);
  CHECK(statistics.longest == 5001);
  for (const std::string& sample : statistics.samples) {
    CHECK(sample.size() < 300);
  }
  std::string umlauts;
  for (int i = 0; i < 400; ++i) {
    umlauts += "ä";
  }
  CHECK_FALSE(mapctl::first_invalid_utf8(profile({umlauts}).samples.front()));
}

TEST_CASE("bytes that are not UTF-8 do not reach the statistics", "[catalog][profiler]") {
  const ColumnStatistics statistics = profile({"M\xFCller", "M\xFCller"});
  CHECK(statistics.samples.front() == "M\xEF\xBF\xBDller");
  CHECK(statistics.frequent.front().text == "M\xEF\xBF\xBDller");
  CHECK_FALSE(mapctl::first_invalid_utf8(*statistics.minimum));
}

TEST_CASE("a profiler can be asked in the middle and go on", "[catalog][profiler]") {
  ColumnProfiler profiler;
  profiler.add("a");
  CHECK(profiler.finish().distinct == 1);
  profiler.add("b");
  ColumnProfiler moved = std::move(profiler);
  CHECK(moved.finish().distinct == 2);
}

TEST_CASE("numbers that happen to have five digits are no postcodes", "[catalog][profiler]") {
  CHECK(profile({"12000", "850", "1250000"}).share(ValuePattern::postcode) == 0);
  CHECK(profile({"10115", "80331", "20095"}).share(ValuePattern::postcode) == 1);
  CHECK(profile({"SW1A 1AA", "1010", "10115", "4000"}).share(ValuePattern::postcode) == 0.5);
}

TEST_CASE("dates that can be read both ways follow the others of their column",
          "[catalog][profiler]") {
  const auto day = [](const ColumnStatistics& statistics) {
    return statistics.share(ValuePattern::day_first_date);
  };
  const auto month = [](const ColumnStatistics& statistics) {
    return statistics.share(ValuePattern::month_first_date);
  };
  const ColumnStatistics european = profile({"31/01/2026", "01/02/2026", "03/04/2026", "x"});
  CHECK(day(european) == 0.75);
  CHECK(month(european) == 0);
  const ColumnStatistics american = profile({"01/31/2026", "01/02/2026"});
  CHECK(day(american) == 0);
  CHECK(month(american) == 1);
  const ColumnStatistics mixed = profile({"31/01/2026", "30/01/2026", "01/31/2026", "01/02/2026"});
  CHECK(day(mixed) == 0.75);
  CHECK(month(mixed) == 0.25);
  const ColumnStatistics unknown = profile({"01/02/2026", "03/04/2026"});
  CHECK(day(unknown) == 1);
  CHECK(month(unknown) == 1);
}

TEST_CASE("the first rows stay side by side", "[catalog][profiler]") {
  ColumnProfiler left;
  ColumnProfiler right;
  for (int row = 0; row < 60; ++row) {
    row % 3 == 0 ? left.add_null() : left.add(std::to_string(row));
    right.add("row " + std::to_string(row) + (row == 2 ? std::string(200, 'x') : std::string{}));
  }
  const auto numbers = left.finish().first_rows;
  const auto texts = right.finish().first_rows;
  REQUIRE(numbers.size() == mapctl::catalog::first_row_count);
  REQUIRE(texts.size() == mapctl::catalog::first_row_count);
  CHECK(numbers[0].empty());
  CHECK(numbers[4] == "4");
  CHECK(texts[4] == "row 4");
  CHECK(texts[2].ends_with("xxx..."));
  CHECK(texts[2].size() < 100);
}

TEST_CASE("values have parts at their commas, else at the first blank", "[catalog][profiler]") {
  using Parts = std::vector<std::string_view>;
  CHECK(mapctl::catalog::value_parts(" Ada  King Lovelace ") == Parts{"Ada", "King Lovelace"});
  CHECK(mapctl::catalog::value_parts("12 Mill Road ,Utrecht") == Parts{"12 Mill Road", "Utrecht"});
  CHECK(mapctl::catalog::value_parts("Ada") == Parts{"Ada"});
  CHECK(mapctl::catalog::value_parts("  ").empty());
}

TEST_CASE("long bounds are cut between characters and end in dots", "[catalog][profiler]") {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "\xE2\x82\xAC";  // three bytes, of which no 256 are whole characters
  }
  const ColumnStatistics statistics = profile({text});
  CHECK(statistics.minimum == statistics.samples.at(0));
  CHECK(statistics.maximum == statistics.samples.at(0));
  CHECK(statistics.minimum->ends_with("\xE2\x82\xAC..."));
}

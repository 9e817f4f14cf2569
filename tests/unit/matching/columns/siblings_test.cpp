// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/siblings.hpp"

#include "core/matching/matcher.hpp"
#include "core/matching/scoring/normalisation.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

using Names = std::vector<std::string>;

catalog::Table named(std::string name, const Names& columns) {
  std::vector<catalog::Column> list;
  for (const auto& column : columns) {
    list.push_back(test::column(column));
  }
  return test::table(std::move(name), std::move(list));
}

// The side of a whole catalog, which stays as long as this.
struct Whole {
  explicit Whole(std::vector<catalog::Table> tables)
      : prepared{prepare(test::catalog_of(std::move(tables)), *test::shipped_lexicon())},
        side{prepared->whole()} {}
  std::shared_ptr<const Prepared> prepared;
  const Side& side;
  std::uint32_t number(std::string_view table, std::string_view column) const {
    for (std::uint32_t at = 0; at < side.columns.size(); ++at) {
      if (side.columns[at].column->name.text == column &&
          side.tables[side.columns[at].table].ref.table.text == table) {
        return at;
      }
    }
    FAIL("no column '" << column << "' in '" << table << "'");
    return 0;
  }
};

Whole kinds_of_writings() {
  return Whole{{named("book", {"title", "year", "pages", "publisher"}),
                named("article", {"title", "year", "pages", "journal"}),
                named("report", {"title", "year", "pages", "institute"}),
                named("person", {"title", "email", "phone"})}};
}

}  // namespace

TEST_CASE("columns of one name are siblings where their tables hold the same", "[matching]") {
  const Whole source = kinds_of_writings();
  const Whole target{{named("works", {"title", "year"})}};
  const auto siblings = siblings_of(source.side, target.side);
  REQUIRE(siblings.any());
  const auto group = [&](std::string_view table, std::string_view column) {
    return siblings.group[source.number(table, column)];
  };
  CHECK(group("book", "title") == group("article", "title"));
  CHECK(group("book", "title") == group("report", "title"));
  CHECK(group("book", "title") != group("person", "title"));
  CHECK(group("book", "title") != group("book", "year"));
}

TEST_CASE("siblings crowd a target that has fewer places for them", "[matching]") {
  const Whole source = kinds_of_writings();
  const Whole one{{named("works", {"title", "year"})}};
  const Whole three{{named("books", {"title", "isbn"}), named("papers", {"title", "doi"}),
                     named("reports", {"title", "number"})}};
  const auto crowding = [&](const Whole& target, std::string_view from, std::string_view into) {
    return siblings_of(source.side, target.side)
        .crowding(source.number(from, "title"), target.number(into, "title"));
  };
  CHECK(crowding(one, "report", "works") == test::Approx(2.0 / 3));
  CHECK(crowding(one, "person", "works") == 0);
  CHECK(crowding(three, "report", "papers") == 0);
}

TEST_CASE("a side of different tables has no siblings", "[matching]") {
  const Whole source{
      {named("customer", {"id", "name", "email"}), named("invoice", {"id", "total", "due"})}};
  const Whole target{{named("party", {"id", "name"})}};
  CHECK_FALSE(siblings_of(source.side, target.side).any());
  CHECK_FALSE(siblings_of(target.side, source.side).any());
}

TEST_CASE("a sibling's better name does not count against a column, a stranger's does",
          "[matching]") {
  const Whole source = kinds_of_writings();
  const Whole target{{named("article", {"title", "year"})}};
  const auto title = target.number("article", "title");
  const auto lead_of_report = [&](std::string_view rival) {
    ScoreTable table;
    table.resize(2);
    table.pairs[0].source = source.number(rival, "title");
    table.pairs[1].source = source.number("report", "title");
    for (auto& pair : table.pairs) {
      pair.target = title;
    }
    at(*table.pairs[0].features, Feature::qualified) = 1.0F;
    at(*table.pairs[1].features, Feature::qualified) = 0.6F;
    compare_with_others(table.pairs, source.side, target.side);
    return at(*table.pairs[1].features, Feature::qualified_lead);
  };
  // The row has no other pair, so its lead is all of 0.6; in the column the rival is 0.4 better.
  CHECK(lead_of_report("person") == test::Approx((0.6 - 0.4) / 2));
  CHECK(lead_of_report("article") == test::Approx((0.6 + (-0.4 + 2.0 / 3 * (0.6 + 0.4))) / 2));
}

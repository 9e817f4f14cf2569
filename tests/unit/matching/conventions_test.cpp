// SPDX-License-Identifier: Apache-2.0
#include "core/matching/conventions.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/matching/matcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/knowledge.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

std::shared_ptr<const Lexicon> lexicon(std::string_view conventions) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "domains.tsv",
                        "clinic\tpatient\nclinic\tvisit\nclinic\tencounter\n");
  write_file_atomically(folder.path() / "conventions.tsv", conventions);
  const std::vector<std::filesystem::path> folders{folder.path()};
  return Lexicon::load(folders);
}

constexpr std::string_view clinic =
    "clinic\ttable\tvisit\tvisit\nclinic\ttable\tvisit\tencounter\n"
    "clinic\tcolumn\tvisit\tvisit id\nclinic\tcolumn\tvisit\tencounter id\n"
    "clinic\tcolumn\tvisit_detail\tvisit detail id\nclinic\tcolumn\tvisit\t=id\tvisit\n"
    "clinic\tcolumn\tstart\t=date\nclinic\tcolumn\tstart\tstart date\n";

std::shared_ptr<const Prepared> side(const Lexicon& words, const std::string& table,
                                     const std::vector<std::string>& columns) {
  auto catalog = std::make_shared<catalog::Catalog>();
  auto& schema = catalog->schemas.emplace_back();
  auto& made = schema.tables.emplace_back();
  made.name = catalog::TableName{table};
  for (const auto& name : columns) {
    auto& column = made.columns.emplace_back();
    column.name = catalog::ColumnName{name};
    column.position = static_cast<int>(made.columns.size());
  }
  return prepare(catalog, words);
}

float agreement(const Prepared& left, std::size_t s, const Prepared& right, std::size_t t) {
  return convention_agreement(left.whole(), left.whole().columns[s], right.whole(),
                              right.whole().columns[t]);
}

}  // namespace

TEST_CASE("what two columns are by convention counts more in tables of one kind", "[matching]") {
  const auto words = lexicon(clinic);
  const auto encounter = side(*words, "encounter", {"id", "patient", "date"});
  const auto visit =
      side(*words, "visit_occurrence", {"visit_id", "visit_detail_id", "start_date"});
  const auto other = side(*words, "notes", {"visit_id", "visit_note"});
  CHECK(agreement(*encounter, 0, *visit, 0) == 1);
  CHECK(agreement(*encounter, 0, *visit, 1) < 0);
  CHECK(agreement(*encounter, 2, *visit, 2) == 1);
  CHECK(agreement(*encounter, 1, *visit, 0) == 0);  // says nothing about "patient"
  const float elsewhere = agreement(*visit, 0, *other, 0);
  CHECK(elsewhere > 0);
  CHECK(elsewhere < 1);
}

TEST_CASE("conventions of a field of business are silent outside it", "[matching]") {
  const auto words = lexicon(clinic);
  const auto orders = side(*words, "orders", {"date", "start_date", "total"});
  CHECK(orders->whole().domains == 0);
  CHECK(orders->whole().columns[0].convention == 0);
}

TEST_CASE("the line with more words counts, whatever their order in the name", "[matching]") {
  const auto words = lexicon(clinic);
  const auto visit = side(*words, "visit", {"detail_id_of_visit", "id_of_visit", "patient"});
  const auto& columns = visit->whole().columns;
  CHECK(words->meaning(columns[0].convention) == "visit_detail");
  CHECK(words->meaning(columns[1].convention) == "visit");
}

TEST_CASE("a damaged line of conventions is refused with its place", "[matching]") {
  try {
    static_cast<void>(lexicon("clinic\tcolumn\tvisit\tvisit id\nclinic\trow\tvisit\tid\n"));
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(std::string{error.what()}.find("conventions.tsv") != std::string::npos);
    CHECK(std::string{error.what()}.find('2') != std::string::npos);
  }
}

TEST_CASE("an agreement by convention is told as evidence", "[matching]") {
  const auto words = lexicon(clinic);
  const auto encounter = side(*words, "encounter", {"id", "patient", "date"});
  const auto visit = side(*words, "visit", {"visit_id", "visit_detail_id", "start_date"});
  const Matcher matcher{{words, test::shipped_knowledge().combination}, {}};
  const auto proposal =
      matcher.match(*encounter, encounter->tables()[0].ref, *visit, visit->tables()[0].ref, {});
  const auto& candidates = proposal.fields[0].candidates;
  REQUIRE_FALSE(candidates.empty());
  CHECK(candidates[0].target_column.text == "visit_id");
  bool told = false;
  for (const auto& evidence : candidates[0].evidence) {
    told = told || (evidence.signal == "convention" &&
                    evidence.detail == "by the conventions of the field both are 'visit'");
  }
  CHECK(told);
}

TEST_CASE("a table named for the part it plays lends its columns no words", "[matching]") {
  const auto words = lexicon(clinic);
  CHECK(side(*words, "source", {"a", "b"})->whole().tables[0].name.count == 0);
  CHECK(side(*words, "export_2", {"a", "b"})->whole().tables[0].name.count == 0);
  CHECK(side(*words, "source_system", {"a", "b"})->whole().tables[0].name.count == 2);
}

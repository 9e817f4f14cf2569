// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/conventions.hpp"

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
                                     const std::vector<std::string>& columns,
                                     const std::string& description = {},
                                     const std::vector<std::string>& comments = {}) {
  auto catalog = std::make_shared<catalog::Catalog>();
  auto& schema = catalog->schemas.emplace_back();
  auto& made = schema.tables.emplace_back();
  made.name = catalog::TableName{table};
  made.comment = description;
  for (const auto& name : columns) {
    auto& column = made.columns.emplace_back();
    column.name = catalog::ColumnName{name};
    column.position = static_cast<int>(made.columns.size());
    column.comment =
        made.columns.size() <= comments.size() ? comments[made.columns.size() - 1] : "";
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

TEST_CASE("descriptions tell what names do not", "[matching]") {
  const auto words = lexicon(std::string{clinic} +
                             "clinic\ttable\tlab\tlaboratory\nclinic\ttable\tdrug\tdrug\n"
                             "clinic\tcolumn\tvalue\t=value\n");
  auto results = side(*words, "results", {"value", "rowid", "enc", "visit_id", "patient"},
                      "laboratory results of a visit",
                      {"", "unique identifier of the row", "foreign key to the visit", "",
                       "who was seen at the visit"});
  const auto labs = side(*words, "laboratory", {"value", "visit_id", "patient"});
  const auto drugs = side(*words, "drug", {"value", "visit_id", "patient"});
  const auto& columns = results->whole().columns;
  CHECK(words->meaning(results->whole().tables[0].described) == "lab");
  CHECK(words->meaning(columns[2].convention) == "visit");
  CHECK(columns[4].convention == 0);
  const float described = agreement(*results, 0, *labs, 0);
  CHECK(described > agreement(*results, 0, *drugs, 0));
  CHECK(described < agreement(*labs, 0, *labs, 0));
  CHECK(kinds_agreement(results->whole().tables[0], labs->whole().tables[0]) > 0);
  CHECK(kinds_agreement(results->whole().tables[0], drugs->whole().tables[0]) == 0);
}

TEST_CASE("a column may be about records of another kind than its table's", "[matching]") {
  const auto words = lexicon(std::string{clinic} +
                             "clinic\ttable\tcondition\tdiagnosis\n"
                             "clinic\ttable\tcondition\tcondition\n"
                             "clinic\ttable\tdrug\tdrug\nclinic\tcolumn\tcode\tcode\n");
  const auto visit = side(*words, "visit", {"diagnosis_code", "visit_id", "patient"});
  const auto condition = side(*words, "condition", {"code", "visit_id", "patient"});
  const auto drug = side(*words, "drug", {"code", "visit_id", "patient"});
  CHECK(agreement(*visit, 0, *condition, 0) == 1);
  CHECK(agreement(*visit, 0, *drug, 0) < 0.5F);
  // A key lies in the record that has it, whatever it is the key of.
  CHECK(agreement(*visit, 1, *condition, 1) < 0.5F);
  CHECK(agreement(*condition, 1, *condition, 1) == 1);
}

TEST_CASE("a name tells of what it is where its table does not", "[matching]") {
  const auto words =
      lexicon("clinic\ttable\tperson\tpatient\nclinic\tcolumn\tperson\tpatient id\n" +
              std::string{clinic} + "clinic\ttable\tdrug\tdrug\n");
  const std::vector<std::string> names{"visit_start_date", "start_date", "patient_start_date",
                                       "patient_visit_start_date"};
  const auto extract = side(*words, "extract_7", names);
  const auto visit = side(*words, "visit", {"start_date", "visit_id", "patient"});
  CHECK(agreement(*extract, 0, *visit, 0) == 1);
  const float unknown = agreement(*extract, 1, *visit, 0);
  CHECK(unknown < 1);
  CHECK(agreement(*extract, 2, *visit, 0) < unknown);
  CHECK(agreement(*extract, 3, *visit, 0) == 1);
  // In a table that is of something the visit is only what it belongs to.
  const auto drug = side(*words, "drug", names);
  CHECK(agreement(*drug, 0, *visit, 0) < unknown);
}

TEST_CASE("the same in other terms counts less than the same", "[matching]") {
  const auto words = lexicon(std::string{clinic} +
                             "clinic\tcolumn\tcode\tcode\nclinic\tcolumn\tcode\t~concept id\n");
  const auto visit = side(*words, "visit", {"code", "concept_id", "patient"});
  CHECK(agreement(*visit, 0, *visit, 0) == 1);
  CHECK(agreement(*visit, 1, *visit, 1) == 1);
  const float translated = agreement(*visit, 0, *visit, 1);
  CHECK(translated < 1);
  CHECK(translated > 0.5F);
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

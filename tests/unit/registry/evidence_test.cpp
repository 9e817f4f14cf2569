// SPDX-License-Identifier: Apache-2.0
#include "core/registry/evidence.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace mapctl;
using namespace mapctl::registry;
using mapping::Candidate;

namespace {

const catalog::TableRef account{catalog::SchemaName{"crm"}, catalog::TableName{"account"}};
const catalog::TableRef contact{catalog::SchemaName{"crm"}, catalog::TableName{"contact"}};

std::vector<Candidate> candidates() {
  Candidate best;
  best.target_table = account;
  best.target_column = catalog::ColumnName{"e-mail \"work\"\n"};
  best.score = 0.1 + 0.2;
  best.confidence = 1.0 / 3;
  best.mapping_type = mapping::MappingType::transformed;
  best.transformation.steps = {{mapping::TransformationKind::trim, {}},
                               {mapping::TransformationKind::cast, {{"type", "varchar(80)"}}}};
  best.warnings = {"12 values are longer than 80 characters", "Größe \\ 'x'"};
  best.evidence = {{"name", 0.97, 1.25, "same words: e, mail"}, {"type", 1, -1e-17, ""}};
  Candidate second;
  second.target_table = contact;
  second.target_column = catalog::ColumnName{std::string("a\0b", 3)};
  return {best, second};
}

}  // namespace

TEST_CASE("candidates read back exactly as they were written", "[registry]") {
  const auto before = candidates();
  SignalNames names;
  const auto after =
      candidates_from_json(candidates_to_json(before, account), account, names, "a test");
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].target_table == before[i].target_table);
    CHECK(after[i].target_column == before[i].target_column);
    CHECK(after[i].score == before[i].score);
    CHECK(after[i].confidence == before[i].confidence);
    CHECK(after[i].mapping_type == before[i].mapping_type);
    CHECK(after[i].transformation == before[i].transformation);
    CHECK(after[i].warnings == before[i].warnings);
    CHECK(after[i].evidence == before[i].evidence);
  }
  CHECK(names.size() == 2);
}

TEST_CASE("what is written is JSON with the keys of mapctl.proposal/1", "[registry]") {
  const Json json = parse_json(candidates_to_json(candidates(), account), "a test");
  CHECK_FALSE(json.at(0).contains("target_table"));
  CHECK(json.at(1).at("target_table") == "contact");
  for (const char* key : {"target_column", "score", "confidence", "mapping_type", "transformation",
                          "warnings", "evidence"}) {
    CHECK(json.at(0).contains(key));
  }
  CHECK(json.at(0).at("evidence").at(0).at(0) == "name");
}

TEST_CASE("numbers keep every bit, and what JSON cannot say is 0", "[registry]") {
  for (const double value : {0.0, 1.0, 0.1, 1.0 / 3, 1e-300, -5e-324, 123456789.125}) {
    std::string text;
    append_number(text, value);
    CHECK(parse_json(text, "a number").get<double>() == value);
  }
  std::string text;
  append_number(text, std::numeric_limits<double>::quiet_NaN());
  append_number(text, std::numeric_limits<double>::infinity());
  CHECK(text == "00");
}

TEST_CASE("decisions and unmapped targets read back, and a decision without candidate is damage",
          "[registry]") {
  CHECK(decision_to_json({}) == "[]");
  CHECK(decision_to_json({2, 0}) == "[2,0]");
  CHECK(decision_from_json("[2,0]", 3, "a test") == std::vector<std::size_t>{2, 0});
  CHECK_THROWS_AS(decision_from_json("[3]", 3, "a test"), Error);
  CHECK_THROWS_AS(decision_from_json("[-1]", 3, "a test"), Error);

  const auto unmapped = unmapped_from_json(
      unmapped_to_json({{catalog::ColumnName{"id"}, true}, {catalog::ColumnName{"x\"y"}, false}}),
      "a test");
  REQUIRE(unmapped.size() == 2);
  CHECK(unmapped[0].required);
  CHECK(unmapped[1].column.text == "x\"y");
  CHECK_FALSE(unmapped[1].required);
}

TEST_CASE("damaged evidence names what is damaged", "[registry]") {
  SignalNames names;
  for (const char* text : {"{}x", "[{}]", R"([{"target_column":1}])", "[1]"}) {
    try {
      candidates_from_json(text, account, names, "the proposal for 'crm.lead'");
      FAIL("accepted " << text);
    } catch (const Error& problem) {
      CHECK(problem.code() == ErrorCode::invalid_data);
      CHECK_THAT(problem.what(), Catch::Matchers::ContainsSubstring("crm.lead"));
    }
  }
}

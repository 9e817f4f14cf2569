// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/proposal.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <limits>

using namespace mapctl::mapping;
using mapctl::Json;
using mapctl::catalog::ColumnName;
using mapctl::catalog::SchemaName;
using mapctl::catalog::TableName;
using mapctl::catalog::TableRef;

namespace {

Candidate candidate(const char* column, double score) {
  Candidate made;
  made.target_table = {SchemaName{}, TableName{"account"}};
  made.target_column = ColumnName{column};
  made.score = score;
  made.confidence = score / 2;
  made.evidence = {{"exact_name", 1, 0.5, "both are called 'name'"}, {"type", 0.25, -0.125, ""}};
  return made;
}

PairProposal pair() {
  PairProposal made;
  made.source_table = {SchemaName{"crm"}, TableName{"company"}};
  made.target_table = {SchemaName{}, TableName{"account"}};
  made.confidence = 0.87654321;
  FieldProposal name{
      ColumnName{"Name"}, {0}, 0.9, {candidate("name", 0.91239), candidate("type", 0.1)}};
  name.candidates[0].mapping_type = MappingType::transformed;
  name.candidates[0].transformation = {{{TransformationKind::trim, {}}}, {}, ""};
  name.candidates[0].warnings = {"12 values are longer than 80 characters"};
  name.candidates[1].warnings = {"not chosen"};
  const FieldProposal nothing{ColumnName{"fax"}, {}, 0.75, {}};
  FieldProposal both{ColumnName{"id"},
                     {0, 1},
                     0.5,
                     {candidate("account_id", 0.8), candidate("external_ids", 0.7)}};
  made.fields = {name, nothing, both};
  made.unmapped_targets = {{ColumnName{"industry"}, true}, {ColumnName{"status"}, false}};
  return made;
}

}  // namespace

TEST_CASE("a proposal document has the keys of the contract", "[mapping][proposal]") {
  const Json document = to_json("crm", "canonical", {pair()});
  CHECK(document.at("schema") == "mapctl.proposal/1");
  CHECK(document.at("source") == "crm");
  CHECK(document.at("target") == "canonical");
  const Json& one = document.at("pairs").at(0);
  CHECK(one.at("source_table") == "crm.company");
  CHECK(one.at("target_table") == "account");
  CHECK(one.at("confidence") == 0.8765);
  const Json& field = one.at("fields").at(0);
  CHECK(field.at("source_column") == "Name");
  CHECK(field.at("confidence") == 0.9);
  const Json& best = field.at("candidates").at(0);
  CHECK(best.at("target_table") == "account");
  CHECK(best.at("target_column") == "name");
  CHECK(best.at("score") == 0.9124);
  CHECK(best.at("mapping_type") == "transformed");
  CHECK(best.at("transformation").at("steps").at(0).at("kind") == "trim");
  CHECK(best.at("warnings").at(0) == "12 values are longer than 80 characters");
  CHECK(mapctl::to_line(best.at("evidence").at(1)) ==
        R"({"signal":"type","score":0.25,"weight":-0.125,"detail":""})");
  CHECK(mapctl::to_line(one.at("unmapped_targets")) ==
        R"([{"column":"industry","required":true},{"column":"status","required":false}])");
  CHECK(to_json("a", "b", {}).at("pairs").is_array());
}

TEST_CASE("a decision is one column, a list of them, or null", "[mapping][proposal]") {
  const Json fields = to_json(pair()).at("fields");
  CHECK(fields.at(0).at("decision") == "name");
  CHECK(fields.at(1).at("decision").is_null());
  CHECK(fields.at(1).at("candidates").empty());
  CHECK(fields.at(2).at("decision") == Json::array({"account_id", "external_ids"}));
}

TEST_CASE("a field that another one's rule takes in says so and counts as mapped",
          "[mapping][proposal]") {
  PairProposal made = pair();
  made.fields[0].candidates[0].transformation.inputs = {"Name", "fax"};
  const Json fields = to_json(made).at("fields");
  CHECK(fields.at(1).at("decision").is_null());
  CHECK(fields.at(1).at("input_of") == Json::array({"name"}));
  CHECK_FALSE(fields.at(0).contains("input_of"));  // the rule is its own
  CHECK_FALSE(fields.at(2).contains("input_of"));
  CHECK(count_coverage(made).mapped == 3);
  // What was not decided for takes nothing in.
  made.fields[0].decision.clear();
  CHECK_FALSE(to_json(made).at("fields").at(1).contains("input_of"));
}

TEST_CASE("candidates are ranked and no more than asked for, the decided ones among them",
          "[mapping][proposal]") {
  const auto columns = [](const FieldProposal& field) {
    std::string text;
    for (const Candidate& one : field.candidates) {
      text += one.target_column.text + " ";
    }
    return text;
  };
  const FieldProposal mixed{ColumnName{"qty"},
                            {2},
                            0.4,
                            {candidate("city", 0.1), candidate("sum", 0.9), candidate("total", 0.8),
                             candidate("count", 0.8)}};
  const std::vector<std::string> wanted{"total ", "total ", "sum total ", "sum total count ",
                                        "sum total count city "};
  for (std::size_t top = 0; top < wanted.size(); ++top) {
    FieldProposal field = mixed;
    rank_candidates(field, top);
    INFO(top);
    CHECK(columns(field) == wanted[top]);
    REQUIRE(field.decision.size() == 1);
    CHECK(field.candidates.at(field.decision[0]).target_column.text == "total");
  }
}

TEST_CASE("appending gives the bytes of the document's line", "[mapping][proposal]") {
  std::string appended = "before ";
  append_json(appended, pair());
  CHECK(appended == "before " + mapctl::to_line(to_json(pair())));
  std::string field;
  append_json(field, pair().fields[0]);
  CHECK(field == mapctl::to_line(to_json(pair()).at("fields").at(0)));
  std::string evidence;
  append_json(evidence, std::vector<Evidence>{});
  CHECK(evidence == "[]");
}

TEST_CASE("numbers have four decimals at most and no noise", "[mapping][proposal]") {
  const auto written = [](double score) {
    std::string out;
    append_json(out, std::vector<Evidence>{{"s", score, 0, ""}});
    const auto start = out.find("\"score\":") + 8;
    return out.substr(start, out.find(',', start) - start);
  };
  CHECK(written(0) == "0.0");
  CHECK(written(1) == "1.0");
  CHECK(written(0.1 + 0.2) == "0.3");
  CHECK(written(0.00004) == "0.0");
  CHECK(written(0.00005001) == "0.0001");
  CHECK(written(-0.5) == "-0.5");
  CHECK(written(-0.00001) == "0.0");
  CHECK(written(12345.67891) == "12345.6789");
  CHECK(written(0.9999999) == "1.0");
  CHECK(written(0.0 / 1 - std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("names and details are escaped", "[mapping][proposal]") {
  PairProposal odd;
  odd.source_table.table.text = "a\"b\\c\n\xFF";
  const Json read = to_json(odd);
  CHECK(read.at("source_table") == "a\"b\\c\n\xEF\xBF\xBD");
}

TEST_CASE("coverage counts decisions, distinct targets and warnings of what was chosen",
          "[mapping][proposal]") {
  PairProposal counted = pair();
  const CoverageCount count = count_coverage(counted);
  CHECK(count.source_fields == 3);
  CHECK(count.mapped == 2);
  CHECK(count.target_fields == 5);
  CHECK(count.unmapped_targets == 2);
  CHECK(count.required_unmapped == 1);
  CHECK(count.warnings == 1);
  CHECK(count.share() == mapctl::test::Approx(2.0 / 3));
  CHECK(count_coverage({}).share() == 1);
  // Two source fields that feed one target field are one target field.
  counted.fields.push_back(counted.fields[0]);
  CHECK(count_coverage(counted).target_fields == 5);
  CHECK(count_coverage(counted).mapped == 3);
}

// SPDX-License-Identifier: Apache-2.0
#include "core/eval/document.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace mapctl;
using namespace mapctl::eval;

namespace {

SuiteResult sample() {
  SuiteResult suite;
  suite.suite = "orders";
  Figures figures;
  figures.recall_at_gt = 2.0 / 3;
  figures.abstention_recall = 0.25;
  figures.source_columns = 12;
  suite.tasks.push_back({"first", figures});
  suite.overall = figures;
  return suite;
}

}  // namespace

TEST_CASE("a document read back has the figures that were written", "[eval]") {
  const auto read = read_document(to_document(to_json({sample()}, false)), "run.json");
  REQUIRE(read.size() == 1);
  CHECK(read[0].suite == "orders");
  CHECK(read[0].overall.recall_at_gt == 0.6667);
  REQUIRE(read[0].tasks.size() == 1);
  CHECK(read[0].tasks[0].task == "first");
  CHECK(read[0].tasks[0].figures.abstention_recall == 0.25);
  CHECK_FALSE(read[0].tasks[0].figures.abstention_f1.has_value());
}

TEST_CASE("a folder of suites is a list with the mean of the suites", "[eval]") {
  auto other = sample();
  other.suite = "people";
  other.overall.recall_at_gt = 0;
  const auto json = to_json({sample(), other}, true);
  CHECK(json.at("schema") == "mapctl.eval/1");
  CHECK(json.at("suites").size() == 2);
  CHECK(json.at("overall").at("recall_at_gt").get<double>() == 0.3333);
  CHECK(read_document(to_line(json), "run.json").size() == 2);
}

TEST_CASE("what is not known is null and not zero", "[eval]") {
  const auto json = to_json(sample().overall);
  CHECK(json.at("abstention_f1").is_null());
  CHECK(json.at("abstention_recall").get<double>() == 0.25);
}

TEST_CASE("a document of another schema is refused by name", "[eval]") {
  for (const auto* text : {R"({"schema": "mapctl.batch/1"})", R"({})", "[]",
                           R"({"schema": "mapctl.eval/1", "suite": "x"})"}) {
    CHECK_THROWS_AS(read_document(text, "run.json"), Error);
  }
}

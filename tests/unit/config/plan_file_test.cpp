// SPDX-License-Identifier: Apache-2.0
#include "core/config/plan_file.hpp"

#include "core/config/yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

#include <string>
#include <string_view>

using namespace mapctl::config;
using mapctl::test::failure;

namespace {

PlanFile parse_plan_text(std::string_view text) {
  return parse_plan(parse_yaml(text, "plan.yaml"), "/project/plan.yaml");
}

std::string plan_failure(std::string_view text) {
  return failure([&] { parse_plan_text(text); });
}

}  // namespace

TEST_CASE("a plan is read with its defaults handed down to the pairs", "[config]") {
  const PlanFile plan = parse_plan_text(
      "version: 1\nname: crm\nsource: crm\ntarget: canonical\n"
      "propose: {min_confidence: 0.6, one_to_one: false, top: 3, domain: sales}\n"
      "limits: {crm: 2}\n"
      "pairs:\n"
      "  - {source: Account, target: account}\n"
      "  - {source: \"Opport*\", target: auto, propose: {top: 9}}\n"
      "  - {source: Contact, target: \"auto\", source_endpoint: file:data}\n"
      "output: {workbook: out/crm.xlsx, layout: zip, also: [json, html, json]}\n");
  CHECK(plan.name == "crm");
  REQUIRE(plan.pairs.size() == 3);
  CHECK(plan.pairs[0].source == "Account");
  CHECK(plan.pairs[0].target == "account");
  CHECK(plan.pairs[0].source_endpoint == "crm");
  CHECK(plan.pairs[0].target_endpoint == "canonical");
  CHECK(plan.pairs[0].propose.min_confidence == 0.6);
  CHECK(plan.pairs[0].propose.one_to_one == false);
  CHECK(plan.pairs[0].propose.domain == "sales");
  CHECK(plan.pairs[0].where == "plan.yaml:8:5");
  CHECK_FALSE(plan.pairs[1].target);
  CHECK(plan.pairs[1].propose.top == 9);
  CHECK(plan.pairs[1].propose.min_confidence == 0.6);
  CHECK(plan.pairs[2].target == "auto");
  CHECK(plan.pairs[2].source_endpoint == "file:data");
  CHECK(plan.limits.at("crm") == 2);
  CHECK(plan.workbook == "/project/out/crm.xlsx");
  CHECK(plan.layout == WorkbookLayout::zip);
  CHECK(plan.also == std::vector<std::string>{"json", "html"});
  CHECK(plan.output_stem == "/project/out/crm");
}

TEST_CASE("a plan without name and workbook is called after its file", "[config]") {
  const PlanFile plan = parse_plan_text("source: a\ntarget: b\npairs: [{source: x, target: y}]\n");
  CHECK(plan.name == "plan");
  CHECK_FALSE(plan.workbook);
  CHECK(plan.output_stem == "/project/plan");
}

TEST_CASE("an unknown key of a plan names line and nearest key at every level", "[config]") {
  CHECK(plan_failure("source: a\ntarget: b\npiars: []\n") ==
        "configuration\nplan.yaml:3:1: unknown key 'piars' in the plan\ndid you mean 'pairs'?");
  const std::string head = "source: a\ntarget: b\n";
  CHECK(plan_failure(head + "pairs:\n  - {source: x, target: y, source_endpont: z}\n") ==
        "configuration\nplan.yaml:4:28: unknown key 'source_endpont' in a pair\n"
        "did you mean 'source_endpoint'?");
  CHECK(plan_failure(head + "propose: {min_confidense: 1}\npairs: [{source: x, target: y}]\n")
            .find("did you mean 'min_confidence'?") != std::string::npos);
  CHECK(plan_failure(head + "output: {layot: zip}\npairs: [{source: x, target: y}]\n")
            .find("did you mean 'layout'?") != std::string::npos);
}

TEST_CASE("the same pair twice is an error with both lines", "[config]") {
  const std::string text =
      "source: a\ntarget: b\npairs:\n  - {source: x, target: y}\n  - {source: z, target: y}\n"
      "  - {source: x, target: y}\n";
  CHECK(plan_failure(text) ==
        "configuration\nplan.yaml:6:5: the pair 'x' to 'y' is already in line 4\n"
        "remove one of the two");
  CHECK(plan_failure("source: a\ntarget: b\npairs:\n  - {source: x, target: y}\n"
                     "  - {source: x, target: y, source_endpoint: c}\n") == "no error");
}

TEST_CASE("values out of range and of the wrong kind are named", "[config]") {
  const std::string head = "source: a\ntarget: b\n";
  const std::string pairs = "pairs: [{source: x, target: y}]\n";
  CHECK(plan_failure(head + pairs + "propose: {min_confidence: 1.5}\n")
            .find("is 1.5, but must be between 0 and 1") != std::string::npos);
  CHECK(plan_failure(head + pairs + "output: {layout: tab}\n").find("did you mean 'tabs'?") !=
        std::string::npos);
  CHECK(plan_failure(head + pairs + "output: {also: [json, pdf]}\n")
            .find("plan.yaml:4:23: an item of key 'also' is 'pdf'") != std::string::npos);
  CHECK(plan_failure(head + pairs + "output: {workbook: out.csv}\n")
            .find("does not end in '.xlsx'") != std::string::npos);
  CHECK(plan_failure(head + pairs + "version: 2\n").find("this program reads version 1") !=
        std::string::npos);
  CHECK(plan_failure(head + pairs + "limits: {a: 0}\n").find("at least 1") != std::string::npos);
  CHECK(plan_failure(head + pairs + "limits: {c: 1}\n").find("which no pair uses") !=
        std::string::npos);
  CHECK(plan_failure(head + "pairs: []\n").find("has no pairs") != std::string::npos);
  CHECK(plan_failure(head).find("the plan has no key 'pairs'") != std::string::npos);
  CHECK(plan_failure(head + "pairs: [{source: x}]\n").find("a pair has no key 'target'") !=
        std::string::npos);
  CHECK(plan_failure("pairs: [{source: x, target: y}]\n").find("a pair has no source endpoint") !=
        std::string::npos);
  CHECK(plan_failure("source: data/x\ntarget: b\n" + pairs)
            .find("plan.yaml:1:9: endpoint 'data/x' is not a profile's name") != std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
#include "core/report/html.hpp"

#include "core/base/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <nlohmann/json.hpp>

using namespace mapctl;
using namespace mapctl::report;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string html(const test::SampleRun& sample) {
  std::string text;
  PairList pairs{sample.pairs};
  write_html(sample.run, pairs, [&](std::string_view piece) { text += piece; });
  return text;
}

Json data_of(const std::string& page) {
  const std::string start = "id=\"data\">";
  const std::size_t from = page.find(start) + start.size();
  return parse_json(page.substr(from, page.find("</script>", from) - from), "data");
}

}  // namespace

TEST_CASE("the page needs nothing from anywhere", "[report]") {
  const std::string page = html(test::sample_run());
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("https://") == std::string::npos);
  CHECK(page.find(" src=") == std::string::npos);
  CHECK(page.find("@import") == std::string::npos);
}

TEST_CASE("the page holds every row with its evidence", "[report]") {
  const Json data = data_of(html(test::sample_run()));
  REQUIRE(data.at("pairs").size() == 4);
  CHECK(data.at("pairs")[0].at("rows").size() == 8);
  CHECK(data.at("pairs")[0].at("rows")[0].at("evidence").size() == 3);
  CHECK(data.at("pairs")[2].at("status") == "failed");
  CHECK(data.at("totals").at("failed") == 1);
  CHECK(data.at("run").at("name") == "crm-to-canonical");
}

TEST_CASE("text that would end the script element cannot", "[report]") {
  test::SampleRun sample = test::sample_run();
  const std::string hostile = "</script><script>alert(1)</script><!--\xE2\x80\xA8";
  sample.pairs[0].proposal.fields[0].source_column = catalog::ColumnName{hostile};
  const std::string page = html(sample);
  CHECK(page.find("alert(1)</script>") == std::string::npos);
  CHECK(page.find("<!--") == std::string::npos);
  CHECK(data_of(page).at("pairs")[0].at("rows")[0].at("source") == hostile);
}

TEST_CASE("equal runs give equal pages", "[report]") {
  CHECK(html(test::sample_run()) == html(test::sample_run()));
}

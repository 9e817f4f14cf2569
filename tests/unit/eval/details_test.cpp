// SPDX-License-Identifier: Apache-2.0
#include "core/eval/details.hpp"

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/eval/run.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/eval/task_files.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::eval;
using namespace mapctl::test;

namespace {

const std::vector<ColumnKey> source_keys{{"s", "a"}, {"s", "b"}, {"s", "c"},
                                         {"s", "d"}, {"s", "e"}, {"s", "f"}};
const std::vector<ColumnKey> target_keys{{"t", "w"}, {"t", "x"}, {"t", "y"}, {"t", "z"}};

// Columns 0 to 2 have a truth; 3 and 4 are known to have none; of 5 nothing is known.
Judged judged_columns() {
  Judged judged;
  judged.sources = source_keys.size();
  judged.targets = target_keys.size();
  judged.truth = {{0, 0}, {1, 1}, {2, 2}};
  judged.unpartnered = {3, 4};
  return judged;
}

Verdict verdict_on(const Judged& judged, std::size_t source) {
  return details(judged, source_keys, target_keys).at(source).verdict;
}

std::vector<std::string> columns_of(const std::vector<RatedColumn>& columns) {
  std::vector<std::string> result;
  for (const auto& column : columns) {
    result.push_back(column.column.column);
  }
  return result;
}

}  // namespace

TEST_CASE("every source column has a detail, in the order of the columns", "[eval]") {
  const auto found = details(judged_columns(), source_keys, target_keys);
  REQUIRE(found.size() == source_keys.size());
  for (std::size_t at = 0; at < source_keys.size(); ++at) {
    CHECK(found[at].source == source_keys[at]);
  }
}

TEST_CASE("a column that has a partner is right, wrong or missed", "[eval]") {
  auto judged = judged_columns();
  judged.decided = {{0, 0, 0.9}, {1, 3, 0.8}};
  CHECK(verdict_on(judged, 0) == Verdict::right);
  CHECK(verdict_on(judged, 1) == Verdict::wrong);
  CHECK(verdict_on(judged, 2) == Verdict::missed);
}

TEST_CASE("a column without a partner is abstained from or has one invented", "[eval]") {
  auto judged = judged_columns();
  judged.decided = {{4, 3, 0.6}};
  CHECK(verdict_on(judged, 3) == Verdict::abstained);
  CHECK(verdict_on(judged, 4) == Verdict::invented);
}

TEST_CASE("nothing is said of a column that the task does not judge", "[eval]") {
  auto judged = judged_columns();
  CHECK(verdict_on(judged, 5) == Verdict::unjudged);
  judged.decided = {{5, 3, 0.6}};
  CHECK(verdict_on(judged, 5) == Verdict::unjudged);
}

TEST_CASE("an acceptable target is right, for a column with another truth too", "[eval]") {
  auto judged = judged_columns();
  judged.acceptable = {{1, 3}, {4, 3}};
  judged.decided = {{1, 3, 0.8}, {4, 3, 0.6}};
  CHECK(verdict_on(judged, 1) == Verdict::right);
  CHECK(verdict_on(judged, 4) == Verdict::right);
}

TEST_CASE("one right target of several that were decided is enough", "[eval]") {
  auto judged = judged_columns();
  judged.truth = {{0, 2}, {0, 1}};
  judged.decided = {{0, 3, 0.7}, {0, 1, 0.8}};
  const auto detail = details(judged, source_keys, target_keys).front();
  CHECK(detail.verdict == Verdict::right);
  CHECK(detail.truth == std::vector<ColumnKey>{{"t", "x"}, {"t", "y"}});    // by name
  CHECK(columns_of(detail.decided) == std::vector<std::string>{"x", "z"});  // best first
}

TEST_CASE("the rank is that of the first true target among the candidates", "[eval]") {
  auto judged = judged_columns();
  judged.truth = {{0, 0}, {0, 1}, {1, 1}};
  judged.scored = {{0, 0, 0.1}, {0, 3, 0.9}, {0, 2, 0.4}, {0, 1, 0.2}, {1, 0, 0.5}};
  const auto found = details(judged, source_keys, target_keys);
  CHECK(found[0].rank == 3);
  CHECK_FALSE(found[1].rank.has_value());  // its truth was no candidate
  CHECK_FALSE(found[3].rank.has_value());  // it has none
}

TEST_CASE("the three likeliest candidates are kept, best first, ties by name", "[eval]") {
  auto judged = judged_columns();
  judged.scored = {{0, 3, 0.2}, {0, 1, 0.2}, {0, 2, 0.9}, {0, 0, 0.1}};
  const auto detail = details(judged, source_keys, target_keys).front();
  CHECK(columns_of(detail.likeliest) == std::vector<std::string>{"y", "x", "z"});
  CHECK(detail.likeliest.front().confidence == 0.9);
  CHECK(detail.rank == 4);  // beyond those that are kept
}

TEST_CASE("a detail is a line of CSV with as many fields as there are titles", "[eval]") {
  Detail detail;
  detail.source = {"s", "a"};
  detail.verdict = Verdict::wrong;
  detail.truth = {{"t", "w"}, {"t", "x"}};
  detail.rank = 2;
  detail.decided = {{{"t", "y"}, 0.75}};
  detail.likeliest = {{{"t", "y"}, 0.75}, {{"", "w"}, 0.5}};
  CHECK(details_header() ==
        "suite,task,source_table,source_column,verdict,truth,rank,decided,likeliest\r\n");
  CHECK(details_lines("suite", "one", {detail}) ==
        "suite,one,s,a,wrong,t.w; t.x,2,t.y 0.7500,t.y 0.7500; w 0.5000\r\n");
}

TEST_CASE("what a column lacks is an empty field of its line", "[eval]") {
  Detail detail;
  detail.source = {"s", "a"};
  detail.verdict = Verdict::abstained;
  CHECK(details_lines("suite", "one", {detail}) == "suite,one,s,a,abstained,,,,\r\n");
}

TEST_CASE("a name that a spreadsheet would run as a formula has an apostrophe", "[eval]") {
  Detail detail;
  detail.source = {"@s", "=1+2"};
  detail.truth = {{"+t", "w"}};
  detail.decided = {{{"-t", "x,y"}, 0.5}};
  CHECK(details_lines("s", "one", {detail}) ==
        "s,one,'@s,'=1+2,unjudged,'+t.w,,\"'-t.x,y 0.5000\",\r\n");
}

TEST_CASE("a run of a suite keeps what became of each column", "[eval]") {
  const TemporaryDirectory folder;
  write_task(folder.path() / "s" / "one", "people,zz,text,\npeople,email,text,\n",
             "person,email,text,\n", "people,email,person,email\n");
  const auto result = run_suite(folder.path() / "s", {}, wordless(), {}, system_clock(), {});
  const auto& found = result.tasks.at(0).details;
  REQUIRE(found.size() == 2);
  CHECK(found[0].source == ColumnKey{"people", "email"});
  CHECK(found[0].verdict == Verdict::right);
  CHECK(found[0].rank == 1);
  CHECK(found[1].source == ColumnKey{"people", "zz"});
  CHECK(found[1].verdict == Verdict::abstained);
}

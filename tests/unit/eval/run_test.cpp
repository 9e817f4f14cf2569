// SPDX-License-Identifier: Apache-2.0
#include "core/eval/run.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/eval/task_files.hpp"

#include <cmath>
#include <string>

using namespace mapctl;
using namespace mapctl::eval;
using namespace mapctl::test;

namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("a suite of equal names is found whole, across tables", "[eval]") {
  const TemporaryDirectory folder;
  const auto suite = folder.path() / "equal";
  write_task(suite / "one", "people,email,text,\norders,placed_at,timestamp,\n",
             "sale,placed_at,timestamp,\nperson,email,text,\n",
             "people,email,person,email\norders,placed_at,sale,placed_at\n");
  const auto result = run_suite(suite, {}, wordless(), {}, system_clock(), {});
  CHECK(result.suite == "equal");
  REQUIRE(result.tasks.size() == 1);
  CHECK(result.overall.recall_at_gt == 1);
  CHECK(result.overall.mrr == 1);
  CHECK(result.overall.source_columns == 2);
  CHECK(result.overall.truth == 2);
}

TEST_CASE("several source tables may feed one target column, each of them once", "[eval]") {
  const TemporaryDirectory folder;
  const auto suite = folder.path() / "shared";
  write_task(suite / "one", "a,email,text,\nb,email,text,\nb,e_mail,text,\n", "u,email,text,\n",
             "a,email,u,email\nb,email,u,email\n");
  const auto result = run_suite(suite, {}, wordless(), {}, system_clock(), {});
  CHECK(result.overall.recall == 1);
  CHECK(result.overall.precision == 1);
}

TEST_CASE("the order of columns in the files changes no figure", "[eval]") {
  const TemporaryDirectory folder;
  const char* truth = "t,order_no,u,order_number\nt,cust_nm,u,customer_name\n";
  write_task(folder.path() / "a" / "one", "t,order_no,text,\nt,cust_nm,text,\nt,zz,text,\n",
             "u,customer_name,text,\nu,order_number,text,\n", truth);
  write_task(folder.path() / "b" / "one", "t,zz,text,\nt,cust_nm,text,\nt,order_no,text,\n",
             "u,order_number,text,\nu,customer_name,text,\n", truth);
  LoadOptions options;
  options.keep_order = true;
  const auto knowledge = wordless();
  const auto one = run_suite(folder.path() / "a", options, knowledge, {}, system_clock(), {});
  const auto two = run_suite(folder.path() / "b", options, knowledge, {}, system_clock(), {});
  for (const auto& figure : figure_names()) {
    if (figure.name != "seconds") {
      // Sums of the same numbers in another order differ in their last digits.
      CHECK(std::fabs(figure.get(one.overall).value_or(-1) - figure.get(two.overall).value_or(-1)) <
            1e-4);
    }
  }
}

TEST_CASE("a stopped run ends as cancelled", "[eval]") {
  const TemporaryDirectory folder;
  write_task(folder.path() / "s" / "one", "t,a,text,\n", "u,a,text,\n", "t,a,u,a\n");
  std::stop_source stop;
  stop.request_stop();
  try {
    static_cast<void>(
        run_suite(folder.path() / "s", {}, wordless(), {}, system_clock(), stop.get_token()));
    FAIL("it ran");
  } catch (const Error& error) {
    CHECK(error.facts().code == ErrorCode::cancelled);
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/matching/scoring/combination.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/knowledge.hpp"

#include <cstdlib>
#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

namespace fs = std::filesystem;

std::string refusal_of(const std::string& line) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "weights.tsv", "# made up\nexact_name\t1\t0.1\n" + line);
  try {
    static_cast<void>(load_combination(std::vector<fs::path>{folder.path()}));
  } catch (const Error& error) {
    CHECK(error.facts().code == ErrorCode::configuration);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the shipped weights are written as they are read", "[matching]") {
  const char* const root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  const auto shipped =
      read_file(fs::path{root != nullptr ? root : "."} / "profiles" / "model" / "weights.tsv");
  CHECK(to_text(test::shipped_combination()) == shipped);
}

TEST_CASE("a later folder's weights replace those of the same features only", "[matching]") {
  const TemporaryDirectory first;
  const TemporaryDirectory second;
  write_file_atomically(
      first.path() / "weights.tsv",
      "(constant)\t-3\t-6\n(partnered)\t-\t0.5\nexact_name\t1\t0.5\nrow_lead\t-\t2\n");
  write_file_atomically(second.path() / "weights.tsv", "exact_name\t4\t3\r\n");
  const auto combination =
      load_combination(std::vector<fs::path>{first.path(), "/no/such/folder", second.path()});
  CHECK(combination->own.constant == -3);
  CHECK(combination->full.constant == -6);
  CHECK(combination->partnered == 0.5F);
  const auto name = static_cast<std::size_t>(Feature::exact_name);
  CHECK(combination->own.of[name] == 4);
  CHECK(combination->full.of[name] == 3);
  const auto rank = static_cast<std::size_t>(Feature::row_lead);
  CHECK(combination->own.of[rank] == 0);
  CHECK(combination->full.of[rank] == 2);
  CHECK(combination->full.of[static_cast<std::size_t>(Feature::head)] == 0);
}

TEST_CASE("a damaged line of weights is refused with its place and cause", "[matching]") {
  const auto refused = [](const std::string& line, const std::string& cause) {
    const auto said = refusal_of(line);
    INFO(said);
    return said.find("weights.tsv', line 3: ") != std::string::npos &&
           said.find(cause) != std::string::npos;
  };
  CHECK(refused("shoe_size\t1\t1\n", "no feature 'shoe_size'"));
  CHECK(refused("head\t1\n", "two weights"));
  CHECK(refused("head\t1\t1\t1\n", "two weights"));
  CHECK(refused("head\t-1\t1\n", "'-1' is not a number from 0 to 100"));
  CHECK(refused("head\t1\tnan\n", "'nan'"));
  CHECK(refused("head\t1\t1e9\n", "'1e9'"));
  CHECK(refused("head\t-\t1\n", "'-' is not a number"));
  CHECK(refused("row_lead\t1\t1\n", "among the others"));
  CHECK(refused("(partnered)\t1\t1\n", "of all pairs together"));
  CHECK(refused("(partnered)\t-\t-1\n", "'-1' is not a number from 0 to 100"));
  CHECK(refused("(constant)\tlow\t1\n", "'low' is not a number from -100 to 100"));
  CHECK(refusal_of("head\t0\t0\n").empty());
  CHECK(refusal_of("row_rank\t-\t0.3\n").empty());  // which earlier versions had
}

TEST_CASE("no folder with a model is an error that says where it was looked for", "[matching]") {
  const TemporaryDirectory empty;
  try {
    static_cast<void>(load_combination(std::vector<fs::path>{empty.path(), "/no/such/folder"}));
    FAIL("there was none");
  } catch (const Error& error) {
    CHECK(error.facts().code == ErrorCode::not_found);
    CHECK(std::string{error.what()}.find("weights.tsv") != std::string::npos);
  }
}

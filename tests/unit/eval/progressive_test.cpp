// SPDX-License-Identifier: Apache-2.0
#include "core/eval/progressive.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/eval/task_files.hpp"

#include <array>
#include <string>

using namespace mapctl;
using namespace mapctl::eval;
using namespace mapctl::test;

namespace {

namespace fs = std::filesystem;
constexpr std::string_view header =
    "source_system,source_table,source_column,source_type,canonical_entity,canonical_field\n";
constexpr std::array<std::size_t, 2> sizes{1, 25};

ProgressiveResult measured(const TemporaryDirectory& place, const std::string& facts) {
  const auto folder = place.path() / "facts";
  fs::create_directories(folder);
  write_file_atomically(folder / "_one_vocabulary.csv", std::string{header} + facts);
  return progressive(load_systems(folder, {}), sizes, wordless(), {}, {});
}

}  // namespace

TEST_CASE("what other systems map alike is found again", "[eval][memory]") {
  const TemporaryDirectory place;
  const auto result = measured(place,
                               "a,people,zzqx,,person,code_word\na,people,mail,,person,email\n"
                               "b,people,zzqx,,person,code_word\nb,people,mail,,person,email\n"
                               "c,people,zzqx,,person,code_word\nc,people,wwpp,,person,only_c\n");
  CHECK(result.systems == 3);
  REQUIRE(result.steps.size() == 2);  // knowing one system, and both others
  const auto& all = result.steps.back();
  CHECK(all.systems == 2);
  CHECK(all.fields == 6);
  CHECK(all.known == 5);  // nobody else maps the last field of c
  CHECK(all.hits == 5);
  CHECK(all.hit_rate() == 1);
  CHECK(all.f1_with > all.f1_without);
}

TEST_CASE("a system left out is not in the memory that meets it", "[eval][memory]") {
  const TemporaryDirectory place;
  const auto result = measured(place,
                               "a,people,zzqx,,person,code_word\n"
                               "b,people,wwpp,,person,other_word\n");
  CHECK(result.steps.back().known == 0);
  CHECK(result.steps.back().hits == 0);
  CHECK(result.steps.back().f1_with == result.steps.back().f1_without);
}

TEST_CASE("systems that disagree with all others are wrong reuses", "[eval][memory]") {
  const TemporaryDirectory place;
  const auto result = measured(place,
                               "a,people,zzqx,,person,code_word\n"
                               "b,people,zzqx,,person,code_word\n"
                               "c,people,zzqx,,person,pass_word\n"
                               "d,people,other,,person,pass_word\n");
  const auto& all = result.steps.back();
  CHECK(all.known == 4);
  CHECK(all.hits == 2);
  CHECK(all.precision() < 1);
}

TEST_CASE("tasks of one system in several categories are left out together", "[eval][memory]") {
  const TemporaryDirectory place;
  const auto write = [&](const std::string& task, const std::string& table) {
    const auto folder = place.path() / "suite" / task;
    fs::create_directories(folder);
    write_file_atomically(folder / "source.csv",
                          "table,column,type,description\n" + table + ",zzqx,,\n");
    write_file_atomically(folder / "target.csv",
                          "table,column,type,description\nperson,code_word,,\nperson,email,,\n");
    write_file_atomically(folder / "truth.csv",
                          "source_table,source_column,target_table,target_column\n" + table +
                              ",zzqx,person,code_word\n");
  };
  write("x__a", "people");
  write("y__a", "persons");
  const auto suite = load_systems(place.path() / "suite", {});
  REQUIRE(suite.tasks.size() == 2);
  CHECK(suite.tasks[0].system == "a");
  CHECK(progressive(suite, sizes, wordless(), {}, {}).steps.back().known == 0);
}

TEST_CASE("a folder of neither tasks nor facts is refused", "[eval][memory]") {
  const TemporaryDirectory place;
  CHECK_THROWS_AS(load_systems(place.path(), {}), Error);
  write_file_atomically(place.path() / "a.csv", "one,two\n1,2\n");
  CHECK_THROWS_AS(load_systems(place.path(), {}), Error);
}

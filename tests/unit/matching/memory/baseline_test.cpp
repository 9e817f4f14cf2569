// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/baseline.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

fs::path shipped(const std::string& folder) {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  return fs::path{root != nullptr ? root : "."} / "profiles" / folder;
}

// Fields of the shipped entities, read as lines: enough for these files.
std::map<std::string, std::set<std::string>> entity_fields() {
  std::map<std::string, std::set<std::string>> fields;
  for (const auto& entry : fs::directory_iterator{shipped("entities")}) {
    std::string entity;
    const std::string text = read_file(entry.path());
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const std::string_view line{text.data() + at, end - at};
      at = end + 1;
      for (const std::string_view key : {"entity: ", "- name: "}) {
        if (const auto found = line.find(key); found != line.npos) {
          const std::string value{trim(line.substr(found + key.size()))};
          key.front() == 'e' ? void(entity = value) : void(fields[entity].insert(value));
        }
      }
    }
  }
  return fields;
}

std::vector<mapping::Decision> read(const TemporaryDirectory& place, const std::string& text) {
  write_file_atomically(place.path() / "shop.tsv", text);
  const std::vector<fs::path> folders{place.path()};
  return load_baseline(folders);
}

}  // namespace

TEST_CASE("every shipped fact names a field of a shipped entity, and each once",
          "[matching][baseline]") {
  const std::vector<fs::path> folders{shipped("baseline")};
  const auto facts = load_baseline(folders);
  const auto fields = entity_fields();
  CHECK(facts.size() > 500);
  std::set<std::string> systems;
  std::set<std::tuple<std::string, std::string, std::string, std::string, std::string>> seen;
  for (const auto& fact : facts) {
    INFO(fact.key.connector.text << ": " << fact.key.source_table.text << "."
                                 << fact.key.source_field.text);
    REQUIRE(fields.contains(fact.key.entity.text));
    CHECK(fields.at(fact.key.entity.text).contains(fact.key.field.text));
    CHECK(fact.ruling.verdict == mapping::Verdict::approved);
    CHECK(fact.ruling.by.empty());
    CHECK(seen.emplace(fact.key.connector.text, fact.key.source_table.text,
                       fact.key.source_field.text, fact.key.entity.text, fact.key.field.text)
              .second);
    systems.insert(fact.key.connector.text);
  }
  CHECK(systems.size() >= 15);
}

TEST_CASE("a file of facts is read section by section", "[matching][baseline]") {
  const TemporaryDirectory place;
  const auto facts = read(place,
                          "# comment\n\n@orders\torder\nnr\torder_number\n@people\tcustomer\n"
                          "nr\tcustomer_number\n");
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].key.connector.text == "shop");
  CHECK(facts[0].key.source_table.text == "orders");
  CHECK(facts[0].key.field.text == "order_number");
  CHECK(facts[1].key.entity.text == "customer");
}

TEST_CASE("a later folder's file takes the place of the earlier one's", "[matching][baseline]") {
  const TemporaryDirectory place;
  for (const std::string folder : {"one", "two"}) {
    fs::create_directory(place.path() / folder);
    write_file_atomically(place.path() / folder / "shop.tsv", "@t\torder\nnr\t" + folder + "\n");
  }
  const std::vector<fs::path> folders{place.path() / "one", place.path() / "two",
                                      place.path() / "none"};
  const auto facts = load_baseline(folders);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].key.field.text == "two");
}

TEST_CASE("a damaged file of facts is refused with its line", "[matching][baseline]") {
  const TemporaryDirectory place;
  const auto problem = [&](const std::string& text) {
    try {
      read(place, text);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      return std::string{error.what()};
    }
    return std::string{"nothing was thrown"};
  };
  CHECK_THAT(problem("nr\tid\n"), ContainsSubstring("line 1"));
  CHECK_THAT(problem("@t\torder\nnr\n"), ContainsSubstring("line 2"));
  CHECK_THAT(problem("\n@t\n"), ContainsSubstring("line 2"));
}

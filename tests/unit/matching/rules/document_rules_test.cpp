// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/matching/rules/rules.hpp"

#include <fmt/format.h>

using namespace mapctl;

namespace {

using Texts = std::vector<std::string>;

catalog::Column listed(catalog::Column column, catalog::LogicalType element) {
  column.type.logical = catalog::LogicalType::array;
  column.type.element = element;
  return column;
}

catalog::Column list_of_objects(std::string name, const Texts& values) {
  return listed(test::filled(std::move(name), "json", values), catalog::LogicalType::object);
}

// Two numbers a row.
struct Phones {
  Texts lists{}, first{}, others{};
  Phones() {
    for (int number = 0; number < 24; ++number) {
      first.push_back(fmt::format("555-{:04}", number));
      others.push_back(fmt::format("999-{:04}", number));
      lists.push_back(fmt::format(
          R"([{{"type":"home","number":"555-{0:04}"}},{{"type":"work","number":"777-{0:04}"}}])",
          number));
    }
  }
};

}  // namespace

TEST_CASE("a value becomes a list of one, but no list of objects", "[matching]") {
  const Phones phones;
  const auto from = test::table("people", {test::filled("phone_number", "string", phones.first)});
  const auto plain = test::rules_of(
      from,
      test::table("people", {listed(test::column("phone_numbers"), catalog::LogicalType::string)}));
  CHECK(plain.between("phone_number", "phone_numbers") == "put into a list");
  const auto objects =
      test::rules_of(from, test::table("people", {list_of_objects("phones", phones.lists)}));
  CHECK(objects.between("phone_number", "phones") == "direct copy");
  CHECK(objects.says("phone_number", "phones", "'phones' takes lists of objects"));
}

TEST_CASE("lists are copied into lists", "[matching]") {
  const auto tags =
      listed(test::filled("tags", "json", Texts(12, R"(["a","b"])")), catalog::LogicalType::string);
  const auto rules = test::rules_of(test::table("posts", {tags}), test::table("posts", {tags}));
  CHECK(rules.between("tags", "tags") == "direct copy");
  CHECK_FALSE(rules.says("tags", "tags", "to be decided"));
}

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

TEST_CASE("a list of objects gives the member that rows bear out", "[matching]") {
  const Phones phones;
  const auto from = test::table("people", {list_of_objects("phones", phones.lists)});
  const auto to = [](catalog::Column column) { return test::table("people", {std::move(column)}); };
  const auto plain = test::rules_of(from, to(test::filled("phone_number", "string", phones.first)));
  CHECK(plain.between("phones", "phone_number") == "take $[0].number from the JSON");
  CHECK_FALSE(plain.says("phones", "phone_number", "to be decided"));
  const auto masked =
      test::rules_of(from, test::masked(to(test::filled("phone_number", "string", phones.first))));
  CHECK(masked.between("phones", "phone_number") == "take $[0].number from the JSON");
  // Names tell the member, and nothing which entry it is of.
  const auto named = test::rules_of(from, to(test::column("phone_number")));
  CHECK(named.between("phones", "phone_number") == "take $[0].number from the JSON");
  CHECK(named.says("phones", "phone_number", "of up to 2 entries the first is taken"));
  // Neither names nor rows.
  const auto unknown = test::rules_of(from, to(test::filled("phone", "string", phones.others)));
  CHECK(unknown.between("phones", "phone") == "direct copy");
  CHECK(unknown.says("phones", "phone", "'phones' has lists of objects, the target one value"));
}

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

TEST_CASE("a member under another name is known by the same rows", "[matching]") {
  Texts documents;
  Texts codes;
  Texts totals;
  for (int number = 0; number < 24; ++number) {
    codes.push_back(fmt::format("{:05}", 1000 + number));
    totals.push_back(fmt::format("{}.5", 3 * number));
    documents.push_back(
        fmt::format(R"({{"address":{{"city":"Rome","zip":"{}"}},"total":{},"lines":{}}})",
                    codes.back(), totals.back(), number % 2));
  }
  const auto source =
      test::table("orders", {test::filled("order_no", "bigint", test::row_numbers(24)),
                             test::filled("payload", "string", documents)});
  const auto target = [&](const Texts& amounts) {
    return test::table("orders", {test::filled("order_no", "bigint", test::row_numbers(24)),
                                  test::filled("city", "string", Texts(24, "Rome")),
                                  test::filled("postcode", "string", codes),
                                  test::filled("total_amount", "decimal(10,2)", amounts)});
  };
  const auto rules = test::rules_of(source, target(totals));
  CHECK(rules.between("payload", "city") == "take $.address.city from the JSON");
  CHECK(rules.between("payload", "postcode") == "take $.address.zip from the JSON");
  CHECK(rules.says("payload", "postcode", "holds in 24 of 24 sampled rows with the same"));
  CHECK(rules.between("payload", "total_amount") ==
        "take $.total from the JSON, then cast to decimal");
  // Masked rows are known by their hashes, where each value stands once.
  CHECK(test::rules_of(source, test::masked(target(totals))).between("payload", "postcode") ==
        "take $.address.zip from the JSON");
  // The same numbers in other rows are others.
  Texts moved{totals.begin() + 1, totals.end()};
  moved.push_back(totals.front());
  CHECK(test::rules_of(source, target(moved)).between("payload", "total_amount") == "nothing");
}

TEST_CASE("a member that is called the first of something is that, and the first of a list else",
          "[matching]") {
  const auto from = test::table(
      "people",
      {test::filled("document", "json",
                    Texts(8, R"({"first_name":"Ada","last_name":"King","tags":["x","y"]})"))});
  const auto to = test::table("people", {test::column("first_name"), test::column("last_name"),
                                         test::column("primary_tag"), test::column("primarytag")});
  const auto rules = test::rules_of(from, to);
  CHECK(rules.between("document", "first_name") == "take $.first_name from the JSON");
  CHECK(rules.between("document", "last_name") == "take $.last_name from the JSON");
  CHECK(rules.between("document", "primary_tag") == "take $.tags[0] from the JSON");
  CHECK(rules.between("document", "primarytag") == "nothing");
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/matching/rules/rules.hpp"

using namespace mapctl;

namespace {

using Texts = std::vector<std::string>;

catalog::Column declared(std::string name, std::vector<std::string> codes) {
  auto result = test::column(std::move(name), "string");
  result.allowed_values = std::move(codes);
  return result;
}

}  // namespace

TEST_CASE("rows with the same key tell what a code becomes", "[matching]") {
  const auto table_of = [](std::string name, const Texts& codes) {
    return test::table("orders", {test::filled("order_no", "bigint", test::row_numbers(24)),
                                  test::filled(std::move(name), "string", test::again(codes, 24))});
  };
  const auto rules = test::rules_of(table_of("channel", {"10", "20", "20", "30"}),
                                    table_of("channel", {"web", "store", "store", "phone"}));
  CHECK(rules.between("channel", "channel") ==
        "map the codes '10' to 'web', '20' to 'store', '30' to 'phone'");
  CHECK(
      rules.says("channel", "channel", "holds in 24 of 24 sampled rows with the same 'order_no'"));
  // Rows that stand beside anything tell nothing.
  const auto mixed = test::rules_of(table_of("channel", {"10", "20", "20", "30"}),
                                    table_of("channel", {"web", "store", "phone"}));
  CHECK(mixed.between("channel", "channel").find("map the codes") == std::string::npos);
}

TEST_CASE("rows are worth more than a vocabulary", "[matching]") {
  const auto table_of = [](const Texts& codes) {
    return test::table("orders", {test::filled("order_no", "bigint", test::row_numbers(24)),
                                  test::filled("status", "string", test::again(codes, 24))});
  };
  const auto rules = test::rules_of(table_of({"O", "C", "C", "S"}),
                                    table_of({"open", "cancelled", "cancelled", "shipped"}));
  CHECK(rules.between("status", "status") ==
        "map the codes 'C' to 'cancelled', 'O' to 'open', 'S' to 'shipped'");
}

TEST_CASE("how often codes come is a hint and no rule", "[matching]") {
  const auto table_of = [](const Texts& codes) {
    Texts values;
    for (int row = 0; row < 600; ++row) {
      values.push_back(codes[row % 10 < 6 ? 0 : row % 10 < 9 ? 1 : 2]);
    }
    return test::table("orders", {test::filled("sales_channel", "string", values)});
  };
  const auto rules =
      test::rules_of(table_of({"A1", "B1", "C1"}), table_of({"web", "store", "phone"}));
  CHECK(rules.between("sales_channel", "sales_channel") == "direct copy");
  CHECK(rules.says("sales_channel", "sales_channel", "a code map is needed"));
  CHECK(rules.says("sales_channel", "sales_channel", "'A1' (60 %) with 'web' (60 %)"));
}

TEST_CASE("masked codes are mapped where the target declares its own", "[matching]") {
  const auto source = test::masked(
      test::table("people", {test::filled("gender", "string", test::again({"M", "F", "U"}, 30))}));
  REQUIRE(source.columns[0].personal);
  const auto rules = test::rules_of(
      source, test::table("people", {declared("gender", {"male", "female", "unknown"})}));
  const auto* found = rules.find("gender", "gender");
  REQUIRE(found != nullptr);
  REQUIRE(found->transformation.steps.size() == 1);
  // The spelling is hidden too.
  CHECK(found->transformation.steps[0].argument("M") == "male");
  CHECK(found->transformation.steps[0].argument("f") == "female");
  CHECK(rules.says("gender", "gender", "3 of 3 values have a code; they are masked"));
}

TEST_CASE("masked codes without a map say why", "[matching]") {
  const auto table_of = [](const Texts& codes) {
    return test::masked(
        test::table("people", {test::filled("gender", "string", test::again(codes, 30))}));
  };
  const auto words = test::rules_of(table_of({"M", "F"}), table_of({"Male", "Female"}));
  CHECK(words.between("gender", "gender") == "direct copy");
  CHECK(words.says("gender", "gender", "by their hashes it would take 'm' to 'male'"));
  const auto numbers = test::rules_of(table_of({"1", "2"}), table_of({"Male", "Female"}));
  CHECK(numbers.says("gender", "gender", "ISO 5218 has 1 for male"));
  const auto same = test::rules_of(table_of({"M", "F"}), table_of({"F", "M"}));
  CHECK_FALSE(same.says("gender", "gender", "no code map"));
}

TEST_CASE("words for yes and no are those of several languages and systems", "[matching]") {
  const auto to = test::table("customers", {test::column("is_active", "boolean")});
  const auto rule_of = [&](const Texts& values) {
    return test::rules_of(test::table("customers", {test::filled("is_active", "string", values)}),
                          to)
        .between("is_active", "is_active");
  };
  CHECK(rule_of(test::again({"J", "N"}, 12)) ==
        "map the codes 'J' to 'true', 'N' to 'false', then parse as boolean");
  CHECK(rule_of(test::again({"A", "I"}, 12)) ==
        "map the codes 'A' to 'true', 'I' to 'false', then parse as boolean");
  CHECK(rule_of(test::again({"X", ""}, 12)) ==
        "map the codes 'X' to 'true', then parse as boolean");
}

TEST_CASE("lists are counted, written anew, or give their first entry", "[matching]") {
  const Texts lists{"red;green", "blue", "green;black;red", "black;blue", "red", "white;red"};
  const Texts first{"red", "blue", "green", "black", "red", "white"};
  const auto from = [&](const std::string& name) {
    return test::table("products", {test::filled(name, "string", lists)});
  };
  const auto to = [&](const std::string& name, const Texts& values,
                      std::string_view type = "string") {
    return test::table("products", {test::filled(name, type, values)});
  };
  CHECK(test::rules_of(from("tags"), to("tag_count", {"2", "1", "3", "2", "1", "2"}, "integer"))
            .between("tags", "tag_count") == "count the parts between ';'");
  CHECK(test::rules_of(from("tags"), to("tags", {"red|green", "blue|red", "green|black|red",
                                                 "black|blue", "red", "white|red"}))
            .between("tags", "tags") == "replace ';' by '|'");
  CHECK(test::rules_of(from("colors"), to("primary_color", first))
            .between("colors", "primary_color") == "take part first after a split at ';'");
  // Which entry a single value is nobody knows.
  const auto rules = test::rules_of(from("colors"), to("color", first));
  CHECK(rules.between("colors", "color") == "direct copy");
  CHECK(rules.says("colors", "color", "lists of up to 3 entries between ';'"));
}

TEST_CASE("rows that a column has not are not compared", "[matching]") {
  const auto table_of = [](const Texts& codes, std::size_t kept) {
    auto table = test::table("orders", {test::filled("order_no", "bigint", test::row_numbers(24)),
                                        test::filled("channel", "string", test::again(codes, 24))});
    auto& rows = table.columns[1].statistics->first_rows;
    rows = Texts(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(kept));
    return table;
  };
  const Texts from{"10", "20", "20", "30"};
  const Texts to{"web", "store", "store", "phone"};
  for (const auto& [left, right] : {std::pair{10, 24}, std::pair{24, 10}}) {
    const auto rules = test::rules_of(table_of(from, left), table_of(to, right));
    CHECK(rules.between("channel", "channel") ==
          "map the codes '10' to 'web', '20' to 'store', '30' to 'phone'");
    CHECK(rules.says("channel", "channel", "holds in 10 of 10 sampled rows"));
  }
}

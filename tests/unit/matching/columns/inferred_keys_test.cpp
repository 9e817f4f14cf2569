// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/inferred_keys.hpp"

#include "core/matching/matcher.hpp"
#include "core/matching/signals/references.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

using Values = std::vector<std::string>;

struct Keys {
  explicit Keys(std::vector<catalog::Table> tables)
      : catalog{test::catalog_of(std::move(tables))}, keys{infer_keys(catalog->tables())} {}
  std::shared_ptr<const catalog::Catalog> catalog;
  InferredKeys keys;
  KeyRole of(std::string_view table, std::string_view column) const {
    for (const auto& entry : catalog->tables()) {
      for (const auto& known : entry.table->columns) {
        if (entry.table->name.text == table && known.name.text == column) {
          const auto found = keys.find(&known);
          return found == keys.end() ? KeyRole::none : found->second;
        }
      }
    }
    FAIL("no column '" << column << "' in '" << table << "'");
    return KeyRole::none;
  }
};

catalog::Table books() {
  return test::table("book", {test::filled("bookref", "string", {"Add82", "Agr87", "Ahn88"}),
                              test::filled("title", "string", {"One", "Two", "Three"})});
}
catalog::Table written() {
  return test::table("written", {test::filled("bookref", "string", {"Ahn88", "Add82", "Add82"}),
                                 test::filled("author", "string", {"Ahn", "Addis", "Bell"})});
}

}  // namespace

TEST_CASE("values tell which table's key a shared name is", "[matching]") {
  const Keys keys{{written(), books()}};
  CHECK(keys.of("book", "bookref") == KeyRole::primary);
  CHECK(keys.of("written", "bookref") == KeyRole::foreign);
  CHECK(keys.of("book", "title") == KeyRole::none);
}

TEST_CASE("of tables with the same keys the one that is named after them has them", "[matching]") {
  const Values refs{"Add82", "Agr87", "Ahn88"};
  const Keys named{{test::table("abstract", {test::filled("bookref", "string", refs),
                                             test::filled("words", "string", refs)}),
                    books()}};
  CHECK(named.of("book", "bookref") == KeyRole::primary);
  CHECK(named.of("abstract", "bookref") == KeyRole::foreign);
  const Keys listed{{test::table("years", {test::filled("citing", "string", refs),
                                           test::filled("year", "integer", {"1", "2", "3"})}),
                     test::table("all", {test::filled("citing", "string", refs)}),
                     test::table("pages", {test::column("citing"), test::column("range")})}};
  CHECK(listed.of("all", "citing") == KeyRole::primary);
  CHECK(listed.of("years", "citing") == KeyRole::foreign);
  CHECK(listed.of("years", "year") == KeyRole::none);
}

TEST_CASE("columns of one name with values of their own are no keys", "[matching]") {
  const Keys keys{{test::table("book", {test::filled("title", "string", {"One", "Two", "Three"})}),
                   test::table("film", {test::filled("title", "string", {"Four", "Five"})})}};
  CHECK(keys.keys.empty());
}

TEST_CASE("a short name and what tables declare are left alone", "[matching]") {
  const Values numbers{"1", "2", "3"};
  const Keys each{{test::table("a", {test::filled("id", "integer", numbers)}),
                   test::table("b", {test::filled("id", "integer", numbers)})}};
  CHECK(each.keys.empty());
  auto declared = books();
  declared.primary_key = {catalog::ColumnName{"bookref"}};
  CHECK(Keys{{declared, written()}}.keys.empty());
}

TEST_CASE("an inferred key agrees with a key and not with a reference", "[matching]") {
  const auto prepared = prepare(test::catalog_of({written(), books()}), *test::shipped_lexicon());
  const auto& key = prepared->table(test::ref("book")).columns[0];
  const auto& reference = prepared->table(test::ref("written")).columns[0];
  CHECK(key.named_key == KeyRole::primary);
  CHECK(key_agreement(key, key) == 1);
  CHECK(key_agreement(key, reference) < 0);
  CHECK(key_agreement(key, reference) == key_agreement(reference, key));
  ColumnFeatures declared;
  declared.key = KeyRole::primary;
  CHECK(key_agreement(key, declared) == 1);
  CHECK(key_agreement(key, ColumnFeatures{}) == 0);
}

TEST_CASE("two columns of one table are no key and reference of each other", "[matching]") {
  const Values numbers{"1", "2", "3", "4"};
  const auto twice = test::table("orders", {test::filled("customer_id", "integer", numbers),
                                            test::filled("customerid", "integer", numbers)});
  const auto other = test::table("films", {test::filled("title", "string", {"One", "Two"})});
  CHECK(Keys{{twice, other}}.keys.empty());
  const Keys keys{
      {twice, test::table("customers", {test::filled("customer_id", "integer", numbers),
                                        test::filled("city", "string", {"Utrecht", "Lyon"})})}};
  CHECK(keys.of("customers", "customer_id") == KeyRole::primary);
  CHECK(keys.of("orders", "customer_id") == KeyRole::foreign);
  CHECK(keys.of("orders", "customerid") == KeyRole::none);
}

// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/table_words.hpp"

#include "core/matching/columns/contraction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

// The words of the first column's name, or its phrases with bars between them.
std::string first_name(std::string table, const std::vector<std::string>& columns,
                       TermRange ColumnFeatures::*list_of_column, std::string_view between) {
  std::vector<catalog::Column> list;
  for (const auto& column : columns) {
    list.push_back(test::column(column));
  }
  const auto whole = test::table(std::move(table), std::move(list));
  const auto side = test::side_of(whole);
  std::string result;
  for (const auto term : side->list(side->columns[0].*list_of_column)) {
    result += result.empty() ? "" : between;
    result += side->terms[term].text;
  }
  return result;
}

std::string words(std::string table, const std::vector<std::string>& columns) {
  return first_name(std::move(table), columns, &ColumnFeatures::expanded, " ");
}

std::string phrases(std::string table, std::string column) {
  return first_name(std::move(table), {std::move(column), "note"}, &ColumnFeatures::phrases, "|");
}

}  // namespace

TEST_CASE("the beginning of a name is read by the table's", "[matching]") {
  CHECK(words("warehouses", {"wrhsnm", "city", "note"}) == "warehouse name");
  CHECK(words("vehicles", {"vhclmode", "weight", "note"}) == "vehicle mode");
  CHECK(words("companies", {"compcode", "city", "note"}) == "company code");
  CHECK(words("journal", {"jrnlid", "title", "note"}) == "journal identifier");
  CHECK(words("stock_type", {"sttypenm", "id", "note"}) == "stock type name");
  CHECK(words("warehouses", {"main_wrhsnm", "city", "note"}) == "main warehouse name");
}

TEST_CASE("a name is not read by a table that it does not begin like", "[matching]") {
  CHECK(words("suppliers", {"wrhsnm", "city", "note"}) == "wrhsnm");
  CHECK(words("warehouses", {"wrhsqqq", "city", "note"}) == "wrhsqqq");
  CHECK(words("data", {"wrhsnm", "city", "note"}) == "wrhsnm");
  // A word that stands before another in the table's name is no abbreviation of both.
  CHECK(words("zubcategory", {"zubkey", "city", "note"}) == "zubkey");
}

TEST_CASE("known words stay what they are", "[matching]") {
  CHECK(words("payments", {"paid", "city", "note"}) == "paid");
  CHECK(words("payments", {"paymentid", "city", "note"}) == "payment identifier");
  CHECK(words("credits_used", {"credits", "city", "note"}) == "credits");
}

TEST_CASE("a typing error in the table's own name is seen through", "[matching]") {
  CHECK(words("account", {"acount", "city", "note"}) == "account");
}

TEST_CASE("a table of two columns says one thing", "[matching]") {
  CHECK(words("lots", {"lotnum", "docid"}) == "lot");
  CHECK(words("vehicles", {"vhclrange", "docid"}) == "vehicle");
  CHECK(words("lots", {"lotnum", "docid", "note"}) != "lot");
  // What is spelled out is meant: an account number is no account.
  CHECK(words("account", {"account_number", "docid"}) == "account number");
  CHECK(words("account", {"accountnumber", "docid"}) == "account number");
  CHECK(words("journal", {"jrnlnm", "docid"}) == "journal name");
}

TEST_CASE("letters may stand for the thing whose name a column holds", "[matching]") {
  const auto left =
      test::table("stock_type", {test::column("sttypenm"), test::column("id"), test::column("x")});
  const auto named = test::side_of(left);
  const auto stands_for = [&](const char* name) {
    const auto right = test::table("goods", {test::column(name)});
    const auto other = test::side_of(right);
    return contraction(*named, named->columns[0], other->columns[0]);
  };
  CHECK(stands_for("sttype") > 0.5F);
  CHECK(stands_for("sprice") == 0);
}

TEST_CASE("a column and its table make a known phrase", "[matching]") {
  CHECK(phrases("products", "code") == "product code");
  CHECK(phrases("tbl_company", "Size") == "company size");
  CHECK(phrases("companies", "size") == "company size");
  CHECK(phrases("villages", "size").empty());
  CHECK(phrases("products", "").empty());
  // Every table has these.
  CHECK(phrases("users", "name").empty());
  CHECK(phrases("customers", "id").empty());
  // Its own phrase is the one that counts.
  CHECK(phrases("orders", "purchase_order_number") == "purchase order number");
}

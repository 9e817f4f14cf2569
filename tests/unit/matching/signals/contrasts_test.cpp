// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/contrasts.hpp"

#include "core/matching/signals/similarity.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

struct Pair {
  Pair(std::string left_table, std::string left, std::string right_table, std::string right)
      : from{test::table(left_table, {test::column(left)})},
        to{test::table(right_table, {test::column(right)})},
        source{test::side_of(from)},
        target{test::side_of(to)} {}

  std::string opposed() const {
    const auto found = find_opposed(*source, source->columns[0], *target, target->columns[0]);
    return found ? std::string{found->left} + " " + std::string{found->right} : "none";
  }
  float apart() const {
    const TermSimilarities words{*source, *target, *test::shipped_lexicon()};
    return find_words_apart(*source, source->columns[0], *target, target->columns[0], words).share;
  }

  catalog::Table from, to;
  decltype(test::side_of(from)) source, target;
};

std::string tables_opposed(const char* left, const char* right) {
  const Pair pair{left, "a", right, "b"};
  const auto found =
      find_opposed(*pair.source, pair.source->tables[0], *pair.target, pair.target->tables[0]);
  return found ? std::string{found->left} + " " + std::string{found->right} : "none";
}

std::string opposed(const char* left, const char* right) {
  return Pair{"a", left, "b", right}.opposed();
}

float apart(const char* left, const char* right) {
  return Pair{"a", left, "b", right}.apart();
}

}  // namespace

TEST_CASE("words that exclude each other are told, whatever their form", "[matching]") {
  CHECK(opposed("start_date", "end_date") == "start end");
  CHECK(opposed("created_at", "updatedAt") == "created updated");
  CHECK(opposed("creation_date", "modified_on") == "creation modified");
  CHECK(opposed("BillingCity", "ship_city") == "billing shipping");
  CHECK(opposed("min_qty", "max_qty") == "minimum maximum");
}

TEST_CASE("shares are no amounts, totals none of their parts, and what is cancelled is not active",
          "[matching]") {
  CHECK(opposed("discount_pct", "discount_amount") == "percent amount");
  CHECK(opposed("total", "freight") == "total freight");
  CHECK(opposed("total_tax", "tax_amount") == "none");
  CHECK(opposed("cancelled", "is_active") == "cancelled active");
}

TEST_CASE("who pays is not paid, and whence is not whither", "[matching]") {
  CHECK(opposed("payer_name", "payee_name") == "payer payee");
  CHECK(opposed("origin_zip", "ship_to_zip") == "origin to");
  CHECK(opposed("destination_city", "shipFromCity") == "destination from");
  CHECK(opposed("goals_for", "goals_against") == "for against");
  CHECK(opposed("gross_amount", "amount_excl_tax") == "gross excluding");
}

TEST_CASE("one side of a contrast has several words", "[matching]") {
  CHECK(opposed("begin_date", "start_date") == "none");
  CHECK(opposed("creation_date", "created_at") == "none");
  CHECK(opposed("surname", "last_name") == "none");
  CHECK(opposed("delivery_date", "shipping_date") == "none");
}

TEST_CASE("tables of different things exclude each other, those of events do not", "[matching]") {
  CHECK(tables_opposed("Invoice", "Employees") == "invoice employees");
  CHECK(tables_opposed("clients", "vendor") == "clients vendor");
  CHECK(tables_opposed("customer_invoice", "invoices") == "none");
  CHECK(tables_opposed("Invoice", "Orders") == "none");
  CHECK(tables_opposed("uploads", "downloads") == "none");
  CHECK(opposed("invoice_no", "product_no") == "none");
}

TEST_CASE("a name with both sides of a contrast opposes neither", "[matching]") {
  CHECK(opposed("payment_due_date", "due_date") == "none");
  CHECK(opposed("first_and_last_name", "last_name") == "none");
  CHECK(opposed("day_of_month", "day") == "none");
}

TEST_CASE("what both tables are called opposes no columns", "[matching]") {
  CHECK(Pair{"orders", "order_number", "invoices", "invoice_number"}.opposed() == "none");
  CHECK(Pair{"orders", "order_date", "orders", "ship_date"}.opposed() == "order shipping");
}

TEST_CASE("names are apart as far as both have words without counterpart", "[matching]") {
  CHECK(apart("employee_count", "order_count") > 0.3F);
  CHECK(apart("employee_count", "order_count") == apart("order_count", "employee_count"));
  CHECK(apart("employee_count", "count") == 0);
  CHECK(apart("employee_count", "staff_count") == 0);
  // What nobody knows may be anything.
  CHECK(apart("zorp_count", "order_count") == 0);
  CHECK(Pair{"employees", "employee_count", "orders", "order_count"}.apart() == 0);
}

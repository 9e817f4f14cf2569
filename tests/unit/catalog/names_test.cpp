// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/names.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl::catalog;

namespace {
TableRef ref(const char* schema, const char* table) {
  return {SchemaName{schema}, TableName{table}};
}
}  // namespace

TEST_CASE("a pattern matches the table alone or with its schema", "[catalog][names]") {
  CHECK(NamePattern{"Opport*"}.matches(ref("", "Opportunity"), false));
  CHECK(NamePattern{"sales.*"}.matches(ref("sales", "orders"), false));
  CHECK(NamePattern{"orders"}.matches(ref("sales", "orders"), false));
  CHECK_FALSE(NamePattern{"sales.*"}.matches(ref("hr", "sales"), false));
  CHECK_FALSE(NamePattern{"ORDERS"}.matches(ref("sales", "orders"), false));
  CHECK(NamePattern{"ORDERS"}.matches(ref("sales", "orders"), true));
  CHECK(NamePattern{}.matches(ref("any", "thing"), false));
  CHECK(NamePattern{}.matches_all());
}

TEST_CASE("a table whose name holds pattern characters can be written out", "[catalog][names]") {
  CHECK(NamePattern{"data[1]"}.matches(ref("", "data[1]"), false));
  CHECK(NamePattern{"DATA[1]"}.matches(ref("", "data[1]"), true));
  CHECK_FALSE(NamePattern{"data[1]"}.is_literal());
  CHECK(NamePattern{"order_items"}.is_literal());
  CHECK_FALSE(NamePattern{"order_items"}.matches(ref("", "orderXitems"), false));
}

TEST_CASE("a table is written with its schema where it has one", "[catalog][names]") {
  CHECK(to_string(ref("sales", "orders")) == "sales.orders");
  CHECK(to_string(ref("", "orders")) == "orders");
}

// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/references.hpp"

#include "core/matching/columns/named_keys.hpp"
#include "core/matching/signals/similarity.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

struct Named {
  std::string table{}, column{};
};

bool elsewhere(const Named& left, const Named& right) {
  const auto from = test::table(left.table, {test::column(left.column)});
  const auto to = test::table(right.table, {test::column(right.column)});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const TermSimilarities words{*source, *target, *test::shipped_lexicon()};
  return is_of_another_record(*source, source->columns[0], *target, target->columns[0], words);
}

KeyRole named_key(const Named& name) {
  const auto table = test::table(name.table, {test::column(name.column), test::column("note")});
  return test::side_of(table)->columns[0].named_key;
}

}  // namespace

TEST_CASE("a path through a reference tells what it leads to", "[matching]") {
  CHECK(referred_name("user_id.name") == "user");
  CHECK(referred_name("userId.name") == "user");
  CHECK(referred_name("USER_ID.NAME") == "USER");
  CHECK(referred_name("account-ref.name") == "account");
  CHECK(referred_name("deal.contactId.email") == "deal.contact");
}

TEST_CASE("keys themselves and plain parts lead nowhere", "[matching]") {
  for (const auto* name :
       {"user_id", "user_id.value", "user_id.id", "userId.Id", "address.city", "paid.amount",
        "valid.from", "monkey.name", "id.name", "user_id.", ".", "", "_id.name"}) {
    INFO(name);
    CHECK(referred_name(name).empty());
  }
}

TEST_CASE("what is reached through a reference is of another record than its own", "[matching]") {
  CHECK(elsewhere({"deals", "user_id.name"}, {"opportunity", "name"}));
  CHECK(elsewhere({"opportunity", "name"}, {"deals", "user_id.name"}));
  CHECK_FALSE(elsewhere({"deals", "user_id.name"}, {"opportunity", "user_name"}));
  CHECK_FALSE(elsewhere({"deals", "user_id.name"}, {"users", "name"}));
  CHECK_FALSE(elsewhere({"users", "name"}, {"deals", "user_id.name"}));
  CHECK_FALSE(elsewhere({"deals", "user_id.name"}, {"deal", "user_id.name"}));
  CHECK_FALSE(elsewhere({"deals", "name"}, {"opportunity", "name"}));
}

TEST_CASE("names tell a table's own key from references to other records", "[matching]") {
  CHECK(named_key({"orders", "id"}) == KeyRole::primary);
  CHECK(named_key({"orders", "order_id"}) == KeyRole::primary);
  CHECK(named_key({"order_lines", "OrderLineId"}) == KeyRole::primary);
  CHECK(named_key({"orders", "customer_id"}) == KeyRole::foreign);
  CHECK(named_key({"order_lines", "order_id"}) == KeyRole::foreign);
  CHECK(named_key({"orders", "external_id"}) == KeyRole::unique);
  CHECK(named_key({"orders", "order_number"}) == KeyRole::none);
  CHECK(named_key({"orders", "paid"}) == KeyRole::none);
}

TEST_CASE("what a table declares of its keys goes before their names", "[matching]") {
  auto orders = test::table("orders", {test::column("id"), test::column("number")});
  orders.primary_key = {catalog::ColumnName{"number"}};
  const auto side = test::side_of(orders);
  CHECK(side->columns[0].named_key == KeyRole::none);
  CHECK(side->columns[1].key == KeyRole::primary);
}

// SPDX-License-Identifier: Apache-2.0
#include "core/matching/matcher.hpp"

#include "core/base/error.hpp"
#include "core/matching/scoring/tables.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

catalog::Table accounts() {
  auto result = test::table("Accounts",
                            {test::column("Id"), test::column("Name"), test::column("Industry"),
                             test::column("AnnualRevenue", "decimal(18,2)"), test::column("Phone"),
                             test::column("CreatedDate", "timestamp"), test::column("zzqx")});
  result.primary_key = {catalog::ColumnName{"Id"}};
  return result;
}

catalog::Table account_entity() {
  auto result = test::table(
      "account", {test::column("account_id"), test::column("name"), test::column("industry"),
                  test::column("annual_revenue", "decimal(18,2)"), test::column("phone"),
                  test::column("created_at", "timestamp"), test::column("parent_account_id"),
                  test::column("tax_number")});
  result.primary_key = {catalog::ColumnName{"account_id"}};
  result.columns[7].required = true;
  return result;
}

catalog::Table order_entity() {
  return test::table("order",
                     {test::column("order_id"), test::column("order_date", "date"),
                      test::column("customer_id"), test::column("total_amount", "decimal(12,2)"),
                      test::column("currency"), test::column("status")});
}

ColumnRanking ranking_of(const std::vector<catalog::Table>& source,
                         const std::vector<catalog::Table>& target, MatchOptions options = {}) {
  const auto from = prepare(test::catalog_of(source), *test::shipped_lexicon());
  const auto to = prepare(test::catalog_of(target), *test::shipped_lexicon());
  return Matcher{test::shipped_knowledge(), std::move(options)}.match_all(*from, *to, Findings::all,
                                                                          {});
}

struct Fixture {
  std::shared_ptr<const Prepared> source =
      prepare(test::catalog_of({accounts()}), *test::shipped_lexicon());
  std::shared_ptr<const Prepared> target =
      prepare(test::catalog_of({account_entity(), order_entity()}), *test::shipped_lexicon());
  mapping::PairProposal propose(MatchOptions options = {}) const {
    return Matcher{test::shipped_knowledge(), std::move(options)}.match(
        *source, test::ref("Accounts"), *target, test::ref("account"), {});
  }
};

const mapping::FieldProposal& field(const mapping::PairProposal& proposal, std::string_view name) {
  for (const auto& item : proposal.fields) {
    if (item.source_column.text == name) {
      return item;
    }
  }
  throw Error{ErrorCode::internal, "no such field"};
}

std::string decided(const mapping::PairProposal& proposal, std::string_view name) {
  const auto& item = field(proposal, name);
  return item.decision.empty() ? "" : item.candidates[item.decision[0]].target_column.text;
}

mapping::PairProposal propose_between(const catalog::Table& source, const catalog::Table& target) {
  return Matcher{test::shipped_knowledge(), {}}.match(
      *prepare(test::catalog_of({source}), *test::shipped_lexicon()), test::ref(source.name.text),
      *prepare(test::catalog_of({target}), *test::shipped_lexicon()), test::ref(target.name.text),
      {});
}

}  // namespace

TEST_CASE("what was done is when it was done, before who did it", "[matching]") {
  const auto proposal =
      propose_between(test::table("comment", {test::column("created"), test::column("body")}),
                      test::table("comment", {test::column("createdBy"), test::column("body"),
                                              test::column("createdTimestamp")}));
  CHECK(decided(proposal, "created") == "createdTimestamp");
}

TEST_CASE("a number is one before it is an identifier", "[matching]") {
  for (const auto* const name : {"cust_no", "CustomerNumber"}) {
    const auto proposal =
        propose_between(test::table("customers", {test::column(name), test::column("email")}),
                        test::table("customer", {test::column("customer_id"), test::column("email"),
                                                 test::column("customer_number")}));
    CHECK(decided(proposal, name) == "customer_number");
  }
}

TEST_CASE("a name is known by the phrase that it makes with its table's", "[matching]") {
  const auto proposal =
      propose_between(test::table("products", {test::column("code"), test::column("price")}),
                      test::table("items", {test::column("sku"), test::column("unit_price")}));
  CHECK(decided(proposal, "code") == "sku");
}

TEST_CASE("a table pair is matched field by field", "[matching]") {
  const auto proposal = Fixture{}.propose();
  CHECK(decided(proposal, "Id") == "account_id");
  CHECK(decided(proposal, "Name") == "name");
  CHECK(decided(proposal, "Industry") == "industry");
  CHECK(decided(proposal, "AnnualRevenue") == "annual_revenue");
  CHECK(decided(proposal, "CreatedDate") == "created_at");
  CHECK(decided(proposal, "zzqx").empty());
  CHECK(field(proposal, "zzqx").confidence > 0.5);
  CHECK(proposal.confidence > 0.5);
}

TEST_CASE("an exact name match outranks everything else", "[matching]") {
  const auto proposal = Fixture{}.propose();
  const auto& phone = field(proposal, "Phone");
  REQUIRE_FALSE(phone.candidates.empty());
  CHECK(phone.candidates[0].target_column.text == "phone");
  const auto& evidence = phone.candidates[0].evidence;
  CHECK(std::any_of(evidence.begin(), evidence.end(),
                    [](const auto& item) { return item.signal == "exact_name"; }));
}

TEST_CASE("every candidate keeps evidence in sentences, greatest contribution first",
          "[matching]") {
  for (const auto& item : Fixture{}.propose().fields) {
    for (const auto& candidate : item.candidates) {
      REQUIRE_FALSE(candidate.evidence.empty());
      CHECK(std::is_sorted(candidate.evidence.begin(), candidate.evidence.end(),
                           [](const auto& a, const auto& b) { return a.weight > b.weight; }));
      std::set<std::string_view> signals;
      for (const auto& evidence : candidate.evidence) {
        CHECK_FALSE(evidence.detail.empty());
        CHECK(evidence.score >= 0);
        CHECK(evidence.score <= 1);
        CHECK(signals.insert(evidence.signal).second);
      }
    }
  }
}

TEST_CASE("targets without a source are listed, required ones first", "[matching]") {
  const auto proposal = Fixture{}.propose();
  REQUIRE_FALSE(proposal.unmapped_targets.empty());
  CHECK(proposal.unmapped_targets[0].column.text == "tax_number");
  CHECK(proposal.unmapped_targets[0].required);
}

TEST_CASE("one to one decides a target once, and a threshold of one decides nothing",
          "[matching]") {
  std::set<std::string> targets;
  for (const auto& item : Fixture{}.propose().fields) {
    REQUIRE(item.decision.size() <= 1);
    for (const auto chosen : item.decision) {
      CHECK(targets.insert(item.candidates[chosen].target_column.text).second);
    }
  }
  MatchOptions strict;
  strict.min_confidence = 1.0;
  for (const auto& item : Fixture{}.propose(strict).fields) {
    CHECK(item.decision.empty());
  }
}

TEST_CASE("several sources may share a target where one to one is off", "[matching]") {
  const auto source =
      prepare(test::catalog_of({test::table("c", {test::column("email"), test::column("e_mail")})}),
              *test::shipped_lexicon());
  const auto target = prepare(
      test::catalog_of({test::table("contact", {test::column("email"), test::column("city")})}),
      *test::shipped_lexicon());
  const auto count = [&](bool one_to_one) {
    MatchOptions options;
    options.one_to_one = one_to_one;
    options.min_confidence = 0.1;
    const auto proposal = Matcher{test::shipped_knowledge(), options}.match(
        *source, test::ref("c"), *target, test::ref("contact"), {});
    std::size_t emails = 0;
    for (const auto& item : proposal.fields) {
      for (const auto chosen : item.decision) {
        emails += item.candidates[chosen].target_column.text == "email" ? 1U : 0U;
      }
    }
    return emails;
  };
  CHECK(count(true) == 1);
  CHECK(count(false) == 2);
}

TEST_CASE("the best target table is proposed first", "[matching]") {
  const Fixture fixture;
  const Matcher matcher{test::shipped_knowledge(), {}};
  const auto ranked =
      matcher.rank_tables(*fixture.source, test::ref("Accounts"), *fixture.target, 5, {});
  REQUIRE_FALSE(ranked.empty());
  CHECK(ranked[0].target == test::ref("account"));
  CHECK_FALSE(ranked[0].evidence.empty());
}

TEST_CASE("no column is surer than the choice of its table, and less sure ones stay as they are",
          "[matching]") {
  CHECK(most_in_chosen_table(0.1) > 0.5);
  CHECK(most_in_chosen_table(0.4) < 0.7);
  CHECK(most_in_chosen_table(0.97) > 0.98);

  const Fixture fixture;
  const auto matched = fixture.propose();
  const auto with = [&](double confidence, double least) {
    MatchOptions options;
    options.min_confidence = least;
    return Matcher{test::shipped_knowledge(), options}.match_chosen(
        *fixture.source, {test::ref("Accounts"), test::ref("account"), confidence, {}},
        *fixture.target, {});
  };
  const auto chosen = with(0.35, 0.5);
  const double most = most_in_chosen_table(0.35);
  REQUIRE(chosen.fields.size() == matched.fields.size());
  bool is_bound = false;
  for (std::size_t field = 0; field < matched.fields.size(); ++field) {
    CHECK(chosen.fields[field].decision == matched.fields[field].decision);
    for (std::size_t at = 0; at < matched.fields[field].candidates.size(); ++at) {
      const auto& free = matched.fields[field].candidates[at];
      const auto& bound = chosen.fields[field].candidates[at];
      CHECK(bound.confidence == std::min(free.confidence, most));
      is_bound = is_bound || bound.confidence < free.confidence;
      CHECK((bound.evidence.back().detail.find("chosen with 0.35") != std::string::npos) ==
            (bound.confidence < free.confidence));
    }
  }
  CHECK(is_bound);
  // What is then below the floor is not decided, and its target is free.
  const auto none = with(0.35, 0.9);
  CHECK(std::all_of(none.fields.begin(), none.fields.end(),
                    [](const auto& field) { return field.decision.empty(); }));
  CHECK(none.unmapped_targets.size() == account_entity().columns.size());
}

TEST_CASE("no table is proposed for one that is like none", "[matching]") {
  const auto source =
      prepare(test::catalog_of({test::table("qqq", {test::column("zzqx"), test::column("wwvk")})}),
              *test::shipped_lexicon());
  const Matcher matcher{test::shipped_knowledge(), {}};
  CHECK(matcher.rank_tables(*source, test::ref("qqq"), *Fixture{}.target, 5, {}).empty());
}

TEST_CASE("an unknown table is named with the nearest known one", "[matching]") {
  const Fixture fixture;
  const Matcher matcher{test::shipped_knowledge(), {}};
  try {
    matcher.match(*fixture.source, test::ref("Acounts"), *fixture.target, test::ref("account"), {});
    FAIL("was found");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
    CHECK(error.facts().hint.find("Accounts") != std::string::npos);
  }
}

TEST_CASE("several threads get the same proposal from shared sides", "[matching]") {
  const Fixture fixture;
  std::vector<mapping::PairProposal> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = fixture.propose(); });
    }
  }
  for (const auto& result : results) {
    REQUIRE(result.fields.size() == results[0].fields.size());
    for (std::size_t at = 0; at < result.fields.size(); ++at) {
      CHECK(result.fields[at].decision == results[0].fields[at].decision);
      CHECK(result.fields[at].confidence == results[0].fields[at].confidence);
    }
  }
}

TEST_CASE("hostile names are matched without harm", "[matching]") {
  std::vector<catalog::Column> columns;
  for (const auto& name : {std::string{}, std::string(10000, 'x'), std::string{"12345"},
                           std::string{"\xF0\x9F\x98\x80"}, std::string{"---"},
                           std::string{"\xFF\xFE"}, std::string{"a b\nc\"d'"}}) {
    columns.push_back(test::column(name));
  }
  const auto side = prepare(test::catalog_of({test::table("", columns)}), *test::shipped_lexicon());
  const Matcher matcher{test::shipped_knowledge(), {}};
  const auto proposal = matcher.match(*side, test::ref(""), *side, test::ref(""), {});
  CHECK(proposal.fields.size() == columns.size());
  for (const auto& item : proposal.fields) {
    CHECK(item.confidence >= 0);
    CHECK(item.confidence <= 1);
  }
}

TEST_CASE("over all tables, a rule of several columns is a pair for each of them", "[matching]") {
  const auto contact =
      test::table("contact", {test::column("contact_id"), test::column("email"),
                              test::column("first_name"), test::column("last_name")});
  const auto person = test::table(
      "person", {test::column("person_id"), test::column("email"), test::column("full_name")});
  const auto invoices = test::table("invoice", {test::column("due_date", "date")});
  const auto pairs = [](const std::vector<ColumnPair>& found) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> numbers;
    for (const auto& pair : found) {
      numbers.emplace(pair.source, pair.target);
    }
    return numbers;
  };
  // Columns are counted over the tables.
  const auto split = ranking_of({invoices, person}, {contact, invoices});
  CHECK(pairs(split.decided) == pairs(split.assigned));
  CHECK(pairs(split.decided).contains({3, 2}));
  CHECK(pairs(split.decided).contains({3, 3}));
  std::size_t met = 0;
  for (const auto& pair : split.scored) {
    if (pair.source == 3 && pair.target == 3) {
      ++met;
      CHECK(pair.confidence > 0.6);
    }
  }
  REQUIRE(met == 1);
  const auto joined = pairs(ranking_of({contact}, {person}).decided);
  CHECK(joined.contains({2, 2}));
  CHECK(joined.contains({3, 2}));
  MatchOptions plain;
  plain.composites = false;
  CHECK(pairs(ranking_of({contact}, {person}, plain).decided).size() < joined.size());
}

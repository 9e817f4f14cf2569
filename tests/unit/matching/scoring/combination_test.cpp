// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/combination.hpp"

#include "core/matching/scoring/scorer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace mapctl;
using matching::Prepared;
using matching::ScoreTable;
using matching::Side;
using matching::TypeClass;

namespace {

ScoreTable scores_of(const Side& source, const Side& target) {
  return matching::score(source, target, *test::shipped_lexicon(), test::shipped_combination(), {},
                         {});
}

std::vector<std::string> candidates_of(const Side& source, const Side& target,
                                       const ScoreTable& scores, std::string_view name) {
  std::vector<std::string> names;
  for (std::uint32_t column = 0; column < source.columns.size(); ++column) {
    if (source.columns[column].column->name.text == name) {
      for (const auto& pair : scores.of_source(column)) {
        names.push_back(target.columns[pair.target].column->name.text);
      }
    }
  }
  return names;
}

const catalog::Table parcels =
    test::table("parcel", {test::column("street1"), test::column("street2"), test::column("town"),
                           test::column("parcel_id", "integer")});
const catalog::Table shipments = test::table(
    "shipment", {test::column("line1_street"), test::column("street2"), test::column("street1"),
                 test::column("city"), test::column("shipment_id", "integer")});

}  // namespace

TEST_CASE("every weight is in the fingerprint of a combination", "[matching]") {
  const auto shipped = test::shipped_combination();
  const auto before = fingerprint(shipped);
  CHECK(fingerprint(shipped) == before);
  auto other = shipped;
  other.full.of.back() += 0.001F;
  CHECK(fingerprint(other) != before);
  other = shipped;
  other.own.constant -= 0.001F;
  CHECK(fingerprint(other) != before);
  other = shipped;
  other.partnered += 0.001F;
  CHECK(fingerprint(other) != before);
}

TEST_CASE("columns of a numbered list are the next candidates after that of the same number",
          "[matching]") {
  const auto source = test::side_of(parcels);
  const auto target = test::side_of(shipments);
  const auto names = candidates_of(*source, *target, scores_of(*source, *target), "street1");
  REQUIRE(names.size() >= 3);
  CHECK(names[0] == "street1");
  CHECK(std::find(names.begin(), names.end(), "street2") < names.begin() + 3);
  const auto scores = scores_of(*source, *target);
  for (const auto& pair : scores.pairs) {
    if (source->columns[pair.source].column->name.text == "street1" &&
        target->columns[pair.target].column->name.text == "street2") {
      CHECK(pair.score < 0);
      CHECK(pair.score > -4);
    }
  }
}

TEST_CASE("a longer numbered list is taken up by a shorter one, whose first has no number",
          "[matching]") {
  const auto from =
      test::table("ship_to", {test::column("street1"), test::column("street2"),
                              test::column("street3"), test::column("city"), test::column("fax")});
  const auto to = test::table("ship_to", {test::column("Address"), test::column("Address2"),
                                          test::column("City"), test::column("Telephone2")});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const auto scores = scores_of(*source, *target);
  const auto score_of = [&](std::string_view left, std::string_view right) {
    const auto found = std::find_if(
        scores.pairs.begin(), scores.pairs.end(), [&](const matching::ScoredPair& pair) {
          return source->columns[pair.source].column->name.text == left &&
                 target->columns[pair.target].column->name.text == right;
        });
    REQUIRE(found != scores.pairs.end());
    return found->score;
  };
  CHECK(candidates_of(*source, *target, scores, "street1").front() == "Address");
  CHECK(candidates_of(*source, *target, scores, "street2").front() == "Address2");
  CHECK(score_of("street3", "Address2") < score_of("street2", "Address2"));
  CHECK(score_of("street3", "Address2") > -1.6F);
  CHECK(score_of("street2", "Address") > -1.6F);
  CHECK(score_of("street3", "Telephone2") < -1.6F);
  CHECK(score_of("fax", "Address2") < -1.6F);
}

TEST_CASE("a system's prefix stays where it tells two columns of a table apart", "[matching]") {
  const auto source = test::table(
      "lab", {test::column("assay_id"), test::column("src_assay_id"), test::column("src_name")});
  const auto target = test::table(
      "result", {test::column("src_assay_id"), test::column("assay_id"), test::column("name")});
  const auto from = test::side_of(source);
  const auto to = test::side_of(target);
  const auto scores = scores_of(*from, *to);
  CHECK(candidates_of(*from, *to, scores, "src_assay_id").front() == "src_assay_id");
  CHECK(candidates_of(*from, *to, scores, "assay_id").front() == "assay_id");
  CHECK(candidates_of(*from, *to, scores, "src_name").front() == "name");
  CHECK(from->columns[0].core_hash != from->columns[1].core_hash);
}

TEST_CASE("what columns share with the beginning of their table's name is no prefix",
          "[matching]") {
  const auto item = test::table(
      "credit_note_line_items",
      {test::column("credit_note_line_item_id"), test::column("credit_note_id"),
       test::column("credit_note_line_item_amount"), test::column("credit_note_line_item_tax")});
  const auto side = test::side_of(item);
  CHECK(side->columns[0].core == "id");
  CHECK(side->columns[1].core == "creditnoteid");
  CHECK(side->columns[2].core == "amount");
  // No column has the whole name: the beginning is what they all have before their own.
  const auto list =
      test::table("film_list", {test::column("film_id"), test::column("film_title"),
                                test::column("film_year"), test::column("film_cost")});
  CHECK(test::side_of(list)->columns[1].core == "title");
}

TEST_CASE("a table may be shorter than the one read before it", "[matching]") {
  std::vector<catalog::Column> many;
  for (int number = 0; number < 9; ++number) {
    many.push_back(test::column("film_" + std::string(1, static_cast<char>('a' + number)) + "st"));
  }
  std::vector<catalog::Column> reversed{many.rbegin(), many.rend()};
  const auto catalog = test::catalog_of(
      {test::table("film", std::move(reversed)), test::table("tag", {test::column("word")})});
  const Prepared prepared{catalog, test::shipped_lexicon()};
  CHECK(prepared.whole().columns.size() == 10);
}

TEST_CASE("a record is no match of a field", "[matching]") {
  const auto catalog = test::catalog_of(
      {test::table("order", {test::column("bill_to", "complex"), test::column("total", "decimal")}),
       test::table("order.bill_to", {test::column("name"), test::column("city")})});
  const Prepared prepared{catalog, test::shipped_lexicon()};
  const auto& side = prepared.whole();
  const auto type_of = [&](std::string_view name) {
    for (const auto& column : side.columns) {
      if (column.column->name.text == name) {
        return column.type;
      }
    }
    return TypeClass::unknown;
  };
  CHECK(type_of("bill_to") == TypeClass::record);
  CHECK(type_of("total") == TypeClass::decimal);
}

TEST_CASE("moments are not alike for being written alike", "[matching]") {
  const auto from = test::table(
      "musician", {test::filled("active_since", "string",
                                {"1954-01-01", "1988-01-01", "2005-01-01", "1990-01-01"}),
                   test::filled("label", "string", {"Motown", "Stax", "Chess", "Sun"})});
  const auto to = test::table(
      "musician",
      {test::filled("birthday", "string", {"1933-05-03", "1970-05-29", "1987-09-08", "1971-02-02"}),
       test::filled("label", "string", {"Motown", "Stax", "Chess", "Sun"})});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  for (const auto& pair : scores_of(*source, *target).pairs) {
    if (pair.source == 0 && pair.target == 0) {
      CHECK(pair.score < 0);
    }
  }
}

TEST_CASE("a key is no match of a name that shares its other word", "[matching]") {
  const auto from = test::table(
      "ticket", {test::filled("group_id", "integer", {"360001", "360002", "360002", "360003"}),
                 test::filled("subject", "string", {"No light", "Late again", "Broken", "Lost"})});
  const auto to = test::table("ticket", {test::column("group_name"), test::column("subject")});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const auto scores = scores_of(*source, *target);
  for (std::uint32_t column = 0; column < source->columns.size(); ++column) {
    const auto& best = scores.of_source(column).front();
    const bool is_subject = source->columns[column].column->name.text == "subject";
    CHECK((best.score > 0) == is_subject);
  }
}

TEST_CASE("a phrase that stands for another beats a word in common", "[matching]") {
  const auto from =
      test::table("product", {test::column("list_price", "decimal"),
                              test::column("unit_cost", "decimal"), test::column("sku")});
  const auto to =
      test::table("product", {test::column("unit_price", "decimal"),
                              test::column("cost_price", "decimal"), test::column("sku")});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const auto scores = scores_of(*source, *target);
  CHECK(candidates_of(*source, *target, scores, "unit_cost").at(0) == "cost_price");
  CHECK(candidates_of(*source, *target, scores, "list_price").at(0) == "unit_price");
}

TEST_CASE("a mapping that fails on most rows is not sure, whatever the names say", "[matching]") {
  const auto to = test::table(
      "patient", {test::column("room_number", "integer"), test::column("admitted_on", "date")});
  const auto target = test::side_of(to);
  const auto confidence = [&](const std::vector<std::string>& rooms) {
    const auto from =
        test::table("patient", {test::filled("room_number", "string", rooms),
                                test::filled("admitted_on", "date", {"2024-01-31", "2024-02-29"})});
    const auto source = test::side_of(from);
    return scores_of(*source, *target).of_source(0).front().score;
  };
  const float sure = 2;  // log-odds of 0.88
  CHECK(confidence({"12", "7"}) > sure);
  CHECK(confidence({"B-12", "C-7"}) < sure);
}

TEST_CASE("values that look nothing alike make a match less likely", "[matching]") {
  const auto to = test::table("person", {test::filled("marital_state", "string",
                                                      {"MARRIED", "SINGLE", "WIDOWED", "SINGLE"}),
                                         test::column("name")});
  const auto target = test::side_of(to);
  const auto score_of = [&](const std::vector<std::string>& values) {
    const auto from = test::table(
        "customer", {test::filled("state_marital", "string", values), test::column("name")});
    const auto source = test::side_of(from);
    const auto scores = scores_of(*source, *target);
    for (const auto& pair : scores.of_source(0)) {
      if (target->columns[pair.target].column->name.text == "marital_state") {
        return pair.score;
      }
    }
    return -100.0F;
  };
  const float alike = score_of({"DIVORCED", "MARRIED", "SINGLE", "MARRIED"});
  const float unlike = score_of({"1998-01-31", "2001-12-24", "1975-06-06", "1980-10-10"});
  CHECK(unlike > -100);
  CHECK(alike - unlike > 2);
}

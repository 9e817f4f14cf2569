// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/config/mapping_file.hpp"
#include "core/mapping/document.hpp"
#include "core/mapping/transform_text.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using mapping::EntryChange;
using Kind = EntryChange::Kind;

namespace {

EntryChange change(Kind kind, const char* source, const char* field, const char* new_source = "",
                   const char* transform = "", const char* entity = "account") {
  EntryChange made;
  made.kind = kind;
  made.entity = mapping::EntityName{entity};
  made.source = mapping::FieldPath{source};
  made.field = mapping::FieldPath{field};
  made.new_source = mapping::FieldPath{*new_source == '\0' ? source : new_source};
  if (*transform != '\0') {
    made.transformation = mapping::transformation_from_text(transform);
  }
  return made;
}

std::string changed(std::string_view text, const std::vector<EntryChange>& changes) {
  const auto parsed = config::parse_mapping_file(text, "crm.yaml", mapping::ConnectorName{"crm"});
  REQUIRE_FALSE(parsed.has_errors());
  return mapping::change_text(parsed.document, text, changes);
}

constexpr std::string_view sample =
    "# of the CRM\n"
    "account:          # one\n"
    "  fields:\n"
    "    # the key\n"
    "    id: \"Id\"   # never null\n"
    "    name: 'Name'\n"
    "    industry: {source: cf_industry, transform: trim}   # two\n"
    "    extra:\n"
    "      target: extras.extra  # three\n"
    "\n"
    "contact:\n"
    "  fields: {email: Email, phone: Phone}\n";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text{sample};
  text.replace(text.find(from), from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("without a change the text stays as it is", "[config][mapping_edit]") {
  CHECK(changed(sample, {}) == sample);
}

TEST_CASE("a changed entry changes only its own bytes", "[config][mapping_edit]") {
  CHECK(changed(sample, {change(Kind::replace, "Id", "id", "account_id")}) ==
        replaced("\"Id\"", "\"account_id\""));
  CHECK(changed(sample, {change(Kind::replace, "Name", "name", "Title")}) ==
        replaced("'Name'", "'Title'"));
  CHECK(changed(sample, {change(Kind::replace, "Id", "id", "", "cast(type=integer)")}) ==
        replaced("id: \"Id\"", "id: {source: Id, transform: \"cast(type=integer)\"}"));
  CHECK(changed(sample,
                {change(Kind::replace, "cf_industry", "industry", "branch", "trim | cast")}) ==
        replaced("cf_industry, transform: trim", "branch, transform: \"trim | cast\""));
  CHECK(changed(sample, {change(Kind::replace, "cf_industry", "industry")}) ==
        replaced("{source: cf_industry, transform: trim}", "cf_industry"));
  CHECK(changed(sample, {change(Kind::replace, "extra", "extras.extra", "more")}) ==
        replaced("extra:\n", "more:\n"));
  CHECK(changed(sample, {change(Kind::replace, "extra", "extras.extra", "", "trim")}) ==
        replaced("extra:\n      target: extras.extra",
                 "extra: {target: extras.extra, transform: trim}"));
}

TEST_CASE("a removed entry takes its lines along and nothing else", "[config][mapping_edit]") {
  CHECK(changed(sample, {change(Kind::remove, "Id", "id")}) ==
        replaced("    id: \"Id\"   # never null\n", ""));
  CHECK(changed(sample, {change(Kind::remove, "extra", "extras.extra")}) ==
        replaced("    extra:\n      target: extras.extra  # three\n", ""));
  CHECK(changed(sample, {change(Kind::remove, "Email", "email", "", "", "contact")}) ==
        replaced("email: Email, ", ""));
  CHECK(changed(sample, {change(Kind::remove, "Phone", "phone", "", "", "contact")}) ==
        replaced(", phone: Phone", ""));
  CHECK(changed(sample, {change(Kind::remove, "Phone", "phone", "", "", "contact"),
                         change(Kind::remove, "Email", "email", "", "", "contact")}) ==
        replaced("{email: Email, phone: Phone}", "{}"));
  CHECK(changed("a:\n  fields: # c\n    x: s\n", {change(Kind::remove, "s", "x", "", "", "a")}) ==
        "a:\n  fields: {} # c\n");
  CHECK(changed("a:\n  fields: # c\n    x: s\n", {change(Kind::remove, "s", "x", "", "", "a"),
                                                  change(Kind::add, "t", "z", "", "", "a")}) ==
        "a:\n  fields: {z: t} # c\n");
}

TEST_CASE("a new entry comes after the last of its entity, in the file's own way",
          "[config][mapping_edit]") {
  CHECK(changed(sample, {change(Kind::add, "City", "city")}) ==
        replaced("# three\n", "# three\n    city: City\n"));
  CHECK(changed(sample, {change(Kind::add, "Fax", "fax", "", "", "contact")}) ==
        replaced("phone: Phone}", "phone: Phone, fax: Fax}"));
  CHECK(changed(sample, {change(Kind::add, "Owner", "id")}) ==
        replaced("# three\n", "# three\n    Owner: {target: id}\n"));
  CHECK(changed(sample, {change(Kind::add, "no", "extras.no", "", "trim")}) ==
        replaced("# three\n", "# three\n    \"no\": {target: extras.no, transform: trim}\n"));
  CHECK(changed(sample, {change(Kind::add, "total", "amount", "", "", "order")}) ==
        replaced("phone: Phone}\n", "phone: Phone}\n\norder:\n  fields:\n    amount: total\n"));
  CHECK(changed("a:\r\n  fields:\r\n    x: s", {change(Kind::add, "t", "z", "", "", "a")}) ==
        "a:\r\n  fields:\r\n    x: s\r\n    z: t\r\n");
  CHECK(changed("a: {fields: {}}", {change(Kind::add, "t", "z", "", "", "a")}) ==
        "a: {fields: {z: t}}");
  CHECK(changed("", {change(Kind::add, "t", "z", "", "", "a")}) == "a:\n  fields:\n    z: t\n");
}

TEST_CASE("an entry that is not there is a conflict", "[config][mapping_edit]") {
  const auto fails = [](const EntryChange& one) {
    try {
      changed(sample, {one});
    } catch (const Error& error) {
      return error.code() == ErrorCode::conflict;
    }
    return false;
  };
  CHECK(fails(change(Kind::remove, "Id", "other")));
  CHECK(fails(change(Kind::replace, "other", "id", "x")));
}

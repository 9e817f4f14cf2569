// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"

using namespace mapctl::catalog;

namespace {

Column column(const char* name, const char* type = "text",
              const std::vector<std::string>& values = {}, const char* comment = "") {
  Column made;
  made.name = ColumnName{name};
  made.type = parse_data_type(type);
  made.comment = comment;
  if (!values.empty()) {
    ColumnProfiler profiler;
    for (const std::string& value : values) {
      profiler.add(value);
    }
    made.statistics = profiler.finish();
  }
  return made;
}

std::string kind(const Column& made, const char* table = "t") {
  const auto found = detect_personal_data(made, TableName{table});
  if (found) {
    CHECK_FALSE(found->reason.empty());
    CHECK(found->likelihood >= 0.5);
    CHECK(found->likelihood <= 1);
  }
  return found ? found->kind : "";
}

}  // namespace

TEST_CASE("columns are personal by what their names say", "[catalog][pii]") {
  CHECK(kind(column("email")) == "email");
  CHECK(kind(column("EmailAddress")) == "email");
  CHECK(kind(column("billing_e-mail")) == "email");
  CHECK(kind(column("MobilePhone")) == "phone");
  CHECK(kind(column("hs_telephone_1")) == "phone");
  CHECK(kind(column("FirstName")) == "name");
  CHECK(kind(column("last_name")) == "name");
  CHECK(kind(column("Nachname")) == "name");
  CHECK(kind(column("BirthDate", "datetime")) == "birth date");
  CHECK(kind(column("dob", "date")) == "birth date");
  CHECK(kind(column("BirthDt", "date")) == "birth date");
  CHECK(kind(column("FirstNm")) == "name");
  CHECK(kind(column("LST_NM")) == "name");
  CHECK(kind(column("SSN")) == "national id");
  CHECK(kind(column("passport_number")) == "national id");
  CHECK(kind(column("iban")) == "bank account");
  CHECK(kind(column("MailingStreet")) == "address");
  CHECK(kind(column("address_line_1")) == "address");
  CHECK(kind(column("gender", "char(1)")) == "gender");
  CHECK(kind(column("last_login_ip")) == "ip address");
  CHECK(kind(column("password_hash")) == "credential");
}

TEST_CASE("what only speaks about something personal is not personal", "[catalog][pii]") {
  CHECK(kind(column("email_opt_in", "boolean")).empty());
  CHECK(kind(column("email_count", "int")).empty());
  CHECK(kind(column("is_phone_verified")).empty());
  CHECK(kind(column("address_id", "int")).empty());
  CHECK(kind(column("phone_type")).empty());
  CHECK(kind(column("has_email")).empty());
  CHECK(kind(column("company_name")).empty());
  CHECK(kind(column("product_name")).empty());
  CHECK(kind(column("filename")).empty());
  CHECK(kind(column("amount", "decimal(10,2)")).empty());
  CHECK(kind(column("status")).empty());
  CHECK(kind(column("manila_office")).empty());
}

TEST_CASE("values make a column personal whatever its name", "[catalog][pii]") {
  const Column contact = column("c_17", "text", {"jane@example.com", "bob@example.org", "a@b.io"});
  const auto found = detect_personal_data(contact, TableName{"t"});
  REQUIRE(found);
  CHECK(found->kind == "email");
  CHECK(found->reason == "100 % of the values look like email addresses");
  CHECK(kind(column("x", "text", {"+49 30 1234567", "(415) 555-0123", "415-555-0123"})) == "phone");
  CHECK(kind(column("x", "text", {"4111111111111111", "5500000000000004"})) == "payment card");
  CHECK(kind(column("x", "text", {"red", "green"})).empty());
}

TEST_CASE("name and values together are near certain and say so", "[catalog][pii]") {
  const auto found = detect_personal_data(
      column("email", "text", {"jane@example.com", "bob@example.org"}), TableName{"t"});
  REQUIRE(found);
  CHECK(found->likelihood >= 0.97);
  CHECK(found->reason == "the name says 'email' and 100 % of the values look like email addresses");
}

TEST_CASE("values can refute what the name says", "[catalog][pii]") {
  CHECK(kind(column("email", "text", {"weekly", "monthly", "never"})).empty());
}

TEST_CASE("a plain name is a person's where the table or the values say so", "[catalog][pii]") {
  CHECK(kind(column("name"), "product").empty());
  CHECK(kind(column("name"), "employee") == "name");
  CHECK(kind(column("Name"), "dbo_Contacts") == "name");
  CHECK(kind(column("name", "text", {"Jane Doe", "Juan Pérez", "Ana Silva"}), "records") == "name");
  CHECK(kind(column("name", "text", {"ACME-1", "bolt 12", "nut"}), "employee").empty());
  CHECK(kind(column("title", "text", {"Jane Eyre", "Anna Karenina", "David Copperfield"}), "film")
            .empty());
}

TEST_CASE("a comment tells where the name is silent", "[catalog][pii]") {
  CHECK(kind(column("fld_3", "text", {}, "Email address of the requester")) == "email");
  CHECK(kind(column("fld_3", "text", {}, "Colour of the item")).empty());
}

TEST_CASE("masking keeps the form and hides the content", "[catalog][pii]") {
  CHECK(mask("jane@example.com") == "j***@e******.com");
  CHECK(mask("Jane") == "J***");
  CHECK(mask("Jane Doe") == "J*** D**");
  CHECK(mask("+49 30 123-45") == "+** ** ***-**");
  CHECK(mask("1980-05-12") == "****-**-**");
  CHECK(mask("Łukasz Żak") == "Ł***** Ż**");
  CHECK(mask("12 Main Street") == "** M*** S*****");
  CHECK(mask("M") == "*");
  CHECK(mask("Al") == "**");
  CHECK(mask("").empty());
  CHECK(mask("AB123") == "A****");
  for (const char* value : {"jane@example.com", "Jane Doe", "+49 30 1", "O'Brien, T."}) {
    CHECK(mask(mask(value)) == mask(value));
  }
}

TEST_CASE("a protected column keeps its figures and shows no value", "[catalog][pii]") {
  Column contact =
      column("email", "text", {"jane@example.com", "zoe@example.org", "jane@example.com"});
  const ColumnStatistics before = *contact.statistics;
  protect_personal_data(contact, TableName{"t"});
  REQUIRE(contact.personal);
  const ColumnStatistics& after = *contact.statistics;
  CHECK(after.distinct == before.distinct);
  CHECK(after.patterns == before.patterns);
  CHECK(after.minimum == "j***@e******.com");
  CHECK(after.maximum == "z**@e******.org");
  CHECK(after.frequent.front() == FrequentValue{"j***@e******.com", 2});
  for (const std::string& sample : after.samples) {
    CHECK(sample.find('*') != std::string::npos);
    CHECK(sample.find("jane") == std::string::npos);
  }
  CHECK(after.first_rows.front() == "j***@e******.com");
  Column plain = column("colour", "text", {"red"});
  protect_personal_data(plain, TableName{"t"});
  CHECK_FALSE(plain.personal);
  CHECK(plain.statistics->samples.front() == "red");
}

TEST_CASE("of hidden rows the hashes of their parts are kept", "[catalog][pii]") {
  Column name = column("full_name", "text", {"Ada Lovelace", "Grace", "Alan Turing"});
  protect_personal_data(name, TableName{"person"});
  REQUIRE(name.personal);
  const ColumnStatistics& statistics = *name.statistics;
  CHECK(statistics.first_rows == std::vector<std::string>{"A** L*******", "G****", "A*** T*****"});
  REQUIRE(statistics.row_parts.size() == 3);
  CHECK(statistics.row_parts[0] ==
        std::vector<std::uint64_t>{value_hash("ada"), value_hash("LOVELACE")});
  CHECK(statistics.row_parts[1].empty());
  const ColumnStatistics before = statistics;
  protect_personal_data(name, TableName{"person"});
  CHECK(*name.statistics == before);
}

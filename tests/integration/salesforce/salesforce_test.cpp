// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/salesforce/fixture.hpp"
#include "tests/support/spoiling.hpp"

#include <algorithm>

namespace mapctl::test {
namespace {

using catalog::ColumnName;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

const catalog::Table& table_of(const catalog::Catalog& found, const std::string& name) {
  const auto* table = found.find({{}, catalog::TableName{name}});
  REQUIRE(table != nullptr);
  return *table;
}

const catalog::Column& column_of(const catalog::Table& table, const std::string& name) {
  const auto* column = table.find(ColumnName{name});
  REQUIRE(column != nullptr);
  return *column;
}

std::vector<std::string> messages(const catalog::Catalog& found) {
  std::vector<std::string> texts;
  for (const auto& warning : found.warnings) {
    CHECK(warning.hint != "");
    texts.push_back(warning.object + ": " + warning.message);
  }
  return texts;
}

TEST_CASE("objects are described in one request that counts as one call", "[salesforce]") {
  const Organisation& org = organisation();
  const auto found = open_org(org.options())->discover({}, {});
  CHECK(found.tables().size() == 4);
  CHECK(found.warnings.empty());
  CHECK(org.asked("/describe") == 0);
  CHECK(org.asked("/composite") == 2);  // descriptions, and definitions of fields
  CHECK(org.asked("/sobjects") == 1);
}

TEST_CASE("a description becomes columns, keys, references and code lists", "[salesforce]") {
  const auto found = open_org(organisation().options())->discover({}, {});
  const auto& account = table_of(found, "Account");
  CHECK(account.comment == "Account");
  CHECK(account.primary_key == std::vector{ColumnName{"Id"}});
  CHECK(account.find(ColumnName{"BillingAddress"}) == nullptr);  // its parts are there
  CHECK(column_of(account, "Id").generated);
  const auto& name = column_of(account, "Name");
  CHECK(name.required);
  CHECK(name.type.length == 255);
  CHECK(name.type.native == "string(255)");
  CHECK(column_of(account, "Type").allowed_values ==
        std::vector<std::string>{"Prospect", "Customer"});  // a retired value must not be loaded
  CHECK(column_of(account, "BillingCountryCode").code_list == "iso3166_alpha2");
  const auto& revenue = column_of(account, "AnnualRevenue").type;
  CHECK(revenue.logical == LogicalType::decimal);
  CHECK(revenue.precision == 18);
  CHECK(revenue.scale == 2);
  CHECK(column_of(account, "CreatedDate").type.time_zone);
  CHECK(column_of(account, "Rating__c").comment == "Rating: From 0 to 10, set each quarter");
  CHECK(column_of(account, "Interests__c").type.logical == LogicalType::array);
  CHECK(column_of(account, "Score__c").generated);
  CHECK_FALSE(column_of(account, "OwnerId").required);  // Salesforce sets it

  std::vector<std::string> references;
  for (const auto& key : account.foreign_keys) {
    references.push_back(key.columns[0].text + ">" + key.references.table.text + "." +
                         key.referenced_columns[0].text);
  }
  std::sort(references.begin(), references.end());
  CHECK(references ==
        std::vector<std::string>{"OwnerId>Group.Id", "OwnerId>User.Id", "ParentId>Account.Id"});

  const auto& invoice = table_of(found, "Invoice__c");
  CHECK(column_of(invoice, "Name").generated);
  CHECK(column_of(invoice, "External_No__c").unique);
  CHECK(column_of(invoice, "Currency__c").default_value == "EUR");
  // Six objects are too many to load in the order of.
  CHECK(invoice.foreign_key_of(ColumnName{"What__c"}) == nullptr);
  CHECK_THAT(column_of(invoice, "What__c").comment, ContainsSubstring("and 2 more objects"));
}

TEST_CASE("what the user may not see is named with what would help", "[salesforce]") {
  const Organisation& org = organisation();
  org.set(R"({"hidden": {"Account": ["Secret__c", "Score__c"]}, "denied": ["Snippet"]})");
  const auto found = open_org(org.options())->discover({}, {});
  CHECK(messages(found) ==
        std::vector<std::string>{
            "object 'Account': field-level security hides Score__c, Secret__c",
            "object 'Snippet': the user has no access (INSUFFICIENT_ACCESS: No access to the "
            "object)"});
  CHECK(table_of(found, "Account").find(ColumnName{"Secret__c"}) == nullptr);

  SECTION("without the right to look at definitions, one warning says so") {
    org.set(R"({"definitions": false})");
    const auto less = open_org(org.options())->discover({}, {});
    CHECK_THAT(messages(less).front(), ContainsSubstring("hides cannot be named"));
    CHECK(open_org(org.options({{"check_field_access", "false"}, {"objects", "Account"}}))
              ->discover({}, {})
              .warnings.empty());
  }
  SECTION("the only object that was asked for is an error") {
    const auto facts = facts_of([&] {
      open_org(org.options({{"objects", "Snippet"}}))->discover({}, {});
    });
    CHECK(facts.code == ErrorCode::denied);
    CHECK_THAT(facts.hint, ContainsSubstring("'Read'"));
  }
  SECTION("a test of the profile names permissions") {
    org.set(R"({"permissions": false})");
    const auto info = open_org(org.options())->test({});
    REQUIRE(info.missing_privileges.size() == 3);
    CHECK_THAT(info.missing_privileges[1].message, ContainsSubstring("View Setup"));
  }
}

TEST_CASE("rows come over several pages, without what is in the recycle bin", "[salesforce]") {
  const Organisation& org = organisation();
  auto connector = open_org(org.options());
  const Rows rows = read_rows(*connector, "Account");
  CHECK(values_of(rows, "Name") ==
        std::vector<std::string>{"Łódź Textil, S.A.", "Ben \"B\" GmbH", "line\nbreak"});
  CHECK(values_of(rows, "CreatedDate")[0] == "2024-01-02T03:04:05.000Z");
  CHECK(values_of(rows, "AnnualRevenue") == std::vector<std::string>{"1250000.5", "null", "-3.25"});
  CHECK(org.asked("/query") == 2);
  CHECK(values_of(read_rows(*connector, "Snippet"), "Title") == std::vector<std::string>{"one"});
  CHECK(facts_of([&] { read_rows(*connector, "Ping__e"); }).code == ErrorCode::unsupported);
  CHECK(facts_of([&] { read_rows(*connector, "Acount"); }).hint == "did you mean 'Account'?");
}

TEST_CASE("deleted rows are read when the profile asks for them", "[salesforce]") {
  const Organisation& org = organisation();
  const auto names = [&](const char* which, const char* threshold) {
    auto connector =
        open_org(org.options({{"deleted_rows", which}, {"bulk_threshold", threshold}}));
    auto values = values_of(read_rows(*connector, "Account"), "IsDeleted");
    return join(values, " ");
  };
  for (const char* threshold : {"1000", "1"}) {
    CHECK(names("leave_out", threshold) == "false false false");
    CHECK(names("include", threshold) == "false false true false");
    CHECK(names("only", threshold) == "true");
  }
  auto only = open_org(org.options({{"deleted_rows", "only"}}));
  CHECK(read_rows(*only, "Snippet").empty());  // never is in the recycle bin
}

TEST_CASE("rows that have left the recycle bin are told by their ids", "[salesforce]") {
  const Organisation& org = organisation();
  org.set(R"({"purged": {"Account": {"001P1": 3600, "001P2": 864000, "001P3": 2000000}}})");
  const auto read = [&](std::map<std::string, std::string> options) {
    options.insert({{"deleted_rows", "include"}});
    return read_rows(*open_org(org.options(std::move(options))), "Account");
  };
  const auto ids = [&](const char* days) {
    auto all = values_of(read({{"deleted_days", days}}), "Id");
    return std::vector<std::string>{all.begin() + 4, all.end()};  // after those that are there
  };
  CHECK(ids("1") == std::vector<std::string>{"001P1"});
  CHECK(ids("20") == std::vector<std::string>{"001P1", "001P2"});
  CHECK(ids("30") == std::vector<std::string>{"001P1", "001P2", "001P3"});
  const Rows rows = read({{"deleted_days", "1"}});
  CHECK(join(values_of(rows, "IsDeleted"), " ") == "false false true false true");
  CHECK(values_of(rows, "Name").back() == "null");
  // The same through the Bulk API, and when Salesforce tells of few at once.
  CHECK((read({{"deleted_days", "1"}, {"bulk_threshold", "1"}}) == rows));
  org.set(R"({"purged": {"Account": {"001P1": 3600, "001P2": 864000, "001P3": 2000000}},
              "most_deleted": 1})");
  CHECK(ids("30") == std::vector<std::string>{"001P1", "001P2", "001P3"});
  CHECK(org.asked("/deleted") > 3);
  CHECK(values_of(read({{"deleted_rows", "only"}, {"deleted_days", "1"}}), "Id") ==
        std::vector<std::string>{"001A0000000003IAA", "001P1"});
  // An object that Salesforce does not replicate has none.
  auto connector = open_org(org.options({{"deleted_rows", "include"}, {"deleted_days", "9"}}));
  CHECK(values_of(read_rows(*connector, "Snippet"), "Title") == std::vector<std::string>{"one"});
}

TEST_CASE("many rows are read with the Bulk API and are the same", "[salesforce]") {
  const Organisation& org = organisation();
  const Rows paged = read_rows(*open_org(org.options()), "Invoice__c");
  REQUIRE(paged.size() == 7);
  CHECK(org.asked("/jobs") == 0);
  auto connector = open_org(org.options({{"bulk_threshold", "7"}, {"bulk_page", "3"}}));
  const Rows bulk = read_rows(*connector, "Invoice__c");
  CHECK((bulk == paged));
  CHECK(org.asked("/results") == 3);
  Json log = org.log();
  CHECK(log[log.size() - 1]["method"] == "DELETE");
  const Rows accounts = read_rows(*open_org(org.options({{"bulk_threshold", "1"}})), "Account");
  CHECK((accounts == read_rows(*open_org(org.options()), "Account")));

  SECTION("an organisation without it is read page by page") {
    org.set(R"({"bulk": "off"})");
    CHECK((read_rows(*open_org(org.options({{"bulk_threshold", "1"}})), "Invoice__c") == paged));
  }
  SECTION("a job that fails says why") {
    org.set(R"({"bulk": "Failed"})");
    const auto facts = facts_of([&] {
      read_rows(*open_org(org.options({{"bulk_threshold", "1"}})), "Invoice__c");
    });
    CHECK_THAT(facts.message, ContainsSubstring("Failed to process query"));
    CHECK_THAT(facts.hint, ContainsSubstring("bulk_threshold"));
  }
  SECTION("a job that never ends is given up") {
    org.set(R"({"bulk": "InProgress"})");
    const auto facts = facts_of([&] {
      read_rows(*open_org(org.options({{"bulk_threshold", "1"}, {"bulk_timeout", "1"}})),
                "Invoice__c");
    });
    CHECK(facts.code == ErrorCode::resource_limit);
    CHECK_THAT(facts.message, ContainsSubstring("InProgress"));
  }
}

TEST_CASE("statistics are of the rows that were looked at", "[salesforce]") {
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.tables = catalog::NamePattern{"Invoice__c"};
  auto connector = open_org(organisation().options({{"bulk_threshold", "1"}}));
  const auto whole = connector->discover(scope, {});
  CHECK(table_of(whole, "Invoice__c").row_count == 7);
  const auto& total = *column_of(table_of(whole, "Invoice__c"), "Total__c").statistics;
  CHECK(total.rows == 7);
  CHECK_FALSE(total.sampled);
  CHECK(total.maximum == "700.5");
  scope.statistics_rows = 4;
  const auto sample = connector->discover(scope, {});
  CHECK_FALSE(table_of(sample, "Invoice__c").row_count.has_value());
  CHECK(column_of(table_of(sample, "Invoice__c"), "Total__c").statistics->rows == 4);
  CHECK(column_of(table_of(sample, "Invoice__c"), "Total__c").statistics->sampled);
  CHECK(organisation().asked("/jobs") == 0);
}

TEST_CASE("work stops before the API calls of the others are used up, and goes on later",
          "[salesforce]") {
  const Organisation& org = organisation();
  auto connector = open_org(org.options({{"api_reserve", "100"}}));
  org.set(R"({"allowed": 1000, "used": 898})");
  const auto facts = facts_of([&] { connector->discover({}, {}); });
  CHECK(facts.code == ErrorCode::resource_limit);
  CHECK_THAT(facts.message, ContainsSubstring("900 of the 1,000 API calls"));
  CHECK_THAT(facts.hint, ContainsSubstring("--resume"));
  const int before = static_cast<int>(org.log().size());
  CHECK(facts_of([&] { connector->discover({}, {}); }).code == ErrorCode::resource_limit);
  CHECK(static_cast<int>(org.log().size()) == before);  // without asking again
  org.set(R"({"allowed": 1000, "used": 10})");
  CHECK(open_org(org.options({{"api_reserve", "100"}}))->discover({}, {}).tables().size() == 4);

  SECTION("in the middle of reading, too") {
    org.set(R"({"used": 4747})");
    auto share = open_org(org.options());  // 5 % of 5,000 are left to others
    CHECK(facts_of([&] { read_rows(*share, "Invoice__c"); }).code == ErrorCode::resource_limit);
  }
  SECTION("what Salesforce refuses by itself says the same") {
    org.set(R"({"allowed": 1000, "used": 1000})");
    const auto refused = facts_of([&] { open_org(org.options())->discover({}, {}); });
    CHECK(refused.code == ErrorCode::resource_limit);
    CHECK(refused.native_code == "REQUEST_LIMIT_EXCEEDED");
  }
  SECTION("too many requests at once are only waited for") {
    org.set(R"({"concurrent": 2})");
    CHECK(open_org(org.options())->discover({}, {}).tables().size() == 4);
  }
}

TEST_CASE("answers that are not Salesforce's are named", "[salesforce]") {
  const Organisation& org = organisation();
  const auto fault = [&](const std::string& behaviour) {
    org.set(behaviour);
    return facts_of([&] { read_rows(*open_org(org.options()), "Account"); });
  };
  const auto html = fault(
      R"({"fail": {"path": "/query", "status": 200, "kind": "text/html", "body": "<html>proxy"}})");
  CHECK(html.code == ErrorCode::invalid_data);
  CHECK(fault(R"({"fail": {"path": "/describe", "status": 200, "body": "{}"}})").code ==
        ErrorCode::invalid_data);
  CHECK(fault(R"({"fail": {"path": "/query", "status": 503, "body": "[]"}})").code ==
        ErrorCode::unreachable);
  CHECK_THAT(fault(R"({"loop": true, "fail": null})").message, ContainsSubstring("next rows"));
}

TEST_CASE("an answer that is odd anywhere is passed over or named", "[salesforce]") {
  const Organisation& org = organisation();
  org.set(R"({"page_size": 2})");
  const auto use = [&](std::map<std::string, std::string> more) {
    const auto connector = open_org(org.options(std::move(more)));
    connector->test({});
    connector->discover({}, {});
    read_rows(*connector, "Account");
  };
  const std::map<std::string, std::string> few{{"objects", "Account, Snippet"}};
  CHECK(spoil_answers(org.url(), "/oauth2/token", [&] { use(few); }) >= 3);
  CHECK(spoil_answers(org.url(), "/sobjects", [&] { use(few); }) >= 20);
  CHECK(spoil_answers(org.url(), "/composite", [&] { use(few); }) >= 20);
  CHECK(spoil_answers(org.url(), "/query", [&] { use(few); }) >= 5);
  CHECK(spoil_answers(org.url(), "/jobs", [&] {
          use({{"objects", "Account"}, {"bulk_threshold", "1"}, {"bulk_timeout", "1"}});
        }) >= 2);
  CHECK(spoil_answers(org.url(), "/deleted", [&] {
          use({{"objects", "Account"}, {"deleted_rows", "include"}, {"deleted_days", "3"}});
        }) >= 3);
}

TEST_CASE("wrong options are refused before anything is asked", "[salesforce]") {
  const Organisation& org = organisation();
  const std::pair<const char*, const char*> wrong[] = {
      {"instance_url", "acme"},          {"api_version", "latest"},
      {"deleted_rows", "all"},           {"deleted_days", "7"},
      {"bulk_threshold", "many"},        {"api_reserve", "some"},
      {"check_field_access", "perhaps"}, {"authentication", "cert"},
      {"login_url", "salesforce.com"}};
  for (const auto& [name, value] : wrong) {
    INFO(name);
    const auto facts = facts_of([&, option = name, text = value] {
      open_org(org.options({{option, text}}));
    });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK_THAT(facts.message, ContainsSubstring(name));
    CHECK(facts.hint != "");
  }
  CHECK_THAT(facts_of([&] {
               open_org(org.options({}, {{"client_id", "client"}}));
             }).message,
             ContainsSubstring("nothing to log in with"));
  CHECK(org.log().empty());
}

TEST_CASE("reading stops within a moment when it is asked to", "[salesforce]") {
  const Organisation& org = organisation();
  auto connector = open_org(org.options());
  std::stop_source stop;
  auto reader = connector->open_reader({{}, catalog::TableName{"Invoice__c"}}, stop.get_token());
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  stop.request_stop();
  CHECK(facts_of([&] { reader->next(row); }).code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
#include "core/report/exports.hpp"

#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace mapctl;
using namespace mapctl::report;
using Catch::Matchers::ContainsSubstring;

namespace {

template <class Write>
std::string text_of(const test::SampleRun& sample, Write write) {
  std::string text;
  PairList pairs{sample.pairs};
  write(sample.run, pairs, [&](std::string_view piece) { text += piece; });
  return text;
}

std::string file_text(const std::vector<ExportFile>& files, const std::string& path) {
  for (const ExportFile& file : files) {
    if (file.path == path) {
      return file.text;
    }
  }
  FAIL("no file " << path);
  return {};
}

}  // namespace

TEST_CASE("the csv export has a row a mapping and defuses formulas", "[report]") {
  const std::string text = text_of(test::sample_run(), write_csv);
  CsvReader reader{text};
  std::vector<std::string> header, row;
  REQUIRE(reader.next(header));
  std::size_t rows = 0;
  bool has_formula = false;
  while (reader.next(row)) {
    REQUIRE(row.size() == header.size());
    has_formula = has_formula || row[3] == "'=SUM(A1:A9)";
    CHECK_FALSE(starts_formula(row[3]));
    ++rows;
  }
  CHECK(rows == 8 + 7 + 3);
  CHECK(has_formula);
}

TEST_CASE("the json export is a proposal document with the run beside it", "[report]") {
  const Json json = parse_json(text_of(test::sample_run(), write_json), "export");
  CHECK(json.at("schema") == "mapctl.proposal/1");
  CHECK(json.at("run").at("run_id") == "01935b5e-0000-7000-8000-000000000001");
  CHECK(json.at("source") == "hubspot");
  REQUIRE(json.at("pairs").size() == 4);
  const Json& pair = json.at("pairs")[0];
  CHECK(pair.at("source_table") == "companies");
  CHECK(pair.at("fields").size() == 8);
  CHECK(pair.at("fields")[0].at("decision") == "account_id");
  CHECK(pair.at("mappings")[1].at("status") == "approved");
  CHECK(json.at("pairs")[2].at("error").at("code") == "unreachable");
}

TEST_CASE("a run without pairs is a json document too", "[report]") {
  const Json json = parse_json(text_of(test::SampleRun{}, write_json), "export");
  CHECK(json.at("pairs").empty());
}

TEST_CASE("the jsonl export has a document a line", "[report]") {
  const std::string text = text_of(test::sample_run(), write_jsonl);
  std::size_t lines = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) {
      const Json json = parse_json(line, "line");
      CHECK(json.contains("source_column"));
      CHECK(json.contains("status"));
      ++lines;
    }
  }
  CHECK(lines == 18);
}

TEST_CASE("mapping files hold what is mapped, by connector and entity", "[report]") {
  const test::SampleRun sample = test::sample_run();
  PairList pairs{sample.pairs};
  const std::vector<ExportFile> files = yaml_files(sample.run, pairs);
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "hubspot.yaml");
  CHECK(
      files[0].text ==
      "account:\n"
      "  description: \"An organisation that buys, or may buy\"\n"
      "  fields:\n"
      "    account_id: hs_object_id\n"
      "    name: name\n"
      "    industry: {source: industry, transform: \"code_map(Software=software, "
      "retail=retail)\"}\n"
      "    annual_revenue: {source: annualrevenue, transform: \"cast(type=decimal(12,2))\"}\n"
      "    country: country\n"
      "    created_at: {source: createdate, transform: \"parse_date(format=%d/%m/%Y)\"}\n"
      "\n"
      "contact:\n"
      "  fields:\n"
      "    first_name: {source: full_name, transform: \"split(part=first, separator=\\\" \\\")\"}\n"
      "    last_name: {source: full_name, transform: \"split(part=last, separator=\\\" \\\")\"}\n"
      "    email: {source: email, transform: trim}\n"
      "    account_id: associatedcompanyid\n"
      "    marketing_opt_in: {source: marketing_opt_in, transform: parse_boolean}\n"
      "    city: City\n");
}

TEST_CASE("mapping files write extras reversed and a field once", "[report]") {
  test::SampleRun sample;
  PairReport pair = test::plain_pair(1, 3);
  pair.proposal.fields[0].candidates[0].target_column = catalog::ColumnName{"extras.cf_1"};
  pair.proposal.fields[2].candidates[0].target_column = catalog::ColumnName{"column_2"};
  sample.pairs = {pair};
  PairList pairs{sample.pairs};
  const std::string text = file_text(yaml_files(sample.run, pairs), "wide.yaml");
  CHECK_THAT(text, ContainsSubstring("    column_1: {target: extras.cf_1}\n"));
  CHECK_THAT(text, ContainsSubstring("    # also proposed: column_3\n    column_2: column_2\n"));
}

TEST_CASE("mapping files quote what YAML would read as something else", "[report]") {
  test::SampleRun sample;
  PairReport pair = test::plain_pair(1, 2);
  pair.proposal.fields[0].source_column = catalog::ColumnName{"yes"};
  pair.proposal.fields[1].source_column = catalog::ColumnName{"a: b # c"};
  sample.pairs = {pair};
  PairList pairs{sample.pairs};
  const std::string text = file_text(yaml_files(sample.run, pairs), "wide.yaml");
  CHECK_THAT(text, ContainsSubstring("column_1: \"yes\"\n"));
  CHECK_THAT(text, ContainsSubstring("column_2: \"a: b # c\"\n"));
}

TEST_CASE("the dbt export has sources, models, docs and tests", "[report]") {
  const test::SampleRun sample = test::sample_run();
  PairList pairs{sample.pairs};
  const std::vector<ExportFile> files = dbt_files(sample.run, pairs, SqlTarget::duckdb);
  CHECK_THAT(file_text(files, "models/sources.yml"), ContainsSubstring("  - name: hubspot\n"));
  const std::string model =
      file_text(files, "models/staging/stg_hubspot__account_from_companies.sql");
  CHECK_THAT(model, ContainsSubstring("from {{ source('hubspot', 'companies') }} as s"));
  const std::string schema = file_text(files, "models/staging/schema.yml");
  CHECK_THAT(schema, ContainsSubstring("description: \"Legal name\""));
  CHECK_THAT(schema, ContainsSubstring("- not_null"));
  CHECK_THAT(schema, ContainsSubstring("                - hospitality\n"));
}

TEST_CASE("names cannot smuggle templates into dbt", "[report]") {
  test::SampleRun sample;
  PairReport pair = test::plain_pair(1, 1);
  pair.proposal.fields[0].source_column = catalog::ColumnName{"{{ env_var('SECRET') }}"};
  pair.target.table.columns[0].comment = "{% do run_query('x') %}";
  sample.pairs = {pair};
  PairList pairs{sample.pairs};
  for (const ExportFile& file : dbt_files(sample.run, pairs, SqlTarget::duckdb)) {
    CHECK(file.text.find("{{ env_var") == std::string::npos);
    CHECK(file.text.find("{% do") == std::string::npos);
  }
}

TEST_CASE("a line break in a name does not end a comment of dbt's SQL", "[report]") {
  test::SampleRun sample;
  PairReport pair = test::plain_pair(1, 2);
  pair.proposal.fields[0] = test::field(
      "a\rdrop table x --",
      {test::candidate("column_1", 0.9, test::step(mapping::TransformationKind::lookup))});
  sample.pairs = {pair};
  PairList pairs{sample.pairs};
  bool has_note = false;
  for (const ExportFile& file : dbt_files(sample.run, pairs, SqlTarget::postgresql)) {
    has_note |= file.text.find("-- 'a drop table x --' cannot be written") != std::string::npos;
    CHECK(file.text.find('\r') == std::string::npos);
  }
  CHECK(has_note);
}

TEST_CASE("connectors whose names become one file name keep a file each", "[report]") {
  test::SampleRun sample;
  for (const char* endpoint : {"crm/a", "crm:a", "crm_a_2"}) {
    PairReport pair = test::plain_pair(1, 1);
    pair.source.endpoint = endpoint;
    pair.connector = mapping::ConnectorName{endpoint};
    pair.proposal.fields[0].source_column = catalog::ColumnName{std::string{"of "} + endpoint};
    sample.pairs.push_back(pair);
  }
  PairList pairs{sample.pairs};
  const std::vector<ExportFile> files = yaml_files(sample.run, pairs);
  REQUIRE(files.size() == 3);
  std::set<std::string> paths;
  for (const ExportFile& file : files) {
    paths.insert(file.path);
  }
  CHECK(paths.size() == 3);
  CHECK_THAT(file_text(files, "crm_a.yaml"), ContainsSubstring("of crm/a"));
  CHECK_THAT(file_text(files, "crm_a_2.yaml"), ContainsSubstring("of crm:a"));
  CHECK_THAT(file_text(files, "crm_a_2_2.yaml"), ContainsSubstring("of crm_a_2"));
}

TEST_CASE("systems whose names become one word stay two sources of dbt", "[report]") {
  test::SampleRun sample;
  for (const char* endpoint : {"crm/a", "crm:a"}) {
    PairReport pair = test::plain_pair(1, 1);
    pair.source.endpoint = endpoint;
    pair.connector = mapping::ConnectorName{endpoint};
    pair.source.table.comment = std::string{"of "} + endpoint;
    sample.pairs.push_back(pair);
  }
  PairList pairs{sample.pairs};
  const std::vector<ExportFile> files = dbt_files(sample.run, pairs, SqlTarget::duckdb);
  const std::string sources = file_text(files, "models/sources.yml");
  CHECK_THAT(sources, ContainsSubstring("  - name: crm_a\n"));
  CHECK_THAT(sources, ContainsSubstring("  - name: crm_a_2\n"));
  CHECK_THAT(sources, ContainsSubstring("of crm/a"));
  CHECK_THAT(sources, ContainsSubstring("of crm:a"));
  std::set<std::string> models;
  for (const ExportFile& file : files) {
    if (file.path.ends_with(".sql")) {
      models.insert(file.text);
    }
  }
  CHECK(models.size() == 2);  // each reads from its own
}

TEST_CASE("export files are written with their folders", "[report]") {
  const TemporaryDirectory directory;
  write_files(directory.path() / "out", {{"a/b/c.txt", "text"}, {"d.txt", ""}});
  CHECK(read_file(directory.path() / "out/a/b/c.txt") == "text");
  CHECK(read_file(directory.path() / "out/d.txt").empty());
}

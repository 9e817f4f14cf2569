// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/report/sample_run.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mapctl::test {

using catalog::Column;
using catalog::ColumnName;
using catalog::ColumnStatistics;
using mapping::Candidate;
using mapping::FieldProposal;
using mapping::Transformation;
using mapping::TransformationKind;
using report::FieldRecord;
using report::PairReport;
using report::ReviewStatus;

Column column(std::string name, std::string type, int position) {
  Column result;
  result.name = ColumnName{std::move(name)};
  result.position = position;
  result.type = catalog::parse_data_type(type);
  return result;
}

Transformation step(TransformationKind kind,
                    std::vector<std::pair<std::string, std::string>> arguments) {
  Transformation transformation;
  std::sort(arguments.begin(), arguments.end());
  transformation.steps.push_back({kind, std::move(arguments)});
  return transformation;
}

Candidate candidate(std::string target, double confidence, Transformation transformation,
                    std::vector<std::string> warnings) {
  Candidate result;
  result.target_column = ColumnName{std::move(target)};
  result.score = confidence;
  result.confidence = confidence;
  result.transformation = std::move(transformation);
  result.mapping_type = mapping::mapping_type_of(result.transformation);
  result.warnings = std::move(warnings);
  result.evidence = {
      {"name", confidence, confidence * 0.6, "the names share most of their words"},
      {"type", 1.0, 0.2, "both hold text of like length"},
      {"values", 0.4, confidence < 0.7 ? -0.1 : 0.1, "some values are the same on both sides"}};
  return result;
}

FieldProposal field(std::string source, std::vector<Candidate> candidates, bool decided) {
  FieldProposal result;
  result.source_column = ColumnName{std::move(source)};
  result.candidates = std::move(candidates);
  if (decided && !result.candidates.empty()) {
    result.decision = {0};
    result.confidence = result.candidates.front().confidence;
  } else {
    result.confidence = 0.8;
  }
  return result;
}

namespace {

ColumnStatistics statistics(std::int64_t rows, double null_share, std::int64_t distinct,
                            std::vector<catalog::FrequentValue> frequent,
                            std::vector<std::string> samples) {
  ColumnStatistics result;
  result.rows = rows;
  result.null_share = null_share;
  result.distinct = distinct;
  result.frequent = std::move(frequent);
  result.samples = std::move(samples);
  if (!result.samples.empty()) {
    result.minimum = *std::min_element(result.samples.begin(), result.samples.end());
    result.maximum = *std::max_element(result.samples.begin(), result.samples.end());
  }
  result.shortest = 2;
  result.longest = 40;
  return result;
}

void add(PairReport& pair, Column source) {
  source.position = static_cast<int>(pair.source.table.columns.size()) + 1;
  pair.source.table.columns.push_back(std::move(source));
}

void set_names(PairReport& pair, std::size_t number, const std::string& endpoint,
               const std::string& source, const std::string& target) {
  pair.number = number;
  pair.source.endpoint = endpoint;
  pair.source.connector = "file";
  pair.source.ref.table = catalog::TableName{source};
  pair.source.table.name = pair.source.ref.table;
  pair.source.table.kind = catalog::TableKind::file;
  pair.connector = mapping::ConnectorName{endpoint};
  pair.target.endpoint = "canonical";
  pair.target.connector = "canonical";
  pair.target.ref.table = catalog::TableName{target};
  pair.target.table.name = pair.target.ref.table;
  pair.target.table.kind = catalog::TableKind::entity;
  pair.target.table.version = "1.0.0";
  pair.target.table.domain = "crm";
  pair.entity = mapping::EntityName{target};
  pair.proposal.source_table = pair.source.ref;
  pair.proposal.target_table = pair.target.ref;
  pair.outcome.status = batch::JobStatus::done;
}

Column required(Column column) {
  column.required = true;
  column.nullable = false;
  return column;
}

Column described(Column column, std::string comment) {
  column.comment = std::move(comment);
  return column;
}

PairReport companies() {
  PairReport pair;
  set_names(pair, 1, "hubspot", "companies", "account");
  pair.source.table.row_count = 412;
  pair.source.table.comment = "Companies as exported by the sales team";
  pair.source.table.primary_key = {ColumnName{"hs_object_id"}};
  pair.target.table.comment = "An organisation that buys, or may buy";
  pair.target.table.primary_key = {ColumnName{"account_id"}};
  pair.outcome.seconds = 0.42;

  Column id = required(column("hs_object_id", "VARCHAR(20)", 1));
  id.statistics = statistics(412, 0, 412, {{"000123", 1}}, {"000123", "000124", "000131"});
  id.unique = true;
  Column name = column("name", "VARCHAR", 2);
  name.statistics = statistics(412, 0.01, 398, {{"Acme", 6}}, {"Acme", "Łódź Straße GmbH"});
  Column industry = column("industry", "VARCHAR(40)", 3);
  industry.statistics = statistics(
      412, 0.12, 5, {{"Software", 140}, {"retail", 92}, {"Hospitality", 61}, {"Mining", 3}},
      {"Software", "retail", "Hospitality", "Mining"});
  Column revenue = column("annualrevenue", "DOUBLE", 4);
  revenue.statistics = statistics(412, 0.4, 210, {}, {"1250000.5", "99"});
  revenue.statistics->mean = 4321987.25;
  Column country = column("country", "VARCHAR", 5);
  country.statistics =
      statistics(412, 0.02, 9, {{"DE", 201}, {"us", 99}, {"Germany", 40}}, {"DE", "us", "Germany"});
  Column created = column("createdate", "VARCHAR", 6);
  created.statistics = statistics(412, 0, 400, {}, {"31/01/2026", "05/11/2025"});
  created.statistics->patterns = {{catalog::ValuePattern::day_first_date, 0.98}};
  Column formula = column("=SUM(A1:A9)", "VARCHAR", 7);
  formula.statistics = statistics(412, 0.9, 2, {{"@cmd", 12}, {"+1", 6}}, {"@cmd", "+1"});
  Column legacy = described(column("legacy_flag", "BOOLEAN", 8), "left over from the old system");
  for (Column each : {id, name, industry, revenue, country, created, formula, legacy}) {
    add(pair, std::move(each));
  }

  Column account_id = described(required(column("account_id", "varchar(40)", 1)), "Own key");
  account_id.unique = true;
  Column account_name = described(required(column("name", "varchar(255)", 2)), "Legal name");
  Column account_industry = column("industry", "varchar(60)", 3);
  account_industry.allowed_values = {"software", "retail", "hospitality", "manufacturing"};
  Column account_revenue = column("annual_revenue", "decimal(12,2)", 4);
  account_revenue.minimum = 0;
  Column account_country = column("country", "char(2)", 5);
  account_country.code_list = "iso3166_alpha2";
  Column account_created = column("created_at", "timestamp", 6);
  Column account_owner = described(required(column("owner_id", "varchar(40)", 7)),
                                   "Person who answers for the account");
  Column account_website = column("website", "varchar(255)", 8);
  account_website.default_value = "";
  pair.target.table.columns = {account_id,      account_name,    account_industry, account_revenue,
                               account_country, account_created, account_owner,    account_website};

  pair.proposal.confidence = 0.94;
  pair.proposal.fields = {
      field("hs_object_id", {candidate("account_id", 0.97), candidate("owner_id", 0.31)}),
      field("name", {candidate("name", 0.997)}),
      field("industry", {candidate("industry", 0.93,
                                   step(TransformationKind::code_map,
                                        {{"Software", "software"}, {"retail", "retail"}}))}),
      field("annualrevenue",
            {candidate("annual_revenue", 0.88,
                       step(TransformationKind::cast, {{"type", "decimal(12,2)"}}),
                       {"3 values have more than 2 decimals and would be rounded"})}),
      field("country", {candidate("country", 0.76), candidate("website", 0.73)}),
      field("createdate",
            {candidate("created_at", 0.81,
                       step(TransformationKind::parse_date, {{"format", "%d/%m/%Y"}}))}),
      field("=SUM(A1:A9)", {candidate("website", 0.55)}),
      field("legacy_flag", {candidate("industry", 0.22)}, false)};
  pair.proposal.unmapped_targets = {{ColumnName{"owner_id"}, true}};
  FieldRecord approved;
  approved.source = ColumnName{"name"};
  approved.target = ColumnName{"name"};
  approved.status = ReviewStatus::approved;
  approved.version = 2;
  approved.decided_by = "reviewer";
  approved.decided_at = "2026-03-01T10:00:00Z";
  FieldRecord flagged = approved;
  flagged.source = ColumnName{"country"};
  flagged.target = ColumnName{"country"};
  flagged.status = ReviewStatus::flagged;
  flagged.comment = "two spellings of Germany";
  FieldRecord rejected = approved;
  rejected.source = ColumnName{"=SUM(A1:A9)"};
  rejected.target = ColumnName{"website"};
  rejected.status = ReviewStatus::rejected;
  rejected.reason = "definition differs";
  FieldRecord not_used = approved;
  not_used.source = ColumnName{"legacy_flag"};
  not_used.target = {};
  not_used.status = ReviewStatus::not_used;
  not_used.reason = "not in scope";
  pair.records = {rejected, flagged, not_used, approved};
  return pair;
}

PairReport contacts() {
  PairReport pair;
  set_names(pair, 2, "hubspot", "contacts", "contact");
  pair.source.table.row_count = 1873;
  pair.outcome.seconds = 0.31;
  Column email = column("email", "VARCHAR", 1);
  email.personal = catalog::PersonalData{"email", "99 % of the values are addresses", 0.99};
  email.statistics = statistics(1873, 0.03, 1801, {}, {"a***@e***.com"});
  email.statistics->patterns = {{catalog::ValuePattern::email, 0.99}};
  Column name = column("full_name", "VARCHAR", 2);
  name.personal = catalog::PersonalData{"name", "the column's name says so", 0.9};
  Column company = column("associatedcompanyid", "VARCHAR", 3);
  Column score = column("lead_score", "INTEGER", 4);
  Column city = column("City", "VARCHAR", 5);
  Column opted = column("marketing_opt_in", "VARCHAR", 6);
  for (Column each : {email, name, company, score, city, opted}) {
    add(pair, std::move(each));
  }
  Column contact_id = required(column("contact_id", "varchar(40)", 1));
  Column first = column("first_name", "varchar(80)", 2);
  first.personal = catalog::PersonalData{"name", "declared", 1};
  Column last = required(column("last_name", "varchar(80)", 3));
  Column contact_email = column("email", "varchar(255)", 4);
  Column account_id = column("account_id", "varchar(40)", 5);
  Column opt_in = column("marketing_opt_in", "boolean", 6);
  Column city_name = column("city", "varchar(120)", 7);
  pair.target.table.columns = {contact_id, first,  last,     contact_email,
                               account_id, opt_in, city_name};
  pair.target.table.primary_key = {ColumnName{"contact_id"}};
  catalog::ForeignKey key;
  key.name = "contact_account";
  key.columns = {ColumnName{"account_id"}};
  key.references.table = catalog::TableName{"account"};
  key.referenced_columns = {ColumnName{"account_id"}};
  pair.target.table.foreign_keys = {key};
  pair.proposal.fields = {
      field("email", {candidate("email", 0.99, step(TransformationKind::trim))}),
      field("full_name",
            {candidate("first_name", 0.84,
                       step(TransformationKind::split, {{"separator", " "}, {"part", "first"}})),
             candidate("last_name", 0.82,
                       step(TransformationKind::split, {{"separator", " "}, {"part", "last"}}))}),
      field("associatedcompanyid", {candidate("account_id", 0.64)}),
      field("lead_score", {candidate("contact_id", 0.18)}, false),
      field("City", {candidate("city", 0.96)}),
      field("marketing_opt_in",
            {candidate("marketing_opt_in", 0.98, step(TransformationKind::parse_boolean))})};
  pair.proposal.fields[1].decision = {0, 1};
  pair.proposal.unmapped_targets = {{ColumnName{"contact_id"}, true}};
  return pair;
}

PairReport failed() {
  PairReport pair;
  set_names(pair, 3, "legacy's \"db\"", "Orders/2024: all [draft]", "order");
  pair.outcome.status = batch::JobStatus::failed;
  pair.outcome.error = Error::Facts{ErrorCode::unreachable,
                                    "cannot read 'Orders/2024: all [draft]'",
                                    "check that the file is there",
                                    {},
                                    Retry::never};
  return pair;
}

}  // namespace

PairReport plain_pair(std::size_t number, std::size_t columns) {
  PairReport pair;
  set_names(pair, number, "wide", "wide_table", "wide_entity");
  for (std::size_t at = 0; at < columns; ++at) {
    const std::string name = "column_" + std::to_string(at + 1);
    add(pair, column(name, "VARCHAR(20)", 0));
    pair.target.table.columns.push_back(column(name, "varchar(40)", static_cast<int>(at) + 1));
    pair.proposal.fields.push_back(field(name, {candidate(name, 0.5 + 0.4999 * (at % 2))}));
  }
  return pair;
}

SampleRun sample_run() {
  SampleRun sample;
  sample.run.run = RunId{"01935b5e-0000-7000-8000-000000000001"};
  sample.run.name = "crm-to-canonical";
  sample.run.tenant = TenantName{"default"};
  sample.run.source = "hubspot";
  sample.run.target = "canonical";
  sample.run.registry_version = "3";
  sample.run.generated_at = TimePoint{std::chrono::milliseconds{1'767'225'600'000}};
  sample.run.tool_version = "0.1.0";
  sample.run.plan = "plans/crm.yaml";
  sample.run.status = "done";
  sample.run.issues = {{report::Severity::warning, "hubspot", "2 files could not be read",
                        "run 'mapctl discover hubspot'", std::nullopt}};
  sample.pairs = {companies(), contacts(), failed()};
  PairReport small = plain_pair(4, 3);
  sample.pairs.push_back(std::move(small));
  return sample;
}

}  // namespace mapctl::test

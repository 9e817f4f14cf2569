// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/sqlite/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/registry/registry.hpp"
#include "tests/integration/registry/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace mapctl::registry::test {

using connectors::sqlite::open_registry_session;
using connectors::sqlite::OpenMode;
using mapctl::test::error_of;
using namespace std::chrono_literals;

class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint{std::chrono::milliseconds{milliseconds}}; }
  double elapsed() const override { return static_cast<double>(milliseconds) / 1000; }
  std::int64_t milliseconds = 1'770'000'000'000;
};

// A registry of its own, a file or on a server, with tenants "default" and "other".
class RegistryFile {
 public:
  RegistryFile() {
    const auto session = place_->open(true, {});
    initialise(*session, clock);
    add_tenant(*session, clock, TenantName{"other"});
  }
  std::filesystem::path path() const { return place_->file(); }
  std::unique_ptr<ports::SqlSession> session(SessionSettings settings = {}) const {
    return place_->open(false, std::move(settings));
  }
  Registry open(const std::string& tenant = "default", SessionSettings settings = {}) const {
    return open_as("ada", tenant, std::move(settings));
  }
  Registry open_as(const std::string& user, const std::string& tenant = "default",
                   SessionSettings settings = {}) const {
    return Registry{
        session(std::move(settings)), clock, {TenantName{tenant}, UserName{user}, "trace-of-test"}};
  }
  // The first column of the first row, behind the registry's back.
  std::string value(const std::string& sql) const {
    const auto connection = place_->open_behind();
    const auto statement = connection->prepare(sql);
    return statement->step() ? std::string{statement->text(0)} : "no row";
  }
  std::string columns(const std::string& table) const { return place_->columns(table); }
  void refresh_lineage() const { place_->refresh_lineage(); }
  bool is_sound() const { return place_->is_sound(); }
  void run(const std::string& sql) const { place_->open_behind()->execute(sql); }

  ManualClock clock{};

 private:
  std::unique_ptr<Place> place_ = make_place();
};

inline catalog::TableRef table(const std::string& name) {
  return {{}, catalog::TableName{name}};
}

inline mapping::Candidate candidate(const std::string& column, double confidence,
                                    const std::string& target = "account") {
  mapping::Candidate made;
  made.target_table = table(target);
  made.target_column = catalog::ColumnName{column};
  made.score = confidence / 2;
  made.confidence = confidence;
  made.evidence = {{"name", confidence, 1.5, "'" + column + "' is alike"}, {"type", 1, 0.25, ""}};
  return made;
}

inline mapping::FieldProposal field(const std::string& column,
                                    std::vector<mapping::Candidate> candidates,
                                    std::vector<std::size_t> decision = {0}) {
  mapping::FieldProposal made;
  made.source_column = catalog::ColumnName{column};
  made.decision = std::move(decision);
  made.confidence = candidates.empty() ? 0.75 : candidates.front().confidence;
  made.candidates = std::move(candidates);
  return made;
}

// "Lead" to "account": two decided fields and one without match.
inline mapping::PairProposal lead_to_account() {
  mapping::PairProposal pair;
  pair.source_table = table("Lead");
  pair.target_table = table("account");
  pair.confidence = 0.875;
  pair.evidence = {{"table_name", 0.5, 0.5, "both hold companies"}};
  pair.fields = {field("Email__c", {candidate("email", 0.9), candidate("name", 0.2)}),
                 field("Zzz", {candidate("phone", 0.1)}, {}),
                 field("Company", {candidate("name", 0.8), candidate("email", 0.1)})};
  pair.unmapped_targets = {{catalog::ColumnName{"account_id"}, true},
                           {catalog::ColumnName{"phone"}, false}};
  return pair;
}

inline PairContext canonical_context(const std::string& connector = "crm",
                                     const std::string& entity = "account") {
  PairContext context;
  context.connector = mapping::ConnectorName{connector};
  context.entity = mapping::EntityName{entity};
  context.canonical = true;
  return context;
}

inline JobRecord job(std::int64_t position = 0) {
  JobRecord made;
  made.position = position;
  made.source_endpoint = "crm";
  made.target_endpoint = "canonical";
  made.source_table = table("Lead");
  made.target_table = table("account");
  made.input_hash = "hash-of-job-" + std::to_string(position);
  made.seconds = 0.5;
  return made;
}

inline std::vector<mapping::FieldMapping> all_mappings(Registry& registry,
                                                       const MappingFilter& filter = {}) {
  std::vector<mapping::FieldMapping> mappings;
  registry.for_each_mapping(
      filter, [&](const mapping::FieldMapping& mapping) { mappings.push_back(mapping); });
  return mappings;
}

}  // namespace mapctl::registry::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/audit_trail.hpp"
#include "core/registry/registry.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace mapctl::registry {

// An id of version 7; with a fixed clock one that follows from `parts`, as the counter that
// new_id() then uses starts anew in each process.
std::string make_id(std::initializer_list<std::string_view> parts);

// Throws Error::invalid_data when `text` cannot be kept as a name by every kind of registry.
void check_name(std::string_view what, std::string_view text);

// Other texts cannot be an id, and PostgreSQL refuses to compare them with one.
bool is_uuid(std::string_view text) noexcept;

void check_tenant_name(const TenantName& tenant);
// In a write transaction; throws Error::already_exists.
void insert_new_tenant(ports::SqlSession& session, const Clock& clock, const TenantName& tenant);
std::string tenant_id_of(ports::SqlSession& session, const TenantName& tenant);  // or empty

// What the tenant asks of changes. Absent limits do not limit.
struct TenantRules {
  bool second_person = false;
  std::optional<std::int64_t> max_mappings{};
  std::optional<std::int64_t> max_runs_a_day{};
  std::optional<double> auto_approve{};  // from this confidence on
};

struct RegistryState {
  RegistryState(std::unique_ptr<ports::SqlSession> opened, const Clock& time, Actor who);

  // The prepared statement of a literal; its address is the key.
  ports::SqlStatement& statement(const char* sql);
  std::string now() const { return to_iso8601(clock->now()); }

  // Ids of rows that are made when first needed; inside a write transaction.
  const std::string& user();
  const std::string& connector(const mapping::ConnectorName& name, std::string_view type);
  const std::string& entity(const PairContext& context);
  // Nothing when the tenant has no such connector.
  const std::string* find_connector(const mapping::ConnectorName& name);
  const std::string& user_name(const std::string& id);

  // What the actor may do now, read anew in each write transaction.
  Role read_role();
  // Throws Error::denied naming what was tried ("approve mappings").
  void require(Role needed, std::string_view what) const;
  // Of the tenant, read once a write transaction.
  const TenantRules& rules();
  // After a mapping was made: throws Error::resource_limit when it was one too many.
  void count_new_mapping();
  void count_new_run();  // of the last 24 hours
  // The audit rows of the write transaction that is open.
  AuditTrail& audit();

  void require_run(const RunId& run);
  RunId insert_run(const NewRun& run);
  void update_run(const RunId& run, RunStatus status, const RunTotals* totals);
  // The row of a job, which takes the place of an earlier one. `fields` are those of the proposal
  // in the form of proposal_bytes.hpp; a job that is not done has neither.
  void write_job(const RunId& run, const JobRecord& job, const mapping::PairProposal* proposal,
                 std::string_view fields);
  void forget_new_rows() noexcept;
  void finish_audit();

  std::unique_ptr<ports::SqlSession> session;
  const Clock* clock;
  Actor actor;
  std::string tenant{};  // id
  std::unordered_map<const char*, std::unique_ptr<ports::SqlStatement>> statements{};
  std::string user_id{};
  std::unordered_map<std::string, std::string> connector_ids{};             // by name
  std::map<std::pair<std::string, std::string>, std::string> entity_ids{};  // by name and version
  std::unordered_map<std::string, std::string> user_names{};                // by id
  Role role = Role::none;
  bool in_write = false;
  std::optional<AuditTrail> trail{};
  std::optional<TenantRules> known_rules{};
  std::optional<std::int64_t> mapping_count{};  // known when there is a limit
};

// Rows left of a cached statement are given up at the end of the scope.
class Query {
 public:
  Query(RegistryState& state, const char* sql);
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();
  ports::SqlStatement* operator->() const noexcept { return statement_; }
  ports::SqlStatement& operator*() const noexcept { return *statement_; }
  // Binds from $1 on.
  template <class... Values>
  Query& with(const Values&... values) {
    int parameter = 0;
    (statement_->bind(++parameter, values), ...);
    return *this;
  }
  bool step() { return statement_->step(); }
  std::string text(int column) const { return std::string{statement_->text(column)}; }

 private:
  ports::SqlStatement* statement_;
};

// Copies a mapping's row as it is to mapping_versions, before it changes; in a write transaction.
void keep_version(RegistryState& state, std::string_view mapping_id);

// A write transaction by somebody who may do it; what the state learned about new rows is forgotten
// unless it commits, and its audit rows are chained when it does.
class Write {
 public:
  explicit Write(RegistryState& state, Role needed = Role::analyst,
                 std::string_view what = "change the registry")
      : state_{&state}, transaction_{*state.session, ports::SqlSession::Access::write} {
    state.trail.reset();
    state.known_rules.reset();
    state.mapping_count.reset();
    state.role = state.read_role();
    state.require(needed, what);
    state.in_write = true;
  }
  Write(const Write&) = delete;
  Write& operator=(const Write&) = delete;
  ~Write() {
    if (state_ != nullptr) {
      state_->forget_new_rows();
      state_->trail.reset();
      state_->in_write = false;
    }
  }
  void commit() {
    state_->finish_audit();
    transaction_.commit();
    state_->in_write = false;
    state_ = nullptr;
  }

 private:
  RegistryState* state_;
  ports::Transaction transaction_;
};

}  // namespace mapctl::registry

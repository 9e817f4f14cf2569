// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/base/named.hpp"
#include "core/catalog/table.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/proposal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

using SnapshotId = Named<struct SnapshotIdTag>;

// Times are ISO 8601 UTC with milliseconds throughout; an empty text means "not yet".

// Who acts, and in which tenant. Every row that is read or written belongs to that tenant.
struct Actor {
  TenantName tenant{"default"};
  UserName user{};
  std::string trace{};  // of the program's run, in each of its audit rows; made when it is empty
};

// What a user may do, each with all before it: look; propose and edit; approve, reject, deprecate
// and roll back; tenants, users, flags, retention. A tenant in which nobody has a role is open:
// whoever can open the registry is its admin.
enum class Role : std::uint8_t { none, viewer, analyst, approver, admin };
std::string_view to_string(Role role) noexcept;
std::optional<Role> role_from(std::string_view word) noexcept;  // not `none`

struct TenantRecord {
  TenantName name{};
  std::string status{};  // "active"
  std::string created_at{};
};

struct ConnectorRecord {
  mapping::ConnectorName name{};
  std::string type{};  // rest_api, database, file
  std::string description{};
  std::string status{};  // active, deprecated, archived
};

struct EntityRecord {
  mapping::EntityName name{};
  std::string version{};     // "1.0.0"
  std::string definition{};  // JSON
  std::string description{};
  bool shared = false;  // belongs to all tenants
};

struct SnapshotRecord {
  SnapshotId id{};
  ProfileName profile{};
  std::string fingerprint{};
  std::string taken_at{};
  std::int64_t tables = 0;
  std::int64_t columns = 0;
};

enum class RunStatus : std::uint8_t {
  running,
  done,         // every job is done
  partial,      // finished, some jobs failed
  failed,       // nothing could run
  interrupted,  // can be resumed
};
std::string_view to_string(RunStatus status) noexcept;
std::optional<RunStatus> run_status_from(std::string_view word) noexcept;

enum class JobStatus : std::uint8_t { queued, done, failed, skipped };
std::string_view to_string(JobStatus status) noexcept;
std::optional<JobStatus> job_status_from(std::string_view word) noexcept;

struct NewRun {
  std::string name{};       // of the plan
  std::string plan_hash{};  // tells a resume that the plan is still the same
  std::string plan{};       // JSON of the expanded plan, or empty
};

struct RunTotals {
  std::int64_t jobs = 0;
  std::int64_t done = 0;
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  std::int64_t source_fields = 0;
  std::int64_t mapped = 0;
  double seconds = 0;
  bool operator==(const RunTotals&) const = default;
};

struct RunRecord {
  RunId id{};
  std::string name{};
  std::string plan_hash{};
  std::string plan{};
  RunStatus status = RunStatus::running;
  std::string started_at{};
  std::string finished_at{};
  RunTotals totals{};
};

struct JobError {
  ErrorCode code = ErrorCode::internal;
  std::string message{};
  std::string hint{};
  bool operator==(const JobError&) const = default;
};

// One table pair of a run. `position` is its place in the expanded plan and identifies it there.
struct JobRecord {
  std::int64_t position = 0;
  std::string source_endpoint{};
  std::string target_endpoint{};
  catalog::TableRef source_table{};
  catalog::TableRef target_table{};  // table is empty while `target: auto` is undecided
  JobStatus status = JobStatus::queued;
  std::string input_hash{};  // of everything the result depends on
  mapping::CoverageCount counts{};
  double seconds = 0;
  std::optional<JobError> error{};
};

// What a resume may leave out.
struct DoneJob {
  std::int64_t position = 0;
  std::string input_hash{};
};

// What store_pair needs to know beside the proposal.
struct PairContext {
  mapping::ConnectorName connector{};       // the source's profile
  std::string connector_type = "database";  // rest_api, database, file
  mapping::EntityName entity{};             // see entity_name()
  std::string entity_version = "1.0.0";
  bool canonical = false;                  // entity of all tenants, not one of the tenant's own
  const catalog::Table* source = nullptr;  // declared types of the source; may be null
  const catalog::Table* target = nullptr;  // declared types of the target; may be null
  mapping::MappingSource mapping_source = mapping::MappingSource::auto_detected;
};

// A target's name as entity: "account" for a canonical one, "endpoint.schema.table" for others.
mapping::EntityName entity_name(std::string_view target_endpoint, const catalog::TableRef& target,
                                bool canonical);

// What storing a pair did to the mappings. `kept` were decided by people and left as they are.
struct StoreCounts {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
  std::size_t kept = 0;
  StoreCounts& operator+=(const StoreCounts& other) noexcept {
    created += other.created;
    updated += other.updated;
    unchanged += other.unchanged;
    kept += other.kept;
    return *this;
  }
  bool operator==(const StoreCounts&) const = default;
};

// A job of a run with its proposal as it was stored. Evidence names its signals by view; the
// pool holds what they point to, so keep a StoredPair (or its pool) as long as its proposal.
struct StoredPair {
  JobRecord job{};
  mapping::PairProposal proposal{};
  std::shared_ptr<const std::set<std::string, std::less<>>> signal_names{};
};

// Empty members do not restrict.
struct MappingFilter {
  std::optional<mapping::ConnectorName> connector{};
  std::optional<mapping::EntityName> entity{};
  std::optional<catalog::TableName> source_table{};
  std::optional<mapping::MappingStatus> status{};
  std::optional<double> min_confidence{};
};

struct StatusCount {
  mapping::MappingStatus status{};
  std::int64_t count = 0;
};

struct RegistryStatus {
  int schema_version = 0;
  std::int64_t connectors = 0;
  std::int64_t entities = 0;  // the tenant's own and the shared ones
  std::int64_t snapshots = 0;
  std::int64_t runs = 0;
  std::int64_t mappings = 0;
  std::int64_t audit_rows = 0;
  std::vector<StatusCount> by_status{};  // every status, in the order of the enumeration
  std::int64_t size_bytes = 0;           // of the whole registry, not only the tenant's part
};

}  // namespace mapctl::registry

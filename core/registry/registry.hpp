// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/ports/sql_session.hpp"
#include "core/registry/records.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// Brings the registry behind `session` to this program's schema and makes the tenant. Safe to call
// again, and from several processes at once. Throws Error::configuration when the registry was
// made by a newer program.
void initialise(ports::SqlSession& session, const Clock& clock,
                const TenantName& tenant = TenantName{"default"});

// Adds a tenant; throws Error::already_exists, and Error::configuration for an unusable name.
void add_tenant(ports::SqlSession& session, const Clock& clock, const TenantName& tenant);
std::vector<TenantRecord> list_tenants(ports::SqlSession& session);  // by name

struct RegistryState;

// What is kept of one tenant, seen by one user. One session, so one thread at a time; several
// Registry objects over one registry, in several threads and processes, are fine. What is written
// becomes visible to others all at once, when the call returns. Every call may throw Error: busy
// when another process holds the registry for longer than the session waits, denied, io,
// resource_limit (full disk), invalid_data (damaged file).
class Registry {
 public:
  // Throws Error::not_found with the hint `mapctl init` when there is no registry or no such
  // tenant, Error::configuration when its schema is older or newer than this program's. `clock`
  // must outlive the registry. Throws Error::denied when the tenant has users with roles and the
  // actor is not one of them.
  Registry(std::unique_ptr<ports::SqlSession> session, const Clock& clock, Actor actor);
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;
  ~Registry();

  const Actor& actor() const noexcept;
  Role role() const noexcept;  // as the last call that wrote, or opening, found it

  // For the other parts of core/registry, which take a Registry and share its session.
  RegistryState& state() noexcept { return *state_; }

  // Connectors and entities are made when they are first needed. ensure_entity keeps an existing
  // version as it is unless the definition differs, which throws Error::conflict for a shared
  // entity and replaces it for the tenant's own.
  void ensure_connector(const ConnectorRecord& connector);
  void ensure_entity(const EntityRecord& entity);
  std::vector<ConnectorRecord> connectors();  // by name
  std::vector<EntityRecord> entities();       // the tenant's and the shared ones, by name, version

  // A catalog equal in structure to the profile's latest one is not kept twice: its statistics
  // take the place of the kept one's, unless it has none, and the kept one's id is returned.
  SnapshotRecord store_snapshot(const ProfileName& profile, const catalog::Catalog& catalog);
  std::optional<SnapshotRecord> latest_snapshot(const ProfileName& profile);
  // Throws Error::not_found.
  catalog::Catalog load_snapshot(const SnapshotId& snapshot);
  std::vector<SnapshotRecord> snapshots();  // by profile, newest first

  // Runs. A run that is not finished stays `running`; reopen_run makes it so again for a resume.
  RunId begin_run(const NewRun& run);
  void reopen_run(const RunId& run);
  void finish_run(const RunId& run, RunStatus status, const RunTotals& totals);
  std::vector<RunRecord> runs(std::size_t limit = 50);  // newest first
  std::optional<RunRecord> run(const RunId& run);
  std::optional<RunRecord> last_run();

  // Writes or replaces the job at job.position; for a job without a result (queued, failed,
  // skipped), what an earlier attempt stored as its proposal is removed.
  void record_job(const RunId& run, const JobRecord& job);
  // One transaction: the job, its proposal with all evidence, and a mapping `pending_review` for
  // every decided field, each change with its version and its audit row. job.status and
  // job.counts are set from the proposal.
  StoreCounts store_pair(const RunId& run, const JobRecord& job,
                         const mapping::PairProposal& proposal, const PairContext& context);
  std::vector<JobRecord> jobs_of(const RunId& run);  // by position
  std::vector<DoneJob> done_jobs(const RunId& run);  // by position
  // Calls `visit` for every done job by position, holding one pair in memory at a time.
  void for_each_pair(const RunId& run, const std::function<void(StoredPair&&)>& visit);
  std::vector<StoredPair> proposals_of(const RunId& run);
  // The pair of one job, with its proposal when the job is done; nothing for an unknown position.
  std::optional<StoredPair> pair(const RunId& run, std::int64_t position);

  // Stores proposals as a run of its own (`propose --save`); `contexts[i]` belongs to `pairs[i]`.
  // All pairs become visible at once.
  RunId save_proposals(const NewRun& run, std::string_view source_endpoint,
                       std::string_view target_endpoint,
                       const std::vector<mapping::PairProposal>& pairs,
                       const std::vector<PairContext>& contexts, StoreCounts* counts = nullptr);

  // Mappings by connector, source table, source field, entity, field. Returns how many.
  std::size_t for_each_mapping(const MappingFilter& filter,
                               const std::function<void(const mapping::FieldMapping&)>& visit);
  // Active mappings of one source table, or of one of its fields, by source field, entity, field.
  std::vector<mapping::FieldMapping> lookup(const mapping::ConnectorName& connector,
                                            const catalog::TableName& source_table);
  std::vector<mapping::FieldMapping> lookup(const mapping::ConnectorName& connector,
                                            const catalog::TableName& source_table,
                                            const mapping::FieldPath& source_field);

  RegistryStatus status();

 private:
  friend class YamlMigrations;
  std::unique_ptr<RegistryState> state_;
};

}  // namespace mapctl::registry

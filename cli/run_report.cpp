// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.hpp"

#include "cli/command.hpp"
#include "core/base/text.hpp"
#include "core/jobs/registry_names.hpp"
#include "core/registry/reviews.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace mapctl::cli {
namespace {

// Table names are kept with their schema where they have one.
const catalog::Table* find_table(const catalog::Catalog& catalog, std::string_view name,
                                 catalog::TableRef& ref) {
  for (const auto& entry : catalog.tables()) {
    if (entry.ref.table.text == name || catalog::to_string(entry.ref) == name) {
      ref = entry.ref;
      return entry.table;
    }
  }
  return nullptr;
}

report::PairSide side_of(const std::string& endpoint, const catalog::TableRef& ref,
                         const catalog::Catalog* catalog) {
  report::PairSide side;
  side.endpoint = endpoint;
  side.ref = ref;
  side.table.name = ref.table;
  if (catalog != nullptr) {
    side.connector = catalog->system;
    if (const catalog::Table* table = catalog->find(ref)) {
      side.table = *table;
      for (catalog::Column& column : side.table.columns) {
        if (column.statistics) {
          column.statistics->sketch = {};  // no report shows it
        }
      }
    }
  }
  if (side.table.kind == catalog::TableKind::entity) {
    side.connector = "canonical";
  }
  return side;
}

report::FieldRecord record_of(const mapping::FieldMapping& mapping) {
  report::FieldRecord record;
  record.source = catalog::ColumnName{mapping.key.source_field.text};
  record.target = catalog::ColumnName{mapping.key.field.text};
  record.id = mapping.id;
  record.status = report::review_status_of(mapping.status);
  record.version = mapping.version;
  record.comment = mapping.notes;
  if (mapping.status != mapping::MappingStatus::pending_review) {
    record.decided_by = mapping.updated_by;
    record.decided_at = mapping.updated_at;
  }
  return record;
}

// What reviewers wrote, laid over what the mappings say.
void add_reviews(registry::Registry& registry, const registry::MappingFilter& filter,
                 report::PairReport& pair) {
  registry::Reviews reviews{registry};
  const registry::ReviewFilter of_pair{filter.connector, filter.source_table, filter.entity};
  const auto record_at = [&](const catalog::ColumnName& source,
                             const catalog::ColumnName& target) -> report::FieldRecord& {
    for (report::FieldRecord& record : pair.records) {
      if (record.source == source && record.target == target) {
        return record;
      }
    }
    pair.records.push_back({});
    pair.records.back().source = source;
    pair.records.back().target = target;
    return pair.records.back();
  };
  for (const registry::ReviewRecord& review : reviews.records(of_pair)) {
    const catalog::ColumnName source{review.key.source_field.text};
    const catalog::ColumnName target{review.key.field.text};
    if (!source.empty() && !target.empty() && pair.find(source, target) == nullptr) {
      continue;  // its mapping is gone
    }
    report::FieldRecord& record = record_at(source, target);
    if (const auto code = review.written.find("code"); code != review.written.end()) {
      record.codes[code->second] = review.written;
      continue;
    }
    record.written = review.written;
    record.later = review.flag == "later";
    if (record.status == report::ReviewStatus::proposed) {
      record.status = report::review_status_from(review.flag).value_or(record.status);
    }
    const auto take = [&](const char* key, std::string& into) {
      if (const auto found = review.written.find(key); found != review.written.end()) {
        into = found->second;
      }
    };
    take("reviewer", record.reviewer);
    take("reason_code", record.reason);
    take("comment", record.comment);
    std::string word;
    take("equivalence", word);
    record.equivalence = report::equivalence_from(word);
  }
  for (const registry::DispositionRecord& disposition : reviews.dispositions(of_pair)) {
    const catalog::ColumnName source{disposition.source_field.text};
    bool has_mapping = false;
    for (report::FieldRecord& record : pair.records) {
      if (record.source == source && !record.target.empty()) {
        has_mapping = true;
        if (record.status == report::ReviewStatus::rejected) {
          record.status = report::ReviewStatus::not_used;
        }
      }
    }
    if (!has_mapping) {
      report::FieldRecord& record = record_at(source, {});
      record.status = report::ReviewStatus::not_used;
      record.decided_by = disposition.created_by;
      record.decided_at = disposition.created_at;
      if (record.reason.empty() && record.comment.empty()) {
        record.comment = disposition.reason;
      }
    }
  }
}

// The registry's rule counts, not the one that was proposed once; a target that a person chose
// becomes a candidate.
void take_rule(mapping::PairProposal& proposal, const catalog::TableRef& target,
               const mapping::FieldMapping& mapping) {
  for (mapping::FieldProposal& field : proposal.fields) {
    if (field.source_column.text != mapping.key.source_field.text) {
      continue;
    }
    for (mapping::Candidate& candidate : field.candidates) {
      if (candidate.target_column.text == mapping.key.field.text) {
        candidate.transformation = mapping.transformation;
        candidate.mapping_type = mapping.mapping_type;
        return;
      }
    }
    mapping::Candidate candidate;
    candidate.target_table = target;
    candidate.target_column = catalog::ColumnName{mapping.key.field.text};
    candidate.score = candidate.confidence = mapping.confidence;
    candidate.mapping_type = mapping.mapping_type;
    candidate.transformation = mapping.transformation;
    field.candidates.push_back(std::move(candidate));
    return;
  }
}

void sort_records(std::vector<report::FieldRecord>& records) {
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::tie(a.source, a.target) < std::tie(b.source, b.target);
  });
}

batch::JobStatus batch_status(registry::JobStatus status) {
  switch (status) {
    case registry::JobStatus::done: return batch::JobStatus::done;
    case registry::JobStatus::failed: return batch::JobStatus::failed;
    case registry::JobStatus::queued:
    case registry::JobStatus::skipped: return batch::JobStatus::skipped;
  }
  return batch::JobStatus::skipped;
}

batch::JobOutcome outcome_of(const registry::JobRecord& job) {
  batch::JobOutcome outcome;
  outcome.job = static_cast<std::size_t>(job.position);
  outcome.status = batch_status(job.status);
  outcome.counts = {job.counts.source_fields, job.counts.mapped, job.counts.required_unmapped,
                    job.counts.warnings};
  outcome.seconds = job.seconds;
  if (job.error) {
    outcome.error =
        Error::Facts{job.error->code, job.error->message, job.error->hint, {}, Retry::never};
  }
  return outcome;
}

catalog::Column column_of(const std::string& name, const std::string& type, int position) {
  catalog::Column column;
  column.name = catalog::ColumnName{name};
  column.position = position;
  column.type = catalog::parse_data_type(type);
  return column;
}

void add_column(catalog::Table& table, const std::string& name, const std::string& type) {
  if (!name.empty() && table.find(catalog::ColumnName{name}) == nullptr) {
    table.columns.push_back(column_of(name, type, static_cast<int>(table.columns.size()) + 1));
  }
}

// The field of the proposal that holds what feeds `target` from `mapping`'s source field.
void add_field(mapping::PairProposal& proposal, const catalog::TableRef& target,
               const mapping::FieldMapping& mapping) {
  const catalog::ColumnName source{mapping.key.source_field.text};
  auto field = std::find_if(proposal.fields.begin(), proposal.fields.end(),
                            [&](const auto& known) { return known.source_column == source; });
  if (field == proposal.fields.end()) {
    proposal.fields.push_back({source, {}, 0, {}});
    field = proposal.fields.end() - 1;
  }
  mapping::Candidate candidate;
  candidate.target_table = target;
  candidate.target_column = catalog::ColumnName{mapping.key.field.text};
  candidate.score = mapping.confidence;
  candidate.confidence = mapping.confidence;
  candidate.mapping_type = mapping.mapping_type;
  candidate.transformation = mapping.transformation;
  field->decision.push_back(field->candidates.size());
  field->confidence = std::max(field->confidence, mapping.confidence);
  field->candidates.push_back(std::move(candidate));
}

std::size_t approximate_bytes(const report::PairReport& pair) {
  constexpr std::size_t text = 48;  // a short string and its share of the heap
  std::size_t bytes = sizeof pair + pair.records.size() * (sizeof(report::FieldRecord) + 4 * text);
  for (const report::PairSide* side : {&pair.source, &pair.target}) {
    for (const catalog::Column& column : side->table.columns) {
      bytes += sizeof column + column.comment.size() + 3 * text;
      if (column.statistics) {
        bytes +=
            (column.statistics->samples.size() + column.statistics->frequent.size()) * 2 * text;
      }
    }
  }
  for (const mapping::FieldProposal& field : pair.proposal.fields) {
    bytes += sizeof field + text;
    for (const mapping::Candidate& candidate : field.candidates) {
      bytes += sizeof candidate + 4 * text;
      for (const mapping::Evidence& evidence : candidate.evidence) {
        bytes += sizeof evidence + evidence.detail.size() + text / 2;
      }
    }
  }
  return bytes;
}

// Each name once, in the order of the plan.
std::string names_in(std::vector<std::string> names) {
  constexpr std::size_t most = 8;
  std::vector<std::string> distinct;
  for (std::string& name : names) {
    if (std::find(distinct.begin(), distinct.end(), name) == distinct.end()) {
      distinct.push_back(std::move(name));
    }
  }
  return distinct.size() > most ? fmt::format("{} endpoints", distinct.size())
                                : join(distinct, ", ");
}

report::RunReport describe(CommandContext& context, registry::Registry& registry) {
  report::RunReport run;
  run.tenant = context.tenant();
  run.registry_version = fmt::format("{}", registry.status().schema_version);
  run.generated_at = context.clock().now();
  run.tool_version = MAPCTL_VERSION;
  return run;
}

}  // namespace

CatalogOf snapshots_of(registry::Registry& registry) {
  using Known = std::map<std::string, std::shared_ptr<const catalog::Catalog>>;
  return [&registry, known = std::make_shared<Known>()](const std::string& endpoint) {
    auto [at, added] = known->try_emplace(endpoint);
    if (added) {
      if (const auto snapshot = registry.latest_snapshot(ProfileName{endpoint})) {
        at->second = std::make_shared<const catalog::Catalog>(registry.load_snapshot(snapshot->id));
      }
    }
    return at->second;
  };
}

report::RunReport describe_run(CommandContext& context, registry::Registry& registry,
                               const registry::RunRecord& record) {
  report::RunReport run = describe(context, registry);
  run.run = record.id;
  run.name = record.name;
  run.plan = record.name;
  run.status = to_string(record.status);
  run.started_at = record.started_at;
  run.finished_at = record.finished_at;
  run.seconds = record.totals.seconds;
  std::vector<std::string> sources, targets;
  for (const registry::JobRecord& job : registry.jobs_of(record.id)) {
    sources.push_back(job.source_endpoint);
    targets.push_back(job.target_endpoint);
  }
  run.source = names_in(std::move(sources));
  run.target = names_in(std::move(targets));
  return run;
}

report::RunReport describe_registry(CommandContext& context, registry::Registry& registry) {
  report::RunReport run = describe(context, registry);
  run.name = "registry";
  run.status = "done";
  return run;
}

RunPairs::RunPairs(registry::Registry& registry, RunId run, CatalogOf catalog_of,
                   std::size_t kept_bytes)
    : registry_{registry},
      run_{std::move(run)},
      catalog_of_{std::move(catalog_of)},
      jobs_{registry.jobs_of(run_)},
      kept_bytes_{kept_bytes} {}

const report::PairReport* RunPairs::next() {
  if (at_ >= jobs_.size()) {
    return nullptr;
  }
  const std::size_t index = at_++;
  if (index < kept_.size()) {
    return &kept_[index].report;
  }
  current_ = read(jobs_[index], at_);
  if (index == kept_.size()) {
    const std::size_t bytes = approximate_bytes(current_.report);
    if (bytes <= kept_bytes_) {
      kept_bytes_ -= bytes;
      kept_.push_back(std::move(current_));
      return &kept_.back().report;
    }
    kept_bytes_ = 0;  // only the first ones are kept
  }
  return &current_.report;
}

RunPairs::Pair RunPairs::read(const registry::JobRecord& job, std::size_t number) {
  const auto source = catalog_of_(job.source_endpoint);
  const auto target = catalog_of_(job.target_endpoint);
  Pair pair;
  report::PairReport& report = pair.report;
  report.number = number;
  report.source = side_of(job.source_endpoint, job.source_table, source.get());
  report.target = side_of(job.target_endpoint, job.target_table, target.get());
  report.connector = mapping::ConnectorName{job.source_endpoint};
  report.entity = registry::entity_name(job.target_endpoint, job.target_table,
                                        report.target.table.kind == catalog::TableKind::entity);
  report.outcome = outcome_of(job);
  if (job.status == registry::JobStatus::done) {
    if (auto stored = registry_.pair(run_, job.position)) {
      report.proposal = std::move(stored->proposal);
      pair.signal_names = std::move(stored->signal_names);
    }
    registry::MappingFilter filter;
    filter.connector = report.connector;
    filter.entity = report.entity;
    filter.source_table = catalog::TableName{catalog::to_string(job.source_table)};
    registry_.for_each_mapping(filter, [&](const mapping::FieldMapping& mapping) {
      report.records.push_back(record_of(mapping));
      take_rule(report.proposal, job.target_table, mapping);
    });
    add_reviews(registry_, filter, report);
    sort_records(report.records);
  }
  return pair;
}

MappingPairs::MappingPairs(registry::Registry& registry, CatalogOf catalog_of)
    : registry_{registry}, catalog_of_{std::move(catalog_of)} {
  for (const registry::SnapshotRecord& snapshot : registry_.snapshots()) {
    if (endpoints_.empty() || endpoints_.back() != snapshot.profile.text) {
      endpoints_.push_back(snapshot.profile.text);
    }
  }
  std::sort(endpoints_.begin(), endpoints_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::set<Group> groups;
  registry_.for_each_mapping({}, [&](const mapping::FieldMapping& mapping) {
    groups.insert({mapping.key.connector, mapping.key.source_table, mapping.key.entity});
  });
  groups_.assign(groups.begin(), groups.end());
}

// An entity of no endpoint is a canonical one; others are named endpoint.schema.table, where each
// part may hold dots itself, so that the longest known endpoint decides.
report::PairSide MappingPairs::target_of(const mapping::EntityName& entity) const {
  catalog::TableRef ref{{}, catalog::TableName{entity.text}};
  const auto canonical = catalog_of_("canonical");
  if (canonical && find_table(*canonical, entity.text, ref) != nullptr) {
    return side_of("canonical", ref, canonical.get());
  }
  for (const std::string& endpoint : endpoints_) {
    if (!entity.text.starts_with(endpoint + '.')) {
      continue;
    }
    const std::string table = entity.text.substr(endpoint.size() + 1);
    const auto catalog = catalog_of_(endpoint);
    if (catalog && find_table(*catalog, table, ref) != nullptr) {
      return side_of(endpoint, ref, catalog.get());
    }
    return side_of(endpoint, {{}, catalog::TableName{table}}, nullptr);
  }
  return side_of("", ref, nullptr);
}

const report::PairReport* MappingPairs::next() {
  if (at_ >= groups_.size()) {
    return nullptr;
  }
  const Group& group = groups_[at_++];
  current_ = {};
  current_.number = at_;
  current_.connector = group.connector;
  current_.entity = group.entity;
  current_.source_name = group.source_table;
  current_.outcome.job = at_ - 1;
  current_.outcome.status = batch::JobStatus::done;

  catalog::TableRef source_ref{{}, group.source_table};
  const auto source = catalog_of_(group.connector.text);
  const bool known = source && find_table(*source, group.source_table.text, source_ref) != nullptr;
  current_.source = side_of(group.connector.text, source_ref, known ? source.get() : nullptr);

  current_.target = target_of(group.entity);
  const catalog::TableRef target_ref = current_.target.ref;

  registry::MappingFilter filter;
  filter.connector = group.connector;
  filter.source_table = group.source_table;
  filter.entity = group.entity;
  current_.proposal.source_table = source_ref;
  current_.proposal.target_table = target_ref;
  current_.proposal.confidence = 1.0;
  registry_.for_each_mapping(filter, [&](const mapping::FieldMapping& mapping) {
    add_column(current_.source.table, mapping.key.source_field.text, mapping.source_data_type);
    add_column(current_.target.table, mapping.key.field.text, mapping.canonical_data_type);
    add_field(current_.proposal, target_ref, mapping);
    current_.records.push_back(record_of(mapping));
  });
  add_reviews(registry_, filter, current_);
  sort_records(current_.records);
  const mapping::CoverageCount counts = mapping::count_coverage(current_.proposal);
  current_.outcome.counts = {counts.source_fields, counts.mapped, counts.required_unmapped,
                             counts.warnings};
  return &current_;
}

}  // namespace mapctl::cli

// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/ports/language_model.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/pair_store.hpp"
#include "core/registry/proposal_bytes.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mapctl::registry {
namespace {

using mapping::Candidate;
using mapping::MappingKey;

// A proposed mapping with all that is written about it.
struct Proposed {
  MappingKey key{};
  std::string id{};
  std::string_view source_type{};
  std::string_view target_type{};
  std::string_view mapping_type{};
  std::string_view mapping_source{};
  std::string rule{};  // JSON, or empty
  double confidence = 0;
  bool contested = false;  // past decisions disagree: a person has to look
};

// Declared types by column name.
class Types {
 public:
  explicit Types(const catalog::Table* table) {
    if (table != nullptr) {
      types_.reserve(table->columns.size());
      for (const catalog::Column& column : table->columns) {
        types_.emplace(column.name.text, column.type.native);
      }
    }
  }
  std::string_view of(const std::string& column) const {
    const auto found = types_.find(column);
    return found == types_.end() ? std::string_view{} : found->second;
  }

 private:
  std::unordered_map<std::string_view, std::string_view> types_{};
};

// Names of evidence that comes from past decisions, as core/matching writes them.
constexpr std::string_view memory_signal = "memory";
constexpr std::string_view conflict_signal = "memory_conflict";

double clamp_share(double value) noexcept {
  return std::isfinite(value) ? std::min(1.0, std::max(0.0, value)) : 0.0;
}

// The pair's, unless a language model's choice made the candidate the decision, or past decisions
// were the first reason for it.
mapping::MappingSource source_of(const Candidate& candidate, const PairContext& context) {
  const bool is_chosen = std::any_of(
      candidate.evidence.begin(), candidate.evidence.end(), [](const mapping::Evidence& reason) {
        return reason.signal == ports::language_model_signal && reason.weight > 0;
      });
  if (is_chosen) {
    return mapping::MappingSource::llm;
  }
  return !candidate.evidence.empty() && candidate.evidence.front().signal == memory_signal
             ? mapping::MappingSource::rag
             : context.mapping_source;
}

std::vector<Proposed> proposed_mappings(const mapping::PairProposal& proposal,
                                        const PairContext& context, const TenantName& tenant) {
  const Types source_types{context.source};
  const Types target_types{context.target};
  const catalog::TableName source_table{to_string(proposal.source_table)};
  check_name("the source table's name", source_table.text);
  check_name("the target table's name", to_string(proposal.target_table));

  std::vector<Proposed> mappings;
  mappings.reserve(proposal.fields.size());
  for (const mapping::FieldProposal& field : proposal.fields) {
    check_name("a source column's name", field.source_column.text);
    for (const std::size_t index : field.decision) {
      const Candidate& candidate = field.candidates.at(index);
      check_name("a target column's name", candidate.target_column.text);
      Proposed mapping;
      mapping.key = {context.connector, source_table, mapping::FieldPath{field.source_column.text},
                     context.entity, mapping::FieldPath{candidate.target_column.text}};
      mapping.id = mapping::mapping_id(tenant, mapping.key).text;
      mapping.source_type = source_types.of(field.source_column.text);
      mapping.target_type = target_types.of(candidate.target_column.text);
      mapping.mapping_type = to_string(candidate.mapping_type);
      mapping.mapping_source = to_string(source_of(candidate, context));
      mapping.rule = transformation_to_json(candidate.transformation);
      mapping.confidence = clamp_share(candidate.confidence);
      mapping.contested =
          std::any_of(candidate.evidence.begin(), candidate.evidence.end(),
                      [](const mapping::Evidence& one) { return one.signal == conflict_signal; });
      mappings.push_back(std::move(mapping));
    }
  }
  return mappings;
}

// What is kept of a mapping, as far as a proposal can change it.
struct Kept {
  std::string id{};
  std::string status{};
  int version = 1;
  std::string source_type{}, target_type{}, mapping_type{}, rule{}, mapping_source{};
  double confidence = 0;
};

void append_member(std::string& json, std::string_view name, std::string_view value) {
  json += json.size() == 1 ? "\"" : ",\"";
  json += name;
  json += "\":";
  append_text(json, value);
}

void append_raw(std::string& json, std::string_view name, std::string_view value) {
  json += json.size() == 1 ? "\"" : ",\"";
  json += name;
  json += "\":";
  json += value;
}

void append_raw(std::string& json, std::string_view name, double value) {
  append_raw(json, name, std::string_view{});
  append_number(json, value);
}

// Writes the mappings of one pair inside a transaction that the caller holds.
class MappingWriter {
 public:
  MappingWriter(RegistryState& state, const PairContext& context, std::string_view trace,
                const catalog::TableName& source_table)
      : state_{state},
        trace_{trace},
        now_{state.now()},
        user_{state.user()},
        connector_{state.connector(context.connector, context.connector_type)},
        entity_{state.entity(context)},
        context_{context},
        insert_{
            state,
            "INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, "
            "source_table, source_field, source_data_type, canonical_entity, "
            "canonical_field, canonical_data_type, mapping_type, transformation_rule, "
            "confidence_score, mapping_source, version, status, created_at, created_by, "
            "updated_at, updated_by, version_reason, approved_at) VALUES ($1, $2, $3, $4, $5, $6, "
            "$7, $8, $9, $10, $11, $12, $13, $14, 1, $18, $15, $16, $15, $16, $17, $19)"} {
    if (!state.rules().second_person) {
      auto_approve_ = state.rules().auto_approve;
    }
    bind_constants();
    find_kept(source_table);
  }

  void store(const Proposed& mapping, StoreCounts& counts) {
    if (kept_.insert(mapping.id).second) {
      insert(mapping);
      state_.count_new_mapping();
      write_audit(mapping.id, "created", {}, {}, created_facts(mapping), std::nullopt);
      ++counts.created;
      return;
    }
    const Kept kept = read(mapping);
    if (kept.status != "pending_review") {
      ++counts.kept;
    } else if (update(kept, mapping)) {
      ++counts.updated;
    } else {
      ++counts.unchanged;
    }
  }

 private:
  // What is the same in every row of the pair is bound once.
  void bind_constants() {
    insert_->bind(2, state_.tenant);
    insert_->bind(3, connector_);
    insert_->bind(4, entity_);
    insert_->bind(15, now_);
    bind_user(insert_, 16);
    insert_->bind(17, reason);
  }

  void bind_user(Query& query, int parameter) const {
    user_.empty() ? query->bind_null(parameter) : query->bind(parameter, user_);
  }

  // Whoever writes for a tenant holds its lock, so what is not there now is not there later.
  void find_kept(const catalog::TableName& source_table) {
    Query select{state_,
                 "SELECT id FROM field_mappings WHERE tenant_id = $1 AND connector_id = $2 AND "
                 "source_table = $3"};
    select.with(state_.tenant, connector_, source_table.text);
    while (select.step()) {
      kept_.insert(select.text(0));
    }
  }

  // What the tenant lets pass without a reviewer. A policy that asks for a second person wins.
  bool approves(const Proposed& mapping) const {
    return auto_approve_ && mapping.confidence >= *auto_approve_ && !mapping.contested;
  }
  std::string_view status_of(const Proposed& mapping) const {
    return approves(mapping) ? "active" : "pending_review";
  }

  void insert(const Proposed& mapping) {
    insert_->bind(1, mapping.id);
    insert_->bind(5, mapping.key.source_table.text);
    insert_->bind(6, mapping.key.source_field.text);
    insert_->bind(7, mapping.source_type);
    insert_->bind(8, mapping.key.entity.text);
    insert_->bind(9, mapping.key.field.text);
    insert_->bind(10, mapping.target_type);
    insert_->bind(11, mapping.mapping_type);
    mapping.rule.empty() ? insert_->bind_null(12) : insert_->bind(12, mapping.rule);
    insert_->bind(13, mapping.confidence);
    insert_->bind(14, mapping.mapping_source);
    insert_->bind(18, status_of(mapping));
    approves(mapping) ? insert_->bind(19, now_) : insert_->bind_null(19);
    insert_->post_row();
  }

  Kept read(const Proposed& mapping) {
    Query select{state_,
                 "SELECT id, status, version, source_data_type, canonical_data_type, "
                 "mapping_type, transformation_rule, mapping_source, confidence_score FROM "
                 "field_mappings WHERE tenant_id = $1 AND "
                 "connector_id = $2 AND source_table = $3 AND source_field = $4 AND "
                 "canonical_entity = $5 AND canonical_field = $6"};
    select.with(state_.tenant, connector_, mapping.key.source_table.text,
                mapping.key.source_field.text, mapping.key.entity.text, mapping.key.field.text);
    if (!select.step()) {
      throw Error{ErrorCode::conflict,
                  fmt::format("mapping '{}' of field '{}' is kept under another key", mapping.id,
                              mapping.key.source_field.text),
                  "restore the registry from a backup; ids follow from keys and never change"};
    }
    return {select.text(0), select.text(1), static_cast<int>(select->integer(2)),
            select.text(3), select.text(4), select.text(5),
            select.text(6), select.text(7), select->real(8)};
  }

  bool update(const Kept& kept, const Proposed& mapping) {
    std::string changed;
    std::string before = "{";
    std::string after = "{";
    const auto compare = [&](std::string_view name, std::string_view old_text,
                             std::string_view new_text) {
      if (old_text != new_text) {
        changed += changed.empty() ? "" : ",";
        changed += name;
        append_member(before, name, old_text);
        append_member(after, name, new_text);
      }
    };
    compare("source_data_type", kept.source_type, mapping.source_type);
    compare("canonical_data_type", kept.target_type, mapping.target_type);
    compare("mapping_type", kept.mapping_type, mapping.mapping_type);
    if (!same_json(kept.rule, mapping.rule)) {
      compare("transformation_rule", kept.rule, mapping.rule);
    }
    compare("mapping_source", kept.mapping_source, mapping.mapping_source);
    const double delta = mapping.confidence - kept.confidence;
    if (std::abs(delta) > 1e-9) {
      changed += changed.empty() ? "" : ",";
      changed += "confidence_score";
      append_raw(before, "confidence_score", kept.confidence);
      append_raw(after, "confidence_score", mapping.confidence);
    }
    if (changed.empty()) {
      return false;
    }
    before += '}';
    after += '}';

    keep_version(state_, kept.id);
    Query row{state_,
              "UPDATE field_mappings SET source_data_type = $1, canonical_data_type = $2, "
              "mapping_type = $3, transformation_rule = $4, confidence_score = $5, "
              "mapping_source = $6, version = $7, updated_at = $8, updated_by = $9, "
              "entity_schema_id = $10, version_reason = $11, approved_by = NULL, "
              "approved_at = NULL WHERE id = $12 AND tenant_id = $13"};
    row.with(mapping.source_type, mapping.target_type, mapping.mapping_type, mapping.rule,
             mapping.confidence, mapping.mapping_source, kept.version + 1, now_, user_, entity_,
             reason, kept.id, state_.tenant);
    if (mapping.rule.empty()) {
      row->bind_null(4);
    }
    bind_user(row, 9);
    row.step();
    write_audit(kept.id, "updated", changed, before, after, delta);
    return true;
  }

  // Enough to tell what the row was about when the mapping is gone.
  std::string_view created_facts(const Proposed& mapping) {
    std::string& json = scratch_;
    json = "{";
    append_member(json, "connector", context_.connector.text);
    append_member(json, "source_table", mapping.key.source_table.text);
    append_member(json, "source_field", mapping.key.source_field.text);
    append_member(json, "canonical_entity", mapping.key.entity.text);
    append_member(json, "canonical_field", mapping.key.field.text);
    append_raw(json, "confidence_score", mapping.confidence);
    append_member(json, "status", status_of(mapping));
    if (approves(mapping)) {
      append_member(json, "approved_by_flag", "auto_approve");
    }
    json += '}';
    return json;
  }

  void write_audit(std::string_view mapping_id, std::string_view action,
                   std::string_view field_changed, std::string_view old_value,
                   std::string_view new_value, std::optional<double> delta) {
    state_.audit().add(
        {action, mapping_id, field_changed, old_value, new_value, reason, delta, trace_});
  }

  static constexpr std::string_view reason = "proposed by a run";

  RegistryState& state_;
  std::string_view trace_;
  std::string now_;
  std::string user_;
  std::string connector_;
  std::string entity_;
  const PairContext& context_;
  Query insert_;
  std::optional<double> auto_approve_{};
  std::unordered_set<std::string> kept_{};  // ids of the table's mappings
  std::string scratch_{};
};

}  // namespace

struct PreparedPair::Parts {
  const mapping::PairProposal& proposal;
  const PairContext& context;
  std::string fields;  // as proposal_bytes.hpp has it
  std::vector<Proposed> mappings;

  StoreCounts write(RegistryState& state, const RunId& run, JobRecord job) const {
    job.source_table = proposal.source_table;
    job.target_table = proposal.target_table;
    job.status = JobStatus::done;
    job.counts = mapping::count_coverage(proposal);
    job.error.reset();
    state.write_job(run, job, &proposal, fields);
    StoreCounts counts;
    if (!mappings.empty()) {
      MappingWriter writer{state, context, run.text, mappings.front().key.source_table};
      for (const Proposed& mapping : mappings) {
        writer.store(mapping, counts);
      }
    }
    return counts;
  }
};

PreparedPair::PreparedPair(const mapping::PairProposal& proposal, const PairContext& context,
                           const TenantName& tenant)
    : parts_{std::make_unique<const Parts>(
          Parts{proposal, context, fields_to_bytes(proposal.fields, proposal.target_table),
                proposed_mappings(proposal, context, tenant)})} {}
PreparedPair::PreparedPair(PreparedPair&&) noexcept = default;
PreparedPair::~PreparedPair() = default;

StoreCounts PreparedPair::store(Registry& registry, const RunId& run, const JobRecord& job) const {
  RegistryState& state = registry.state();
  Write write{state};
  state.require_run(run);
  const StoreCounts counts = parts_->write(state, run, job);
  write.commit();
  return counts;
}

std::size_t writers(Registry& registry, std::size_t most) {
  const bool locked_whole = registry.state().session->dialect() == ports::SqlDialect::sqlite;
  return locked_whole ? 1 : most;
}

StoreCounts Registry::store_pair(const RunId& run, const JobRecord& job,
                                 const mapping::PairProposal& proposal,
                                 const PairContext& context) {
  return PreparedPair{proposal, context, state_->actor.tenant}.store(*this, run, job);
}

RunId Registry::save_proposals(const NewRun& run, std::string_view source_endpoint,
                               std::string_view target_endpoint,
                               const std::vector<mapping::PairProposal>& pairs,
                               const std::vector<PairContext>& contexts, StoreCounts* counts) {
  if (pairs.size() != contexts.size()) {
    throw Error{ErrorCode::internal, "each pair needs its context"};
  }
  std::vector<PreparedPair> prepared;
  prepared.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    prepared.emplace_back(pairs[i], contexts[i], state_->actor.tenant);
  }
  Write write{*state_};
  RunId id = state_->insert_run(run);
  StoreCounts stored;
  RunTotals totals;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    JobRecord job;
    job.position = static_cast<std::int64_t>(i);
    job.source_endpoint = source_endpoint;
    job.target_endpoint = target_endpoint;
    stored += prepared[i].parts_->write(*state_, id, job);
    const mapping::CoverageCount coverage = mapping::count_coverage(pairs[i]);
    ++totals.jobs;
    ++totals.done;
    totals.source_fields += static_cast<std::int64_t>(coverage.source_fields);
    totals.mapped += static_cast<std::int64_t>(coverage.mapped);
  }
  state_->update_run(id, RunStatus::done, &totals);
  write.commit();
  if (counts != nullptr) {
    *counts = stored;
  }
  return id;
}

}  // namespace mapctl::registry

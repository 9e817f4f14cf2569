// SPDX-License-Identifier: Apache-2.0
#include "core/base/bounded_queue.hpp"
#include "core/base/error.hpp"
#include "core/base/thread.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/state.hpp"
#include "core/registry/yaml_migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace mapctl::registry {
namespace {

constexpr std::string_view action = "migrated";

// Mapping files do not say what kind of system a connector is; its profile does, later.
constexpr std::string_view unknown_connector_type = "rest_api";

void append_rule(std::string& json, std::string_view rule) {
  json += R"(,"transformation_rule":)";
  json += rule.empty() ? std::string_view{"null"} : rule;
}

// All of a write that follows from itself, so that another thread can work it out while earlier
// ones are written.
struct PreparedWrite {
  std::string id{}, rule{};
  std::string facts{};    // of a new mapping, for its audit row
  PreparedAudit audit{};  // of a new mapping
};

AuditEntry created_entry(const PreparedWrite& prepared, const std::string& reason) {
  return {action, prepared.id, {}, {}, prepared.facts, reason, std::nullopt, {}};
}

class WritePreparer {
 public:
  // `trail` gets one row for each write, in their order.
  WritePreparer(const TenantName& tenant, const AuditTrail& trail, const std::string& reason)
      : tenant_{tenant}, trail_{trail}, reason_{reason}, position_{trail.next_position()} {}

  PreparedWrite next(const YamlMappingWrite& write) {
    PreparedWrite made;
    made.id = mapping::mapping_id(tenant_, write.key).text;
    made.rule = transformation_to_json(write.transformation);
    if (write.version == 0) {
      made.facts = facts_of(write.key, made.rule);
      made.audit = trail_.prepare(created_entry(made, reason_), position_, hasher_);
    }
    ++position_;
    return made;
  }

 private:
  static std::string facts_of(const mapping::MappingKey& key, std::string_view rule) {
    std::string json;
    json.reserve(256);
    const auto member = [&](std::string_view name, std::string_view value) {
      json += name;
      append_text(json, value);
    };
    member(R"({"connector":)", key.connector.text);
    member(R"(,"source_table":)", key.source_table.text);
    member(R"(,"source_field":)", key.source_field.text);
    member(R"(,"canonical_entity":)", key.entity.text);
    member(R"(,"canonical_field":)", key.field.text);
    append_rule(json, rule);
    json += '}';
    return json;
  }

  const TenantName& tenant_;
  const AuditTrail& trail_;
  const std::string& reason_;
  std::int64_t position_;
  AuditHasher hasher_{};
};

constexpr std::size_t part_size = 512;  // writes that go from one thread to the other at once
constexpr std::size_t most_waiting = 4;

// Gives each write to `visit`, in order, with what another thread prepares ahead. False where there
// is no other thread: then nothing was visited.
template <class Visit>
bool prepare_ahead(std::span<const YamlMappingWrite> writes, WritePreparer& preparer,
                   const Visit& visit) {
  BoundedQueue<std::vector<PreparedWrite>> queue{most_waiting};
  std::exception_ptr problem;
  {
    const auto helper = start_thread([&](std::stop_token stop) {
      try {
        for (std::size_t at = 0; at < writes.size(); at += part_size) {
          std::vector<PreparedWrite> part;
          part.reserve(part_size);
          for (const YamlMappingWrite& write :
               writes.subspan(at, std::min(part_size, writes.size() - at))) {
            part.push_back(preparer.next(write));
          }
          if (!queue.push(std::move(part), stop)) {
            return;
          }
        }
      } catch (...) {
        problem = std::current_exception();
      }
      queue.close();
    });
    if (!helper) {
      return false;
    }
    // An error on this side stops the helper as the scope is left.
    auto write = writes.begin();
    while (const auto part = queue.pop({})) {
      for (const PreparedWrite& prepared : *part) {
        visit(*write++, prepared);
      }
    }
  }
  if (problem) {
    std::rethrow_exception(problem);
  }
  return true;
}

class YamlWriter {
 public:
  YamlWriter(RegistryState& state, const std::string& reason)
      : state_{state},
        reason_{reason},
        now_{state.now()},
        user_{state.user()},
        insert_{state,
                "INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, "
                "source_table, source_field, canonical_entity, canonical_field, mapping_type, "
                "transformation_rule, confidence_score, mapping_source, version, status, "
                "created_at, created_by, updated_at, updated_by, approved_by, approved_at, "
                "version_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 'manual', 1, "
                "'active', $11, $12, $11, $12, $12, $11, $13)"} {
    insert_->bind(2, state_.tenant);
    insert_->bind(11, now_);
    bind_user(insert_, 12);
    insert_->bind(13, reason_);
  }

  void write(const YamlMappingWrite& write, const PreparedWrite& prepared) {
    write.version == 0 ? create(write, prepared) : update(write, prepared);
  }

 private:
  void bind_user(Query& query, int parameter) const {
    user_.empty() ? query->bind_null(parameter) : query->bind(parameter, user_);
  }

  void create(const YamlMappingWrite& write, const PreparedWrite& prepared) {
    check_name("the source field's name", write.key.source_field.text);
    check_name("the field's name", write.key.field.text);
    insert_->bind(1, prepared.id);
    insert_->bind(3, state_.connector(write.key.connector, unknown_connector_type));
    insert_->bind(4, entity_of(write.key.entity));
    insert_->bind(5, write.key.source_table.text);
    insert_->bind(6, write.key.source_field.text);
    insert_->bind(7, write.key.entity.text);
    insert_->bind(8, write.key.field.text);
    insert_->bind(9, to_string(mapping::mapping_type_of(write.transformation)));
    prepared.rule.empty() ? insert_->bind_null(10) : insert_->bind(10, prepared.rule);
    insert_->post_row();
    state_.count_new_mapping();
    state_.audit().add(created_entry(prepared, reason_), prepared.audit);
  }

  void update(const YamlMappingWrite& write, const PreparedWrite& prepared) {
    const std::string& id = prepared.id;
    const std::string& rule = prepared.rule;
    std::string before = R"({"status":)";
    {
      Query select{state_,
                   "SELECT status, transformation_rule FROM field_mappings WHERE id = $1 AND "
                   "tenant_id = $2"};
      if (select.with(id, state_.tenant).step()) {
        append_text(before, select->text(0));
        append_rule(before, select->text(1));
      }
    }
    before += '}';
    keep_version(state_, id);
    const std::string_view status = write.deprecate ? "deprecated" : "active";
    // A deprecated mapping keeps the rule that it had.
    Query change{state_, write.deprecate ? "UPDATE field_mappings SET status = $1, version = $2, "
                                           "updated_at = $3, updated_by = $4, version_reason = $5 "
                                           "WHERE id = $6 AND tenant_id = $7 AND version = $2 - 1"
                                         : "UPDATE field_mappings SET status = $1, version = $2, "
                                           "updated_at = $3, updated_by = $4, version_reason = $5, "
                                           "mapping_type = $8, transformation_rule = $9, "
                                           "confidence_score = 1, mapping_source = 'manual', "
                                           "approved_by = $4, approved_at = $3 "
                                           "WHERE id = $6 AND tenant_id = $7 AND version = $2 - 1"};
    change.with(status, write.version + 1, now_, user_, reason_, id, state_.tenant);
    bind_user(change, 4);
    if (!write.deprecate) {
      change->bind(8, to_string(mapping::mapping_type_of(write.transformation)));
      rule.empty() ? change->bind_null(9) : change->bind(9, rule);
    }
    change.step();
    if (state_.session->changes() != 1) {
      throw Error{ErrorCode::conflict,
                  fmt::format("the mapping of '{}' to '{}' was changed meanwhile",
                              write.key.source_field.text, write.key.field.text),
                  "run the phase again"};
    }
    std::string after = R"({"status":)";
    append_text(after, status);
    if (!write.deprecate) {
      append_rule(after, rule);
    }
    after += '}';
    state_.audit().add({action,
                        id,
                        write.deprecate ? std::string_view{"status"}
                                        : std::string_view{"status,transformation_rule"},
                        before,
                        after,
                        reason_,
                        std::nullopt,
                        {}});
  }

  const std::string& entity_of(const mapping::EntityName& name) {
    if (last_entity_id_.empty() || last_entity_ != name) {
      PairContext context;
      context.entity = name;
      last_entity_id_ = state_.entity(context);
      last_entity_ = name;
    }
    return last_entity_id_;
  }

  RegistryState& state_;
  const std::string& reason_;
  std::string now_;
  std::string user_;
  Query insert_;
  mapping::EntityName last_entity_{};
  std::string last_entity_id_{};
};

}  // namespace

void YamlMigrations::write_mappings(const YamlUpdate& update) {
  if (update.writes.empty()) {
    return;
  }
  YamlWriter writer{state_, update.reason};
  WritePreparer preparer{state_.actor.tenant, state_.audit(), update.reason};
  const auto visit = [&](const YamlMappingWrite& write, const PreparedWrite& prepared) {
    writer.write(write, prepared);
  };
  if (update.writes.size() > part_size && prepare_ahead(update.writes, preparer, visit)) {
    return;
  }
  for (const YamlMappingWrite& write : update.writes) {
    visit(write, preparer.next(write));
  }
}

}  // namespace mapctl::registry

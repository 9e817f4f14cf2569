// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/state.hpp"
#include "core/registry/yaml_migrations.hpp"

#include <fmt/format.h>

namespace mapctl::registry {
namespace {

constexpr std::string_view action = "migrated";

// Mapping files do not say what kind of system a connector is; its profile does, later.
constexpr std::string_view unknown_connector_type = "rest_api";

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

  void write(const YamlMappingWrite& write) {
    id_ = mapping::mapping_id(state_.actor.tenant, write.key).text;
    rule_ = transformation_to_json(write.transformation);
    if (write.version == 0) {
      create(write);
    } else {
      update(write);
    }
  }

 private:
  void bind_user(Query& query, int parameter) const {
    user_.empty() ? query->bind_null(parameter) : query->bind(parameter, user_);
  }

  void create(const YamlMappingWrite& write) {
    check_name("the source field's name", write.key.source_field.text);
    check_name("the field's name", write.key.field.text);
    insert_->bind(1, id_);
    insert_->bind(3, state_.connector(write.key.connector, unknown_connector_type));
    insert_->bind(4, entity_of(write.key.entity));
    insert_->bind(5, write.key.source_table.text);
    insert_->bind(6, write.key.source_field.text);
    insert_->bind(7, write.key.entity.text);
    insert_->bind(8, write.key.field.text);
    insert_->bind(9, to_string(mapping::mapping_type_of(write.transformation)));
    rule_.empty() ? insert_->bind_null(10) : insert_->bind(10, rule_);
    insert_->post_row();
    state_.count_new_mapping();

    std::string& json = facts_;
    json = R"({"connector":)";
    append_text(json, write.key.connector.text);
    const auto member = [&](std::string_view name, std::string_view value) {
      json += name;
      append_text(json, value);
    };
    member(R"(,"source_table":)", write.key.source_table.text);
    member(R"(,"source_field":)", write.key.source_field.text);
    member(R"(,"canonical_entity":)", write.key.entity.text);
    member(R"(,"canonical_field":)", write.key.field.text);
    append_rule(json, rule_);
    json += '}';
    state_.audit().add({action, id_, {}, {}, json, reason_, std::nullopt, {}});
  }

  static void append_rule(std::string& json, std::string_view rule) {
    json += R"(,"transformation_rule":)";
    json += rule.empty() ? std::string_view{"null"} : rule;
  }

  void update(const YamlMappingWrite& write) {
    std::string before = R"({"status":)";
    {
      Query select{state_,
                   "SELECT status, transformation_rule FROM field_mappings WHERE id = $1 AND "
                   "tenant_id = $2"};
      if (select.with(id_, state_.tenant).step()) {
        append_text(before, select->text(0));
        append_rule(before, select->text(1));
      }
    }
    before += '}';
    keep_version(state_, id_);
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
    change.with(status, write.version + 1, now_, user_, reason_, id_, state_.tenant);
    bind_user(change, 4);
    if (!write.deprecate) {
      change->bind(8, to_string(mapping::mapping_type_of(write.transformation)));
      rule_.empty() ? change->bind_null(9) : change->bind(9, rule_);
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
      append_rule(after, rule_);
    }
    after += '}';
    state_.audit().add({action,
                        id_,
                        write.deprecate ? std::string_view{"status"}
                                        : std::string_view{"status,transformation_rule"},
                        before,
                        after,
                        reason_,
                        std::nullopt,
                        {}});
  }

  const std::string& entity_of(const mapping::EntityName& name) {
    PairContext context;
    context.entity = name;
    return state_.entity(context);
  }

  RegistryState& state_;
  const std::string& reason_;
  std::string now_;
  std::string user_;
  Query insert_;
  std::string id_, rule_, facts_;
};

}  // namespace

void YamlMigrations::write_mappings(const YamlUpdate& update) {
  if (update.writes.empty()) {
    return;
  }
  YamlWriter writer{state_, update.reason};
  for (const YamlMappingWrite& write : update.writes) {
    writer.write(write);
  }
}

}  // namespace mapctl::registry

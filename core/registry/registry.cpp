// SPDX-License-Identifier: Apache-2.0
#include "core/registry/registry.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/registry/all_tenants.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::registry {
namespace {

using ports::SqlDialect;
using ports::SqlSession;
using ports::SqlStatement;
using ports::Transaction;

constexpr auto init_hint = "make one with: mapctl init";

void insert_tenant(SqlSession& session, const Clock& clock, const TenantName& tenant) {
  const auto insert =
      session.prepare("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)");
  insert->bind(1, make_id({"tenant", tenant.text}));
  insert->bind(2, tenant.text);
  insert->bind(3, to_iso8601(clock.now()));
  insert->step();
}

void check_version(SqlSession& session) {
  const int version = schema_version(session);
  const int newest = newest_schema_version();
  if (version == 0) {
    throw Error{ErrorCode::not_found, "the database holds no registry", init_hint};
  }
  if (version > newest) {
    throw Error{ErrorCode::configuration,
                fmt::format("the registry has schema version {}, this program knows up to {}",
                            version, newest),
                "use the newer mapctl that made it, or another registry"};
  }
  if (version < newest) {
    throw Error{
        ErrorCode::configuration,
        fmt::format("the registry has schema version {}, this program needs {}", version, newest),
        "bring it up to date with: mapctl registry migrate"};
  }
}

}  // namespace

void check_tenant_name(const TenantName& tenant) {
  check_name("the tenant's name", tenant.text);
  if (trim(tenant.text).empty()) {
    throw Error{ErrorCode::configuration, "a tenant's name cannot be empty",
                "give it a name, for example 'default'"};
  }
}

void insert_new_tenant(SqlSession& session, const Clock& clock, const TenantName& tenant) {
  if (!tenant_id_of(session, tenant).empty()) {
    throw Error{ErrorCode::already_exists, fmt::format("there is a tenant '{}'", tenant.text),
                "choose another name"};
  }
  insert_tenant(session, clock, tenant);
}

std::string make_id(std::initializer_list<std::string_view> parts) {
  if (!clock_is_fixed()) {
    return new_id();
  }
  NameId id;
  for (const std::string_view part : parts) {
    id.add(part);
  }
  return id.finish();
}

void check_name(std::string_view what, std::string_view text) {
  if (text.find('\0') != text.npos) {
    throw Error{ErrorCode::invalid_data, fmt::format("{} contains a NUL byte", what),
                "rename it in the system it comes from"};
  }
  if (const auto offset = first_invalid_utf8(text)) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("{} is not UTF-8 at byte {}", what, *offset + 1),
                "give the source's encoding in its profile"};
  }
}

std::string tenant_id_of(SqlSession& session, const TenantName& tenant) {
  const auto select = session.prepare("SELECT id FROM tenants WHERE name = $1");
  select->bind(1, tenant.text);
  std::string id;
  if (select->step()) {
    id = select->text(0);
  }
  return id;
}

void initialise(SqlSession& session, const Clock& clock, const TenantName& tenant) {
  check_tenant_name(tenant);
  migrate(session, clock);
  Transaction transaction{session, SqlSession::Access::write};
  if (tenant_id_of(session, tenant).empty()) {
    insert_tenant(session, clock, tenant);
  }
  transaction.commit();
}

void add_tenant(SqlSession& session, const Clock& clock, const TenantName& tenant) {
  check_tenant_name(tenant);
  check_version(session);
  Transaction transaction{session, SqlSession::Access::write};
  insert_new_tenant(session, clock, tenant);
  transaction.commit();
}

std::vector<TenantRecord> list_tenants(SqlSession& session) {
  check_version(session);
  std::vector<TenantRecord> tenants;
  const auto select = session.prepare("SELECT name, status, created_at FROM tenants ORDER BY name");
  while (select->step()) {
    tenants.push_back({TenantName{std::string{select->text(0)}}, std::string{select->text(1)},
                       std::string{select->text(2)}});
  }
  return tenants;
}

namespace {

Role highest_role(std::string_view roles) {
  Role highest = Role::none;
  for (const Role candidate : {Role::viewer, Role::analyst, Role::approver, Role::admin}) {
    if (roles.find(fmt::format("\"{}\"", to_string(candidate))) != std::string_view::npos) {
      highest = candidate;
    }
  }
  return highest;
}

// All to those who run the registry, to others the tenants that they belong to: the name of another
// one is nobody else's business. "default", which everybody knows, is shown where it is open, that
// is, where nobody has a role; other open ones to those only who belong nowhere.
std::vector<std::string> tenants_shown_to(SqlSession& session, const UserName& user) {
  const AllTenants everyone{session};
  Transaction transaction{session, SqlSession::Access::read};
  const auto select = session.prepare(
      "SELECT t.name, u.roles, u.status, CASE WHEN EXISTS (SELECT 1 FROM users o WHERE "
      "o.tenant_id = t.id AND o.roles <> '[]') THEN 0 ELSE 1 END FROM tenants t "
      "LEFT JOIN users u ON u.tenant_id = t.id AND u.email = $1 ORDER BY t.name");
  select->bind(1, user.text);
  std::vector<std::string> all;
  std::vector<std::string> own;
  std::vector<std::string> open;
  bool runs_registry = false;
  bool default_is_open = false;
  while (select->step()) {
    const std::string name{select->text(0)};
    const bool is_default = name == "default";
    const Role role = select->text(2) == "active" ? highest_role(select->text(1)) : Role::none;
    all.push_back(name);
    if (role != Role::none) {
      own.push_back(name);
      runs_registry = runs_registry || (is_default && role == Role::admin);
    }
    if (select->integer(3) == 1) {
      open.push_back(name);
      default_is_open = default_is_open || is_default;
    }
  }
  transaction.commit();
  if (runs_registry || (own.empty() && default_is_open)) {
    return all;
  }
  if (own.empty()) {
    return open;
  }
  if (default_is_open) {
    own.push_back("default");
    std::sort(own.begin(), own.end());
  }
  return own;
}

}  // namespace

RegistryState::RegistryState(std::unique_ptr<SqlSession> opened, const Clock& time, Actor who)
    : session{std::move(opened)}, clock{&time}, actor{std::move(who)} {
  check_name("the user's name", actor.user.text);
  check_version(*session);
  tenant = tenant_id_of(*session, actor.tenant);
  if (tenant.empty()) {
    const auto known = tenants_shown_to(*session, actor.user);
    throw Error{ErrorCode::not_found,
                fmt::format("the registry has no tenant '{}'", actor.tenant.text),
                known.empty() ? "ask an admin for the name of your tenant"
                              : suggestion(actor.tenant.text, known)};
  }
  session->use_tenant(tenant);
  if (actor.trace.empty()) {
    actor.trace = make_id({"trace", tenant, now()});
  }
  {
    Transaction transaction{*session, SqlSession::Access::read};
    role = read_role();
    transaction.commit();
  }
  require(Role::viewer, "read the registry");
}

Role RegistryState::read_role() {
  Query open{*this, "SELECT 1 FROM users WHERE tenant_id = $1 AND roles <> '[]'"};
  if (!open.with(tenant).step()) {
    return Role::admin;
  }
  Query select{*this, "SELECT roles, status FROM users WHERE tenant_id = $1 AND email = $2"};
  return select.with(tenant, actor.user.text).step() && select->text(1) == "active"
             ? highest_role(select->text(0))
             : Role::none;
}

void RegistryState::require(Role needed, std::string_view what) const {
  if (role < needed) {
    throw Error{
        ErrorCode::denied,
        role == Role::none ? fmt::format("user '{}' has no role in tenant '{}' and may not {}",
                                         actor.user.text, actor.tenant.text, what)
                           : fmt::format("user '{}' is {} of tenant '{}' and may not {}",
                                         actor.user.text, to_string(role), actor.tenant.text, what),
        fmt::format("it takes the role {}; ask an admin of the tenant for it", to_string(needed))};
  }
}

AuditTrail& RegistryState::audit() {
  if (!in_write) {
    throw Error{ErrorCode::internal, "audit rows need a write transaction"};
  }
  if (!trail) {
    trail.emplace(*this);
  }
  return *trail;
}

void RegistryState::finish_audit() {
  if (trail) {
    trail->finish();
    trail.reset();
  }
}

SqlStatement& RegistryState::statement(const char* sql) {
  auto& slot = statements[sql];
  if (!slot) {
    slot = session->prepare(sql);
  }
  return *slot;
}

void RegistryState::forget_new_rows() noexcept {
  user_id.clear();
  connector_ids.clear();
  entity_ids.clear();
}

Query::Query(RegistryState& state, const char* sql) : statement_{&state.statement(sql)} {}

Query::~Query() {
  statement_->reset();
}

const std::string& RegistryState::user() {
  if (!user_id.empty() || actor.user.empty()) {
    return user_id;
  }
  Query select{*this, "SELECT id FROM users WHERE tenant_id = $1 AND email = $2"};
  if (select.with(tenant, actor.user.text).step()) {
    user_id = select.text(0);
    return user_id;
  }
  std::string id = make_id({"user", tenant, actor.user.text});
  Query insert{*this,
               "INSERT INTO users (id, tenant_id, email, display_name, created_at) "
               "VALUES ($1, $2, $3, $3, $4)"};
  insert.with(id, tenant, actor.user.text, now()).step();
  user_id = std::move(id);
  return user_id;
}

const std::string& RegistryState::user_name(const std::string& id) {
  const auto found = user_names.find(id);
  if (found != user_names.end()) {
    return found->second;
  }
  std::string name;
  if (!id.empty()) {
    Query select{*this, "SELECT email FROM users WHERE id = $1 AND tenant_id = $2"};
    if (select.with(id, tenant).step()) {
      name = select.text(0);
    }
  }
  return user_names.emplace(id, std::move(name)).first->second;
}

const std::string* RegistryState::find_connector(const mapping::ConnectorName& name) {
  const auto known = connector_ids.find(name.text);
  if (known != connector_ids.end()) {
    return &known->second;
  }
  Query select{*this,
               "SELECT id FROM connector_definitions WHERE tenant_id = $1 AND connector_name = $2"};
  if (!select.with(tenant, name.text).step()) {
    return nullptr;
  }
  return &connector_ids.emplace(name.text, select.text(0)).first->second;
}

const std::string& RegistryState::connector(const mapping::ConnectorName& name,
                                            std::string_view type) {
  if (const std::string* known = find_connector(name)) {
    return *known;
  }
  check_name("the connector's name", name.text);
  std::string id = make_id({"connector", tenant, name.text});
  Query insert{*this,
               "INSERT INTO connector_definitions (id, tenant_id, connector_name, connector_type, "
               "created_at, created_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $5)"};
  insert.with(id, tenant, name.text, type, now());
  user().empty() ? insert->bind_null(6) : insert->bind(6, user());
  insert.step();
  return connector_ids.emplace(name.text, std::move(id)).first->second;
}

namespace {

// What the target's own declaration says, until somebody gives a definition.
std::string derived_definition(const catalog::Table* table) {
  std::string json = R"({"derived":true,"columns":[)";
  if (table != nullptr) {
    for (const catalog::Column& column : table->columns) {
      json += &column == table->columns.data() ? R"({"name":)" : R"(,{"name":)";
      append_text(json, column.name.text);
      json += R"(,"type":)";
      append_text(json, column.type.native);
      json += column.required ? R"(,"required":true})" : R"(,"required":false})";
    }
  }
  json += "]}";
  return json;
}

bool is_derived(std::string_view definition) {
  const Json json = parse_json(definition, "an entity's definition");
  return json.is_object() && json.value("derived", false);
}

}  // namespace

const std::string& RegistryState::entity(const PairContext& context) {
  std::pair key{context.entity.text, context.entity_version};
  const auto known = entity_ids.find(key);
  if (known != entity_ids.end()) {
    return known->second;
  }
  check_name("the entity's name", context.entity.text);
  // The tenant's own entity comes before a shared one of the same name. Each is one look into the
  // index; asked for together, all entities would be read.
  const auto find = [&]() -> const std::string* {
    Query select{*this,
                 "SELECT id FROM entity_schemas WHERE coalesce(tenant_id, "
                 "'00000000-0000-0000-0000-000000000000') = $1 "
                 "AND entity_name = $2 AND entity_version = $3"};
    for (const std::string_view owner :
         {std::string_view{tenant}, std::string_view{"00000000-0000-0000-0000-000000000000"}}) {
      if (select.with(owner, key.first, key.second).step()) {
        return &entity_ids.emplace(key, select.text(0)).first->second;
      }
    }
    return nullptr;
  };
  if (const std::string* id = find()) {
    return *id;
  }
  if (context.canonical) {
    // Another tenant may be making it just now.
    session->lock_shared_rows();
    if (const std::string* id = find()) {
      return *id;
    }
  }
  std::string id = make_id({"entity", context.canonical ? "" : tenant, key.first, key.second});
  Query insert{*this,
               "INSERT INTO entity_schemas (id, tenant_id, entity_name, entity_version, "
               "schema_definition, created_at) VALUES ($1, $2, $3, $4, $5, $6)"};
  insert.with(id, tenant, key.first, key.second, derived_definition(context.target), now());
  if (context.canonical) {
    insert->bind_null(2);
  }
  insert.step();
  return entity_ids.emplace(std::move(key), std::move(id)).first->second;
}

Registry::Registry(std::unique_ptr<SqlSession> session, const Clock& clock, Actor actor)
    : state_{std::make_unique<RegistryState>(std::move(session), clock, std::move(actor))} {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;
Registry::~Registry() = default;

const Actor& Registry::actor() const noexcept {
  return state_->actor;
}

Role Registry::role() const noexcept {
  return state_->role;
}

void Registry::ensure_connector(const ConnectorRecord& connector) {
  check_name("the connector's description", connector.description);
  if (state_->find_connector(connector.name) != nullptr) {
    return;
  }
  Write write{*state_};
  const std::string id = state_->connector(connector.name, connector.type);
  if (!connector.description.empty()) {
    Query update{*state_,
                 "UPDATE connector_definitions SET description = $1 "
                 "WHERE id = $2 AND tenant_id = $3 AND description = ''"};
    update.with(connector.description, id, state_->tenant).step();
  }
  write.commit();
}

void Registry::ensure_entity(const EntityRecord& entity) {
  check_name("the entity's name", entity.name.text);
  check_name("the entity's version", entity.version);
  Write write{*state_};
  if (entity.shared) {
    state_->session->lock_shared_rows();
  }
  Query select{*state_,
               "SELECT id, schema_definition FROM entity_schemas WHERE coalesce(tenant_id, "
               "'00000000-0000-0000-0000-000000000000') = $1 "
               "AND entity_name = $2 AND entity_version = $3"};
  const std::string owner = entity.shared ? "00000000-0000-0000-0000-000000000000" : state_->tenant;
  if (!select.with(owner, entity.name.text, entity.version).step()) {
    Query insert{*state_,
                 "INSERT INTO entity_schemas (id, tenant_id, entity_name, entity_version, "
                 "schema_definition, description, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
    insert.with(
        make_id({"entity", entity.shared ? "" : state_->tenant, entity.name.text, entity.version}),
        state_->tenant, entity.name.text, entity.version, entity.definition, entity.description,
        state_->now());
    if (entity.shared) {
      insert->bind_null(2);
    }
    insert.step();
  } else if (!same_json(select->text(1), entity.definition)) {
    if (entity.shared && !is_derived(select->text(1))) {
      throw Error{ErrorCode::conflict,
                  fmt::format("entity '{}' {} is kept with another definition", entity.name.text,
                              entity.version),
                  "raise the version in the entity's file"};
    }
    Query update{*state_,
                 "UPDATE entity_schemas SET schema_definition = $1, description = $2 "
                 "WHERE id = $3 AND (tenant_id = $4 OR tenant_id IS NULL)"};
    update.with(entity.definition, entity.description, select->text(0), state_->tenant).step();
  }
  write.commit();
}

std::vector<ConnectorRecord> Registry::connectors() {
  std::vector<ConnectorRecord> connectors;
  Query select{*state_,
               "SELECT connector_name, connector_type, description, status "
               "FROM connector_definitions WHERE tenant_id = $1 ORDER BY connector_name"};
  select.with(state_->tenant);
  while (select.step()) {
    connectors.push_back(
        {mapping::ConnectorName{select.text(0)}, select.text(1), select.text(2), select.text(3)});
  }
  return connectors;
}

std::vector<EntityRecord> Registry::entities() {
  std::vector<EntityRecord> entities;
  Query select{*state_,
               "SELECT entity_name, entity_version, schema_definition, description, "
               "tenant_id IS NULL FROM entity_schemas WHERE tenant_id = $1 OR tenant_id IS NULL "
               "ORDER BY entity_name, entity_version, tenant_id IS NULL"};
  select.with(state_->tenant);
  while (select.step()) {
    entities.push_back({mapping::EntityName{select.text(0)}, select.text(1), select.text(2),
                        select.text(3), select->integer(4) != 0});
  }
  return entities;
}

RegistryStatus Registry::status() {
  Transaction transaction{*state_->session, SqlSession::Access::read};
  RegistryStatus status;
  status.schema_version = schema_version(*state_->session);
  const auto count = [&](const char* sql) {
    Query select{*state_, sql};
    select.with(state_->tenant).step();
    return select->integer(0);
  };
  status.connectors = count("SELECT count(*) FROM connector_definitions WHERE tenant_id = $1");
  status.entities =
      count("SELECT count(*) FROM entity_schemas WHERE tenant_id = $1 OR tenant_id IS NULL");
  status.snapshots = count("SELECT count(*) FROM snapshots WHERE tenant_id = $1");
  status.runs = count("SELECT count(*) FROM batches WHERE tenant_id = $1");
  status.audit_rows = count("SELECT count(*) FROM mapping_audit_log WHERE tenant_id = $1");
  for (const auto word :
       {mapping::MappingStatus::active, mapping::MappingStatus::deprecated,
        mapping::MappingStatus::pending_review, mapping::MappingStatus::rejected}) {
    Query select{*state_,
                 "SELECT count(*) FROM field_mappings WHERE tenant_id = $1 AND status = $2"};
    select.with(state_->tenant, to_string(word)).step();
    status.by_status.push_back({word, select->integer(0)});
    status.mappings += select->integer(0);
  }
  Query size{*state_, state_->session->dialect() == SqlDialect::sqlite
                          ? "SELECT page_count * page_size FROM pragma_page_count(), "
                            "pragma_page_size()"
                          : "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM "
                            "pg_catalog.pg_class WHERE relnamespace = "
                            "current_schema()::regnamespace AND relkind IN ('r', 'm')"};
  size.step();
  status.size_bytes = size->integer(0);
  transaction.commit();
  return status;
}

}  // namespace mapctl::registry

// SPDX-License-Identifier: Apache-2.0
#include "core/registry/tenants.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/registry/proposal_bytes.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace mapctl::registry {
namespace {

using ports::SqlDialect;

void audit(RegistryState& state, std::string_view action, std::string_view field,
           std::string_view before, std::string_view after) {
  AuditEntry entry;
  entry.action = action;
  entry.field_changed = field;
  entry.old_value = before;
  entry.new_value = after;
  state.audit().add(entry);
}

Json column_json(RegistryState& state, const char* sql) {
  Query select{state, sql};
  if (!select.with(state.tenant).step() || select->is_null(0)) {
    return Json::object();
  }
  return parse_json(select->text(0), "the tenant's settings");
}

constexpr auto select_policy = "SELECT policy FROM tenants WHERE id = $1";
constexpr auto select_quotas = "SELECT quotas FROM tenants WHERE id = $1";

std::optional<std::int64_t> number_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer()
             ? std::optional{found->get<std::int64_t>()}
             : std::nullopt;
}

struct QuotaName {
  const char* name;
  std::optional<std::int64_t> Quotas::*limit;
};
constexpr QuotaName quota_names[] = {{"mappings", &Quotas::mappings},
                                     {"runs_a_day", &Quotas::runs_a_day},
                                     {"llm_tokens_a_day", &Quotas::llm_tokens_a_day},
                                     {"llm_cost_a_month", &Quotas::llm_cost_a_month}};

Quotas quotas_of(const Json& json) {
  Quotas quotas;
  for (const QuotaName& quota : quota_names) {
    quotas.*quota.limit = number_at(json, quota.name);
  }
  return quotas;
}

Role role_of(std::string_view roles) {
  Role highest = Role::none;
  for (const Role role : {Role::viewer, Role::analyst, Role::approver, Role::admin}) {
    if (roles.find(fmt::format("\"{}\"", to_string(role))) != roles.npos) {
      highest = role;
    }
  }
  return highest;
}

bool has_other_admin(RegistryState& state, const std::string& email) {
  Query select{state,
               "SELECT email, roles FROM users WHERE tenant_id = $1 AND status = 'active' AND "
               "email <> $2 AND roles <> '[]'"};
  select.with(state.tenant, email);
  while (select.step()) {
    if (role_of(select->text(1)) == Role::admin) {
      return true;
    }
  }
  return false;
}

bool is_open(RegistryState& state) {
  Query select{state, "SELECT 1 FROM users WHERE tenant_id = $1 AND roles <> '[]'"};
  return !select.with(state.tenant).step();
}

void write_user(RegistryState& state, const std::string& email, Role role,
                std::string_view display_name) {
  std::string before;
  {
    Query select{state, "SELECT roles, status FROM users WHERE tenant_id = $1 AND email = $2"};
    if (select.with(state.tenant, email).step()) {
      before = to_string(role_of(select->text(0)));
      if (select->text(1) == "erased") {
        throw Error{ErrorCode::conflict, fmt::format("user '{}' was erased", email),
                    "choose another name"};
      }
    }
  }
  const std::string roles = fmt::format("[\"{}\"]", to_string(role));
  Query write{state,
              "INSERT INTO users (id, tenant_id, email, display_name, roles, created_at) VALUES "
              "($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, email) DO UPDATE SET roles = "
              "excluded.roles, display_name = excluded.display_name, status = 'active'"};
  write
      .with(make_id({"user", state.tenant, email}), state.tenant, email,
            display_name.empty() ? std::string_view{email} : display_name, roles, state.now())
      .step();
  const Json facts{{"user", email}, {"role", to_string(role)}};
  audit(state, "user_role", "role", before, to_line(facts));
}

[[noreturn]] void wrong_flag(std::string_view name, std::string_view value,
                             std::string_view expected) {
  throw Error{ErrorCode::usage, fmt::format("flag '{}' cannot be '{}'", name, value),
              fmt::format("give {}", expected)};
}

bool is_number_between(std::string_view text, double low, double high) {
  double value = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() && value >= low &&
         value <= high;
}

void check_flag(const std::string& name, const std::string& value) {
  const bool known_form =
      !name.empty() && name.size() <= 64 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!known_form) {
    throw Error{ErrorCode::usage, fmt::format("'{}' cannot name a flag", name),
                "use lower-case letters, digits and underscores"};
  }
  check_name("the flag's value", value);
  if (name == "auto_approve" && value != "off" && !is_number_between(value, 0, 1)) {
    wrong_flag(name, value, "off, or the lowest confidence from 0 to 1");
  }
  if (name == "use_llm" && value != "true" && value != "false") {
    wrong_flag(name, value, "true or false");
  }
  const bool is_whole = value.find_first_not_of("0123456789") == std::string::npos;
  if (name == "canary_percent" && !(is_whole && is_number_between(value, 0, 100))) {
    wrong_flag(name, value, "a whole number from 0 to 100");
  }
  if (name == "llm_below" && !is_number_between(value, 0, 1)) {
    wrong_flag(name, value, "a confidence from 0 to 1");
  }
  if (name == "llm_confidence" && !is_number_between(value, 0, 0.8)) {
    wrong_flag(name, value, "a confidence from 0 to 0.8");
  }
  if (name == "llm_values" && value != "masked" && value != "shown") {
    wrong_flag(name, value, "masked or shown");
  }
}

}  // namespace

void add_tenant(Registry& registry, const TenantName& tenant) {
  RegistryState& state = registry.state();
  check_tenant_name(tenant);
  if (state.actor.tenant.text != "default") {
    throw Error{ErrorCode::denied,
                fmt::format("tenants are not made from tenant '{}'", state.actor.tenant.text),
                "make them as an admin of tenant 'default'"};
  }
  Write write{state, Role::admin, "make tenants"};
  insert_new_tenant(*state.session, *state.clock, tenant);
  audit(state, "tenant_added", "tenant", {}, tenant.text);
  write.commit();
}

std::vector<TenantRecord> visible_tenants(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<TenantRecord> tenants = list_tenants(*state.session);
  if (state.actor.tenant.text != "default" || state.role < Role::admin) {
    std::erase_if(tenants,
                  [&](const TenantRecord& tenant) { return tenant.name != state.actor.tenant; });
  }
  return tenants;
}

TenantPolicy policy(Registry& registry) {
  return {column_json(registry.state(), select_policy).value("second_person", false)};
}

bool set_policy(Registry& registry, const TenantPolicy& policy) {
  RegistryState& state = registry.state();
  Write write{state, Role::admin, "change the tenant's policy"};
  const Json before = column_json(state, select_policy);
  if (before.value("second_person", false) == policy.second_person) {
    return false;
  }
  const std::string after = to_line(Json{{"second_person", policy.second_person}});
  Query update{state, "UPDATE tenants SET policy = $1 WHERE id = $2"};
  update.with(after, state.tenant).step();
  audit(state, "policy_changed", "policy", to_line(before), after);
  write.commit();
  return true;
}

Quotas quotas(Registry& registry) {
  return quotas_of(column_json(registry.state(), select_quotas));
}

bool set_quotas(Registry& registry, const Quotas& quotas) {
  RegistryState& state = registry.state();
  for (const QuotaName& quota : quota_names) {
    const auto& limit = quotas.*quota.limit;
    // The cost is kept in millionths.
    if (limit && (*limit < 0 || *limit > 1'000'000'000'000)) {
      throw Error{ErrorCode::usage, fmt::format("a limit of {} is none", *limit),
                  "give a whole number from 0 on"};
    }
  }
  Write write{state, Role::admin, "change the tenant's quotas"};
  const Json before = column_json(state, select_quotas);
  Json after = Json::object();
  for (const QuotaName& quota : quota_names) {
    if (quotas.*quota.limit) {
      after[quota.name] = *(quotas.*quota.limit);
    }
  }
  if (before == after) {
    return false;
  }
  Query update{state, "UPDATE tenants SET quotas = $1 WHERE id = $2"};
  update.with(to_line(after), state.tenant).step();
  audit(state, "quota_changed", "quotas", to_line(before), to_line(after));
  write.commit();
  return true;
}

std::vector<UserRecord> users(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<UserRecord> users;
  Query select{state,
               "SELECT email, display_name, roles, status, created_at FROM users WHERE "
               "tenant_id = $1 ORDER BY email"};
  select.with(state.tenant);
  while (select.step()) {
    users.push_back({UserName{select.text(0)}, select.text(1), role_of(select->text(2)),
                     select.text(3), select.text(4)});
  }
  return users;
}

void add_user(Registry& registry, const UserName& user, Role role, std::string_view display_name) {
  RegistryState& state = registry.state();
  check_name("the user's name", user.text);
  check_name("the user's full name", display_name);
  if (trim(user.text).empty() || role == Role::none) {
    throw Error{ErrorCode::usage, "a user needs a name and a role",
                "give viewer, analyst, approver or admin with --role"};
  }
  Write write{state, Role::admin, "give roles"};
  const std::string& actor = state.actor.user.text;
  const bool closes = is_open(state);
  if (closes && user.text != actor) {
    if (actor.empty() && role != Role::admin) {
      throw Error{ErrorCode::conflict, "the first user of a tenant is its admin",
                  "add an admin first"};
    }
    if (!actor.empty()) {
      write_user(state, actor, Role::admin, {});
    }
  }
  const bool loses_admin =
      role != Role::admin && !(closes && user.text != actor) && !has_other_admin(state, user.text);
  if (loses_admin) {
    throw Error{ErrorCode::conflict,
                fmt::format("tenant '{}' would be left without an admin", state.actor.tenant.text),
                "make somebody else an admin first"};
  }
  write_user(state, user.text, role, display_name);
  write.commit();
}

namespace {

// Shorter names are part of too many words to be a person's wherever they stand.
constexpr std::size_t shortest_name = 4;

// Whether a name stands in a text on its own. A letter outside ASCII beside it counts as part
// of a longer word.
bool has_as_word(std::string_view text, std::string_view name) {
  const auto joins = [](char c) {
    return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !joins(text[at - 1])) && (end == text.size() || !joins(text[end]))) {
      return true;
    }
  }
  return false;
}

struct Person {
  std::string id{}, email{}, name{}, alias{};

  bool is_named_in(std::string_view text) const {
    const bool by_email =
        email.size() < shortest_name ? has_as_word(text, email) : text.find(email) != text.npos;
    return by_email || (name.size() >= shortest_name && text.find(name) != text.npos);
  }
};

std::vector<std::int64_t> rows_naming(RegistryState& state, const Person& person) {
  std::vector<std::int64_t> positions;
  Query select{state, "SELECT " MAPCTL_AUDIT_COLUMNS
                      ", position FROM mapping_audit_log WHERE tenant_id = $1 AND erased_digest "
                      "IS NULL ORDER BY position"};
  select.with(state.tenant);
  while (select.step()) {
    const AuditFields row = read_audit_fields(*select, 0);
    const bool traced =
        row.changed_by == person.id && !(row.ip_address.empty() && row.user_agent.empty());
    if (traced || person.is_named_in(row.old_value) || person.is_named_in(row.new_value) ||
        person.is_named_in(row.reason)) {
      positions.push_back(select->integer(audit_column_count));
    }
  }
  return positions;
}

void blank(RegistryState& state, std::int64_t position) {
  AuditHasher hasher;
  Digest personal;
  {
    Query select{state, "SELECT " MAPCTL_AUDIT_COLUMNS
                        " FROM mapping_audit_log WHERE tenant_id = $1 AND position = $2"};
    select.with(state.tenant, position).step();
    personal = hasher.personal(read_audit_fields(*select, 0));
  }
  Query update{state,
               "UPDATE mapping_audit_log SET old_value = NULL, new_value = NULL, change_reason = "
               "NULL, ip_address = NULL, user_agent = NULL, erased_digest = $3 WHERE tenant_id = "
               "$1 AND position = $2"};
  update.with(state.tenant, position);
  update->bind_bytes(3, as_bytes(personal));
  update.step();
}

// Texts of other tables that may name a person: written by people, or kept for them.
struct NamedText {
  std::string_view table{}, column{};
  bool is_json = false;
};
constexpr std::array named_texts{
    NamedText{"field_mappings", "notes"},      NamedText{"field_mappings", "version_reason"},
    NamedText{"mapping_versions", "reason"},   NamedText{"mapping_versions", "mapping", true},
    NamedText{"mapping_candidates", "reason"}, NamedText{"mapping_candidates", "mapping", true},
    NamedText{"field_dispositions", "reason"}, NamedText{"reviews", "reviewer"},
    NamedText{"reviews", "written", true},     NamedText{"sign_offs", "name"},
    NamedText{"sign_offs", "comment"},         NamedText{"workbook_exports", "lines", true},
    NamedText{"calibrations", "reason"},       NamedText{"flags", "value"}};

std::int64_t rename_in_texts(RegistryState& state, const Person& person) {
  const bool sqlite = state.session->dialect() == SqlDialect::sqlite;
  std::int64_t changed = 0;
  for (const NamedText& text : named_texts) {
    const std::string as_text =
        text.is_json && !sqlite ? fmt::format("{}::text", text.column) : std::string{text.column};
    const std::string sql = fmt::format(
        "UPDATE {0} SET {1} = replace({2}, $3, $2){3} WHERE tenant_id = $1 AND replace({2}, $3, "
        "'') <> {2}",
        text.table, text.column, as_text, text.is_json && !sqlite ? "::jsonb" : "");
    for (const std::string& name : {person.email, person.name}) {
      if (name.size() < shortest_name) {
        continue;
      }
      std::string wanted = name;
      if (text.is_json) {  // as it is spelled inside a string
        wanted = to_line(Json(name));
        wanted = wanted.substr(1, wanted.size() - 2);
      }
      const auto update = state.session->prepare(sql);
      update->bind(1, state.tenant);
      update->bind(2, person.alias);
      update->bind(3, wanted);
      update->step();
      changed += state.session->changes();
    }
  }
  return changed;
}

// `text` with each `name` replaced; whether there was one.
bool replace_all(std::string& text, std::string_view name, std::string_view alias) {
  bool found = false;
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + alias.size())) {
    text.replace(at, name.size(), alias);
    found = true;
  }
  return found;
}

// Proposals cite who decided; the texts of a job are kept as one value.
std::int64_t rename_in_proposals(RegistryState& state, const Person& person) {
  struct Found {
    std::string id{};
    catalog::TableRef target{};
    std::string bytes{};
  };
  std::vector<Found> found;
  {
    Query select{state,
                 "SELECT id, target_schema, target_table, fields FROM jobs WHERE tenant_id = $1 "
                 "AND fields IS NOT NULL ORDER BY id"};
    select.with(state.tenant);
    while (select.step()) {
      const std::string_view bytes = select->bytes(3);
      if (person.is_named_in(bytes)) {
        found.push_back({select.text(0),
                         {catalog::SchemaName{select.text(1)}, catalog::TableName{select.text(2)}},
                         std::string{bytes}});
      }
    }
  }
  std::int64_t changed = 0;
  for (const Found& job : found) {
    SignalNames names;
    auto fields = fields_from_bytes(job.bytes, job.target, names, "job " + job.id);
    bool named = false;
    const auto rename = [&](std::string& text) {
      for (const std::string& name : {person.email, person.name}) {
        named |= name.size() >= shortest_name && replace_all(text, name, person.alias);
      }
    };
    for (mapping::FieldProposal& field : fields) {
      for (mapping::Candidate& candidate : field.candidates) {
        for (mapping::Evidence& evidence : candidate.evidence) {
          rename(evidence.detail);
        }
        for (std::string& warning : candidate.warnings) {
          rename(warning);
        }
      }
    }
    if (!named) {
      continue;
    }
    Query update{state, "UPDATE jobs SET fields = $3 WHERE tenant_id = $1 AND id = $2"};
    update.with(state.tenant, job.id);
    update->bind_bytes(3, fields_to_bytes(fields, job.target));
    update.step();
    ++changed;
  }
  return changed;
}

std::string erasure_facts(const std::string& user, const std::vector<std::int64_t>& positions) {
  Json ranges = Json::array();
  for (const std::int64_t position : positions) {
    if (!ranges.empty() && ranges.back().at(1) == position - 1) {
      ranges.back()[1] = position;
    } else {
      ranges.push_back(Json::array({position, position}));
    }
  }
  return to_line(Json{{"user", user}, {"positions", ranges}});
}

}  // namespace

Erasure erase_user(Registry& registry, const UserName& user) {
  RegistryState& state = registry.state();
  // In a file, what is overwritten stays readable unless that is asked for.
  const bool in_file = state.session->dialect() == SqlDialect::sqlite;
  if (in_file) {
    state.session->execute("PRAGMA secure_delete = ON");
  }
  Write write{state, Role::admin, "erase users"};
  Person person;
  person.email = user.text;
  Role role = Role::none;
  {
    Query select{state,
                 "SELECT id, display_name, roles FROM users WHERE tenant_id = $1 AND email = $2 "
                 "AND status <> 'erased'"};
    if (!select.with(state.tenant, user.text).step()) {
      throw Error{ErrorCode::not_found,
                  fmt::format("tenant '{}' has no user '{}'", state.actor.tenant.text, user.text),
                  "see who there is with: mapctl user list"};
    }
    person.id = select.text(0);
    person.name = select.text(1) == user.text ? std::string{} : select.text(1);
    role = role_of(select->text(2));
  }
  if (role == Role::admin && !has_other_admin(state, user.text)) {
    throw Error{
        ErrorCode::conflict,
        fmt::format("'{}' is the last admin of tenant '{}'", user.text, state.actor.tenant.text),
        "make somebody else an admin first"};
  }
  person.alias = "erased-" + person.id;
  Erasure erasure;
  erasure.alias = person.alias;
  const std::vector<std::int64_t> positions = rows_naming(state, person);
  for (const std::int64_t position : positions) {
    blank(state, position);
  }
  erasure.audit_rows = static_cast<std::int64_t>(positions.size());
  erasure.other_texts = rename_in_texts(state, person) + rename_in_proposals(state, person);
  Query update{state,
               "UPDATE users SET email = $3, display_name = '', roles = '[]', status = 'erased' "
               "WHERE tenant_id = $1 AND id = $2"};
  update.with(state.tenant, person.id, person.alias).step();
  state.user_names.clear();
  audit(state, "erased", "user", {}, erasure_facts(person.id, positions));
  write.commit();
  if (in_file) {
    // The log holds pages as they were before; a reader may keep it, and it then goes later.
    state.session->execute("PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)");
  }
  return erasure;
}

std::optional<std::string> flag_meant_by(std::string_view name) {
  static const std::vector<std::string> read{"auto_approve",   "canary_percent", "llm_below",
                                             "llm_confidence", "llm_values",     "use_llm"};
  const bool is_read = std::find(read.begin(), read.end(), name) != read.end();
  return is_read ? std::nullopt : nearest(name, read);
}

std::vector<Flag> flags(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<Flag> flags;
  Query select{state,
               "SELECT name, value, updated_at, updated_by FROM flags WHERE tenant_id = $1 "
               "ORDER BY name"};
  select.with(state.tenant);
  while (select.step()) {
    flags.push_back(
        {select.text(0), select.text(1), select.text(2), state.user_name(select.text(3))});
  }
  return flags;
}

std::optional<std::string> flag(Registry& registry, std::string_view name) {
  RegistryState& state = registry.state();
  Query select{state, "SELECT value FROM flags WHERE tenant_id = $1 AND name = $2"};
  return select.with(state.tenant, name).step() ? std::optional{select.text(0)} : std::nullopt;
}

bool set_flag(Registry& registry, const std::string& name, const std::string& value) {
  RegistryState& state = registry.state();
  check_flag(name, value);
  Write write{state, Role::admin, "set flags"};
  const std::optional<std::string> before = flag(registry, name);
  if (before == value) {
    return false;
  }
  Query set{state,
            "INSERT INTO flags (tenant_id, name, value, updated_at, updated_by) VALUES ($1, $2, "
            "$3, $4, $5) ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value, "
            "updated_at = excluded.updated_at, updated_by = excluded.updated_by"};
  set.with(state.tenant, name, value, state.now(), state.user());
  if (state.user().empty()) {
    set->bind_null(5);
  }
  set.step();
  audit(state, "flag_set", name, before.value_or(""), value);
  write.commit();
  return true;
}

bool unset_flag(Registry& registry, const std::string& name) {
  RegistryState& state = registry.state();
  Write write{state, Role::admin, "set flags"};
  const std::optional<std::string> before = flag(registry, name);
  if (!before) {
    return false;
  }
  Query remove{state, "DELETE FROM flags WHERE tenant_id = $1 AND name = $2"};
  remove.with(state.tenant, name).step();
  audit(state, "flag_unset", name, *before, {});
  write.commit();
  return true;
}

}  // namespace mapctl::registry

// SPDX-License-Identifier: Apache-2.0
#include "core/registry/transfer.hpp"

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/registry/all_tenants.hpp"
#include "core/registry/audit_chain.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

namespace mapctl::registry {
namespace {

using ports::SqlDialect;
using ports::SqlSession;
using ports::SqlStatement;

enum class Kind { text, integer, real, bytes, flag };

struct Column {
  std::string name{};
  Kind kind = Kind::text;
};

struct Table {
  std::string name{};
  std::vector<Column> columns{};
};

// Tables that others refer to come first; all others follow by name.
constexpr std::array<std::string_view, 9> first_tables{
    "tenants",   "users",   "connector_definitions", "entity_schemas", "field_mappings", "sources",
    "snapshots", "batches", "yaml_migrations"};

Kind kind_of(std::string_view type) {
  if (type == "INTEGER" || type == "bigint" || type == "integer") {
    return Kind::integer;
  }
  if (type == "REAL" || type == "double precision") {
    return Kind::real;
  }
  if (type == "boolean") {
    return Kind::flag;
  }
  return type == "BLOB" || type == "bytea" ? Kind::bytes : Kind::text;
}

// The tables that belong to tenants, as they are in this registry.
std::vector<Table> tables_of(SqlSession& session) {
  const auto select = session.prepare(
      session.dialect() == SqlDialect::sqlite
          ? "SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c "
            "WHERE t.type = 'table' ORDER BY t.name, c.cid"
          : "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_catalog.pg_class c "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute "
            "a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE n.nspname = "
            "current_schema() AND c.relkind = 'r' ORDER BY c.relname COLLATE \"C\", a.attnum");
  std::vector<Table> tables;
  while (select->step()) {
    if (tables.empty() || tables.back().name != select->text(0)) {
      tables.push_back({std::string{select->text(0)}, {}});
    }
    tables.back().columns.push_back({std::string{select->text(1)}, kind_of(select->text(2))});
  }
  std::erase_if(tables, [](const Table& table) {
    return table.name != "tenants" &&
           std::none_of(table.columns.begin(), table.columns.end(),
                        [](const Column& column) { return column.name == "tenant_id"; });
  });
  const auto rank = [](const Table& table) {
    return std::find(first_tables.begin(), first_tables.end(), table.name) - first_tables.begin();
  };
  std::stable_sort(tables.begin(), tables.end(), [&](const Table& left, const Table& right) {
    return std::pair{rank(left), std::string_view{left.name}} <
           std::pair{rank(right), std::string_view{right.name}};
  });
  return tables;
}

std::string names_of(SqlSession& session, const Table& table) {
  std::string names;
  for (const Column& column : table.columns) {
    names += (names.empty() ? "" : ", ") + session.quote_identifier(column.name);
  }
  return names;
}

std::string hex_of(std::string_view bytes) {
  return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::optional<std::string> bytes_of(std::string_view hex) {
  const auto value = [](char digit) {
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (value(hex[i]) < 0 || value(hex[i + 1]) < 0) {
      return std::nullopt;
    }
    bytes += static_cast<char>(value(hex[i]) * 16 + value(hex[i + 1]));
  }
  return hex.size() % 2 == 0 ? std::optional{bytes} : std::nullopt;
}

Json cell_of(const SqlStatement& row, int column, Kind kind) {
  if (row.is_null(column)) {
    return {};
  }
  switch (kind) {
    case Kind::integer: return row.integer(column);
    case Kind::real: return row.real(column);
    case Kind::bytes: return hex_of(row.bytes(column));
    case Kind::flag:
      return row.text(column) == "t" || row.text(column) == "1" || row.text(column) == "true" ? 1
                                                                                              : 0;
    case Kind::text: break;
  }
  return std::string{row.text(column)};
}

constexpr auto schema_name = "mapctl.registry-export/1";

// Writes lines and keeps the digest of all of them.
class LineWriter {
 public:
  explicit LineWriter(const std::function<void(std::string_view)>& write) : write_{write} {}
  void add(const Json& json) {
    const std::string line = to_line(json);
    digest_.add(line).add("\n");
    write_(line);
  }
  std::string finish() { return digest_.finish(); }

 private:
  const std::function<void(std::string_view)>& write_;
  Sha256 digest_{};
};

}  // namespace

TransferCounts export_registry(Registry& registry, bool all_tenants,
                               const std::function<void(std::string_view)>& write) {
  RegistryState& state = registry.state();
  state.require(Role::admin, "export the registry");
  if (all_tenants && state.actor.tenant.text != "default") {
    throw Error{
        ErrorCode::denied,
        fmt::format("all tenants are not exported from tenant '{}'", state.actor.tenant.text),
        "export them as an admin of tenant 'default'"};
  }
  SqlSession& session = *state.session;
  std::optional<AllTenants> all;
  if (all_tenants) {
    all.emplace(session, state.tenant);
  }
  ports::Transaction transaction{session, SqlSession::Access::read};
  TransferCounts counts;
  Json names = Json::array();
  for (const TenantRecord& tenant : list_tenants(session)) {
    if (all_tenants || tenant.name == state.actor.tenant) {
      counts.tenants.push_back(tenant.name);
      names.push_back(tenant.name.text);
    }
  }
  LineWriter out{write};
  out.add(Json{
      {"schema", schema_name}, {"schema_version", schema_version(session)}, {"tenants", names}});
  for (const Table& table : tables_of(session)) {
    const bool is_tenants = table.name == "tenants";
    Json columns = Json::array();
    for (const Column& column : table.columns) {
      columns.push_back(column.name);
    }
    out.add(Json{{"table", table.name}, {"columns", columns}});
    ++counts.tables;
    std::string sql =
        "SELECT " + names_of(session, table) + " FROM " + session.quote_identifier(table.name);
    if (!all_tenants) {
      sql += is_tenants ? " WHERE id = $1" : " WHERE tenant_id = $1";
      sql += table.name == "entity_schemas" ? " OR tenant_id IS NULL" : "";
    }
    sql += " ORDER BY ";
    for (std::size_t i = 1; i <= std::min<std::size_t>(table.columns.size(), 4); ++i) {
      sql += fmt::format("{}{}", i == 1 ? "" : ", ", i);
    }
    const auto select = session.prepare_scan(sql);
    if (!all_tenants) {
      select->bind(1, state.tenant);
    }
    while (select->step()) {
      Json row = Json::array();
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        row.push_back(cell_of(*select, static_cast<int>(i), table.columns[i].kind));
      }
      out.add(row);
      ++counts.rows;
    }
  }
  transaction.commit();
  write(to_line(Json{{"end", true}, {"rows", counts.rows}, {"sha256", out.finish()}}));
  return counts;
}

namespace {

class Importer {
 public:
  Importer(SqlSession& session, const std::function<bool(std::string&)>& next_line)
      : session_{session}, next_line_{next_line} {}

  ImportResult run(const std::optional<Secret>& key) {
    const AllTenants all{session_};
    ports::Transaction transaction{session_, SqlSession::Access::write};
    for (const Table& table : tables_of(session_)) {
      tables_.emplace(table.name, table);
    }
    try {
      read_header();
      bool ended = false;
      while (!ended) {
        ended = read_line();
      }
    } catch (const Json::exception&) {
      fail("it is not as an export is written");
    }
    std::string rest;
    if (next_line_(rest) && !rest.empty()) {
      fail("there is more text behind the end");
    }
    verify(key);
    transaction.commit();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw Error{ErrorCode::invalid_data, fmt::format("line {} of the export: {}", line_, why),
                "export the registry again; nothing was imported"};
  }

  Json next() {
    if (!next_line_(text_)) {
      fail("the text ends before its end is written");
    }
    ++line_;
    Json json = parse_json(text_, fmt::format("line {} of the export", line_));
    if (!json.is_object() || !json.contains("end")) {
      digest_.add(text_).add("\n");
    }
    return json;
  }

  void read_header() {
    const Json header = next();
    if (!header.is_object() || header.value("schema", "") != schema_name) {
      fail(fmt::format("it does not begin as {}", schema_name));
    }
    const int version = header.value("schema_version", 0);
    if (version != schema_version(session_)) {
      throw Error{ErrorCode::configuration,
                  fmt::format("the export has schema version {}, the registry {}", version,
                              schema_version(session_)),
                  "bring the older one up to date with: mapctl registry migrate"};
    }
    for (const Json& name : header.at("tenants")) {
      result_.counts.tenants.emplace_back(name.get<std::string>());
      make_room(result_.counts.tenants.back());
    }
  }

  // A tenant that `init` or `tenant add` made and nobody used gives way.
  void make_room(const TenantName& tenant) {
    const std::string id = tenant_id_of(session_, tenant);
    if (id.empty()) {
      return;
    }
    for (const char* table : {"connector_definitions", "mapping_audit_log", "batches", "sources"}) {
      const auto select =
          session_.prepare(fmt::format("SELECT 1 FROM {} WHERE tenant_id = $1", table));
      select->bind(1, id);
      if (select->step()) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("tenant '{}' has content in this registry", tenant.text),
                    "import into a new registry: mapctl --registry FILE init"};
      }
    }
    for (const auto& [name, table] : tables_) {
      if (name != "tenants") {
        remove(name, "tenant_id", id);
      }
    }
    remove("tenants", "id", id);
  }

  void remove(std::string_view table, std::string_view column, const std::string& id) {
    const auto statement = session_.prepare(
        fmt::format("DELETE FROM {} WHERE {} = $1", session_.quote_identifier(table), column));
    statement->bind(1, id);
    statement->step();
  }

  // True at the end.
  bool read_line() {
    const Json line = next();
    if (line.is_array()) {
      insert(line);
      return false;
    }
    if (line.contains("end")) {
      if (line.value("rows", std::int64_t{-1}) != result_.counts.rows ||
          line.value("sha256", "") != digest_.finish()) {
        fail("the text was changed after it was written");
      }
      return true;
    }
    begin_table(line);
    return false;
  }

  void begin_table(const Json& line) {
    const std::string name = line.value("table", "");
    const auto found = tables_.find(name);
    if (found == tables_.end()) {
      fail(fmt::format("there is no table '{}'", name));
    }
    table_ = {name, {}};
    std::string marks;
    for (const Json& wanted : line.at("columns")) {
      const auto column = std::find_if(
          found->second.columns.begin(), found->second.columns.end(),
          [&](const Column& candidate) { return candidate.name == wanted.get<std::string>(); });
      if (column == found->second.columns.end()) {
        fail(fmt::format("table '{}' has no column '{}'", name, wanted.get<std::string>()));
      }
      table_.columns.push_back(*column);
      marks += fmt::format("{}${}", marks.empty() ? "" : ", ", table_.columns.size());
    }
    ++result_.counts.tables;
    insert_ = session_.prepare(fmt::format("INSERT INTO {} ({}) VALUES ({})",
                                           session_.quote_identifier(name),
                                           names_of(session_, table_), marks));
  }

  void insert(const Json& row) {
    if (!insert_ || row.size() != table_.columns.size()) {
      fail("the row has not the columns of its table");
    }
    ++result_.counts.rows;
    if (table_.name == "entity_schemas" && is_known_entity(row)) {
      return;
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      bind(static_cast<int>(i) + 1, table_.columns[i], row[i]);
    }
    insert_->step();
  }

  // Shared entities may be there already, under another id.
  bool is_known_entity(const Json& row) {
    const auto cell = [&](std::string_view name) -> const Json& {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (table_.columns[i].name == name) {
          return row[i];
        }
      }
      fail(fmt::format("column '{}' of 'entity_schemas' is missing", name));
    };
    if (!cell("tenant_id").is_null()) {
      return false;
    }
    const auto select = session_.prepare(
        "SELECT id FROM entity_schemas WHERE tenant_id IS NULL AND entity_name = $1 AND "
        "entity_version = $2");
    select->bind(1, cell("entity_name").get<std::string>());
    select->bind(2, cell("entity_version").get<std::string>());
    if (!select->step()) {
      return false;
    }
    entity_ids_[cell("id").get<std::string>()] = select->text(0);
    return true;
  }

  void bind(int parameter, const Column& column, const Json& cell) {
    try {
      if (cell.is_null()) {
        insert_->bind_null(parameter);
        return;
      }
      switch (column.kind) {
        case Kind::integer: insert_->bind(parameter, cell.get<std::int64_t>()); return;
        case Kind::real: insert_->bind(parameter, cell.get<double>()); return;
        case Kind::flag: insert_->bind(parameter, cell.get<int>() != 0 ? "true" : "false"); return;
        case Kind::bytes: {
          const auto bytes = bytes_of(cell.get<std::string>());
          if (!bytes) {
            fail(fmt::format("column '{}' is no hexadecimal text", column.name));
          }
          insert_->bind_bytes(parameter, *bytes);
          return;
        }
        case Kind::text: break;
      }
      const std::string text = cell.is_string() ? cell.get<std::string>() : to_line(cell);
      const auto mapped =
          column.name == "entity_schema_id" ? entity_ids_.find(text) : entity_ids_.end();
      insert_->bind(parameter, mapped == entity_ids_.end() ? text : mapped->second);
    } catch (const Json::exception&) {
      fail(fmt::format("column '{}' of '{}' is of another kind", column.name, table_.name));
    }
  }

  void verify(const std::optional<Secret>& key) {
    for (const TenantName& tenant : result_.counts.tenants) {
      result_.audit.push_back(verify_chain(session_, tenant_id_of(session_, tenant), key));
      if (!result_.audit.back().intact()) {
        const AuditFinding& finding = result_.audit.back().findings.front();
        throw Error{ErrorCode::invalid_data,
                    fmt::format("the audit trail of tenant '{}' is broken at row {}: {}",
                                tenant.text, finding.position, finding.detail),
                    "nothing was imported; verify the registry that was exported"};
      }
    }
  }

  SqlSession& session_;
  const std::function<bool(std::string&)>& next_line_;
  std::map<std::string, Table, std::less<>> tables_{};
  std::map<std::string, std::string> entity_ids_{};
  Table table_{};
  std::unique_ptr<SqlStatement> insert_{};
  std::string text_{};
  std::size_t line_ = 0;
  Sha256 digest_{};
  ImportResult result_{};
};

}  // namespace

ImportResult import_registry(SqlSession& session,
                             const std::function<bool(std::string&)>& next_line,
                             const std::optional<Secret>& key) {
  return Importer{session, next_line}.run(key);
}

}  // namespace mapctl::registry

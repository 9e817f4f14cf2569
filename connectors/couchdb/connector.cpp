// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/connector.hpp"

#include "connectors/couchdb/documents.hpp"
#include "connectors/couchdb/info.hpp"
#include "connectors/couchdb/server.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/text.hpp"
#include "core/catalog/record_shape.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <utility>

namespace mapctl::connectors::couchdb {
namespace {

std::string object_of(const std::string& database) {
  return fmt::format("database '{}'", database);
}

// The documents of one table, as far as they were looked at.
struct Sample {
  catalog::ShapeBuilder builder{};
  std::vector<Json> documents{};
};

struct Sampled {
  std::map<std::string, Sample> kinds{};  // by name of the table
  std::int64_t looked_at = 0, without_kind = 0;
  bool is_whole = true;
};

class Reader final : public ports::RowReader {
 public:
  Reader(std::shared_ptr<Server> server, catalog::Shape shape, Wanted wanted, std::stop_token stop)
      : server_{std::move(server)},
        shape_{std::move(shape)},
        documents_{*server_, std::move(wanted), std::move(stop)},
        texts_(shape_.columns.size()) {
    for (const catalog::RecordColumn& column : shape_.columns) {
      names_.push_back(column.column.name);
    }
  }

  std::span<const catalog::ColumnName> columns() const override { return names_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    Json document;
    if (!documents_.next(document)) {
      return false;
    }
    row.assign(names_.size(), std::nullopt);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Json* value = find_at(document, shape_.columns[i].path);
      if (value != nullptr && !value->is_null()) {
        texts_[i] = catalog::record_text(*value, catalog::RecordForm::json);
        row[i] = texts_[i];
      }
    }
    return true;
  }

 private:
  std::shared_ptr<Server> server_;
  catalog::Shape shape_;
  Documents documents_;
  std::vector<catalog::ColumnName> names_;
  std::vector<std::string> texts_;
};

class CouchConnector final : public ports::Connector {
 public:
  explicit CouchConnector(const ports::ConnectorOptions& options)
      : server_{std::make_shared<Server>(options)} {}

  ports::Capabilities capabilities() const override {
    ports::Capabilities made = info().capabilities;
    made.has_schemas = has_kinds();
    return made;
  }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    catalog::Catalog result;
    result.system = "couchdb";
    result.taken_at = system_clock().now();
    std::exception_ptr first;
    for (const std::string& database : databases(stop)) {
      if (!is_wanted(database, scope)) {
        continue;
      }
      try {
        describe(database, scope, stop, result);
      } catch (const Error& error) {
        const bool is_of_one = error.code() == ErrorCode::denied ||
                               error.code() == ErrorCode::not_found ||
                               error.code() == ErrorCode::invalid_data;
        if (!is_of_one || error.facts().native_code == "HTTP 401") {
          throw;
        }
        first = first ? first : std::current_exception();
        result.warnings.push_back({object_of(database), error.what(), error.facts().hint});
      }
    }
    if (first && result.schemas.empty()) {
      std::rethrow_exception(first);
    }
    catalog::normalise(result);
    return result;
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    Wanted wanted;
    wanted.database = has_kinds() ? table.schema.text : table.table.text;
    const auto known = databases(stop);
    if ((!has_kinds() && !table.schema.text.empty()) ||
        std::find(known.begin(), known.end(), wanted.database) == known.end()) {
      fail_unknown(catalog::to_string(table), wanted.database, known);
    }
    Sampled sampled = sample(wanted.database, stop);
    if (has_kinds()) {
      wanted.kind = table.table.text;
    }
    const auto found = sampled.kinds.find(table.table.text);
    if (found != sampled.kinds.end()) {
      return std::make_unique<Reader>(server_, found->second.builder.finish(), wanted, stop);
    }
    if (has_kinds() && !sampled.is_whole) {
      // Rare kinds may be beyond the documents that were looked at.
      Documents documents{*server_, wanted, stop};
      Sample rare;
      Json document;
      while (rare.builder.records() < server_->settings().sample_documents &&
             documents.next(document)) {
        rare.builder.add(document);
      }
      if (rare.builder.records() > 0) {
        return std::make_unique<Reader>(server_, rare.builder.finish(), wanted, stop);
      }
    }
    std::vector<std::string> kinds;
    for (const auto& [kind, one] : sampled.kinds) {
      kinds.push_back(kind);
    }
    fail_unknown(catalog::to_string(table), table.table.text, kinds);
  }

  ports::ServerInfo test(std::stop_token stop) override {
    const Json welcome = server_->get("/", "the server", stop);
    const std::string version = text_member(welcome, "version");
    const auto names = databases(stop);
    return {
        fmt::format("CouchDB {} at {} ({} {})", version.empty() ? "of an unknown version" : version,
                    ports::origin_of(server_->settings().url), names.size(),
                    names.size() == 1 ? "database" : "databases"),
        {}};
  }

 private:
  bool has_kinds() const noexcept { return !server_->settings().type_field.empty(); }

  [[noreturn]] void fail_unknown(const std::string& table, const std::string& name,
                                 const std::vector<std::string>& known) const {
    std::string hint = suggestion(name, known);
    throw Error{ErrorCode::not_found,
                fmt::format("profile '{}' has no table '{}'", server_->settings().profile, table),
                hint.empty() ? "check the name, and options 'databases' and 'type_field'"
                             : std::move(hint)};
  }

  bool is_wanted(const std::string& database, const ports::DiscoveryScope& scope) const {
    if (has_kinds()) {
      return scope.schemas.matches(database, false);
    }
    const catalog::TableRef ref{catalog::SchemaName{}, catalog::TableName{database}};
    return scope.schemas.matches("", false) && scope.tables.matches(ref, false);
  }

  std::vector<std::string> databases(const std::stop_token& stop) {
    const auto& globs = server_->settings().databases;
    std::vector<std::string> names;
    try {
      const Json all = server_->get("/_all_dbs", "the list of databases", stop);
      if (!all.is_array()) {
        throw Error{ErrorCode::invalid_data, "the list of databases is no list",
                    "check that option 'url' leads to CouchDB"};
      }
      for (const Json& name : all) {
        if (name.is_string()) {
          names.push_back(name.get<std::string>());
        }
      }
    } catch (const Error& error) {
      // Only administrators may list them; names that the profile has need no list.
      const bool are_names = !globs.empty() && std::none_of(globs.begin(), globs.end(), has_glob);
      if (error.code() != ErrorCode::denied || !are_names) {
        throw;
      }
      return globs;
    }
    std::erase_if(names, [&](const std::string& name) {
      return globs.empty() ? name.starts_with('_')
                           : std::none_of(globs.begin(), globs.end(), [&](const std::string& glob) {
                               return glob_match(glob, name, false);
                             });
    });
    return names;
  }

  // From both ends of the database: ids often begin with the kind of the document.
  Sampled sample(const std::string& database, const std::stop_token& stop) {
    Sampled made;
    const std::int64_t limit = server_->settings().sample_documents;
    const bool both_ends = server_->settings().read_with == ReadWith::all_docs && limit > 1;
    const auto look = [&](bool backwards, std::int64_t until) {
      Documents documents{*server_, {database, {}, backwards}, stop};
      Json document;
      while (made.looked_at < until) {
        if (!documents.next(document)) {
          return true;
        }
        ++made.looked_at;
        std::string table = database;
        if (has_kinds()) {
          const auto kind = kind_of(document, server_->settings().type_field);
          if (!kind) {
            ++made.without_kind;
            continue;
          }
          table = *kind;
        }
        Sample& one = made.kinds[table];
        one.builder.add(document);
        one.documents.push_back(std::move(document));
      }
      return false;
    };
    if (!both_ends) {
      made.is_whole = look(false, limit);
      return made;
    }
    const Json about = server_->get(database_path(database), object_of(database), stop);
    if (whole_member(about, "doc_count").value_or(0) <= limit) {
      made.is_whole = look(false, limit + 1);
    } else {
      look(false, limit / 2);
      look(true, limit);
      made.is_whole = false;
    }
    return made;
  }

  void describe(const std::string& database, const ports::DiscoveryScope& scope,
                const std::stop_token& stop, catalog::Catalog& result) {
    Sampled sampled = sample(database, stop);
    auto& warnings = result.warnings;
    const std::string schema_name = has_kinds() ? database : std::string{};
    auto schema = std::find_if(result.schemas.begin(), result.schemas.end(),
                               [&](const auto& one) { return one.name.text == schema_name; });
    if (schema == result.schemas.end()) {
      schema = result.schemas.insert(schema, {catalog::SchemaName{schema_name}, {}});
    }
    if (!has_kinds() && sampled.kinds.empty()) {
      sampled.kinds[database];
      warnings.push_back({object_of(database), "has no documents to find columns from",
                          "load some, or leave it out with 'databases'"});
    }
    if (has_kinds() && sampled.without_kind > 0) {
      warnings.push_back(
          {object_of(database),
           fmt::format("{} of {} documents have no text in '{}' and are in no table",
                       sampled.without_kind, sampled.looked_at, server_->settings().type_field),
           "check option 'type_field'"});
    }
    if (has_kinds() && !sampled.is_whole) {
      warnings.push_back({object_of(database),
                          fmt::format("kinds were looked for in {} documents of both ends only",
                                      with_thousands(sampled.looked_at)),
                          "set option 'sample_documents' higher if one is missing"});
    }
    for (auto& [name, one] : sampled.kinds) {
      const catalog::TableRef ref{catalog::SchemaName{schema_name}, catalog::TableName{name}};
      if (scope.tables.matches(ref, false)) {
        schema->tables.push_back(
            table_of(database, name, one, sampled.is_whole, scope, stop, warnings));
      }
    }
  }

  catalog::Table table_of(const std::string& database, const std::string& name, Sample& sample,
                          bool is_whole, const ports::DiscoveryScope& scope,
                          const std::stop_token& stop,
                          std::vector<catalog::DiscoveryWarning>& warnings) {
    const catalog::Shape shape = sample.builder.finish();
    catalog::Table table;
    table.name = catalog::TableName{name};
    for (const catalog::RecordColumn& column : shape.columns) {
      table.columns.push_back(column.column);
      if (column.path == JsonPath{"_id"}) {
        table.columns.back().nullable = false;
        table.columns.back().required = true;
        table.columns.back().unique = true;
        table.primary_key = {column.column.name};
      }
    }
    for (catalog::DiscoveryWarning& warning :
         catalog::warnings_of(shape, fmt::format("table '{}'", name))) {
      warnings.push_back(std::move(warning));
    }
    if (scope.statistics) {
      catalog::RecordProfile pass{shape};
      const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
      bool ended = is_whole;
      if (is_whole) {
        for (const Json& document : sample.documents) {
          if (pass.records() < limit) {
            pass.add(document);
          }
        }
        ended = pass.records() == static_cast<std::int64_t>(sample.documents.size());
      } else {
        Documents documents{
            *server_, {database, has_kinds() ? std::optional{name} : std::nullopt, false}, stop};
        Json document;
        ended = false;
        while (pass.records() < limit && !ended) {
          if (documents.next(document)) {
            pass.add(document);
          } else {
            ended = true;
          }
        }
      }
      if (ended) {
        table.row_count = pass.records();
      }
      pass.finish(table, !ended, scope.protect_personal_data);
    }
    return table;
  }

  std::shared_ptr<Server> server_;
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const ports::FactoryOf<CouchConnector> instance{&info};
  return instance;
}

}  // namespace mapctl::connectors::couchdb

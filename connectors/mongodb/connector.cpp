// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/connector.hpp"

#include "connectors/mongodb/client.hpp"
#include "connectors/mongodb/collection.hpp"
#include "connectors/mongodb/info.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace mapctl::connectors::mongodb {
namespace {

class Reader final : public ports::RowReader {
 public:
  Reader(std::shared_ptr<Client> client, catalog::Shape shape, Documents documents)
      : client_{std::move(client)},
        shape_{std::move(shape)},
        documents_{std::move(documents)},
        texts_(shape_.columns.size()) {
    for (const catalog::RecordColumn& column : shape_.columns) {
      names_.push_back(column.column.name);
    }
  }

  std::span<const catalog::ColumnName> columns() const override { return names_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    if (!documents_.next(document_)) {
      return false;
    }
    row.assign(names_.size(), std::nullopt);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Json* value = find_at(document_, shape_.columns[i].path);
      if (value != nullptr && !value->is_null()) {
        texts_[i] = catalog::record_text(*value, catalog::RecordForm::extended_json);
        row[i] = texts_[i];
      }
    }
    return true;
  }

 private:
  std::shared_ptr<Client> client_;  // outlives the cursor
  catalog::Shape shape_;
  Documents documents_;
  Json document_{};
  std::vector<catalog::ColumnName> names_;
  std::vector<std::string> texts_;
};

class MongoConnector final : public ports::Connector {
 public:
  explicit MongoConnector(const ports::ConnectorOptions& options)
      : client_{std::make_shared<Client>(options)} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    catalog::Catalog result;
    result.system = "mongodb";
    result.taken_at = system_clock().now();
    std::exception_ptr first;
    // Called while `error` is handled: what is wrong with one object leaves the others.
    const auto note = [&](const std::string& object, const Error& error) {
      const bool is_of_one =
          error.code() == ErrorCode::denied || error.code() == ErrorCode::not_found ||
          error.code() == ErrorCode::invalid_data || error.code() == ErrorCode::resource_limit;
      if (!is_of_one) {
        throw;
      }
      first = first ? first : std::current_exception();
      result.warnings.push_back({object, error.what(), error.facts().hint});
    };
    for (const std::string& database : client_->databases(stop)) {
      if (!scope.schemas.matches(database, false)) {
        continue;
      }
      catalog::Schema schema{catalog::SchemaName{database}, {}};
      try {
        Collections found = collections_of(*client_, database, stop);
        if (found.missing) {
          result.warnings.push_back(std::move(*found.missing));
        }
        for (const Collection& collection : found.list) {
          const catalog::TableRef ref{schema.name, catalog::TableName{collection.name}};
          if (!scope.tables.matches(ref, false)) {
            continue;
          }
          try {
            schema.tables.push_back(describe(*client_, collection, scope, stop, result.warnings));
          } catch (const Error& error) {
            note(object_of(database, collection.name), error);
          }
        }
      } catch (const Error& error) {
        note(object_of(database), error);
      }
      result.schemas.push_back(std::move(schema));
    }
    const bool is_empty = std::all_of(result.schemas.begin(), result.schemas.end(),
                                      [](const auto& schema) { return schema.tables.empty(); });
    if (first && is_empty) {
      std::rethrow_exception(first);
    }
    catalog::normalise(result);
    return result;
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    std::vector<std::string> known;
    const auto databases = client_->databases(stop);
    if (std::find(databases.begin(), databases.end(), table.schema.text) != databases.end()) {
      for (const Collection& one : collections_of(*client_, table.schema.text, stop).list) {
        if (one.name == table.table.text) {
          auto shape = sample(*client_, one, stop).shape;
          return std::make_unique<Reader>(
              client_, std::move(shape),
              client_->read(one.database, one.name, Json::array(), stop));
        }
        known.push_back(one.name);
      }
    }
    std::string hint = suggestion(table.table.text, known);
    throw Error{ErrorCode::not_found,
                fmt::format("profile '{}' has no collection '{}'", client_->settings().profile,
                            catalog::to_string(table)),
                hint.empty() ? "write it as DATABASE.COLLECTION" : std::move(hint)};
  }

  ports::ServerInfo test(std::stop_token stop) override {
    Json ask = Json::object();
    ask["buildInfo"] = 1;
    const std::string version = text_in(client_->command("admin", ask, "MongoDB", stop), "version");
    const auto names = client_->databases(stop);
    ports::ServerInfo made;
    made.product =
        fmt::format("MongoDB {} at {} ({} {})", version.empty() ? "of an unknown version" : version,
                    client_->address(), names.size(), names.size() == 1 ? "database" : "databases");
    for (const std::string& name : names) {
      try {
        if (auto missing = collections_of(*client_, name, stop).missing) {
          made.missing_privileges.push_back(std::move(*missing));
        }
      } catch (const Error& error) {
        if (error.code() != ErrorCode::denied) {
          throw;
        }
        made.missing_privileges.push_back({object_of(name), error.what(), error.facts().hint});
      }
    }
    return made;
  }

 private:
  std::shared_ptr<Client> client_;
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const ports::FactoryOf<MongoConnector> instance{&info};
  return instance;
}

}  // namespace mapctl::connectors::mongodb

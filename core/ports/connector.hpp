// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/catalog/table.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {
struct YamlNode;
}

namespace mapctl::ports {

class HttpClientFactory;

// What a connector can do, for `connector list`, `profile test` and callers that must choose.
struct Capabilities {
  bool discovers_keys = false;        // primary and foreign keys
  bool discovers_statistics = false;  // has data to profile
  bool counts_rows = false;
  bool reads_rows = false;
  bool writes_rows = false;
  bool has_schemas = false;  // tables live in schemas
  bool names_ignore_case = false;
};

// What to discover. Statistics come from one bounded pass over each matching table.
struct DiscoveryScope {
  catalog::NamePattern schemas{};
  catalog::NamePattern tables{};
  bool statistics = false;
  std::int64_t statistics_rows = 100'000;  // rows a table at most, for what is not computed exactly
  bool protect_personal_data = true;       // mask samples of columns that look personal
};

// Rows of one table as text, column by column; a field without value is null. Views stay valid
// until the next call. Used by one thread at a time.
class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual std::span<const catalog::ColumnName> columns() const = 0;
  // False at the end.
  virtual bool next(std::vector<std::optional<std::string_view>>& row) = 0;
};

struct ServerInfo {
  std::string product{};  // "SQLite 3.40.1", "DuckDB 1.5 over a folder of 12 files"
  std::vector<catalog::DiscoveryWarning> missing_privileges{};
};

// One opened system. Used by one thread at a time; open another for another thread.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual Capabilities capabilities() const = 0;
  // Throws Error: unreachable, denied, not_found, invalid_data, cancelled. A table that cannot be
  // read is a warning in the catalog, unless it is the only one asked for.
  virtual catalog::Catalog discover(const DiscoveryScope& scope, std::stop_token stop) = 0;
  // Throws Error::unsupported where capabilities().reads_rows is false.
  virtual std::unique_ptr<RowReader> open_reader(const catalog::TableRef& table,
                                                 std::stop_token stop) = 0;
  // Connects and looks around without reading a table.
  virtual ServerInfo test(std::stop_token stop) = 0;
};

// `limits:` and `retry:` of a profile; what is not set is the connector's to choose.
struct ConnectionLimits {
  std::optional<double> requests_per_second{};
  std::optional<std::int64_t> max_connections{};
  std::optional<double> timeout{};  // seconds
  std::optional<std::int64_t> attempts{};
  std::optional<double> backoff{}, max_backoff{}, deadline{};  // seconds
};

// What a factory gets: the profile after inheritance, with secrets resolved. Relative paths in
// `options` are already absolute.
struct ConnectorOptions {
  std::string profile{};  // name, for messages
  std::map<std::string, std::string> options{};
  std::map<std::string, Secret> secrets{};
  // Where profiles/ and the user's own data are, for connectors that read shipped data.
  std::vector<std::string> data_directories{};
  // Options that are maps or lists, with the places where they stand; `options` has none of them.
  std::map<std::string, std::shared_ptr<const config::YamlNode>> trees{};
  ConnectionLimits limits{};
  // Where the profile's options stand, by name: "crm.yaml:5:3"; for messages.
  std::map<std::string, std::string> places{};
  // Loads the HTTP client when it is called. Throws Error::unsupported when this build has none.
  std::function<const HttpClientFactory&()> http{};
  // Puts a new value in the place that `auth.<key>` was read from: a rotated token. Throws
  // Error::unsupported for a place that cannot be written.
  std::function<void(const std::string& key, const Secret& value)> keep_secret{};
};

// One key of `options:`, for validation, `--help` and nearest-name messages.
struct OptionSpec {
  std::string name{};
  std::string description{};
  bool required = false;
  bool is_path = false;  // resolved against the file that names it
  bool is_tree = false;  // a map or list
  // Whether it is a path, too, beside these values of the options: the database of a driver that
  // opens files. May be null.
  bool (*is_path_beside)(const std::map<std::string, std::string>& options) = nullptr;
};

struct ConnectorInfo {
  std::string name{};         // "sqlite"
  std::string description{};  // one line
  std::string kind{};         // registry's connector_type: database, file, rest_api
  Capabilities capabilities{};
  std::vector<OptionSpec> options{};
};

// Makes connectors of one kind. Stateless and safe to use from several threads.
class ConnectorFactory {
 public:
  virtual ~ConnectorFactory() = default;
  virtual ConnectorInfo info() const = 0;
  // Throws Error::configuration for options it does not know or lacks.
  virtual std::unique_ptr<Connector> open(const ConnectorOptions& options,
                                          std::stop_token stop) const = 0;
};

}  // namespace mapctl::ports

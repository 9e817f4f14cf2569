// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/connector.hpp"

#include "connectors/duckdb/csv_source.hpp"
#include "connectors/duckdb/errors.hpp"
#include "connectors/duckdb/folder.hpp"
#include "connectors/duckdb/info.hpp"
#include "connectors/duckdb/nested_source.hpp"
#include "connectors/duckdb/options.hpp"
#include "connectors/duckdb/reader.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/statistics.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/ports/change_mark.hpp"

#include <duckdb.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

using catalog::Catalog;
using catalog::LogicalType;
using catalog::Table;

void fill_columns(Table& table, const Source& source) {
  int position = 0;
  for (const auto& from : source.columns) {
    auto& column = table.columns.emplace_back();
    column.name = from.name;
    column.position = ++position;
    column.type = from.type;
  }
  table.row_count = source.row_count;
  table.row_count_is_estimate = source.row_count_is_estimate;
}

class FileConnector final : public ports::Connector, public ports::ChangeMarked {
 public:
  explicit FileConnector(FileOptions options)
      : options_{std::move(options)}, session_{std::make_shared<Session>()} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    const auto wanted = matching_files(scope);
    Catalog result;
    result.system = "file";
    result.taken_at = system_clock().now();
    result.warnings = wanted.warnings;
    std::map<catalog::SchemaName, std::vector<Table>> schemas;
    for (const auto& file : wanted.files) {
      if (stop.stop_requested()) {
        throw Error{ErrorCode::cancelled, "reading files was cancelled"};
      }
      try {
        schemas[file.table.schema].push_back(describe(file, scope, stop, result.warnings));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled || wanted.files.size() == 1) {
          throw;
        }
        result.warnings.push_back({fmt::format("table '{}'", catalog::to_string(file.table)),
                                   error.what(), error.facts().hint});
      }
    }
    for (auto& [name, tables] : schemas) {
      result.schemas.push_back({name, std::move(tables)});
    }
    catalog::normalise(result);
    return result;
  }

  // Sizes and times: columns of a file are what its rows are.
  std::optional<std::string> change_mark(std::stop_token) override {
    Sha256 mark;
    for (const DataFile& file : list_files(options_).files) {
      std::error_code gone;
      const auto written = std::filesystem::last_write_time(file.path, gone);
      mark.add_field(file.path.string())
          .add_field(fmt::format("{} {}", gone ? 0 : written.time_since_epoch().count(),
                                 std::filesystem::file_size(file.path, gone)));
    }
    return mark.finish();
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    const auto file = find(table);
    return with_advice(file, [&] {
      const auto bad_rows = options_.skip_bad_rows ? BadRows::skip : BadRows::fail;
      const auto source =
          file.format == Format::csv
              ? csv_source(*session_, inspect_csv(*session_, file, options_, stop), bad_rows)
              : nested_source(*session_, file, options_, Looking::through, stop);
      return make_reader(session_, source, file.path, options_, stop);
    });
  }

  ports::ServerInfo test(std::stop_token) override {
    const auto listing = list_files(options_);
    ports::ServerInfo server;
    server.product =
        fmt::format("DuckDB {} over {} {}", ::duckdb_library_version(), listing.files.size(),
                    listing.files.size() == 1 ? "file" : "files");
    for (const auto& file : listing.files) {
      try {
        static_cast<void>(read_start(file.path, 16));
      } catch (const Error& error) {
        server.missing_privileges.push_back(
            {fmt::format("table '{}'", catalog::to_string(file.table)), error.what(),
             error.facts().hint});
      }
    }
    return server;
  }

 private:
  // Runs what talks to DuckDB and says its complaints in terms of the file.
  template <class Action>
  auto in_words(const DataFile& file, Action action) -> decltype(action()) {
    try {
      return action();
    } catch (const DuckError& error) {
      const auto translated = translate(error.what(), file.path);
      if (translated.code() == ErrorCode::invalid_data && file.format != Format::csv) {
        explain_json(file);
      }
      throw translated;
    }
  }

  template <class Action>
  auto with_advice(const DataFile& file, Action action) -> decltype(action()) {
    try {
      return in_words(file, std::move(action));
    } catch (const Error& error) {
      throw with_hint_for_endpoint(options_, file.path, error);
    }
  }

  Listing matching_files(const ports::DiscoveryScope& scope) const {
    auto listing = list_files(options_);
    std::erase_if(listing.files, [&](const DataFile& file) {
      return !scope.schemas.matches(file.table.schema.text, false) ||
             !scope.tables.matches(file.table, false);
    });
    return listing;
  }

  DataFile find(const catalog::TableRef& table) const {
    const auto listing = list_files(options_);
    std::vector<std::string> names;
    for (const auto& file : listing.files) {
      if (file.table == table) {
        return file;
      }
      names.push_back(catalog::to_string(file.table));
    }
    throw Error{
        ErrorCode::not_found,
        fmt::format("table '{}' is not in '{}'", catalog::to_string(table), options_.path.string()),
        suggestion(catalog::to_string(table), names)};
  }

  Table describe(const DataFile& file, const ports::DiscoveryScope& scope, std::stop_token stop,
                 std::vector<catalog::DiscoveryWarning>& warnings) {
    return with_advice(file, [&] {
      Table table;
      table.name = file.table.table;
      table.kind = catalog::TableKind::file;
      if (file.format == Format::csv) {
        describe_csv(file, scope, stop, table, warnings);
      } else {
        describe_nested(file, scope, stop, table);
      }
      return table;
    });
  }

  void describe_nested(const DataFile& file, const ports::DiscoveryScope& scope,
                       const std::stop_token& stop, Table& table) {
    const auto describe_as = [&](Looking looking) {
      const auto source = nested_source(*session_, file, options_, looking, stop);
      std::optional<TableStatistics> statistics;
      if (scope.statistics) {
        statistics = profile(*session_, source, sample_rows(scope), stop);
      }
      fill_columns(table, source);
      if (statistics) {
        take_over(table, std::move(*statistics), scope);
      }
    };
    try {
      describe_as(Looking::at_start);
    } catch (const DuckError&) {
      if (!guesses_types(file)) {
        throw;
      }
      // What comes later did not fit the types that the start suggests.
      describe_as(Looking::through);
    }
  }

  void describe_csv(const DataFile& file, const ports::DiscoveryScope& scope,
                    const std::stop_token& stop, Table& table,
                    std::vector<catalog::DiscoveryWarning>& warnings) {
    auto csv = inspect_csv(*session_, file, options_, stop);
    TableStatistics statistics;
    if (scope.statistics) {
      statistics = csv.start.complete ? profile_start(csv, stop)
                                      : profile_csv(csv, sample_rows(scope), stop);
    }
    auto source = csv_source(*session_, csv, BadRows::skip);
    fill_columns(table, source);
    if (scope.statistics) {
      take_over(table, std::move(statistics), scope);
    }
    for (auto& warning : source.warnings) {
      warning.hint = hint_for_endpoint(options_, file.path, warning.hint);
      warnings.push_back(std::move(warning));
    }
  }

  // Values behind the start may not have the types that it suggests: such columns are text, and
  // the scan begins anew.
  TableStatistics profile_csv(CsvTable& csv, std::int64_t rows, const std::stop_token& stop) {
    for (;;) {
      const auto source = csv_source(*session_, csv, BadRows::record);
      auto typed = source;
      auto skipping = csv_source(*session_, csv, BadRows::skip);
      typed.text_rows = skipping.text_rows;
      auto statistics = profile(*session_, typed, rows, stop);
      auto rejects = take_rejects(*session_, stop);
      if (rejects.unconvertible.empty()) {
        add_unreadable_dates(csv, statistics, rejects);
      }
      const bool pad = rejects.short_rows > 0 && !csv.padded;
      if (rejects.unconvertible.empty() && !pad) {
        report(csv, rejects);
        return statistics;
      }
      if (pad) {
        csv.padded = true;
        csv.warnings.push_back(
            {fmt::format("table '{}'", catalog::to_string(csv.file.table)),
             fmt::format("rows have fewer than {} fields, the missing ones count as empty; first "
                         "in line {}",
                         csv.names.size(), rejects.first_short_line),
             "check whether the file was written completely"});
      }
      for (const auto index : rejects.unconvertible) {
        csv.types.at(index) = GuessedType{};
        csv.types.at(index).type.logical = LogicalType::string;
        csv.types.at(index).type.native = "VARCHAR";
      }
    }
  }

  // Dates that are not ISO are read as text and converted; what cannot be converted is null there.
  static void add_unreadable_dates(const CsvTable& csv, const TableStatistics& statistics,
                                   Rejects& rejects) {
    for (std::size_t i = 0; i < csv.types.size(); ++i) {
      if (statistics.unconverted.at(i) > 0) {
        rejects.unconvertible.push_back(i);
      }
    }
  }

  static void report(CsvTable& csv, const Rejects& rejects) {
    if (rejects.rows == 0) {
      return;
    }
    std::string cause = "it cannot be read";
    if (rejects.first_cause == "UNQUOTED VALUE") {
      cause = "a quoted field is never closed or goes on after its closing quote";
    } else if (rejects.first_cause == "TOO MANY COLUMNS") {
      cause = fmt::format("it has more than {} fields", csv.names.size());
    } else if (rejects.first_cause == "LINE SIZE OVER MAXIMUM") {
      cause = fmt::format("it is longer than {} MB", longest_line / 1'000'000);
    }
    csv.warnings.push_back(
        {fmt::format("table '{}'", catalog::to_string(csv.file.table)),
         fmt::format("{}{} {} left out, the first in line {}: {}", rejects.more ? "at least " : "",
                     rejects.rows, rejects.rows == 1 ? "row was" : "rows were", rejects.first_line,
                     cause),
         "correct the file, or check `delimiter:` and `quote:`"});
  }

  std::int64_t sample_rows(const ports::DiscoveryScope& scope) const {
    return std::min(options_.sample_rows, scope.statistics_rows);
  }

  static void take_over(Table& table, TableStatistics statistics,
                        const ports::DiscoveryScope& scope) {
    table.row_count = statistics.rows;
    table.row_count_is_estimate = false;
    for (std::size_t i = 0; i < table.columns.size() && i < statistics.columns.size(); ++i) {
      auto& column = table.columns[i];
      column.statistics = std::move(statistics.columns[i]);
      if (scope.protect_personal_data) {
        catalog::protect_personal_data(column, table.name);
      }
    }
  }

  FileOptions options_;
  std::shared_ptr<Session> session_;
};

class FileFactory final : public ports::ConnectorFactory {
 public:
  ports::ConnectorInfo info() const override { return duckdb::info(); }

  std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& options,
                                         std::stop_token) const override {
    auto parsed = parse_options(options);
    static_cast<void>(list_files(parsed));
    return std::make_unique<FileConnector>(std::move(parsed));
  }
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const FileFactory instance;
  return instance;
}

}  // namespace mapctl::connectors::duckdb

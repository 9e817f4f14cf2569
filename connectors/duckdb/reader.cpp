// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/reader.hpp"

#include "connectors/duckdb/errors.hpp"

#include <string>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

std::string query_of(const Source& source) {
  std::string texts;
  for (const auto& column : source.columns) {
    texts += (texts.empty() ? "" : ", ") + column.text;
  }
  return "SELECT " + texts + " FROM " + source.text_rows;
}

class FileReader final : public ports::RowReader {
 public:
  FileReader(std::shared_ptr<Session> session, const Source& source, std::filesystem::path file,
             FileOptions options, std::stop_token stop)
      : session_{std::move(session)},
        file_{std::move(file)},
        options_{std::move(options)},
        rows_{session_->stream(query_of(source), std::move(stop))} {
    for (const auto& column : source.columns) {
      columns_.push_back(column.name);
    }
  }

  std::span<const catalog::ColumnName> columns() const override { return columns_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    try {
      return rows_.next(row);
    } catch (const DuckError& error) {
      throw with_hint_for_endpoint(options_, file_, translate(error.what(), file_));
    }
  }

 private:
  std::shared_ptr<Session> session_;
  std::filesystem::path file_;
  FileOptions options_;
  RowStream rows_;
  std::vector<catalog::ColumnName> columns_;
};

// Of a file that has no columns.
class EmptyReader final : public ports::RowReader {
 public:
  std::span<const catalog::ColumnName> columns() const override { return {}; }
  bool next(std::vector<std::optional<std::string_view>>& row) override {
    row.clear();
    return false;
  }
};

}  // namespace

std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session,
                                              const Source& source, std::filesystem::path file,
                                              FileOptions options, std::stop_token stop) {
  if (source.columns.empty()) {
    return std::make_unique<EmptyReader>();
  }
  return std::make_unique<FileReader>(std::move(session), source, std::move(file),
                                      std::move(options), std::move(stop));
}

}  // namespace mapctl::connectors::duckdb

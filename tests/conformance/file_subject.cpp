// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/connector.hpp"
#include "connectors/duckdb/session.hpp"
#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "tests/conformance/json_sample.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

class FileSubject : public Subject {
 public:
  const ports::ConnectorFactory& factory() const override { return connectors::duckdb::factory(); }
  ports::ConnectorOptions options() const override {
    return {name(), {{"path", folder_.path().string()}}, {}, {}};
  }
  ports::ConnectorOptions options_of_nothing() const override {
    return {name(), {{"path", (folder_.path() / "nothing").string()}}, {}, {}};
  }
  catalog::TableKind kind() const override { return catalog::TableKind::file; }
  bool keeps_keys() const override { return false; }

 protected:
  void write(const std::string& file, const std::string& text) const {
    std::ofstream{folder_.path() / file, std::ios::binary} << text;
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
};

class CsvSubject final : public FileSubject {
 public:
  CsvSubject() {
    for (const auto& table : sample()) {
      std::string text;
      for (const auto& column : table.columns) {
        append_csv_field(text, column.name);
        text += &column == &table.columns.back() ? '\n' : ';';
      }
      for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          append_csv_field(text, row[i].value_or(""));
          text += i + 1 == row.size() ? '\n' : ';';
        }
      }
      write(table.name + ".csv", text);
    }
  }
  std::string name() const override { return "file: CSV"; }
};

class JsonSubject final : public FileSubject {
 public:
  explicit JsonSubject(bool lines) : lines_{lines} {
    for (const auto& table : sample()) {
      auto rows = Json::array();
      std::string text;
      for (const auto& row : table.rows) {
        Json object = json_record(table, row);
        text += to_line(object) + "\n";
        rows.push_back(std::move(object));
      }
      write(table.name + (lines ? ".jsonl" : ".json"), lines ? text : to_document(rows));
    }
  }
  std::string name() const override { return lines_ ? "file: JSON Lines" : "file: JSON"; }
  LogicalType type(LogicalType of_sample) const override {
    return of_sample == LogicalType::decimal ? LogicalType::floating : of_sample;
  }
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type == LogicalType::decimal ? without_final_zeros(value, true) : value;
  }

 private:
  bool lines_;
};

class ParquetSubject final : public FileSubject {
 public:
  ParquetSubject() {
    connectors::duckdb::Session session;
    for (const auto& table : sample()) {
      std::string rows;
      for (const auto& row : table.rows) {
        rows += rows.empty() ? "(" : ", (";
        for (std::size_t i = 0; i < row.size(); ++i) {
          const auto value =
              row[i] ? connectors::duckdb::quote_literal(*row[i]) : std::string{"NULL"};
          rows += fmt::format("{}CAST({} AS {})", i == 0 ? "" : ", ", value,
                              native(table.columns[i].type));
        }
        rows += ")";
      }
      std::string names;
      for (const auto& column : table.columns) {
        names += (names.empty() ? "" : ", ") + connectors::duckdb::quote_identifier(column.name);
      }
      session.execute(fmt::format(
          "COPY (SELECT * FROM (VALUES {}) AS t({})) TO {} (FORMAT parquet)", rows, names,
          connectors::duckdb::quote_literal((folder() / (table.name + ".parquet")).string())));
    }
  }
  std::string name() const override { return "file: Parquet"; }

 private:
  static const char* native(LogicalType type) {
    switch (type) {
      case LogicalType::integer: return "BIGINT";
      case LogicalType::boolean: return "BOOLEAN";
      case LogicalType::decimal: return "DECIMAL(10,2)";
      case LogicalType::date: return "DATE";
      case LogicalType::timestamp: return "TIMESTAMP";
      default: return "VARCHAR";
    }
  }
};

}  // namespace

std::unique_ptr<Subject> make_csv_subject() {
  return std::make_unique<CsvSubject>();
}
std::unique_ptr<Subject> make_json_subject() {
  return std::make_unique<JsonSubject>(false);
}
std::unique_ptr<Subject> make_json_lines_subject() {
  return std::make_unique<JsonSubject>(true);
}
std::unique_ptr<Subject> make_parquet_subject() {
  return std::make_unique<ParquetSubject>();
}

}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/model.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::report {

// One row a mapping, with a header; text that a spreadsheet would run gets a leading apostrophe.
void write_csv(const RunReport& run, PairSource& pairs, const Output& output);
// One document of schema mapctl.proposal/1 with the run beside it.
void write_json(const RunReport& run, PairSource& pairs, const Output& output);
// One JSON object a line and mapping.
void write_jsonl(const RunReport& run, PairSource& pairs, const Output& output);

// A file of a set: mapping files, a dbt project. `path` is relative, with '/'.
struct ExportFile {
  std::string path{};
  std::string text{};
};

// Mapping files as `migrate-yaml` reads them: one a source connector, named after it. Only decided
// mappings: neither rejected nor without target.
std::vector<ExportFile> yaml_files(const RunReport& run, PairSource& pairs);
// The same files as one stream of documents, each behind a comment that names its file.
void write_yaml(const RunReport& run, PairSource& pairs, const Output& output);

enum class SqlTarget : std::uint8_t { sqlite, duckdb, postgresql, mysql, sqlserver };
std::optional<SqlTarget> sql_target_from(std::string_view word) noexcept;
std::string_view to_string(SqlTarget target) noexcept;
// The dialect of a system's connector name ("sqlite", "postgres", "file"); duckdb for files.
SqlTarget sql_target_of(std::string_view connector) noexcept;

enum class SqlShape : std::uint8_t { view, insert_select };
// A view or an insert-select a pair; transformations as expressions of the dialect. What cannot
// be said in SQL (a lookup, a generated value) is null with a comment that says why.
void write_sql(const RunReport& run, PairSource& pairs, SqlTarget target, SqlShape shape,
               const Output& output);

// models/sources.yml, models/staging/*.sql and models/staging/schema.yml.
std::vector<ExportFile> dbt_files(const RunReport& run, PairSource& pairs, SqlTarget target);

// Writes each file atomically, making folders; throws Error naming the file.
void write_files(const std::filesystem::path& directory, const std::vector<ExportFile>& files);

}  // namespace mapctl::report

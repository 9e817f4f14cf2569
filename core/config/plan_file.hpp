// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

struct YamlNode;

// How a pair is proposed; what is absent is decided by what stands above it: a pair's settings,
// then the plan's, then the program's defaults.
struct ProposeSettings {
  std::optional<double> min_confidence{};  // 0..1
  std::optional<bool> one_to_one{};
  std::optional<std::int64_t> top{};  // candidates kept a field
  std::optional<std::string> domain{};
  std::optional<bool> use_data{};    // read rows for statistics
  std::optional<std::string> llm{};  // on, off, replay
  std::optional<bool> use_memory{};  // let past decisions take part
  std::optional<bool> composites{};  // rules of several columns

  // These settings, with what they leave open taken from `above`.
  ProposeSettings over(const ProposeSettings& above) const;
};

struct PlanPair {
  std::string source{};                 // table glob
  std::optional<std::string> target{};  // table name or glob; nothing is `auto`
  std::string source_endpoint{};        // as written in the pair or above
  std::string target_endpoint{};
  ProposeSettings propose{};  // with the plan's
  std::string where{};        // "plan.yaml:7:5"
};

enum class WorkbookLayout : std::uint8_t { tabs, zip };

// One batch plan (mapctl-plan(5)). Paths of `output` are absolute, counted from the plan's folder.
struct PlanFile {
  std::filesystem::path file{};
  std::string name{};  // the file's stem by default
  std::string description{};
  std::string source{};  // default endpoints; may be empty when every pair has its own
  std::string target{};
  ProposeSettings propose{};
  std::vector<PlanPair> pairs{};                    // in the order of the file
  std::map<std::string, std::size_t> limits{};      // jobs at once, by endpoint
  std::optional<std::filesystem::path> workbook{};  // as named; layout zip makes it x.zip
  WorkbookLayout layout = WorkbookLayout::tabs;
  std::vector<std::string> also{};  // json, csv, html, jsonl, yaml, sql, dbt: written beside it
  // Where the files of `also` go and what they are called before their suffix: the workbook's path
  // without suffix, else <plan's folder>/<name>.
  std::filesystem::path output_stem{};
};

// Throws Error::configuration naming file and line: unknown keys with the nearest known one, a
// pair given twice with both lines, an endpoint that no place names.
PlanFile parse_plan(const YamlNode& root, const std::filesystem::path& file);
PlanFile load_plan(const std::filesystem::path& file);

}  // namespace mapctl::config

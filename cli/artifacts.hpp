// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/exports.hpp"
#include "core/report/model.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mapctl::registry {
class Registry;
}

namespace mapctl::cli {

class CommandContext;

// What a run or the registry can be written as.
enum class Artifact { xlsx, zip, html, csv, json, jsonl, yaml, sql, dbt };
std::string_view to_string(Artifact artifact) noexcept;  // also the suffix of its file
std::optional<Artifact> artifact_from(std::string_view word) noexcept;
std::span<const std::string_view> artifact_words() noexcept;

struct ArtifactOptions {
  std::optional<report::SqlTarget> sql_target{};  // of sql and dbt; nothing: by the pair's target
  report::SqlShape sql_shape = report::SqlShape::view;
  bool protect = false;  // lock what is not meant to be edited in a workbook
  // Where a workbook's lines are kept too, in case its hidden sheets get lost; may be null.
  registry::Registry* kept_in = nullptr;
};

// Replaces `path` all at once: a folder for dbt, a file for all else; missing folders are made.
// Throws Error; what stood there before then stays as it was.
void write_artifact(CommandContext& context, Artifact artifact, const std::filesystem::path& path,
                    const report::RunReport& run, report::PairSource& pairs,
                    const ArtifactOptions& options);

// To standard output; Error::usage for those that are no stream of text.
void print_artifact(CommandContext& context, Artifact artifact, const report::RunReport& run,
                    report::PairSource& pairs, const ArtifactOptions& options);

}  // namespace mapctl::cli

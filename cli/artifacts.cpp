// SPDX-License-Identifier: Apache-2.0
#include "cli/artifacts.hpp"

#include "cli/command.hpp"
#include "core/base/file.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/reviews.hpp"
#include "core/report/html.hpp"
#include "core/report/workbook.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <system_error>
#include <vector>

namespace mapctl::cli {
namespace {

constexpr std::array<std::string_view, 9> words = {"xlsx",  "zip",  "html", "csv", "json",
                                                   "jsonl", "yaml", "sql",  "dbt"};

report::SqlTarget sql_target(const ArtifactOptions& options, report::PairSource& pairs) {
  if (options.sql_target) {
    return *options.sql_target;
  }
  pairs.rewind();
  const report::PairReport* first = pairs.next();
  const auto target = report::sql_target_of(first != nullptr ? first->target.connector : "");
  pairs.rewind();
  return target;
}

void write_text(Artifact artifact, const report::RunReport& run, report::PairSource& pairs,
                const ArtifactOptions& options, const report::Output& output) {
  pairs.rewind();
  switch (artifact) {
    case Artifact::html: report::write_html(run, pairs, output); return;
    case Artifact::csv: report::write_csv(run, pairs, output); return;
    case Artifact::json: report::write_json(run, pairs, output); return;
    case Artifact::jsonl: report::write_jsonl(run, pairs, output); return;
    case Artifact::yaml: report::write_yaml(run, pairs, output); return;
    case Artifact::sql:
      report::write_sql(run, pairs, sql_target(options, pairs), options.sql_shape, output);
      return;
    case Artifact::xlsx:
    case Artifact::zip:
    case Artifact::dbt:
      throw Error{ErrorCode::usage,
                  fmt::format("'{}' cannot be written to standard output", to_string(artifact)),
                  artifact == Artifact::dbt ? "name a folder with -o" : "name a file with -o"};
  }
}

// Hands the lines of a workbook to the registry while it is written. What goes wrong there costs
// nothing but the way back without hidden sheets.
class ExportKeeper {
 public:
  ExportKeeper(CommandContext& context, registry::Registry* registry, const report::RunReport& run)
      : context_{context}, export_id_{report::export_id_of(run)} {
    if (registry != nullptr && registry->role() >= registry::Role::analyst) {
      reviews_.emplace(*registry);
      attempt([&] { reviews_->begin_export(export_id_, run.run.text); });
    }
  }
  void add(const mapping::ReviewLine& line) {
    if (reviews_) {
      lines_.push_back(line);
      if (lines_.size() >= piece) {
        flush();
      }
    }
  }
  void flush() {
    if (reviews_ && !lines_.empty()) {
      attempt([&] { reviews_->add_to_export(export_id_, lines_); });
      lines_.clear();
    }
  }

 private:
  template <class Call>
  void attempt(Call call) {
    try {
      call();
    } catch (const Error& error) {
      reviews_.reset();
      context_.reporter().warning(
          fmt::format("the registry does not keep this export: {}", error.what()),
          "the workbook can be imported as long as it has its hidden sheets");
    }
  }

  static constexpr std::size_t piece = 2'000;
  CommandContext& context_;
  std::string export_id_;
  std::optional<registry::Reviews> reviews_{};
  std::vector<mapping::ReviewLine> lines_{};
};

void make_folder_of(const std::filesystem::path& path) {
  std::error_code problem;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), problem);
  }
  if (problem) {
    throw_io_error(problem.value(), "make the folder of", path);
  }
}

}  // namespace

std::string_view to_string(Artifact artifact) noexcept {
  return words[static_cast<std::size_t>(artifact)];
}

std::optional<Artifact> artifact_from(std::string_view word) noexcept {
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == word) {
      return static_cast<Artifact>(at);
    }
  }
  return std::nullopt;
}

std::span<const std::string_view> artifact_words() noexcept {
  return words;
}

void write_artifact(CommandContext& context, Artifact artifact, const std::filesystem::path& path,
                    const report::RunReport& run, report::PairSource& pairs,
                    const ArtifactOptions& options) {
  make_folder_of(path);
  pairs.rewind();
  report::WorkbookOptions workbook;
  workbook.protect = options.protect;
  const std::optional<Secret> key = context.signing_key();
  workbook.key = key ? &*key : nullptr;
  const bool is_workbook = artifact == Artifact::xlsx || artifact == Artifact::zip;
  ExportKeeper keeper{context, is_workbook ? options.kept_in : nullptr, run};
  workbook.on_line = [&](const mapping::ReviewLine& line) { keeper.add(line); };
  switch (artifact) {
    case Artifact::xlsx:
      report::write_workbook(path, run, pairs, context.sheets(), workbook, context.stop());
      keeper.flush();
      return;
    case Artifact::zip:
      report::write_workbook_archive(path, run, pairs, context.sheets(), context.archives(),
                                     workbook, context.stop());
      keeper.flush();
      return;
    case Artifact::dbt:
      report::write_files(path, report::dbt_files(run, pairs, sql_target(options, pairs)));
      return;
    default: break;
  }
  AtomicFile file{path};
  write_text(artifact, run, pairs, options, [&](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

void print_artifact(CommandContext& context, Artifact artifact, const report::RunReport& run,
                    report::PairSource& pairs, const ArtifactOptions& options) {
  write_text(artifact, run, pairs, options,
             [&](std::string_view bytes) { context.out().write(bytes); });
}

}  // namespace mapctl::cli

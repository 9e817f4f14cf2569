// SPDX-License-Identifier: Apache-2.0
#include "cli/options/learning.hpp"

#include "cli/options/choice.hpp"
#include "cli/terminal/table.hpp"
#include "core/base/error.hpp"
#include "core/jobs/feedback.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using registry::CalibrationRecord;

Json to_json(const CalibrationRecord& record) {
  Json json = Json::object();
  json["version"] = record.version;
  json["outcomes"] = record.outcomes;
  json["ece_before"] = record.ece_before;
  json["ece_after"] = record.ece_after;
  json["loss_before"] = record.loss_before;
  json["loss_after"] = record.loss_after;
  json["reason"] = record.reason;
  json["created_at"] = record.created_at;
  json["created_by"] = record.created_by;
  json["curves"] = record.curves;
  return json;
}

CalibrationRecord record_of(const matching::CalibrationFit& fit) {
  CalibrationRecord record;
  record.curves = fit.calibration.text();
  record.outcomes = static_cast<std::int64_t>(fit.outcomes);
  record.ece_before = fit.ece_before;
  record.ece_after = fit.ece_after;
  record.loss_before = fit.loss_before;
  record.loss_after = fit.loss_after;
  record.reason = "learned from decisions";
  return record;
}

CalibrationRecord earlier(const std::vector<CalibrationRecord>& known, int version) {
  CalibrationRecord record;
  if (version > 0) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& one) { return one.version == version; });
    if (found == known.end()) {
      throw Error{ErrorCode::not_found, fmt::format("there is no calibration {}", version),
                  "mapctl propose --learn lists all; 0 is none at all"};
    }
    record = *found;
  }
  record.reason = fmt::format("rolled back to version {}", version);
  return record;
}

void print(CommandContext& context, const std::vector<CalibrationRecord>& known,
           const CalibrationRecord& now, const jobs::Lesson& lesson, bool is_stored) {
  if (context.format() == Format::json) {
    Json document = Json::object();
    document["schema"] = "mapctl.calibration/1";
    document["in_force"] = known.empty() ? 0 : known.back().version;
    if (!is_stored) {
      document["learned"] = to_json(now);
      document["learned"]["approved"] = lesson.approved;
      document["learned"]["nothing_learned"] =
          lesson.nothing_learned.empty() ? Json(nullptr) : Json(lesson.nothing_learned);
    }
    document["versions"] = Json::array();
    for (const CalibrationRecord& record : known) {
      document["versions"].push_back(to_json(record));
    }
    context.out().document(document);
    return;
  }
  TablePrinter table{{{"version", "Version", true, false},
                      {"status", "Status", false, false},
                      {"outcomes", "Decisions", true, false},
                      {"ece_before", "ECE before", true, false},
                      {"ece_after", "after", true, false},
                      {"loss_before", "Log loss before", true, false},
                      {"loss_after", "after", true, false},
                      {"created_at", "Since", false, false},
                      {"created_by", "By", false, true},
                      {"reason", "Reason", false, true}}};
  const auto add = [&](std::string version, std::string status, const CalibrationRecord& record) {
    table.add({std::move(version), std::move(status), std::to_string(record.outcomes),
               fmt::format("{:.4f}", record.ece_before), fmt::format("{:.4f}", record.ece_after),
               fmt::format("{:.4f}", record.loss_before), fmt::format("{:.4f}", record.loss_after),
               record.created_at, record.created_by, record.reason});
  };
  for (const CalibrationRecord& record : known) {
    add(std::to_string(record.version), &record == &known.back() ? "in_force" : "earlier", record);
  }
  if (!is_stored) {
    add("", lesson.nothing_learned.empty() ? "not_applied" : "nothing_learned", now);
  }
  print(context, table);
}

}  // namespace

void LearningOptions::declare(CLI::App& app) {
  auto* const flag = app.add_flag(
      "--learn", learn, "Fit confidences to what was decided, and show figures before and after");
  app.add_flag("--apply", apply, "With --learn: let what was learned take effect")->needs(flag);
  between(app.add_option("--roll-back", roll_back,
                         "Bring the calibration of VERSION back; 0: none at all"),
          0)
      ->type_name("VERSION")
      ->excludes(flag);
}

ExitCode LearningOptions::run(CommandContext& context) const {
  registry::Registry registry = context.open_registry();
  auto known = registry::calibrations(registry);
  jobs::Lesson lesson;
  if (!roll_back) {
    lesson = jobs::learn(registry::reviewed_mappings(registry), known);
    if (!lesson.nothing_learned.empty()) {
      context.reporter().info("nothing was learned: " + lesson.nothing_learned);
    }
  }
  const CalibrationRecord now = roll_back ? earlier(known, *roll_back) : record_of(lesson.fit);
  bool is_stored = false;
  if (roll_back || (apply && lesson.nothing_learned.empty())) {
    const std::string curves = known.empty() ? std::string{} : known.back().curves;
    if (now.curves == curves) {
      context.reporter().info("nothing to change: these curves are in force");
    } else {
      const int version = registry::store_calibration(registry, now);
      context.reporter().info(fmt::format("calibration {} is in force from now on", version));
      known = registry::calibrations(registry);
      is_stored = true;
    }
  }
  print(context, known, now, lesson, is_stored || roll_back.has_value());
  return ExitCode::done;
}

}  // namespace mapctl::cli

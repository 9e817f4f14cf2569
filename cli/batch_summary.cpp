// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_summary.hpp"

#include "cli/options/language_model.hpp"
#include "core/catalog/names.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace mapctl::cli {
namespace {

double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

Json target_of(const jobs::PairJob& job) {
  return job.choose_target ? Json("auto") : Json(catalog::to_string(job.target_choices.front()));
}

}  // namespace

Json to_json(const jobs::PairJob& job, const batch::JobOutcome& outcome) {
  Json json{{"source", catalog::to_string(job.source_table)},
            {"target", target_of(job)},
            {"source_endpoint", job.source.text},
            {"target_endpoint", job.target.text},
            {"status", to_string(outcome.status)},
            {"mapped", outcome.counts.mapped},
            {"unmapped", outcome.counts.unmapped()},
            {"required_unmapped", outcome.counts.required_unmapped},
            {"warnings", outcome.counts.warnings},
            {"coverage", rounded(outcome.counts.coverage())},
            {"seconds", rounded(outcome.seconds)},
            {"error", nullptr}};
  if (outcome.error) {
    json["error"] = Json{{"code", to_string(outcome.error->code)},
                         {"message", outcome.error->message},
                         {"hint", outcome.error->hint}};
  }
  return json;
}

Json to_json(const BatchSummary& summary) {
  Json json{{"schema", "mapctl.batch/1"},
            {"run_id", summary.run->run().text},
            {"name", summary.name},
            {"status", summary.status},
            {"started_at", summary.run->started_at()},
            {"finished_at", nullptr},
            {"jobs", Json::array()},
            {"totals", nullptr},
            {"outputs", Json::array()},
            {"exit_code", nullptr}};
  if (summary.result != nullptr) {
    batch::JobCounts counts;
    for (const batch::JobOutcome& outcome : summary.result->outcomes) {
      json["jobs"].push_back(to_json(summary.run->jobs()[outcome.job], outcome));
      counts += outcome.counts;
    }
    const registry::RunTotals& totals = summary.result->totals;
    json["finished_at"] = summary.result->finished_at;
    json["totals"] = Json{{"jobs", totals.jobs},
                          {"done", totals.done},
                          {"failed", totals.failed},
                          {"skipped", totals.skipped},
                          {"source_fields", counts.fields},
                          {"mapped", counts.mapped},
                          {"unmapped", counts.unmapped()},
                          {"required_unmapped", counts.required_unmapped},
                          {"warnings", counts.warnings},
                          {"coverage", rounded(counts.coverage())},
                          {"seconds", rounded(totals.seconds)}};
  }
  for (const OutputRecord& output : summary.outputs) {
    json["outputs"].push_back(Json{{"kind", output.kind}, {"path", output.path}});
  }
  if (summary.language_model != nullptr && summary.language_model->adviser()) {
    json["llm"] = summary.language_model->to_json();
  }
  if (summary.exit_code) {
    json["exit_code"] = static_cast<int>(*summary.exit_code);
  }
  return json;
}

}  // namespace mapctl::cli

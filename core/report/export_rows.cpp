// SPDX-License-Identifier: Apache-2.0
#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/report/exports.hpp"
#include "core/report/row_words.hpp"
#include "core/report/summary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace mapctl::report {
namespace {

std::string reasons_of(const MappingRow& row) {
  std::vector<std::string> reasons;
  if (row.decision != nullptr) {
    for (const mapping::Evidence& evidence : row.decision->evidence) {
      if (reasons.size() < 3) {
        reasons.push_back(evidence.detail.empty() ? std::string{evidence.signal} : evidence.detail);
      }
    }
  }
  return join(reasons, "; ");
}

Json run_json(const RunReport& run) {
  return Json{{"run_id", run.run.text},
              {"name", run.name},
              {"tenant", run.tenant.text},
              {"registry_version", run.registry_version},
              {"generated_at", to_iso8601(run.generated_at)},
              {"tool_version", run.tool_version},
              {"plan", run.plan},
              {"status", run.status},
              {"started_at", run.started_at},
              {"finished_at", run.finished_at},
              {"seconds", run.seconds}};
}

Json mapping_json(const MappingRow& row) {
  Json json{{"id", row.id},
            {"source_column", row.field->source_column.text},
            {"target_column", row.target.text},
            {"status", status_word(row)},
            {"equivalence", to_string(row.equivalence)},
            {"confidence", rounded(row.confidence)}};
  if (row.decision != nullptr) {
    json["mapping_type"] = mapping::to_string(row.decision->mapping_type);
    json["transformation"] = mapping::to_json(row.decision->transformation);
    json["warnings"] = row.decision->warnings;
  }
  json["personal"] = row.personal;
  return json;
}

Json pair_json(const RunReport& run, const PairReport& pair) {
  Json json = mapping::to_json(pair.proposal);
  // A failed job has no proposal, but its tables are known.
  json["source_table"] = catalog::to_string(pair.source.ref);
  json["target_table"] = catalog::to_string(pair.target.ref);
  json["number"] = pair.number;
  json["source_endpoint"] = pair.source.endpoint;
  json["target_endpoint"] = pair.target.endpoint;
  json["status"] = batch::to_string(pair.outcome.status);
  if (pair.outcome.error) {
    json["error"] = {{"code", to_string(pair.outcome.error->code)},
                     {"message", pair.outcome.error->message},
                     {"hint", pair.outcome.error->hint}};
  }
  json["mappings"] = Json::array();
  for (const MappingRow& row : mapping_rows(run, pair)) {
    json["mappings"].push_back(mapping_json(row));
  }
  return json;
}

std::string indented(const std::string& document, std::string_view indent) {
  std::string_view text = document;
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return std::string{indent} + replace_all(text, "\n", "\n" + std::string{indent});
}

}  // namespace

void write_csv(const RunReport& run, PairSource& pairs, const Output& output) {
  CsvLine line;
  for (const char* title : {"pair",         "source_endpoint",
                            "source_table", "source_column",
                            "source_type",  "target_endpoint",
                            "target_table", "target_column",
                            "target_type",  "required",
                            "status",       "equivalence",
                            "confidence",   "band",
                            "mapping_type", "transformation",
                            "warnings",     "personal",
                            "reasons",      "mapping_id"}) {
    line.add(title);
  }
  output(line.end());
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    for (const MappingRow& row : mapping_rows(run, *pair)) {
      const bool is_mapping = !row.target.empty();
      const mapping::Candidate* decision = row.decision;
      line.add(fmt::format("{}", pair->number))
          .add(pair->source.endpoint)
          .add(catalog::to_string(pair->source.ref))
          .add(row.field->source_column.text)
          .add(type_words(row.source_column))
          .add(pair->target.endpoint)
          .add(catalog::to_string(pair->target.ref))
          .add(row.target.text)
          .add(type_words(row.target_column))
          .add(row.target_column == nullptr  ? ""
               : row.target_column->required ? "yes"
                                             : "no")
          .add(status_word(row))
          .add(to_string(row.equivalence))
          .add(is_mapping ? fmt::format("{:.4f}", row.confidence) : std::string{})
          .add(is_mapping ? confidence_band(row.confidence) : std::string_view{})
          .add(decision == nullptr ? std::string_view{}
                                   : mapping::to_string(decision->mapping_type))
          .add(decision == nullptr || decision->transformation.is_direct()
                   ? std::string{}
                   : mapping::describe(decision->transformation))
          .add(decision == nullptr ? std::string{} : join(decision->warnings, "; "))
          .add(row.personal ? "yes" : "no")
          .add(reasons_of(row))
          .add(is_mapping || row.record != nullptr ? row.id : std::string{});
      output(line.end());
    }
  }
}

void write_json(const RunReport& run, PairSource& pairs, const Output& output) {
  output("{\n  \"schema\": \"mapctl.proposal/1\",\n  \"run\":\n");
  output(indented(to_document(run_json(run)), "  ") + ",\n");
  std::string names = "  \"source\": ";
  append_json_string(names, run.source);
  names += ",\n  \"target\": ";
  append_json_string(names, run.target);
  output(names + ",\n  \"pairs\": [");
  pairs.rewind();
  bool is_first = true;
  while (const PairReport* pair = pairs.next()) {
    output(std::exchange(is_first, false) ? "\n" : ",\n");
    output(indented(to_document(pair_json(run, *pair)), "    "));
  }
  output(is_first ? "]\n}\n" : "\n  ]\n}\n");
}

void write_jsonl(const RunReport& run, PairSource& pairs, const Output& output) {
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    const Json head{{"run_id", run.run.text},
                    {"pair", pair->number},
                    {"source_endpoint", pair->source.endpoint},
                    {"source_table", catalog::to_string(pair->source.ref)},
                    {"target_endpoint", pair->target.endpoint},
                    {"target_table", catalog::to_string(pair->target.ref)}};
    for (const MappingRow& row : mapping_rows(run, *pair)) {
      Json line = head;
      line.update(mapping_json(row));
      output(to_line(line) + "\n");
    }
  }
}

void write_files(const std::filesystem::path& directory, const std::vector<ExportFile>& files) {
  for (const ExportFile& file : files) {
    const std::filesystem::path path = directory / file.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) {
      throw_io_error(error.value(), "create the folder", path.parent_path());
    }
    write_file_atomically(path, file.text);
  }
}

}  // namespace mapctl::report

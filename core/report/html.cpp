// SPDX-License-Identifier: Apache-2.0
#include "core/report/html.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/report/html_page.hpp"
#include "core/report/row_words.hpp"
#include "core/report/summary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace mapctl::report {
namespace {

// JSON that stands in an HTML script element: nothing in it may end the element, and two line
// separators were no part of JavaScript strings once.
std::string in_script(const Json& json) {
  std::string text = replace_all(to_line(json), "<", "\\u003c");
  text = replace_all(text, "\xE2\x80\xA8", "\\u2028");
  return replace_all(text, "\xE2\x80\xA9", "\\u2029");
}

Json row_json(const MappingRow& row) {
  Json json{{"source", row.field->source_column.text},
            {"source_type", type_words(row.source_column)},
            {"target", row.target.text},
            {"target_type", type_words(row.target_column)},
            {"status", status_word(row)},
            {"confidence", rounded(row.confidence)},
            {"personal", row.personal},
            {"transformation", ""},
            {"warnings", Json::array()},
            {"evidence", Json::array()},
            {"alternatives", Json::array()}};
  if (row.decision != nullptr) {
    if (!row.decision->transformation.is_direct()) {
      json["transformation"] = mapping::describe(row.decision->transformation);
    }
    json["warnings"] = row.decision->warnings;
    for (const mapping::Evidence& evidence : row.decision->evidence) {
      json["evidence"].push_back({{"signal", evidence.signal},
                                  {"weight", rounded(evidence.weight)},
                                  {"detail", evidence.detail}});
    }
  }
  for (const mapping::Candidate& candidate : row.field->candidates) {
    if (&candidate != row.decision && !is_decided(*row.field, candidate) &&
        json["alternatives"].size() < 3) {
      json["alternatives"].push_back({{"target", candidate.target_column.text},
                                      {"confidence", rounded(candidate.confidence)}});
    }
  }
  return json;
}

struct Totals {
  Figures figures{};
  std::size_t pairs = 0, failed = 0;
};

Json pair_json(const RunReport& run, const PairReport& pair, Totals& totals) {
  const std::vector<MappingRow> rows = mapping_rows(run, pair);
  const std::vector<UnmappedRow> unmapped = unmapped_targets(run, pair, rows);
  const Figures figures = figures_of(pair, rows, unmapped);
  const bool failed = pair.outcome.error || pair.outcome.status == batch::JobStatus::failed;
  totals.figures += figures;
  ++totals.pairs;
  totals.failed += failed ? 1 : 0;
  Json json{{"title", title_of(pair)},
            {"source", catalog::to_string(pair.source.ref)},
            {"target", catalog::to_string(pair.target.ref)},
            {"source_endpoint", pair.source.endpoint},
            {"target_endpoint", pair.target.endpoint},
            {"status", failed ? std::string_view{"failed"} : batch::to_string(pair.outcome.status)},
            {"error", pair.outcome.error ? pair.outcome.error->message : std::string{}},
            {"coverage", rounded(figures.coverage())},
            {"required_unmapped", figures.required_unmapped},
            {"rows", Json::array()},
            {"unmapped", Json::array()}};
  for (const MappingRow& row : rows) {
    json["rows"].push_back(row_json(row));
  }
  for (const UnmappedRow& row : unmapped) {
    json["unmapped"].push_back({{"name", row.name}, {"required", row.required}});
  }
  return json;
}

}  // namespace

void write_html(const RunReport& run, PairSource& pairs, const Output& output) {
  output(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Mappings</title>\n<style>");
  output(page::style);
  output("</style>\n</head>\n<body>\n");
  output(page::body);
  output("<script type=\"application/json\" id=\"data\">{\"pairs\":[");
  Totals totals;
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    output(totals.pairs == 0 ? "\n" : ",\n");
    output(in_script(pair_json(run, *pair, totals)));
  }
  const Figures& figures = totals.figures;
  const Json sum{{"pairs", totals.pairs},
                 {"failed", totals.failed},
                 {"coverage", rounded(figures.coverage())},
                 {"mapped", figures.mapped},
                 {"proposed", figures.proposed},
                 {"confidence", rounded(figures.confidence())},
                 {"required_unmapped", figures.required_unmapped},
                 {"lossy", figures.lossy}};
  const Json about{{"name", run.name},
                   {"run_id", run.run.text},
                   {"tenant", run.tenant.text},
                   {"source", run.source},
                   {"target", run.target},
                   {"generated_at", to_iso8601_seconds(run.generated_at)},
                   {"tool_version", run.tool_version},
                   {"export_id", export_id_of(run)}};
  output("\n],\n\"totals\":" + in_script(sum) + ",\n\"run\":" + in_script(about) + "}</script>\n");
  output("<script>");
  output(page::script);
  output("</script>\n</body>\n</html>\n");
}

}  // namespace mapctl::report

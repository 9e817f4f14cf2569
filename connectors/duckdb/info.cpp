// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/info.hpp"

namespace mapctl::connectors::duckdb {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "file";
  info.description = "CSV, JSON, JSON Lines and Parquet files, and folders of them";
  info.kind = "file";
  info.capabilities.discovers_statistics = true;
  info.capabilities.counts_rows = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  info.options = {
      {"path", "file, or folder whose files are tables and whose sub-folders are schemas", true,
       true},
      {"format", "auto (by name and content), csv, json, jsonl or parquet", false, false},
      {"encoding", "of text files: utf-8, utf-16, latin-1, windows-1252 or any other iconv knows",
       false, false},
      {"delimiter", "of CSV fields: one character or tab; found out when not given", false, false},
      {"quote", "of CSV fields: one character or none; \" when not given", false, false},
      {"header", "whether CSV files begin with names: auto, true or false", false, false},
      {"skip_lines",
       "lines above the names, or above the rows, of CSV files; found out when not given", false,
       false},
      {"null_values", "words for no value beside the empty field, separated by commas", false,
       false},
      {"sample_rows", "rows looked at for types, patterns and samples, 20000 when not given", false,
       false},
      {"bad_rows", "when rows are read and one has too many or too few fields: fail or skip", false,
       false},
  };
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "generic";
  facts.reason = "one reader for every file of these formats; what differs is told by options";
  facts.tested = "files of the tests";
  return facts;
}

}  // namespace mapctl::connectors::duckdb

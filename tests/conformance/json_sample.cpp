// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/json_sample.hpp"

#include <nlohmann/json.hpp>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

Json json_value(LogicalType type, const std::optional<std::string>& value) {
  if (!value) {
    return nullptr;
  }
  const bool bare =
      type == LogicalType::integer || type == LogicalType::decimal || type == LogicalType::boolean;
  return bare ? Json::parse(*value) : Json(*value);
}

}  // namespace

Json json_record(const SampleTable& table, const SampleRow& row) {
  Json record = Json::object();
  for (std::size_t i = 0; i < row.size(); ++i) {
    record[table.columns[i].name] = json_value(table.columns[i].type, row[i]);
  }
  return record;
}

}  // namespace mapctl::test

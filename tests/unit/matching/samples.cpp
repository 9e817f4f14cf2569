// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/matching/samples.hpp"

#include "core/catalog/profiler.hpp"
#include "core/catalog/types.hpp"

#include <utility>

namespace mapctl::test {

catalog::Column column(std::string name, std::string_view type) {
  catalog::Column result;
  result.name = catalog::ColumnName{std::move(name)};
  result.type = catalog::parse_data_type(type);
  return result;
}

catalog::Column filled(std::string name, std::string_view type,
                       const std::vector<std::string>& values) {
  auto result = column(std::move(name), type);
  catalog::ColumnProfiler profiler;
  for (const auto& value : values) {
    if (value.empty()) {
      profiler.add_null();
    } else {
      profiler.add(value);
    }
  }
  result.statistics = profiler.finish();
  return result;
}

catalog::Table table(std::string name, std::vector<catalog::Column> columns) {
  catalog::Table result;
  result.name = catalog::TableName{std::move(name)};
  result.columns = std::move(columns);
  int position = 0;
  for (auto& item : result.columns) {
    item.position = ++position;
  }
  return result;
}

std::shared_ptr<const catalog::Catalog> catalog_of(std::vector<catalog::Table> tables) {
  auto result = std::make_shared<catalog::Catalog>();
  result->schemas.emplace_back().tables = std::move(tables);
  catalog::normalise(*result);
  return result;
}

catalog::TableRef ref(std::string name) {
  return {catalog::SchemaName{}, catalog::TableName{std::move(name)}};
}

std::unique_ptr<const matching::Side> side_of(const catalog::Table& source) {
  return matching::build_side({{ref(source.name.text), &source}}, *shipped_lexicon());
}

}  // namespace mapctl::test

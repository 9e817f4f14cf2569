// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/support/knowledge.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::test {

catalog::Column column(std::string name, std::string_view type = "string");
// With statistics of the given values; "" is a missing value.
catalog::Column filled(std::string name, std::string_view type,
                       const std::vector<std::string>& values);
catalog::Table table(std::string name, std::vector<catalog::Column> columns);
std::shared_ptr<const catalog::Catalog> catalog_of(std::vector<catalog::Table> tables);
catalog::TableRef ref(std::string name);

// A table with one column, made ready.
std::unique_ptr<const matching::Side> side_of(const catalog::Table& table);

}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

enum class LineageKind : std::uint8_t { text, number, json };
struct LineageColumn {
  std::string_view name{};  // of the view
  LineageKind kind = LineageKind::text;
};
// id, source_system, source_table, source_field, target_entity, target_field, mapping_type ...
std::span<const LineageColumn> lineage_columns() noexcept;

// `column operator value`: = != < <= > >= compare, ~ finds the value in the text in either case.
struct LineageTerm {
  std::string column{};
  std::string op{};
  std::string value{};
};
// "status=active"; throws Error::usage naming the nearest column.
LineageTerm parse_lineage_term(std::string_view text);

struct LineageQuery {
  std::vector<std::vector<LineageTerm>> all_of{};  // in each group one must hold
  std::string search{};                            // each of its words is somewhere in the row
  std::vector<std::string> sort{};                 // "target_entity", "-confidence_score"
  std::size_t limit = 0;                           // 0: all
  std::size_t offset = 0;
};

// Rows of the lineage grid as text in the order of lineage_columns(); `null` cells are empty. Equal
// rows of the sort keep the order of their ids. Returns how many. `visit` must not use the
// registry.
std::size_t for_each_lineage_row(Registry& registry, const LineageQuery& query,
                                 const std::function<void(std::span<const std::string>)>& visit);

// Brings the grid up to date where it is kept (PostgreSQL), without keeping readers out. False
// where it is computed and always is.
bool refresh_lineage(Registry& registry);

}  // namespace mapctl::registry

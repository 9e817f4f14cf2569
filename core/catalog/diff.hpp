// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mapctl::catalog {

enum class ChangeKind : std::uint8_t {
  table_added,
  table_removed,
  column_added,
  column_removed,
  column_renamed,  // removed and added again under another name, as `likelihood` says
  type_changed,
  nullability_changed,
  default_changed,
  comment_changed,
  key_changed,
};
std::string_view to_string(ChangeKind kind) noexcept;

struct Change {
  ChangeKind kind{};
  TableRef table{};
  std::string column{};  // empty for changes of a table; the new name of a renamed one
  std::string before{};
  std::string after{};
  double likelihood = 1;  // of a rename, 0.5..1
  bool operator==(const Change&) const = default;
};

// By table, then kind, then column. A rename is proposed from type, position, comment, statistics
// and name, and only where both sides agree on it.
std::vector<Change> diff(const Catalog& before, const Catalog& after);

}  // namespace mapctl::catalog

// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/names.hpp"

#include "core/base/text.hpp"

namespace mapctl::catalog {

std::string to_string(const TableRef& table) {
  return table.schema.empty() ? table.table.text : table.schema.text + "." + table.table.text;
}

bool NamePattern::matches(std::string_view name, bool ignore_case) const {
  // A name that holds pattern characters must stay reachable by being written out.
  return (ignore_case ? equal_ignoring_case(glob_, name) : glob_ == name) ||
         glob_match(glob_, name, ignore_case);
}

bool NamePattern::matches(const TableRef& table, bool ignore_case) const {
  return matches(table.table.text, ignore_case) ||
         (!table.schema.empty() && matches(to_string(table), ignore_case));
}

bool NamePattern::is_literal() const noexcept {
  return !has_glob(glob_);
}

}  // namespace mapctl::catalog

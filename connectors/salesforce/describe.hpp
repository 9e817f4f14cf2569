// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/catalog/table.hpp"

#include <string>
#include <vector>

namespace mapctl::connectors::salesforce {

// A field that SOQL and the Bulk API can select, in the order of the description.
struct SelectedField {
  std::string name{};
  catalog::LogicalType type{};
};

// An object as Salesforce describes it to the user: what field-level security hides is not in it.
struct Description {
  catalog::Table table{};
  std::vector<SelectedField> fields{};  // one for each column of the table
  bool queryable = false;
  bool has_deleted = false;    // has a field IsDeleted
  bool tells_deleted = false;  // Salesforce tells which rows were deleted when
  bool has_files = false;      // has fields that the Bulk API does not give
};

// Compound fields (addresses, places) are left out: their parts are columns. Picklists become
// allowed values, and a code list where all of them are codes of one. Throws Error::invalid_data
// for what is no description.
Description read_description(const Json& body);

}  // namespace mapctl::connectors::salesforce

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/catalog/record_shape.hpp"

#include <memory>

namespace mapctl::connectors::mongodb {

// The schema of a collection that the server checks documents against.
struct Validator {
  std::shared_ptr<const Json> schema{};  // of "$jsonSchema"; null: there is none
  // Every document was checked, and was refused where it does not fit.
  bool is_enforced = false;
};

// `options` of what listCollections tells of a collection. One that is switched off is none.
Validator validator_of(const Json& options);

// Adds to the columns what the schema tells of them, and the fields that it names and that no
// document has, after the others. Positions are not set.
void apply(const Validator& validator, catalog::Shape& shape);

}  // namespace mapctl::connectors::mongodb

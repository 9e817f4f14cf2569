// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"
#include "core/catalog/record_shape.hpp"

namespace mapctl::connectors::rest {

// Columns of a JSON Schema of one record; `document` is where "$ref" points into.
catalog::Shape shape_of_schema(const Json& schema, const Json& document);

// The schema of a stream's records in an OpenAPI 3 document: of the operation that it names or of
// its method and path, behind the record path. Null when the document does not say.
const Json* find_record_schema(const Json& document, const Stream& stream);

}  // namespace mapctl::connectors::rest

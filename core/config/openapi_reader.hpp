// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Looking around in an OpenAPI 3 document. Pointers are into the document and null where it does
// not say.
namespace mapctl::config {

class OpenApiReader {
 public:
  explicit OpenApiReader(const Json& document) : document_{&document} {}

  const Json& document() const noexcept { return *document_; }
  // Follows "$ref" within the document.
  const Json* resolved(const Json* value) const;
  // A key of an object, resolved.
  const Json* at(const Json* object, std::string_view key) const;
  // Properties of a schema with those of its allOf, resolved, in their order.
  std::vector<std::pair<std::string, const Json*>> properties(const Json* schema) const;
  const Json* property(const Json* schema, std::string_view name) const;

  // The answer of an operation when all is well, and the schema of its JSON.
  const Json* response(const Json& operation) const;
  const Json* response_schema(const Json& operation) const;
  bool has_header(const Json& operation, std::string_view lower_case_name) const;
  // Of the path and of the operation, which wins, resolved.
  std::vector<const Json*> parameters(const Json& path_item, const Json& operation) const;

  struct Records {
    std::string path{};            // dotted, in the answer; empty: the answer is the list
    const Json* schema = nullptr;  // of one record
    const Json* answer = nullptr;  // schema of the whole answer
  };
  // Where the list is in an answer; nothing when there is none, or more than one that could be it.
  std::optional<Records> records(const Json& operation, std::string_view last_segment) const;

 private:
  const Json* item_of(const Json* schema) const;

  const Json* document_;
};

// Text of a key; empty when there is none or it is no text.
std::string openapi_text(const Json& object, std::string_view key);

}  // namespace mapctl::config

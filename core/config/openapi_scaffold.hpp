// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <map>
#include <string>
#include <vector>

namespace mapctl::config {

struct OpenApiRequest {
  std::string name{};      // of the profile
  std::string source{};    // URL or file of the document, for messages and servers without a host
  std::string document{};  // what the profile says under `openapi:`
  // Path and query parameters that no list of records gives, by name.
  std::map<std::string, std::string, std::less<>> values{};
  // Patterns of the names of wanted streams; empty: all.
  std::vector<std::string> wanted{};
};

struct OpenApiProfile {
  struct LeftOut {
    std::string path{};
    std::string reason{};
  };
  std::string yaml{};
  std::vector<std::string> streams{};
  std::vector<LeftOut> left_out{};
  std::vector<std::string> missing_values{};  // parameters that `values` could give, sorted
  std::vector<std::string> remarks{};         // what to know of the profile
};

// A profile for the connector `rest` from an OpenAPI 3 description: each GET that answers with a
// list is a stream; authentication, paging, keys and parents are read from schemas and names.
// Secrets become references to the environment: MY_CRM_TOKEN for the profile `my-crm`. Throws
// Error::configuration for a document that is no such description, Error::usage for values that
// nothing takes, Error::not_found for patterns that no stream matches.
OpenApiProfile scaffold_openapi(const Json& document, const OpenApiRequest& request);

}  // namespace mapctl::config

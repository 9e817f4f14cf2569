// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mapctl::ports {

// What a connector tells of itself beyond ConnectorInfo, for the capability matrix.
struct ConnectorFacts {
  // How it comes to know its systems: "generic" (one code for all, told by options), "openapi"
  // (described by a document), "hybrid" (generic with code for some) or "custom" (code for one).
  std::string approach{};
  std::string reason{};                       // for that, one line
  std::vector<std::string> authentication{};  // "password", "bearer"; empty: none is needed
  std::string tested{};                       // what the tests run it against
  bool reads_changes = false;                 // only what is new since a cursor
  // Options that name a file, or the URL of one, which is fetched before the connector sees it.
  std::vector<std::string> documents{};
};

}  // namespace mapctl::ports

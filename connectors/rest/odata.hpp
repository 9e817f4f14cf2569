// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/record_shape.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::rest {

// What a service of OData 2 to 4 says about one set of entities.
struct ODataSet {
  catalog::Shape shape{};  // complex properties as dotted names
  std::vector<std::string> key{};
  struct Reference {
    std::vector<std::string> columns{};
    std::string set{};
    std::vector<std::string> keys{};
  };
  std::vector<Reference> references{};
};

// By name of the set.
using ODataModel = std::map<std::string, ODataSet>;

// Reads a $metadata document (EDMX). Document types are refused, so there are no entities but those
// that XML knows itself. Throws Error::invalid_data naming `what` and the line.
ODataModel read_odata(std::string_view document, std::string_view what);

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/dictionary/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <string>
#include <utility>

namespace mapctl::test {

// Files in a folder of their own, read through the connector.
class Written {
 public:
  Written& add(const std::string& file, const std::string& text) {
    std::ofstream{folder_.path() / file, std::ios::binary} << text;
    return *this;
  }
  std::string path(const std::string& file = {}) const {
    return file.empty() ? folder_.path().string() : (folder_.path() / file).string();
  }
  catalog::Catalog read(const std::string& file = {}, std::map<std::string, std::string> more = {},
                        ports::DiscoveryScope scope = {}) const {
    ports::ConnectorOptions options;
    options.profile = "test";
    options.options = std::move(more);
    options.options["path"] = path(file);
    return connectors::dictionary::factory().open(options, {})->discover(scope, {});
  }
  // The error that reading ends with.
  Error failure(const std::string& file = {}) const {
    try {
      read(file);
    } catch (const Error& error) {
      return error;
    }
    FAIL("it was read");
    return Error{ErrorCode::internal, ""};
  }

 private:
  TemporaryDirectory folder_;
};

inline const catalog::Table& only_table(const catalog::Catalog& found) {
  REQUIRE(found.tables().size() == 1);
  return *found.tables().front().table;
}

}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

namespace mapctl::test {

// A file of the source tree; tests run anywhere.
inline std::string source_path(const std::string& relative) {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  return (root == nullptr ? std::string{"."} : std::string{root}) + "/" + relative;
}

}  // namespace mapctl::test

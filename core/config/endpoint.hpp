// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl::config {

// An endpoint as it is written on a command line or in a plan, taken apart but not looked up.
struct Endpoint {
  enum class Kind : std::uint8_t { profile, canonical, location };
  Kind kind = Kind::profile;
  std::string scheme{};  // of a location, in lower case: "file", "canonical"
  std::string text{};    // as written, without passwords; the name that people see
  std::string
      connector{};  // of a location: "file", "sqlite", "dictionary"; of canonical "dictionary"
  std::string location{};  // path of a location, as written; empty otherwise
  Secret url{};            // of a location on a server, as written; its path is then empty
};

// Throws Error::usage for text that is none, also for a system that only a profile can name.
Endpoint parse_endpoint(std::string_view text);

}  // namespace mapctl::config

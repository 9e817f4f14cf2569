// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace mapctl::ports {

// What a Connector can be besides, when its system tells at much less cost than a discovery whether
// there is anything new to discover.
class ChangeMarked {
 public:
  virtual ~ChangeMarked() = default;
  // A text that differs from an earlier one when names, types, keys, comments or privileges may
  // have changed since; rows do not count. Nothing where the system does not tell. Throws as
  // Connector::discover() does.
  virtual std::optional<std::string> change_mark(std::stop_token stop) = 0;
};

}  // namespace mapctl::ports

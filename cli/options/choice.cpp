// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"

#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mapctl::cli {

CLI::Option* choices(CLI::Option* option, std::initializer_list<std::string_view> words) {
  std::vector<std::string> known{words.begin(), words.end()};
  option->type_name(join(known, "|"));
  return option->check([known = std::move(known)](const std::string& value) -> std::string {
    if (std::find(known.begin(), known.end(), value) != known.end()) {
      return {};
    }
    const auto near = nearest(value, known);
    return fmt::format("'{}' is none of {}{}", value, join(known, ", "),
                       near ? fmt::format("; did you mean '{}'?", *near) : std::string{});
  });
}

}  // namespace mapctl::cli

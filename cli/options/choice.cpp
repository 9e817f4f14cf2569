// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace mapctl::cli {
namespace {

[[noreturn]] void refuse(const CLI::Option& option, const std::string& value, std::string hint) {
  throw Error{ErrorCode::usage, fmt::format("{} cannot be '{}'", option.get_name(), value),
              std::move(hint)};
}

}  // namespace

CLI::Option* choices(CLI::Option* option, std::vector<std::string> words) {
  option->type_name(join(words, "|"));
  return option->check([option, known = std::move(words)](const std::string& value) {
    if (std::find(known.begin(), known.end(), value) == known.end()) {
      const auto near = nearest(value, known);
      refuse(*option, value,
             near ? fmt::format("did you mean '{}'?", *near)
                  : fmt::format("it is one of {}", join(known, ", ")));
    }
    return std::string{};
  });
}

CLI::Option* between(CLI::Option* option, double least, double most) {
  return option->check([option, least, most](const std::string& value) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    // "nan" and "inf" are read as numbers, and no comparison with the former holds.
    if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number) ||
        number < least || number > most) {
      refuse(*option, value,
             std::isinf(most) ? fmt::format("give a number of at least {}", least)
                              : fmt::format("give a number from {} to {}", least, most));
    }
    return std::string{};
  });
}

}  // namespace mapctl::cli

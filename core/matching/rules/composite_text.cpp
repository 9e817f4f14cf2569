// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <utility>

// Steps over texts, and words about them.
namespace mapctl::matching {

using mapping::Transformation;
using mapping::TransformationKind;

Transformation split_of(std::string_view separator, std::string_view part) {
  Transformation result;
  result.steps.push_back(step_of(TransformationKind::split, {{"separator", std::string{separator}},
                                                             {"part", std::string{part}}}));
  if (separator != " ") {
    result.steps.push_back(step_of(TransformationKind::trim));
  }
  return result;
}

Transformation join_of(std::vector<std::string> inputs, std::string_view separator) {
  Transformation result;
  result.inputs = std::move(inputs);
  result.steps.push_back(
      step_of(TransformationKind::join, {{"separator", std::string{separator}}}));
  return result;
}

Transformation join_as(std::vector<std::string> inputs, std::string_view text) {
  Transformation result;
  result.inputs = std::move(inputs);
  result.steps.push_back(step_of(TransformationKind::join, {{"template", std::string{text}}}));
  return result;
}

std::string between_parts(char separator) {
  return separator == ',' || separator == ';' ? std::string{separator} + " "
                                              : std::string{separator};
}

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t at = 0; at < names.size(); ++at) {
    text += fmt::format("{}'{}'",
                        at == 0                  ? ""
                        : at + 1 == names.size() ? " and "
                                                 : ", ",
                        names[at]);
  }
  return text;
}

}  // namespace mapctl::matching

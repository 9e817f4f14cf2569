// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/decision.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace mapctl::mapping {
namespace {

constexpr std::array<std::string_view, 4> verdicts{"approved", "rejected", "withdrawn", "not_used"};

Json to_json(const Ruling& ruling) {
  return Json::array({to_string(ruling.verdict), ruling.version, ruling.by, ruling.at});
}

Ruling ruling_of(const Json& json) {
  Ruling ruling;
  const auto word = json.at(0).get<std::string>();
  for (std::size_t number = 0; number < verdicts.size(); ++number) {
    if (verdicts[number] == word) {
      ruling.verdict = static_cast<Verdict>(number);
      ruling.version = json.at(1).get<int>();
      ruling.by = json.at(2).get<std::string>();
      ruling.at = json.at(3).get<std::string>();
      return ruling;
    }
  }
  throw Error{ErrorCode::invalid_data, fmt::format("'{}' is no verdict", word)};
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  return verdicts[static_cast<std::size_t>(verdict)];
}

std::string decisions_to_text(const std::vector<Decision>& decisions) {
  std::string text;
  for (const Decision& decision : decisions) {
    const MappingKey& key = decision.key;
    Json line = Json::array({key.connector.text, key.source_table.text, key.source_field.text,
                             decision.source_type, key.entity.text, key.field.text,
                             to_json(decision.ruling)});
    if (decision.reversed) {
      line.push_back(to_json(*decision.reversed));
    }
    text += to_line(line);
    text += '\n';
  }
  return text;
}

std::vector<Decision> decisions_from_text(std::string_view text, std::string_view what) {
  std::vector<Decision> decisions;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const Json line = parse_json(text.substr(0, end), what);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    try {
      Decision decision;
      decision.key = {ConnectorName{line.at(0).get<std::string>()},
                      catalog::TableName{line.at(1).get<std::string>()},
                      FieldPath{line.at(2).get<std::string>()},
                      EntityName{line.at(4).get<std::string>()},
                      FieldPath{line.at(5).get<std::string>()}};
      decision.source_type = line.at(3).get<std::string>();
      decision.ruling = ruling_of(line.at(6));
      if (line.size() > 7) {
        decision.reversed = ruling_of(line.at(7));
      }
      decisions.push_back(std::move(decision));
    } catch (const Json::exception&) {
      throw Error{ErrorCode::invalid_data, fmt::format("'{}' holds a damaged decision", what),
                  "start a new run without --resume"};
    }
  }
  return decisions;
}

}  // namespace mapctl::mapping

// SPDX-License-Identifier: Apache-2.0
#include "core/registry/evidence.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/mapping/transformation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace mapctl::registry {
namespace {

using mapping::Candidate;
using mapping::Evidence;

// Bytes that JSON wants escaped, and those outside ASCII, whose encoding is checked.
constexpr std::array<bool, 256> make_special() {
  std::array<bool, 256> special{};
  for (std::size_t byte = 0; byte < special.size(); ++byte) {
    special[byte] = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
  }
  return special;
}
constexpr std::array<bool, 256> special = make_special();

bool is_plain(std::string_view text) noexcept {
  unsigned found = 0;  // without a branch for each byte
  for (const char c : text) {
    found |= static_cast<unsigned>(special[static_cast<unsigned char>(c)]);
  }
  return found == 0;
}

// As arrays: evidence is most of what a registry holds, and its keys would be a third of that.
void append_evidence(std::string& out, const std::vector<Evidence>& evidence) {
  out += '[';
  for (const Evidence& item : evidence) {
    out += &item == evidence.data() ? "[" : ",[";
    append_text(out, item.signal);
    out += ',';
    append_number(out, item.score);
    out += ',';
    append_number(out, item.weight);
    out += ',';
    append_text(out, item.detail);
    out += ']';
  }
  out += ']';
}

void append_candidate(std::string& out, const Candidate& candidate,
                      const catalog::TableRef& target_table) {
  out += '{';
  if (candidate.target_table != target_table) {
    out += R"("target_schema":)";
    append_text(out, candidate.target_table.schema.text);
    out += R"(,"target_table":)";
    append_text(out, candidate.target_table.table.text);
    out += ',';
  }
  out += R"("target_column":)";
  append_text(out, candidate.target_column.text);
  out += R"(,"score":)";
  append_number(out, candidate.score);
  out += R"(,"confidence":)";
  append_number(out, candidate.confidence);
  out += R"(,"mapping_type":)";
  append_text(out, to_string(candidate.mapping_type));
  if (candidate.transformation != mapping::Transformation{}) {
    out += R"(,"transformation":)";
    mapping::append_json(out, candidate.transformation);
  }
  if (!candidate.warnings.empty()) {
    out += R"(,"warnings":)";
    char separator = '[';
    for (const std::string& warning : candidate.warnings) {
      out += std::exchange(separator, ',');
      append_text(out, warning);
    }
    out += ']';
  }
  out += R"(,"evidence":)";
  append_evidence(out, candidate.evidence);
  out += '}';
}

// Runs `read` on the parsed text and turns whatever does not fit into one error.
template <class Read>
auto reading(std::string_view json, std::string_view what, Read read) {
  const Json document = parse_json(json, what);
  try {
    return read(document);
  } catch (const nlohmann::json::exception&) {
    throw Error{ErrorCode::invalid_data, fmt::format("{} is damaged in the registry", what),
                "run the batch again, or restore the registry from a backup"};
  }
}

std::vector<Evidence> read_evidence(const Json& list, SignalNames& names) {
  std::vector<Evidence> evidence;
  evidence.reserve(list.size());
  for (const Json& item : list) {
    const auto& signal = item.at(0).get_ref<const std::string&>();
    evidence.push_back({*names.insert(signal).first, item.at(1).get<double>(),
                        item.at(2).get<double>(), item.at(3).get<std::string>()});
  }
  return evidence;
}

}  // namespace

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += '0';  // JSON has no other way to say it
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_text(std::string& out, std::string_view text) {
  if (!is_plain(text)) {
    append_json_string(out, text);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

std::string candidates_to_json(const std::vector<Candidate>& candidates,
                               const catalog::TableRef& target_table) {
  std::string out;
  out.reserve(64 + candidates.size() * 800);
  out += '[';
  for (const Candidate& candidate : candidates) {
    if (&candidate != candidates.data()) {
      out += ',';
    }
    append_candidate(out, candidate, target_table);
  }
  out += ']';
  return out;
}

std::string evidence_to_json(const std::vector<Evidence>& evidence) {
  std::string out;
  append_evidence(out, evidence);
  return out;
}

std::string decision_to_json(const std::vector<std::size_t>& decision) {
  return fmt::format("[{}]", fmt::join(decision, ","));
}

std::string unmapped_to_json(const std::vector<mapping::UnmappedTarget>& unmapped) {
  std::string out = "[";
  for (const auto& target : unmapped) {
    out += out.size() == 1 ? R"({"column":)" : R"(,{"column":)";
    append_text(out, target.column.text);
    out += target.required ? R"(,"required":true})" : R"(,"required":false})";
  }
  out += ']';
  return out;
}

bool same_json(std::string_view left, std::string_view right) {
  if (left == right) {
    return true;
  }
  // The kind that sorts its members.
  const auto a = nlohmann::json::parse(left, nullptr, false);
  const auto b = nlohmann::json::parse(right, nullptr, false);
  return !a.is_discarded() && !b.is_discarded() && a == b;
}

std::string transformation_to_json(const mapping::Transformation& transformation) {
  std::string json;
  if (transformation != mapping::Transformation{}) {
    mapping::append_json(json, transformation);
  }
  return json;
}

std::vector<Candidate> candidates_from_json(std::string_view json,
                                            const catalog::TableRef& target_table,
                                            SignalNames& names, std::string_view what) {
  return reading(json, what, [&](const Json& list) {
    std::vector<Candidate> candidates;
    candidates.reserve(list.size());
    for (const Json& item : list) {
      Candidate candidate;
      candidate.target_table = target_table;
      if (item.contains("target_table")) {
        candidate.target_table = {catalog::SchemaName{item.at("target_schema").get<std::string>()},
                                  catalog::TableName{item.at("target_table").get<std::string>()}};
      }
      candidate.target_column = catalog::ColumnName{item.at("target_column").get<std::string>()};
      candidate.score = item.at("score").get<double>();
      candidate.confidence = item.at("confidence").get<double>();
      candidate.mapping_type =
          mapping::mapping_type_from(item.at("mapping_type").get_ref<const std::string&>())
              .value_or(mapping::MappingType::direct);
      if (item.contains("transformation")) {
        candidate.transformation = mapping::transformation_from_json(item.at("transformation"));
      }
      if (item.contains("warnings")) {
        candidate.warnings = item.at("warnings").get<std::vector<std::string>>();
      }
      candidate.evidence = read_evidence(item.at("evidence"), names);
      candidates.push_back(std::move(candidate));
    }
    return candidates;
  });
}

std::vector<Evidence> evidence_from_json(std::string_view json, SignalNames& names,
                                         std::string_view what) {
  return reading(json, what, [&](const Json& list) { return read_evidence(list, names); });
}

std::vector<std::size_t> decision_from_json(std::string_view json, std::size_t candidates,
                                            std::string_view what) {
  auto decision =
      reading(json, what, [](const Json& list) { return list.get<std::vector<std::size_t>>(); });
  for (const std::size_t index : decision) {
    if (index >= candidates) {
      throw Error{ErrorCode::invalid_data, fmt::format("{} is damaged in the registry", what),
                  "run the batch again, or restore the registry from a backup"};
    }
  }
  return decision;
}

std::vector<mapping::UnmappedTarget> unmapped_from_json(std::string_view json,
                                                        std::string_view what) {
  return reading(json, what, [](const Json& list) {
    std::vector<mapping::UnmappedTarget> unmapped;
    for (const Json& item : list) {
      unmapped.push_back({catalog::ColumnName{item.at("column").get<std::string>()},
                          item.at("required").get<bool>()});
    }
    return unmapped;
  });
}

}  // namespace mapctl::registry

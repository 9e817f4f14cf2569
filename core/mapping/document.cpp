// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/document.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/mapping/transform_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mapctl::mapping {

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return {};
}

std::size_t MappingDocument::mappings() const noexcept {
  std::size_t count = 0;
  for (const DocumentEntity& entity : entities) {
    count += entity.entries.size();
  }
  return count;
}

MappingKey key_of(const MappingDocument& document, const DocumentEntity& entity,
                  const DocumentEntry& entry) {
  return {document.connector, catalog::TableName{entity.name.text}, entry.source, entity.name,
          entry.field};
}

std::string yaml_scalar(std::string_view text) {
  static constexpr std::array<std::string_view, 11> words{"true", "false", "yes", "no", "on", "off",
                                                          "null", "y",     "n",   "~",  "nan"};
  const bool has_plain_characters =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
      });
  const bool starts_plain =
      has_plain_characters && ((text.front() >= 'a' && text.front() <= 'z') ||
                               (text.front() >= 'A' && text.front() <= 'Z') || text.front() == '_');
  const bool is_word = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return equal_ignoring_case(word, text);
  });
  if (starts_plain && !is_word) {
    return std::string{text};
  }
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

EntryShape natural_shape(std::string_view field, const Transformation& transformation) noexcept {
  if (field.starts_with("extras.")) {
    return EntryShape::target_map;
  }
  return transformation == Transformation{} ? EntryShape::source : EntryShape::source_map;
}

std::string entry_text(EntryShape shape, std::string_view source, std::string_view field,
                       const Transformation& transformation) {
  const std::string words = to_text(transformation);
  const std::string transform =
      words.empty() ? std::string{} : fmt::format(", transform: {}", yaml_scalar(words));
  if (shape == EntryShape::target_map) {
    return fmt::format("{}: {{target: {}{}}}", yaml_scalar(source), yaml_scalar(field), transform);
  }
  if (shape == EntryShape::source && words.empty()) {
    return fmt::format("{}: {}", yaml_scalar(field), yaml_scalar(source));
  }
  return fmt::format("{}: {{source: {}{}}}", yaml_scalar(field), yaml_scalar(source), transform);
}

std::string entity_head(std::string_view name, std::string_view description) {
  std::string text = yaml_scalar(name) + ":\n";
  if (!description.empty()) {
    text += fmt::format("  description: {}\n", yaml_scalar(description));
  }
  return text + "  fields:\n";
}

}  // namespace mapctl::mapping

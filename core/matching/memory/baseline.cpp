// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/baseline.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

namespace mapctl::matching {
namespace {

namespace fs = std::filesystem;

std::string_view next(std::string_view& text, char separator) noexcept {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

[[noreturn]] void refuse(const fs::path& file, int line, std::string_view why) {
  throw Error{ErrorCode::configuration, fmt::format("'{}' line {}: {}", file.string(), line, why),
              "a section is '@table', a tab and the entity; a fact the column, a tab and the "
              "entity's field"};
}

void read(const fs::path& file, std::vector<mapping::Decision>& facts) {
  const std::string content = read_file(file);
  const std::string system = file.stem().string();
  std::string_view text = content;
  std::string_view table;
  std::string_view entity;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = next(text, '\n');
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::string_view first = trim(next(line, '\t'));
    const std::string_view second = trim(next(line, '\t'));
    if (first.size() > 1 && first.front() == '@') {
      table = first.substr(1);
      entity = second;
      if (entity.empty()) {
        refuse(file, number, "the section names no entity");
      }
      continue;
    }
    if (table.empty()) {
      refuse(file, number, "a fact stands before the first section");
    }
    if (first.empty() || second.empty()) {
      refuse(file, number, "a fact needs a column and a field");
    }
    mapping::Decision fact;
    fact.key = {mapping::ConnectorName{system}, catalog::TableName{std::string{table}},
                mapping::FieldPath{std::string{first}}, mapping::EntityName{std::string{entity}},
                mapping::FieldPath{std::string{second}}};
    facts.push_back(std::move(fact));
  }
}

}  // namespace

std::vector<mapping::Decision> load_baseline(std::span<const fs::path> folders) {
  std::map<std::string, fs::path> files;
  for (const fs::path& folder : folders) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator{folder, missing}) {
      if (entry.path().extension() == ".tsv") {
        files[entry.path().filename().string()] = entry.path();
      }
    }
  }
  std::vector<mapping::Decision> facts;
  for (const auto& [name, file] : files) {
    read(file, facts);
  }
  return facts;
}

}  // namespace mapctl::matching

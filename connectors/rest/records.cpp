// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/records.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace mapctl::connectors::rest {
namespace {

void collect(Json& value, std::span<const std::string> path, std::vector<Json>& records) {
  if (path.empty()) {
    if (value.is_array()) {
      for (Json& item : value) {
        records.push_back(std::move(item));
      }
    } else if (!value.is_null()) {
      records.push_back(std::move(value));
    }
    return;
  }
  if (path[0] == "*") {
    if (value.is_structured()) {
      for (Json& item : value) {
        // The last star stands for the items themselves, lists among them included.
        if (path.size() == 1) {
          records.push_back(std::move(item));
        } else {
          collect(item, path.subspan(1), records);
        }
      }
    }
    return;
  }
  if (value.is_object()) {
    if (const auto found = value.find(path[0]); found != value.end()) {
      collect(*found, path.subspan(1), records);
    }
  }
}

bool leads_somewhere(const Json& value, std::span<const std::string> path) {
  if (path.empty()) {
    return true;
  }
  if (path[0] == "*") {
    return value.is_structured() &&
           (value.empty() || std::any_of(value.begin(), value.end(), [&](const Json& item) {
              return leads_somewhere(item, path.subspan(1));
            }));
  }
  const auto found = value.is_object() ? value.find(path[0]) : value.end();
  return value.is_object() && found != value.end() && leads_somewhere(*found, path.subspan(1));
}

bool is_list_of_records(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object();
}

// At most `depth` keys down, the least deep first.
std::optional<std::string> find_list(const Json& value, int depth) {
  if (!value.is_object() || depth == 0) {
    return std::nullopt;
  }
  for (const auto& [key, inner] : value.items()) {
    if (is_list_of_records(inner)) {
      return key;
    }
  }
  for (const auto& [key, inner] : value.items()) {
    if (const auto found = find_list(inner, depth - 1)) {
      return key + "." + *found;
    }
  }
  return std::nullopt;
}

void lower_keys(Json& record) {
  Json lower = Json::object();
  for (auto& [key, value] : record.items()) {
    lower[to_lower(key)] = std::move(value);
  }
  record = std::move(lower);
}

void rename_keys(Json& record, const std::string& from, const std::string& to) {
  Json renamed = Json::object();
  for (auto& [key, value] : record.items()) {
    if (value.is_object()) {
      rename_keys(value, from, to);  // at every depth, but not inside lists
    }
    renamed[replace_all(key, from, to)] = std::move(value);
  }
  record = std::move(renamed);
}

void flatten(Json& record, const Change& change) {
  const Json* found = find_at(record, change.path);
  if (found == nullptr || !found->is_object()) {
    return;
  }
  const Json inner = *found;
  for (const auto& [key, value] : inner.items()) {
    if (record.contains(key)) {
      return;  // neither of the two may be lost
    }
  }
  if (!change.keep) {
    erase_at(record, change.path);
  }
  for (const auto& [key, value] : inner.items()) {
    record[key] = value;
  }
}

void remove(Json& record, const Change& change, const TemplateScope& scope) {
  if (change.when.empty()) {
    erase_at(record, change.path);
    return;
  }
  const Json* found = find_at(record, change.path);
  if (found == nullptr) {
    return;
  }
  const Json property = *found;
  TemplateScope with = scope;
  with.names["property"] = &property;
  if (change.when.is_true(with)) {
    erase_at(record, change.path);
  }
}

}  // namespace

std::vector<Json> extract_records(Json body, const std::vector<std::string>& path) {
  std::vector<Json> records;
  collect(body, path, records);
  for (Json& record : records) {
    if (!record.is_object()) {
      Json wrapped = Json::object();
      wrapped["value"] = std::move(record);
      record = std::move(wrapped);
    }
  }
  return records;
}

std::optional<LostPath> lost_path(const Json& body, const std::vector<std::string>& path) {
  if (leads_somewhere(body, path)) {
    return std::nullopt;
  }
  constexpr int deepest = 3;
  return LostPath{join(path, "."), is_list_of_records(body) ? std::optional<std::string>{""}
                                                            : find_list(body, deepest)};
}

void apply_changes(const Stream& stream, Json& record, const TemplateScope& scope) {
  if (stream.changes.empty()) {
    return;
  }
  TemplateScope with = scope;
  with.names["record"] = &record;
  for (const Change& change : stream.changes) {
    switch (change.kind) {
      case Change::Kind::add: {
        Json value = change.value.value(with);
        put_at(record, change.path, std::move(value));
        break;
      }
      case Change::Kind::remove: remove(record, change, with); break;
      case Change::Kind::lower_keys: lower_keys(record); break;
      case Change::Kind::rename_keys: rename_keys(record, change.from, change.to); break;
      case Change::Kind::flatten: flatten(record, change); break;
    }
  }
}

}  // namespace mapctl::connectors::rest

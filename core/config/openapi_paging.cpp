// SPDX-License-Identifier: Apache-2.0
#include "core/config/openapi_paging.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

namespace mapctl::config {
namespace {

using Names = std::span<const std::string_view>;

// Compared without case, underscores, hyphens, dollar signs and brackets.
constexpr std::array<std::string_view, 8> size_names{
    "limit", "perpage", "pagesize", "size", "maxresults", "top", "count", "pagelimit"};
constexpr std::array<std::string_view, 5> page_names{"page", "pagenumber", "pageno", "pageindex",
                                                     "currentpage"};
constexpr std::array<std::string_view, 5> offset_names{"offset", "skip", "startindex", "pageoffset",
                                                       "startat"};
constexpr std::array<std::string_view, 11> cursor_names{
    "cursor",    "after",      "startingafter",     "pagetoken",  "nexttoken",    "nextcursor",
    "pageafter", "pagecursor", "continuationtoken", "starttoken", "nextpagetoken"};
constexpr std::array<std::string_view, 8> next_cursor_names{
    "nextcursor", "nextpagetoken", "nexttoken", "endcursor",
    "cursor",     "after",         "next",      "continuationtoken"};
constexpr std::array<std::string_view, 5> next_url_names{"next", "nexturl", "nextlink",
                                                         "odatanextlink", "nextpageurl"};
constexpr std::array<std::string_view, 8> wrappers{
    "meta", "paging", "pagination", "pageinfo", "links", "metadata", "responsemetadata", "_links"};
constexpr std::int64_t usual_size = 100;
constexpr std::int64_t largest_size = 1000;

std::string folded(std::string_view name) {
  std::string text;
  for (const char c : to_lower(name)) {
    if (std::string_view{"_-$[]@."}.find(c) == std::string_view::npos) {
      text += c;
    }
  }
  return text;
}

bool is_one_of(Names names, std::string_view name) {
  const std::string plain = folded(name);
  return std::find(names.begin(), names.end(), plain) != names.end();
}

const Json* query_parameter(const std::vector<const Json*>& parameters, Names names) {
  for (const Json* parameter : parameters) {
    if (openapi_text(*parameter, "in") == "query" &&
        is_one_of(names, openapi_text(*parameter, "name"))) {
      return parameter;
    }
  }
  return nullptr;
}

std::optional<std::int64_t> whole(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) {
    return std::nullopt;
  }
  const auto found = object->find(key);
  return found != object->end() && found->is_number_integer()
             ? std::optional{found->get<std::int64_t>()}
             : std::nullopt;
}

class Finder {
 public:
  Finder(const OpenApiReader& reader, const OpenApiReader::Records& records)
      : reader_{reader}, records_{records} {}

  // Keys that lead to a text of one of these names in the answer, also one or two levels down.
  std::vector<std::string> path_to(Names names) const {
    std::vector<std::string> path;
    search(records_.answer, names, 0, path);
    return path;
  }

 private:
  bool search(const Json* schema, Names names, int depth, std::vector<std::string>& path) const {
    const auto properties = reader_.properties(schema);
    for (const auto& [name, property] : properties) {
      const bool is_object = !reader_.properties(property).empty();
      if (is_one_of(names, name) && !is_object && is_text(property)) {
        path.push_back(name);
        return true;
      }
    }
    for (const auto& [name, property] : properties) {
      const bool is_wrapper = is_one_of(wrappers, name) || (depth > 0 && is_one_of(names, name));
      if (depth < 2 && is_wrapper) {
        path.push_back(name);
        if (search(property, names, depth + 1, path)) {
          return true;
        }
        path.pop_back();
      }
    }
    return false;
  }

  static bool is_text(const Json* property) {
    if (property == nullptr || !property->is_object()) {
      return true;
    }
    const auto type = property->find("type");
    return type == property->end() || !type->is_string() || *type == "string" || *type == "integer";
  }

  const OpenApiReader& reader_;
  const OpenApiReader::Records& records_;
};

// A name may hold points; then the path is a list.
Json path_value(const std::vector<std::string>& path) {
  const bool is_simple = std::all_of(path.begin(), path.end(), [](const std::string& key) {
    return key.find('.') == std::string::npos;
  });
  return is_simple ? Json(join(path, ".")) : Json(path);
}

}  // namespace

Json openapi_paging(const OpenApiReader& reader, const Json& operation,
                    const std::vector<const Json*>& parameters,
                    const OpenApiReader::Records& records) {
  Json paging = Json::object();
  const Finder finder{reader, records};
  const auto add_size = [&] {
    const Json* size = query_parameter(parameters, size_names);
    if (size == nullptr) {
      return;
    }
    const Json* schema = reader.at(size, "schema");
    const auto most = whole(schema, "maximum");
    const auto usual = whole(schema, "default");
    paging["size_parameter"] = openapi_text(*size, "name");
    paging["size"] = std::min(most.value_or(std::max(usual.value_or(0), usual_size)), largest_size);
  };
  if (reader.has_header(operation, "link")) {
    paging["type"] = "link_header";
    add_size();
    return paging;
  }
  const Json* cursor = query_parameter(parameters, cursor_names);
  const auto next_cursor = finder.path_to(next_cursor_names);
  if (cursor != nullptr) {
    const std::string name = openapi_text(*cursor, "name");
    if (folded(name) == "startingafter" && reader.property(records.answer, "has_more") != nullptr) {
      paging = {{"type", "cursor"},
                {"parameter", name},
                {"cursor", "{{ last_record['id'] }}"},
                {"stop", "{{ not response.get('has_more') }}"}};
      add_size();
      return paging;
    }
    if (!next_cursor.empty()) {
      paging = {{"type", "cursor"}, {"parameter", name}, {"path", path_value(next_cursor)}};
      add_size();
      return paging;
    }
  }
  if (const auto next = finder.path_to(next_url_names); !next.empty()) {
    paging = {{"type", "next_url"}, {"path", path_value(next)}};
    add_size();
    return paging;
  }
  if (const Json* offset = query_parameter(parameters, offset_names)) {
    paging = {{"type", "offset"}, {"parameter", openapi_text(*offset, "name")}};
    add_size();
    return paging;
  }
  if (const Json* page = query_parameter(parameters, page_names)) {
    const Json* schema = reader.at(page, "schema");
    const auto first = whole(schema, "default");
    const auto least = whole(schema, "minimum");
    paging = {{"type", "page"},
              {"parameter", openapi_text(*page, "name")},
              {"start", first ? *first : least.value_or(1)}};
    add_size();
    return paging;
  }
  return "none";
}

}  // namespace mapctl::config

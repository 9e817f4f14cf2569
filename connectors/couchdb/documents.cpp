// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/documents.hpp"

#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_path.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace mapctl::connectors::couchdb {
namespace {

std::string json_parameter(const std::string& text) {
  return ports::percent_encode(to_line(Json(text)));
}

// {"photo.png": {"content_type": ..., "length": ...}} by names that are no columns.
Json listed(const Json& attachments) {
  Json list = Json::array();
  for (const auto& [name, about] : attachments.items()) {
    Json one = Json::object();
    one["name"] = name;
    for (const char* key : {"content_type", "length"}) {
      if (about.is_object() && about.contains(key)) {
        one[key] = about[key];
      }
    }
    list.push_back(std::move(one));
  }
  return list;
}

const Json& list_at(const Json& answer, const char* key, const std::string& what) {
  const auto found = answer.is_object() ? answer.find(key) : answer.end();
  if (!answer.is_object() || found == answer.end() || !found->is_array()) {
    throw Error{ErrorCode::invalid_data, fmt::format("{}: an answer has no '{}'", what, key),
                "check that option 'url' leads to CouchDB"};
  }
  return *found;
}

}  // namespace

std::optional<std::string> kind_of(const Json& document, const std::string& type_field) {
  const Json* kind = find_at(document, parse_path(type_field));
  return kind != nullptr && kind->is_string() ? std::optional{kind->get<std::string>()}
                                              : std::nullopt;
}

Documents::Documents(Server& server, Wanted wanted, std::stop_token stop)
    : server_{server},
      wanted_{std::move(wanted)},
      stop_{std::move(stop)},
      way_{wanted_.backwards ? ReadWith::all_docs : server.settings().read_with} {}

bool Documents::next(Json& document) {
  while (at_ >= page_.size()) {
    page_.clear();
    at_ = 0;
    if (stop_.stop_requested()) {
      throw Error{ErrorCode::cancelled,
                  fmt::format("reading database '{}' was cancelled", wanted_.database)};
    }
    if (ended_) {
      return false;
    }
    read_page();
  }
  document = std::move(page_[at_++]);
  return true;
}

void Documents::read_page() {
  switch (way_) {
    case ReadWith::all_docs: read_ids(); break;
    case ReadWith::find: read_found(); break;
    case ReadWith::changes: read_changes(); break;
  }
}

void Documents::read_ids() {
  const std::string what = fmt::format("database '{}'", wanted_.database);
  const auto before = last_id_;
  // The page begins with the last document of the one before, unless that was deleted since: only
  // its id tells.
  const auto size = server_.settings().page_size + (before ? 1 : 0);
  std::string path =
      fmt::format("{}/_all_docs?include_docs=true&limit={}", database_path(wanted_.database), size);
  if (wanted_.backwards) {
    path += "&descending=true";
  }
  if (before) {
    path += "&startkey=" + json_parameter(*before);
  }
  const Json answer = server_.get(path, what, stop_);
  const Json& rows = list_at(answer, "rows", what);
  ended_ = static_cast<std::int64_t>(rows.size()) < size;
  for (const Json& row : rows) {
    if (std::string id = text_member(row, "id"); !id.empty()) {
      last_id_ = std::move(id);
      if (last_id_ == before) {
        continue;
      }
    }
    if (row.is_object() && row.contains("doc") && row["doc"].is_object()) {
      Json document = row["doc"];
      take(document);
    }
  }
  if (!ended_ && last_id_ == before) {
    throw Error{ErrorCode::invalid_data, fmt::format("the pages of {} go round in a circle", what),
                "check what is between mapctl and CouchDB"};
  }
}

void Documents::read_found() {
  const std::string what = fmt::format("database '{}'", wanted_.database);
  Json body = Json::object();
  body["selector"] = Json::object();
  if (wanted_.kind) {
    body["selector"][server_.settings().type_field] = *wanted_.kind;
  } else {
    body["selector"]["_id"] = {{"$gt", nullptr}};
  }
  body["limit"] = server_.settings().page_size;
  if (!mark_.empty()) {
    body["bookmark"] = mark_;
  }
  const Json answer = server_.post(database_path(wanted_.database) + "/_find", body, what, stop_);
  const Json& documents = list_at(answer, "docs", what);
  for (const Json& found : documents) {
    Json document = found;
    take(document);
  }
  const auto bookmark = answer.find("bookmark");
  // "nil" stands for no more pages; a server without bookmarks gives everything at once.
  ended_ = documents.empty() || bookmark == answer.end() || !bookmark->is_string() ||
           *bookmark == "nil" ||
           static_cast<std::int64_t>(documents.size()) < server_.settings().page_size;
  if (!ended_ && *bookmark == mark_) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("the pages of {} go round in a circle: a bookmark came twice", what),
                "set option 'read_with' to all_docs"};
  }
  if (!ended_) {
    mark_ = bookmark->get<std::string>();
  }
}

void Documents::read_changes() {
  const std::string what = fmt::format("database '{}'", wanted_.database);
  std::string path = fmt::format("{}/_changes?include_docs=true&limit={}",
                                 database_path(wanted_.database), server_.settings().page_size);
  if (!mark_.empty()) {
    path += "&since=" + ports::percent_encode(mark_);
  }
  const Json answer = server_.get(path, what, stop_);
  const Json& results = list_at(answer, "results", what);
  for (const Json& change : results) {
    if (change.is_object() && !flag_member(change, "deleted") && change.contains("doc") &&
        change["doc"].is_object()) {
      Json document = change["doc"];
      take(document);
    }
  }
  const auto last = answer.find("last_seq");
  ended_ = static_cast<std::int64_t>(results.size()) < server_.settings().page_size ||
           last == answer.end();
  // Numbers in old servers, texts in newer ones.
  std::string next = last == answer.end() ? std::string{} : to_text(*last);
  if (!ended_ && next == mark_) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("the pages of {} go round in a circle: a sequence came twice", what),
                "set option 'read_with' to all_docs"};
  }
  if (!ended_) {
    mark_ = std::move(next);
  }
}

void Documents::take(Json& document) {
  const std::string id = text_member(document, "_id");
  if (id.empty()) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("database '{}': a document has no id", wanted_.database),
                "check that option 'url' leads to CouchDB"};
  }
  if (id.starts_with("_design/") || id.starts_with("_local/") ||
      (wanted_.kind && kind_of(document, server_.settings().type_field) != wanted_.kind)) {
    return;
  }
  Json made = Json::object();
  made["_id"] = id;
  for (auto& [key, value] : document.items()) {
    if (key == "_attachments" && value.is_object()) {
      made[key] = listed(value);
    } else if (key != "_id" && key != "_rev") {
      made[key] = std::move(value);
    }
  }
  page_.push_back(std::move(made));
}

}  // namespace mapctl::connectors::couchdb

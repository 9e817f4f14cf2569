// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/couchdb/server.hpp"
#include "core/base/json.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::couchdb {

// What of a database is read.
struct Wanted {
  std::string database{};
  std::optional<std::string> kind{};  // value of the type field; nothing: every document
  bool backwards = false;             // from the last id; with ReadWith::all_docs only
};

// Documents of a database page by page, without those of the system (_design/...). `_id` comes
// first, `_rev` is left out, and `_attachments` is a list of names, types and lengths. Used by one
// thread at a time; the server must outlive it.
class Documents {
 public:
  Documents(Server& server, Wanted wanted, std::stop_token stop);
  // False at the end. Throws Error: invalid_data for pages that go round in a circle.
  bool next(Json& document);

 private:
  void read_page();
  void read_ids();
  void read_found();
  void read_changes();
  void take(Json& document);

  Server& server_;
  Wanted wanted_;
  std::stop_token stop_;
  ReadWith way_;
  std::vector<Json> page_;
  std::optional<std::string> last_id_;
  std::size_t at_ = 0;
  std::string mark_;  // bookmark or sequence
  bool ended_ = false;
};

// The kind of a document; nothing when it has none.
std::optional<std::string> kind_of(const Json& document, const std::string& type_field);

}  // namespace mapctl::connectors::couchdb

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::couchdb {

enum class ReadWith : std::uint8_t { all_docs, find, changes };

struct Settings {
  std::string profile{};
  std::string url{};                     // without a slash at its end
  std::vector<std::string> databases{};  // globs
  std::string type_field{};              // empty: a database is one table
  ReadWith read_with = ReadWith::all_docs;
  std::int64_t sample_documents = 0, page_size = 0;
};

// Asks one server. Used by one thread at a time.
class Server {
 public:
  // Throws Error::configuration naming the option.
  explicit Server(const ports::ConnectorOptions& options);

  const Settings& settings() const noexcept { return settings_; }
  // `path` continues the URL. Throws Error as HttpClient::send() does, and what CouchDB refuses in
  // our terms, which names `what`.
  Json get(const std::string& path, std::string_view what, std::stop_token stop);
  Json post(const std::string& path, const Json& body, std::string_view what, std::stop_token stop);

 private:
  Json ask(ports::HttpRequest request, std::string_view what, const std::stop_token& stop);

  Settings settings_;
  std::shared_ptr<ports::HttpClient> http_;
  Secret authorization_;
};

// "/name", encoded.
std::string database_path(const std::string& database);

}  // namespace mapctl::connectors::couchdb

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/mongodb/handle.hpp"
#include "connectors/mongodb/line.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/secret.hpp"
#include "core/ports/connector.hpp"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::mongodb {

struct Settings {
  std::string profile{};
  std::vector<std::string> databases{};  // globs
  std::int64_t sample_documents = 0;
  std::string replica_set{};
};

class Client;

// Documents of a query; one batch of the server is in memory at a time. The client must outlive it.
class Documents {
 public:
  Documents(const Client& client, CursorHandle cursor, std::string what, std::stop_token stop)
      : client_{&client},
        cursor_{std::move(cursor)},
        what_{std::move(what)},
        stop_{std::move(stop)} {}
  // As canonical extended JSON; false at the end.
  bool next(Json& document);
  std::vector<Json> all();

 private:
  const Client* client_;
  CursorHandle cursor_;
  std::string what_;
  std::stop_token stop_;
  bool ended_ = false;
};

// One connection to a deployment. Used by one thread at a time.
class Client {
 public:
  // Asks nothing yet. Throws Error::configuration naming the option.
  explicit Client(const ports::ConnectorOptions& options);

  const Settings& settings() const noexcept { return settings_; }
  // Those that the profile wants. Throws Error::not_found for one that it names and is not there.
  std::vector<std::string> databases(std::stop_token stop);
  // The answer of a command, as canonical extended JSON.
  Json command(const std::string& database, const Json& command, const std::string& what,
               std::stop_token stop);
  // `options` as the driver takes them.
  Documents collections(const std::string& database, const Json& options, std::stop_token stop);
  Documents indexes(const std::string& database, const std::string& collection,
                    std::stop_token stop);
  // A pipeline, or where it is empty all documents in the server's order.
  Documents read(const std::string& database, const std::string& collection, const Json& pipeline,
                 std::stop_token stop);
  std::string address() const;
  // Without the password, whoever put it into a message; cancelled when a stop was asked for.
  Error error_of(const bson_error_t& error, const std::string& what) const;
  // What the next call of the driver is part of, whose waits it ends. Throws Error::cancelled.
  void work_under(const std::stop_token& stop, const std::string& what) const;

 private:
  Settings settings_;
  Secret password_;
  UriHandle uri_;
  std::unique_ptr<Lines> lines_;  // outlives the client
  ClientHandle client_;
};

std::string object_of(const std::string& database);
std::string object_of(const std::string& database, const std::string& collection);

// Members of a document that a server may leave out or give in another type.
std::string text_in(const Json& document, const char* key);
// True for true and for numbers other than 0.
bool flag_in(const Json& document, const char* key);

}  // namespace mapctl::connectors::mongodb

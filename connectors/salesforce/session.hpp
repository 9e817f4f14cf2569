// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/oauth.hpp"
#include "core/ports/secret_mask.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::salesforce {

enum class DeletedRows : std::uint8_t { leave_out, include, only };

struct Settings {
  std::string profile{};
  std::string instance_url{};  // empty: told with the token
  std::string api_version{};
  std::vector<std::string> objects{};  // globs
  DeletedRows deleted_rows = DeletedRows::leave_out;
  std::int64_t deleted_days = 0;  // of which the ids of rows are told that left the recycle bin
  std::int64_t bulk_threshold = 0, bulk_page = 0;
  double bulk_timeout = 0;  // seconds
  // API calls that are left to others, the larger of both.
  std::int64_t reserve = 0;
  double reserve_share = 0;
  bool check_field_access = true;
  std::size_t connections = 0;
};

// Throws Error::configuration naming the option.
Settings read_settings(const ports::ConnectorOptions& options);

// Asks one organisation: credentials, a session that ends, limits and errors. Safe to use from
// several threads.
class Session {
 public:
  explicit Session(const ports::ConnectorOptions& options);

  const Settings& settings() const noexcept { return settings_; }
  // "/services/data/v60.0" and what follows.
  std::string api(std::string_view path) const;
  // `path` begins with a slash. Refreshes a session that has ended once. Throws Error as
  // HttpClient::send() does, Error::resource_limit when the calls of the day are used up, and what
  // errors.hpp makes of a refusal, which names `what`.
  ports::HttpResponse send(std::string_view method, const std::string& path,
                           const std::string& body, std::string_view what, std::stop_token stop);
  Json get(const std::string& path, std::string_view what, std::stop_token stop);
  Json post(const std::string& path, const Json& body, std::string_view what, std::stop_token stop);

  struct Usage {
    std::int64_t used = 0, allowed = 0;
  };
  // API calls of the last 24 hours, as the last answer told.
  std::optional<Usage> usage() const;
  std::string instance() const;  // once something was asked
  std::vector<std::string> warnings() const;
  // What answers may repeat.
  const ports::SecretMask& secrets() const noexcept { return *secrets_; }

 private:
  struct Access {
    std::string token{};
    std::string instance{};
  };
  Access access(const std::stop_token& stop);
  void check_usage() const;
  void note_usage(const ports::HttpResponse& response);

  Settings settings_;
  std::shared_ptr<ports::SecretMask> secrets_;
  std::shared_ptr<ports::HttpClient> http_;
  std::optional<ports::TokenGrant> grant_;  // nothing: a token of the profile's own
  Secret given_token_;
  mutable std::mutex mutex_;  // of what follows
  ports::TokenKeeper tokens_;
  std::optional<Usage> usage_;
  std::string instance_;
};

}  // namespace mapctl::connectors::salesforce

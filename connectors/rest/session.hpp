// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/auth.hpp"
#include "connectors/rest/plan.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/secret_mask.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {

// What one request depends on beside its stream.
struct Asked {
  const Json* partition = nullptr;  // never null when sent
  const Json* interval = nullptr;
  const Component* component = nullptr;  // of the stream
  Json token = nullptr;                  // {"next_page_token": ...}; null for the first page
  std::vector<std::pair<const Place*, Json>> values{};
  std::string url{};  // instead of the stream's own
};

struct Answer {
  Json body{};
  Json headers{};  // by lower-case name; `link` by relation
  std::string url{};
  bool ignored = false;  // an error rule says that there is nothing
};

// Sends the requests of one connector. Used by one thread at a time, but for send(), scope() and
// odata().
class Session {
 public:
  Session(std::shared_ptr<const Plan> plan, const ports::ConnectorOptions& options);

  const Plan& plan() const noexcept { return *plan_; }
  // Requests that may be under way at once for one stream.
  std::size_t width() const noexcept { return width_; }
  // Throws Error as HttpClient::send(), status_error() and not_json_error() do; the message names
  // the stream.
  Answer send(const Stream& stream, const Asked& asked, std::stop_token stop);
  // Points into `asked`.
  TemplateScope scope(const Asked& asked) const;
  // The URL that a cursor names, as seen from the page it was on.
  std::string next_url(const Stream& stream, const Asked& asked, const std::string& page,
                       const std::string& next) const;
  // The set of entities that a stream reads: "Orders" of "sales/Orders(1)?$top=5".
  static std::string set_of(const Stream& stream);
  // What OData says about the stream; null where the profile has none or it does not say. Asks the
  // service once.
  const ODataSet* odata(const Stream& stream, std::stop_token stop);
  std::vector<std::string> warnings() const;
  // What answers may repeat.
  const ports::SecretMask& secrets() const noexcept { return *secrets_; }

 private:
  struct Made {
    ports::HttpRequest request{};
    Secret token{};  // that it proves itself with, when it was asked for
  };
  Made make_request(const Stream& stream, const Asked& asked, const TemplateScope& scope,
                    const std::stop_token& stop);
  bool renew(const Stream& stream, const TemplateScope& scope, const Secret& refused);
  std::string base(const Stream& stream, const TemplateScope& scope) const;
  void check_origin(const Stream& stream, const std::string& base, const std::string& url) const;
  const ErrorRule* rule_for(const Stream& stream, const ports::HttpResponse& response,
                            const TemplateScope& scope) const;
  ports::HttpVerdict judge(const Stream& stream, const ports::HttpResponse& response,
                           const TemplateScope& scope) const;

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<ports::SecretMask> secrets_;
  std::shared_ptr<ports::HttpClient> http_;
  std::size_t width_;
  mutable std::mutex mutex_;  // of the authenticator
  Authenticator authenticator_;
  std::mutex odata_mutex_;
  std::shared_ptr<const ODataModel> odata_;
  Moment now_;
};

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/server.hpp"

#include "connectors/couchdb/info.hpp"
#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"
#include "core/ports/oauth.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace mapctl::connectors::couchdb {
namespace {

Settings read_settings(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  Settings settings;
  settings.profile = options.profile;
  settings.url = ports::text_option(options, "url");
  while (settings.url.ends_with('/')) {
    settings.url.pop_back();
  }
  if (ports::origin_of(settings.url).empty()) {
    ports::fail_option(options, "url", "is no URL", "write it as https://host:6984");
  }
  settings.databases = ports::list_option(options, "databases");
  settings.type_field = ports::text_option(options, "type_field");
  settings.read_with = ports::word_option(
      options, "read_with",
      {{"all_docs", ReadWith::all_docs}, {"find", ReadWith::find}, {"changes", ReadWith::changes}},
      ReadWith::all_docs);
  settings.sample_documents = ports::whole_option(options, "sample_documents", 1'000, 1);
  settings.page_size = ports::whole_option(options, "page_size", 500, 1);
  return settings;
}

Secret read_authorization(const ports::ConnectorOptions& options) {
  const Secret& token = ports::secret_of(options, "token");
  if (!token.empty()) {
    return Secret{"Bearer " + token.reveal()};
  }
  const Secret& user = ports::secret_of(options, "username");
  if (user.empty()) {
    return Secret{};
  }
  return Secret{
      ports::basic_authorization(user.reveal(), ports::secret_of(options, "password").reveal())};
}

// {"error": "not_found", "reason": "missing"}
Error refusal(const ports::HttpResponse& response, std::string_view what) {
  const Json body = read_json(response.body);
  std::string reason = text_member(body, "error");
  if (reason.empty()) {
    return ports::status_error(response);
  }
  if (const std::string more = text_member(body, "reason"); !more.empty()) {
    reason += ": " + more;
  }
  reason = ports::shown_text(reason, response.secrets.get());
  Error::Facts facts = ports::status_error(response).facts();
  facts.message = fmt::format("{}: CouchDB refuses (HTTP {}, {})", what, response.status, reason);
  if (response.status == 401) {
    facts.hint = "check username and password under auth:";
  } else if (response.status == 403) {
    facts.hint = "make the user a member of the database, or leave it out with 'databases'";
  } else if (response.status == 404) {
    facts.hint = "check option 'url', and that the database is still there";
  }
  return Error{std::move(facts)};
}

}  // namespace

Server::Server(const ports::ConnectorOptions& options)
    : settings_{read_settings(options)},
      http_{ports::open_http(options, "couchdb", "url")},
      authorization_{read_authorization(options)} {}

Json Server::get(const std::string& path, std::string_view what, std::stop_token stop) {
  ports::HttpRequest request;
  request.url = settings_.url + path;
  return ask(std::move(request), what, stop);
}

Json Server::post(const std::string& path, const Json& body, std::string_view what,
                  std::stop_token stop) {
  ports::HttpRequest request;
  request.method = "POST";
  request.url = settings_.url + path;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = to_line(body);
  return ask(std::move(request), what, stop);
}

Json Server::ask(ports::HttpRequest request, std::string_view what, const std::stop_token& stop) {
  request.headers.push_back({"Accept", "application/json"});
  if (!authorization_.empty()) {
    request.headers.push_back({"Authorization", authorization_.reveal()});
  }
  const ports::HttpResponse response = http_->send(request, {}, stop);
  if (response.status < 200 || response.status >= 300) {
    throw refusal(response, what);
  }
  Json body = read_json(response.body);
  if (body.is_discarded()) {
    throw ports::not_json_error(response);
  }
  return body;
}

std::string database_path(const std::string& database) {
  return "/" + ports::percent_encode(database);
}

}  // namespace mapctl::connectors::couchdb

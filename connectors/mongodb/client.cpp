// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/client.hpp"

#include "connectors/mongodb/errors.hpp"
#include "connectors/mongodb/info.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/catalog/record_shape.hpp"
#include "core/ports/connector_options.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace mapctl::connectors::mongodb {
namespace {

constexpr double default_timeout = 30;  // seconds

// Never cleaned up: other threads of the process may still use what it set up.
void start_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    mongoc_init();
    // What it would print on standard error is in the errors that it gives.
    mongoc_log_set_handler([](mongoc_log_level_t, const char*, const char*, void*) {}, nullptr);
  });
}

BsonHandle bson_of(const Json& json) {
  const std::string text = to_line(json);
  bson_error_t error{};
  BsonHandle made{bson_new_from_json(reinterpret_cast<const std::uint8_t*>(text.data()),
                                     static_cast<ssize_t>(text.size()), &error)};
  if (!made) {
    throw Error{ErrorCode::internal, fmt::format("a command cannot be made: {}", error.message)};
  }
  return made;
}

Json json_of(const bson_t& bson, const std::string& what) {
  const BsonTextHandle text{bson_as_canonical_extended_json(&bson, nullptr)};
  if (text && is_nested_too_deeply(text.get())) {
    throw Error{
        ErrorCode::invalid_data,
        fmt::format("{}: a document is nested more than {} levels deep", what, most_json_depth),
        "leave the collection out with --table, or make a view of it that is flatter"};
  }
  Json json = text ? read_json(text.get()) : Json(Json::value_t::discarded);
  if (!json.is_object()) {
    throw Error{ErrorCode::invalid_data, fmt::format("{}: a document is damaged", what),
                "look for text that is no UTF-8; db.COLLECTION.validate() names the document"};
  }
  return json;
}

// What of an address would undo the promise that secrets travel to the right server only.
void check_address(const ports::ConnectorOptions& options, const mongoc_uri_t& uri) {
  if (mongoc_uri_get_username(&uri) != nullptr || mongoc_uri_get_password(&uri) != nullptr) {
    ports::fail_option(options, "url", "has a user or password in it",
                       "write them as username and password under auth:");
  }
  for (const char* key : {MONGOC_URI_TLSINSECURE, MONGOC_URI_TLSALLOWINVALIDCERTIFICATES,
                          MONGOC_URI_TLSALLOWINVALIDHOSTNAMES}) {
    if (mongoc_uri_get_option_as_bool(&uri, key, false)) {
      ports::fail_option(options, "url", fmt::format("switches checks of TLS off with '{}'", key),
                         "leave it out and name the certificates to trust in option 'ca_file'");
    }
  }
}

}  // namespace

std::string object_of(const std::string& database) {
  return fmt::format("database '{}'", database);
}

std::string object_of(const std::string& database, const std::string& collection) {
  return fmt::format("collection '{}.{}'", database, collection);
}

std::string text_in(const Json& document, const char* key) {
  const auto found = document.is_object() ? document.find(key) : document.end();
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool flag_in(const Json& document, const char* key) {
  const auto found = document.is_object() ? document.find(key) : document.end();
  if (found == document.end() || found->is_null()) {
    return false;
  }
  const std::string text = catalog::record_text(*found, catalog::RecordForm::extended_json);
  return text != "false" && text != "0";
}

bool Documents::next(Json& document) {
  client_->work_under(stop_, what_);
  if (ended_) {
    return false;
  }
  const bson_t* found = nullptr;
  if (mongoc_cursor_next(cursor_.get(), &found)) {
    document = json_of(*found, what_);
    return true;
  }
  bson_error_t error{};
  if (mongoc_cursor_error(cursor_.get(), &error)) {
    throw client_->error_of(error, what_);
  }
  ended_ = true;
  return false;
}

std::vector<Json> Documents::all() {
  std::vector<Json> found;
  Json document;
  while (next(document)) {
    found.push_back(std::move(document));
  }
  return found;
}

Client::Client(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  start_library();
  settings_.profile = options.profile;
  settings_.databases = ports::list_option(options, "databases");
  settings_.sample_documents = ports::whole_option(options, "sample_documents", 1'000, 1);
  bson_error_t error{};
  uri_.reset(mongoc_uri_new_with_error(ports::text_option(options, "url").c_str(), &error));
  if (!uri_) {
    ports::fail_option(options, "url", "is no address of MongoDB",
                       "write it as mongodb://host:27017, with special characters as %XX");
  }
  check_address(options, *uri_);
  const Secret& user = ports::secret_of(options, "username");
  password_ = Secret{ports::secret_of(options, "password")};
  if (!user.empty()) {
    mongoc_uri_set_username(uri_.get(), user.reveal().c_str());
    mongoc_uri_set_password(uri_.get(), password_.reveal().c_str());
    mongoc_uri_set_auth_source(uri_.get(),
                               ports::text_option(options, "auth_source", "admin").c_str());
  }
  const double timeout = options.limits.timeout.value_or(default_timeout);
  const auto milliseconds = static_cast<std::int32_t>(std::clamp(timeout * 1000, 1.0, 1e9));
  for (const char* key : {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS,
                          MONGOC_URI_SOCKETTIMEOUTMS}) {
    mongoc_uri_set_option_as_int32(uri_.get(), key, milliseconds);
  }
  mongoc_uri_set_option_as_bool(uri_.get(), MONGOC_URI_RETRYREADS, true);
  if (const std::string ca = ports::text_option(options, "ca_file"); !ca.empty()) {
    mongoc_uri_set_option_as_bool(uri_.get(), MONGOC_URI_TLS, true);
    mongoc_uri_set_option_as_utf8(uri_.get(), MONGOC_URI_TLSCAFILE, ca.c_str());
  }
  const char* mechanism = mongoc_uri_get_auth_mechanism(uri_.get());
  if (mechanism != nullptr && std::string_view{mechanism} == "PLAIN" &&
      !mongoc_uri_get_tls(uri_.get())) {
    ports::fail_option(options, "url", "asks for the mechanism PLAIN without TLS",
                       "add tls=true, or use SCRAM-SHA-256: PLAIN shows the password");
  }
  mongoc_uri_set_appname(uri_.get(), "mapctl");
  if (const std::string name = ports::text_option(options, "replica_set"); !name.empty()) {
    mongoc_uri_set_option_as_utf8(uri_.get(), MONGOC_URI_REPLICASET, name.c_str());
  }
  if (const char* name = mongoc_uri_get_replica_set(uri_.get()); name != nullptr) {
    settings_.replica_set = name;
  }
  client_.reset(mongoc_client_new_from_uri_with_error(uri_.get(), &error));
  if (!client_) {
    throw error_of(error, "MongoDB");
  }
  lines_ = std::make_unique<Lines>(*client_);
  mongoc_client_set_error_api(client_.get(), MONGOC_ERROR_API_VERSION_2);
}

Error Client::error_of(const bson_error_t& error, const std::string& what) const {
  if (lines_ && lines_->is_stopped()) {
    return Error{ErrorCode::cancelled, fmt::format("{}: reading was cancelled", what)};
  }
  std::string message = error.message;
  message = ports::SecretMask{password_}.masked(message);
  const bool has_no_server = error.domain == MONGOC_ERROR_SERVER_SELECTION;
  if (has_no_server && lines_ && !lines_->failure().empty()) {
    message += ": " + lines_->failure();
  }
  const Error made = native_error(error.domain, error.code, message, what);
  if (!has_no_server || settings_.replica_set.empty()) {
    return made;
  }
  Error::Facts facts = made.facts();
  facts.message += fmt::format(" (replica set '{}')", settings_.replica_set);
  if (lines_ && !lines_->failure().empty()) {
    return Error{std::move(facts)};
  }
  facts.hint = fmt::format(
      "check that rs.conf()._id is '{}', and that the hosts of its members can be reached from "
      "here: they take the place of those in option 'url'",
      settings_.replica_set);
  return Error{std::move(facts)};
}

void Client::work_under(const std::stop_token& stop, const std::string& what) const {
  lines_->work_under(stop);
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, fmt::format("{}: reading was cancelled", what)};
  }
}

std::string Client::address() const {
  const mongoc_host_list_t* host = mongoc_uri_get_hosts(uri_.get());
  return host == nullptr ? "a service by name" : std::string{host->host_and_port};
}

std::vector<std::string> Client::databases(std::stop_token stop) {
  const auto& globs = settings_.databases;
  const bool are_names = !globs.empty() && std::none_of(globs.begin(), globs.end(), has_glob);
  Json ask = Json::object();
  ask["listDatabases"] = 1;
  ask["nameOnly"] = true;
  Json answer;
  try {
    answer = command("admin", ask, "the list of databases", stop);
  } catch (const Error& error) {
    // Names that the profile has need no list; a wrong password is told by what is read next.
    if (error.code() != ErrorCode::denied || error.facts().native_code != "MongoDB 13" ||
        !are_names) {
      throw;
    }
    return globs;
  }
  std::vector<std::string> names, known;
  const auto list = answer.find("databases");
  for (const Json& one : list == answer.end() ? Json::array() : *list) {
    const std::string name = text_in(one, "name");
    known.push_back(name);
    const bool is_system = name == "admin" || name == "local" || name == "config";
    const bool is_wanted =
        globs.empty() ? !is_system
                      : std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
                          return glob_match(glob, name, false);
                        });
    if (is_wanted) {
      names.push_back(name);
    }
  }
  for (const std::string& glob : globs) {
    if (!has_glob(glob) && std::find(known.begin(), known.end(), glob) == known.end()) {
      std::string hint = suggestion(glob, known);
      throw Error{
          ErrorCode::not_found,
          fmt::format("profile '{}': the server has no database '{}'", settings_.profile, glob),
          hint.empty() ? "check option 'databases'" : std::move(hint)};
    }
  }
  return names;
}

Json Client::command(const std::string& database, const Json& command, const std::string& what,
                     std::stop_token stop) {
  work_under(stop, what);
  const BsonHandle made = bson_of(command);
  bson_t reply;
  bson_error_t error{};
  const bool good = mongoc_client_read_command_with_opts(
      client_.get(), database.c_str(), made.get(), nullptr, nullptr, &reply, &error);
  const BsonHandle copy{bson_copy(&reply)};
  bson_destroy(&reply);
  if (!good) {
    throw error_of(error, what);
  }
  return json_of(*copy, what);
}

Documents Client::collections(const std::string& database, const Json& options,
                              std::stop_token stop) {
  work_under(stop, object_of(database));
  const DatabaseHandle handle{mongoc_client_get_database(client_.get(), database.c_str())};
  CursorHandle cursor{
      mongoc_database_find_collections_with_opts(handle.get(), bson_of(options).get())};
  return {*this, std::move(cursor), object_of(database), std::move(stop)};
}

Documents Client::indexes(const std::string& database, const std::string& collection,
                          std::stop_token stop) {
  work_under(stop, object_of(database, collection));
  const CollectionHandle handle{
      mongoc_client_get_collection(client_.get(), database.c_str(), collection.c_str())};
  CursorHandle cursor{mongoc_collection_find_indexes_with_opts(handle.get(), nullptr)};
  return {*this, std::move(cursor), object_of(database, collection), std::move(stop)};
}

Documents Client::read(const std::string& database, const std::string& collection,
                       const Json& pipeline, std::stop_token stop) {
  work_under(stop, object_of(database, collection));
  const CollectionHandle handle{
      mongoc_client_get_collection(client_.get(), database.c_str(), collection.c_str())};
  CursorHandle cursor;
  if (pipeline.empty()) {
    const BsonHandle everything{bson_new()};
    cursor.reset(
        mongoc_collection_find_with_opts(handle.get(), everything.get(), nullptr, nullptr));
  } else {
    Json body = Json::object();
    body["pipeline"] = pipeline;
    cursor.reset(mongoc_collection_aggregate(handle.get(), MONGOC_QUERY_NONE, bson_of(body).get(),
                                             nullptr, nullptr));
  }
  return {*this, std::move(cursor), object_of(database, collection), std::move(stop)};
}

}  // namespace mapctl::connectors::mongodb

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/json_value.hpp"
#include "connectors/rest/odata.hpp"
#include "core/base/template.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What a profile says about a REST system, read and checked once.
namespace mapctl::connectors::rest {

// Where a value goes in a request.
struct Place {
  enum class Kind : std::uint8_t { none, parameter, header, body, form, url } kind = Kind::none;
  Template name{};  // of body: a dotted path
};

using NamedTemplates = std::vector<std::pair<Template, Template>>;

// A token that the client makes and signs itself.
struct Assertion {
  Template issuer{}, subject{}, audience{}, key{}, key_id{};
  NamedTemplates claims{};
  double lifetime = 180;  // seconds
  ports::SignatureAlgorithm algorithm = ports::SignatureAlgorithm::rs256;
};

struct Authentication {
  enum class Kind : std::uint8_t {
    none,
    basic,
    bearer,
    api_key,
    client_credentials,
    refresh_token,
    jwt_bearer,
    jwt,
    session,
    select
  } kind = Kind::none;
  Template username{}, password{};  // basic, session
  Template token{};                 // bearer, api_key; of jwt what stands before it
  Place place{};                    // of api_key and session
  Template token_url{};             // OAuth
  Template client_id{}, client_secret{}, refresh_token{}, scope{};
  bool client_in_header = false;         // client id and secret as basic authentication
  std::optional<Assertion> assertion{};  // jwt, jwt_bearer, client_credentials by a signed token
  NamedTemplates token_headers{}, token_form{};
  std::string token_field = "access_token", expiry_field = "expires_in";
  Template login_url{};  // session
  JsonPath session_field{};
  JsonPath selector{};  // select: key of config
  std::vector<std::pair<std::string, std::shared_ptr<const Authentication>>> choices{};
};

struct Paging {
  enum class Kind : std::uint8_t { none, page, offset, cursor, link } kind = Kind::none;
  std::int64_t start = 1;
  JsonTemplate size{};
  bool on_first = false;  // the first request names its page, too
  Place token{}, size_in{};
  Template cursor{}, stop{};
};

struct ErrorRule {
  enum class Action : std::uint8_t { fail, retry, ignore, take } action = Action::fail;
  std::vector<int> statuses{};
  std::string contains{};
  Template when{};
  std::string message{};
};

struct Backoff {
  enum class Kind : std::uint8_t { constant, header, until_header } kind = Kind::constant;
  double seconds = 0;  // constant; of until_header the least
  std::string header{};
};

struct Incremental {
  JsonPath cursor{};
  Template start{}, end{};
  std::string format = "%Y-%m-%dT%H:%M:%SZ";  // in requests
  std::vector<std::string> formats{};         // of start and end, beside common ones
  std::optional<Period> step{}, granularity{};
  Template lookback{};
  Place start_in{}, end_in{};
  std::string start_name = "start_time", end_name = "end_time";
};

struct Partition {  // one for every value of a list, or for every record of parents
  struct Parent {
    std::string stream{};
    JsonPath key{};
    std::vector<JsonPath> fields{};  // more of the parent, as partition.extra_fields
    std::string name{};              // of the value in partition.*
    Place place{};
  };
  std::vector<Parent> parents{};
  JsonTemplate values{};
  std::string name{};
  Place place{};
};

struct Change {
  enum class Kind : std::uint8_t { add, remove, lower_keys, flatten, rename_keys } kind = Kind::add;
  JsonPath path{};
  JsonTemplate value{};
  Template when{};
  std::string from{}, to{};
  bool keep = false;
};

struct Reference {
  std::vector<std::string> columns{};
  std::string stream{};
  std::vector<std::string> keys{};
};

struct Stream;

// A report that the system makes first: asked for, waited for, then fetched by the stream's own
// request, once for each of its parts. Templates of the requests see creation_response,
// polling_response and download_target.
struct Job {
  std::shared_ptr<const Stream> create{}, poll{};
  std::shared_ptr<const Stream> targets{};  // the request that tells the parts, if not `poll`
  JsonPath status{};                        // in the answer of `poll`
  std::vector<std::string> running{}, completed{}, failed{}, expired{}, skipped{};
  bool has_targets = false;
  std::vector<Template> target_path{};
  double every = 5, limit = 3600, pause = 0;  // seconds; the last one before another attempt
  unsigned attempts = 3;
};

// Of a stream that stands for many: one for each record of another stream, or for each value.
struct Each {
  std::string stream{};   // whose records; else
  JsonTemplate values{};  // a list, whose own lists are taken apart
  Template name{};        // of a stream that is made
};

// What a stream was made for.
struct Component {
  Json values{};  // the record or value
  Json slice{};   // the partition that the record belongs to
};

struct Stream {
  std::string name{};
  std::string description{};
  std::string where{};
  Template base_url{}, path{};
  std::string method = "GET";
  NamedTemplates headers{}, parameters{}, form{};
  JsonTemplate body{};
  Template body_text{};
  std::string format = "json";
  std::vector<Template> records{};  // path
  Template filter{};
  std::vector<std::string> primary_key{};
  std::vector<Reference> references{};
  Paging paging{};
  std::optional<Incremental> incremental{};
  std::vector<Partition> partitions{};
  std::vector<Change> changes{};
  std::vector<ErrorRule> errors{};
  std::vector<Backoff> waits{};
  std::optional<unsigned> attempts{};
  std::shared_ptr<const Authentication> authentication{};
  std::shared_ptr<const Json> schema{};
  std::string operation{};  // of the OpenAPI document; else found by method and path
  bool hidden = false;      // a parent only: no table
  std::shared_ptr<const Job> job{};
  std::optional<Each> each{};
  std::shared_ptr<const Component> component{};  // of a stream that was made

  // A table of that name; one that is hidden or stands for many is none.
  bool is_table() const noexcept { return !hidden && !each; }
};

struct Plan {
  std::string profile{};
  std::vector<Stream> streams{};
  Json config{};  // options.config with auth: laid over it; holds secrets
  std::shared_ptr<const Json> openapi{};
  std::shared_ptr<const ODataModel> odata{};
  bool asks_for_odata = false;  // of the service itself
  std::string check{};
  std::int64_t sample_records = 100;
  std::vector<std::string> allow_hosts{};
  std::uint64_t response_limit = 0;  // bytes

  const Stream* find(std::string_view name) const noexcept;
};

// Throws Error::configuration naming file and line.
Plan read_plan(const ports::ConnectorOptions& options);

// One authentication of `options: authentication` or of a stream.
std::shared_ptr<const Authentication> read_authentication(const config::YamlNode& node);
Place read_place(const config::YamlNode& node, std::string_view what);
Template read_template(const config::YamlNode& node, std::string_view what);

}  // namespace mapctl::connectors::rest

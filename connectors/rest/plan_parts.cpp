// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/plan_parts.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace mapctl::connectors::rest {
namespace {

using config::MapReader;
using config::YamlNode;
using std::string_view;

// A template that follows fixed keys: {{ response['a']['b'] }}.
Template lookup(std::string_view root, const JsonPath& path) {
  std::string text = fmt::format("{{{{ {}", root);
  for (const std::string& key : path) {
    text += fmt::format("['{}']", replace_all(replace_all(key, "\\", "\\\\"), "'", "\\'"));
  }
  return Template::parse(text + " }}", "paging");
}

// "a.b" or a list of keys, of which any may hold dots.
JsonPath read_path(const YamlNode& node, std::string_view what) {
  if (!node.is_sequence()) {
    return parse_path(config::text_of(node, what));
  }
  JsonPath path;
  for (const YamlNode& item : node.children) {
    path.push_back(config::text_of(item, what));
  }
  return path;
}

Template optional_template(MapReader& reader, std::string_view key, Template fallback = {}) {
  const YamlNode* node = reader.get(key);
  return node == nullptr ? std::move(fallback) : read_template(*node, fmt::format("key '{}'", key));
}

// `in: {parameter: page}`, or `parameter: page` as a short form.
Place optional_place(MapReader& reader, std::string_view key, std::string_view short_key) {
  if (const YamlNode* node = reader.get(key)) {
    return read_place(*node, fmt::format("key '{}'", key));
  }
  Place place;
  if (const YamlNode* node = reader.get(short_key)) {
    place.kind = Place::Kind::parameter;
    place.name = read_template(*node, fmt::format("key '{}'", short_key));
  }
  return place;
}

std::string read_format(const YamlNode& node, std::string_view what) {
  std::string format = config::text_of(node, what);
  if (const auto unknown = unknown_format_part(format)) {
    config::fail_at(node, fmt::format("{} holds '{}', which no time has", what, *unknown),
                    "use %Y %m %d %H %M %S %f %z, %s or %ms");
  }
  return format;
}

std::optional<Period> read_period(MapReader& reader, std::string_view key, bool may_be_empty) {
  const YamlNode* node = reader.get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto period = parse_period(config::text_of(*node, fmt::format("key '{}'", key)));
  if (!period || (period->empty() && !may_be_empty)) {
    config::fail_at(*node, fmt::format("key '{}' is '{}', but must be a period", key, node->text),
                    "write it as P30D, PT1H or P1M");
  }
  return period;
}

// Keys of the authentication itself say what the token claims.
Assertion read_assertion(MapReader& reader, const YamlNode& type) {
  static constexpr std::array names{string_view{"HS256"}, string_view{"RS256"},
                                    string_view{"PS256"}, string_view{"ES256"}};
  static constexpr std::array values{
      ports::SignatureAlgorithm::hs256, ports::SignatureAlgorithm::rs256,
      ports::SignatureAlgorithm::ps256, ports::SignatureAlgorithm::es256};
  Assertion made;
  const auto from_config = [&](std::string_view key, std::string_view name) {
    return optional_template(
        reader, key, Template::parse(fmt::format("{{{{ config.{} }}}}", name), type.where()));
  };
  made.key = from_config("private_key", "private_key");
  made.issuer = from_config("issuer", "client_id");
  made.subject = optional_template(reader, "subject");
  made.audience = optional_template(reader, "audience");
  made.key_id = optional_template(reader, "key_id");
  read_named(reader.get_map("claims"), made.claims);
  made.lifetime = reader.optional_duration("lifetime").value_or(made.lifetime);
  if (const auto algorithm = reader.optional_choice("algorithm", names)) {
    made.algorithm = values[static_cast<std::size_t>(
        std::find(names.begin(), names.end(), *algorithm) - names.begin())];
  }
  return made;
}

}  // namespace

Template read_template(const YamlNode& node, std::string_view what) {
  return Template::parse(config::text_of(node, what), node.where());
}

void read_named(const YamlNode* node, NamedTemplates& values) {
  if (node == nullptr) {
    return;
  }
  if (!node->is_map()) {
    config::fail_at(*node, "must be a map of names and values", "write one 'name: value' a line");
  }
  for (const YamlNode& child : node->children) {
    Template name = Template::parse(child.key, child.key_where());
    std::erase_if(values, [&](const auto& one) { return one.first.source() == child.key; });
    if (!child.is_null()) {
      values.emplace_back(std::move(name), read_template(child, fmt::format("'{}'", child.key)));
    }
  }
}

Place read_place(const YamlNode& node, std::string_view what) {
  static constexpr std::pair<string_view, Place::Kind> kinds[] = {
      {"parameter", Place::Kind::parameter},
      {"header", Place::Kind::header},
      {"body", Place::Kind::body},
      {"form", Place::Kind::form}};
  Place place;
  if (node.is_scalar() && (node.text == "url" || node.text == "none")) {
    place.kind = node.text == "url" ? Place::Kind::url : Place::Kind::none;
    return place;
  }
  if (node.is_map() && node.children.size() == 1) {
    for (const auto& [word, kind] : kinds) {
      if (node.children[0].key == word) {
        place.kind = kind;
        place.name = read_template(node.children[0], fmt::format("key '{}'", word));
        return place;
      }
    }
  }
  config::fail_at(
      node, fmt::format("{} must say where the value goes", what),
      "write {parameter: NAME}, {header: NAME}, {body: PATH}, {form: NAME}, url or none");
}

std::vector<Template> read_record_path(const YamlNode& node) {
  std::vector<Template> path;
  if (node.is_sequence()) {
    for (const YamlNode& item : node.children) {
      path.push_back(read_template(item, "an item of key 'records'"));
    }
    return path;
  }
  for (const std::string& key : parse_path(config::text_of(node, "key 'records'"))) {
    path.push_back(Template::constant(key));
  }
  return path;
}

Paging read_paging(const YamlNode& node) {
  static constexpr std::array kinds{string_view{"none"},     string_view{"page"},
                                    string_view{"offset"},   string_view{"cursor"},
                                    string_view{"next_url"}, string_view{"link_header"}};
  Paging paging;
  if (node.is_scalar()) {
    config::require_choice(node, "key 'paging'", kinds);
  }
  YamlNode empty;
  empty.file = node.file;
  MapReader reader{node.is_scalar() ? empty : node, "paging"};
  const std::string type =
      node.is_scalar()
          ? node.text
          : (config::require_choice(reader.required("type"), "key 'type' of paging", kinds),
             reader.required_string("type"));
  const YamlNode* token = reader.get("token");
  const bool is_placed = token == nullptr || !token->is_scalar() || token->text != "none";
  paging.token = optional_place(reader, "token", "parameter");
  paging.size_in = optional_place(reader, "size_in", "size_parameter");
  if (const YamlNode* size = reader.get("size")) {
    paging.size = JsonTemplate{*size};
  }
  paging.on_first = reader.boolean("first", type == "page" || type == "offset");
  paging.stop = optional_template(reader, "stop");
  if (type == "page" || type == "offset") {
    paging.kind = type == "page" ? Paging::Kind::page : Paging::Kind::offset;
    paging.start = reader.integer("start", type == "page" ? 1 : 0);
    if (is_placed && paging.token.kind == Place::Kind::none) {
      config::fail_at(node, fmt::format("paging by {} does not say where the number goes", type),
                      "add 'parameter: NAME'");
    }
  } else if (type == "cursor" || type == "next_url") {
    paging.kind = Paging::Kind::cursor;
    if (const YamlNode* path = reader.get("path")) {
      paging.cursor = lookup("response", read_path(*path, "key 'path' of paging"));
    } else if (const auto header = reader.optional_string("from_header")) {
      paging.cursor = lookup("headers", {to_lower(*header)});
    } else {
      paging.cursor = optional_template(reader, "cursor");
    }
    if (paging.cursor.empty()) {
      config::fail_at(node, "paging does not say where the next cursor is",
                      "add 'path: KEY.KEY', 'from_header: NAME' or 'cursor: {{ ... }}'");
    }
    if (type == "next_url") {
      paging.token.kind = Place::Kind::url;
    } else if (is_placed && paging.token.kind == Place::Kind::none) {
      config::fail_at(node, "paging does not say where the cursor goes",
                      "add 'parameter: NAME' or 'token: {...}'");
    }
  } else if (type == "link_header") {
    paging.kind = Paging::Kind::link;
    paging.token.kind = Place::Kind::url;
  }
  reader.finish();
  return paging;
}

Incremental read_incremental(const YamlNode& node) {
  MapReader reader{node, "incremental"};
  Incremental made;
  made.cursor = read_path(reader.required("cursor"), "key 'cursor'");
  made.start = read_template(reader.required("start"), "key 'start'");
  made.end = optional_template(reader, "end");
  if (const YamlNode* format = reader.get("format")) {
    made.format = read_format(*format, "key 'format'");
  }
  if (const YamlNode* formats = reader.get_sequence("formats")) {
    for (const YamlNode& format : formats->children) {
      made.formats.push_back(read_format(format, "an item of key 'formats'"));
    }
  }
  made.step = read_period(reader, "step", false);
  made.granularity = read_period(reader, "granularity", true);
  made.lookback = optional_template(reader, "lookback");
  made.start_in = optional_place(reader, "start_in", "start_parameter");
  made.end_in = optional_place(reader, "end_in", "end_parameter");
  made.start_name = reader.string("start_name", made.start_name);
  made.end_name = reader.string("end_name", made.end_name);
  reader.finish();
  return made;
}

Partition::Parent read_parent(const YamlNode& node) {
  MapReader reader{node, "parent"};
  Partition::Parent parent;
  parent.stream = reader.required_string("stream");
  parent.key = read_path(reader.required("key"), "key 'key'");
  parent.name = reader.string("as", parent.key.empty() ? "parent" : parent.key.back());
  parent.place = optional_place(reader, "in", "parameter");
  if (const YamlNode* fields = reader.get_sequence("fields")) {
    for (const YamlNode& field : fields->children) {
      parent.fields.push_back(read_path(field, "an item of key 'fields'"));
    }
  }
  reader.finish();
  return parent;
}

Partition read_partition(const YamlNode& node) {
  MapReader reader{node, "a partition"};
  Partition partition;
  if (const YamlNode* parents = reader.get_sequence("parents")) {
    for (const YamlNode& parent : parents->children) {
      partition.parents.push_back(read_parent(parent));
    }
  } else {
    partition.values = JsonTemplate{reader.required("values")};
    partition.name = reader.required_string("as");
    partition.place = optional_place(reader, "in", "parameter");
  }
  reader.finish();
  return partition;
}

Change read_change(const YamlNode& node) {
  MapReader reader{node, "a change"};
  Change change;
  if (const YamlNode* add = reader.get("add")) {
    change.kind = Change::Kind::add;
    change.path = read_path(*add, "key 'add'");
    change.value = JsonTemplate{reader.required("value")};
  } else if (const YamlNode* remove = reader.get("remove")) {
    change.kind = Change::Kind::remove;
    change.path = read_path(*remove, "key 'remove'");
    change.when = optional_template(reader, "when");
  } else if (const YamlNode* flatten = reader.get("flatten")) {
    change.kind = Change::Kind::flatten;
    change.path = read_path(*flatten, "key 'flatten'");
    change.keep = reader.boolean("keep", true);
  } else if (const YamlNode* rename = reader.get_map("rename_keys")) {
    MapReader names{*rename, "rename_keys"};
    change.kind = Change::Kind::rename_keys;
    change.from = names.required_string("from");
    change.to = names.string("to", "");
    names.finish();
  } else if (reader.boolean("lower_keys", false)) {
    change.kind = Change::Kind::lower_keys;
  } else {
    config::fail_at(node, "a change does not say what it does",
                    "use add, remove, flatten, rename_keys or lower_keys");
  }
  reader.finish();
  return change;
}

std::vector<ErrorRule> read_errors(const YamlNode& node) {
  static constexpr std::array actions{string_view{"fail"}, string_view{"retry"},
                                      string_view{"ignore"}, string_view{"take"}};
  std::vector<ErrorRule> rules;
  for (const YamlNode& one : node.children) {
    MapReader reader{one, "an error rule"};
    ErrorRule rule;
    const auto action = reader.optional_choice("action", actions).value_or("fail");
    rule.action = action == "retry"    ? ErrorRule::Action::retry
                  : action == "ignore" ? ErrorRule::Action::ignore
                  : action == "take"   ? ErrorRule::Action::take
                                       : ErrorRule::Action::fail;
    if (const YamlNode* statuses = reader.get("status")) {
      if (statuses->is_sequence()) {
        for (const YamlNode& status : statuses->children) {
          rule.statuses.push_back(static_cast<int>(config::integer_of(status, "a status")));
        }
      } else {
        rule.statuses.push_back(static_cast<int>(config::integer_of(*statuses, "key 'status'")));
      }
    }
    rule.contains = reader.string("contains", "");
    rule.when = optional_template(reader, "when");
    rule.message = reader.string("message", "");
    reader.finish();
    if (rule.statuses.empty() && rule.contains.empty() && rule.when.empty()) {
      config::fail_at(one, "an error rule does not say when it holds",
                      "add 'status: [429]', 'contains: TEXT' or 'when: {{ ... }}'");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::vector<Backoff> read_waits(const YamlNode& node) {
  std::vector<Backoff> waits;
  for (const YamlNode& one : node.children) {
    MapReader reader{one, "a wait"};
    Backoff wait;
    if (const auto header = reader.optional_string("header")) {
      wait.kind = Backoff::Kind::header;
      wait.header = to_lower(*header);
    } else if (const auto until = reader.optional_string("until_header")) {
      wait.kind = Backoff::Kind::until_header;
      wait.header = to_lower(*until);
      wait.seconds = reader.optional_duration("least").value_or(0);
    } else {
      wait.seconds = config::duration_of(reader.required("seconds"), "key 'seconds'");
    }
    reader.finish();
    waits.push_back(std::move(wait));
  }
  return waits;
}

Each read_each(const YamlNode& node) {
  MapReader reader{node, "each"};
  Each each;
  if (const auto stream = reader.optional_string("stream")) {
    each.stream = *stream;
  } else {
    each.values = JsonTemplate{reader.required("values")};
  }
  each.name = read_template(reader.required("name"), "key 'name'");
  reader.finish();
  return each;
}

std::vector<Reference> read_references(const YamlNode& node) {
  std::vector<Reference> references;
  for (const YamlNode& one : node.children) {
    // "customer_id: customers.id", and for several columns
    // "customers: {columns: [a, b], keys: [x, y]}".
    Reference reference;
    if (one.is_scalar()) {
      const auto dot = one.text.rfind('.');
      if (dot == std::string::npos || dot == 0 || dot + 1 == one.text.size()) {
        config::fail_at(one, fmt::format("'{}' is no reference", one.text),
                        "write COLUMN: STREAM.KEY");
      }
      reference = {{one.key}, one.text.substr(0, dot), {one.text.substr(dot + 1)}};
    } else {
      MapReader reader{one, "a reference"};
      reference.stream = one.key;
      reference.columns = reader.strings("columns");
      reference.keys = reader.strings("keys");
      reader.finish();
      if (reference.columns.empty() || reference.columns.size() != reference.keys.size()) {
        config::fail_at(one, "a reference needs as many keys as columns",
                        "write columns: [a, b] and keys: [x, y]");
      }
    }
    references.push_back(std::move(reference));
  }
  return references;
}

std::shared_ptr<const Authentication> read_authentication(const YamlNode& node) {
  using Kind = Authentication::Kind;
  static constexpr std::array kinds{string_view{"none"},
                                    string_view{"basic"},
                                    string_view{"bearer"},
                                    string_view{"api_key"},
                                    string_view{"oauth2_client_credentials"},
                                    string_view{"oauth2_refresh_token"},
                                    string_view{"oauth2_jwt_bearer"},
                                    string_view{"jwt"},
                                    string_view{"session"},
                                    string_view{"select"}};
  static constexpr std::array values{
      Kind::none,          Kind::basic,      Kind::bearer, Kind::api_key, Kind::client_credentials,
      Kind::refresh_token, Kind::jwt_bearer, Kind::jwt,    Kind::session, Kind::select};
  auto made = std::make_shared<Authentication>();
  YamlNode empty;
  empty.file = node.file;
  empty.line = node.line;
  empty.column = node.column;
  MapReader reader{node.is_scalar() ? empty : node, "authentication"};
  const YamlNode& type = node.is_scalar() ? node : reader.required("type");
  config::require_choice(type, "the type of authentication", kinds);
  made->kind = values[static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), type.text) -
                                               kinds.begin())];
  const auto from_config = [&](std::string_view key) {
    return optional_template(
        reader, key, Template::parse(fmt::format("{{{{ config.{} }}}}", key), type.where()));
  };
  switch (made->kind) {
    case Kind::none: break;
    case Kind::basic:
      made->username = from_config("username");
      made->password = from_config("password");
      break;
    case Kind::bearer: made->token = from_config("token"); break;
    case Kind::api_key:
      made->token =
          optional_template(reader, "key", Template::parse("{{ config.api_key }}", type.where()));
      made->place = optional_place(reader, "in", "parameter");
      if (made->place.kind == Place::Kind::body || made->place.kind == Place::Kind::form ||
          made->place.kind == Place::Kind::url) {
        config::fail_at(*reader.get("in"), "the key of authentication cannot go there",
                        "write in: {header: NAME} or in: {parameter: NAME}");
      }
      if (made->place.kind == Place::Kind::none) {
        made->place.kind = Place::Kind::header;
        made->place.name = optional_template(reader, "header", Template::constant("X-Api-Key"));
      }
      break;
    case Kind::jwt:
      made->token = optional_template(reader, "prefix", Template::constant("Bearer "));
      made->assertion = read_assertion(reader, type);
      break;
    case Kind::client_credentials:
    case Kind::refresh_token:
    case Kind::jwt_bearer:
      if (made->kind == Kind::jwt_bearer || reader.boolean("signed", false)) {
        made->assertion = read_assertion(reader, type);
      }
      made->token_url = read_template(reader.required("token_url"), "key 'token_url'");
      made->client_id = from_config("client_id");
      made->client_secret = from_config("client_secret");
      if (made->kind == Kind::refresh_token) {
        made->refresh_token = from_config("refresh_token");
      }
      made->scope = optional_template(reader, "scope");
      made->client_in_header = reader.boolean("client_in_header", false);
      read_named(reader.get_map("token_headers"), made->token_headers);
      read_named(reader.get_map("token_form"), made->token_form);
      made->token_field = reader.string("token_field", made->token_field);
      made->expiry_field = reader.string("expiry_field", made->expiry_field);
      break;
    case Kind::session:
      made->login_url = read_template(reader.required("login_url"), "key 'login_url'");
      made->username = from_config("username");
      made->password = from_config("password");
      made->token = optional_template(reader, "token");
      made->session_field = read_path(reader.required("session_field"), "key 'session_field'");
      made->place.kind = Place::Kind::header;
      made->place.name = read_template(reader.required("header"), "key 'header'");
      break;
    case Kind::select:
      made->selector = read_path(reader.required("by"), "key 'by'");
      for (const YamlNode& choice : reader.required("choices").children) {
        made->choices.emplace_back(choice.key, read_authentication(choice));
      }
      break;
  }
  reader.finish();
  return made;
}

}  // namespace mapctl::connectors::rest

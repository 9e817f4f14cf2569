// SPDX-License-Identifier: Apache-2.0
#include "core/config/airbyte_converter.hpp"

#include "core/base/error.hpp"
#include "core/base/moment.hpp"
#include "core/base/template.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace mapctl::config {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Parameters put into one text; more of them, or larger ones, put themselves in.
constexpr int most_replaced = 200;

struct Access {
  std::vector<std::string> keys{};
  std::size_t end = 0;
  bool has_default = false;
};

// The keys behind a name at `at`: .a, ['b'], .get('c'[, ...]) in any order.
Access read_access(std::string_view text, std::size_t at) {
  Access access;
  while (true) {
    const auto quoted_key =
        [&](std::size_t from) -> std::optional<std::pair<std::string, std::size_t>> {
      if (from >= text.size() || (text[from] != '\'' && text[from] != '"')) {
        return std::nullopt;
      }
      const auto close = text.find(text[from], from + 1);
      return close == std::string_view::npos
                 ? std::nullopt
                 : std::optional{
                       std::pair{std::string{text.substr(from + 1, close - from - 1)}, close + 1}};
    };
    const std::string_view rest = text.substr(std::min(at, text.size()));
    if (rest.starts_with(".get(")) {
      const auto key = quoted_key(at + 5);
      if (!key || key->second >= text.size()) {
        break;
      }
      // The closing parenthesis that belongs to it, past a default of braces or a call.
      int open = 1;
      std::size_t end = key->second;
      for (; end < text.size() && open > 0; ++end) {
        open += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
      }
      access.has_default = text[key->second] == ',';
      access.keys.push_back(key->first);
      at = end;
    } else if (rest.starts_with("[")) {
      const auto key = quoted_key(at + 1);
      if (!key || key->second >= text.size() || text[key->second] != ']') {
        break;
      }
      access.keys.push_back(key->first);
      at = key->second + 1;
    } else if (rest.size() > 1 && rest[0] == '.' && is_name(rest[1])) {
      std::size_t end = at + 1;
      while (end < text.size() && is_name(text[end])) {
        ++end;
      }
      if (end < text.size() && text[end] == '(') {
        break;  // a method
      }
      access.keys.emplace_back(text.substr(at + 1, end - at - 1));
      at = end;
    } else {
      break;
    }
  }
  access.end = at;
  return access;
}

// Calls visit(begin, access) for each use of `name` as a variable.
template <class Visit>
void each_use(std::string_view text, std::string_view name, Visit visit) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || (!is_name(text[at - 1]) && text[at - 1] != '.' &&
                                    text[at - 1] != '\'' && text[at - 1] != '"');
    if (begins && (end >= text.size() || !is_name(text[end]))) {
      visit(at, read_access(text, end));
    }
  }
}

}  // namespace

Json AirbyteConverter::stream(const AirbyteComponent& source) {
  Json made = Json::object();
  if (source.node.find("class_name") != nullptr) {
    refuse(source.node, source.type(), "a class of Python");
  }
  const AirbyteComponent retriever = inner(source, "retriever");
  const std::string type = retriever.type();
  if (!type.empty() && type != "SimpleRetriever" && type != "AsyncRetriever") {
    refuse(retriever.node, type, "a class of Python");
    return made;
  }
  if (type == "AsyncRetriever") {
    report(retriever, made);
  } else {
    request(inner(retriever, "requester"), made);
    selector(inner(retriever, "record_selector"), made);
  }
  if (const YamlNode* key = source.get("primary_key")) {
    made["primary_key"] = flat_list(*key);
  }
  if (type != "AsyncRetriever" && retriever.get("paginator") != nullptr) {
    paginator(inner(retriever, "paginator"), made);
  }
  if (type != "AsyncRetriever" && retriever.get("decoder") != nullptr) {
    decoder(inner(retriever, "decoder"), made);
  }
  if (const YamlNode* router = retriever.node.find("partition_router")) {
    routers(retriever, *router, made);
  }
  if (source.get("incremental_sync") != nullptr) {
    incremental(inner(source, "incremental_sync"), made);
  }
  if (const YamlNode* changes = source.node.find("transformations"); changes != nullptr) {
    for (const YamlNode& change : changes->children) {
      transformation(source.child(change), made);
    }
  }
  if (source.get("schema_loader") != nullptr) {
    schema(inner(source, "schema_loader"), made);
  }
  return made;
}

AirbyteComponent AirbyteConverter::inner(const AirbyteComponent& of, std::string_view key) const {
  const YamlNode* found = of.get(key);
  YamlNode empty;
  empty.file = of.node.file;
  return of.child(found == nullptr ? empty : *found);
}

void AirbyteConverter::refuse(const YamlNode& at, std::string component, std::string reason) {
  failed_ = true;
  streams_.unsupported_.push_back({at.where(), std::move(component), stream_, std::move(reason)});
}

std::string AirbyteConverter::text(const AirbyteComponent& of, const YamlNode& node) {
  std::string made = node.text;
  if (made.find("{{") == std::string::npos && made.find("{%") == std::string::npos) {
    return made;
  }
  if (in_report_) {
    made = with_report_names(std::move(made));
  }
  int replaced = 0;
  for (const std::string_view name : {"parameters", "options"}) {
    for (bool found = true; found;) {
      found = false;
      if (++replaced > most_replaced) {
        refuse(node, "expression", "parameters that refer to each other");
        return {};
      }
      std::size_t begin = 0, end = 0;
      std::string literal;
      each_use(made, name, [&](std::size_t at, const Access& access) {
        if (!found && access.keys.size() == 1) {
          found = true;
          begin = at;
          end = access.end;
          const auto value = of.parameters.find(access.keys[0]);
          literal = "none";
          if (value != of.parameters.end() && value->second.is_scalar()) {
            literal.clear();
            const std::string_view given = trim(value->second.text);
            if (given.starts_with("{{") && given.ends_with("}}")) {
              literal = fmt::format("({})", trim(given.substr(2, given.size() - 4)));
            } else {
              append_json_string(literal, value->second.text);
            }
          } else if (access.has_default) {
            const auto comma = made.find(',', at);
            literal = made.substr(comma + 1, access.end - 1 - comma - 1);
          }
        }
      });
      if (found) {
        made.replace(begin, end - begin, literal);
      }
    }
  }
  try {
    const Template parsed = Template::parse(made, node.where());
    if (trim(made).starts_with("{{ \"") && !parsed.mentions("config")) {
      made = folded(parsed, made);
    }
  } catch (const Error& error) {
    const std::string what = error.what();
    const std::string prefix = node.where() + ": ";
    refuse(node, "expression", what.starts_with(prefix) ? what.substr(prefix.size()) : what);
    return made;
  }
  each_use(made, "config", [&](std::size_t, const Access& access) {
    if (!access.keys.empty()) {
      streams_.config_keys_.insert(join(access.keys, "."));
    }
  });
  return made;
}

std::string AirbyteConverter::with_report_names(std::string made) const {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"create_job_response", "creation_response"},
      {"poll_job_response", "polling_response"},
      {"extra_fields.url", "download_target"},
      {"extra_fields.creation_response", "creation_response"},
      {"extra_fields.polling_response", "polling_response"},
      {"extra_fields.download_target", "download_target"}};
  for (bool found = true; found;) {
    found = false;
    std::size_t begin = 0, end = 0;
    std::string_view name;
    each_use(made, "stream_slice", [&](std::size_t at, const Access& access) {
      const std::string keys = join(access.keys, ".");
      for (const auto& [old, now] : names) {
        if (!found && keys == old) {
          found = true;
          begin = at;
          end = access.end;
          name = now;
        }
      }
    });
    if (found) {
      constexpr std::string_view call = ".json()";  // of an answer; ours is JSON already
      if (std::string_view{made}.substr(end).starts_with(call)) {
        end += call.size();
      }
      made.replace(begin, end - begin, name);
    }
  }
  return made;
}

std::string AirbyteConverter::expression(const AirbyteComponent& of, std::string source) {
  YamlNode node = of.node;
  node.kind = YamlKind::scalar;
  node.text = std::move(source);
  return text(of, node);
}

std::string AirbyteConverter::folded(const Template& parsed, const std::string& source) {
  const std::string_view inside = trim(source);
  const bool is_one_text = inside.find('"', 4) == inside.size() - 4 && inside.ends_with("\" }}");
  return is_one_text ? parsed.text({}) : source;
}

Json AirbyteConverter::value(const AirbyteComponent& of, const YamlNode& node) {
  if (node.is_scalar()) {
    return node.text.find("{{") != std::string::npos || !node.plain ? Json(text(of, node))
                                                                    : to_json(node);
  }
  Json made = node.is_map() ? Json::object() : node.is_sequence() ? Json::array() : Json(nullptr);
  for (const YamlNode& child : node.children) {
    if (node.is_map()) {
      YamlNode key = child;
      key.text = child.key;
      if (child.key != "$parameters" && child.key != "type") {
        made[text(of, key)] = value(of, child);
      }
    } else {
      made.push_back(value(of, child));
    }
  }
  return made;
}

Json AirbyteConverter::flat_list(const YamlNode& node) {
  Json list = Json::array();
  const auto visit = [&](const auto& self, const YamlNode& one) -> void {
    if (one.is_scalar() && !one.text.empty()) {
      list.push_back(one.text);
    }
    for (const YamlNode& child : one.children) {
      self(self, child);
    }
  };
  visit(visit, node);
  return list;
}

void AirbyteConverter::copy(const AirbyteComponent& of, std::string_view key, Json& made,
                            const char* as) {
  if (const YamlNode* node = of.get(key); node != nullptr && node->is_scalar()) {
    made[as] = text(of, *node);
  }
}

void AirbyteConverter::request(const AirbyteComponent& requester, Json& made) {
  if (requester.node.find("class_name") != nullptr) {
    refuse(requester.node, requester.type(), "a class of Python");
    return;
  }
  copy(requester, "url", made, "base_url");
  copy(requester, "url_base", made, "base_url");
  copy(requester, "path", made, "path");
  const YamlNode* method = requester.get("http_method");
  if (method != nullptr && method->text != "GET") {
    made["method"] = method->text;
  }
  for (const auto& [key, as] :
       {std::pair{"request_headers", "headers"}, std::pair{"request_parameters", "parameters"}}) {
    if (const YamlNode* values = requester.get(key);
        values != nullptr && !values->children.empty()) {
      made[as] = value(requester, *values);
    }
  }
  if (const YamlNode* body = requester.get("request_body_json");
      body != nullptr && (!body->children.empty() || body->is_scalar())) {
    made["body"] = value(requester, *body);
  }
  if (const YamlNode* body = requester.get("request_body_data"); body != nullptr) {
    if (body->is_scalar()) {
      made["body"] = text(requester, *body);
    } else if (!body->children.empty()) {
      made["form"] = value(requester, *body);
    }
  }
  if (requester.get("authenticator") != nullptr) {
    made["authentication"] = authenticator(inner(requester, "authenticator"));
  }
  if (requester.get("error_handler") != nullptr) {
    errors(inner(requester, "error_handler"), made);
  }
}

Json AirbyteConverter::place(const AirbyteComponent& option) {
  const YamlNode* where = option.get("inject_into");
  const YamlNode* name = option.get("field_name");
  if (option.type() == "RequestPath") {
    return "url";
  }
  const std::string kind = where == nullptr ? std::string{} : where->text;
  const std::string field = name == nullptr ? std::string{} : text(option, *name);
  for (const auto& [word, key] :
       {std::pair{"request_parameter", "parameter"}, std::pair{"header", "header"},
        std::pair{"body_json", "body"}, std::pair{"body_data", "form"}}) {
    if (kind == word && !field.empty()) {
      return Json::object({{key, field}});
    }
  }
  refuse(option.node, option.type().empty() ? "RequestOption" : option.type(),
         fmt::format("a value in '{}'", kind));
  return "none";
}

Json AirbyteConverter::authenticator(const AirbyteComponent& source) {
  const std::string type = source.type();
  Json made = Json::object();
  if (type == "NoAuth") {
    return "none";
  }
  if (type == "BearerAuthenticator") {
    made["type"] = "bearer";
    copy(source, "api_token", made, "token");
  } else if (type == "BasicHttpAuthenticator") {
    made["type"] = "basic";
    copy(source, "username", made, "username");
    made["password"] = "";
    copy(source, "password", made, "password");
  } else if (type == "ApiKeyAuthenticator") {
    made["type"] = "api_key";
    copy(source, "api_token", made, "key");
    if (source.get("inject_into") != nullptr && source.get("inject_into")->is_map()) {
      made["in"] = place(inner(source, "inject_into"));
    } else {
      copy(source, "header", made, "header");
    }
  } else if (type == "OAuthAuthenticator") {
    oauth(source, made);
  } else if (type == "LegacySessionTokenAuthenticator") {
    session(source, made);
  } else if (type == "SelectiveAuthenticator") {
    made["type"] = "select";
    const YamlNode* path = source.get("authenticator_selection_path");
    made["by"] = path == nullptr ? Json::array() : flat_list(*path);
    streams_.config_keys_.insert(path == nullptr ? "" : dotted(*path));
    Json choices = Json::object();
    if (const YamlNode* all = source.get("authenticators")) {
      for (const YamlNode& one : all->children) {
        choices[one.key] = authenticator(source.child(one));
      }
    }
    made["choices"] = std::move(choices);
  } else {
    refuse(source.node, type.empty() ? "authenticator" : type, "this way to authenticate");
  }
  return made;
}

std::string AirbyteConverter::dotted(const YamlNode& path) {
  std::vector<std::string> keys;
  for (const YamlNode& key : path.children) {
    keys.push_back(key.text);
  }
  return join(keys, ".");
}

void AirbyteConverter::oauth(const AirbyteComponent& source, Json& made) {
  const bool refreshes = source.get("refresh_token") != nullptr;
  made["type"] = refreshes ? "oauth2_refresh_token" : "oauth2_client_credentials";
  copy(source, "token_refresh_endpoint", made, "token_url");
  copy(source, "client_id", made, "client_id");
  copy(source, "client_secret", made, "client_secret");
  copy(source, "refresh_token", made, "refresh_token");
  copy(source, "access_token_name", made, "token_field");
  copy(source, "expires_in_name", made, "expiry_field");
  if (const YamlNode* scopes = source.get("scopes");
      scopes != nullptr && !scopes->children.empty()) {
    std::vector<std::string> names;
    for (const YamlNode& scope : scopes->children) {
      names.push_back(scope.text);
    }
    made["scope"] = join(names, " ");
  }
  for (const auto& [key, as] : {std::pair{"refresh_request_headers", "token_headers"},
                                std::pair{"refresh_request_body", "token_form"}}) {
    if (const YamlNode* values = source.get(key); values != nullptr && !values->children.empty()) {
      made[as] = value(source, *values);
    }
  }
}

void AirbyteConverter::session(const AirbyteComponent& source, Json& made) {
  made["type"] = "session";
  copy(source, "username", made, "username");
  copy(source, "password", made, "password");
  copy(source, "session_token", made, "token");
  copy(source, "header", made, "header");
  copy(source, "session_token_response_key", made, "session_field");
  const YamlNode* base =
      source.get("api_url") != nullptr ? source.get("api_url") : source.get("url_base");
  const YamlNode* login = source.get("login_url");
  made["login_url"] = (base == nullptr ? std::string{} : text(source, *base) + "/") +
                      (login == nullptr ? std::string{} : text(source, *login));
  if (base == nullptr) {
    made["login_url"] = login_of_base(source, login);
  }
}

std::string AirbyteConverter::login_of_base(const AirbyteComponent& source, const YamlNode* login) {
  const std::string path = login == nullptr ? std::string{} : text(source, *login);
  return path.find("://") != std::string::npos
             ? path
             : fmt::format("{}/{}", "{{ config.instance_api_url }}", path);
}

}  // namespace mapctl::config

// SPDX-License-Identifier: Apache-2.0
#include "core/config/openapi_scaffold.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/names.hpp"
#include "core/config/openapi_paging.hpp"
#include "core/config/openapi_reader.hpp"
#include "core/config/yaml_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace mapctl::config {
namespace {

// Letters, digits and underscores, as names of streams are.
std::string plain_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_kept) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) {
    name.pop_back();
  }
  return name;
}

// A description is somebody else's: what looks like a reference to a secret of ours is only text.
void escape_references(Json& value) {
  if (value.is_string()) {
    value = replace_all(value.get_ref<const std::string&>(), "${", "$${");
  } else if (value.is_structured()) {
    for (Json& part : value) {
      escape_references(part);
    }
  }
}

struct Segment {
  std::string text{};
  bool is_parameter = false;
};

std::vector<Segment> segments_of(std::string_view path) {
  std::vector<Segment> segments;
  for (const std::string_view part : split(path, '/')) {
    if (part.size() > 2 && part.front() == '{' && part.back() == '}') {
      segments.push_back({std::string{part.substr(1, part.size() - 2)}, true});
    } else if (!part.empty()) {
      segments.push_back({std::string{part}, false});
    }
  }
  return segments;
}

std::string last_word(const std::vector<Segment>& segments) {
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    if (!segment->is_parameter) {
      return segment->text;
    }
  }
  return "records";
}

// A GET that answers with a list.
struct Candidate {
  std::string path{};
  std::vector<Segment> segments{};
  const Json* operation = nullptr;
  std::vector<const Json*> parameters{};
  OpenApiReader::Records records{};
  std::string name{};
  std::string parent{};      // path of the list that gives `parent_key`
  std::string parent_key{};  // property of its records
  std::string parent_word{};
  std::string reason{};  // why it is left out
};

class Scaffold {
 public:
  Scaffold(const Json& document, const OpenApiRequest& request)
      : reader_{document}, request_{request} {}

  OpenApiProfile make() {
    check();
    collect();
    check_values();
    for (Candidate& one : candidates_) {
      find_parent(one);
    }
    drop_orphans();
    name_all();
    drop_unwanted();
    profile_["name"] = request_.name;
    profile_["connector"] = "rest";
    const Json* info = reader_.at(&reader_.document(), "info");
    if (info != nullptr && !openapi_text(*info, "title").empty()) {
      profile_["description"] = openapi_text(*info, "title");
    }
    // Apart from the profile until it is whole: references into it do not outlive additions.
    Json options = Json::object();
    options["base_url"] = base_url();
    add_authentication(options);
    add_streams(options);
    escape_references(options);
    if (asks_for_url_) {
      options["base_url"] = variable("URL");
    }
    options["openapi"] = request_.document;
    // What --set gives may well be a reference.
    if (!used_.empty()) {
      options["config"] = used_;
    }
    profile_["options"] = std::move(options);
    if (!auth_.empty()) {
      profile_["auth"] = auth_;
    }
    profile_["limits"] = {{"requests_per_second", 5}, {"max_connections", 4}};
    result_.yaml = to_yaml(profile_);
    result_.missing_values.assign(missing_.begin(), missing_.end());
    return std::move(result_);
  }

 private:
  void check() const {
    const std::string version = openapi_text(reader_.document(), "openapi");
    const Json* paths = reader_.at(&reader_.document(), "paths");
    if (!version.starts_with("3.") || paths == nullptr || !paths->is_object()) {
      const bool is_older = !openapi_text(reader_.document(), "swagger").empty();
      throw Error{ErrorCode::configuration,
                  fmt::format("'{}' is no OpenAPI 3 description", request_.source),
                  is_older ? "it is of Swagger 2: convert it to OpenAPI 3 first"
                           : "it needs 'openapi: 3.x' and 'paths'"};
    }
  }

  std::string variable(std::string_view what) const {
    return fmt::format("${{env:{}_{}}}", to_upper(plain_name(request_.name)), what);
  }

  std::string base_url() {
    const Json* servers = reader_.at(&reader_.document(), "servers");
    std::string url;
    if (servers != nullptr && servers->is_array() && !servers->empty()) {
      const Json& server = servers->front();
      url = openapi_text(server, "url");
      if (const Json* variables = reader_.at(&server, "variables");
          variables != nullptr && variables->is_object()) {
        for (const auto& [name, value] : variables->items()) {
          const auto given = request_.values.find(name);
          url = replace_all(
              url, "{" + name + "}",
              given != request_.values.end() ? given->second : openapi_text(value, "default"));
        }
      }
    }
    if (url.find("://") == std::string::npos) {
      const std::size_t scheme = request_.source.find("://");
      if (scheme == std::string::npos) {
        result_.remarks.push_back(
            fmt::format("the description names no host: put https://host{} into {}",
                        url == "/" ? "" : url, variable("URL")));
        asks_for_url_ = true;
        return {};
      }
      const std::size_t path = request_.source.find('/', scheme + 3);
      url = request_.source.substr(0, path) + (url.starts_with('/') ? "" : "/") + url;
    }
    while (url.ends_with('/')) {
      url.pop_back();
    }
    return url;
  }

  // The scheme that is simplest to use from a program, of those that the description asks for.
  void add_authentication(Json& options) {
    const Json* components = reader_.at(&reader_.document(), "components");
    const Json* schemes = reader_.at(components, "securitySchemes");
    if (schemes == nullptr || !schemes->is_object() || schemes->empty()) {
      options["authentication"] = "none";
      result_.remarks.emplace_back("the description names no authentication");
      return;
    }
    std::set<std::string> asked;
    const auto note = [&](const Json& owner) {
      const Json* list = reader_.at(&owner, "security");
      if (list != nullptr && list->is_array()) {
        for (const Json& choice : *list) {
          for (const auto& [name, scopes] : choice.items()) {
            asked.insert(name);
          }
        }
      }
    };
    note(reader_.document());
    for (const Candidate& one : candidates_) {
      note(*one.operation);
    }
    int best = 100;
    for (const auto& [name, given] : schemes->items()) {
      const Json* scheme = reader_.resolved(&given);
      if (scheme == nullptr || (!asked.empty() && !asked.contains(name))) {
        continue;
      }
      Json how;
      Json auth = Json::object();
      const int rank = describe(*scheme, how, auth);
      if (rank < best) {
        best = rank;
        options["authentication"] = std::move(how);
        auth_ = std::move(auth);
      }
    }
  }

  // The lower the simpler.
  int describe(const Json& scheme, Json& how, Json& auth) const {
    const std::string type = openapi_text(scheme, "type");
    const std::string word = to_lower(openapi_text(scheme, "scheme"));
    if (type == "http" && word == "basic") {
      how = "basic";
      auth["username"] = variable("USERNAME");
      auth["password"] = variable("PASSWORD");
      return 4;
    }
    if (type == "apiKey") {
      const std::string name = openapi_text(scheme, "name");
      const std::string place = openapi_text(scheme, "in");
      how = {{"type", "api_key"}};
      if (place == "query") {
        how["in"] = {{"parameter", name}};
      } else if (place == "cookie") {
        how["header"] = "Cookie";
        how["key"] = name + "={{ config.api_key }}";
      } else {
        how["header"] = name;
      }
      auth["api_key"] = variable("API_KEY");
      return place == "cookie" ? 6 : 2;
    }
    const Json* flows = reader_.at(&scheme, "flows");
    for (const auto& [flow, kind] : {std::pair{"clientCredentials", "oauth2_client_credentials"},
                                     std::pair{"authorizationCode", "oauth2_refresh_token"}}) {
      if (const Json* found = reader_.at(flows, flow)) {
        const std::string refresh = openapi_text(*found, "refreshUrl");
        how = {{"type", kind},
               {"token_url", refresh.empty() ? openapi_text(*found, "tokenUrl") : refresh}};
        auth["client_id"] = variable("CLIENT_ID");
        auth["client_secret"] = variable("CLIENT_SECRET");
        if (std::string_view{flow} == "authorizationCode") {
          auth["refresh_token"] = variable("REFRESH_TOKEN");
          return 5;
        }
        return 3;
      }
    }
    how = "bearer";
    auth["token"] = variable("TOKEN");
    return type == "http" && word == "bearer" ? 1 : 7;
  }

  void collect() {
    const Json* paths = reader_.at(&reader_.document(), "paths");
    for (const auto& [path, given] : paths->items()) {
      const Json* item = reader_.resolved(&given);
      const Json* operation = reader_.at(item, "get");
      if (operation == nullptr || !operation->is_object()) {
        continue;
      }
      Candidate one;
      one.path = path;
      one.segments = segments_of(path);
      one.operation = operation;
      one.parameters = reader_.parameters(*item, *operation);
      const auto records = reader_.records(*operation, last_word(one.segments));
      const auto deprecated = operation->find("deprecated");
      if (!records) {
        result_.left_out.push_back({path, "its answer is no list of records"});
      } else if (deprecated != operation->end() && *deprecated == true) {
        result_.left_out.push_back({path, "it is deprecated"});
      } else {
        one.records = *records;
        candidates_.push_back(std::move(one));
      }
    }
  }

  const Candidate* find(std::string_view path) const {
    const auto found = std::find_if(candidates_.begin(), candidates_.end(),
                                    [&](const Candidate& one) { return one.path == path; });
    return found == candidates_.end() ? nullptr : &*found;
  }

  // "issue_number" of a list of issues is their `number`; "userId" of users is their `id`.
  std::string key_in(const Candidate& parent, const std::string& parameter) const {
    const auto has = [&](const std::string& name) {
      return !name.empty() && reader_.property(parent.records.schema, name) != nullptr;
    };
    if (has(parameter)) {
      return parameter;
    }
    const std::size_t underscore = parameter.rfind('_');
    if (underscore != std::string::npos && has(parameter.substr(underscore + 1))) {
      return parameter.substr(underscore + 1);
    }
    const std::string lower = to_lower(parameter);
    for (const char* end : {"id", "key", "name", "number", "slug", "uuid"}) {
      if (lower.ends_with(end) && has(end)) {
        return end;
      }
    }
    return has("id") ? "id" : std::string{};
  }

  // What fills the parameters of the path, and those of the query that must be there.
  void find_parent(Candidate& one) {
    std::vector<std::string> open;
    std::string prefix;
    for (const Segment& segment : one.segments) {
      if (segment.is_parameter && !request_.values.contains(segment.text)) {
        open.push_back(segment.text);
        const Candidate* parent = find(prefix);
        one.parent_key = parent == nullptr ? std::string{} : key_in(*parent, segment.text);
        one.parent = one.parent_key.empty() ? std::string{} : prefix;
        one.parent_word = segment.text;
      }
      prefix += "/" + (segment.is_parameter ? "{" + segment.text + "}" : segment.text);
    }
    if (open.size() > 1 || (open.size() == 1 && one.parent.empty())) {
      one.reason = fmt::format("it needs {}", join(open, ", "));
      one.parent.clear();
      // Of what a list would give the number of values is not known.
      missing_.insert(open.begin(), open.end());
      return;
    }
    for (const Json* parameter : one.parameters) {
      const std::string name = openapi_text(*parameter, "name");
      const auto required = parameter->find("required");
      const Json* schema = reader_.at(parameter, "schema");
      if (openapi_text(*parameter, "in") == "query" && required != parameter->end() &&
          *required == true && !request_.values.contains(name) &&
          (schema == nullptr || !schema->contains("default"))) {
        one.reason = fmt::format("it needs {}", name);
        missing_.insert(name);
      }
    }
  }

  // A stream whose parent is left out, or has a parent itself, has no values to ask with.
  void drop_orphans() {
    for (Candidate& one : candidates_) {
      const Candidate* parent = one.parent.empty() ? nullptr : find(one.parent);
      if (one.reason.empty() && parent != nullptr &&
          (!parent->reason.empty() || !parent->parent.empty())) {
        one.reason = fmt::format("it needs {}, and '{}' is no stream of its own", one.parent_word,
                                 one.parent);
        missing_.insert(one.parent_word);
      }
    }
    drop([](const Candidate& one) { return one.reason; });
  }

  template <class Reason>
  void drop(Reason reason) {
    std::erase_if(candidates_, [&](const Candidate& one) {
      std::string why = reason(one);
      if (why.empty()) {
        return false;
      }
      result_.left_out.push_back({one.path, std::move(why)});
      return true;
    });
  }

  void name_all() {
    std::set<std::string> taken;
    for (Candidate& one : candidates_) {
      std::string name;
      for (auto segment = one.segments.rbegin(); segment != one.segments.rend(); ++segment) {
        if (!segment->is_parameter && !plain_name(segment->text).empty()) {
          name = plain_name(segment->text) + (name.empty() ? "" : "_" + name);
          if (!taken.contains(name)) {
            break;
          }
        }
      }
      name = name.empty() ? "records" : name;
      std::string free = name;
      for (int number = 2; taken.contains(free); ++number) {
        free = fmt::format("{}_{}", name, number);
      }
      taken.insert(free);
      one.name = free;
    }
  }

  // A name that nothing takes is misspelt: its list would be left out without a word.
  void check_values() const {
    if (candidates_.empty()) {
      return;  // which says more than that
    }
    std::set<std::string> known;
    const Json* servers = reader_.at(&reader_.document(), "servers");
    if (servers != nullptr && servers->is_array() && !servers->empty()) {
      const Json* variables = reader_.at(&servers->front(), "variables");
      if (variables != nullptr && variables->is_object()) {
        for (const auto& [name, value] : variables->items()) {
          known.insert(name);
        }
      }
    }
    for (const Candidate& one : candidates_) {
      for (const Segment& segment : one.segments) {
        if (segment.is_parameter) {
          known.insert(segment.text);
        }
      }
      for (const Json* parameter : one.parameters) {
        if (openapi_text(*parameter, "in") == "query") {
          known.insert(openapi_text(*parameter, "name"));
        }
      }
    }
    for (const auto& [name, value] : request_.values) {
      if (!known.contains(name)) {
        const std::vector<std::string> names(known.begin(), known.end());
        throw Error{
            ErrorCode::usage,
            fmt::format("no list of '{}' takes a value '{}'", request_.source, name),
            names.empty() ? std::string{"its lists need no values"} : suggestion(name, names)};
      }
    }
  }

  bool is_wanted(std::string_view stream) const {
    return request_.wanted.empty() ||
           std::any_of(request_.wanted.begin(), request_.wanted.end(),
                       [&](const std::string& pattern) {
                         return catalog::NamePattern{pattern}.matches(stream, true);
                       });
  }

  void check_wanted() const {
    if (candidates_.empty()) {
      return;
    }
    std::vector<std::string> names;
    for (const Candidate& one : candidates_) {
      names.push_back(one.name);
    }
    for (const std::string& pattern : request_.wanted) {
      if (std::none_of(names.begin(), names.end(), [&](const std::string& name) {
            return catalog::NamePattern{pattern}.matches(name, true);
          })) {
        throw Error{ErrorCode::not_found,
                    fmt::format("no list of '{}' is a stream like '{}'", request_.source, pattern),
                    suggestion(pattern, names) +
                        (missing_.empty() ? std::string{}
                                          : fmt::format("; others need --set {}=...",
                                                        fmt::join(missing_, "=... --set ")))};
      }
    }
  }

  // A parent of what is wanted stays, as a stream that is no table.
  void drop_unwanted() {
    if (request_.wanted.empty()) {
      return;
    }
    check_wanted();
    std::set<std::string> parents;
    for (const Candidate& one : candidates_) {
      if (is_wanted(one.name) && !one.parent.empty()) {
        parents.insert(one.parent);
      }
    }
    drop([&](const Candidate& one) -> std::string {
      return is_wanted(one.name) || parents.contains(one.path) ? "" : "it was not asked for";
    });
  }

  void add_streams(Json& options) {
    if (candidates_.empty()) {
      throw Error{
          ErrorCode::unsupported,
          fmt::format("no list of records can be had from '{}'", request_.source),
          missing_.empty()
              ? std::string{"mapctl reads GET operations that answer with JSON"}
              : fmt::format("give values with --set, such as --set {}=...", *missing_.begin())};
    }
    std::vector<Json> pagings;
    for (const Candidate& one : candidates_) {
      pagings.push_back(openapi_paging(reader_, *one.operation, one.parameters, one.records));
    }
    // What most have stands above the streams.
    const Json* common = &pagings.front();
    for (const Json& one : pagings) {
      const auto uses = [&](const Json& paging) {
        return std::count(pagings.begin(), pagings.end(), paging);
      };
      common = uses(one) > uses(*common) ? &one : common;
    }
    options["paging"] = *common;
    Json& streams = options["streams"];
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      Json stream = describe(candidates_[i]);
      if (pagings[i] != *common) {
        stream["paging"] = pagings[i];
      }
      streams[candidates_[i].name] = std::move(stream);
      if (!streams[candidates_[i].name].contains("hidden")) {
        result_.streams.push_back(candidates_[i].name);
      }
    }
  }

  Json describe(const Candidate& one) {
    Json stream;
    std::string path;
    for (const Segment& segment : one.segments) {
      path += path.empty() ? "" : "/";
      if (!segment.is_parameter) {
        path += segment.text;
      } else if (const auto given = request_.values.find(segment.text);
                 given != request_.values.end()) {
        path += fmt::format("{{{{ config.{} }}}}", plain_name(segment.text));
        used_[plain_name(segment.text)] = given->second;
      } else {
        path += fmt::format("{{{{ partition.{} }}}}", plain_name(segment.text));
      }
    }
    stream["path"] = path;
    if (const std::string summary = openapi_text(*one.operation, "summary"); !summary.empty()) {
      stream["description"] = summary;
    }
    if (const std::string id = openapi_text(*one.operation, "operationId"); !id.empty()) {
      stream["operation"] = id;
    }
    if (!one.records.path.empty()) {
      stream["records"] = one.records.path;
    }
    for (const char* key : {"id", "uuid", "_id", "Id", "ID", "key"}) {
      if (reader_.property(one.records.schema, key) != nullptr) {
        stream["primary_key"] = key;
        break;
      }
    }
    for (const Json* parameter : one.parameters) {
      const std::string name = openapi_text(*parameter, "name");
      const auto given = request_.values.find(name);
      if (openapi_text(*parameter, "in") == "query" && given != request_.values.end()) {
        stream["parameters"][name] = given->second;
      }
    }
    if (!one.parent.empty()) {
      stream["parent"] = {{"stream", find(one.parent)->name},
                          {"key", one.parent_key},
                          {"as", plain_name(one.parent_word)}};
    }
    if (!is_wanted(one.name)) {
      stream["hidden"] = true;
    }
    return stream;
  }

  OpenApiReader reader_;
  const OpenApiRequest& request_;
  std::vector<Candidate> candidates_{};
  std::set<std::string> missing_{};
  Json profile_ = Json::object();
  Json auth_ = Json::object();
  Json used_ = Json::object();  // of the values that were given, for config:
  bool asks_for_url_ = false;
  OpenApiProfile result_{};
};

}  // namespace

OpenApiProfile scaffold_openapi(const Json& document, const OpenApiRequest& request) {
  return Scaffold{document, request}.make();
}

}  // namespace mapctl::config

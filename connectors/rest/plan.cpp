// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/plan.hpp"

#include "connectors/rest/info.hpp"
#include "connectors/rest/plan_parts.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

namespace mapctl::connectors::rest {
namespace {

using config::MapReader;
using config::YamlNode;

constexpr std::array methods{std::string_view{"GET"}, std::string_view{"POST"},
                             std::string_view{"PUT"}};
constexpr std::array formats{std::string_view{"json"}, std::string_view{"jsonl"},
                             std::string_view{"csv"}, std::string_view{"lines"}};

const YamlNode* tree(const ports::ConnectorOptions& options, const std::string& name) {
  const auto found = options.trees.find(name);
  return found == options.trees.end() ? nullptr : found->second.get();
}

Json read_config(const ports::ConnectorOptions& options) {
  const YamlNode* node = tree(options, "config");
  Json values = node == nullptr ? Json::object() : to_json(*node);
  for (const auto& [key, secret] : options.secrets) {
    put_at(values, parse_path(key), secret.reveal());
  }
  return values;
}

std::shared_ptr<const Json> read_openapi(const ports::ConnectorOptions& options) {
  const std::string path = ports::text_option(options, "openapi");
  if (path.empty()) {
    return nullptr;
  }
  if (path.ends_with(".yaml") || path.ends_with(".yml")) {
    return std::make_shared<const Json>(to_json(config::load_yaml(path)));
  }
  return std::make_shared<const Json>(parse_json(read_file(path), path));
}

std::shared_ptr<const Json> read_schema(const YamlNode& node, const YamlNode& owner) {
  if (!node.is_scalar()) {
    return std::make_shared<const Json>(to_json(node));
  }
  std::filesystem::path path{node.text};
  if (path.is_relative()) {
    path = std::filesystem::path{*owner.file}.parent_path() / path;
  }
  if (path.extension() == ".yaml" || path.extension() == ".yml") {
    return std::make_shared<const Json>(to_json(config::load_yaml(path)));
  }
  return std::make_shared<const Json>(parse_json(read_file(path), path.string()));
}

// What every stream has unless it says otherwise.
struct Defaults {
  Template base_url{};
  NamedTemplates headers{}, parameters{};
  Paging paging{};
  std::vector<ErrorRule> errors{};
  std::vector<Template> records{};
  std::shared_ptr<const Authentication> authentication{};
  std::string format = "json";
};

void read_request(MapReader& reader, Stream& stream) {
  if (const YamlNode* node = reader.get("base_url")) {
    stream.base_url = read_template(*node, "key 'base_url'");
  }
  if (const YamlNode* node = reader.get("path")) {
    stream.path = read_template(*node, "key 'path'");
  }
  if (const auto method = reader.optional_choice("method", methods)) {
    stream.method = *method;
  }
  read_named(reader.get_map("headers"), stream.headers);
  read_named(reader.get_map("parameters"), stream.parameters);
  read_named(reader.get_map("form"), stream.form);
  if (const YamlNode* node = reader.get("body")) {
    if (node->is_scalar()) {
      stream.body_text = read_template(*node, "key 'body'");
    } else {
      stream.body = JsonTemplate{*node};
    }
  }
}

void read_repeating(MapReader& reader, const Defaults& defaults, Stream& stream) {
  if (const YamlNode* errors = reader.get_sequence("errors")) {
    stream.errors = read_errors(*errors);
  }
  stream.errors.insert(stream.errors.end(), defaults.errors.begin(), defaults.errors.end());
  if (const YamlNode* waits = reader.get_sequence("waits")) {
    stream.waits = read_waits(*waits);
  }
  if (const auto attempts = reader.optional_integer("attempts", {.minimum = 1, .maximum = 1000})) {
    stream.attempts = static_cast<unsigned>(*attempts);
  }
  if (const YamlNode* authentication = reader.get("authentication")) {
    stream.authentication = read_authentication(*authentication);
  }
}

// A request beside the stream's own.
std::shared_ptr<const Stream> read_side_request(const YamlNode& node, const Stream& owner,
                                                const Defaults& defaults) {
  auto made = std::make_shared<Stream>();
  made->name = owner.name;
  made->where = node.where();
  made->base_url = owner.base_url;
  made->headers = defaults.headers;
  made->parameters = defaults.parameters;
  made->authentication = owner.authentication;
  MapReader reader{node, fmt::format("a request of the job of stream '{}'", owner.name)};
  read_request(reader, *made);
  read_repeating(reader, defaults, *made);
  reader.finish();
  if (made->base_url.empty()) {
    config::fail_at(node, fmt::format("a request of stream '{}' has no base_url", owner.name),
                    "set option 'base_url' of the profile to https://host/path");
  }
  return made;
}

std::shared_ptr<const Job> read_job(const YamlNode& node, const Stream& owner,
                                    const Defaults& defaults) {
  auto job = std::make_shared<Job>();
  MapReader reader{node, fmt::format("the job of stream '{}'", owner.name)};
  job->create = read_side_request(reader.required("create"), owner, defaults);
  job->poll = read_side_request(reader.required("poll"), owner, defaults);
  const YamlNode& status = reader.required("status");
  job->status = status.is_sequence() ? reader.strings("status")
                                     : parse_path(config::text_of(status, "key 'status'"));
  job->completed = reader.strings("completed");
  job->running = reader.strings("running");
  job->failed = reader.strings("failed");
  job->expired = reader.strings("expired");
  job->skipped = reader.strings("skipped");
  if (const YamlNode* urls = reader.get("urls")) {
    job->has_targets = true;
    job->target_path = read_record_path(*urls);
  }
  if (const YamlNode* from = reader.get("urls_from")) {
    job->targets = read_side_request(*from, owner, defaults);
  }
  job->every = reader.optional_duration("every").value_or(job->every);
  job->limit = reader.optional_duration("limit").value_or(job->limit);
  job->pause = reader.optional_duration("pause").value_or(job->pause);
  job->attempts =
      static_cast<unsigned>(reader.integer("attempts", 3, {.minimum = 1, .maximum = 1000}));
  reader.finish();
  if (job->completed.empty()) {
    config::fail_at(node, "a job does not say when its report is there",
                    "add 'completed: [WORD]', as the system says it");
  }
  if (job->targets && !job->has_targets) {
    config::fail_at(node, "a job does not say where the parts of its report are",
                    "add 'urls: PATH'");
  }
  return job;
}

Stream read_stream(const YamlNode& node, const Defaults& defaults) {
  Stream stream;
  stream.name = node.key;
  stream.where = node.key_where();
  stream.base_url = defaults.base_url;
  stream.headers = defaults.headers;
  stream.parameters = defaults.parameters;
  stream.records = defaults.records;
  stream.paging = defaults.paging;
  stream.authentication = defaults.authentication;
  stream.format = defaults.format;
  if (node.is_scalar()) {
    stream.path = read_template(node, "the stream's path");
    stream.errors = defaults.errors;
    return stream;
  }
  MapReader reader{node, fmt::format("stream '{}'", node.key)};
  stream.description = reader.string("description", "");
  read_request(reader, stream);
  if (const auto format = reader.optional_choice("format", formats)) {
    stream.format = *format;
  }
  if (const YamlNode* records = reader.get("records")) {
    stream.records = read_record_path(*records);
  }
  if (const YamlNode* filter = reader.get("filter")) {
    stream.filter = read_template(*filter, "key 'filter'");
  }
  stream.primary_key = reader.strings("primary_key");
  if (const YamlNode* references = reader.get_map("references")) {
    stream.references = read_references(*references);
  }
  if (const YamlNode* paging = reader.get("paging")) {
    stream.paging = read_paging(*paging);
  }
  if (const YamlNode* incremental = reader.get_map("incremental")) {
    stream.incremental = read_incremental(*incremental);
  }
  if (const YamlNode* parent = reader.get_map("parent")) {
    stream.partitions.push_back(Partition{{read_parent(*parent)}, {}, {}, {}});
  }
  if (const YamlNode* partitions = reader.get_sequence("partitions")) {
    for (const YamlNode& one : partitions->children) {
      stream.partitions.push_back(read_partition(one));
    }
  }
  if (const YamlNode* changes = reader.get_sequence("changes")) {
    for (const YamlNode& one : changes->children) {
      stream.changes.push_back(read_change(one));
    }
  }
  read_repeating(reader, defaults, stream);
  if (const YamlNode* schema = reader.get("schema")) {
    stream.schema = read_schema(*schema, node);
  }
  if (const YamlNode* job = reader.get_map("job")) {
    stream.job = read_job(*job, stream, defaults);
  }
  stream.operation = reader.string("operation", "");
  stream.hidden = reader.boolean("hidden", false);
  if (const YamlNode* each = reader.get_map("each")) {
    stream.each = read_each(*each);
  }
  reader.finish();
  return stream;
}

// Where credentials go is the profile's to say, not an answer's.
void check_base(const YamlNode& node, const Stream& stream) {
  for (const char* name : {"component", "components_values", "component_slice", "creation_response",
                           "polling_response", "download_target"}) {
    const bool is_answer = stream.job || (stream.each && !stream.each->stream.empty());
    if (is_answer && stream.base_url.mentions(name)) {
      config::fail_at_key(node,
                          fmt::format("base_url of stream '{}' depends on '{}'", stream.name, name),
                          "write it in 'path', and the host in 'allow_hosts'");
    }
  }
}

// Every parent must be there, and none may be its own ancestor.
void check_parents(const Plan& plan) {
  const auto visit = [&](const auto& self, const Stream& stream,
                         std::vector<std::string> path) -> void {
    if (std::find(path.begin(), path.end(), stream.name) != path.end()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: stream '{}' is its own parent", stream.where, stream.name),
                  "remove one of the parents in the circle"};
    }
    path.push_back(stream.name);
    const auto check = [&](const std::string& name) {
      const Stream* found = plan.find(name);
      if (found == nullptr) {
        std::vector<std::string> known;
        for (const Stream& other : plan.streams) {
          known.push_back(other.name);
        }
        throw Error{ErrorCode::configuration,
                    fmt::format("{}: parent '{}' of stream '{}' is no stream", stream.where, name,
                                stream.name),
                    suggestion(name, known)};
      }
      if (found->each) {
        throw Error{ErrorCode::configuration,
                    fmt::format("{}: parent '{}' of stream '{}' stands for many streams",
                                stream.where, name, stream.name),
                    "name a stream without 'each'"};
      }
      self(self, *found, path);
    };
    for (const Partition& partition : stream.partitions) {
      for (const Partition::Parent& parent : partition.parents) {
        check(parent.stream);
      }
    }
    if (stream.each && !stream.each->stream.empty()) {
      check(stream.each->stream);
    }
  };
  for (const Stream& stream : plan.streams) {
    visit(visit, stream, {});
  }
}

Defaults read_defaults(const ports::ConnectorOptions& options) {
  const std::string here = fmt::format("profile '{}'", options.profile);
  Defaults defaults;
  defaults.base_url =
      Template::parse(ports::text_option(options, "base_url"), here + ", option 'base_url'");
  if (const std::string path = ports::text_option(options, "record_path"); !path.empty()) {
    for (const std::string& key : parse_path(path)) {
      defaults.records.push_back(Template::constant(key));
    }
  }
  read_named(tree(options, "headers"), defaults.headers);
  read_named(tree(options, "parameters"), defaults.parameters);
  if (const YamlNode* paging = tree(options, "paging")) {
    defaults.paging = read_paging(*paging);
  }
  if (const YamlNode* errors = tree(options, "errors")) {
    defaults.errors = read_errors(*errors);
  }
  YamlNode word;
  const auto place = options.places.find("authentication");
  word.file = std::make_shared<const std::string>(
      place == options.places.end() ? here + ", option 'authentication'" : place->second);
  word.line = 0;
  if (const YamlNode* authentication = tree(options, "authentication")) {
    defaults.authentication = read_authentication(*authentication);
  } else if (const std::string type = ports::text_option(options, "authentication");
             !type.empty()) {
    word.kind = config::YamlKind::scalar;
    word.text = type;
    defaults.authentication = read_authentication(word);
  } else {
    defaults.authentication = std::make_shared<const Authentication>();
  }
  if (const std::string format = ports::text_option(options, "format"); !format.empty()) {
    if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
      ports::fail_option(options, "format", fmt::format("cannot be '{}'", format),
                         "use json, jsonl, csv or lines");
    }
    defaults.format = format;
  }
  return defaults;
}

}  // namespace

const Stream* Plan::find(std::string_view name) const noexcept {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const Stream& stream) { return stream.name == name; });
  return found == streams.end() ? nullptr : &*found;
}

Plan read_plan(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  Plan plan;
  plan.profile = options.profile;
  plan.config = read_config(options);
  plan.check = ports::text_option(options, "check");
  plan.response_limit = ports::http_settings(options).response_limit;
  plan.sample_records = ports::whole_option(options, "sample_records", 100, 1);
  for (const std::string& host : ports::list_option(options, "allow_hosts")) {
    plan.allow_hosts.push_back(to_lower(host));
  }
  plan.openapi = read_openapi(options);
  if (const std::string path = ports::text_option(options, "odata_metadata"); !path.empty()) {
    plan.odata =
        std::make_shared<const ODataModel>(read_odata(read_file(path), fmt::format("'{}'", path)));
  } else {
    plan.asks_for_odata = ports::flag_option(options, "odata", false);
  }
  const Defaults defaults = read_defaults(options);
  const YamlNode* streams = tree(options, "streams");
  if (streams == nullptr || !streams->is_map() || streams->children.empty()) {
    throw Error{
        ErrorCode::configuration,
        fmt::format("profile '{}': connector 'rest' needs option 'streams'", options.profile),
        "add streams: with one 'name: {path: ...}' a line"};
  }
  for (const YamlNode& node : streams->children) {
    Stream stream = read_stream(node, defaults);
    if (stream.base_url.empty()) {
      config::fail_at_key(node, fmt::format("stream '{}' has no base_url", stream.name),
                          "set option 'base_url' of the profile to https://host/path");
    }
    check_base(node, stream);
    plan.streams.push_back(std::move(stream));
  }
  check_parents(plan);
  if (!plan.check.empty() && plan.find(plan.check) == nullptr) {
    ports::fail_option(options, "check", fmt::format("names '{}', which is no stream", plan.check),
                       "name one of the streams");
  }
  return plan;
}

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/session.hpp"

#include "connectors/rest/unzip.hpp"
#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"
#include "core/ports/oauth.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace mapctl::connectors::rest {
namespace {

constexpr std::int64_t widest = 32;

Moment machine_time() {
  return {
      std::chrono::duration_cast<std::chrono::microseconds>(system_clock().now().time_since_epoch())
          .count()};
}

Json headers_of(const ports::HttpResponse& response) {
  Json headers = Json::object();
  Json links = Json::object();
  for (const ports::HttpHeader& header : response.headers) {
    headers[header.name] = header.value;
    // There may be several, each with several links, and a link may have several relations.
    for (const ports::Link& link :
         ports::parse_links(header.name == "link" ? header.value : std::string{})) {
      Json entry = Json::object();
      entry["url"] = link.url;
      for (const auto& [name, value] : link.attributes) {
        entry[name] = value;
      }
      const std::string relations = to_lower(link.attribute("rel"));
      for (const std::string_view relation : split(relations, ' ')) {
        links[std::string{relation}] = entry;
      }
    }
  }
  if (headers.contains("link")) {
    headers["link"] = std::move(links);
  }
  return headers;
}

// A message of the system, if it has one where systems put it.
std::string detail_of(const Json& body, const ports::SecretMask& secrets) {
  static const JsonPath places[] = {{"error", "message"},
                                    {"message"},
                                    {"error_description"},
                                    {"error"},
                                    {"errors", "0", "message"},
                                    {"errors", "0"},
                                    {"detail"},
                                    {"title"}};
  for (const JsonPath& place : places) {
    const Json* found = find_at(body, place);
    if (found != nullptr && found->is_string()) {
      return ports::shown_text(found->get_ref<const std::string&>(), &secrets);
    }
  }
  return {};
}

Json parse_lines(const ports::HttpResponse& response) {
  Json list = Json::array();
  for (const std::string_view line : split(response.body, '\n')) {
    if (trim(line).empty()) {
      continue;
    }
    Json item = read_json(line);
    if (item.is_discarded()) {
      throw ports::not_json_error(response);
    }
    list.push_back(std::move(item));
  }
  return list;
}

Json parse_table(const ports::HttpResponse& response) {
  Json list = Json::array();
  CsvReader reader{response.body};
  std::vector<std::string> names, row;
  reader.next(names);
  while (reader.next(row)) {
    Json item = Json::object();
    for (std::size_t i = 0; i < names.size() && i < row.size(); ++i) {
      item[names[i]] = row[i];
    }
    list.push_back(std::move(item));
  }
  return list;
}

bool carries_nothing(const Stream& stream) {
  const auto is_plain = [](const NamedTemplates& values) {
    return std::none_of(values.begin(), values.end(), [](const auto& one) {
      return one.first.mentions("config") || one.second.mentions("config");
    });
  };
  return stream.authentication->kind == Authentication::Kind::none && is_plain(stream.headers) &&
         is_plain(stream.parameters) && stream.form.empty() && stream.body.is_null() &&
         stream.body_text.empty();
}

Json decode(const Stream& stream, const ports::HttpResponse& response) {
  if (trim(response.body).empty()) {
    return nullptr;
  }
  if (stream.format == "text") {
    return response.body;
  }
  if (stream.format == "jsonl") {
    return parse_lines(response);
  }
  if (stream.format == "csv") {
    return parse_table(response);
  }
  if (stream.format == "lines") {
    Json list = Json::array();
    for (const std::string_view line : split(response.body, '\n')) {
      if (!trim(line).empty()) {
        Json item = Json::object();
        item["record"] = to_valid_utf8(trim(line));
        list.push_back(std::move(item));
      }
    }
    return list;
  }
  Json body = read_json(response.body);
  if (body.is_discarded() && first_invalid_utf8(response.body)) {
    body = read_json(to_valid_utf8(response.body));
  }
  if (body.is_discarded()) {
    throw ports::not_json_error(response);
  }
  return body;
}

bool has_parameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) {
    return false;
  }
  const std::string encoded = ports::percent_encode(name);
  for (const std::string_view pair : split(url.substr(question + 1), '&')) {
    const auto key = pair.substr(0, pair.find('='));
    if (key == name || key == encoded) {
      return true;
    }
  }
  return false;
}

std::string path_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto slash = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return slash == std::string_view::npos ? "/" : std::string{url.substr(slash)};
}

std::string joined(std::string base, std::string_view path) {
  while (base.ends_with('/')) {
    base.pop_back();
  }
  const auto begin = path.find_first_not_of('/');
  return begin == std::string_view::npos ? base : base + "/" + std::string{path.substr(begin)};
}

std::shared_ptr<ports::SecretMask> secrets_of(const Plan& plan,
                                              const ports::ConnectorOptions& options) {
  auto secrets = std::make_shared<ports::SecretMask>(options);
  const auto add = [&](const auto& self, const Json& values) -> void {
    for (const auto& [name, value] : values.items()) {
      if (value.is_structured()) {
        self(self, value);
      } else if (value.is_string() && is_secret_name(name)) {
        secrets->add(value.template get_ref<const std::string&>());
      }
    }
  };
  add(add, plan.config);
  return secrets;
}

Error with_stream(const Error& error, const Stream& stream) {
  Error::Facts facts = error.facts();
  facts.message = fmt::format("stream '{}': {}", stream.name, facts.message);
  return Error{std::move(facts)};
}

}  // namespace

Session::Session(std::shared_ptr<const Plan> plan, const ports::ConnectorOptions& options)
    : plan_{std::move(plan)},
      secrets_{secrets_of(*plan_, options)},
      http_{ports::open_http(options, "rest", "base_url", secrets_)},
      // Several at once are for the profile to allow; systems expect one page after another.
      width_{static_cast<std::size_t>(
          std::clamp<std::int64_t>(options.limits.max_connections.value_or(1), 1, widest))},
      authenticator_{options, http_},
      now_{machine_time()} {}

TemplateScope Session::scope(const Asked& asked) const {
  static const Json empty = Json::object();
  TemplateScope made;
  made.now = now_;
  made.config_of = fmt::format("profile '{}'", plan_->profile);
  const Json* partition = asked.partition == nullptr ? &empty : asked.partition;
  const Json* interval = asked.interval == nullptr ? &empty : asked.interval;
  made.names = {{"config", &plan_->config},
                {"partition", partition},
                {"stream_partition", partition},
                {"stream_slice", partition},
                {"interval", interval},
                {"stream_interval", interval},
                {"stream_state", &empty},
                {"parameters", &empty},
                {"next_page_token", asked.token.is_null() ? &empty : &asked.token}};
  for (const char* name : {"creation_response", "polling_response", "download_target"}) {
    if (const auto found = partition->find(name); found != partition->end()) {
      made.names[name] = &*found;
    }
  }
  if (asked.component != nullptr) {
    made.names["component"] = made.names["components_values"] = &asked.component->values;
    made.names["component_slice"] = &asked.component->slice;
  }
  return made;
}

bool Session::renew(const Stream& stream, const TemplateScope& scope, const Secret& refused) {
  const std::lock_guard lock{mutex_};
  return authenticator_.renew(*stream.authentication, scope, refused);
}

std::vector<std::string> Session::warnings() const {
  const std::lock_guard lock{mutex_};
  return authenticator_.warnings();
}

std::string Session::base(const Stream& stream, const TemplateScope& scope) const {
  std::string text = stream.base_url.text(scope);
  if (ports::origin_of(text).empty()) {
    throw Error{ErrorCode::configuration, fmt::format("base_url '{}' is no URL", text),
                "write it as https://host/path"};
  }
  return text;
}

void Session::check_origin(const Stream& stream, const std::string& base,
                           const std::string& url) const {
  const std::string from = ports::origin_of(base), to = ports::origin_of(url);
  const std::string host = ports::host_of(url);
  const bool is_downgrade = from.starts_with("https://") && !to.starts_with("https://");
  const bool allowed = std::find(plan_->allow_hosts.begin(), plan_->allow_hosts.end(), host) !=
                       plan_->allow_hosts.end();
  // The parts of a report may lie anywhere, when nothing of the profile goes along.
  const bool is_part = stream.job && !is_downgrade && carries_nothing(stream);
  if (from != to && !is_part && (is_downgrade || !allowed)) {
    throw Error{ErrorCode::denied,
                fmt::format("stream '{}': '{}' leads to '{}', where the credentials do not belong",
                            stream.name, from, ports::shown_url(url)),
                fmt::format("if that is right, add '{}' to option 'allow_hosts'", host)};
  }
}

std::string Session::next_url(const Stream& stream, const Asked& asked, const std::string& page,
                              const std::string& next) const {
  if (!ports::origin_of(next).empty() || next.starts_with("//") || next.starts_with("?")) {
    return ports::resolve_url(page, next);
  }
  // A path may count from the host or from base_url; the first if it repeats the path of that.
  const std::string start = base(stream, scope(asked));
  const std::string prefix = path_of(start);
  if (next.starts_with('/') && (prefix == "/" || next.starts_with(prefix))) {
    return ports::resolve_url(start, next);
  }
  return joined(start, next);
}

Session::Made Session::make_request(const Stream& stream, const Asked& asked,
                                    const TemplateScope& scope, const std::stop_token& stop) {
  ports::HttpRequest made;
  made.method = stream.method;
  const std::string start = base(stream, scope);
  if (!asked.url.empty()) {
    made.url = asked.url.substr(0, asked.url.find('#'));
  } else {
    const std::string path = stream.path.text(scope);
    made.url = ports::origin_of(path).empty() ? joined(start, path) : path;
  }
  // Values that templates put in may hold blanks, letters beyond ASCII and '#', none of which a
  // request can have.
  made.url = ports::percent_encode(made.url, "!$&'()*+,/:;=?@[]%");
  check_origin(stream, start, made.url);
  std::vector<std::pair<std::string, std::string>> parameters;
  Json body = stream.body.is_null() ? Json(nullptr) : stream.body.value(scope);
  std::vector<std::pair<std::string, std::string>> form;
  const auto add = [](auto& list, std::string name, std::string value) {
    std::erase_if(list, [&](const auto& one) { return one.first == name; });
    list.emplace_back(std::move(name), std::move(value));
  };
  for (const auto& [name, value] : stream.parameters) {
    // A value of nothing leaves the parameter out.
    const Json given = value.value(scope);
    if (given.is_array()) {
      for (const Json& item : given) {
        parameters.emplace_back(name.text(scope), to_text(item));
      }
    } else if (!to_text(given).empty()) {
      add(parameters, name.text(scope), to_text(given));
    }
  }
  for (const auto& [name, value] : stream.headers) {
    if (std::string text = to_text(value.value(scope)); !text.empty()) {
      made.headers.push_back({name.text(scope), std::move(text)});
    }
  }
  for (const auto& [name, value] : stream.form) {
    add(form, name.text(scope), to_text(value.value(scope)));
  }
  for (const auto& [place, value] : asked.values) {
    switch (place->kind) {
      case Place::Kind::none:
      case Place::Kind::url: break;
      case Place::Kind::parameter: add(parameters, place->name.text(scope), to_text(value)); break;
      case Place::Kind::header:
        made.headers.push_back({place->name.text(scope), to_text(value)});
        break;
      case Place::Kind::form: add(form, place->name.text(scope), to_text(value)); break;
      case Place::Kind::body: put_at(body, parse_path(place->name.text(scope)), value); break;
    }
  }
  if (!asked.url.empty()) {
    std::erase_if(parameters, [&](const auto& one) { return has_parameter(made.url, one.first); });
  }
  Credentials credentials = [&] {
    const std::lock_guard lock{mutex_};
    return authenticator_.credentials(*stream.authentication, scope, stop);
  }();
  for (const auto& [name, value] : credentials.parameters) {
    secrets_->add_passing(value);
  }
  for (const ports::HttpHeader& header : credentials.headers) {
    secrets_->add_passing(header.value.substr(header.value.find(' ') + 1));  // "Bearer x"
  }
  parameters.insert(parameters.end(), credentials.parameters.begin(), credentials.parameters.end());
  made.headers.insert(made.headers.end(), credentials.headers.begin(), credentials.headers.end());
  made.url = ports::with_query(made.url, parameters);
  const auto has_header = [&](std::string_view name) {
    return std::any_of(made.headers.begin(), made.headers.end(),
                       [&](const auto& header) { return equal_ignoring_case(header.name, name); });
  };
  if (!has_header("Accept")) {
    made.headers.push_back({"Accept", stream.format == "json" ? "application/json" : "*/*"});
  }
  if (!body.is_null()) {
    made.body = to_line(body);
  } else if (!form.empty()) {
    made.body = ports::form_text(form);
  } else {
    made.body = stream.body_text.text(scope);
  }
  if (!made.body.empty() && !has_header("Content-Type")) {
    made.headers.push_back({"Content-Type", !body.is_null() ? "application/json"
                                            : !form.empty() ? "application/x-www-form-urlencoded"
                                                            : "text/plain"});
  }
  return {std::move(made), std::move(credentials.token)};
}

const ErrorRule* Session::rule_for(const Stream& stream, const ports::HttpResponse& response,
                                   const TemplateScope& scope) const {
  std::optional<Json> body, headers;
  for (const ErrorRule& rule : stream.errors) {
    if (std::find(rule.statuses.begin(), rule.statuses.end(), response.status) !=
        rule.statuses.end()) {
      return &rule;
    }
    if (!rule.contains.empty() && response.body.find(rule.contains) != std::string::npos) {
      return &rule;
    }
    if (!rule.when.empty()) {
      if (!body) {
        body = read_json(response.body);
        if (body->is_discarded()) {
          body = Json::object();
        }
        if (body->is_object()) {
          (*body)["status_code"] = response.status;
        }
        headers = headers_of(response);
      }
      TemplateScope with = scope;
      with.names["response"] = &*body;
      with.names["headers"] = &*headers;
      if (rule.when.is_true(with)) {
        return &rule;
      }
    }
  }
  return nullptr;
}

ports::HttpVerdict Session::judge(const Stream& stream, const ports::HttpResponse& response,
                                  const TemplateScope& scope) const {
  const ErrorRule* rule = rule_for(stream, response, scope);
  ports::HttpVerdict verdict = ports::judge_by_status(response);
  if (rule != nullptr) {
    verdict.action = rule->action == ErrorRule::Action::retry ? ports::HttpVerdict::Action::repeat
                                                              : ports::HttpVerdict::Action::take;
  }
  if (verdict.action == ports::HttpVerdict::Action::repeat &&
      response.attempts >= stream.attempts.value_or(1000)) {
    verdict.action = ports::HttpVerdict::Action::take;
  }
  if (verdict.action == ports::HttpVerdict::Action::take || verdict.wait) {
    return verdict;
  }
  // A moment that the system names is one of its own clock.
  const TimePoint there = ports::server_time(response).value_or(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  const double epoch = std::chrono::duration<double>(there.time_since_epoch()).count();
  for (const Backoff& wait : stream.waits) {
    if (wait.kind == Backoff::Kind::constant) {
      verdict.wait = wait.seconds;
      return verdict;
    }
    const std::string* header = response.header(wait.header);
    double value = 0;
    if (header != nullptr &&
        std::from_chars(header->data(), header->data() + header->size(), value).ec == std::errc{}) {
      verdict.wait = wait.kind == Backoff::Kind::header ? std::max(0.0, value)
                                                        : std::max(wait.seconds, value - epoch);
      return verdict;
    }
  }
  return verdict;
}

std::string Session::set_of(const Stream& stream) {
  if (!stream.operation.empty()) {
    return stream.operation;
  }
  std::string_view path = stream.path.source();
  path = path.substr(0, path.find_first_of("?("));
  return std::string{path.substr(path.rfind('/') + 1)};
}

const ODataSet* Session::odata(const Stream& stream, std::stop_token stop) {
  const std::lock_guard lock{odata_mutex_};  // the others wait for the one that asks
  if (!odata_) {
    odata_ = plan_->odata;
  }
  if (!odata_ && plan_->asks_for_odata) {
    Stream metadata;
    metadata.name = "$metadata";
    metadata.base_url = stream.base_url;
    metadata.path = Template::constant("$metadata");
    metadata.format = "text";
    metadata.headers = {{Template::constant("Accept"), Template::constant("application/xml")}};
    metadata.authentication = stream.authentication;
    Asked asked;
    asked.component = stream.component.get();
    const Answer answer = send(metadata, asked, std::move(stop));
    const std::string text =
        answer.body.is_string() ? answer.body.get<std::string>() : std::string{};
    odata_ = std::make_shared<const ODataModel>(
        read_odata(text, fmt::format("'{}'", ports::shown_url(answer.url))));
  }
  if (!odata_) {
    return nullptr;
  }
  const auto found = odata_->find(set_of(stream));
  return found == odata_->end() ? nullptr : &found->second;
}

Answer Session::send(const Stream& stream, const Asked& asked, std::stop_token stop) {
  const TemplateScope names = scope(asked);
  try {
    for (bool renewed = false;; renewed = true) {
      const Made made = make_request(stream, asked, names, stop);
      const ports::HttpResponse response = http_->send(
          made.request, [&](const ports::HttpResponse& one) { return judge(stream, one, names); },
          stop);
      if (response.status == 401 && !renewed && renew(stream, names, made.token)) {
        continue;
      }
      Answer answer;
      answer.url = response.url;
      answer.headers = headers_of(response);
      const ErrorRule* rule = rule_for(stream, response, names);
      if (rule != nullptr && rule->action == ErrorRule::Action::ignore) {
        answer.ignored = true;
        return answer;
      }
      const bool failed = rule != nullptr ? rule->action != ErrorRule::Action::take
                                          : response.status < 200 || response.status >= 300;
      if (failed) {
        const Json body = read_json(response.body);
        std::string detail = detail_of(body, *secrets_);
        if (rule != nullptr && !rule->message.empty()) {
          detail = rule->message + (detail.empty() ? "" : ": " + detail);
        }
        throw ports::status_error(response, detail);
      }
      if (is_gzip(response.body)) {
        ports::HttpResponse plain = response;
        plain.body = unzipped(response.body, plan_->response_limit,
                              fmt::format("the answer of '{}'", ports::shown_url(response.url)));
        answer.body = decode(stream, plain);
      } else {
        answer.body = decode(stream, response);
      }
      return answer;
    }
  } catch (const Error& error) {
    throw with_stream(secrets_->masked(error), stream);
  }
}

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/connector.hpp"

#include "connectors/salesforce/describe.hpp"
#include "connectors/salesforce/errors.hpp"
#include "connectors/salesforce/info.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_path.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>

namespace mapctl::connectors::salesforce {
namespace {

// What one request of the composite resource takes.
constexpr std::size_t parts_of_composite = 25;
constexpr std::size_t queries_of_composite = 5;
// Definitions of fields come 2,000 at once and no further.
constexpr std::size_t definition_limit = 1'500;

// Names go into SOQL as they are; these need no quotes and hold none.
bool is_plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// What one request is about, in contrast to what stops all of them.
bool is_of_one_answer(const Error& error) {
  return (error.code() == ErrorCode::denied || error.code() == ErrorCode::not_found ||
          error.code() == ErrorCode::invalid_data) &&
         error.facts().native_code != "INVALID_SESSION_ID";
}

std::string object_text(const std::string& name) {
  return fmt::format("object '{}'", name);
}

struct Described {
  std::optional<Description> description{};
  std::optional<Error> problem{};
};

class SalesforceConnector final : public ports::Connector {
 public:
  explicit SalesforceConnector(const ports::ConnectorOptions& options)
      : session_{std::make_shared<Session>(options)} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    catalog::Catalog result;
    result.system = "salesforce";
    result.names_ignore_case = true;
    result.taken_at = system_clock().now();
    std::vector<std::string> wanted;
    for (const std::string& name : objects(stop)) {
      const catalog::TableRef ref{catalog::SchemaName{}, catalog::TableName{name}};
      if (scope.schemas.matches("", true) && scope.tables.matches(ref, true)) {
        wanted.push_back(name);
      }
    }
    std::vector<Described> found = describe(wanted, stop);
    std::vector<Description> described;
    std::optional<Error> first;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].description) {
        described.push_back(std::move(*found[i].description));
      } else if (found[i].problem) {
        const Error& problem = *found[i].problem;
        first = first ? first : found[i].problem;
        // The warning names the object already.
        const std::string object = object_text(wanted[i]), prefix = object + ": ";
        const std::string_view text = problem.what();
        result.warnings.push_back(
            {object, std::string{text.substr(text.starts_with(prefix) ? prefix.size() : 0)},
             problem.facts().hint});
      }
    }
    if (described.empty() && first) {
      throw *first;
    }
    if (session_->settings().check_field_access) {
      name_hidden_fields(described, result.warnings, stop);
    }
    if (scope.statistics) {
      profile(described, scope, result.warnings, stop);
    }
    if (!wanted.empty()) {
      catalog::Schema& schema = result.schemas.emplace_back();
      for (Description& one : described) {
        schema.tables.push_back(std::move(one.table));
      }
    }
    for (const std::string& warning : session_->warnings()) {
      result.warnings.push_back({"auth", warning, "keep refresh_token in ${store:NAME}"});
    }
    catalog::normalise(result);
    return result;
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    const auto& known = objects(stop);
    if (!table.schema.text.empty() ||
        std::find(known.begin(), known.end(), table.table.text) == known.end()) {
      std::string hint = suggestion(table.table.text, known);
      throw Error{ErrorCode::not_found,
                  fmt::format("profile '{}' has no object '{}'", session_->settings().profile,
                              catalog::to_string(table)),
                  hint.empty() ? "check the name, option 'objects', and that the user may see it"
                               : std::move(hint)};
    }
    return make_reader(session_, describe_one(table.table.text, stop), {}, std::move(stop));
  }

  ports::ServerInfo test(std::stop_token stop) override {
    query("SELECT Id FROM Organization LIMIT 1", "the organisation", stop);
    ports::ServerInfo info;
    const auto usage = session_->usage();
    info.product =
        fmt::format("Salesforce at {} (API v{}{})", ports::origin_of(session_->instance()),
                    session_->settings().api_version,
                    usage ? fmt::format(", {} of {} API calls used in 24 hours",
                                        with_thousands(usage->used), with_thousands(usage->allowed))
                          : std::string{});
    name_missing_permissions(info, stop);
    return info;
  }

 private:
  // Names of all objects that the profile is about, once asked for.
  const std::vector<std::string>& objects(const std::stop_token& stop) {
    if (objects_) {
      return *objects_;
    }
    const Json global = session_->get(session_->api("/sobjects"), "the list of objects", stop);
    const auto list = global.is_object() ? global.find("sobjects") : global.end();
    if (!global.is_object() || list == global.end() || !list->is_array()) {
      throw Error{ErrorCode::invalid_data, "the answer has no list of objects",
                  "check options 'instance_url' and 'api_version'"};
    }
    const auto& globs = session_->settings().objects;
    std::vector<std::string> names;
    for (const Json& object : *list) {
      const std::string name = text_member(object, "name");
      const bool is_hidden = flag_member(object, "deprecatedAndHidden");
      const bool is_wanted =
          globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
            return glob_match(glob, name, true);
          });
      if (is_plain(name) && !is_hidden && is_wanted) {
        names.push_back(name);
      }
    }
    return objects_.emplace(std::move(names));
  }

  Description describe_one(const std::string& name, const std::stop_token& stop) const {
    return checked(session_->get(session_->api(fmt::format("/sobjects/{}/describe", name)),
                                 object_text(name), stop));
  }

  static Description checked(const Json& body) {
    Description made = read_description(body);
    const auto odd =
        std::find_if_not(made.fields.begin(), made.fields.end(),
                         [](const SelectedField& field) { return is_plain(field.name); });
    if (!is_plain(made.table.name.text) || odd != made.fields.end()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("object '{}' has a name that Salesforce does not allow",
                              made.table.name.text),
                  "check that 'instance_url' leads to Salesforce"};
    }
    return made;
  }

  // In batches, several at once; in the order of `names`.
  std::vector<Described> describe(const std::vector<std::string>& names,
                                  const std::stop_token& stop) const {
    std::vector<Described> found(names.size());
    const std::size_t batches = (names.size() + parts_of_composite - 1) / parts_of_composite;
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
      for (std::size_t batch = next++; batch < batches; batch = next++) {
        {
          const std::lock_guard lock{mutex};
          if (failure) {
            return;
          }
        }
        try {
          const std::size_t begin = batch * parts_of_composite;
          const std::size_t count = std::min(parts_of_composite, names.size() - begin);
          describe_batch(std::span{names}.subspan(begin, count),
                         std::span{found}.subspan(begin, count), stop);
        } catch (...) {
          const std::lock_guard lock{mutex};
          failure = failure ? failure : std::current_exception();
          return;
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < std::min(batches, session_->settings().connections); ++i) {
        threads.emplace_back(work);
      }
      work();
    }
    if (failure) {
      std::rethrow_exception(failure);
    }
    return found;
  }

  void describe_batch(std::span<const std::string> names, std::span<Described> found,
                      const std::stop_token& stop) const {
    if (names.size() == 1) {
      keep(found[0], [&] { return describe_one(names[0], stop); });
      return;
    }
    std::vector<std::string> paths;
    for (const std::string& name : names) {
      paths.push_back(session_->api(fmt::format("/sobjects/{}/describe", name)));
    }
    std::vector<std::pair<int, Json>> parts;
    try {
      parts = composite(paths, "the descriptions of objects", stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::resource_limit ||
          error.facts().native_code == "REQUEST_LIMIT_EXCEEDED" || names.size() < 2) {
        throw;
      }
      // Too large for one answer.
      const std::size_t half = names.size() / 2;
      describe_batch(names.first(half), found.first(half), stop);
      describe_batch(names.subspan(half), found.subspan(half), stop);
      return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      keep(found[i], [&] {
        if (parts[i].first < 200 || parts[i].first >= 300) {
          throw refusal_error(refusal_of(parts[i].second), parts[i].first, object_text(names[i]),
                              &session_->secrets());
        }
        return checked(parts[i].second);
      });
    }
  }

  // What concerns one object is kept for a warning; the rest goes on.
  template <class Make>
  static void keep(Described& found, Make make) {
    try {
      found.description = make();
    } catch (const Error& error) {
      if (!is_of_one_answer(error)) {
        throw;
      }
      found.problem = error;
    }
  }

  // Several requests as one, which counts as one API call. Status and body of each.
  std::vector<std::pair<int, Json>> composite(const std::vector<std::string>& paths,
                                              std::string_view what,
                                              const std::stop_token& stop) const {
    Json parts = Json::array();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      Json part = Json::object();
      part["method"] = "GET";
      part["url"] = paths[i];
      part["referenceId"] = fmt::format("r{}", i);
      parts.push_back(std::move(part));
    }
    Json body = Json::object();
    body["allOrNone"] = false;
    body["compositeRequest"] = std::move(parts);
    Json answer = session_->post(session_->api("/composite"), body, what, stop);
    std::vector<std::pair<int, Json>> found(paths.size(), {0, nullptr});
    const auto list = answer.is_object() ? answer.find("compositeResponse") : answer.end();
    if (answer.is_object() && list != answer.end() && list->is_array()) {
      for (Json& part : *list) {
        const std::string id = text_member(part, "referenceId");
        for (std::size_t i = 0; i < paths.size(); ++i) {
          if (id == fmt::format("r{}", i)) {
            found[i] = {static_cast<int>(std::clamp<std::int64_t>(
                            whole_member(part, "httpStatusCode").value_or(0), 0, 999)),
                        std::move(part["body"])};
          }
        }
      }
    }
    if (std::any_of(found.begin(), found.end(), [](const auto& one) { return one.first == 0; })) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("{}: the answer lacks some of what was asked for", what),
                  "check option 'api_version'"};
    }
    return found;
  }

  Json query(const std::string& soql, std::string_view what, const std::stop_token& stop) const {
    return session_->get(session_->api("/query?q=" + ports::percent_encode(soql)), what, stop);
  }

  // Descriptions hold what the user may see; definitions of fields hold all of them.
  void name_hidden_fields(const std::vector<Description>& described,
                          std::vector<catalog::DiscoveryWarning>& warnings,
                          const std::stop_token& stop) const {
    std::map<std::string, std::set<std::string>> visible;
    std::vector<std::vector<std::string>> groups;
    std::size_t fields = definition_limit;
    for (const Description& one : described) {
      if (fields + one.fields.size() > definition_limit) {
        groups.emplace_back();
        fields = 0;
      }
      fields += one.fields.size() + 10;
      groups.back().push_back(one.table.name.text);
      auto& names = visible[one.table.name.text];
      for (const SelectedField& field : one.fields) {
        names.insert(field.name);
      }
    }
    for (std::size_t begin = 0; begin < groups.size(); begin += queries_of_composite) {
      std::vector<std::string> paths;
      for (std::size_t i = begin; i < std::min(groups.size(), begin + queries_of_composite); ++i) {
        const std::string soql = fmt::format(
            "SELECT EntityDefinition.QualifiedApiName, QualifiedApiName, DataType FROM "
            "FieldDefinition WHERE EntityDefinition.QualifiedApiName IN ('{}') LIMIT 2000",
            join(groups[i], "','"));
        paths.push_back(session_->api("/query?q=" + ports::percent_encode(soql)));
      }
      try {
        for (auto& [status, body] : composite(paths, "definitions of fields", stop)) {
          if (status < 200 || status >= 300) {
            throw refusal_error(refusal_of(body), status, "definitions of fields",
                                &session_->secrets());
          }
          compare_fields(body, visible, warnings);
        }
      } catch (const Error& error) {
        if (!is_of_one_answer(error)) {
          throw;
        }
        warnings.push_back(
            {"definitions of fields",
             fmt::format("fields that field-level security hides cannot be named: {}",
                         error.what()),
             "give the user the permission 'View Setup and Configuration', or set "
             "option 'check_field_access' to false"});
        return;
      }
    }
  }

  static void compare_fields(const Json& body,
                             const std::map<std::string, std::set<std::string>>& visible,
                             std::vector<catalog::DiscoveryWarning>& warnings) {
    const Json* records = find_member(body, "records");
    if (records == nullptr || !records->is_array()) {
      throw Error{ErrorCode::invalid_data, "definitions of fields: an answer has no records",
                  "check option 'api_version'"};
    }
    std::map<std::string, std::vector<std::string>> hidden;
    for (const Json& record : *records) {
      const Json* entity = find_member(record, "EntityDefinition");
      const std::string object =
          entity == nullptr ? std::string{} : text_member(*entity, "QualifiedApiName");
      const std::string field = text_member(record, "QualifiedApiName");
      const std::string type = text_member(record, "DataType");
      const auto known = visible.find(object);
      if (known != visible.end() && !field.empty() && !known->second.contains(field) &&
          !type.starts_with("Address") && !type.starts_with("Geolocation")) {
        hidden[object].push_back(field);
      }
    }
    for (auto& [object, fields] : hidden) {
      std::sort(fields.begin(), fields.end());
      warnings.push_back({object_text(object),
                          fmt::format("field-level security hides {}", join(fields, ", ")),
                          "give the user read access to these fields in a permission set"});
    }
  }

  void name_missing_permissions(ports::ServerInfo& info, const std::stop_token& stop) const {
    static constexpr struct {
      const char* field;
      const char* name;
      const char* lost;
    } permissions[] = {
        {"PermissionsApiEnabled", "API Enabled", "nothing can be read"},
        {"PermissionsViewSetup", "View Setup and Configuration",
         "fields that field-level security hides cannot be named"},
        {"PermissionsViewAllData", "View All Data",
         "rows that are not shared with the user are "
         "missing"},
    };
    Json answer;
    try {
      answer = query(
          "SELECT PermissionsApiEnabled, PermissionsViewSetup, PermissionsViewAllData FROM "
          "UserPermissionAccess LIMIT 1",
          "permissions of the user", stop);
    } catch (const Error& error) {
      if (!is_of_one_answer(error)) {
        throw;
      }
      info.missing_privileges.push_back(
          {"user", fmt::format("its permissions cannot be read: {}", error.what()),
           error.facts().hint});
      return;
    }
    const Json* record = find_at(answer, {"records", "0"});
    for (const auto& [field, name, lost] : permissions) {
      const bool has = record != nullptr && flag_member(*record, field);
      if (!has) {
        info.missing_privileges.push_back(
            {"user", fmt::format("lacks the permission '{}': {}", name, lost),
             fmt::format("give the user '{}' in a permission set", name)});
      }
    }
  }

  void profile(std::vector<Description>& described, const ports::DiscoveryScope& scope,
               std::vector<catalog::DiscoveryWarning>& warnings,
               const std::stop_token& stop) const {
    const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
    for (Description& one : described) {
      if (!one.queryable || one.fields.empty()) {
        continue;
      }
      try {
        profile_one(one, limit, scope.protect_personal_data, stop);
      } catch (const Error& error) {
        if (!is_of_one_answer(error)) {
          throw;
        }
        warnings.push_back({object_text(one.table.name.text),
                            fmt::format("has no statistics: {}", error.what()),
                            error.facts().hint});
      }
    }
  }

  void profile_one(Description& one, std::int64_t limit, bool protect,
                   const std::stop_token& stop) const {
    // One row more than is looked at tells whether there are more.
    const auto reader = make_reader(session_, one, limit + 1, stop);
    std::vector<catalog::ColumnProfiler> profilers(one.fields.size());
    std::vector<std::optional<std::string_view>> row;
    std::int64_t rows = 0;
    bool is_sample = false;
    while (reader->next(row)) {
      if (rows == limit) {
        is_sample = true;
        break;
      }
      ++rows;
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] ? profilers[i].add(*row[i]) : profilers[i].add_null();
      }
    }
    for (std::size_t i = 0; i < profilers.size(); ++i) {
      catalog::Column& column = one.table.columns[i];
      column.statistics = profilers[i].finish();
      column.statistics->sampled = is_sample;
      if (protect) {
        catalog::protect_personal_data(column, one.table.name);
      }
    }
    if (!is_sample) {
      one.table.row_count = rows;
    }
  }

  std::shared_ptr<Session> session_;
  std::optional<std::vector<std::string>> objects_;
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const ports::FactoryOf<SalesforceConnector> instance{&info};
  return instance;
}

}  // namespace mapctl::connectors::salesforce

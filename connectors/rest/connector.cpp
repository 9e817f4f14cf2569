// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/connector.hpp"

#include "connectors/rest/info.hpp"
#include "connectors/rest/made_streams.hpp"
#include "connectors/rest/plan.hpp"
#include "connectors/rest/reader.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {
namespace {

// Columns of statistics are found from as many records at least.
constexpr std::int64_t profiled_records = 1'000;

class RestConnector final : public ports::Connector {
 public:
  explicit RestConnector(const ports::ConnectorOptions& options)
      : plan_{std::make_shared<const Plan>(read_plan(options))},
        session_{std::make_shared<Session>(plan_, options)} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    catalog::Catalog result;
    result.system = "rest";
    result.taken_at = system_clock().now();
    result.schemas.push_back({catalog::SchemaName{}, {}});
    std::exception_ptr first;
    std::vector<std::shared_ptr<const Stream>> wanted;
    if (scope.schemas.matches("", false)) {
      for (auto& stream : tables(stop, &result.warnings, first)) {
        const catalog::TableRef ref{catalog::SchemaName{}, catalog::TableName{stream->name}};
        if (scope.tables.matches(ref, false)) {
          wanted.push_back(std::move(stream));
        }
      }
    }
    for (Described& one : describe_all(wanted, scope, stop)) {
      auto& tables = result.schemas[0].tables;
      std::move(one.warnings.begin(), one.warnings.end(), std::back_inserter(result.warnings));
      if (one.table) {
        tables.push_back(*std::move(one.table));
      } else if (!first) {
        first = one.failure;
      }
    }
    if (first && result.schemas[0].tables.empty()) {
      std::rethrow_exception(first);
    }
    if (wanted.empty()) {
      result.schemas.clear();
    }
    for (const std::string& warning : session_->warnings()) {
      result.warnings.push_back({"auth", warning, "keep refresh_token in ${store:NAME}"});
    }
    catalog::normalise(result);
    return result;
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    return make_reader(session_,
                       open_stream(*session_, find(table, stop),
                                   static_cast<std::size_t>(plan_->sample_records), stop));
  }

  ports::ServerInfo test(std::stop_token stop) override {
    const std::shared_ptr<const Stream> stream = checked(stop);
    RecordSource source{*session_, *stream, stop};
    Json record;
    source.next(record);
    Asked asked;
    asked.component = stream->component.get();
    const auto count = std::count_if(plan_->streams.begin(), plan_->streams.end(),
                                     [](const Stream& one) { return !one.hidden; });
    return {fmt::format("REST API at {} ({} {})",
                        ports::origin_of(stream->base_url.text(session_->scope(asked))), count,
                        count == 1 ? "stream" : "streams"),
            {}};
  }

 private:
  struct Described {
    std::optional<catalog::Table> table{};
    std::vector<catalog::DiscoveryWarning> warnings{};
    std::exception_ptr failure{};
  };

  using StreamPointer = std::shared_ptr<const Stream>;

  StreamPointer pointer(const Stream& stream) const { return {plan_, &stream}; }

  // The tables: streams of the profile, and those that others stand for. These are asked for at
  // every discovery. What stops one such stream is a warning, and `first` where there is none.
  std::vector<StreamPointer> tables(const std::stop_token& stop,
                                    std::vector<catalog::DiscoveryWarning>* warnings,
                                    std::exception_ptr& first) {
    std::vector<StreamPointer> found;
    std::vector<catalog::DiscoveryWarning> unasked;
    for (const Stream& stream : plan_->streams) {
      if (stream.is_table()) {
        found.push_back(pointer(stream));
      } else if (stream.each && !stream.hidden) {
        auto& said = warnings == nullptr ? unasked : *warnings;
        try {
          const auto made = make_streams(*session_, stream, said, stop);
          found.insert(found.end(), made.begin(), made.end());
        } catch (const Error& error) {
          if (warnings == nullptr || is_for_all(error)) {
            throw;
          }
          first = first ? first : std::current_exception();
          said.push_back(
              {fmt::format("stream '{}'", stream.name), error.what(), error.facts().hint});
        }
      }
    }
    tables_ = found;
    return found;
  }

  StreamPointer find(const catalog::TableRef& table, const std::stop_token& stop) {
    const Stream* stream = table.schema.text.empty() ? plan_->find(table.table.text) : nullptr;
    if (stream != nullptr && stream->is_table()) {
      return pointer(*stream);
    }
    const auto known_one = [&]() -> StreamPointer {
      const auto found =
          std::find_if(tables_.begin(), tables_.end(), [&](const StreamPointer& one) {
            return table.schema.text.empty() && one->name == table.table.text;
          });
      return found == tables_.end() ? nullptr : *found;
    };
    if (StreamPointer known = known_one()) {
      return known;
    }
    std::exception_ptr none;
    tables(stop, nullptr, none);
    if (StreamPointer found = known_one()) {
      return found;
    }
    std::vector<std::string> known;
    for (const StreamPointer& one : tables_) {
      known.push_back(one->name);
    }
    std::string hint = suggestion(table.table.text, known);
    throw Error{
        ErrorCode::not_found,
        fmt::format("profile '{}' has no stream '{}'", plan_->profile, catalog::to_string(table)),
        hint.empty() ? "'mapctl discover' lists the streams of a profile" : std::move(hint)};
  }

  // In the order of `streams`, as many at once as there may be requests. What stops them all is
  // thrown; what stops one is a warning.
  std::vector<Described> describe_all(const std::vector<StreamPointer>& streams,
                                      const ports::DiscoveryScope& scope,
                                      const std::stop_token& stop) {
    std::vector<Described> found(streams.size());
    std::stop_source halt;
    const std::stop_callback link{stop, [&halt] { halt.request_stop(); }};
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr fatal;
    const auto work = [&]() noexcept {
      for (std::size_t i = next++; i < streams.size() && !halt.stop_requested(); i = next++) {
        try {
          found[i].table = describe(streams[i], scope, halt.get_token(), found[i].warnings);
        } catch (const Error& error) {
          if (is_for_all(error)) {
            const std::lock_guard lock{mutex};
            // Those that come after it are only its echo.
            fatal = fatal ? fatal : std::current_exception();
            halt.request_stop();
          } else {
            found[i].failure = std::current_exception();
            found[i].warnings = {
                {fmt::format("stream '{}'", streams[i]->name), error.what(), error.facts().hint}};
          }
        } catch (...) {
          const std::lock_guard lock{mutex};
          fatal = fatal ? fatal : std::current_exception();
          halt.request_stop();
        }
      }
    };
    {
      std::vector<std::jthread> others;
      try {
        while (others.size() + 1 < std::min(session_->width(), streams.size())) {
          others.emplace_back(work);
        }
      } catch (const std::system_error&) {
        // No thread is left: those that there are do it all.
      }
      work();
    }
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "discovery was cancelled"};
    }
    if (fatal) {
      std::rethrow_exception(fatal);
    }
    return found;
  }

  // What stops one stream and what stops them all.
  static bool is_for_all(const Error& error) {
    const bool is_answer = error.facts().native_code.starts_with("HTTP ");
    return error.code() == ErrorCode::cancelled || error.facts().native_code == "HTTP 401" ||
           (error.code() == ErrorCode::unreachable && !is_answer) ||
           error.code() == ErrorCode::unsupported;
  }

  StreamPointer checked(const std::stop_token& stop) {
    if (!plan_->check.empty() && !plan_->find(plan_->check)->each) {
      return pointer(*plan_->find(plan_->check));
    }
    const auto root =
        std::find_if(plan_->streams.begin(), plan_->streams.end(),
                     [](const Stream& one) { return one.partitions.empty() && !one.each; });
    if (root != plan_->streams.end()) {
      return pointer(*root);
    }
    std::exception_ptr none;
    const std::vector<StreamPointer> all = tables(stop, nullptr, none);
    if (all.empty()) {
      throw Error{ErrorCode::not_found,
                  fmt::format("profile '{}' has no stream to ask: what 'each' names is empty",
                              plan_->profile),
                  "check 'values' of 'each', and what config it takes them from"};
    }
    return all.front();
  }

  catalog::Table describe(const StreamPointer& of, const ports::DiscoveryScope& scope,
                          const std::stop_token& stop,
                          std::vector<catalog::DiscoveryWarning>& warnings) {
    const Stream& stream = *of;
    const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
    const std::int64_t wanted =
        scope.statistics ? std::max(plan_->sample_records, std::min(limit, profiled_records))
                         : plan_->sample_records;
    Opened opened = open_stream(*session_, of, static_cast<std::size_t>(wanted), stop);
    catalog::Table table;
    table.name = catalog::TableName{stream.name};
    table.kind = catalog::TableKind::stream;
    table.comment = stream.description;
    for (const catalog::RecordColumn& column : opened.shape.columns) {
      table.columns.push_back(column.column);
    }
    set_keys(stream, table);
    if (opened.odata != nullptr) {
      set_odata_keys(*opened.odata, stream, table);
    }
    const std::string object = fmt::format("stream '{}'", stream.name);
    for (catalog::DiscoveryWarning& warning : catalog::warnings_of(opened.shape, object)) {
      warnings.push_back(std::move(warning));
    }
    if (table.columns.empty()) {
      warnings.push_back(no_records(object, opened.source->lost()));
    }
    if (scope.statistics) {
      profile(opened, table, limit, scope.protect_personal_data);
    }
    return table;
  }

  static catalog::DiscoveryWarning no_records(const std::string& object,
                                              const std::optional<LostPath>& lost) {
    if (!lost) {
      return {object, "has no records to find columns from",
              "give it a 'schema', or name an OpenAPI document"};
    }
    std::string hint = "check option 'record_path', or 'records' of the stream";
    if (lost->list) {
      hint += lost->list->empty() ? "; the answer itself is a list"
                                  : fmt::format("; there is a list at '{}'", *lost->list);
    }
    return {object,
            fmt::format("has no records to find columns from: its answer has nothing at '{}'",
                        lost->path),
            hint};
  }

  static void profile(Opened& opened, catalog::Table& table, std::int64_t limit, bool protect) {
    catalog::RecordProfile pass{opened.shape};
    for (const Json& record : opened.read) {
      if (pass.records() < limit) {
        pass.add(record);
      }
    }
    bool ended = opened.ended && pass.records() == static_cast<std::int64_t>(opened.read.size());
    Json record;
    while (!ended && pass.records() < limit) {
      if (opened.source->next(record)) {
        pass.add(record);
      } else {
        ended = true;
      }
    }
    if (ended) {
      table.row_count = pass.records();
    }
    pass.finish(table, !ended, protect);
  }

  static void set_keys(const Stream& stream, catalog::Table& table) {
    for (const std::string& name : stream.primary_key) {
      // Only what is a column: a key of a parent is in the records when a change puts it there.
      if (table.find(catalog::ColumnName{name}) != nullptr) {
        table.primary_key.push_back(catalog::ColumnName{name});
      }
    }
    if (table.primary_key.size() != stream.primary_key.size()) {
      table.primary_key.clear();
    }
    for (const Reference& reference : stream.references) {
      catalog::ForeignKey key;
      for (const std::string& column : reference.columns) {
        key.columns.push_back(catalog::ColumnName{column});
      }
      key.references.table = catalog::TableName{reference.stream};
      for (const std::string& column : reference.keys) {
        key.referenced_columns.push_back(catalog::ColumnName{column});
      }
      table.foreign_keys.push_back(std::move(key));
    }
  }

  // What the profile itself says about keys counts more.
  void set_odata_keys(const ODataSet& set, const Stream& stream, catalog::Table& table) const {
    if (stream.primary_key.empty()) {
      for (const std::string& name : set.key) {
        table.primary_key.push_back(catalog::ColumnName{name});
      }
    }
    if (!stream.references.empty()) {
      return;
    }
    for (const ODataSet::Reference& reference : set.references) {
      // To the stream that reads the set, or to none.
      const auto target =
          std::find_if(plan_->streams.begin(), plan_->streams.end(), [&](const Stream& one) {
            return one.is_table() && Session::set_of(one) == reference.set;
          });
      if (target == plan_->streams.end()) {
        continue;
      }
      catalog::ForeignKey key;
      for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        key.columns.push_back(catalog::ColumnName{reference.columns[i]});
        key.referenced_columns.push_back(catalog::ColumnName{reference.keys[i]});
      }
      key.references.table = catalog::TableName{target->name};
      table.foreign_keys.push_back(std::move(key));
    }
  }

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<Session> session_;
  std::vector<StreamPointer> tables_;  // as they were asked for last
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const ports::FactoryOf<RestConnector> instance{&info};
  return instance;
}

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/connector/subcommands.hpp"
#include "cli/connector/watched_http.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/subcommand.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/snapshot.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/profile.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

enum class CheckVerdict { passed, failed, skipped };

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::passed: return "passed";
    case CheckVerdict::failed: return "failed";
    case CheckVerdict::skipped: return "skipped";
  }
  return "";
}

struct ProfileCheck {
  std::string name{};
  CheckVerdict verdict = CheckVerdict::passed;
  std::string detail{};
  std::string hint{};
  double seconds = 0;
};

// What a check found; a failure is thrown.
struct CheckResult {
  CheckVerdict verdict = CheckVerdict::passed;
  std::string detail{};
};

constexpr double tested_rate = 5;               // requests a second
constexpr std::uint64_t requests_at_rate = 12;  // so many must take longer than a burst does
constexpr std::string_view wrong_secret = "mapctl-connector-test-wrong";
constexpr std::size_t tables_tried = 5;

// A row as one text, or what of it the primary key holds.
std::string key_of(const std::vector<std::optional<std::string_view>>& row,
                   const std::vector<std::size_t>& columns) {
  std::string key;
  const auto add = [&](const std::optional<std::string_view>& value) {
    key += value ? fmt::format("{}:{}", value->size(), *value) : "-";
  };
  if (columns.empty()) {
    std::for_each(row.begin(), row.end(), add);
  }
  for (const std::size_t column : columns) {
    add(row[column]);
  }
  return key;
}

class ProfileHarness {
 public:
  ProfileHarness(CommandContext& context, std::string endpoint, std::string table, std::size_t rows)
      : context_{context},
        endpoint_{std::move(endpoint)},
        wanted_table_{std::move(table)},
        most_rows_{rows} {}

  void run() {
    attempt("connect", [&] { return connect(); });
    if (is_failed()) {
      for (const char* name : {"list", "page", "resume", "wrong credentials", "rate limit"}) {
        checks_.push_back({name, CheckVerdict::skipped, "there is no connection", {}, 0});
      }
      return;
    }
    attempt("list", [&] { return list(); });
    attempt("page", [&] { return page(); });
    attempt("resume", [&] { return resume(); });
    attempt("wrong credentials", [&] { return refuse(); });
    attempt("rate limit", [&] { return keep_rate(); });
  }

  const std::vector<ProfileCheck>& checks() const noexcept { return checks_; }
  bool is_failed() const {
    return std::any_of(checks_.begin(), checks_.end(),
                       [](const ProfileCheck& one) { return one.verdict == CheckVerdict::failed; });
  }
  // Of connecting, when that failed.
  std::optional<ErrorCode> connect_error() const noexcept { return connect_error_; }
  std::optional<ports::HttpState> http_state() const {
    return http_ ? http_->state() : std::nullopt;
  }

 private:
  std::unique_ptr<ports::Connector> open(const EndpointControl::Adjust& adjust = {}) {
    return endpoint_control(context_).open_adjusted(
        endpoint_, [&](ports::ConnectorOptions& options) {
          has_secrets_ = !options.secrets.empty();
          options.http = [this, real = options.http]() -> const ports::HttpClientFactory& {
            if (!http_) {
              http_ = std::make_unique<WatchedHttp>(real());
            }
            return *http_;
          };
          if (adjust) {
            adjust(options);
          }
        });
  }

  void attempt(std::string name, const std::function<CheckResult()>& action) {
    ProfileCheck check;
    check.name = std::move(name);
    const double began = context_.clock().elapsed();
    try {
      const CheckResult finding = action();
      check.verdict = finding.verdict;
      check.detail = finding.detail;
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::configuration ||
          problem.code() == ErrorCode::usage) {
        throw;
      }
      check.verdict = CheckVerdict::failed;
      check.detail = problem.what();
      check.hint = problem.facts().hint;
      if (checks_.empty()) {
        connect_error_ = problem.code();
      }
    }
    check.seconds = context_.clock().elapsed() - began;
    checks_.push_back(std::move(check));
  }

  CheckResult connect() {
    const ports::ServerInfo server = open()->test(context_.stop());
    return {CheckVerdict::passed, server.missing_privileges.empty()
                                      ? server.product
                                      : fmt::format("{}; {} privileges are missing", server.product,
                                                    server.missing_privileges.size())};
  }

  CheckResult list() {
    const auto connector = open();
    catalog_ = connector->discover({}, context_.stop());
    const auto tables = catalog_.tables();
    std::size_t columns = 0;
    for (const auto& entry : tables) {
      columns += entry.table->columns.size();
    }
    if (tables.empty()) {
      throw Error{ErrorCode::invalid_data, "no table is seen",
                  "ask for the privilege to see some, or name streams in the profile"};
    }
    if (catalog::fingerprint(connector->discover({}, context_.stop())) !=
        catalog::fingerprint(catalog_)) {
      throw Error{ErrorCode::invalid_data, "a second look gives another catalog",
                  "give streams a schema when their records differ from call to call"};
    }
    return {CheckVerdict::passed,
            fmt::format("{} {}, {} columns{}", tables.size(),
                        tables.size() == 1 ? "table" : "tables", columns,
                        catalog_.warnings.empty()
                            ? ""
                            : fmt::format(", {} warnings", catalog_.warnings.size()))};
  }

  static std::vector<std::size_t> key_columns(const catalog::Table& table) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.in_primary_key(table.columns[i].name)) {
        columns.push_back(i);
      }
    }
    return columns;
  }

  // At most `most` rows by their keys.
  std::vector<std::string> read(ports::RowReader& reader, std::size_t most) const {
    std::vector<std::string> keys;
    std::vector<std::optional<std::string_view>> row;
    while (keys.size() < most && reader.next(row)) {
      keys.push_back(key_of(row, key_));
    }
    return keys;
  }

  CheckResult page() {
    const auto connector = open();
    if (!connector->capabilities().reads_rows) {
      return {CheckVerdict::skipped, "the connector reads no rows"};
    }
    std::size_t tried = 0;
    for (const auto& entry : catalog_.tables()) {
      if (!wanted_table_.empty() &&
          !catalog::NamePattern{wanted_table_}.matches(entry.ref, catalog_.names_ignore_case)) {
        continue;
      }
      if (wanted_table_.empty() && ++tried > tables_tried) {
        break;
      }
      key_ = key_columns(*entry.table);
      const std::uint64_t before = http_ ? http_->requests() : 0;
      const auto reader = connector->open_reader(entry.ref, context_.stop());
      std::vector<std::string> rows = read(*reader, most_rows_);
      // The one with the most rows is most likely to have pages.
      if (rows.size() > rows_.size() || !table_) {
        rows_ = std::move(rows);
        table_ = entry.ref;
        row_key_ = key_;
        requests_ = http_ ? http_->requests() - before : 0;
      }
      if (rows_.size() >= most_rows_) {
        break;
      }
    }
    if (!table_ && !wanted_table_.empty()) {
      throw Error{ErrorCode::not_found, fmt::format("no table matches '{}'", wanted_table_),
                  "'mapctl discover' lists the tables"};
    }
    if (rows_.empty()) {
      return {CheckVerdict::skipped, "the tables that were tried have no rows"};
    }
    key_ = row_key_;
    const std::set<std::string> distinct(rows_.begin(), rows_.end());
    if (!key_.empty() && distinct.size() != rows_.size()) {
      throw Error{
          ErrorCode::invalid_data,
          fmt::format("{} of {} rows of '{}' come twice, by their primary key",
                      rows_.size() - distinct.size(), rows_.size(), catalog::to_string(*table_)),
          "look at 'paging' and 'primary_key' of the stream"};
    }
    return {CheckVerdict::passed,
            fmt::format("{} rows of '{}'{}", rows_.size(), catalog::to_string(*table_),
                        requests_ == 0   ? std::string{}
                        : requests_ == 1 ? std::string{" in one request"}
                                         : fmt::format(" in {} requests", requests_))};
  }

  // What was interrupted gives the same rows when it is read again.
  CheckResult resume() {
    if (rows_.empty()) {
      return {CheckVerdict::skipped, "there are no rows to read again"};
    }
    const std::size_t half = std::max<std::size_t>(1, rows_.size() / 2);
    const auto connector = open();
    std::stop_source stop;
    const auto reader = connector->open_reader(*table_, stop.get_token());
    std::vector<std::string> first = read(*reader, half);
    stop.request_stop();
    bool was_stopped = false;
    try {
      read(*reader, most_rows_);
    } catch (const Error& problem) {
      if (problem.code() != ErrorCode::cancelled) {
        throw;
      }
      was_stopped = true;
    }
    std::vector<std::string> again = read(*connector->open_reader(*table_, context_.stop()), half);
    std::vector<std::string> expected(rows_.begin(),
                                      rows_.begin() + static_cast<std::ptrdiff_t>(half));
    const bool is_same = first == expected && again == expected;
    if (!is_same) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("reading '{}' again gives other rows, or another order",
                              catalog::to_string(*table_)),
                  "somebody may be writing to it; else ask the system for an order"};
    }
    return {CheckVerdict::passed,
            fmt::format("the first {} rows are the same after {}", half,
                        was_stopped ? "an interruption" : "a stop at the end")};
  }

  CheckResult refuse() {
    if (!has_secrets_) {
      return {CheckVerdict::skipped, "the profile has no auth"};
    }
    const auto spoil = [](ports::ConnectorOptions& options) {
      const auto names_somebody = [](const std::string& key) {
        return key == "user" || key == "username" || key == "client_id";
      };
      const bool has_more =
          std::any_of(options.secrets.begin(), options.secrets.end(),
                      [&](const auto& secret) { return !names_somebody(secret.first); });
      for (auto& [key, value] : options.secrets) {
        if (!has_more || !names_somebody(key)) {
          value = Secret{std::string{wrong_secret}};
        }
      }
      // A wrong value must never be written where the right one is.
      options.keep_secret = [](const std::string&, const Secret&) {};
      options.limits.attempts = 1;
    };
    try {
      open(spoil)->test(context_.stop());
    } catch (const Error& problem) {
      const std::string said = problem.what() + problem.facts().hint;
      if (said.find(wrong_secret) != std::string::npos) {
        throw Error{ErrorCode::internal, "the message of the refusal holds the secret"};
      }
      if (problem.code() != ErrorCode::denied) {
        throw Error{ErrorCode::invalid_data,
                    fmt::format("wrong credentials end as '{}': {}",
                                mapctl::to_string(problem.code()), problem.what()),
                    "a rule under 'errors' can say what a refusal looks like"};
      }
      return {CheckVerdict::passed, problem.what()};
    }
    throw Error{ErrorCode::invalid_data, "wrong credentials are accepted",
                "the system does not ask for them, or 'check' names a stream that is public"};
  }

  CheckResult keep_rate() {
    if (!http_ || http_->requests() == 0) {
      return {CheckVerdict::skipped, "the system is not asked by HTTP requests"};
    }
    http_->refuse_next();
    open()->test(context_.stop());
    const WatchedHttp::Refusal refusal = http_->refusal();
    if (!refusal.given || !refusal.repeats || refusal.wait != 1.0) {
      throw Error{ErrorCode::invalid_data,
                  "an answer of 429 with Retry-After is not waited for and asked again",
                  "look at 'errors' and 'waits' of the profile"};
    }
    const auto connector = open(
        [](ports::ConnectorOptions& options) { options.limits.requests_per_second = tested_rate; });
    const std::uint64_t before = http_->requests();
    const double began = context_.clock().elapsed();
    std::uint64_t asked = 0;
    for (std::uint64_t call = 0; call < requests_at_rate && asked < requests_at_rate; ++call) {
      connector->test(context_.stop());
      asked = http_->requests() - before;
    }
    const double seconds = context_.clock().elapsed() - began;
    // So many more than a burst as take time.
    const double least = (static_cast<double>(asked) - 1 - tested_rate) / tested_rate;
    if (seconds < 0.9 * least) {
      throw Error{ErrorCode::internal,
                  fmt::format("{} requests took {}, at {} a second they must take {}", asked,
                              human_duration(seconds), tested_rate, human_duration(least))};
    }
    return {CheckVerdict::passed,
            fmt::format("429 is waited for; {} requests keep {} a second", asked, tested_rate)};
  }

  CommandContext& context_;
  std::string endpoint_, wanted_table_;
  std::size_t most_rows_;
  std::vector<ProfileCheck> checks_{};
  std::optional<ErrorCode> connect_error_{};
  std::unique_ptr<WatchedHttp> http_{};
  bool has_secrets_ = false;
  catalog::Catalog catalog_{};
  std::optional<catalog::TableRef> table_{};
  std::vector<std::size_t> key_{}, row_key_{};
  std::vector<std::string> rows_{};
  std::uint64_t requests_ = 0;
};

class ConnectorTestSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "test"; }
  std::string_view summary() const noexcept override {
    return "Connect, list, page, resume, be refused and keep the rate, and report on it";
  }
  std::string_view example() const noexcept override {
    return "mapctl connector test crm\n"
           "mapctl connector test sqlite:shop.db --table orders --rows 100\n";
  }
  void declare(CLI::App& app) override {
    app.add_option("endpoint", endpoint_, "Profile or location")->required()->type_name("EP");
    app.add_option("--table", table_, "Read this table (default: one of the first with rows)")
        ->type_name("GLOB");
    app.add_option("--rows", rows_, "Rows to read at most (default: 500)")
        ->check(CLI::Range(2, 1'000'000))
        ->type_name("N");
  }

  ExitCode run(CommandContext& context) override {
    endpoint_ = name_endpoint(context, endpoint_);
    if (config::parse_endpoint(endpoint_).kind == config::Endpoint::Kind::profile) {
      context.load_profile(endpoint_);  // one that is not there is no finding
    }
    ProfileHarness harness{context, endpoint_, table_, rows_};
    harness.run();
    print_report(context, harness);
    if (!harness.is_failed()) {
      return ExitCode::done;
    }
    const auto cause = harness.connect_error();
    return cause == ErrorCode::unreachable || cause == ErrorCode::denied ? ExitCode::unreachable
                                                                         : ExitCode::gate_missed;
  }

 private:
  void print_report(CommandContext& context, const ProfileHarness& harness) const {
    if (context.format() == Format::json) {
      Json document = {{"schema", "mapctl.connector_test/1"},
                       {"endpoint", endpoint_},
                       {"status", harness.is_failed() ? "failed" : "passed"},
                       {"checks", Json::array()}};
      for (const ProfileCheck& check : harness.checks()) {
        document["checks"].push_back({{"name", check.name},
                                      {"status", to_string(check.verdict)},
                                      {"detail", check.detail},
                                      {"hint", check.hint.empty() ? Json{} : Json(check.hint)},
                                      {"seconds", check.seconds}});
      }
      if (const auto state = harness.http_state()) {
        document["http"] = {{"circuit_breaker", mapctl::to_string(state->breaker)},
                            {"requests", state->requests},
                            {"repeated", state->repeated},
                            {"connections", state->connections}};
      }
      context.out().document(document);
      return;
    }
    TablePrinter table{{{"check", "Check"},
                        {"status", "Result"},
                        {"seconds", "Time", true},
                        {"detail", "Detail", false, true},
                        {"hint", "Next step", false, true}}};
    for (const ProfileCheck& check : harness.checks()) {
      const Style style = check.verdict == CheckVerdict::passed   ? Style::green
                          : check.verdict == CheckVerdict::failed ? Style::red
                                                                  : Style::plain;
      table.add(std::vector<TableCell>{{check.name, Style::plain},
                                       {std::string{to_string(check.verdict)}, style},
                                       {human_duration(check.seconds), Style::plain},
                                       {check.detail, Style::plain},
                                       {check.hint, Style::plain}});
    }
    print(context, table);
  }

  std::string endpoint_, table_;
  std::size_t rows_ = 500;
};

}  // namespace

std::unique_ptr<Subcommand> make_connector_test() {
  return std::make_unique<ConnectorTestSubcommand>();
}

}  // namespace mapctl::cli

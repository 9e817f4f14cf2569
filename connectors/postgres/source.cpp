// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/source.hpp"

#include "connectors/postgres/info.hpp"
#include "connectors/postgres/url.hpp"
#include "connectors/postgres/values.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <thread>
#include <utility>

namespace mapctl::connectors::postgres {
namespace {

using namespace std::chrono_literals;

// Our names of libpq's parameters.
struct Parameter {
  std::string_view option{};
  const char* keyword = nullptr;
};
constexpr std::array parameters{
    Parameter{"host", "host"},
    Parameter{"port", "port"},
    Parameter{"database", "dbname"},
    Parameter{"user", "user"},
    Parameter{"service", "service"},
    Parameter{"sslmode", "sslmode"},
    Parameter{"sslrootcert", "sslrootcert"},
    Parameter{"sslcert", "sslcert"},
    Parameter{"sslkey", "sslkey"},
    Parameter{"passfile", "passfile"},
    Parameter{"target_session_attrs", "target_session_attrs"},
    Parameter{"application_name", "application_name"},
};

// "500ms", "30s", "2m", "1h", or plain milliseconds as the server has them.
std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > 1'000'000'000) {
    return std::nullopt;
  }
  const std::string_view unit =
      trim({end, static_cast<std::size_t>(text.data() + text.size() - end)});
  for (const auto& [name, length] :
       {std::pair<std::string_view, std::chrono::milliseconds>{"", 1ms},
        {"ms", 1ms},
        {"s", 1s},
        {"m", 1min},
        {"min", 1min},
        {"h", 1h}}) {
    if (unit == name) {
      return number * length;
    }
  }
  return std::nullopt;
}

using Pairs = std::map<std::string, Secret>;

// The parameters of a URL, with what is ours taken out and put aside.
void take_url(const Secret& text, Pairs& pairs, catalog::NamePattern& schemas) {
  const Url url = parse_url(text);
  if (!url.schema.empty()) {
    schemas = catalog::NamePattern{url.schema};
  }
  const ConnectionOptionsHandle parsed{PQconninfoParse(url.libpq.reveal().c_str(), nullptr)};
  for (const PQconninfoOption* item = parsed.get(); item != nullptr && item->keyword != nullptr;
       ++item) {
    if (item->val != nullptr) {
      pairs.insert_or_assign(item->keyword, Secret{item->val});
    }
  }
}

// libpq's "keyword='value' ...".
Secret conninfo(const Pairs& pairs) {
  std::string text;
  for (const auto& [keyword, value] : pairs) {
    text += fmt::format("{}{}='", text.empty() ? "" : " ", keyword);
    for (const char c : value.reveal()) {
      text += c == '\\' || c == '\'' ? "\\" : "";
      text += c;
    }
    text += '\'';
  }
  return Secret{std::move(text)};
}

// Words that PostgreSQL takes for a name only in quotes, and those of Redshift.
constexpr std::string_view reserved =
    " aes128 aes256 all analyse analyze and any array as asc asymmetric authorization backup "
    "binary both bytedict case cast check collate collation column concurrently constraint "
    "create credentials cross current_catalog current_date current_role current_schema "
    "current_time current_timestamp current_user default deferrable delta desc disable "
    "distinct do else enable encode encrypt end except explicit false fetch for foreign "
    "freeze from full grant group having ignore ilike in initially inner intersect into is "
    "isnull join lateral leading left like limit localtime localtimestamp minus natural not "
    "notnull null offline offset oid old on only open or order outer overlaps partition "
    "percent placing primary raw recover references respect restore returning right select "
    "session_user similar snapshot some symmetric sysdate system table tablesample tag tdes "
    "then to top trailing true type union unique user using variadic verbose when where "
    "window with without ";

bool is_reserved(std::string_view word) {
  return reserved.find(fmt::format(" {} ", word)) != reserved.npos;
}

void wait(double seconds, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
  while (std::chrono::steady_clock::now() < until && !stop.stop_requested()) {
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace

Source::Source(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  ports::check_secrets(options, "postgres", {"password", "sslpassword", "url"});
  Pairs pairs;
  if (const auto url = options.secrets.find("url"); url != options.secrets.end()) {
    take_url(url->second, pairs, schemas_);
  } else if (const std::string text = ports::text_option(options, "url"); !text.empty()) {
    take_url(Secret{text}, pairs, schemas_);
    if (pairs.contains("password") || pairs.contains("sslpassword")) {
      ports::fail_option(options, "url", "holds a password, which options are not kept for",
                         "move it under `auth:`, as `url` or `password`, with a reference");
    }
  }
  for (const Parameter& parameter : parameters) {
    if (std::string value = ports::text_option(options, std::string{parameter.option});
        !value.empty()) {
      pairs.insert_or_assign(parameter.keyword, Secret{std::move(value)});
    }
  }
  for (const char* name : {"password", "sslpassword"}) {
    if (const auto secret = options.secrets.find(name); secret != options.secrets.end()) {
      pairs.insert_or_assign(name, Secret{secret->second});
    }
  }
  if (options.limits.timeout && !pairs.contains("connect_timeout")) {
    const auto seconds =
        std::max<std::int64_t>(2, static_cast<std::int64_t>(*options.limits.timeout));
    pairs.emplace("connect_timeout", Secret{fmt::format("{}", seconds)});
  }
  if (options.limits.timeout) {
    silence_limit_ = std::chrono::milliseconds{
        static_cast<std::int64_t>(std::max(1.0, *options.limits.timeout) * 1000)};
  }
  conninfo_ = conninfo(pairs);

  if (const std::string glob = ports::text_option(options, "schema"); !glob.empty()) {
    schemas_ = catalog::NamePattern{glob};
  }
  dialect_ = ports::word_option<std::optional<Dialect>>(options, "dialect",
                                                        {{"auto", std::nullopt},
                                                         {"postgresql", Dialect::postgresql},
                                                         {"redshift", Dialect::redshift}},
                                                        std::nullopt);
  if (const std::string text = ports::text_option(options, "statement_timeout"); !text.empty()) {
    const auto limit = duration(text);
    if (!limit) {
      ports::fail_option(options, "statement_timeout", fmt::format("cannot be '{}'", text),
                         "write a duration such as 500ms, 30s or 2m");
    }
    statement_timeout_ = *limit;
  }
  retry_ = ports::retry_rules(options.limits, 1);
}

std::unique_ptr<Connection> Source::connect(std::stop_token stop) const {
  auto connection = std::make_unique<Connection>(conninfo_, std::string{}, stop);
  connection->limit_silence(silence_limit_);
  for (unsigned failed = 0;; wait(retry_.wait(failed, 0.5), stop)) {
    try {
      connection->connect();
      return connection;
    } catch (const Error& problem) {
      if (problem.facts().retry != Retry::may_help || ++failed >= retry_.attempts) {
        throw;
      }
    }
  }
}

Dialect Source::dialect(const Connection& connection) const noexcept {
  // Redshift says that it is the PostgreSQL it once came from; no real one of that age is alive.
  constexpr int redshift_version = 80002;
  if (dialect_) {
    return *dialect_;
  }
  return PQserverVersion(connection.raw()) == redshift_version ? Dialect::redshift
                                                               : Dialect::postgresql;
}

std::string Source::begin(const Connection& connection, std::string_view isolation) const {
  std::string sql = fmt::format(
      "BEGIN {} READ ONLY; SET LOCAL TimeZone = 'UTC'; "
      "SET LOCAL DateStyle = 'ISO, YMD'",
      isolation);
  if (has_unchecked_text(connection)) {
    sql += "; SET LOCAL client_encoding = 'SQL_ASCII'";  // or it fails at what is not UTF-8
  }
  if (dialect(connection) == Dialect::postgresql) {
    sql +=
        "; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; "
        "SET LOCAL bytea_output = 'hex'";
  }
  if (statement_timeout_ > 0ms) {
    sql += fmt::format("; SET LOCAL statement_timeout = {}", statement_timeout_.count());
  }
  return sql;
}

bool has_unchecked_text(const Connection& connection) noexcept {
  const char* encoding = PQparameterStatus(connection.raw(), "server_encoding");
  return encoding != nullptr && std::string_view{encoding} == "SQL_ASCII";
}

ReadTransaction::~ReadTransaction() {
  if (connection_ == nullptr || connection_->raw() == nullptr) {
    return;
  }
  try {
    connection_->allow_cancel(false);
    if (connection_->is_usable() && PQtransactionStatus(connection_->raw()) != PQTRANS_ACTIVE) {
      connection_->run("ROLLBACK");
    } else {
      connection_->close();
    }
  } catch (const std::exception&) {
    connection_->close();
  }
  connection_->allow_cancel(true);
}

void ReadTransaction::commit() {
  connection_->run("COMMIT");
  connection_ = nullptr;
}

Answer::Answer(Connection& connection, const std::string& sql,
               const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  for (const std::string& value : values) {
    texts.push_back(value.c_str());
  }
  connection.require_sent(PQsendQueryParams(connection.raw(), sql.c_str(),
                                            static_cast<int>(texts.size()), nullptr, texts.data(),
                                            nullptr, nullptr, 0));
  ResultHandle failed;
  while (ResultHandle result = connection.next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    (status == PGRES_TUPLES_OK ? result_ : failed) = std::move(result);
  }
  if (failed) {
    connection.fail(failed.get());
  }
  if (!result_) {
    connection.fail_lost();
  }
  rows_ = PQntuples(result_.get());
}

std::int64_t Answer::integer(int row, int column) const noexcept {
  return read_integer(text(row, column));
}

double Answer::real(int row, int column) const noexcept {
  return read_real(text(row, column));
}

std::string array_of(const std::vector<Oid>& numbers) {
  std::string text = "{";
  for (const Oid number : numbers) {
    text += text.size() > 1 ? "," : "";
    fmt::format_to(std::back_inserter(text), "{}", number);
  }
  return text + "}";
}

std::string shown_identifier(std::string_view name) {
  const bool plain = !name.empty() && (name.front() < '0' || name.front() > '9') &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                     });
  return plain && !is_reserved(name) ? std::string{name} : quote_identifier(name);
}

std::string shown_table(const catalog::TableRef& table) {
  return shown_identifier(table.schema.text) + "." + shown_identifier(table.table.text);
}

std::string quote_table(const catalog::TableRef& table) {
  return quote_identifier(table.schema.text) + "." + quote_identifier(table.table.text);
}

}  // namespace mapctl::connectors::postgres

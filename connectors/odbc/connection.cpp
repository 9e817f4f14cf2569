// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/connection.hpp"

#include "connectors/odbc/wide_text.hpp"
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

std::u16string_view view_of(const SQLWCHAR* text, std::size_t units) noexcept {
  return {reinterpret_cast<const char16_t*>(text), units};
}

Diagnostic read_diagnostic(SQLSMALLINT type, SQLHANDLE handle) {
  Diagnostic first;
  for (SQLSMALLINT number = 1; number <= 8; ++number) {
    std::array<SQLWCHAR, 6> state{};
    std::array<SQLWCHAR, 1024> text{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRecW(type, handle, number, state.data(), &native, text.data(),
                                      static_cast<SQLSMALLINT>(text.size()), &length))) {
      break;
    }
    Diagnostic found;
    append_utf8(found.sqlstate, view_of(state.data(), 5));
    found.native = native;
    const auto units = static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0));
    append_utf8(found.text, view_of(text.data(), std::min(units, text.size() - 1)));
    // What is only a warning explains less than the error behind it, except that the driver's
    // library is missing: the driver manager says that in a warning.
    const bool is_warning = first.sqlstate.starts_with("01");
    if (number == 1 || (is_warning && !found.sqlstate.starts_with("01"))) {
      first = std::move(found);
    }
  }
  return first;
}

// The driver behind a data source of odbc.ini; empty when there is none.
std::string driver_of(SQLHENV environment, const std::string& dsn) {
  std::array<SQLWCHAR, 256> name{};
  std::array<SQLWCHAR, 1024> driver{};
  SQLSMALLINT name_length = 0;
  SQLSMALLINT driver_length = 0;
  for (SQLUSMALLINT direction = SQL_FETCH_FIRST; SQL_SUCCEEDED(SQLDataSourcesW(
           environment, direction, name.data(), static_cast<SQLSMALLINT>(name.size()), &name_length,
           driver.data(), static_cast<SQLSMALLINT>(driver.size()), &driver_length));
       direction = SQL_FETCH_NEXT) {
    const auto text = [](const auto& buffer) {
      std::string result;
      const auto end = std::find(buffer.begin(), buffer.end(), SQLWCHAR{0});
      append_utf8(result, view_of(buffer.data(), static_cast<std::size_t>(end - buffer.begin())));
      return result;
    };
    if (equal_ignoring_case(text(name), dsn)) {
      return text(driver);
    }
  }
  return {};
}

EnvironmentHandle make_environment() {
  SQLHENV raw = nullptr;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, nullptr, &raw))) {
    throw Error{ErrorCode::resource_limit, "the ODBC driver manager has no memory"};
  }
  EnvironmentHandle environment{raw};
  SQLSetEnvAttr(raw, SQL_ATTR_ODBC_VERSION, number_attribute(SQL_OV_ODBC3), 0);
  return environment;
}

// A short value of the first row; empty when there is none.
std::string first_text(SQLHSTMT statement, SQLUSMALLINT column) {
  std::array<SQLCHAR, 128> text{};
  SQLLEN length = 0;
  const bool is_told = SQL_SUCCEEDED(SQLFetch(statement)) &&
                       SQL_SUCCEEDED(SQLGetData(statement, column, SQL_C_CHAR, text.data(),
                                                static_cast<SQLLEN>(text.size()), &length)) &&
                       length != SQL_NULL_DATA;
  return is_told ? reinterpret_cast<const char*>(text.data()) : "";
}

// What the driver says of it is only that it could not connect.
void require_file(const Settings& settings) {
  const std::filesystem::path file{settings.database};
  if (file.is_relative()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': option 'database' names the file '{}', but not where "
                            "it is",
                            settings.profile, settings.database),
                "write the whole path; only beside option 'driver' it may start at the profile"};
  }
  std::error_code problem;
  if (std::filesystem::status(file, problem).type() == std::filesystem::file_type::not_found) {
    throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", settings.database),
                fmt::format("check option 'database' of profile '{}'", settings.profile)};
  }
}

void wipe(std::u16string& text) noexcept {
  volatile char16_t* place = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    place[i] = 0;
  }
}

void pause(double seconds, const std::stop_token& stop, const std::string& object) {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
  while (std::chrono::steady_clock::now() < end) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", object)};
    }
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace

Connection::Connection(std::shared_ptr<const Settings> settings, const std::stop_token& stop)
    : settings_{std::move(settings)},
      object_{object_name(*settings_)},
      quirks_{&quirks_of(settings_->driver)} {
  if (!settings_->dsn.empty()) {
    quirks_ = &quirks_of(driver_of(make_environment().get(), settings_->dsn));
  }
  if (quirks_->database_is_file && !settings_->database.empty()) {
    require_file(*settings_);
  }
  const auto start = std::chrono::steady_clock::now();
  for (unsigned failed = 1;; ++failed) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", object_)};
    }
    try {
      connect(stop);
      return;
    } catch (const Error& problem) {
      const double spent =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const double wait = settings_->retry.wait(failed, 0.5);
      if (problem.facts().retry != Retry::may_help || failed >= settings_->retry.attempts ||
          spent + wait > settings_->retry.deadline) {
        throw;
      }
      pause(wait, stop, object_);
    }
  }
}

// Of a thread of its own, which ends when the driver gives the call back. Drivers know no way to
// stop it, and some wait for ever for a server that takes connections and says nothing.
struct Connection::Attempt {
  EnvironmentHandle environment{};
  ConnectionHandle connection{};
  std::u16string text{};
  std::mutex mutex{};
  std::condition_variable_any ended{};
  bool has_ended = false;
  SQLRETURN code = SQL_ERROR;
};

void Connection::connect(const std::stop_token& stop) {
  auto attempt = std::make_shared<Attempt>();
  attempt->environment = make_environment();
  SQLHDBC raw = nullptr;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, attempt->environment.get(), &raw))) {
    throw error(SQL_HANDLE_ENV, attempt->environment.get(), Doing::connecting);
  }
  attempt->connection.reset(raw);
  SQLSetConnectAttr(raw, SQL_ATTR_LOGIN_TIMEOUT,
                    number_attribute(static_cast<std::uintptr_t>(settings_->login_timeout)), 0);
  attempt->text = to_utf16(connection_string(*settings_, *quirks_).reveal());
  std::thread{[attempt]() noexcept {
    const SQLRETURN code = SQLDriverConnectW(
        attempt->connection.get(), nullptr, wide_data(attempt->text),
        static_cast<SQLSMALLINT>(attempt->text.size()), nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
    wipe(attempt->text);
    const std::lock_guard lock{attempt->mutex};
    attempt->code = code;
    attempt->has_ended = true;
    attempt->ended.notify_all();
  }}.detach();
  std::unique_lock lock{attempt->mutex};
  // A second more than the driver has, whose own words say more.
  const bool ended =
      attempt->ended.wait_for(lock, stop, std::chrono::seconds{settings_->login_timeout + 1},
                              [&] { return attempt->has_ended; });
  if (!ended && stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", object_)};
  }
  if (!ended) {
    throw to_error({"HYT00", 0, "no answer within the time of limits.timeout"}, object_,
                   Doing::connecting);
  }
  if (!SQL_SUCCEEDED(attempt->code)) {
    throw error(SQL_HANDLE_DBC, raw, Doing::connecting);
  }
  connection_.reset();  // of an attempt that failed after the driver's part; before its environment
  environment_ = std::move(attempt->environment);
  connection_ = std::move(attempt->connection);
  check_tls();
  number_ = quirks_->own_number.empty() ? std::string{} : ask_number();
}

std::string Connection::info(SQLUSMALLINT what) const {
  std::array<SQLWCHAR, 512> text{};
  SQLSMALLINT bytes = 0;
  if (!SQL_SUCCEEDED(SQLGetInfoW(raw(), what, text.data(),
                                 static_cast<SQLSMALLINT>(text.size() * sizeof(SQLWCHAR)),
                                 &bytes))) {
    return {};
  }
  std::string result;
  const auto end = std::find(text.begin(), text.end(), SQLWCHAR{0});
  append_utf8(result, view_of(text.data(), static_cast<std::size_t>(end - text.begin())));
  return result;
}

StatementHandle Connection::make_statement() const {
  SQLHSTMT raw_statement = nullptr;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, raw(), &raw_statement))) {
    throw error(SQL_HANDLE_DBC, raw());
  }
  return StatementHandle{raw_statement};
}

void Connection::execute(std::string_view sql) const {
  const StatementHandle statement = make_statement();
  run(statement.get(), sql);
}

// A driver that was told to encrypt may have gone on without.
void Connection::check_tls() const {
  const bool is_wanted = settings_->tls == Tls::require || settings_->tls == Tls::verify;
  if (!is_wanted || quirks_->tls_cipher.empty()) {
    return;
  }
  const StatementHandle statement = make_statement();
  run(statement.get(), quirks_->tls_cipher);
  if (first_text(statement.get(), 2).empty()) {
    throw Error{
        ErrorCode::unreachable,
        fmt::format("{}: the connection is not encrypted, but the profile has tls: {}", object_,
                    settings_->tls == Tls::verify ? "verify" : "require"),
        "switch TLS on at the server; where plain text will do, leave tls out of the profile"};
  }
}

std::string Connection::ask_number() const {
  const StatementHandle statement = make_statement();
  const std::string number = SQL_SUCCEEDED(start(statement.get(), quirks_->own_number))
                                 ? first_text(statement.get(), 1)
                                 : std::string{};
  return std::all_of(number.begin(), number.end(), is_digit) ? number : std::string{};
}

void Connection::cancel(SQLHSTMT statement) const noexcept {
  if (quirks_->end_query.empty()) {
    SQLCancel(statement);
    return;
  }
  if (number_.empty()) {
    return;
  }
  constexpr long patience = 5;  // seconds
  try {
    auto settings = std::make_shared<Settings>(*settings_);
    settings->retry.attempts = 1;
    settings->login_timeout = std::min(settings->login_timeout, patience);
    const Connection other{std::move(settings), {}};
    other.execute(fmt::format(fmt::runtime(quirks_->end_query), number_));
  } catch (const std::exception&) {
    // The call ends by itself, and the stop is seen then.
  }
}

SQLRETURN Connection::start(SQLHSTMT statement, std::string_view sql) const {
  SQLRETURN code = SQL_SUCCESS;
  if (quirks_->sql_is_utf8) {
    std::string text{sql};
    code = SQLExecDirect(statement, reinterpret_cast<SQLCHAR*>(text.data()), SQL_NTS);
  } else {
    std::u16string text = to_utf16(sql);
    code = SQLExecDirectW(statement, wide_data(text), SQL_NTS);
  }
  return code == SQL_NO_DATA ? SQL_SUCCESS : code;
}

void Connection::run(SQLHSTMT statement, std::string_view sql) const {
  if (!SQL_SUCCEEDED(start(statement, sql))) {
    throw error(SQL_HANDLE_STMT, statement);
  }
}

Error Connection::error(SQLSMALLINT type, SQLHANDLE handle, Doing doing) const {
  Diagnostic diagnostic = read_diagnostic(type, handle);
  diagnostic.text = ports::SecretMask{settings_->password}.masked(diagnostic.text);
  return to_error(diagnostic, object_, doing);
}

}  // namespace mapctl::connectors::odbc

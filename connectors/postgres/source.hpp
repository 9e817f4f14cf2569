// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/connection.hpp"
#include "core/base/resilience.hpp"
#include "core/ports/connector.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::postgres {

enum class Dialect : std::uint8_t { postgresql, redshift };

// A profile as this connector understands it.
class Source {
 public:
  // Throws Error::configuration naming profile and option; what is secret is not repeated.
  explicit Source(const ports::ConnectorOptions& options);

  // Tries again as the profile's `retry:` says. Throws Error.
  std::unique_ptr<Connection> connect(std::stop_token stop) const;
  Dialect dialect(const Connection& connection) const noexcept;
  // Of the schemas to read, where a call does not say which.
  const catalog::NamePattern& schemas() const noexcept { return schemas_; }
  // What each transaction begins with: reads only, and spells values in one way.
  std::string begin(const Connection& connection, std::string_view isolation = {}) const;

 private:
  Secret conninfo_{};
  std::optional<Dialect> dialect_{};  // nothing: what the server looks like
  catalog::NamePattern schemas_{};
  std::chrono::milliseconds statement_timeout_{0};
  std::chrono::milliseconds silence_limit_{0};
  RetryRules retry_{};
};

// Whether the server keeps text without knowing its encoding.
bool has_unchecked_text(const Connection& connection) noexcept;

// Ends with commit(), or is rolled back; a connection that cannot even do that is closed.
class ReadTransaction {
 public:
  ReadTransaction(Connection& connection, const std::string& begin) : connection_{&connection} {
    connection.run(begin.c_str());
  }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction();
  void commit();

 private:
  Connection* connection_;
};

// The whole answer of one statement with bound texts.
class Answer {
 public:
  Answer(Connection& connection, const std::string& sql,
         const std::vector<std::string>& values = {});

  int rows() const noexcept { return rows_; }
  bool is_null(int row, int column) const noexcept {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  // Of null nothing; valid as long as the answer.
  std::string_view text(int row, int column) const noexcept {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  std::string string(int row, int column) const { return std::string{text(row, column)}; }
  std::int64_t integer(int row, int column) const noexcept;
  Oid oid(int row, int column) const noexcept { return static_cast<Oid>(integer(row, column)); }
  double real(int row, int column) const noexcept;
  bool flag(int row, int column) const noexcept { return text(row, column) == "t"; }

 private:
  ResultHandle result_;
  int rows_ = 0;
};

// "{1,2,3}", as the server reads arrays of numbers.
std::string array_of(const std::vector<Oid>& numbers);

// As a person would write it in SQL: quoted only where it must be.
std::string shown_identifier(std::string_view name);
std::string shown_table(const catalog::TableRef& table);
// "s"."t"
std::string quote_table(const catalog::TableRef& table);

}  // namespace mapctl::connectors::postgres

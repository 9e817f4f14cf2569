// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/connection.hpp"
#include "connectors/odbc/cursor.hpp"
#include "connectors/odbc/dialect.hpp"
#include "core/catalog/table.hpp"
#include "core/ports/connector.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::odbc {

// The rows of one table or view in bounded memory: as one query where the driver hands rows
// through, in pieces where it keeps whole results. Pieces follow the primary key where that can be
// compared, and are counted off where it cannot; all come from one state of the database.
class TableScan {
 public:
  struct Limits {
    std::int64_t rows = 0;  // 0: all
    bool brief = false;     // a part of long values is enough
  };
  // The connection must outlive it and do nothing else meanwhile.
  TableScan(const Connection& connection, const Dialect& dialect, const catalog::TableRef& ref,
            const catalog::Table& table, Limits limits, std::stop_token stop);
  TableScan(const TableScan&) = delete;
  TableScan& operator=(const TableScan&) = delete;
  ~TableScan();

  bool next();
  const Cursor& row() const noexcept { return *cursor_; }

 private:
  enum class Way : std::uint8_t { whole, by_key, by_count };
  struct KeyPart {
    std::size_t column = 0;  // in the table
    Parameter::Kind kind = Parameter::Kind::text;
  };

  void choose_way(const catalog::Table& table);
  std::string conditions() const;
  void start_piece();
  void remember_key();

  const Connection* connection_;
  const Dialect* dialect_;
  std::stop_token stop_;
  Limits limits_;
  Way way_ = Way::whole;
  bool in_transaction_ = false;
  std::string list_{}, from_{}, order_{};
  std::vector<KeyPart> key_{};
  std::vector<std::string> key_columns_{};  // quoted
  std::vector<Parameter> last_key_{};
  std::int64_t piece_rows_;    // asked for
  std::int64_t in_piece_ = 0;  // given of it
  std::int64_t rows_ = 0;
  bool at_end_ = false;
  std::unique_ptr<Cursor> cursor_{};
};

// Whether the rows of the table can be read in pieces by its primary key.
bool key_orders_rows(const catalog::Table& table);

std::string quote_identifier(const Dialect& dialect, std::string_view name);
std::string quote_table(const Dialect& dialect, const catalog::TableRef& table);

// Statistics of each column from one pass over at most scope.statistics_rows rows.
void profile_table(const Connection& connection, const Dialect& dialect,
                   const catalog::TableRef& ref, catalog::Table& table,
                   const ports::DiscoveryScope& scope, const std::stop_token& stop);

std::string to_hex(std::string_view bytes);  // lower case

}  // namespace mapctl::connectors::odbc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/connection.hpp"
#include "connectors/odbc/cursor.hpp"
#include "connectors/odbc/dialect.hpp"
#include "core/catalog/table.hpp"
#include "core/ports/connector.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::connectors::odbc {

// Puts a catalog together from rows in any order, of whatever shape a dialect asks for.
class CatalogBuilder {
 public:
  CatalogBuilder(const Dialect& dialect, const ports::DiscoveryScope& scope)
      : dialect_{&dialect}, scope_{&scope} {}

  // Tables first: rows of tables that are not wanted are left aside.
  void add(Shape shape, std::span<const Field> row);
  // Instead, columns of all tables are kept for a take_columns() of another builder.
  void expect_columns_first() noexcept { columns_first_ = true; }
  void take_columns(CatalogBuilder&& from);
  // The type behind a native name, where the name alone does not tell.
  void know(catalog::DataType type);
  // What failed for one table only.
  void warn(const catalog::TableRef& table, const Error& problem);
  void warn(catalog::DiscoveryWarning warning) { warnings_.push_back(std::move(warning)); }
  std::vector<catalog::TableRef> tables() const;  // sorted
  // Sorted: the tables of which something was cut off, whose columns are to be added again.
  std::vector<catalog::TableRef> forget_cut_columns();
  // Of rows of Shape::mark, together.
  const std::string& mark() const noexcept { return mark_; }
  // Throws Error::invalid_data when the one table that was asked for has no columns.
  catalog::Catalog finish();

 private:
  struct KeyPart {
    std::int64_t place = 0;
    std::optional<catalog::ColumnName> column{};
  };
  struct Key {
    bool primary = false;
    std::vector<KeyPart> parts{};
  };
  struct ReferencePart {
    std::int64_t place = 0;
    catalog::ColumnName column{}, referenced{};
  };
  struct Reference {
    catalog::TableRef to{};
    std::vector<ReferencePart> parts{};
  };
  struct Found {
    catalog::Table table{};
    bool has_cut_columns = false;
    std::map<std::string, Key> keys{};
    std::map<std::string, Reference> references{};
  };
  struct KnownType {
    catalog::DataType type{};
    std::vector<std::string> values{};
  };
  struct SplitReference {
    catalog::TableRef from{}, to{};
    std::string name{};
    std::vector<ReferencePart> parts{};
  };

  Found* find(Field schema, Field table);
  void add_table(std::span<const Field> row);
  void add_column(std::span<const Field> row);
  void add_key(std::span<const Field> row);
  void add_reference(std::span<const Field> row);
  void add_split_reference(std::span<const Field> row);
  void join_split_references();
  void take_keys(Found& found) const;

  const Dialect* dialect_;
  const ports::DiscoveryScope* scope_;
  std::map<catalog::TableRef, Found> tables_{};
  std::map<std::string, SplitReference> split_references_{};
  std::unordered_map<std::string, KnownType> types_{};  // by native name
  catalog::TableRef last_ref_{};
  Found* last_ = nullptr;
  bool columns_first_ = false;
  std::vector<catalog::DiscoveryWarning> warnings_{};
  std::string mark_{};
};

// A further connection to the same server, called in another thread; may throw.
using OtherConnection = std::function<std::shared_ptr<const Connection>()>;

// Everything that the scope asks for but statistics, in as many queries as the dialect has,
// whatever the number of tables; the generic dialect asks two questions for each table's keys.
// Half of it is asked over another connection where the dialect can be halved and there is one.
catalog::Catalog read_catalog(const Connection& connection, const Dialect& dialect,
                              const ports::DiscoveryScope& scope, const std::stop_token& stop,
                              const OtherConnection& other = {});

// What ports::ChangeMarked wants; nothing where the dialect has no question for it.
std::optional<std::string> read_change_mark(const Connection& connection, const Dialect& dialect,
                                            const std::stop_token& stop);

// By SQLTables, SQLColumns, SQLPrimaryKeys and SQLForeignKeys.
void read_standard_catalog(const Connection& connection, const Dialect& dialect,
                           const ports::DiscoveryScope& scope, CatalogBuilder& builder,
                           const std::stop_token& stop);

// The type in the server's spelling, completed by what SQLColumns tells beside it. `sql_type` is
// its number for the type; nothing for what the driver does not say.
catalog::DataType standard_type(std::string_view name, int sql_type,
                                std::optional<std::int64_t> size,
                                std::optional<std::int64_t> digits);

}  // namespace mapctl::connectors::odbc

// SPDX-License-Identifier: Apache-2.0
#include "core/registry/lineage.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/registry/all_tenants.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <variant>

namespace mapctl::registry {
namespace {

using Kind = LineageKind;

constexpr std::array columns{
    LineageColumn{"id", Kind::text},
    LineageColumn{"source_system", Kind::text},
    LineageColumn{"source_table", Kind::text},
    LineageColumn{"source_field", Kind::text},
    LineageColumn{"target_entity", Kind::text},
    LineageColumn{"target_field", Kind::text},
    LineageColumn{"mapping_type", Kind::text},
    LineageColumn{"confidence_score", Kind::number},
    LineageColumn{"transformation_rule", Kind::json},
    LineageColumn{"validation_status", Kind::text},
    LineageColumn{"success_rate", Kind::number},
    LineageColumn{"avg_processing_time_ms", Kind::number},
    LineageColumn{"error_count", Kind::number},
    LineageColumn{"mapping_source", Kind::text},
    LineageColumn{"status", Kind::text},
    LineageColumn{"created_at", Kind::text},
    LineageColumn{"updated_at", Kind::text},
    LineageColumn{"created_by_email", Kind::text},
    LineageColumn{"updated_by_email", Kind::text},
};

// The rows of the view. SQLite computes it, and left to itself it would sort all of a tenant's rows
// for each page; from connector to mapping it reads them in the order of their sources.
constexpr std::string_view walked_by_source =
    " FROM (SELECT m.id, c.connector_name AS source_system, m.source_table, m.source_field, "
    "m.canonical_entity AS target_entity, m.canonical_field AS target_field, m.mapping_type, "
    "m.confidence_score, m.transformation_rule, m.validation_status, m.success_rate, "
    "m.avg_processing_time_ms, m.error_count, m.mapping_source, m.status, m.created_at, "
    "m.updated_at, created.email AS created_by_email, updated.email AS updated_by_email, "
    "c.tenant_id FROM connector_definitions c CROSS JOIN field_mappings m ON m.tenant_id = "
    "c.tenant_id AND m.connector_id = c.id LEFT JOIN users created ON created.id = m.created_by "
    "AND created.tenant_id = m.tenant_id LEFT JOIN users updated ON updated.id = m.updated_by AND "
    "updated.tenant_id = m.tenant_id) AS grid";

constexpr std::string_view searched =
    "lower(source_system || ' ' || source_table || ' ' || source_field || ' ' || target_entity || "
    "' ' || target_field || ' ' || status || ' ' || mapping_source || ' ' || mapping_type)";

const LineageColumn& column_of(std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& column) { return column.name == name; });
  if (found == columns.end()) {
    std::vector<std::string> known;
    for (const LineageColumn& column : columns) {
      known.emplace_back(column.name);
    }
    throw Error{ErrorCode::usage, fmt::format("the lineage grid has no column '{}'", name),
                suggestion(name, known)};
  }
  return *found;
}

// LIKE takes no pattern from outside: what it would read as one is escaped with '!'.
std::string like_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char character : to_lower(text)) {
    if (character == '%' || character == '_' || character == '!') {
      pattern += '!';
    }
    pattern += character;
  }
  return pattern + '%';
}

// SQL with values bound beside it; names of columns come from the list above only.
class Statement {
 public:
  // `in_order`: the rows are wanted in the order of their sources.
  Statement(const std::string& tenant, ports::SqlDialect dialect, bool in_order) {
    for (const LineageColumn& column : columns) {
      sql_ += fmt::format("{}{}", sql_.empty() ? "SELECT " : ", ", column.name);
    }
    sql_ += dialect == ports::SqlDialect::sqlite ? walked_by_source
            : in_order                           ? " FROM mapping_lineage_pages"
                                                 : " FROM mapping_lineage_grid";
    sql_ += " WHERE tenant_id = " + bound(tenant);
  }
  std::string& sql() noexcept { return sql_; }
  std::string bound(std::string value) {
    values_.emplace_back(std::move(value));
    return fmt::format("${}", values_.size());
  }
  std::string bound(double value) {
    values_.emplace_back(value);
    return fmt::format("${}", values_.size());
  }
  std::unique_ptr<ports::SqlStatement> prepare(ports::SqlSession& session) const {
    auto statement = session.prepare(sql_);
    int parameter = 0;
    for (const auto& value : values_) {
      ++parameter;
      std::visit([&](const auto& bind) { statement->bind(parameter, bind); }, value);
    }
    return statement;
  }

 private:
  std::string sql_{};
  std::vector<std::variant<std::string, double>> values_{};
};

std::string condition(Statement& statement, const LineageTerm& term) {
  const LineageColumn& column = column_of(term.column);
  if (term.op == "~") {
    const std::string text = column.kind == Kind::text
                                 ? std::string{column.name}
                                 : fmt::format("CAST({} AS text)", column.name);
    return fmt::format("lower({}) LIKE {} ESCAPE '!'", text,
                       statement.bound(like_pattern(term.value)));
  }
  const std::string op = term.op == "!=" ? "<>" : term.op;
  if (column.kind == Kind::number) {
    double value = 0;
    const char* end = term.value.data() + term.value.size();
    const auto [rest, problem] = std::from_chars(term.value.data(), end, value);
    if (problem != std::errc{} || rest != end) {
      throw Error{ErrorCode::usage,
                  fmt::format("'{}' is no number to compare '{}' with", term.value, column.name),
                  fmt::format("write for example {}>=0.8", column.name)};
    }
    return fmt::format("{} {} {}", column.name, op, statement.bound(value));
  }
  if (column.kind == Kind::json || column.name == "id") {
    return fmt::format("CAST({} AS text) {} {}", column.name, op, statement.bound(term.value));
  }
  return fmt::format("{} {} {}", column.name, op, statement.bound(term.value));
}

void add_order(std::string& sql, const std::vector<std::string>& sort, ports::SqlDialect dialect) {
  sql += " ORDER BY ";
  if (sort.empty() && dialect == ports::SqlDialect::postgresql) {
    sql += "sort_key, ";
  }
  for (const std::string& key : sort) {
    const bool falling = key.starts_with('-');
    sql += fmt::format("{}{}, ", column_of(falling ? std::string_view{key}.substr(1) : key).name,
                       falling ? " DESC" : "");
  }
  sql += sort.empty() ? "source_system, source_table, source_field, target_entity, target_field, id"
                      : "id";
}

}  // namespace

std::span<const LineageColumn> lineage_columns() noexcept {
  return columns;
}

LineageTerm parse_lineage_term(std::string_view text) {
  const std::size_t at = text.find_first_of("=!<>~");
  if (at == text.npos || at == 0) {
    throw Error{ErrorCode::usage, fmt::format("'{}' is no condition", text),
                "write COLUMN=VALUE, with one of = != < <= > >= ~ (contains)"};
  }
  LineageTerm term;
  term.column = trim(text.substr(0, at));
  const bool two =
      at + 1 < text.size() && text[at + 1] == '=' && text[at] != '=' && text[at] != '~';
  term.op = text.substr(at, two ? 2 : 1);
  if (term.op == "!") {
    throw Error{ErrorCode::usage, fmt::format("'{}' is no condition", text),
                "write COLUMN!=VALUE for what differs"};
  }
  term.value = trim(text.substr(at + term.op.size()));
  column_of(term.column);
  return term;
}

std::size_t for_each_lineage_row(Registry& registry, const LineageQuery& query,
                                 const std::function<void(std::span<const std::string>)>& visit) {
  RegistryState& state = registry.state();
  const ports::SqlDialect dialect = state.session->dialect();
  Statement statement{state.tenant, dialect, query.sort.empty()};
  for (const auto& any_of : query.all_of) {
    std::string group;
    for (const LineageTerm& term : any_of) {
      group += (group.empty() ? "" : " OR ") + condition(statement, term);
    }
    if (!group.empty()) {
      statement.sql() += " AND (" + group + ")";
    }
  }
  for (const std::string_view word : split(query.search, ' ')) {
    if (!trim(word).empty()) {
      statement.sql() += fmt::format(" AND {} LIKE {} ESCAPE '!'", searched,
                                     statement.bound(like_pattern(trim(word))));
    }
  }
  add_order(statement.sql(), query.sort, dialect);
  if (query.limit != 0 || query.offset != 0) {
    statement.sql() += fmt::format(
        " LIMIT {} OFFSET {}",
        query.limit == 0 ? std::int64_t{1} << 62U : static_cast<std::int64_t>(query.limit),
        query.offset);
  }
  const auto select = statement.prepare(*state.session);
  std::array<std::string, columns.size()> row;
  std::size_t count = 0;
  for (; select->step(); ++count) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = select->text(static_cast<int>(i));
    }
    visit(row);
  }
  return count;
}

bool refresh_lineage(Registry& registry) {
  RegistryState& state = registry.state();
  if (state.session->dialect() == ports::SqlDialect::sqlite) {
    return false;
  }
  state.require(Role::analyst, "refresh the lineage grid");
  // The view is one for all tenants, so what fills it must see all of them. It reads what is
  // committed and stands in no queue of writers: they go on meanwhile, as readers do.
  const AllTenants all{*state.session, state.tenant};
  state.session->execute("REFRESH MATERIALIZED VIEW CONCURRENTLY mv_mapping_lineage_grid");
  return true;
}

}  // namespace mapctl::registry

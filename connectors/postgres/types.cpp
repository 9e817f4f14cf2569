// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/types.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

namespace mapctl::connectors::postgres {
namespace {

using catalog::DataType;
using catalog::LogicalType;

constexpr Oid single_byte_char = 18;  // "char", with the quotes

// What a type can hold by its category, where its name says nothing to us.
LogicalType by_category(char category) noexcept {
  switch (category) {
    case 'A': return LogicalType::array;
    case 'B': return LogicalType::boolean;
    case 'C': return LogicalType::object;
    case 'D': return LogicalType::timestamp;
    case 'E':
    case 'I':
    case 'R':
    case 'S': return LogicalType::string;
    case 'N': return LogicalType::decimal;
    case 'T': return LogicalType::interval;
    default: return LogicalType::unknown;
  }
}

// Types of extensions and users are spelled with their schema, which says nothing about them.
std::string without_schema(const std::string& name, const std::string& spelled) {
  const auto arguments = spelled.find('(');
  return spelled.find('.') < arguments
             ? name + (arguments == spelled.npos ? std::string{} : spelled.substr(arguments))
             : spelled;
}

}  // namespace

Types::Types(Connection& connection) {
  // Not the row types that every table has, nor arrays of them.
  const Answer types{connection,
                     "SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype, "
                     "t.typtypmod, t.typelem, t.typnotnull, t.typdefault FROM pg_catalog.pg_type t "
                     "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem "
                     "WHERE t.typtype <> 'c' AND e.typtype IS DISTINCT FROM 'c' ORDER BY t.oid"};
  entries_.reserve(static_cast<std::size_t>(types.rows()));
  for (int row = 0; row < types.rows(); ++row) {
    Entry& entry = entries_[types.oid(row, 0)];
    entry.name = types.text(row, 1);
    entry.kind = types.text(row, 2).front();
    entry.category = types.text(row, 3).front();
    entry.base = types.oid(row, 4);
    entry.base_modifier = static_cast<int>(types.integer(row, 5));
    entry.element = types.oid(row, 6);
    entry.not_null = types.flag(row, 7);
    if (!types.is_null(row, 8)) {
      entry.default_value = types.string(row, 8);
    }
  }
  const Answer labels{connection,
                      "SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum "
                      "ORDER BY enumtypid, enumsortorder"};
  for (int row = 0; row < labels.rows(); ++row) {
    entries_[labels.oid(row, 0)].labels.push_back(labels.string(row, 1));
  }
}

const Types::Entry* Types::find(Oid type) const noexcept {
  const auto found = entries_.find(type);
  return found == entries_.end() ? nullptr : &found->second;
}

void Types::want(Oid type, int modifier) {
  for (;;) {
    if (!names_.try_emplace({type, modifier}).second) {
      return;
    }
    const Entry* entry = find(type);
    if (entry == nullptr || entry->kind != 'd') {
      return;
    }
    type = entry->base;
    modifier = entry->base_modifier;
  }
}

void Types::read_names(Connection& connection) {
  std::vector<Oid> types;
  std::string modifiers = "{";
  for (const auto& [key, name] : names_) {
    types.push_back(key.first);
    modifiers += fmt::format("{}{}", modifiers.size() > 1 ? "," : "", key.second);
  }
  const Answer names{connection,
                     "SELECT w.type, w.modifier, pg_catalog.format_type(w.type, w.modifier) "
                     "FROM unnest($1::oid[], $2::int4[]) AS w(type, modifier) ORDER BY 1, 2",
                     {array_of(types), modifiers + "}"}};
  for (int row = 0; row < names.rows(); ++row) {
    names_[{names.oid(row, 0), static_cast<int>(names.integer(row, 1))}] = names.text(row, 2);
  }
}

const std::string& Types::name_of(const Key& key) const {
  static const std::string unknown = "???";
  const auto found = names_.find(key);
  return found == names_.end() ? unknown : found->second;
}

const ResolvedType& Types::resolve(Oid type, int modifier) {
  const auto [found, is_new] = resolved_.try_emplace({type, modifier});
  if (is_new) {
    found->second = read(type, modifier);
  }
  return found->second;
}

void Types::set_allowed_values(Oid domain, std::vector<std::string> values) {
  if (const auto found = entries_.find(domain); found != entries_.end()) {
    found->second.labels = std::move(values);
  }
}

ResolvedType Types::read(Oid type, int modifier) const {
  ResolvedType resolved;
  const std::string& native = name_of({type, modifier});
  const Entry* entry = find(type);
  for (; entry != nullptr && entry->kind == 'd'; entry = find(type)) {
    resolved.not_null = resolved.not_null || entry->not_null;
    if (!resolved.default_value) {
      resolved.default_value = entry->default_value;
    }
    if (resolved.allowed_values.empty()) {
      resolved.allowed_values = entry->labels;
    }
    type = entry->base;
    modifier = entry->base_modifier;
  }
  resolved.base = type;
  resolved.kind = entry == nullptr ? 'c' : entry->kind;
  resolved.type = base_type(type, modifier);
  resolved.type.native = native;
  if (resolved.kind == 'e') {
    resolved.allowed_values = entry->labels;
  }
  return resolved;
}

DataType Types::base_type(Oid type, int modifier) const {
  const std::string& spelled = name_of({type, modifier});
  const Entry* entry = find(type);
  DataType result;
  if (entry == nullptr) {  // a row type
    result.logical = spelled.ends_with("[]") ? LogicalType::array : LogicalType::object;
    result.element = spelled.ends_with("[]") ? LogicalType::object : LogicalType::unknown;
    return result;
  }
  if (type == single_byte_char) {
    result.logical = LogicalType::string;
    result.length = 1;
    result.length_in_bytes = true;
    return result;
  }
  if (entry->category == 'A' && entry->element != 0) {
    result.logical = LogicalType::array;
    result.element = element_type(entry->element);
    return result;
  }
  if (entry->kind == 'b') {
    result = catalog::parse_data_type(without_schema(entry->name, spelled));
  }
  if (result.logical == LogicalType::unknown) {
    result.logical = entry->kind == 'm' ? LogicalType::array : by_category(entry->category);
    result.element = entry->kind == 'm' ? LogicalType::string : LogicalType::unknown;
  }
  return result;
}

LogicalType Types::element_type(Oid type) const {
  const Entry* entry = find(type);
  while (entry != nullptr && entry->kind == 'd') {
    entry = find(entry->base);
  }
  if (entry == nullptr) {
    return LogicalType::object;
  }
  const LogicalType parsed =
      entry->kind == 'b' ? catalog::parse_data_type(entry->name).logical : LogicalType::unknown;
  return parsed == LogicalType::unknown ? by_category(entry->category) : parsed;
}

namespace {

// Reads one literal of a list, with the cast behind it, and what separates it from the next.
// False where the text is something else.
bool take_literal(std::string_view& text, std::string& value, bool& is_last) {
  value.clear();
  text = trim(text);
  if (text.starts_with('\'')) {
    std::size_t at = 1;
    for (; at < text.size(); ++at) {
      if (text[at] == '\'' && (at + 1 == text.size() || text[at + 1] != '\'')) {
        break;
      }
      at += text[at] == '\'' ? 1 : 0;
      value += text[at];
    }
    if (at >= text.size()) {
      return false;
    }
    text.remove_prefix(at + 1);
  } else {
    const std::size_t end = text.find_first_not_of("0123456789.-+");
    value = text.substr(0, end);
    text.remove_prefix(std::min(end, text.size()));
  }
  if (value.find('\\') != value.npos) {
    return false;  // an escape string is spelled differently
  }
  const std::size_t next = text.find_first_of(",]");
  if (next == text.npos || text.substr(0, next).find('\'') != text.npos) {
    return false;
  }
  const std::string_view cast = trim(text.substr(0, next));
  is_last = text[next] == ']';
  text.remove_prefix(next + 1);
  return cast.empty() || cast.starts_with("::");
}

}  // namespace

std::vector<std::string> listed_values(std::string_view definition) {
  constexpr std::string_view opening = "ARRAY[";
  const std::size_t any = definition.find(" = ANY (");
  const std::size_t list = definition.find(opening);
  if (!definition.starts_with("CHECK (") || any == definition.npos || list == definition.npos ||
      list < any) {
    return {};
  }
  // A column or VALUE, perhaps with a cast, and nothing that makes the check more than a list.
  const std::string_view subject = definition.substr(7, any - 7);
  for (const std::string_view more : {" AND ", " OR ", "NOT ", "lower(", "upper(", "'"}) {
    if (subject.find(more) != subject.npos) {
      return {};
    }
  }
  std::string_view rest = definition.substr(list + opening.size());
  std::vector<std::string> values;
  for (bool is_last = false; !is_last;) {
    std::string value;
    if (!take_literal(rest, value, is_last)) {
      return {};
    }
    values.push_back(std::move(value));
  }
  for (const std::string_view more : {" AND ", " OR "}) {
    if (rest.find(more) != rest.npos) {
      return {};
    }
  }
  return values;
}

}  // namespace mapctl::connectors::postgres

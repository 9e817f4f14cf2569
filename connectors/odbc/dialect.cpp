// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/dialect.hpp"

#include "core/base/text.hpp"

#include <array>

namespace mapctl::connectors::odbc {

const Dialect& generic_dialect() {
  static const Dialect dialect = [] {
    Dialect made;
    made.name = "generic";
    made.type = &catalog::parse_data_type;
    made.grant = "ask the owner of the tables for GRANT SELECT";
    return made;
  }();
  return dialect;
}

const Dialect& choose_dialect(DialectChoice choice, std::string_view product) {
  switch (choice) {
    case DialectChoice::mysql: return mysql_dialect();
    case DialectChoice::sqlserver: return sqlserver_dialect();
    case DialectChoice::generic: return generic_dialect();
    case DialectChoice::automatic: break;
  }
  const std::string name = to_lower(product);
  const std::array known{&mysql_dialect(), &sqlserver_dialect()};
  for (const Dialect* dialect : known) {
    for (const std::string_view start : split(dialect->product, '|')) {
      if (name.starts_with(start)) {
        return *dialect;
      }
    }
  }
  return generic_dialect();
}

std::string type_word(std::string_view native) {
  return to_lower(native.substr(0, native.find_first_of("( ")));
}

std::vector<std::string> listed_values(std::string_view native) {
  std::vector<std::string> values;
  const std::string word = type_word(native);
  if (word != "enum" && word != "set") {
    return values;
  }
  for (std::size_t i = native.find('('); i < native.size(); ++i) {
    if (native[i] != '\'') {
      continue;
    }
    std::string& value = values.emplace_back();
    for (++i; i < native.size(); ++i) {
      if (native[i] == '\'' && (i + 1 >= native.size() || native[i + 1] != '\'')) {
        break;
      }
      if (native[i] == '\'' || (native[i] == '\\' && i + 1 < native.size())) {
        ++i;
      }
      value += native[i];
    }
  }
  return values;
}

}  // namespace mapctl::connectors::odbc

// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/subject.hpp"

#include <algorithm>

namespace mapctl::test {

std::string without_final_zeros(std::string value, bool keep_point) {
  if (value.find('.') == std::string::npos) {
    return value;
  }
  value.resize(value.find_last_not_of('0') + 1);
  if (value.back() == '.') {
    keep_point ? value.push_back('0') : value.pop_back();
  }
  return value;
}

std::vector<SampleTable> Subject::tables() const {
  std::vector<SampleTable> tables = sample();
  const auto rename = [&](std::string& name) { name = name_of(name); };
  for (SampleTable& table : tables) {
    rename(table.name);
    for (SampleColumn& column : table.columns) {
      rename(column.name);
    }
    std::for_each(table.primary_key.begin(), table.primary_key.end(), rename);
    for (SampleKey& key : table.foreign_keys) {
      rename(key.table);
      std::for_each(key.columns.begin(), key.columns.end(), rename);
      std::for_each(key.referenced.begin(), key.referenced.end(), rename);
    }
  }
  std::sort(tables.begin(), tables.end(), [](const SampleTable& left, const SampleTable& right) {
    return left.name < right.name;
  });
  return tables;
}

const std::vector<std::unique_ptr<Subject>>& subjects() {
  static const auto made = [] {
    std::vector<std::unique_ptr<Subject>> list;
#if defined(MAPCTL_TEST_COUCHDB)
    list.push_back(make_couchdb_subject());
#endif
#if defined(MAPCTL_TEST_DUCKDB)
    list.push_back(make_csv_subject());
    list.push_back(make_json_subject());
    list.push_back(make_json_lines_subject());
    list.push_back(make_parquet_subject());
#endif
#if defined(MAPCTL_TEST_DICTIONARY)
    list.push_back(make_dictionary_subject());
    list.push_back(make_entity_subject());
#endif
#if defined(MAPCTL_TEST_MONGODB)
    list.push_back(make_mongodb_subject());
#endif
#if defined(MAPCTL_TEST_ODBC)
    for (const auto make :
         {&make_odbc_mariadb_subject, &make_odbc_postgres_subject, &make_odbc_sqlite_subject}) {
      if (auto subject = make()) {
        list.push_back(std::move(subject));
      }
    }
#endif
#if defined(MAPCTL_TEST_POSTGRES)
    list.push_back(make_postgres_subject());
    list.push_back(make_redshift_subject());
#endif
#if defined(MAPCTL_TEST_REST)
    list.push_back(make_rest_subject());
#endif
#if defined(MAPCTL_TEST_SALESFORCE)
    list.push_back(make_salesforce_subject());
#endif
#if defined(MAPCTL_TEST_SQLITE)
    list.push_back(make_sqlite_subject());
#endif
    return list;
  }();
  return made;
}

}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "tests/conformance/sample.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::test {

// One connector over the sample that it has built in its system, and how it differs. What differs
// is declared here; the suite asks no subject for its name.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual std::string name() const = 0;
  virtual const ports::ConnectorFactory& factory() const = 0;
  virtual ports::ConnectorOptions options() const = 0;
  // Options that name something that is not there.
  virtual ports::ConnectorOptions options_of_nothing() const = 0;

  // How the system calls a table or column of the sample.
  virtual std::string name_of(const std::string& name) const { return name; }
  // The sample as it is in the system, by name: with the names above, and the columns and keys
  // that the system itself adds or has instead.
  virtual std::vector<SampleTable> tables() const;

  // Schema of the sample's tables.
  virtual std::string schema() const { return {}; }
  virtual catalog::TableKind kind() const { return catalog::TableKind::table; }
  // How the system calls a type of the sample.
  virtual catalog::LogicalType type(catalog::LogicalType of_sample) const { return of_sample; }
  // How the connector's reader spells a value of the sample.
  virtual std::string spelling(catalog::LogicalType /*type*/, const std::string& value) const {
    return value;
  }
  // Rows come as they were put in; else in an order of the system's own.
  virtual bool keeps_row_order() const { return true; }
  // Rows are counted one by one when a catalog is read; else the system's own estimate is told.
  virtual bool counts_exactly() const { return true; }
  // A slip in an option's name, and the option that is offered instead.
  virtual std::pair<std::string, std::string> misspelt_option() const { return {"pathh", "path"}; }
  // Primary and foreign keys and "not null" are kept.
  virtual bool keeps_keys() const { return true; }
  virtual bool keeps_composite_references() const { return keeps_keys(); }
  // Row counts of discovery are the system's estimates, or unknown, until rows are read.
  virtual bool estimates_rows() const { return false; }

  std::unique_ptr<ports::Connector> open() const { return factory().open(options(), {}); }
};

// "12.50" as "12.5", "1000.00" as "1000" and with `keep_point` as "1000.0".
std::string without_final_zeros(std::string value, bool keep_point);

std::unique_ptr<Subject> make_couchdb_subject();
std::unique_ptr<Subject> make_csv_subject();
std::unique_ptr<Subject> make_json_subject();
std::unique_ptr<Subject> make_json_lines_subject();
std::unique_ptr<Subject> make_parquet_subject();
std::unique_ptr<Subject> make_dictionary_subject();
std::unique_ptr<Subject> make_entity_subject();
std::unique_ptr<Subject> make_mongodb_subject();
// Through three drivers. Nothing where server or driver is missing; suite_test.cpp says so.
std::unique_ptr<Subject> make_odbc_mariadb_subject();
std::unique_ptr<Subject> make_odbc_postgres_subject();
std::unique_ptr<Subject> make_odbc_sqlite_subject();
std::unique_ptr<Subject> make_postgres_subject();
std::unique_ptr<Subject> make_redshift_subject();
std::unique_ptr<Subject> make_rest_subject();
std::unique_ptr<Subject> make_salesforce_subject();
std::unique_ptr<Subject> make_sqlite_subject();

// All that this build has, made once.
const std::vector<std::unique_ptr<Subject>>& subjects();

}  // namespace mapctl::test

// SPDX-License-Identifier: Apache-2.0
// Writes rules as SQL: reads lines of a system, a target type, the number of source columns and a
// transformation, with a tab between, and answers each with its expression or "! " and why not.
#include "core/base/text.hpp"
#include "core/catalog/types.hpp"
#include "core/mapping/transform_text.hpp"
#include "core/report/sql_expression.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <exception>
#include <iostream>
#include <string>

using namespace mapctl;

int main() {
  try {
    for (std::string line; std::getline(std::cin, line);) {
      const auto parts = split(line, '\t');
      auto pair = test::plain_pair(1, std::stoul(std::string{parts.at(2)}));
      pair.target.table.columns[0].type = catalog::parse_data_type(parts.at(1));
      pair.proposal.fields[0] = test::field(
          "column_1",
          {test::candidate("column_1", 0.9, mapping::transformation_from_text(parts.at(3)))});
      const auto rows = report::mapping_rows({}, pair);
      const auto expression =
          report::sql_expression(report::sql_target_from(parts.at(0)).value(), rows.front());
      std::cout << (expression.note.empty() ? expression.text : "! " + expression.note) << '\n';
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

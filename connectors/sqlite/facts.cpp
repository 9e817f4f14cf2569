// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/facts.hpp"

namespace mapctl::connectors::sqlite {

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "custom";
  facts.reason = "its own library, whose pragmas tell the catalog and the types of values";
  facts.tested = "SQLite files of the tests";
  return facts;
}

}  // namespace mapctl::connectors::sqlite

// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/facts.hpp"

namespace mapctl::connectors::dictionary {

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "generic";
  facts.reason = "columns of any dictionary are found by their headings, entities have one format";
  facts.tested = "files of the tests";
  return facts;
}

}  // namespace mapctl::connectors::dictionary

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/names.hpp"
#include "core/mapping/proposal.hpp"
#include "core/registry/evidence.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// The form in which a job's fields are kept: all fields of a pair as one value, each text and each
// piece of evidence once, numbers bit by bit. It is a tenth of the same as JSON, and so are the
// times to write and to read it. A candidate's table is left out where it is `target_table`.
std::string fields_to_bytes(const std::vector<mapping::FieldProposal>& fields,
                            const catalog::TableRef& target_table);

// Throws Error::invalid_data naming `what`.
std::vector<mapping::FieldProposal> fields_from_bytes(std::string_view bytes,
                                                      const catalog::TableRef& target_table,
                                                      SignalNames& names, std::string_view what);

}  // namespace mapctl::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/names.hpp"
#include "core/mapping/proposal.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// Signal names of evidence that was read back; a node-based set, so views into it stay valid.
using SignalNames = std::set<std::string, std::less<>>;

// The JSON in which proposals are kept, with the keys of mapctl.proposal/1, but evidence as
// [signal, score, weight, detail]. Numbers read back are exactly those written. A candidate's
// table is left out where it is the pair's own.
void append_number(std::string& out, double value);
void append_text(std::string& out, std::string_view text);  // as JSON string
std::string candidates_to_json(const std::vector<mapping::Candidate>& candidates,
                               const catalog::TableRef& target_table);
std::string evidence_to_json(const std::vector<mapping::Evidence>& evidence);
std::string decision_to_json(const std::vector<std::size_t>& decision);
std::string unmapped_to_json(const std::vector<mapping::UnmappedTarget>& unmapped);
// Whether two texts are the same JSON: PostgreSQL keeps the members of objects in an order of its
// own. Empty texts are equal to each other only.
bool same_json(std::string_view left, std::string_view right);
// Empty for a direct copy.
std::string transformation_to_json(const mapping::Transformation& transformation);

// The ways back; throw Error::invalid_data naming `what`.
std::vector<mapping::Candidate> candidates_from_json(std::string_view json,
                                                     const catalog::TableRef& target_table,
                                                     SignalNames& names, std::string_view what);
std::vector<mapping::Evidence> evidence_from_json(std::string_view json, SignalNames& names,
                                                  std::string_view what);
std::vector<std::size_t> decision_from_json(std::string_view json, std::size_t candidates,
                                            std::string_view what);
std::vector<mapping::UnmappedTarget> unmapped_from_json(std::string_view json,
                                                        std::string_view what);

}  // namespace mapctl::registry

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"

#include <vector>

// Readers of the maps inside a stream. Each throws Error::configuration with the place.
namespace mapctl::connectors::rest {

void read_named(const config::YamlNode* node, NamedTemplates& values);  // replaces equal names
std::vector<Template> read_record_path(const config::YamlNode& node);
Paging read_paging(const config::YamlNode& node);
Incremental read_incremental(const config::YamlNode& node);
Partition::Parent read_parent(const config::YamlNode& node);
Partition read_partition(const config::YamlNode& node);
Change read_change(const config::YamlNode& node);
std::vector<ErrorRule> read_errors(const config::YamlNode& node);
std::vector<Backoff> read_waits(const config::YamlNode& node);
Each read_each(const config::YamlNode& node);
std::vector<Reference> read_references(const config::YamlNode& node);

}  // namespace mapctl::connectors::rest

// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/info.hpp"

namespace mapctl::connectors::mongodb {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "mongodb";
  info.description = "MongoDB: collections are tables, described by samples and validators";
  info.kind = "database";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.counts_rows = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  const auto add = [&](const char* name, const char* description, bool required = false,
                       bool is_path = false) {
    info.options.push_back({name, description, required, is_path, false});
  };
  add("url",
      "mongodb://host:27017, several hosts with commas between them, or mongodb+srv://name, "
      "without user and password",
      true);
  add("replica_set",
      "name of the replica set that the host is a member of, whose others are found");
  add("databases", "globs of the databases to look at; all but the system's own if not set");
  add("auth_source", "database that knows the user, admin if not set");
  add("sample_documents", "documents that columns are found from, 1000 if not set");
  add("ca_file", "certificates to trust instead of the system's; switches TLS on", false, true);
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "custom";
  facts.reason =
      "documents have no catalog: fields are found from a sample, validators and indexes";
  facts.authentication = {"password"};
  facts.tested = "a local simulation of its wire protocol; a MongoDB-compatible server on request";
  return facts;
}

}  // namespace mapctl::connectors::mongodb

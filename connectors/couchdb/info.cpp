// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/info.hpp"

namespace mapctl::connectors::couchdb {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "couchdb";
  info.description = "CouchDB: databases are tables, or schemas with a table a kind of document";
  info.kind = "database";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  const auto add = [&](const char* name, const char* description, bool required = false,
                       bool is_path = false) {
    info.options.push_back({name, description, required, is_path, false});
  };
  add("url", "https://host:6984, with a path where CouchDB is behind one", true);
  add("databases", "globs of the databases to look at; all but the system's own if not set");
  add("type_field",
      "field that tells the kind of a document, such as type: each kind becomes a table");
  add("read_with", "all_docs, find or changes: how documents are fetched, all_docs if not set");
  add("sample_documents", "documents that columns and kinds are found from, 1000 if not set");
  add("page_size", "documents that are fetched at once, 500 if not set");
  add("allow_hosts", "other hosts that redirects may lead to");
  add("response_limit", "largest answer, 64MB if not set");
  add("ca_file", "certificates to trust instead of the system's", false, true);
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "custom";
  facts.reason = "documents have no catalog: kinds and fields are found from a sample of them";
  facts.authentication = {"basic"};
  facts.tested = "a local server with its answers; a CouchDB-compatible server on request";
  return facts;
}

}  // namespace mapctl::connectors::couchdb

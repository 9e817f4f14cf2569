// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/info.hpp"

namespace mapctl::connectors::postgres {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "postgres";
  info.description = "PostgreSQL and Redshift databases, read without changing them";
  info.kind = "database";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.counts_rows = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  const auto add = [&](const char* name, const char* description, bool is_path = false) {
    info.options.push_back({name, description, false, is_path, false});
  };
  add("host", "name, address or folder of the socket; libpq's own default if not given");
  add("port", "5432 if not given");
  add("database", "its name; that of the user if not given");
  add("user", "role to connect as");
  add("url", "postgresql://HOST/DATABASE?..., which the other options overrule");
  add("service", "section of ~/.pg_service.conf or PGSERVICEFILE with all of these");
  add("schema", "glob of the schemas to read; all but the system's if not given");
  add("dialect", "auto, postgresql or redshift");
  add("sslmode", "disable, allow, prefer, require, verify-ca or verify-full");
  add("sslrootcert", "certificates to trust, for verify-ca and verify-full", true);
  add("sslcert", "certificate to show to the server", true);
  add("sslkey", "key of sslcert", true);
  add("passfile", "passwords, instead of ~/.pgpass", true);
  add("target_session_attrs", "of several hosts, which: any, read-write, standby and others");
  add("application_name", "what the server lists the connection as; mapctl if not given");
  add("statement_timeout",
      "longest that a statement may take, such as 30s; the server's own limit "
      "if not given");
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "custom";
  facts.reason = "the server's own catalog in a fixed number of queries, rows by COPY";
  facts.authentication = {"password", "certificate"};
  facts.tested = "PostgreSQL 15; Redshift by its views, made in PostgreSQL";
  return facts;
}

}  // namespace mapctl::connectors::postgres

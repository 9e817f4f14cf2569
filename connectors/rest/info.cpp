// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/info.hpp"

namespace mapctl::connectors::rest {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "rest";
  info.description = "REST APIs described by a profile: streams are tables";
  info.kind = "rest_api";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.reads_rows = true;
  const auto add = [&](const char* name, const char* description, bool required, bool is_path,
                       bool is_tree) {
    info.options.push_back({name, description, required, is_path, is_tree});
  };
  add("base_url", "https://host/path that the paths of streams continue", false, false, false);
  add("streams", "map of tables: how each is asked for, paged and read", true, false, true);
  add("record_path", "where records are in answers, such as data.items; the whole answer if empty",
      false, false, false);
  add("authentication",
      "none, basic, bearer, api_key, oauth2_client_credentials, oauth2_refresh_token, session or "
      "select, or a map with more",
      false, false, true);
  add("paging", "none, page, offset, cursor, next_url or link_header, with its details", false,
      false, true);
  add("headers", "map of headers of every request", false, false, true);
  add("parameters", "map of query parameters of every request", false, false, true);
  add("errors", "list of rules: which answers fail, are tried again or ignored", false, false,
      true);
  add("config",
      "map of values that templates name as {{ config.NAME }}, with those of auth:", false, false,
      true);
  add("openapi",
      "OpenAPI 3 document (JSON or YAML), a file or a URL, that types of columns are taken from",
      false, true, false);
  add("odata", "true: the service's $metadata gives columns and keys of streams, by their paths",
      false, false, false);
  add("odata_metadata", "file of such a $metadata document, instead of asking for it", false, true,
      false);
  add("format", "of answers: json, jsonl or csv", false, false, false);
  add("check", "stream that `profile test` asks; the first one that needs no parent if not given",
      false, false, false);
  add("sample_records",
      "records that columns are found from where no schema is given, 100 if not set", false, false,
      false);
  add("allow_hosts", "other hosts that redirects and next pages may lead to", false, false, false);
  add("response_limit", "largest answer, 64MB if not set", false, false, false);
  add("ca_file", "certificates to trust instead of the system's", false, true, false);
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "openapi";
  facts.reason =
      "a profile says how to ask and page; columns come from OpenAPI, a schema or samples";
  facts.authentication = {"basic",
                          "bearer",
                          "api_key",
                          "oauth2_client_credentials",
                          "oauth2_refresh_token",
                          "oauth2_jwt_bearer",
                          "jwt",
                          "session"};
  facts.tested = "a local server that pages and fails in every way; 27 Airbyte manifests";
  facts.reads_changes = true;
  facts.documents = {"openapi"};
  return facts;
}

}  // namespace mapctl::connectors::rest

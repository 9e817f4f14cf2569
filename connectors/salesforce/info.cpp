// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/info.hpp"

namespace mapctl::connectors::salesforce {

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "salesforce";
  info.description = "Salesforce: objects are tables, read with SOQL or the Bulk API";
  info.kind = "rest_api";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.reads_rows = true;
  info.capabilities.names_ignore_case = true;
  const auto add = [&](const char* name, const char* description, bool is_path = false) {
    info.options.push_back({name, description, false, is_path, false});
  };
  add("instance_url",
      "https://DOMAIN.my.salesforce.com; where a token is asked for, its answer tells it");
  add("login_url",
      "where tokens are asked for: https://login.salesforce.com if not set, for client_credentials "
      "instance_url; https://test.salesforce.com for sandboxes");
  add("authentication",
      "refresh_token, client_credentials, jwt_bearer or access_token; chosen by the keys of auth: "
      "if not set");
  add("audience", "of jwt_bearer: login_url if not set");
  add("api_version", "60.0 if not set");
  add("objects", "globs of the objects to look at, all if not set");
  add("deleted_rows", "leave_out, include or only: rows in the recycle bin");
  add("deleted_days",
      "with deleted_rows, also the ids of rows that were deleted in so many days (30 at most) and "
      "have left the recycle bin");
  add("bulk_threshold", "read with the Bulk API from so many rows, 20000 if not set");
  add("bulk_page", "rows that are fetched at once of the Bulk API, 10000 if not set");
  add("bulk_timeout", "seconds that a job of the Bulk API may take, 3600 if not set");
  add("api_reserve",
      "API calls of the day that are left to others: a number or a share such as 5% (the default)");
  add("check_field_access", "name fields that field-level security hides: true if not set");
  add("allow_hosts", "other hosts that redirects may lead to");
  add("response_limit", "largest answer, 64MB if not set");
  add("ca_file", "certificates to trust instead of the system's", true);
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "custom";
  facts.reason = "its own descriptions of objects, query language, bulk jobs and daily call limit";
  facts.authentication = {"oauth2_refresh_token", "oauth2_client_credentials", "oauth2_jwt_bearer",
                          "access_token"};
  facts.tested = "recorded answers replayed by a local server, which also acts out bulk jobs";
  return facts;
}

}  // namespace mapctl::connectors::salesforce

// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rest/fixture.hpp"

#include <utility>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> list;
  for (int i = from; i <= to; ++i) {
    list.push_back(std::to_string(i));
  }
  return list;
}

std::string asked(const std::string& stream_yaml) {
  return "streams:\n  items:\n    " + replace_all(stream_yaml, "\n", "\n    ") + "\n";
}

TEST_CASE("every kind of paging gives every record once and in order", "[rest]") {
  const std::pair<const char*, const char*> kinds[] = {
      {"page",
       "path: /pages\nrecords: items\n"
       "paging: {type: page, parameter: page, size: 10, size_parameter: per_page}"},
      {"page to an empty one",
       "path: /pages\nrecords: items\nparameters: {per_page: 5}\n"
       "paging: {type: page, parameter: page}"},
      {"page in a template",
       "path: /pages\nrecords: items\nparameters: {page: \"{{ next_page_token.next_page_token "
       "}}\"}\n"
       "paging: {type: page, token: none, size: 10, size_parameter: per_page}"},
      {"cursor in a template",
       "path: /cursors\nrecords: data\n"
       "parameters: {after: \"{{ next_page_token['next_page_token'] if next_page_token }}\"}\n"
       "paging: {type: cursor, token: none, path: paging.next}"},
      {"offset",
       "path: /offsets\nrecords: items\n"
       "paging: {type: offset, parameter: offset, size: 7, size_parameter: limit}"},
      {"cursor",
       "path: /cursors\nrecords: data\n"
       "paging: {type: cursor, parameter: after, path: paging.next}"},
      {"cursor by expression",
       "path: /cursors\nrecords: data\npaging:\n  type: cursor\n  parameter: after\n"
       "  cursor: \"{{ last_record['id'] }}\"\n  stop: \"{{ not response.paging.next }}\""},
      {"cursor in the body",
       "path: /bodycursors\nmethod: POST\nrecords: data\n"
       "paging: {type: cursor, token: {body: page.after}, path: next, "
       "size: 6, size_in: {body: page.size}}"},
      {"cursor in headers",
       "path: /headercursors\n"
       "paging: {type: cursor, token: {header: X-After}, from_header: X-Next}"},
      {"Link header", "path: /links\npaging: link_header"},
      {"Link header of several lines", "path: /linklines\npaging: link_header"},
      {"next URL", "path: /nexturls\nrecords: results\npaging: {type: next_url, path: next}"},
  };
  for (const auto& [name, yaml] : kinds) {
    DYNAMIC_SECTION(name) {
      CHECK(values_of(rows_of(asked(yaml), "items"), "id") == numbers(1, 25));
    }
  }
}

TEST_CASE("nested objects are dotted columns, and statistics tell how many records have them",
          "[rest]") {
  auto connector = open_rest(rest_options(asked(
      "path: /pages\nrecords: items\nprimary_key: id\npaging: {type: page, parameter: page}")));
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.protect_personal_data = false;
  const auto found = connector->discover(scope, {});
  REQUIRE(found.tables().size() == 1);
  const catalog::Table& table = *found.tables()[0].table;
  const auto type = [&](const char* name) {
    const catalog::Column* column = table.find(catalog::ColumnName{name});
    return column == nullptr ? std::string{"none"} : std::string{to_string(column->type.logical)};
  };
  CHECK(type("id") == "integer");
  CHECK(type("price") == "floating");
  CHECK(type("active") == "boolean");
  CHECK(type("created") == "timestamp");
  CHECK(type("owner.mail") == "string");
  CHECK(type("owner") == "none");
  CHECK(table.row_count == 25);
  CHECK(table.kind == catalog::TableKind::stream);
  CHECK(table.primary_key == std::vector{catalog::ColumnName{"id"}});
  const auto& phone = *table.find(catalog::ColumnName{"owner.phone"})->statistics;
  CHECK(phone.presence == Approx(0.2));
  CHECK(phone.null_share == Approx(0.8));
  CHECK(table.find(catalog::ColumnName{"id"})->statistics->maximum == "25");
}

TEST_CASE("a JSON schema gives the columns without a request", "[rest]") {
  auto options =
      rest_options(asked("path: /nowhere\nschema:\n"
                         "  required: [id]\n"
                         "  properties:\n"
                         "    id: {type: integer}\n"
                         "    at: {type: [\"null\", string], format: date-time}\n"
                         "    state: {type: string, enum: [new, done], maxLength: 4}\n"
                         "    tags: {type: array, items: {type: string}}\n"
                         "    home: {type: object, properties: {zip: {type: string}}}\n"
                         "    any: {}"));
  options.options["base_url"] = "http://127.0.0.1:1";
  const auto found = open_rest(options)->discover({}, {});
  const catalog::Table& table = *found.tables().at(0).table;
  std::vector<std::string> columns;
  for (const auto& column : table.columns) {
    columns.push_back(column.name.text + ":" + std::string{to_string(column.type.logical)});
  }
  CHECK(columns == std::vector<std::string>{"id:integer", "at:timestamp", "state:string",
                                            "tags:array", "home.zip:string", "any:json"});
  CHECK_FALSE(table.columns[0].nullable);
  CHECK(table.columns[1].nullable);
  CHECK(table.columns[2].allowed_values == std::vector<std::string>{"new", "done"});
  CHECK(table.columns[2].type.length == 4);
  CHECK(table.columns[3].type.element == catalog::LogicalType::string);
}

TEST_CASE("children are read for every record of their parent", "[rest]") {
  const char* yaml =
      "streams:\n"
      "  groups: {path: /groups, records: items}\n"
      "  members:\n"
      "    path: \"/groups/{{ partition.group }}/members\"\n"
      "    records: items\n"
      "    parent: {stream: groups, key: id, as: group}\n"
      "    changes:\n"
      "      - {add: group_id, value: \"{{ partition.group }}\"}\n"
      "      - {remove: rank}\n"
      "  folders:\n"
      "    path: /listed\n"
      "    partitions:\n"
      "      - {values: [inbox, sent], as: folder, in: {parameter: folder}}\n";
  const Rows members = rows_of(yaml, "members");
  CHECK(values_of(members, "user") ==
        std::vector<std::string>{"u10", "u20", "u21", "u30", "u31", "u32"});
  CHECK(values_of(members, "group_id") == std::vector<std::string>{"1", "2", "2", "3", "3", "3"});
  CHECK(values_of(members, "rank")[0] == "(none)");
  CHECK(values_of(rows_of(yaml, "folders"), "folder") == std::vector<std::string>{"inbox", "sent"});
}

TEST_CASE("a parent's key is found again whatever characters it has", "[rest]") {
  const Rows rows = rows_of(
      "streams:\n  tags: {path: /tags, records: items, primary_key: name}\n"
      "  uses:\n    path: \"/tags/{{ partition.name }}?as=http://x/\"\n    records: items\n"
      "    parent: {stream: tags, key: name}\n",
      "uses");
  CHECK(values_of(rows, "tag") == std::vector<std::string>{"C#", "café au lait"});
  CHECK(values_of(rows, "path") ==
        std::vector<std::string>{"/tags/C%23?as=http://x/",
                                 "/tags/caf%C3%A9%20au%20lait?as=http://x/"});
}

TEST_CASE("a stream with a time cursor is read interval by interval", "[rest]") {
  const Rows rows = rows_of(asked("path: /since\nrecords: items\nincremental:\n"
                                  "  cursor: created\n  start: 2026-01-01\n  end: 2026-02-01\n"
                                  "  format: \"%Y-%m-%d\"\n  step: P7D\n"
                                  "  start_parameter: since\n  end_parameter: until"),
                            "items");
  CHECK(rows.size() == 25);
}

TEST_CASE("a filter keeps what it holds for", "[rest]") {
  CHECK(values_of(rows_of(asked("path: /pages\nrecords: items\nfilter: \"{{ record.id > 7 and "
                                "record.active }}\""),
                          "items"),
                  "id") == std::vector<std::string>{"8", "10"});
}

TEST_CASE("credentials go where the profile says", "[rest]") {
  const std::string stream = asked("path: /secured\nrecords: items");
  const auto count = [&](const std::string& yaml, std::map<std::string, std::string> secrets) {
    return rows_of(yaml + stream, "items", std::move(secrets)).size();
  };
  CHECK(count("authentication: bearer\n", {{"token", good_token}}) == 3);
  CHECK(count("authentication: basic\n", {{"username", "user"}, {"password", "pa$$:w0rd"}}) == 3);
  CHECK(count("authentication: {type: api_key, header: X-Api-Key}\n", {{"api_key", good_token}}) ==
        3);
  CHECK(count("authentication: {type: api_key, in: {parameter: key}}\n",
              {{"api_key", good_token}}) == 3);
  CHECK(count("authentication:\n  type: select\n  by: method\n  choices:\n"
              "    a: {type: bearer, token: \"{{ config.credentials.pat }}\"}\n    b: basic\n"
              "config: {method: a}\n",
              {{"credentials.pat", good_token}}) == 3);
}

TEST_CASE("a refused credential ends with what to check, and never shows it", "[rest]") {
  const auto facts = facts_of([] {
    rows_of("authentication: {type: api_key, in: {parameter: key}}\n" +
                asked("path: /secured\nrecords: items"),
            "items", {{"api_key", "wrong-secret"}});
  });
  CHECK(facts.code == ErrorCode::denied);
  CHECK(facts.native_code == "HTTP 401");
  CHECK_THAT(facts.message, ContainsSubstring("stream 'items'"));
  CHECK_THAT(facts.message, ContainsSubstring("invalid token"));
  CHECK_THAT(facts.message, !ContainsSubstring("wrong-secret"));
  CHECK_THAT(facts.hint, ContainsSubstring("auth:"));
  const auto missing = facts_of([] {
    rows_of("authentication: bearer\n" + asked("path: /secured\nrecords: items"), "items");
  });
  CHECK(missing.code == ErrorCode::configuration);
  CHECK_THAT(missing.message, ContainsSubstring("stream 'items': profile 'rest"));
  CHECK_THAT(missing.message, ContainsSubstring("has no 'token' under auth: or config:"));
  CHECK_THAT(missing.message, ContainsSubstring("option 'authentication' needs"));
  CHECK_THAT(missing.hint, ContainsSubstring("write auth: {token: \"${env:NAME}\"}"));
  const auto misspelt = facts_of([] {
    auto options =
        rest_options("authentication: bearer\n" + asked("path: /secured"), {{"tokken", "t"}});
    options.places["authentication"] = "crm.yaml:5:3";
    read_rows(*open_rest(options), "items");
  });
  CHECK_THAT(misspelt.message, ContainsSubstring("which crm.yaml:5:3 needs"));
  CHECK(misspelt.hint == "rename 'tokken' to 'token'");
}

TEST_CASE("what is wrong with options is told once, and where they stand", "[rest]") {
  const auto wrong = facts_of([] {
    auto options = rest_options("authentication: beerer\n" + asked("path: /secured"));
    options.places["authentication"] = "crm.yaml:5:3";
    open_rest(options);
  });
  CHECK_THAT(wrong.message, StartsWith("crm.yaml:5:3: the type of authentication is 'beerer'"));
  const auto no_url =
      facts_of([] { rows_of("base_url: nowhere\n" + asked("path: /secured"), "items"); });
  CHECK(no_url.message == "stream 'items': base_url 'nowhere' is no URL");
}

TEST_CASE("OAuth tokens are asked for once, shared, and rotated where they are kept", "[rest]") {
  const std::string stream = asked("path: /secured\nrecords: items");
  const std::string oauth =
      "authentication: {type: oauth2_client_credentials, token_url: \"{URL}/oauth\"}\n";
  auto options = rest_options(oauth + stream, {{"client_id", "me"}, {"client_secret", "s3cret&"}});
  CHECK(read_rows(*open_rest(options), "items").size() == 3);
  CHECK(read_rows(*open_rest(options), "items").size() == 3);

  auto rotating = rest_options(
      "authentication: {type: oauth2_refresh_token, token_url: \"{URL}/oauth\"}\n" + stream,
      {{"client_id", "me"}, {"client_secret", "s3cret&"}, {"refresh_token", "refresh-1"}});
  std::string kept;
  rotating.keep_secret = [&](const std::string& key, const Secret& value) {
    kept = key + "=" + value.reveal();
  };
  CHECK(read_rows(*open_rest(rotating), "items").size() == 3);
  CHECK(kept == "refresh_token=refresh-2");
  CHECK(read_rows(*open_rest(rotating), "items").size() == 3);

  const auto facts = facts_of([&] {
    rows_of("authentication: {type: oauth2_refresh_token, token_url: \"{URL}/oauth\"}\n" + stream,
            "items",
            {{"client_id", "me"}, {"client_secret", "s3cret&"}, {"refresh_token", "refresh-0"}});
  });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("gives no token: invalid_grant"));
}

TEST_CASE("a token that we sign ourselves is sent, or exchanged for another one", "[rest]") {
  const std::map<std::string, std::string> secrets{{"client_id", "me"},
                                                   {"private_key", "k3y-that-signs-tokens"}};
  const Rows claims = rows_of(
      "authentication: {type: jwt, algorithm: HS256, subject: ana, claims: {org: \"7\"}}\n" +
          asked("path: /signed\nrecords: items"),
      "items", secrets);
  REQUIRE(claims.size() == 1);
  CHECK(values_of(claims, "iss") == std::vector<std::string>{"me"});
  CHECK(values_of(claims, "sub") == std::vector<std::string>{"ana"});
  CHECK(values_of(claims, "org") == std::vector<std::string>{"7"});
  const std::string secured = asked("path: /secured\nrecords: items");
  for (const std::string type : {"oauth2_jwt_bearer", "oauth2_client_credentials, signed: true"}) {
    INFO(type);
    const std::string yaml = "authentication: {type: " + type +
                             ", algorithm: HS256, token_url: \"{URL}/signed/token\"}\n" + secured;
    CHECK(rows_of(yaml, "items", secrets).size() == 3);
    const auto facts = facts_of([&] {
      rows_of(yaml, "items", {{"client_id", "me"}, {"private_key", "an0ther"}});
    });
    CHECK(facts.code == ErrorCode::denied);
    CHECK_THAT(facts.message, ContainsSubstring("invalid_grant"));
    CHECK((facts.message + facts.hint).find("an0ther") == std::string::npos);
  }
  CHECK_THAT(
      facts_of([&] { rows_of("authentication: jwt\n" + secured, "items", secrets); }).message,
      ContainsSubstring("private key"));
}

TEST_CASE("a session is opened with name and password", "[rest]") {
  CHECK(rows_of("authentication: {type: session, login_url: \"{URL}/session\", session_field: id, "
                "header: X-Session}\n" +
                    asked("path: /sessioned"),
                "items", {{"username", "me"}, {"password", "s3cret"}})
            .size() == 1);
}

TEST_CASE("pages that lead round in a circle are found out", "[rest]") {
  for (const char* path : {"/loop", "/longloop"}) {
    const auto facts = facts_of([&] {
      rows_of(asked(std::string{"path: "} + path +
                    "\nrecords: data\npaging: {type: cursor, parameter: after, path: paging.next}"),
              "items");
    });
    CHECK(facts.code == ErrorCode::invalid_data);
    CHECK_THAT(facts.message, ContainsSubstring("round in a circle"));
  }
  // The system does not know the parameter, and gives its first page for ever.
  const auto facts = facts_of([] {
    rows_of(asked("path: /pages\nrecords: items\npaging: {type: page, parameter: seite}"), "items");
  });
  CHECK_THAT(facts.message, ContainsSubstring("two pages are the same"));
}

TEST_CASE("a next page on another host is not asked for with our credentials", "[rest]") {
  const std::string yaml = "authentication: bearer\n" + asked(
                                                            "path: /foreignnext\nrecords: results\n"
                                                            "paging: {type: next_url, path: next}");
  const auto facts = facts_of([&] { rows_of(yaml, "items", {{"token", good_token}}); });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("where the credentials do not belong"));
  CHECK(rows_of("allow_hosts: localhost\n" + yaml, "items", {{"token", good_token}}).size() == 10);
}

TEST_CASE("what a proxy, a broken or an endless answer gives is named", "[rest]") {
  const auto fault = [](const std::string& path, const std::string& more = {}) {
    return facts_of([&] { rows_of(more + asked("path: " + path + "\nrecords: items"), "items"); });
  };
  const auto page = fault("/html");
  CHECK(page.code == ErrorCode::invalid_data);
  CHECK_THAT(page.message, ContainsSubstring("a web page"));
  CHECK(fault("/broken").code == ErrorCode::invalid_data);
  CHECK(fault("/cut").code == ErrorCode::unreachable);
  const auto huge = fault("/huge/30", "response_limit: 1MB\n");
  CHECK(huge.code == ErrorCode::resource_limit);
  CHECK_THAT(huge.hint, ContainsSubstring("response_limit"));
  const auto limited = fault("/status/429");
  CHECK(limited.code == ErrorCode::unreachable);
  CHECK_THAT(limited.message, ContainsSubstring("after 3 attempts"));
  CHECK(fault("/status/404").code == ErrorCode::not_found);
  CHECK(fault("/status/403").code == ErrorCode::denied);
}

TEST_CASE("an answer nested more deeply than anything real is refused", "[rest]") {
  const std::string paged = "\nrecords: items\npaging: {type: page, parameter: page}";
  CHECK(values_of(rows_of(asked("path: /nested/40\nrecords: items"), "items"), "id").size() == 1);
  for (const std::string& more : {std::string{"\nrecords: items"}, paged}) {
    const auto facts = facts_of([&] { rows_of(asked("path: /nested/200000" + more), "items"); });
    CHECK(facts.code == ErrorCode::invalid_data);
    CHECK_THAT(facts.message, ContainsSubstring("nested"));
  }
}

TEST_CASE("pages that fail now and then are read all the same", "[rest]") {
  CHECK(rows_of(asked("path: /flakypages\nrecords: items\n"
                      "paging: {type: page, parameter: page}"),
                "items")
            .size() == 25);
}

TEST_CASE("error rules decide what an answer means", "[rest]") {
  const auto facts = facts_of([] {
    rows_of(asked("path: /status/418\nerrors:\n"
                  "  - {status: 418, action: fail, message: it is a teapot}"),
            "items");
  });
  CHECK_THAT(facts.message, ContainsSubstring("it is a teapot: status 418"));
  CHECK(rows_of(asked("path: /status/404\nschema: {properties: {id: {type: integer}}}\n"
                      "errors: [{status: 404, action: ignore}]"),
                "items")
            .empty());
  CHECK(rows_of(asked("path: /flaky/418/2/rule\nrecords: items\n"
                      "errors: [{status: [418], action: retry}]\nwaits: [{seconds: 10ms}]"),
                "items")
            .size() == 3);
  CHECK_THAT(facts_of([] {
               rows_of(asked("path: /pages\nerrors:\n  - when: \"{{ response.items | length > 3 "
                             "}}\"\n    action: fail\n    message: too many"),
                       "items");
             }).message,
             ContainsSubstring("too many"));
}

TEST_CASE("a field that changes its type is text, and a warning says so", "[rest]") {
  const std::string yaml =
      asked("path: /types\nrecords: items\npaging: {type: page, parameter: page}");
  auto connector = open_rest(rest_options(yaml));
  const auto found = connector->discover({}, {});
  const catalog::Table& table = *found.tables().at(0).table;
  CHECK(table.find(catalog::ColumnName{"value"})->type.logical == catalog::LogicalType::string);
  std::vector<std::string> warnings;
  for (const auto& warning : found.warnings) {
    warnings.push_back(warning.message);
  }
  CHECK(warnings ==
        std::vector<std::string>{"field 'id' holds integer (67 %) and string (33 %)",
                                 "field 'o' holds string (33 %) and object (67 %)",
                                 "field 'tag' holds string (67 %) and array (33 %)",
                                 "field 'value' holds integer (67 %) and string (33 %)"});
  const Rows rows = read_rows(*connector, "items");
  CHECK(values_of(rows, "value") == std::vector<std::string>{"5", "5", "n/a"});
  CHECK(values_of(rows, "tag") == std::vector<std::string>{"x", "x", "[\"x\"]"});
}

TEST_CASE("a record path that leads nowhere is named, and where a list is", "[rest]") {
  const auto warning = [](const std::string& stream) {
    const auto found = open_rest(rest_options(asked(stream)))->discover({}, {});
    REQUIRE(found.warnings.size() == 1);
    return found.warnings[0].message + "\n" + found.warnings[0].hint;
  };
  CHECK(warning("path: /pages\nrecords: data.norec") ==
        "has no records to find columns from: its answer has nothing at 'data.norec'\n"
        "check option 'record_path', or 'records' of the stream; there is a list at 'items'");
  CHECK(warning("path: /\nrecords: norec") ==
        "has no records to find columns from: its answer has nothing at 'norec'\n"
        "check option 'record_path', or 'records' of the stream");
  // The right place is empty.
  CHECK(warning("path: /pages?page=99\nrecords: items") ==
        "has no records to find columns from\ngive it a 'schema', or name an OpenAPI document");
}

TEST_CASE("JSON Lines are read as records", "[rest]") {
  CHECK(values_of(rows_of(asked("path: /lines\nformat: jsonl"), "items"), "id") == numbers(1, 3));
}

TEST_CASE("one stream that fails is a warning, all of them are an error", "[rest]") {
  const auto found = open_rest(rest_options("streams:\n  good: {path: /groups, records: items}\n"
                                            "  gone: {path: /nothing}\n"))
                         ->discover({}, {});
  CHECK(found.tables().size() == 1);
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].object == "stream 'gone'");
  CHECK(facts_of([] {
          open_rest(rest_options("streams: {gone: /nothing}"))->discover({}, {});
        }).code == ErrorCode::not_found);
}

TEST_CASE("a profile that is wrong is refused with its line before anything is asked", "[rest]") {
  const std::pair<const char*, const char*> wrong[] = {
      {"streams: {a: {path: /x, pagging: none}}", "unknown key 'pagging'"},
      {"streams: {a: {path: /x, paging: {type: pages}}}", "'pages'"},
      {"streams: {a: {path: /x, paging: {type: page}}}", "where the number goes"},
      {"streams: {a: {path: \"/{{ partition.x \"}}", "is missing"},
      {"streams: {a: {path: /x, parent: {stream: b, key: id}}}", "parent 'b'"},
      {"streams: {a: {path: /x, parent: {stream: a, key: id}}}", "its own parent"},
      {"streams: {a: {path: /x, errors: [{action: fail}]}}", "when it holds"},
      {"authentication: {type: api_key, in: {body: key}}\nstreams: {a: /x}", "cannot go there"},
      {"authentication: bearr\nstreams: {a: /x}", "authentication"},
      {"sample_records: none\nstreams: {a: /x}", "sample_records"},
      {"check: b\nstreams: {a: /x}", "no stream"},
      {"record_path: x", "needs option 'streams'"},
  };
  for (const auto& [yaml, cause] : wrong) {
    const char* text = yaml;
    INFO(text);
    const auto facts = facts_of([&] { open_rest(rest_options(text)); });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK_THAT(facts.message, ContainsSubstring(cause));
    CHECK(facts.hint != "");
  }
}

TEST_CASE("testing a profile asks for one page and says what answered", "[rest]") {
  auto connector = open_rest(
      rest_options(asked("path: /pages\nrecords: items\npaging: {type: page, parameter: page}")));
  CHECK_THAT(connector->test({}).product, ContainsSubstring("(1 stream)"));
}

TEST_CASE("reading stops within a moment when it is asked to", "[rest]") {
  auto connector = open_rest(rest_options(
      asked("path: /slow?pages=100000\nrecords: items\npaging: {type: page, parameter: page}")));
  std::stop_source stop;
  auto reader = connector->open_reader({{}, catalog::TableName{"items"}}, stop.get_token());
  std::vector<std::optional<std::string_view>> row;
  CHECK(reader->next(row));
  stop.request_stop();
  const auto facts = facts_of([&] {
    while (reader->next(row)) {
    }
  });
  CHECK(facts.code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace mapctl::test

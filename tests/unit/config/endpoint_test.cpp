// SPDX-License-Identifier: Apache-2.0
#include "core/config/endpoint.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

using namespace mapctl::config;
using mapctl::test::failure;

TEST_CASE("an endpoint is a profile, canonical or a location", "[config]") {
  CHECK(parse_endpoint("crm-2").kind == Endpoint::Kind::profile);
  CHECK(parse_endpoint("canonical").kind == Endpoint::Kind::canonical);
  const Endpoint file = parse_endpoint("file:a b/c:d.csv");
  CHECK(file.kind == Endpoint::Kind::location);
  CHECK(file.connector == "file");
  CHECK(file.location == "a b/c:d.csv");
  CHECK(parse_endpoint("sqlite:x.db").connector == "sqlite");
  CHECK(parse_endpoint("dictionary:x.csv").connector == "dictionary");
  CHECK(parse_endpoint("canonical:entities").connector == "dictionary");
  CHECK(parse_endpoint("canonical:entities").text == "canonical:entities");
}

TEST_CASE("an endpoint that is none says what to write instead", "[config]") {
  CHECK(failure([] { parse_endpoint(""); }).starts_with("usage\nan endpoint is empty"));
  CHECK(failure([] { parse_endpoint("data/x.csv"); }) ==
        "usage\nendpoint 'data/x.csv' is not a profile's name\n"
        "for a file or folder write 'file:data/x.csv'");
  CHECK(failure([] { parse_endpoint("file:"); }) ==
        "usage\nendpoint 'file:' has no path\nwrite file:PATH");
  CHECK(failure([] { parse_endpoint("sqlit:x.db"); }) ==
        "usage\nendpoint 'sqlit:...' is of an unknown kind\ndid you mean 'sqlite'?");
}

TEST_CASE("a URL of a server is a location that hides its password", "[config]") {
  const Endpoint server = parse_endpoint("postgresql://me:p%40w@db:5433/crm?sslmode=require");
  CHECK(server.kind == Endpoint::Kind::location);
  CHECK(server.connector == "postgres");
  CHECK(server.scheme == "postgresql");
  CHECK(server.text == "postgresql://me@db:5433/crm?sslmode=require");
  CHECK(server.url.reveal() == "postgresql://me:p%40w@db:5433/crm?sslmode=require");
  CHECK(parse_endpoint("postgres://db/crm?password=pw").text == "postgres://db/crm");
  CHECK(parse_endpoint("Redshift://me@dw/prod").scheme == "redshift");
  CHECK(failure([] { parse_endpoint("postgresql:me:pw@db"); }) ==
        "usage\nendpoint 'postgresql:...' is no URL\nwrite postgresql://USER@HOST:PORT/DATABASE");
}

TEST_CASE("a URL of a system that takes a profile is refused without its password", "[config]") {
  const std::string message = failure([] { parse_endpoint("mongodb://me:pw@db/x"); });
  CHECK(message.starts_with("usage\nendpoint 'mongodb:...' cannot be written in one line"));
  CHECK(message.find("pw") == std::string::npos);
}

TEST_CASE("a system that only a profile can name says so", "[config]") {
  CHECK(failure([] { parse_endpoint("odbc:DSN=crm;PWD=pw"); }) ==
        "usage\nendpoint 'odbc:...' cannot be written in one line\n"
        "write a profile with 'connector: odbc' and name that");
}

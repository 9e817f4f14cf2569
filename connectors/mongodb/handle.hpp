// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <mongoc/mongoc.h>

namespace mapctl::connectors::mongodb {

using UriHandle = Handle<mongoc_uri_t, &mongoc_uri_destroy>;
using ClientHandle = Handle<mongoc_client_t, &mongoc_client_destroy>;
using DatabaseHandle = Handle<mongoc_database_t, &mongoc_database_destroy>;
using CollectionHandle = Handle<mongoc_collection_t, &mongoc_collection_destroy>;
using CursorHandle = Handle<mongoc_cursor_t, &mongoc_cursor_destroy>;
// The name with its alignment, bson_t, is no argument of a template.
using BsonHandle = Handle<_bson_t, &bson_destroy>;
using BsonTextHandle = Handle<char, &bson_free>;

}  // namespace mapctl::connectors::mongodb

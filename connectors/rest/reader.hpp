// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/source.hpp"
#include "core/catalog/record_shape.hpp"
#include "core/ports/connector.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <stop_token>
#include <vector>

namespace mapctl::connectors::rest {

// What a stream's columns were found from: a schema, or records, which are then read already.
struct Opened {
  std::shared_ptr<const Stream> stream{};
  catalog::Shape shape{};
  std::unique_ptr<RecordSource> source{};
  std::vector<Json> read{};         // the first records of `source`
  bool ended = false;               // there are no more
  const ODataSet* odata = nullptr;  // of the session
};

// Asks the system only when no schema is given. At least `records` of it are looked at.
Opened open_stream(Session& session, std::shared_ptr<const Stream> stream, std::size_t records,
                   std::stop_token stop);

// Rows of the stream as text, in the order of the system. The session is kept.
std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session, Opened opened);

}  // namespace mapctl::connectors::rest

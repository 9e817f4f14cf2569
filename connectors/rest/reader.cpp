// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/reader.hpp"

#include "connectors/rest/schema.hpp"
#include "core/base/json_text.hpp"
#include "core/base/moment.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace mapctl::connectors::rest {
namespace {

// About the year 9999; what is further away is no moment.
constexpr std::int64_t most_milliseconds = 253'402'300'800'000;

// "/Date(1492098664000)/" and "/Date(1492098664000+0060)/" of OData 2, as times are written.
std::string odata_text(const Json& value) {
  std::string text = to_text(value);
  constexpr std::string_view start = "/Date(";
  std::int64_t milliseconds = 0;
  if (value.is_string() && text.starts_with(start) && text.ends_with(")/") &&
      std::from_chars(text.data() + start.size(), text.data() + text.size(), milliseconds).ec ==
          std::errc{} &&
      milliseconds > -most_milliseconds && milliseconds < most_milliseconds) {
    const std::string seconds = format_moment({milliseconds * 1000}, "%Y-%m-%dT%H:%M:%S");
    const auto fraction = (milliseconds % 1000 + 1000) % 1000;
    return fraction == 0 ? seconds + "Z" : fmt::format("{}.{:03}Z", seconds, fraction);
  }
  return text;
}

class Reader final : public ports::RowReader {
 public:
  Reader(std::shared_ptr<Session> session, Opened opened)
      : session_{std::move(session)}, opened_{std::move(opened)} {
    for (const catalog::RecordColumn& column : opened_.shape.columns) {
      names_.push_back(column.column.name);
    }
    texts_.resize(names_.size());
  }

  std::span<const catalog::ColumnName> columns() const override { return names_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    Json record;
    if (at_ < opened_.read.size()) {
      record = std::move(opened_.read[at_++]);
    } else if (opened_.ended || !opened_.source->next(record)) {
      opened_.ended = true;
      return false;
    }
    row.assign(names_.size(), std::nullopt);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Json* value = find_at(record, opened_.shape.columns[i].path);
      if (value != nullptr && !value->is_null()) {
        texts_[i] = opened_.odata == nullptr ? to_text(*value) : odata_text(*value);
        row[i] = texts_[i];
      }
    }
    return true;
  }

 private:
  std::shared_ptr<Session> session_;
  Opened opened_;
  std::vector<catalog::ColumnName> names_;
  std::vector<std::string> texts_;
  std::size_t at_ = 0;
};

}  // namespace

Opened open_stream(Session& session, std::shared_ptr<const Stream> of, std::size_t records,
                   std::stop_token stop) {
  Opened opened;
  opened.stream = std::move(of);
  const Stream& stream = *opened.stream;
  opened.source = std::make_unique<RecordSource>(session, stream, stop);
  const Json* schema = stream.schema.get();
  const Json* document = schema;
  if (schema == nullptr && session.plan().openapi) {
    document = session.plan().openapi.get();
    schema = find_record_schema(*document, stream);
  }
  if (schema != nullptr) {
    opened.shape = shape_of_schema(*schema, *document);
    if (!opened.shape.columns.empty()) {
      return opened;
    }
  }
  if (schema == nullptr) {
    opened.odata = session.odata(stream, stop);
    if (opened.odata != nullptr) {
      opened.shape = opened.odata->shape;
      return opened;
    }
  }
  Json record;
  while (opened.read.size() < records) {
    if (!opened.source->next(record)) {
      opened.ended = true;
      break;
    }
    opened.read.push_back(std::move(record));
  }
  opened.shape = catalog::shape_of_records(opened.read);
  return opened;
}

std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session, Opened opened) {
  return std::make_unique<Reader>(std::move(session), std::move(opened));
}

}  // namespace mapctl::connectors::rest

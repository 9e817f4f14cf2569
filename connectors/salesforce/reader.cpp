// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/reader.hpp"

#include "connectors/salesforce/bulk.hpp"
#include "connectors/salesforce/purged.hpp"
#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mapctl::connectors::salesforce {
namespace {

// Longer requests are refused by servers in between; the Bulk API takes queries in the body.
constexpr std::size_t url_limit = 12'000;

// "2011-07-07T00:37:00.000+0000" of queries, as the Bulk API spells it: "...000Z".
std::string spelled(const Json& value, catalog::LogicalType type) {
  std::string text = to_text(value);
  if (type == catalog::LogicalType::timestamp && text.ends_with("+0000")) {
    text.replace(text.size() - 5, 5, "Z");
  }
  return text;
}

class Reader final : public ports::RowReader {
 public:
  Reader(std::shared_ptr<Session> session, const Description& description,
         std::optional<std::int64_t> limit, std::stop_token stop)
      : session_{std::move(session)},
        fields_{description.fields},
        object_{description.table.name.text},
        what_{fmt::format("object '{}'", description.table.name.text)},
        stop_{std::move(stop)},
        has_files_{description.has_files},
        limit_{limit} {
    std::string names;
    for (const SelectedField& field : fields_) {
      names += (names.empty() ? "" : ",") + field.name;
      columns_.push_back(catalog::ColumnName{field.name});
    }
    const DeletedRows deleted = session_->settings().deleted_rows;
    asks_for_all_ = description.has_deleted && deleted != DeletedRows::leave_out;
    const auto place = [&](std::string_view name) {
      const auto found =
          std::find_if(fields_.begin(), fields_.end(),
                       [&](const SelectedField& field) { return field.name == name; });
      return static_cast<std::size_t>(found - fields_.begin());
    };
    id_ = place("Id");
    is_deleted_ = place("IsDeleted");
    tells_purged_ = asks_for_all_ && !limit_ && description.tells_deleted &&
                    session_->settings().deleted_days > 0 && id_ < fields_.size() &&
                    is_deleted_ < fields_.size();
    query_ = fmt::format("SELECT {} FROM {}", names, description.table.name.text);
    if (deleted == DeletedRows::only) {
      if (!description.has_deleted) {
        ended_ = true;  // rows of this object never are in the recycle bin
        return;
      }
      query_ += " WHERE IsDeleted = true";
    }
    if (limit_) {
      query_ += fmt::format(" LIMIT {}", *limit_);
    }
    open();
  }

  std::span<const catalog::ColumnName> columns() const override { return columns_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    if (stop_.stop_requested()) {
      throw Error{ErrorCode::cancelled, fmt::format("{}: reading was cancelled", what_)};
    }
    if (!tells_purged_) {
      return bulk_ ? next_line(row) : next_record(row);
    }
    if (!purged_ && (bulk_ ? next_line(row) : next_record(row))) {
      if (id_ < row.size() && row[id_] && is_deleted_ < row.size() && row[is_deleted_] == "true") {
        in_bin_.emplace(*row[id_]);
      }
      return true;
    }
    return next_purged(row);
  }

 private:
  // A row that is gone but for its id.
  bool next_purged(std::vector<std::optional<std::string_view>>& row) {
    if (!purged_) {
      const TimePoint now = system_clock().now();
      // Salesforce's clock may be a little ahead, and it wants no day more than 30.
      const auto back = std::chrono::hours{24} * session_->settings().deleted_days;
      purged_ =
          deleted_ids(*session_, object_, now - back + std::chrono::minutes{5}, now, what_, stop_);
      at_ = 0;
    }
    while (at_ < purged_->size() && in_bin_.contains((*purged_)[at_])) {
      ++at_;
    }
    if (at_ >= purged_->size()) {
      return false;
    }
    row.assign(fields_.size(), std::nullopt);
    row[id_] = (*purged_)[at_++];
    row[is_deleted_] = "true";
    return true;
  }

  void open() {
    const std::string path = session_->api(fmt::format(
        "/{}?q={}", asks_for_all_ ? "queryAll" : "query", ports::percent_encode(query_)));
    const bool offered = !has_files_ && !limit_;
    if (path.size() > url_limit && start_bulk()) {
      return;
    }
    page_ = session_->get(path, what_, stop_);
    const std::int64_t total = whole_member(page_, "totalSize").value_or(0);
    if (offered && total >= session_->settings().bulk_threshold && start_bulk()) {
      page_ = nullptr;
      return;
    }
    take_page();
  }

  bool start_bulk() {
    if (has_files_) {
      return false;
    }
    bulk_ = BulkQuery::start(*session_, query_, what_, stop_);
    if (bulk_) {
      bulk_->wait(stop_);
    }
    return bulk_.has_value();
  }

  void take_page() {
    const auto records = page_.is_object() ? page_.find("records") : page_.end();
    if (!page_.is_object() || records == page_.end() || !records->is_array()) {
      throw Error{ErrorCode::invalid_data, fmt::format("{}: an answer has no records", what_),
                  "check option 'api_version'"};
    }
    records_ = std::move(*records);
    at_ = 0;
    std::string url = text_member(page_, "nextRecordsUrl");
    page_ = nullptr;
    // A path of the same organisation; anything else must not get the token.
    if (!url.empty() && (!url.starts_with("/services/") || url == next_url_)) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("{}: the address of the next rows is not right", what_),
                  "run the command again"};
    }
    next_url_ = std::move(url);
  }

  bool next_record(std::vector<std::optional<std::string_view>>& row) {
    while (at_ >= records_.size()) {
      if (ended_ || next_url_.empty()) {
        ended_ = true;
        return false;
      }
      page_ = session_->get(next_url_, what_, stop_);
      take_page();
    }
    const Json& record = records_[at_++];
    row.assign(fields_.size(), std::nullopt);
    texts_.resize(fields_.size());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto value = record.find(fields_[i].name);
      if (value != record.end() && !value->is_null()) {
        texts_[i] = spelled(*value, fields_[i].type);
        row[i] = texts_[i];
      }
    }
    return true;
  }

  bool next_line(std::vector<std::optional<std::string_view>>& row) {
    while (!lines_ || !lines_->next(texts_)) {
      lines_.reset();
      if (!bulk_->next(csv_, stop_)) {
        return false;
      }
      lines_ = std::make_unique<CsvReader>(csv_);
      std::vector<std::string> names;
      if (!lines_->next(names)) {
        lines_.reset();
        continue;
      }
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (i >= names.size() || !equal_ignoring_case(names[i], fields_[i].name)) {
          throw Error{ErrorCode::invalid_data,
                      fmt::format("{}: the Bulk API gives other fields than were asked for", what_),
                      "set bulk_threshold higher than the object has rows"};
        }
      }
    }
    row.assign(fields_.size(), std::nullopt);
    for (std::size_t i = 0; i < fields_.size() && i < texts_.size(); ++i) {
      if (!texts_[i].empty()) {  // Salesforce keeps no empty texts: an empty field is null
        row[i] = texts_[i];
      }
    }
    return true;
  }

  std::shared_ptr<Session> session_;
  std::vector<SelectedField> fields_;
  std::string object_;
  std::string what_;
  std::stop_token stop_;
  bool has_files_;
  std::optional<std::int64_t> limit_;
  bool asks_for_all_ = false;
  bool tells_purged_ = false;
  std::size_t id_ = 0, is_deleted_ = 0;     // places among the fields
  std::unordered_set<std::string> in_bin_;  // ids of deleted rows that were given
  std::optional<std::vector<std::string>> purged_;
  std::string query_;
  std::vector<catalog::ColumnName> columns_;
  Json page_, records_ = Json::array();
  std::size_t at_ = 0;
  std::string next_url_;
  bool ended_ = false;
  std::optional<BulkQuery> bulk_;
  std::string csv_;
  std::unique_ptr<CsvReader> lines_;
  std::vector<std::string> texts_;
};

}  // namespace

std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session,
                                              const Description& description,
                                              std::optional<std::int64_t> limit,
                                              std::stop_token stop) {
  if (!description.queryable) {
    throw Error{
        ErrorCode::unsupported,
        fmt::format("object '{}' has no rows that can be asked for", description.table.name.text),
        "it can be loaded, but not read"};
  }
  return std::make_unique<Reader>(std::move(session), description, limit, std::move(stop));
}

}  // namespace mapctl::connectors::salesforce

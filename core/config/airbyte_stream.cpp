// SPDX-License-Identifier: Apache-2.0
#include "core/config/airbyte_stream.hpp"

#include "core/base/moment.hpp"
#include "core/base/text.hpp"
#include "core/config/airbyte_converter.hpp"
#include "core/config/yaml_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace mapctl::config {

const YamlNode* AirbyteComponent::get(std::string_view key) const {
  if (const YamlNode* own = node.find(key); own != nullptr && !own->is_null()) {
    return own;
  }
  const auto parameter = parameters.find(std::string{key});
  return parameter == parameters.end() || parameter->second.is_null() ? nullptr
                                                                      : &parameter->second;
}

AirbyteComponent AirbyteComponent::child(const YamlNode& inner) const {
  AirbyteComponent made{inner, parameters};
  if (const YamlNode* own = inner.find("$parameters"); own != nullptr && own->is_map()) {
    for (const YamlNode& parameter : own->children) {
      made.parameters.insert_or_assign(parameter.key, parameter);
    }
  }
  return made;
}

std::string AirbyteComponent::type() const {
  if (const YamlNode* custom = node.find("class_name")) {
    return custom->text;
  }
  const YamlNode* own = node.find("type");
  return own == nullptr ? std::string{} : own->text;
}

void AirbyteConverter::errors(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  if (type == "CompositeErrorHandler") {
    if (const YamlNode* all = source.get("error_handlers")) {
      for (const YamlNode& one : all->children) {
        errors(source.child(one), made);
      }
    }
    return;
  }
  if (type != "DefaultErrorHandler" && !type.empty()) {
    refuse(source.node, type, "a class of Python");
    return;
  }
  if (const YamlNode* retries = source.get("max_retries"); retries != nullptr) {
    made["attempts"] = integer_of(*retries, "key 'max_retries'") + 1;
  }
  if (const YamlNode* waits = source.get("backoff_strategies")) {
    for (const YamlNode& one : waits->children) {
      wait(source.child(one), made);
    }
  }
  if (const YamlNode* filters = source.get("response_filters")) {
    for (const YamlNode& one : filters->children) {
      rule(source.child(one), made);
    }
  }
}

void AirbyteConverter::wait(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  Json one = Json::object();
  if (type == "ExponentialBackoffStrategy") {
    return;  // what happens anyway
  }
  if (type == "ConstantBackoffStrategy") {
    copy(source, "backoff_time_in_seconds", one, "seconds");
  } else if (type == "WaitTimeFromHeader") {
    copy(source, "header", one, "header");
  } else if (type == "WaitUntilTimeFromHeader") {
    copy(source, "header", one, "until_header");
    if (const YamlNode* least = source.get("min_wait")) {
      one["least"] = least->text + "s";
    }
  } else {
    refuse(source.node, type, "this way to wait");
    return;
  }
  made["waits"].push_back(std::move(one));
}

void AirbyteConverter::rule(const AirbyteComponent& source, Json& made) {
  const YamlNode* action = source.get("action");
  const std::string word = action == nullptr ? "FAIL" : action->text;
  Json one = Json::object();
  one["action"] = word == "RETRY" || word == "RATE_LIMITED" ? "retry"
                  : word == "IGNORE"                        ? "ignore"
                  : word == "SUCCESS"                       ? "take"
                                                            : "fail";
  if (word == "REFRESH_TOKEN_THEN_RETRY") {
    return;  // a refused token is renewed anyway
  }
  if (const YamlNode* codes = source.get("http_codes");
      codes != nullptr && !codes->children.empty()) {
    one["status"] = to_json(*codes);
  }
  copy(source, "error_message_contains", one, "contains");
  copy(source, "predicate", one, "when");
  if (const YamlNode* message = source.get("error_message");
      message != nullptr && message->text.find("{{") == std::string::npos) {
    one["message"] = message->text;
  }
  if (one.contains("status") || one.contains("contains") || one.contains("when")) {
    made["errors"].push_back(std::move(one));
  }
}

void AirbyteConverter::selector(const AirbyteComponent& source, Json& made) {
  const AirbyteComponent extractor = inner(source, "extractor");
  const std::string type = extractor.type();
  const bool keeps_nested = type.ends_with("NullCheckedDpathExtractor");
  if (!type.empty() && type != "DpathExtractor" && !keeps_nested) {
    refuse(extractor.node, type, "a class of Python");
  }
  Json path = Json::array();
  if (const YamlNode* keys = extractor.get("field_path")) {
    for (const YamlNode& key : keys->children) {
      path.push_back(text(extractor, key));
    }
  }
  if (keeps_nested && extractor.get("nullable_nested_field") != nullptr) {
    path.push_back(extractor.get("nullable_nested_field")->text);
  }
  if (!path.empty()) {
    made["records"] = std::move(path);
  }
  if (source.get("record_filter") != nullptr) {
    const AirbyteComponent filter = inner(source, "record_filter");
    if (filter.node.find("class_name") != nullptr) {
      refuse(filter.node, filter.type(), "a class of Python");
    }
    copy(filter, "condition", made, "filter");
  }
}

void AirbyteConverter::paginator(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  if (type == "NoPagination") {
    return;
  }
  if (type != "DefaultPaginator") {
    refuse(source.node, type.empty() ? "paginator" : type, "this way to page");
    return;
  }
  const AirbyteComponent strategy = inner(source, "pagination_strategy");
  const std::string kind = strategy.type();
  Json paging = Json::object();
  if (kind == "PageIncrement" || kind == "OffsetIncrement") {
    paging["type"] = kind == "PageIncrement" ? "page" : "offset";
    const YamlNode* start = strategy.get("start_from_page");
    paging["start"] = start == nullptr ? 0 : integer_of(*start, "key 'start_from_page'");
    const YamlNode* first = strategy.get("inject_on_first_request");
    paging["first"] = first != nullptr && first->text == "true";
  } else if (kind == "CursorPagination") {
    paging["type"] = "cursor";
    copy(strategy, "cursor_value", paging, "cursor");
    copy(strategy, "stop_condition", paging, "stop");
  } else {
    refuse(strategy.node, kind.empty() ? "pagination_strategy" : kind, "this way to page");
    return;
  }
  paging["token"] = source.get("page_token_option") == nullptr
                        ? Json("none")
                        : place(inner(source, "page_token_option"));
  if (const YamlNode* size = strategy.get("page_size")) {
    paging["size"] = value(strategy, *size);
    if (source.get("page_size_option") != nullptr) {
      paging["size_in"] = place(inner(source, "page_size_option"));
    }
  }
  made["paging"] = std::move(paging);
}

void AirbyteConverter::decoder(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  if (type == "JsonlDecoder" || type == "IterableDecoder") {
    made["format"] = type == "JsonlDecoder" ? "jsonl" : "lines";
  } else if (type == "GzipDecoder" && source.get("decoder") != nullptr) {
    decoder(inner(source, "decoder"), made);  // what is packed is seen by its bytes
  } else if (type == "CsvDecoder") {
    const YamlNode* delimiter = source.get("delimiter");
    const YamlNode* encoding = source.get("encoding");
    if ((delimiter != nullptr && delimiter->text != ",") ||
        (encoding != nullptr && to_lower(encoding->text) != "utf-8")) {
      refuse(source.node, type, "another delimiter than a comma, or another encoding than UTF-8");
    }
    made["format"] = "csv";
  } else if (type != "JsonDecoder" && !type.empty()) {
    refuse(source.node, type, "this form of answers");
  }
}

void AirbyteConverter::routers(const AirbyteComponent& of, const YamlNode& node, Json& made) {
  if (node.is_sequence()) {
    for (const YamlNode& one : node.children) {
      routers(of, one, made);
    }
    return;
  }
  const AirbyteComponent source = of.child(node);
  const std::string type = source.type();
  Json partition = Json::object();
  if (type == "ListPartitionRouter") {
    const YamlNode* values = source.get("values");
    partition["values"] = values == nullptr ? Json::array() : value(source, *values);
    copy(source, "cursor_field", partition, "as");
    if (source.get("request_option") != nullptr) {
      partition["in"] = place(inner(source, "request_option"));
    }
  } else if (type == "SubstreamPartitionRouter") {
    if (const YamlNode* parents = source.get("parent_stream_configs")) {
      for (const YamlNode& one : parents->children) {
        partition["parents"].push_back(parent(source.child(one)));
      }
    }
  } else {
    refuse(source.node, type.empty() ? "partition_router" : type, "this way to cut a stream");
    return;
  }
  made["partitions"].push_back(std::move(partition));
}

Json AirbyteConverter::parent(const AirbyteComponent& source) {
  Json made = Json::object();
  const YamlNode* node = source.node.find("stream");
  if (node == nullptr) {
    refuse(source.node, "ParentStreamConfig", "a parent without a stream");
    return made;
  }
  // A parent stream takes no parameters of its child.
  const AirbyteComponent stream = AirbyteComponent{}.child(*node);
  const YamlNode* name = stream.get("name");
  std::string title = name == nullptr ? std::string{"parent_of_" + stream_} : name->text;
  if (!streams_.add(stream, true)) {
    failed_ = true;
  }
  made["stream"] = std::move(title);
  copy(source, "parent_key", made, "key");
  copy(source, "partition_field", made, "as");
  if (source.node.find("request_option") != nullptr) {
    made["in"] = place(inner(source, "request_option"));
  }
  if (const YamlNode* fields = source.get("extra_fields")) {
    for (const YamlNode& field : fields->children) {
      made["fields"].push_back(flat_list(field));
    }
  }
  return made;
}

Json AirbyteConverter::moment(const AirbyteComponent& of, std::string_view key,
                              std::vector<std::string>& formats) {
  const YamlNode* node = of.get(key);
  if (node->is_scalar()) {
    return text(of, *node);
  }
  const AirbyteComponent source = of.child(*node);
  if (const YamlNode* format = source.get("datetime_format")) {
    formats.push_back(format->text);
  }
  const YamlNode* datetime = source.get("datetime");
  return datetime == nullptr ? Json("") : Json(text(source, *datetime));
}

void AirbyteConverter::incremental(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  if (type != "DatetimeBasedCursor") {
    refuse(source.node, type.empty() ? "incremental_sync" : type,
           source.node.find("class_name") != nullptr ? "a class of Python" : "this kind of cursor");
    return;
  }
  Json cursor = Json::object();
  std::vector<std::string> formats;
  copy(source, "cursor_field", cursor, "cursor");
  if (source.get("start_datetime") == nullptr) {
    refuse(source.node, type, "a cursor without a start");
    return;
  }
  cursor["start"] = moment(source, "start_datetime", formats);
  if (source.get("end_datetime") != nullptr) {
    cursor["end"] = moment(source, "end_datetime", formats);
  }
  copy(source, "datetime_format", cursor, "format");
  if (cursor.contains("format")) {
    formats.push_back(cursor["format"].get<std::string>());
  }
  for (const std::string& format : formats) {
    if (const auto unknown = unknown_format_part(format)) {
      refuse(source.node, "datetime_format", fmt::format("'{}' in '{}'", *unknown, format));
    }
  }
  if (!formats.empty()) {
    cursor["formats"] = formats;
  }
  copy(source, "step", cursor, "step");
  copy(source, "cursor_granularity", cursor, "granularity");
  copy(source, "lookback_window", cursor, "lookback");
  copy(source, "partition_field_start", cursor, "start_name");
  copy(source, "partition_field_end", cursor, "end_name");
  for (const auto& [key, as] :
       {std::pair{"start_time_option", "start_in"}, std::pair{"end_time_option", "end_in"}}) {
    if (source.get(key) != nullptr) {
      cursor[as] = place(inner(source, key));
    }
  }
  made["incremental"] = std::move(cursor);
}

void AirbyteConverter::transformation(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  Json& changes = made["changes"];
  if (type == "AddFields") {
    if (const YamlNode* fields = source.get("fields")) {
      for (const YamlNode& field : fields->children) {
        const AirbyteComponent one = source.child(field);
        Json change = Json::object();
        Json path = Json::array();
        if (const YamlNode* keys = one.get("path")) {
          for (const YamlNode& key : keys->children) {
            path.push_back(text(one, key));
          }
        }
        change["add"] = std::move(path);
        change["value"] = one.get("value") == nullptr ? Json("") : value(one, *one.get("value"));
        changes.push_back(std::move(change));
      }
    }
  } else if (type == "RemoveFields") {
    if (const YamlNode* pointers = source.get("field_pointers")) {
      for (const YamlNode& pointer : pointers->children) {
        Json change = Json::object();
        change["remove"] = flat_list(pointer);
        copy(source, "condition", change, "when");
        changes.push_back(std::move(change));
      }
    }
  } else if (type == "KeysToLower") {
    changes.push_back(Json::object({{"lower_keys", true}}));
  } else if (type == "KeysReplace") {
    Json change = Json::object();
    copy(source, "old", change["rename_keys"], "from");
    copy(source, "new", change["rename_keys"], "to");
    changes.push_back(std::move(change));
  } else if (type == "DpathFlattenFields" && source.get("field_path") != nullptr) {
    Json change = Json::object();
    change["flatten"] = flat_list(*source.get("field_path"));
    const YamlNode* removes = source.get("delete_origin_value");
    change["keep"] = removes == nullptr || removes->text != "true";
    changes.push_back(std::move(change));
  } else {
    refuse(source.node, type.empty() ? "transformation" : type,
           source.node.find("class_name") != nullptr ? "a class of Python" : "this change");
  }
}

void AirbyteConverter::schema(const AirbyteComponent& source, Json& made) {
  const std::string type = source.type();
  if (type == "InlineSchemaLoader" && source.get("schema") != nullptr) {
    made["schema"] = to_json(*source.get("schema"));
    return;
  }
  streams_.remarks_.push_back(fmt::format(
      "stream '{}': columns are found from records, as the manifest holds no schema ({})", stream_,
      type.empty() ? "no loader" : type));
}

bool AirbyteStreams::add(const AirbyteComponent& stream, bool hidden) {
  const YamlNode* name = stream.get("name");
  if (name == nullptr || !name->is_scalar()) {
    return refuse(stream.node, "DeclarativeStream", {}, "a stream without a name");
  }
  return put(name->text, stream, hidden, Json::object());
}

bool AirbyteStreams::put(const std::string& name, const AirbyteComponent& stream, bool hidden,
                         Json extra) {
  if (!streams_) {
    streams_ = std::make_shared<Json>(Json::object());
  }
  const auto known = streams_->find(name);
  if (known != streams_->end()) {
    if (!hidden) {
      known->erase("hidden");
    }
    return true;
  }
  AirbyteConverter converter{*this, name};
  const std::size_t before = unsupported_.size();
  const std::set<std::string> keys_before = config_keys_;
  Json made = converter.stream(stream);
  if (extra.contains("each")) {
    extra["each"]["name"] = converter.expression(stream, extra["each"]["name"].get<std::string>());
  }
  made.update(extra);
  if (converter.failed()) {
    config_keys_ = keys_before;
    // Reached a second time, as a parent, it needs no second report.
    if (hidden && !reported_.insert(name).second) {
      unsupported_.resize(before);
    }
    reported_.insert(name);
    return false;
  }
  if (hidden) {
    made["hidden"] = true;
  }
  (*streams_)[name] = std::move(made);
  return true;
}

const Json& AirbyteStreams::streams() const {
  static const Json empty = Json::object();
  return streams_ ? *streams_ : empty;
}

}  // namespace mapctl::config

// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/sample.hpp"

#include <algorithm>
#include <stdexcept>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

SampleTable customers() {
  SampleTable table;
  table.name = "customers";
  table.columns = {
      {"Full Name", LogicalType::string},  {"customer_id", LogicalType::integer},
      {"E-Mail", LogicalType::string},     {"is_active", LogicalType::boolean},
      {"balance", LogicalType::decimal},   {"born_on", LogicalType::date},
      {"seen_at", LogicalType::timestamp}, {"postal_code", LogicalType::string},
  };
  table.primary_key = {"customer_id"};
  table.rows = {
      {"Zoë Łukasz", "70", "zoe@example.org", "true", "12.50", "1980-02-29", "2024-01-02 03:04:05",
       "01067"},
      {"O'Brien, Pat", "8", "pat.obrien@example.com", "false", "-3.25", "1975-12-31",
       "2024-02-03 00:00:00", "99084"},
      {"Ada \"Countess\" King", "31", "ada@example.net", "true", std::nullopt, "1990-06-15",
       "2023-12-31 23:59:59", "10115"},
      {"Ben", "9", "ben@example.org", "true", "1000.00", std::nullopt, "2024-01-02 03:04:05",
       "01067"},
      {"Cleo", "100", std::nullopt, "false", "0.75", "2001-01-01", std::nullopt, "00501"},
  };
  return table;
}

SampleTable order_lines(std::string name) {
  SampleTable table;
  table.name = std::move(name);
  table.columns = {{"quantity", LogicalType::integer},
                   {"line_no", LogicalType::integer},
                   {"order_id", LogicalType::integer},
                   {"customer_id", LogicalType::integer},
                   {"note", LogicalType::string}};
  table.primary_key = {"order_id", "line_no"};
  table.foreign_keys = {{{"customer_id"}, "customers", {"customer_id"}}};
  table.rows = {{"5", "2", "11", "70", "first line\nsecond, \"quoted\""},
                {"1", "1", "11", "70", std::nullopt},
                {"7", "1", "4", "8", "über"}};
  return table;
}

SampleTable shipments() {
  SampleTable table;
  table.name = "shipments";
  table.columns = {{"shipped_line", LogicalType::integer},
                   {"Shipment", LogicalType::string},
                   {"shipped_order", LogicalType::integer}};
  table.primary_key = {"Shipment"};
  table.foreign_keys = {
      {{"shipped_order", "shipped_line"}, "Order_Lines", {"order_id", "line_no"}}};
  table.rows = {{"1", "S-2", "4"}, {"2", "S-1", "11"}};
  return table;
}

SampleTable odd_names() {
  SampleTable table;
  table.name = "it's \"größer\"";
  table.columns = {{"select", LogicalType::string},
                   {"a\"b", LogicalType::integer},
                   {"größe_cm", LogicalType::integer}};
  table.rows = {{"x", "1", "180"}, {"y", "2", "165"}};
  return table;
}

}  // namespace

const std::vector<SampleTable>& sample() {
  static const std::vector<SampleTable> tables = [] {
    std::vector<SampleTable> made{customers(), order_lines("Order_Lines"),
                                  order_lines("OrderXLines"), shipments(), odd_names()};
    std::sort(made.begin(), made.end(), [](const SampleTable& left, const SampleTable& right) {
      return left.name < right.name;
    });
    return made;
  }();
  return tables;
}

const SampleTable& sample_table(const std::string& name) {
  for (const auto& table : sample()) {
    if (table.name == name) {
      return table;
    }
  }
  throw std::logic_error{"the sample has no table " + name};
}

}  // namespace mapctl::test

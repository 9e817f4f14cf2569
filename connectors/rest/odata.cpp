// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/odata.hpp"

#include "core/base/error.hpp"
#include "core/base/handle.hpp"
#include "core/base/text.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace mapctl::connectors::rest {
namespace {

using catalog::LogicalType;
using ParserHandle = Handle<XML_ParserStruct, &XML_ParserFree>;

constexpr std::size_t depth_limit = 64;
constexpr std::size_t base_limit = 20;  // types derive from each other
constexpr std::size_t most_columns = 5'000;
constexpr char separator = '\n';  // between namespace and name

using Attributes = std::map<std::string, std::string, std::less<>>;

struct Property {
  std::string name{}, type{}, label{};
  bool nullable = true;
  std::string length{}, precision{}, scale{};
};

struct Pair {
  std::string column{}, key{};
};

struct Navigation {
  std::string target{};                   // type, of OData 4
  std::string relationship{}, to_role{};  // of OData 2 and 3
  std::vector<Pair> pairs{};
};

struct Type {
  std::string base{};
  std::vector<std::string> key{};
  std::vector<Property> properties{};
  std::vector<Navigation> navigations{};
};

// OData 2 and 3 keep references apart from the types.
struct Association {
  std::map<std::string, std::string> types{};  // by role
  std::string principal{}, dependent{};        // roles
  std::vector<std::string> keys{}, columns{};
};

struct Document {
  std::map<std::string, Type> entities{}, complexes{};  // by full name
  std::map<std::string, std::vector<std::string>> enums{};
  std::map<std::string, Association> associations{};
  std::vector<std::pair<std::string, std::string>> sets{};  // name and type
  std::map<std::string, std::string> aliases{};
};

class Parser {
 public:
  explicit Parser(std::string_view what)
      : what_{what}, parser_{XML_ParserCreateNS(nullptr, separator)} {
    if (!parser_) {
      throw Error{ErrorCode::resource_limit, "no memory to read XML"};
    }
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Parser::on_start, &Parser::on_end);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Parser::on_doctype);
  }

  Document run(std::string_view text) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
    if (text.size() > most) {
      throw Error{ErrorCode::resource_limit, fmt::format("{} is too large", what_)};
    }
    const auto status =
        XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (status != XML_STATUS_OK) {
      throw Error{
          ErrorCode::invalid_data,
          fmt::format(
              "{} is no description of OData in line {}: {}", what_,
              XML_GetCurrentLineNumber(parser_.get()),
              refused_ != nullptr ? refused_ : XML_ErrorString(XML_GetErrorCode(parser_.get()))),
          "give the answer of the service's $metadata"};
    }
    return std::move(document_);
  }

 private:
  static void on_start(void* user, const char* name, const char** raw) {
    Parser& self = *static_cast<Parser*>(user);
    try {
      if (++self.depth_ > depth_limit) {
        self.refuse("its elements are nested too deeply");
        return;
      }
      const auto local = [](std::string_view full) {
        const auto at = full.rfind(separator);
        return at == std::string_view::npos ? full : full.substr(at + 1);
      };
      Attributes attributes;
      for (const char** at = raw; *at != nullptr; at += 2) {
        attributes.emplace(local(at[0]), at[1]);  // of two, the one without a namespace comes first
      }
      self.start(local(name), attributes);
    } catch (...) {
      self.refuse("there is no memory for it");  // an exception must not pass through C
    }
  }
  static void on_end(void* user, const char* name) {
    Parser& self = *static_cast<Parser*>(user);
    --self.depth_;
    const std::string_view full{name};
    self.end(full.substr(full.rfind(separator) + 1));
  }
  static void on_doctype(void* user, const char*, const char*, const char*, int) {
    static_cast<Parser*>(user)->refuse("it declares a document type");
  }
  void refuse(const char* cause) noexcept {
    refused_ = cause;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  static std::string get(const Attributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string{} : found->second;
  }

  // Some services leave the namespace out.
  std::string qualified(std::string name) const {
    return name.empty() || name.find_first_of(".(") != std::string::npos ? name
                                                                         : namespace_ + "." + name;
  }

  void start(std::string_view name, const Attributes& attributes) {
    if (name == "Schema") {
      namespace_ = get(attributes, "Namespace");
      if (const std::string alias = get(attributes, "Alias"); !alias.empty()) {
        document_.aliases[alias] = namespace_;
      }
    } else if (name == "EntityType" || name == "ComplexType") {
      auto& types = name == "EntityType" ? document_.entities : document_.complexes;
      type_ = &types[namespace_ + "." + get(attributes, "Name")];
      in_navigation_ = false;
      type_->base = qualified(get(attributes, "BaseType"));
    } else if (name == "EnumType") {
      enum_ = &document_.enums[namespace_ + "." + get(attributes, "Name")];
    } else if (name == "Member" && enum_ != nullptr) {
      enum_->push_back(get(attributes, "Name"));
    } else if (name == "EntitySet") {
      document_.sets.emplace_back(get(attributes, "Name"),
                                  qualified(get(attributes, "EntityType")));
    } else if (name == "Association") {
      association_ = &document_.associations[namespace_ + "." + get(attributes, "Name")];
    } else if (name == "End" && association_ != nullptr) {
      association_->types[get(attributes, "Role")] = get(attributes, "Type");
    } else if (name == "Principal" && association_ != nullptr) {
      association_->principal = get(attributes, "Role");
      side_ = &association_->keys;
    } else if (name == "Dependent" && association_ != nullptr) {
      association_->dependent = get(attributes, "Role");
      side_ = &association_->columns;
    } else if (name == "PropertyRef") {
      if (side_ != nullptr) {
        side_->push_back(get(attributes, "Name"));
      } else if (type_ != nullptr) {
        type_->key.push_back(get(attributes, "Name"));
      }
    } else if (name == "Property" && type_ != nullptr) {
      Property made;
      made.name = get(attributes, "Name");
      made.type = qualified(get(attributes, "Type"));
      made.label = get(attributes, "label");  // sap:label
      made.nullable = get(attributes, "Nullable") != "false";
      made.length = get(attributes, "MaxLength");
      made.precision = get(attributes, "Precision");
      made.scale = get(attributes, "Scale");
      type_->properties.push_back(std::move(made));
    } else if (name == "NavigationProperty" && type_ != nullptr) {
      type_->navigations.push_back({get(attributes, "Type"),
                                    get(attributes, "Relationship"),
                                    get(attributes, "ToRole"),
                                    {}});
      in_navigation_ = true;
    } else if (name == "ReferentialConstraint" && type_ != nullptr && in_navigation_ &&
               !get(attributes, "Property").empty()) {
      type_->navigations.back().pairs.push_back(
          {get(attributes, "Property"), get(attributes, "ReferencedProperty")});
    }
  }

  void end(std::string_view name) noexcept {
    if (name == "EntityType" || name == "ComplexType") {
      type_ = nullptr;
    } else if (name == "EnumType") {
      enum_ = nullptr;
    } else if (name == "Association") {
      association_ = nullptr;
    } else if (name == "Principal" || name == "Dependent") {
      side_ = nullptr;
    } else if (name == "NavigationProperty") {
      in_navigation_ = false;
    }
  }

  std::string what_;
  ParserHandle parser_;
  Document document_;
  std::string namespace_;
  Type* type_ = nullptr;
  std::vector<std::string>* enum_ = nullptr;
  Association* association_ = nullptr;
  std::vector<std::string>* side_ = nullptr;
  bool in_navigation_ = false;
  std::size_t depth_ = 0;
  const char* refused_ = nullptr;
};

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional{value}
             : std::nullopt;
}

struct Spelling {
  std::string_view edm{};
  LogicalType logical{};
  int bits = 0;
};

constexpr Spelling spellings[] = {
    {"Edm.Boolean", LogicalType::boolean, 0},    {"Edm.Byte", LogicalType::integer, 8},
    {"Edm.SByte", LogicalType::integer, 8},      {"Edm.Int16", LogicalType::integer, 16},
    {"Edm.Int32", LogicalType::integer, 32},     {"Edm.Int64", LogicalType::integer, 64},
    {"Edm.Single", LogicalType::floating, 32},   {"Edm.Double", LogicalType::floating, 64},
    {"Edm.Decimal", LogicalType::decimal, 0},    {"Edm.String", LogicalType::string, 0},
    {"Edm.Binary", LogicalType::binary, 0},      {"Edm.Stream", LogicalType::binary, 0},
    {"Edm.Guid", LogicalType::uuid, 0},          {"Edm.Date", LogicalType::date, 0},
    {"Edm.Time", LogicalType::time, 0},          {"Edm.TimeOfDay", LogicalType::time, 0},
    {"Edm.DateTime", LogicalType::timestamp, 0}, {"Edm.DateTimeOffset", LogicalType::timestamp, 0},
    {"Edm.Duration", LogicalType::interval, 0},
};

class Builder {
 public:
  explicit Builder(const Document& document) : document_{document} {}

  ODataModel build() const {
    ODataModel model;
    for (const auto& [name, type] : document_.sets) {
      ODataSet set;
      const std::vector<const Type*> chain = chain_of(document_.entities, full(type));
      for (const Type* part : chain) {
        add_properties(part->properties, {}, true, set.shape);
        if (!part->key.empty()) {
          set.key = part->key;
        }
        add_references(*part, set);
      }
      model.emplace(name, std::move(set));
    }
    return model;
  }

 private:
  std::string full(const std::string& name) const {
    const auto dot = name.rfind('.');
    const auto alias = dot == std::string::npos ? document_.aliases.end()
                                                : document_.aliases.find(name.substr(0, dot));
    return alias == document_.aliases.end() ? name : alias->second + name.substr(dot);
  }

  // The type and what it derives from, the outermost first.
  std::vector<const Type*> chain_of(const std::map<std::string, Type>& types,
                                    std::string name) const {
    std::vector<const Type*> chain;
    for (auto found = types.find(name); found != types.end() && chain.size() < base_limit;
         found = types.find(full(found->second.base))) {
      chain.insert(chain.begin(), &found->second);
    }
    return chain;
  }

  void add_properties(const std::vector<Property>& properties, const JsonPath& prefix,
                      bool parent_mandatory, catalog::Shape& shape) const {
    for (const Property& property : properties) {
      if (shape.columns.size() >= most_columns) {
        return;
      }
      JsonPath path = prefix;
      path.push_back(property.name);
      const bool mandatory = parent_mandatory && !property.nullable;
      if (path.size() < catalog::nesting_limit) {
        const auto chain = chain_of(document_.complexes, full(property.type));
        for (const Type* part : chain) {
          add_properties(part->properties, path, mandatory, shape);
        }
        if (!chain.empty()) {
          continue;
        }
      }
      catalog::RecordColumn made;
      made.path = path;
      catalog::Column& column = made.column;
      column.name = catalog::ColumnName{join(path, ".")};
      column.position = static_cast<int>(shape.columns.size()) + 1;
      column.comment = property.label;
      column.nullable = !mandatory;
      column.required = mandatory;
      set_type(property, column);
      shape.columns.push_back(std::move(made));
    }
  }

  void set_type(const Property& property, catalog::Column& column) const {
    catalog::DataType& type = column.type;
    type.native = property.type;
    constexpr std::string_view list = "Collection(";
    if (property.type.starts_with(list) && property.type.ends_with(')')) {
      type.logical = LogicalType::array;
      const std::string inner =
          property.type.substr(list.size(), property.type.size() - list.size() - 1);
      const Spelling* spelling = find(inner);
      type.element = spelling == nullptr ? LogicalType::object : spelling->logical;
      return;
    }
    if (const auto members = document_.enums.find(full(property.type));
        members != document_.enums.end()) {
      type.logical = LogicalType::string;
      column.allowed_values = members->second;
      return;
    }
    const Spelling* spelling = find(property.type);
    if (spelling == nullptr) {
      type.logical = LogicalType::object;
      return;
    }
    type.logical = spelling->logical;
    if (spelling->bits > 0) {
      type.bits = spelling->bits;
    }
    type.is_unsigned = property.type == "Edm.Byte";
    type.time_zone = property.type == "Edm.DateTimeOffset";
    if (type.logical == LogicalType::string || type.logical == LogicalType::binary) {
      type.length = number(property.length);  // "Max" is none
    } else if (type.logical == LogicalType::decimal) {
      if (const auto precision = number(property.precision)) {
        type.precision = static_cast<int>(*precision);
        type.scale = static_cast<int>(number(property.scale).value_or(0));
      }
    }
  }

  static const Spelling* find(std::string_view edm) {
    const auto found = std::find_if(std::begin(spellings), std::end(spellings),
                                    [&](const Spelling& one) { return one.edm == edm; });
    return found == std::end(spellings) ? nullptr : &*found;
  }

  // The set that holds entities of a type, if there is just one.
  std::string set_of(const std::string& type) const {
    std::string name;
    for (const auto& [set, its_type] : document_.sets) {
      if (full(its_type) == type) {
        if (!name.empty()) {
          return {};
        }
        name = set;
      }
    }
    return name;
  }

  void add_references(const Type& type, ODataSet& set) const {
    for (const Navigation& navigation : type.navigations) {
      ODataSet::Reference made;
      if (!navigation.pairs.empty()) {
        made.set = set_of(full(navigation.target));
        for (const Pair& pair : navigation.pairs) {
          made.columns.push_back(pair.column);
          made.keys.push_back(pair.key);
        }
      } else if (const auto found = document_.associations.find(full(navigation.relationship));
                 found != document_.associations.end()) {
        const Association& association = found->second;
        const auto target = association.types.find(association.principal);
        if (navigation.to_role != association.principal || target == association.types.end()) {
          continue;  // seen from the other end
        }
        made.set = set_of(full(target->second));
        made.columns = association.columns;
        made.keys = association.keys;
      }
      if (!made.set.empty() && !made.columns.empty() && made.columns.size() == made.keys.size()) {
        set.references.push_back(std::move(made));
      }
    }
  }

  const Document& document_;
};

}  // namespace

ODataModel read_odata(std::string_view document, std::string_view what) {
  const Document read = Parser{what}.run(document);
  if (read.sets.empty()) {
    throw Error{ErrorCode::invalid_data, fmt::format("{} names no sets of entities", what),
                "give the answer of the service's $metadata"};
  }
  return Builder{read}.build();
}

}  // namespace mapctl::connectors::rest

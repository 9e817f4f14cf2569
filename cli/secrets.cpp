// SPDX-License-Identifier: Apache-2.0
#include "cli/secrets.hpp"

#include "cli/command.hpp"
#include "cli/secret_program.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::string required_environment(const char* name, const char* hint) {
  auto value = environment(name);
  if (!value || value->empty()) {
    throw Error{ErrorCode::configuration, fmt::format("environment variable '{}' is not set", name),
                hint};
  }
  return std::move(*value);
}

// "PATH#KEY"; the key is empty when there is none.
std::pair<std::string, std::string> split_key(const std::string& argument) {
  const auto hash = argument.rfind('#');
  return hash == std::string::npos ? std::pair{argument, std::string{}}
                                   : std::pair{argument.substr(0, hash), argument.substr(hash + 1)};
}

std::string key_of(const Json& values, const std::string& key, std::string_view place) {
  const Json* found = find_member(values, key.c_str());
  if (found == nullptr || !found->is_string()) {
    throw Error{ErrorCode::not_found, fmt::format("'{}' has no text '{}'", place, key),
                "check the key behind '#'"};
  }
  return found->get<std::string>();
}

ports::HttpResponse ask(CommandContext& context, const ports::HttpRequest& request) {
  ports::HttpSettings settings;
  settings.name = "secrets";
  settings.timeout = 20;
  settings.retry.attempts = 3;
  return context.wiring().http().client(settings)->send(request, {}, context.stop());
}

std::string from_vault(CommandContext& context, const std::string& argument) {
  const auto [path, key] = split_key(argument);
  if (key.empty()) {
    throw Error{ErrorCode::configuration, fmt::format("'{}' names no key", argument),
                "write ${vault:PATH#KEY}, for example ${vault:secret/data/crm#token}"};
  }
  std::string address = required_environment(
      "VAULT_ADDR", "set it, for example: export VAULT_ADDR=https://vault:8200");
  while (address.ends_with('/')) {
    address.pop_back();
  }
  ports::HttpRequest request;
  request.url = fmt::format("{}/v1/{}", address, ports::percent_encode(path, "/"));
  request.headers.push_back(
      {"X-Vault-Token",
       required_environment("VAULT_TOKEN",
                            "log in to Vault and set it, or use another reference")});
  if (auto name_space = environment("VAULT_NAMESPACE")) {
    request.headers.push_back({"X-Vault-Namespace", std::move(*name_space)});
  }
  const ports::HttpResponse response = ask(context, request);
  if (response.status != 200) {
    throw ports::status_error(response);
  }
  const Json answer = read_json(response.body);
  if (!answer.is_object()) {
    throw ports::not_json_error(response);
  }
  // KV version 2 wraps the values once more than version 1.
  const Json* data = find_member(answer, "data");
  const Json* inner = data == nullptr ? nullptr : find_member(*data, "data");
  return key_of(inner != nullptr ? *inner : data != nullptr ? *data : answer, key, path);
}

std::string from_aws(CommandContext& context, const std::string& argument) {
  const auto [name, key] = split_key(argument);
  std::string region = environment("AWS_REGION").value_or("");
  if (region.empty()) {
    region = required_environment("AWS_DEFAULT_REGION", "set AWS_REGION to where the secret is");
  }
  ports::HttpRequest request;
  request.method = "POST";
  request.url = environment("AWS_ENDPOINT_URL_SECRETS_MANAGER")
                    .value_or(fmt::format("https://secretsmanager.{}.amazonaws.com/", region));
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", "secretsmanager.GetSecretValue"}};
  if (auto token = environment("AWS_SESSION_TOKEN")) {
    request.headers.push_back({"X-Amz-Security-Token", std::move(*token)});
  }
  Json body = Json::object();
  body["SecretId"] = name;
  request.body = to_line(body);
  request.aws = ports::HttpRequest::AwsSignature{
      region, "secretsmanager",
      Secret{required_environment("AWS_ACCESS_KEY_ID", "set the AWS credentials")},
      Secret{required_environment("AWS_SECRET_ACCESS_KEY", "set the AWS credentials")}};
  const ports::HttpResponse response = ask(context, request);
  const Json answer = read_json(response.body);
  if (response.status != 200) {
    throw ports::status_error(response, text_member(answer, "__type"));
  }
  std::string text = key_of(answer, "SecretString", name);
  return key.empty() ? text : key_of(read_json(text), key, name);
}

std::string from_store(CommandContext& context, const std::string& name) {
  const auto found = open_secret_store(context).get(name);
  if (!found) {
    throw Error{ErrorCode::not_found, fmt::format("the secret store has no '{}'", name),
                fmt::format("set it: mapctl profile secret set {}", name)};
  }
  return found->reveal();
}

std::string from_command(const CommandContext& context, const std::string& line) {
  if (environment("MAPCTL_ALLOW_SECRET_COMMANDS").value_or("") != "1") {
    throw Error{ErrorCode::denied, "programs may not be run for secrets",
                "set MAPCTL_ALLOW_SECRET_COMMANDS=1 if you trust everybody who can write profiles"};
  }
  return output_of_program(line, context.stop());
}

}  // namespace

SecretStore open_secret_store(const CommandContext& context) {
  fs::path file = context.settings().project_directory() / ".mapctl" / "secrets";
  if (const auto named = environment("MAPCTL_SECRET_STORE"); named && !named->empty()) {
    file = context.settings().working_directory() / *named;
  }
  SecretStore::Key key;
  if (auto path = environment("MAPCTL_STORE_KEY_FILE"); path && !path->empty()) {
    key.key_file_bytes = Secret{read_file(*path)};
    if (key.key_file_bytes.reveal().size() < 32) {
      throw Error{ErrorCode::configuration,
                  fmt::format("the key file '{}' has fewer than 32 bytes", *path),
                  "make one: head -c 32 /dev/urandom > FILE; chmod 600 FILE"};
    }
  } else {
    key.passphrase = Secret{
        required_environment("MAPCTL_STORE_PASSPHRASE",
                             "set it, or MAPCTL_STORE_KEY_FILE, to the key of the secret store")};
  }
  return SecretStore{std::move(file), std::move(key)};
}

config::SecretSources secret_sources(CommandContext& context) {
  config::SecretSources sources;
  sources.environment = environment;
  sources.others["vault"] = [&](const std::string& text) { return from_vault(context, text); };
  sources.others["aws-sm"] = [&](const std::string& text) { return from_aws(context, text); };
  sources.others["store"] = [&](const std::string& text) { return from_store(context, text); };
  sources.others["cmd"] = [&](const std::string& text) { return from_command(context, text); };
  return sources;
}

void keep_secret(const CommandContext& context, const config::ProfileValue& place,
                 const Secret& value) {
  const auto reference = config::only_reference(place);
  if (reference && reference->kind == "store") {
    open_secret_store(context).put(reference->argument, value);
    return;
  }
  if (reference && reference->kind == "file") {
    AtomicFile file{place.directory / reference->argument};
    if (::chmod(file.temporary().c_str(), S_IRUSR | S_IWUSR) != 0) {
      throw_io_error(errno, "protect", file.temporary());
    }
    file.write(value.reveal());
    file.commit();
    return;
  }
  throw Error{ErrorCode::unsupported,
              fmt::format("{}: it is neither in the secret store nor in a file", place.where),
              "refer to it as ${store:NAME} or ${file:PATH}"};
}

}  // namespace mapctl::cli

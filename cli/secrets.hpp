// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret_store.hpp"
#include "core/config/profile.hpp"

#include <string>

namespace mapctl::cli {

class CommandContext;

// Where the secrets of profiles come from: the environment, files, the local store, Vault, AWS
// Secrets Manager and, where MAPCTL_ALLOW_SECRET_COMMANDS is 1, programs. Asked at each opening of
// a system, so that a secret that was changed is used without a restart. The context must outlive
// the result.
config::SecretSources secret_sources(CommandContext& context);

// The store of the project: .mapctl/secrets beside mapctl.yaml, or what MAPCTL_SECRET_STORE names.
// Throws Error::configuration when neither MAPCTL_STORE_PASSPHRASE nor MAPCTL_STORE_KEY_FILE is
// set.
SecretStore open_secret_store(const CommandContext& context);

// Puts a rotated secret where it was read from; for ConnectorOptions::keep_secret.
void keep_secret(const CommandContext& context, const config::ProfileValue& place,
                 const Secret& value);

}  // namespace mapctl::cli

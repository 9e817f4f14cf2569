// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <curl/curl.h>

namespace mapctl::connectors::http {

using EasyHandle = Handle<CURL, &curl_easy_cleanup>;
using MultiHandle = Handle<CURLM, &curl_multi_cleanup>;
using ListHandle = Handle<curl_slist, &curl_slist_free_all>;

}  // namespace mapctl::connectors::http

// HSE_REQ_EXEC_URL, HSE_REQ_EXEC_UNICODE_URL, HSE_REQ_GET_EXEC_URL_STATUS: another request in the middle of this one.
#include <osmia_host_runtime.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "isapi/child_user.h"
#include "isapi/session.h"
#include "isapi/url_text.h"

namespace isapi {

/// What an extension asks for, of either kind of string. Absent: as the parent has it.
struct Session::Child {
    std::optional<std::string> url, method, headers;
    const HSE_EXEC_URL_ENTITY_INFO* entity = nullptr;
    bool has_user = false;
    HANDLE token = nullptr;
    std::u16string user, user_type;
    DWORD flags = 0;
};

namespace {

constexpr DWORD KnownFlags = HSE_EXEC_URL_NO_HEADERS | HSE_EXEC_URL_IGNORE_CURRENT_INTERCEPTOR |
                             HSE_EXEC_URL_IGNORE_VALIDATION_AND_RANGE | HSE_EXEC_URL_DISABLE_CUSTOM_ERROR |
                             HSE_EXEC_URL_SSI_CMD | HSE_EXEC_URL_HTTP_CACHE_ELIGIBLE;

constexpr const char* Conditions[] = {"If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
                                      "If-Unmodified-Since", "Range"};

using Fields = std::vector<std::pair<std::string, std::string>>;

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f && std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
}

// Lines of "Name: value". Nothing when one is something else.
std::optional<Fields> parse_fields(std::string_view block) {
    Fields fields;
    while (!block.empty()) {
        const auto end = std::min(block.find('\n'), block.size());
        std::string_view line = block.substr(0, end);
        block.remove_prefix(std::min(end + 1, block.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        if (!is_one_line(value)) return std::nullopt;
        fields.emplace_back(line.substr(0, colon), value);
    }
    return fields;
}

std::u16string widened(LPCSTR text) {
    std::u16string out;
    for (; text != nullptr && *text != '\0'; ++text) out += static_cast<unsigned char>(*text);
    return out;
}

std::optional<std::string> optional_text(LPCSTR text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

DWORD execute_flags(DWORD flags) {
    DWORD out = 0;
    if ((flags & HSE_EXEC_URL_NO_HEADERS) != 0) out |= EXECUTE_FLAG_NO_HEADERS;
    if ((flags & HSE_EXEC_URL_IGNORE_CURRENT_INTERCEPTOR) != 0) out |= EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR;
    if ((flags & HSE_EXEC_URL_DISABLE_CUSTOM_ERROR) != 0) out |= EXECUTE_FLAG_DISABLE_CUSTOM_ERROR;
    if ((flags & HSE_EXEC_URL_HTTP_CACHE_ELIGIBLE) != 0) out |= EXECUTE_FLAG_HTTP_CACHE_ELIGIBLE;
    return out;
}

void replace_headers(IHttpRequest& request, PCSTR all, const Fields& fields) {
    // Every name that the parent has; ALL_RAW is lines of "Name: value".
    if (const auto present = parse_fields(all)) {
        for (const auto& [name, value] : *present) request.DeleteHeader(name.c_str());
    }
    for (const auto& [name, value] : fields)
        request.SetHeader(name.c_str(), value.c_str(), static_cast<USHORT>(value.size()), FALSE);
}

}  // namespace

BOOL Session::exec_url(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const auto& info = *static_cast<const HSE_EXEC_URL_INFO*>(buffer);
    Child child;
    child.url = optional_text(info.pszUrl);
    child.method = optional_text(info.pszMethod);
    child.headers = optional_text(info.pszChildHeaders);
    child.entity = info.pEntity;
    child.flags = info.dwExecUrlFlags;
    if (info.pUserInfo != nullptr) {
        child.has_user = true;
        child.token = info.pUserInfo->hImpersonationToken;
        child.user = widened(info.pUserInfo->pszCustomUserName);
        child.user_type = widened(info.pUserInfo->pszCustomAuthType);
    }
    return start_child(child);
}

BOOL Session::exec_unicode_url(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const auto& info = *static_cast<const HSE_EXEC_UNICODE_URL_INFO*>(buffer);
    Child child;
    if (info.pszUrl != nullptr) child.url = to_narrow(info.pszUrl);
    child.method = optional_text(info.pszMethod);
    child.headers = optional_text(info.pszChildHeaders);
    child.entity = info.pEntity;
    child.flags = info.dwExecUrlFlags;
    if (info.pUserInfo != nullptr) {
        child.has_user = true;
        child.token = info.pUserInfo->hImpersonationToken;
        if (info.pUserInfo->pszCustomUserName != nullptr) child.user = info.pUserInfo->pszCustomUserName;
        child.user_type = widened(info.pUserInfo->pszCustomAuthType);
    }
    return start_child(child);
}

// ERROR_SUCCESS, or what is wrong with what the extension asks for.
DWORD Session::check_child(const Child& child) {
    if ((child.flags & ~KnownFlags) != 0 || answered_) return ERROR_INVALID_PARAMETER;
    const bool url = !child.url || (child.url->starts_with('/') && is_one_line(*child.url) && normal_url(*child.url));
    const bool method = !child.method || is_token(*child.method);
    const bool headers = !child.headers || parse_fields(*child.headers);
    const bool entity = child.entity == nullptr || child.entity->lpbData != nullptr || child.entity->cbAvailable == 0;
    if (!url || !method || !headers || !entity) return ERROR_INVALID_PARAMETER;
    const bool token = !child.has_user || child.token == nullptr || osmia_host_is_token(child.token);
    return token ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

HRESULT Session::describe_child(const Child& child) {
    IHttpRequest& request = *child_->GetRequest();
    if (child.headers) {
        PCSTR all = nullptr;
        DWORD length = 0;
        const HRESULT result = context_.GetServerVariable("ALL_RAW", &all, &length);
        if (FAILED(result)) return result;
        replace_headers(request, all, *parse_fields(*child.headers));
    }
    if ((child.flags & HSE_EXEC_URL_IGNORE_VALIDATION_AND_RANGE) != 0) {
        for (const char* name : Conditions) request.DeleteHeader(name);
    }
    if (child.method) request.SetHttpMethod(child.method->c_str());
    PVOID extended = nullptr;
    HRESULT result = child_->GetExtendedInterface(OSMIA_CONTEXT_INTERFACE, &extended);
    if (SUCCEEDED(result) && child.url) {
        const std::string url = *normal_url(*child.url);
        result = request.SetUrl(url.c_str(), static_cast<DWORD>(url.size()), TRUE);
    }
    if (FAILED(result)) return result;
    if (child.entity != nullptr) {
        static_cast<IOsmiaContext*>(extended)->SetEntity(child.entity->lpbData, child.entity->cbAvailable);
    } else if (!body_was_read_ && block_.cbAvailable != 0) {
        // IIS passes the body on that it had read ahead, as long as the extension read nothing itself.
        result = request.InsertEntityBody(read_ahead_.data(), block_.cbAvailable);
    }
    return result;
}

BOOL Session::start_child(const Child& child) {
    const DWORD error = check_child(child);
    if (error != ERROR_SUCCESS) return fail(error);
    if (begin_operation(registered_completion()) == FALSE) return FALSE;
    child_ = nullptr;
    HRESULT result = context_.CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS, &child_);
    if (SUCCEEDED(result)) result = describe_child(child);
    if (child.has_user && !child.user.empty()) child_user_ = new ChildUser(child.user, child.user_type);
    if (SUCCEEDED(result)) {
        result = host_context_.ExecuteChild(
            child_, execute_flags(child.flags), child_user_,
            [](PVOID session, DWORD, HRESULT) { static_cast<Session*>(session)->child_ended(); }, this);
    }
    if (SUCCEEDED(result)) return TRUE;
    release_child();
    cancel_operation();
    return fail(to_error(result));
}

void Session::release_child() {
    if (child_ != nullptr) child_->ReleaseClonedContext();
    if (child_user_ != nullptr) child_user_->DereferenceUser();
    child_ = nullptr;
    child_user_ = nullptr;
}

void Session::child_ended() {
    USHORT status = 0, substatus = 0;
    HRESULT error = S_OK;
    child_->GetResponse()->GetStatus(&status, &substatus, nullptr, nullptr, &error);
    // A child that dropped its headers has answered nothing by itself.
    if ((child_->GetExecuteFlags() & EXECUTE_FLAG_NO_HEADERS) == 0) redispatched_ = true;
    release_child();
    {
        const std::lock_guard lock(mutex_);
        child_status_ = HSE_EXEC_URL_STATUS{status, substatus, to_error(error)};
    }
    end_operation(0, S_OK);
}

BOOL Session::exec_url_status(LPVOID buffer, LPDWORD, LPDWORD) {
    const std::lock_guard lock(mutex_);
    if (buffer == nullptr || !child_status_) return fail(ERROR_INVALID_PARAMETER);
    *static_cast<HSE_EXEC_URL_STATUS*>(buffer) = *child_status_;
    return TRUE;
}

}  // namespace isapi

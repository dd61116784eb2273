// Every server variable with its value, or the error code in brackets. ?name=X: only that one.
#include "respond.h"

EXAMPLE_EXTENSION("Lists server variables")

namespace {

const char* const kNames[] = {
    "ALL_HTTP",
    "ALL_RAW",
    "APPL_MD_PATH",
    "APPL_PHYSICAL_PATH",
    "APP_POOL_CONFIG",
    "APP_POOL_ID",
    "AUTH_PASSWORD",
    "AUTH_TYPE",
    "AUTH_USER",
    "CACHE_URL",
    "CERT_COOKIE",
    "CERT_FLAGS",
    "CERT_ISSUER",
    "CERT_KEYSIZE",
    "CERT_SECRETKEYSIZE",
    "CERT_SERIALNUMBER",
    "CERT_SERVER_ISSUER",
    "CERT_SERVER_SUBJECT",
    "CERT_SUBJECT",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "CRYPT_CIPHER_ALG_ID",
    "CRYPT_HASH_ALG_ID",
    "CRYPT_KEYEXCHANGE_ALG_ID",
    "CRYPT_PROTOCOL",
    "DOCUMENT_ROOT",
    "FORWARDED_URL",
    "GATEWAY_INTERFACE",
    "HTTPS",
    "HTTPS_KEYSIZE",
    "HTTPS_SECRETKEYSIZE",
    "HTTPS_SERVER_ISSUER",
    "HTTPS_SERVER_SUBJECT",
    "HTTP_ACCEPT",
    "HTTP_HOST",
    "HTTP_METHOD",
    "HTTP_URL",
    "HTTP_USER_AGENT",
    "HTTP_VERSION",
    "INSTANCE_ID",
    "INSTANCE_META_PATH",
    "INSTANCE_NAME",
    "LOCAL_ADDR",
    "LOGON_USER",
    "MANAGED_PIPELINE_MODE",
    "ORIGINAL_URL",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "REMOTE_USER",
    "REQUEST_FILENAME",
    "REQUEST_FLAGS",
    "REQUEST_METHOD",
    "REQUEST_URI",
    "SCRIPT_FILENAME",
    "SCRIPT_NAME",
    "SCRIPT_TRANSLATED",
    "SERVER_ADDR",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PORT_SECURE",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
    "SSI_EXEC_DISABLED",
    "UNENCODED_URL",
    "UNMAPPED_REMOTE_USER",
    "URL",
};

std::string line_for(EXTENSION_CONTROL_BLOCK* ecb, const std::string& name) {
    std::string value(65536, '\0');
    auto size = static_cast<DWORD>(value.size());
    if (!ecb->GetServerVariable(ecb->ConnID, const_cast<LPSTR>(name.c_str()), value.data(), &size)) {
        return name + " [" + std::to_string(GetLastError()) + "]\n";
    }
    return name + "=" + value.c_str() + "\n";
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    std::string text, name = query_value(ecb, "name", "");
    if (!name.empty()) {
        text = line_for(ecb, name);
    } else {
        for (const char* known : kNames) text += line_for(ecb, known);
    }
    send_text(ecb, text);
    return HSE_STATUS_SUCCESS;
}

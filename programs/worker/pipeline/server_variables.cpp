#include "worker/pipeline/server_variables.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "http/ascii.h"

namespace osmia::worker {

namespace {

using Function = std::string (*)(Exchange&);

bool is_tls(Exchange& e) {
    return (e.head().flags & wire::RequestIsTls) != 0;
}
std::string text(std::string_view view) {
    return std::string(view);
}
std::string nothing(Exchange&) {
    return {};
}

std::string site_path(Exchange& e) {
    return "/LM/W3SVC/" + std::to_string(e.head().site_id);
}

std::string application_meta_path(Exchange& e) {
    const auto* application = e.target().place.application;
    const std::string path = application == nullptr || application->path == "/" ? "" : application->path;
    return site_path(e) + "/ROOT" + path;
}

std::string application_folder(Exchange& e) {
    const auto* application = e.target().place.application;
    if (application == nullptr) return {};
    for (const auto& directory : application->virtual_directories) {
        if (directory.path == "/")
            return directory.physical_path.ends_with('/') ? directory.physical_path
                                                          : directory.physical_path + "/";
    }
    return {};
}

std::string all_headers(Exchange& e, bool raw) {
    std::string out;
    for (const auto& field : e.request().fields()) {
        if (raw) {
            out.append(field.name).append(": ").append(field.value).append("\r\n");
            continue;
        }
        out += "HTTP_";
        for (const char c : field.name)
            out += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
        out.append(":").append(field.value).append("\r\n");
    }
    return out;
}

std::string version(Exchange& e) {
    return "HTTP/" + std::to_string(e.head().http_major) + "." + std::to_string(e.head().http_minor);
}

std::string content_length(Exchange& e) {
    // IIS gives the number that the ECB has: all ones for a body of unknown length.
    if (e.content_length() == wire::UnknownLength) return "4294967295";
    return std::to_string(e.content_length());
}

std::string url_with_query(Exchange& e) {
    std::string url = text(e.request().path());
    if (!e.request().query().empty()) url.append("?").append(e.request().query());
    return url;
}

std::string cache_url(Exchange& e) {
    const std::string port = std::to_string(e.head().local_port);
    const std::string scheme = is_tls(e) ? "https://" : "http://";
    return scheme + text(e.received().host()) + ":" + port + ":" + text(e.received().local_address()) + ":" +
           port + url_with_query(e);
}

std::string document_root(Exchange& e) {
    std::string root = e.map_path("/");
    if (root.size() > 1 && root.ends_with('/')) root.pop_back();
    return root;
}

std::string server_name(Exchange& e) {
    return text(e.received().host().empty() ? e.received().local_address() : e.received().host());
}

// Of the connection; empty without TLS.
std::string cipher_bits(Exchange& e) {
    return is_tls(e) ? std::to_string(e.head().tls_cipher_bits) : std::string();
}
std::string server_key_bits(Exchange& e) {
    return is_tls(e) ? std::to_string(e.head().server_key_bits) : std::string();
}
std::string server_issuer(Exchange& e) {
    return text(e.received().server_issuer());
}
std::string server_subject(Exchange& e) {
    return text(e.received().server_subject());
}

const std::unordered_map<std::string_view, Function>& table() {
    static const std::unordered_map<std::string_view, Function> variables = {
        {"ALL_HTTP", [](Exchange& e) { return all_headers(e, false); }},
        {"ALL_RAW", [](Exchange& e) { return all_headers(e, true); }},
        {"APPL_MD_PATH", application_meta_path},
        {"APPL_PHYSICAL_PATH", application_folder},
        {"APP_POOL_ID", [](Exchange& e) { return e.facts().pool; }},
        {"APP_POOL_CONFIG", [](Exchange& e) { return e.facts().pool_configuration_file; }},
        {"INSTANCE_ID", [](Exchange& e) { return std::to_string(e.head().site_id); }},
        {"INSTANCE_NAME",
         [](Exchange& e) { return e.target().site == nullptr ? std::string() : e.target().site->name; }},
        {"INSTANCE_META_PATH", site_path},
        {"MANAGED_PIPELINE_MODE",
         [](Exchange& e) { return std::string(e.facts().classic_pipeline ? "Classic" : "Integrated"); }},
        {"SSI_EXEC_DISABLED", [](Exchange&) { return std::string("1"); }},

        {"AUTH_TYPE", nothing},
        {"AUTH_USER", [](Exchange& e) { return e.user; }},
        {"AUTH_PASSWORD", nothing},
        {"LOGON_USER", [](Exchange& e) { return e.user; }},
        {"REMOTE_USER", [](Exchange& e) { return e.user; }},
        {"UNMAPPED_REMOTE_USER", [](Exchange& e) { return e.user; }},

        {"HTTPS", [](Exchange& e) { return std::string(is_tls(e) ? "on" : "off"); }},
        {"HTTPS_KEYSIZE", cipher_bits},
        {"HTTPS_SECRETKEYSIZE", server_key_bits},
        {"HTTPS_SERVER_ISSUER", server_issuer},
        {"HTTPS_SERVER_SUBJECT", server_subject},
        {"CERT_COOKIE", nothing},
        {"CERT_FLAGS", nothing},
        {"CERT_ISSUER", nothing},
        {"CERT_KEYSIZE", cipher_bits},
        {"CERT_SECRETKEYSIZE", server_key_bits},
        {"CERT_SERIALNUMBER", nothing},
        {"CERT_SERVER_ISSUER", server_issuer},
        {"CERT_SERVER_SUBJECT", server_subject},
        {"CERT_SUBJECT", nothing},
        {"CRYPT_PROTOCOL", nothing},
        {"CRYPT_CIPHER_ALG_ID", nothing},
        {"CRYPT_HASH_ALG_ID", nothing},
        {"CRYPT_KEYEXCHANGE_ALG_ID", nothing},
        {"SERVER_PORT_SECURE", [](Exchange& e) { return std::string(is_tls(e) ? "1" : "0"); }},

        {"REQUEST_METHOD", [](Exchange& e) { return text(e.request().method()); }},
        {"HTTP_METHOD", [](Exchange& e) { return text(e.request().method()); }},
        {"CONTENT_LENGTH", content_length},
        {"CONTENT_TYPE", [](Exchange& e) { return text(e.request().header("Content-Type")); }},
        {"QUERY_STRING", [](Exchange& e) { return text(e.request().query()); }},
        {"URL", [](Exchange& e) { return text(e.script_name()); }},
        {"HTTP_URL", [](Exchange& e) { return text(e.request().raw_target()); }},
        {"UNENCODED_URL", [](Exchange& e) { return text(e.request().raw_target()); }},
        {"REQUEST_URI", [](Exchange& e) { return text(e.request().raw_target()); }},
        {"ORIGINAL_URL", [](Exchange& e) { return text(e.received().raw_target()); }},
        {"FORWARDED_URL",
         [](Exchange& e) { return e.request().url_changed() ? url_with_query(e) : std::string(); }},
        {"CACHE_URL", cache_url},
        {"HTTP_VERSION", version},
        {"SERVER_PROTOCOL", version},
        {"REQUEST_FLAGS", [](Exchange&) { return std::string("0"); }},
        {"REQUEST_FILENAME", [](Exchange& e) { return e.physical_path(); }},

        {"SCRIPT_NAME", [](Exchange& e) { return text(e.script_name()); }},
        {"SCRIPT_FILENAME", [](Exchange& e) { return e.physical_path(); }},
        // IIS prefixes \\?\ here; there is nothing to escape in a POSIX path.
        {"SCRIPT_TRANSLATED", [](Exchange& e) { return e.physical_path(); }},
        {"PATH_INFO", path_info_variable},
        {"PATH_TRANSLATED", path_translated_variable},
        {"DOCUMENT_ROOT", document_root},

        {"GATEWAY_INTERFACE", [](Exchange&) { return std::string("CGI/1.1"); }},
        {"SERVER_SOFTWARE", [](Exchange& e) { return e.facts().server_software; }},
        {"SERVER_NAME", server_name},
        {"SERVER_PORT", [](Exchange& e) { return std::to_string(e.head().local_port); }},
        {"SERVER_ADDR", [](Exchange& e) { return text(e.received().local_address()); }},
        {"LOCAL_ADDR", [](Exchange& e) { return text(e.received().local_address()); }},
        {"REMOTE_ADDR", [](Exchange& e) { return text(e.received().remote_address()); }},
        {"REMOTE_HOST", [](Exchange& e) { return text(e.received().remote_address()); }},
        {"REMOTE_PORT", [](Exchange& e) { return std::to_string(e.head().remote_port); }},
    };
    return variables;
}

std::string upper(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    return out;
}

std::optional<std::string> header_variable(Exchange& exchange, std::string_view header) {
    const std::string_view value = exchange.request().header(header);
    if (value.data() == nullptr) return std::nullopt;
    return std::string(value);
}

}  // namespace

std::string path_info_variable(Exchange& e) {
    const bool whole =
        e.handler() != nullptr && !e.handler()->script_processor.empty() && !e.handler()->allow_path_info;
    return std::string(whole ? e.request().path() : e.path_info());
}

std::string path_translated_variable(Exchange& e) {
    const bool whole =
        e.handler() != nullptr && !e.handler()->script_processor.empty() && !e.handler()->allow_path_info;
    if (whole) return e.physical_path();
    return e.map_path(e.path_info().empty() ? std::string_view("/") : e.path_info());
}

std::optional<std::string> server_variable(Exchange& exchange, std::string_view name) {
    const std::string key = upper(name);
    if (const auto found = table().find(key); found != table().end()) return found->second(exchange);
    if (key.starts_with("HTTP_")) {
        std::string header = key.substr(5);
        std::replace(header.begin(), header.end(), '_', '-');
        return header_variable(exchange, header);
    }
    if (key.starts_with("HEADER_")) return header_variable(exchange, name.substr(7));
    return std::nullopt;
}

}  // namespace osmia::worker
